"""What goes wrong: answers that a test sets, and faults played by name, for as long as they are on or now and then.

A passing fault strikes a share of all requests, at random moments; the others are there from the start.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any, Literal
from urllib.parse import unquote
from zlib import crc32

from . import errors
from .log import resource_of

Manner = Literal["whole", "cut", "reset", "torn", "halved", "never"]
"""How an answer leaves: whole; not at all, with the connection closed or reset; half of it, and the connection
reset; half of it as if it were whole; or not at all, for as long as the client waits."""

Body = Mapping[str, Any]

OUTAGE_S = 1.0
SETTLING_S = 5
LONGEST_ASKED = 400

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
ELSEWHERE = "https://elsewhere.example/rest/next?start=10&count=10"


@dataclass
class Fault:
    """An answer given in place of LinkedIn's: `times` of them, or without end where that is None.

    Where `resource` is empty any is meant. `when` holds texts of which the raw path and query must have one, if
    there are any. Without a `status` it is LinkedIn's true answer that leaves, in its `manner`. A `retry_in` is
    a Retry-After that is a date, so many seconds from now.
    """

    resource: str = ""
    status: int = 0
    body: Body | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1
    when: tuple[str, ...] = ()
    manner: Manner = "whole"
    retry_in: float | None = None
    longer_than: int = 0

    def fits(self, path: str, asked: str) -> bool:
        """Whether a request is one that it is for."""
        named = self.resource in ("", resource_of(path))
        told = not self.when or any(text in f"{path}?{asked}" for text in self.when)
        return named and told and len(asked) >= self.longer_than

    def raw_body(self) -> bytes | Body:
        """The body to send; where none was given, one in LinkedIn's shape."""
        return {"status": self.status, "message": "Set by the test"} if self.body is None else self.body

    def sent_headers(self) -> Mapping[str, str]:
        """The headers to send."""
        if self.retry_in is None:
            return self.headers
        return {**self.headers, "Retry-After": formatdate(time.time() + self.retry_in, usegmt=True)}


class Faults:
    """The faults that wait for their requests, the oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Let one more wait."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Let none wait."""
        with self._lock:
            self._waiting.clear()

    def take(self, path: str, asked: str) -> Fault | None:
        """The first fault that fits the request, which counts as one of its times."""
        with self._lock:
            for fault in self._waiting:
                if fault.fits(path, asked):
                    if fault.times is not None:
                        fault.times -= 1
                        if not fault.times:
                            self._waiting.remove(fault)
                    return fault
        return None


def refusing(refusal: errors.Refusal, resource: str = "", when: tuple[str, ...] = ()) -> Fault:
    """A refusal of LinkedIn's for good."""
    return Fault(resource, refusal.status, refusal.body, refusal.headers, None, when)


def failing(status: int) -> Fault:
    """An error of LinkedIn's own, in its shape."""
    return Fault(status=status, body={"status": status, "message": "Internal Server Error"})


THROTTLED = errors.too_many_requests().body

PASSING: Mapping[str, Fault] = {
    "429": Fault(status=429, body=THROTTLED),
    "429-retry-after": Fault(status=429, body=THROTTLED, headers={"Retry-After": "3"}),
    "429-retry-date": Fault(status=429, body=THROTTLED, retry_in=3),
    "500": failing(500),
    "html-502": Fault(status=502, body=HTML, headers={"Content-Type": "text/html"}),
    "503": failing(503),
    "504": failing(504),
    "timeout": Fault(manner="never"),
    "connection-refused": Fault(manner="reset"),
    "reset": Fault(manner="reset"),
    "reset-in-body": Fault(manner="torn"),
    "truncated-json": Fault(manner="halved"),
    "wrong-shape": Fault(status=200, body=b'[{"elements":{}}]'),
    "empty-body": Fault(status=200, body=b""),
}
"""After a fault `connection-refused` the server is away for a second."""

TOKENS = ("401", "401-after-refresh", "refused-refresh")
"""The tokens issued so far have expired at a first random moment; what becomes of the next token is in the name."""

LASTING: Mapping[str, Fault] = {
    "429-day": refusing(errors.too_many_requests("APPLICATION_AND_MEMBER DAY limit"), "dmaReactions"),
    "429-application-day": refusing(errors.too_many_requests("APPLICATION DAY limit"), "dmaReactions"),
    "403-stream": refusing(errors.denied("dmaComments.BATCH_GET"), "dmaComments"),
    "403-organization": refusing(errors.denied("dmaFeedContentsExternal.FINDER"), "dmaFeedContentsExternal"),
    "404": refusing(errors.not_found("resource"), "dmaReactions"),
    "414": replace(refusing(errors.too_long("The URL")), longer_than=LONGEST_ASKED),
    "426": refusing(errors.nonexistent_version("202605"), "dmaPosts"),
    "426-deprecated": refusing(errors.nonexistent_version("202605"), "dmaOrganizationSearchAppearance"),
    "version-missing": refusing(errors.version_missing(), "dmaPosts"),
}
"""Where `=RESOURCE` follows the name, that resource's in place of the one here."""


