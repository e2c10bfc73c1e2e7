"""What goes wrong: answers that a test sets, and faults played by name, for as long as they are on or now and then.

A passing fault strikes a share of all requests, at random moments; the others are there from the start.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Literal

from . import errors
from .log import finder_of, resource_of
from .spoiling import SPOILING, Body, Spoil, Told, ids_of, some_pass

Manner = Literal["whole", "cut", "reset", "torn", "halved", "never", "away"]
"""How an answer leaves: whole; not at all, with the connection closed or reset; half of it, and the connection
reset; half of it as if it were whole; not at all, for as long as the client waits; or not at all, nor to any other
connection for a while."""

OUTAGE_S = 1.0
SETTLING_S = 5
LONGEST_ASKED = 400

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
LOG_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>"
AS_HTML = {"Content-Type": "text/html"}


@dataclass
class Fault:
    """An answer given in place of LinkedIn's: `times` of them, or without end where that is None.

    If `resource` is empty any is meant. `when` holds texts of which the raw path and query must have one, if there are
    any. With `of` it is for a BATCH_GET alone, or for listings too, and not for a single entity. Without a `status` it
    is LinkedIn's true answer that leaves, in its `manner`, after `spoil` had its will of it. A `retry_in` is a
    Retry-After that is a date, so many seconds from now.
    """

    resource: str = ""
    status: int = 0
    body: Body | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1
    when: tuple[str, ...] = ()
    manner: Manner = "whole"
    spoil: Spoil | None = None
    retry_in: float | None = None
    longer_than: int = 0
    of: Literal["", "batches", "lists"] = ""

    def fits(self, path: str, asked: str) -> bool:
        """Whether a request is one that it is for."""
        named = self.resource in ("", resource_of(path))
        told = not self.when or any(text in f"{path}?{asked}" for text in self.when)
        finder = finder_of(path, asked) if self.of else ""
        meant = not self.of or (finder == "BATCH_GET" if self.of == "batches" else finder != "GET")
        return named and told and meant and len(asked) >= self.longer_than

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
    "408": failing(408),
    "425": failing(425),
    "500": failing(500),
    "html-502": Fault(status=502, body=HTML, headers=AS_HTML),
    "503": failing(503),
    "504": failing(504),
    "timeout": Fault(manner="never"),
    "connection-refused": Fault(manner="away"),
    "reset": Fault(manner="reset"),
    "reset-in-body": Fault(manner="torn"),
    "truncated-json": Fault(manner="halved"),
    "wrong-shape": Fault(status=200, body=b'[{"elements":{}}]'),
    "empty-body": Fault(status=200, body=b""),
    "error-in-200": Fault(status=200, body=failing(500).body),
    "empty-object": Fault(status=200, body={}, of="lists"),
    "no-elements": Fault(status=200, body={"paging": {"start": 0, "count": 10, "links": []}}, of="lists"),
    "html-200": Fault(status=200, body=LOG_IN, headers=AS_HTML),
    "202": Fault(status=202, body=b""),
    "204": Fault(status=204, body=b""),
    "passing-id": Fault(spoil=some_pass, of="batches"),
}
"""After a fault `connection-refused` the server is away for a second."""

TOKENS = ("401", "401-after-refresh", "refused-refresh")
"""The tokens issued so far have expired at a first random moment; what becomes of the next token is in the name."""

LASTING: Mapping[str, Fault] = {
    "429-day": refusing(errors.too_many_requests("APPLICATION_AND_MEMBER DAY limit"), "dmaReactions"),
    "429-application-day": refusing(errors.too_many_requests("APPLICATION DAY limit"), "dmaReactions"),
    "403-stream": refusing(errors.denied("dmaComments.BATCH_GET"), "dmaComments"),
    "403-organization": refusing(errors.denied("dmaFeedContentsExternal.FINDER"), "dmaFeedContentsExternal"),
    "403-in-200": replace(refusing(errors.denied("dmaComments.BATCH_GET"), "dmaComments"), status=200),
    "404": refusing(errors.not_found("resource"), "dmaReactions"),
    "dead-lookup": replace(failing(500), resource="dmaContentPublicUrl", times=None),
    "414": replace(refusing(errors.too_long("The URL")), longer_than=LONGEST_ASKED),
    "426": refusing(errors.nonexistent_version("202605"), "dmaPosts"),
    "426-deprecated": refusing(errors.nonexistent_version("202605"), "dmaOrganizationSearchAppearance"),
    "version-missing": refusing(errors.version_missing(), "dmaPosts"),
}
"""Where `=RESOURCE` follows the name, that resource's in place of the one here; a name may come several times."""


