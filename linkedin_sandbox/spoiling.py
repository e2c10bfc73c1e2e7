"""What is done to LinkedIn's true answers: a part of one is left out, refused or told otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote
from zlib import crc32

from . import errors

Body = Mapping[str, Any]

ELSEWHERE = "https://elsewhere.example/rest/next?start=10&count=10"
PASSING_STATUSES = (408, 425, 429, 500, 503, 504)
_ONE_IN = 4


@dataclass(frozen=True)
class Told:
    """A true answer, the raw query that it is to, and chance: one that is the same each time, or one that is not."""

    body: Body
    asked: str
    chance: random.Random

    @property
    def keys(self) -> Sequence[str]:
        """The keys of a batch's entities; none for any other answer."""
        return sorted(self.body.get("results") or {})

    @property
    def paging(self) -> Body:
        paging = self.body.get("paging")
        return paging if isinstance(paging, Mapping) else {}


Spoil = Callable[[Told], Body]


def ids_of(asked: str) -> Sequence[str]:
    """The ids of a BATCH_GET as they stand in its raw query; none for any other request."""
    ids = next((part for part in asked.split("&") if part.startswith("ids=")), "")
    inside = ids.removeprefix("ids=").removeprefix("List(").removesuffix(")")
    return inside.split(",") if inside else []


def failed(status: int) -> Body:
    """LinkedIn's word for an entity that it does not give."""
    return errors.denied("this entity").body if status == 403 else {"status": status, "message": "Not now"}


def without(body: Body, statuses: Mapping[str, int]) -> Body:
    """A batch's answer with these statuses in place of entities; each stands in `errors`, in `statuses` or in both."""
    in_errors, in_statuses = dict(body.get("errors") or {}), dict(body.get("statuses") or {})
    for key, status in statuses.items():
        place = crc32(key.encode()) % 3
        in_statuses.pop(key, None)
        if place != 1:
            in_errors[key] = failed(status)
        if place != 2:
            in_statuses[key] = status
    results = {key: entity for key, entity in body["results"].items() if key not in statuses}
    return {**body, "results": results, "errors": in_errors, "statuses": in_statuses}


def some_fail(status: int, told: Told) -> Body:
    """A batch of which about every fourth entity fails, the same ones each time."""
    seed = told.chance.random()
    some = [key for key in told.keys if not crc32(f"{seed} {key}".encode()) % _ONE_IN]
    return without(told.body, dict.fromkeys(some, status)) if some else told.body


def some_pass(told: Told) -> Body:
    """A batch of which some entities fail for now, one at least; others the next time."""
    if not told.keys:
        return told.body
    some = told.chance.sample(told.keys, told.chance.randint(1, 1 + len(told.keys) // _ONE_IN))
    return without(told.body, {key: told.chance.choice(PASSING_STATUSES) for key in some})


def cursor_repeated(told: Told) -> Body:
    """A second page of a cursor listing that leads to itself."""
    sent = next((part for part in told.asked.split("&") if part.startswith("paginationCursor=")), None)
    if sent is None:
        return told.body
    same = {"nextPaginationCursor": unquote(sent.partition("=")[2])}
    return {**told.body, "metadata": {"paginationCursorMetdata": same, **same}}


def link_elsewhere(told: Told) -> Body:
    """A page of an offset listing whose next one is at another host."""
    link = {"rel": "next", "type": "application/json", "href": ELSEWHERE}
    return {**told.body, "paging": {**told.paging, "links": [link]}} if told.paging else told.body


def link_written(prefix: str, told: Told) -> Body:
    """A page whose next link has this in place of /rest."""
    links = [
        {**link, "href": prefix + link["href"].removeprefix("/rest")}
        for link in told.paging.get("links", ())
        if link["rel"] == "next"
    ]
    return {**told.body, "paging": {**told.paging, "links": links}} if links else told.body


def link_missing(told: Told) -> Body:
    """A page that is not the last and has no next link, though its total tells of more."""
    if not told.paging.get("links") or "total" not in told.paging:
        return told.body
    return {**told.body, "paging": {**told.paging, "links": []}}


def page_short(told: Told) -> Body:
    """A page that is not the last and lacks its last element and the next link, though its total tells of more."""
    paging, elements = told.paging, told.body.get("elements") or []
    if len(elements) < 2 or paging.get("total", 0) <= paging.get("start", 0) + len(elements):
        return told.body
    return {**told.body, "elements": elements[:-1], "paging": {**paging, "links": []}}


SPOILING: Mapping[str, tuple[str, Spoil]] = {
    **{f"{status}-id": ("dmaComments", partial(some_fail, status)) for status in (403, *PASSING_STATUSES)},
    "repeated-cursor": ("", cursor_repeated),
    "no-next-link": ("", link_missing),
    "short-page": ("", page_short),
    "next-link-v2": ("", partial(link_written, "/v2")),
    "next-link-bare": ("", partial(link_written, "")),
    "next-link-elsewhere": ("", link_elsewhere),
}
"""What is done, by the fault's name, to the answers of a resource, or of all; see `faults.LASTING`."""
