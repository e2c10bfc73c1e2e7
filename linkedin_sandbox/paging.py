"""LinkedIn's ways of handing a listing out in pages, with the oddities of each.

A listing's rows may be any sequence: only the page asked for is ever rendered.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from zlib import crc32

from .errors import invalid
from .forms import Form, Number, Text

DEFAULT_COUNT = 10


@dataclass(frozen=True)
class Listing:
    """What a finder found.

    `element` makes one row into what LinkedIn sends. A listing with a `gap` is cut at two thirds, where one empty
    page with a cursor stands: neither a short page nor an empty one is the end.
    """

    rows: Sequence[Any]
    element: Callable[[Any], dict[str, Any]]
    gap: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)


class Paging(Protocol):
    """One way of paging: its parameters, and the envelope of one page."""

    @property
    def params(self) -> Mapping[str, Form]:
        """The query parameters it takes, all optional."""

    def page(self, listing: Listing, arguments: Mapping[str, Any], identity: str) -> dict[str, Any]:
        """The envelope; `identity` is its path and query, by which its cursors fit no other listing."""


class Whole:
    """No paging parameters: everything in one answer."""

    params: ClassVar[Mapping[str, Form]] = {}

    def page(self, listing: Listing, arguments: Mapping[str, Any], identity: str) -> dict[str, Any]:
        """The elements; `paging` is at times left out."""
        envelope: dict[str, Any] = {"elements": [listing.element(row) for row in listing.rows]}
        if crc32(identity.encode()) % 3:
            envelope["paging"] = {"start": 0, "count": 10, "links": []}
        if listing.metadata:
            envelope["metadata"] = listing.metadata
        return envelope


class Offset:
    """`start` and `count`, with a next link while there is more and a `total` now and then.

    Args:
        most: the largest count it takes.
        cap: the most that one page gives, whatever the count asked for.
        links: whether a next link comes while there is more.
        total: whether `total` comes always or never; None: now and then.
    """

    def __init__(
        self, most: int = 100, *, cap: int | None = None, links: bool = True, total: bool | None = None
    ) -> None:
        self.params: Mapping[str, Form] = {"start": Number(0, 2**31), "count": Number(0, most)}
        self.cap = cap or most
        self.links = links
        self.total = total

    def page(self, listing: Listing, arguments: Mapping[str, Any], identity: str) -> dict[str, Any]:
        """The elements from `start` on."""
        start, count = arguments.get("start", 0), min(arguments.get("count", DEFAULT_COUNT), self.cap)
        rows = listing.rows[start : start + count]
        links = []
        if self.links and start + count < len(listing.rows) and count:
            href = f"{identity}{'&' if '?' in identity else '?'}start={start + count}&count={count}"
            links.append({"rel": "next", "type": "application/json", "href": href})
        paging: dict[str, Any] = {"start": start, "count": count, "links": links}
        if self.total if self.total is not None else crc32(identity.encode()) % 2:
            paging["total"] = len(listing.rows)
        return {"elements": [listing.element(row) for row in rows], "paging": paging}


class Cursor:
    """`maxPaginationCount` and `paginationCursor`; the next cursor stands in `metadata`, at `place`.

    Cursors are opaque, hold characters that must be percent-encoded, and are refused by any other listing.
    """

    params: ClassVar[Mapping[str, Form]] = {"maxPaginationCount": Number(0, 1000), "paginationCursor": Text()}

    def __init__(self, *place: str) -> None:
        self.place = place

    def page(self, listing: Listing, arguments: Mapping[str, Any], identity: str) -> dict[str, Any]:
        """The elements after the cursor. Past the end there is no cursor, shown in one of several ways."""
        start, past_gap = 0, False
        if "paginationCursor" in arguments:
            start, past_gap = read_cursor(arguments["paginationCursor"], identity)
        total, count = len(listing.rows), arguments.get("maxPaginationCount", DEFAULT_COUNT)
        gap = total * 2 // 3 if listing.gap and total > 2 else 0
        stop = min(start + count, total)
        if start == gap and gap and not past_gap:
            stop = start
        elif start < gap < stop:
            stop = gap
        rows = listing.rows[start:stop]
        envelope: dict[str, Any] = {"elements": [listing.element(row) for row in rows]}
        chance = crc32(f"{identity} {start}".encode())
        if chance % 3:
            envelope["paging"] = {"start": 0, "count": count, "links": []}
        if stop < total:
            envelope["metadata"] = self.nested(write_cursor(identity, stop, past_gap=start == stop == gap))
        elif chance % 4:
            envelope["metadata"] = ({}, self.nested(None), {name: {} for name in self.place[:-1]})[chance % 4 - 1]
        return envelope

    def nested(self, cursor: str | None) -> dict[str, Any]:
        """`metadata` with this cursor in its place."""
        found: Any = cursor
        for name in reversed(self.place):
            found = {name: found}
        return dict(found)


def write_cursor(identity: str, position: int, *, past_gap: bool) -> str:
    """An opaque cursor, with a slash, a plus and an equals sign in it."""
    payload = base64.b64encode(json.dumps([position, past_gap]).encode()).decode().rstrip("=")
    return f"{payload}/{_check(identity, payload)}+="


def read_cursor(cursor: str, identity: str) -> tuple[int, bool]:
    """The position a cursor stands for.

    Raises:
        Refusal: 400, for a cursor that was altered, made up or taken from another listing.
    """
    payload, _, check = cursor.partition("/")
    if check != f"{_check(identity, payload)}+=":
        raise invalid("paginationCursor", "the cursor is not valid")
    position, past_gap = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4)))
    return int(position), bool(past_gap)


def _check(identity: str, payload: str) -> str:
    return hashlib.sha256(f"{identity} {payload}".encode()).hexdigest()[:12]


WHOLE = Whole()
OFFSET = Offset()
TOTAL_ONLY = Offset(links=False, total=True)
LINKS_ONLY = Offset(total=False)
FEED_CURSOR = Cursor("paginationCursorMetdata", "nextPaginationCursor")  # spelt so on the wire
DOCUMENTED_CURSOR = Cursor("paginationCursorMetadata", "nextPaginationCursor")  # as the overview spells it
FOLLOWS_CURSOR = BARE_CURSOR = Cursor("nextPaginationCursor")