POISONED: Mapping[str, errors.Refusal] = {
    "400-poisoned": errors.illegal("One of the ids is not valid"),
    "403-poisoned": errors.denied("one of the entities"),
    "404-poisoned": errors.not_found("one of the entities"),
    "414-poisoned": errors.too_long("The URL"),
    "500-poisoned": errors.Refusal(500, "Internal Server Error"),
}
"""One id, of those that a resource is asked for first, has every batch that it is in answer so; of comments, or of
the resources that `=RESOURCE` names."""

NAMES = (*PASSING, *TOKENS, *LASTING, *POISONED, *SPOILING)


class Plays:
    """The faults that are played by name.

    Args:
        names: of `NAMES`, each at will with ``=RESOURCE``; ``passing`` stands for all of `PASSING`.
        rate: the share of requests that a passing fault strikes.
        seed: another seed, other moments and other ids.
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
        self._seed = seed
        self._chance = random.Random(seed)
        self._organization = organization
        self._struck_by: Counter[str] = Counter()
        self._strikes: dict[tuple[str, str], int] = {}
        self._poison: dict[str, str] = {}
        self._tokens = [name for name in TOKENS if name in self._places]
        self._lock = threading.Lock()

    def end(self, names: Iterable[str]) -> None:
        """Play these no more."""
        with self._lock:
            for name in places_of(names):
                self._places.pop(name, None)

    def fault(self, path: str, asked: str) -> tuple[str, Fault] | None:
        """The fault that this request meets, and its name."""
        with self._lock:
            found = self._lasting(path, asked) or self._poisoned(path, asked) or self._struck(path, asked)
            if found:
                self.played[found[0]] += 1
            return found

    def spoiled(self, path: str, asked: str, body: Body, fault: Fault | None) -> Body:
        """A true answer, with what is done to it."""
        with self._lock:
            if fault is not None and fault.spoil is not None:
                body = fault.spoil(Told(body, asked, self._chance))
            for name, (resource, spoil) in SPOILING.items():
                if self._is_at(name, path, resource):
                    other = spoil(Told(body, asked, random.Random(f"{self._seed} {name}")))
                    self.played[name] += other != body
                    body = other
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
        places = self._places.get(name)
        return places is not None and bool({"", resource_of(path)} & {place or default for place in places})

    def _lasting(self, path: str, asked: str) -> tuple[str, Fault] | None:
        for name, fault in LASTING.items():
            when = self._organization if name == "403-organization" else ()
            if self._is_at(name, path, fault.resource) and replace(fault, resource="", when=when).fits(path, asked):
                return name, fault
        return None

    def _poisoned(self, path: str, asked: str) -> tuple[str, Fault] | None:
        name = next((name for name in POISONED if self._is_at(name, path, "dmaComments")), None)
        ids = ids_of(asked) if name else ()
        if not name or not ids:
            return None
        resource = resource_of(path)
        if resource not in self._poison:
            self._poison[resource] = random.Random(f"{self._seed} {resource}").choice(ids)
        return (name, refusing(POISONED[name])) if self._poison[resource] in ids else None

    def _struck(self, path: str, asked: str) -> tuple[str, Fault] | None:
        here = [name for name, fault in PASSING.items() if self._is_at(name, path) and fault.fits(path, asked)]
        strikes = self._strikes.pop((path, asked), 0)
        # A passing fault passes: at the third try, whatever chance would have.
        if not here or self._chance.random() >= self._rate or (strikes == 2 and self._rate < 1):
            return None
        self._strikes[path, asked] = strikes + 1
        # All of them come before one comes again.
        least = min(self._struck_by[name] for name in here)
        name = self._chance.choice([name for name in here if self._struck_by[name] == least])
        self._struck_by[name] += 1
        return name, PASSING[name]


def places_of(names: Iterable[str]) -> dict[str, set[str]]:
    """The resources that each of these faults is narrowed to, an empty one for its own; see `Plays`."""
    places: dict[str, set[str]] = {}
    for name in names:
        fault, _, resource = name.partition("=")
        for one in PASSING if fault == "passing" else [fault]:
            places.setdefault(one, set()).add(resource)
    if unknown := sorted(places.keys() - set(NAMES)):
        raise ValueError(f"there is no fault {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return places