def id_denied(body: Body, _: str) -> Body:
    """A batch of which about every fourth entity, the same ones each time, is refused."""
    if "results" not in body:
        return body
    kept = {key: entity for key, entity in body["results"].items() if crc32(key.encode()) % 4}
    refused = {key: errors.denied("this entity").body for key in body["results"] if key not in kept}
    given = {**(body.get("errors") or {}), **refused}
    return {
        **body,
        "results": kept,
        "errors": given,
        "statuses": {key: error["status"] for key, error in given.items()},
    }


def cursor_repeated(body: Body, asked: str) -> Body:
    """A second page of a cursor listing that leads to itself."""
    sent = next((part for part in asked.split("&") if part.startswith("paginationCursor=")), None)
    if sent is None:
        return body
    same = {"nextPaginationCursor": unquote(sent.partition("=")[2])}
    return {**body, "metadata": {"paginationCursorMetdata": same, **same}}


def link_elsewhere(body: Body, _: str) -> Body:
    """A page of an offset listing whose next one is at another host."""
    paging = body.get("paging")
    link = {"rel": "next", "type": "application/json", "href": ELSEWHERE}
    return {**body, "paging": {**paging, "links": [link]}} if isinstance(paging, Mapping) else body


CHANGES: Mapping[str, tuple[str, Callable[[Body, str], Body]]] = {
    "403-id": ("dmaComments", id_denied),
    "repeated-cursor": ("", cursor_repeated),
    "next-link-elsewhere": ("", link_elsewhere),
}
"""What is done to a resource's true answers, or to those of all; `=RESOURCE` as above."""

NAMES = (*PASSING, *TOKENS, *LASTING, *CHANGES)


class Plays:
    """The faults that are played by name.

    Args:
        names: of `NAMES`, each at will with ``=RESOURCE``; ``passing`` stands for all of `PASSING`.
        rate: the share of requests that a passing fault strikes.
        seed: another seed, other moments.
        organization: the texts in a query that name the organization which `403-organization` is about.

    Raises:
        ValueError: for a name that there is not.
    """

    def __init__(
        self,
        names: Iterable[str],
        rate: float,
        seed: int,
        organization: tuple[str, ...],
    ) -> None:
        self.played: Counter[str] = Counter()
        """How often each has been played."""

        self._places = places_of(names)
        self._rate = rate
        self._chance = random.Random(seed)
        self._organization = organization
        self._bag: list[str] = []
        self._tokens = [name for name in TOKENS if name in self._places]
        self._lock = threading.Lock()

    def fault(self, path: str, asked: str) -> tuple[str, Fault] | None:
        """The fault that this request meets, and its name."""
        with self._lock:
            found = self._lasting(path, asked) or self._struck(path)
            if found:
                self.played[found[0]] += 1
            return found

    def changed(self, path: str, asked: str, body: dict[str, Any]) -> dict[str, Any]:
        """A true answer, with what is done to it."""
        for name, (resource, change) in CHANGES.items():
            if self._is_at(name, path, resource) and (other := change(body, asked)) != body:
                body = dict(other)
                with self._lock:
                    self.played[name] += 1
        return body

    def token_ends(self) -> str | None:
        """The fault of the token that strikes with this request, once each, if any does."""
        with self._lock:
            if not self._tokens or self._chance.random() >= self._rate:
                return None
            name = self._tokens.pop()
            self.played[name] += 1
            return name

    def _is_at(self, name: str, path: str, default: str = "") -> bool:
        return name in self._places and (self._places[name] or default) in ("", resource_of(path))

    def _lasting(self, path: str, asked: str) -> tuple[str, Fault] | None:
        for name, fault in LASTING.items():
            when = self._organization if name == "403-organization" else ()
            if self._is_at(name, path, fault.resource) and replace(fault, resource="", when=when).fits(path, asked):
                return name, fault
        return None

    def _struck(self, path: str) -> tuple[str, Fault] | None:
        here = [name for name in PASSING if self._is_at(name, path)]
        if not here or self._chance.random() >= self._rate:
            return None
        # All of them come before one comes again.
        if not set(here) & set(self._bag):
            self._bag = here + [name for name in self._bag if name not in here]
        name = self._chance.choice([name for name in self._bag if name in here])
        self._bag.remove(name)
        return name, PASSING[name]


def places_of(names: Iterable[str]) -> dict[str, str]:
    """The resource that each of these faults is narrowed to, empty for none; see `Plays`."""
    places: dict[str, str] = {}
    for name in names:
        fault, _, resource = name.partition("=")
        places |= dict.fromkeys(PASSING if fault == "passing" else [fault], resource)
    if unknown := sorted(places.keys() - set(NAMES)):
        raise ValueError(f"there is no fault {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return places
