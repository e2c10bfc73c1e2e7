"""Paginators: the next request of a listing, from the answer before.

Every paginator is used alike: ask with `query`, pass the answer's body to `next_page`, and repeat
while that returns True.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.errors import DmaError, InvalidResponse, ShortListing
from tap_linkedin_dma.api.json_bodies import Body, count_or_none, mapping
from tap_linkedin_dma.api.numbered_listings import Places, has_next_link, next_link_query

_A_FEW = 10
"""Elements to ask for if LinkedIn reports some, gives none and does not say how many it gives at once."""

Params = Mapping[str, object]


class Paginator(Protocol):
    """The position in one listing that is being read."""

    @property
    def cursor(self) -> str | None:
        """The next page's cursor, for a later run; None at the start, at the end, or without cursors."""

    def start_at(self, cursor: str) -> None:
        """Begin at this cursor."""

    def query(self, params: Params) -> str:
        """The query string of the next request: the listing's own parameters and the paging."""

    def next_page(self, body: Body) -> bool:
        """Take in an answer.

        Returns:
            Whether there is more to ask for.

        Raises:
            DmaError: if the listing would never end, or its link leads away from LinkedIn.
        """


class _WithoutCursors:
    """A listing by position, restarted by the next run: its elements may have moved by then."""

    cursor: str | None = None

    def start_at(self, cursor: str) -> None:
        """Begin at the start, whatever the cursor."""


class SinglePage(_WithoutCursors):
    """A listing of one page."""

    def query(self, params: Params) -> str:
        return restli.query(params)

    def next_page(self, body: Body) -> bool:
        return False


class PaginationCursor:
    """LinkedIn's pagination cursor: an opaque text that leads to the next page.

    The end is an answer without a cursor. A short page is not the end, nor is an empty one; and an answer that links to
    a next page without giving its cursor is no end of the listing either, though nothing more of it can be read.

    Args:
        page_size: how many elements to ask for; None leaves that to LinkedIn.
    """

    def __init__(self, page_size: int | None = None) -> None:
        self._page_size = page_size
        self.cursor: str | None = None
        self._seen: set[str] = set()

    def start_at(self, cursor: str) -> None:
        self.cursor = cursor
        self._seen.add(cursor)

    def query(self, params: Params) -> str:
        size = self._page_size or params.get("maxPaginationCount")
        return restli.query({**params, "maxPaginationCount": size, "paginationCursor": self.cursor})

    def next_page(self, body: Body) -> bool:
        cursor = next_cursor(body)
        if cursor in self._seen:
            msg = "LinkedIn gave the same pagination cursor twice, so this listing would never end. Run again later."
            raise DmaError(msg)
        if cursor is None and has_next_link(mapping(body.get("paging")).get("links")):
            # The cursor stays, since the end would count as read.
            msg = "LinkedIn gave a link to the next page, and no cursor for it. Run again later."
            raise ShortListing(msg)
        self.cursor = cursor
        if cursor is not None:
            self._seen.add(cursor)
        return cursor is not None


def next_cursor(body: Body) -> str | None:
    """The next cursor, from the first of the three places that holds one; None for the end.

    Raises:
        InvalidResponse: for a value in a cursor's place that cannot be sent as one.
    """
    metadata = _holder(body.get("metadata"))
    # The first spelling is the feed finder's on the wire, the second the documentation's.
    places = (
        _holder(metadata.get("paginationCursorMetdata")),
        _holder(metadata.get("paginationCursorMetadata")),
        metadata,
    )
    cursors = (place.get("nextPaginationCursor") for place in places)
    cursor = next((cursor for cursor in cursors if cursor not in _NO_CURSOR), None)
    if cursor is None or isinstance(cursor, str):
        return cursor
    if type(cursor) is int:
        return str(cursor)
    raise InvalidResponse(_NO_TEXT)


_NO_CURSOR: Sequence[object] = (None, "", {})
_NO_TEXT = "LinkedIn's pagination cursor is not text, so the listing cannot continue. Run again later."


def _holder(value: object) -> Body:
    if isinstance(value, Mapping):
        return value
    if value:
        raise InvalidResponse(_NO_TEXT)
    return {}


class OffsetPaginator(_WithoutCursors):
    """The `start` and `count` of LinkedIn's older listings.

    A `next` link is followed if there is one. Otherwise the listing ends at `paging.total`; without a total it ends
    with a page that is not full or, if pages had links, with the last link.

    Args:
        count: elements to ask for at once.
        url: the listing's address; a link to another host is refused.
    """

    def __init__(self, count: int, url: str) -> None:
        self._url = url
        self._places = Places(count)
        self._total: int | None = None
        self._link_query: str | None = None
        self._followed: set[str] = set()

    def query(self, params: Params) -> str:
        place = {"start": self._places.start, "count": self._places.count}
        return self._link_query or restli.query({**params, **place})

    def next_page(self, body: Body) -> bool:
        elements, paging = body.get("elements") or [], mapping(body.get("paging"))
        links = paging.get("links")
        has_links = bool(links or self._link_query)
        self._total = count_or_none(paging.get("total")) or self._total
        self._link_query = next_link_query(self._url, links)
        if self._link_query is not None:
            if self._link_query in self._followed:
                msg = "LinkedIn gave the same link twice, so this listing would never end. Run again later."
                raise DmaError(msg)
            self._followed.add(self._link_query)
            self._places.follow(self._link_query, elements, len(elements))
            return True
        if has_links and self._total is None:
            return self._places.end()
        return self._places.go_on(elements, len(elements), paging, self._total)


class AutoPaginator:
    """A paginator that finds out a listing's way of paging from the first answer.

    The first request has the listing's own parameters, and a page size only if one is given. A cursor in the
    answer means cursor style; a next link, a larger total or as many elements as were asked for mean `start` and
    `count`; otherwise the listing is complete.
    """

    def __init__(self, url: str, page_size: int | None = None) -> None:
        self._url = url
        self._page_size = page_size
        self._style: Paginator | None = None
        self._count: int | None = None

    @property
    def cursor(self) -> str | None:
        """The next page's cursor, if the listing has cursors."""
        return self._style.cursor if self._style else None

    def start_at(self, cursor: str) -> None:
        """Begin at this cursor: only a listing with cursors gives one."""
        self._style = PaginationCursor()
        self._style.start_at(cursor)

    def query(self, params: Params) -> str:
        if self._page_size:
            has_cursors = isinstance(self._style, PaginationCursor) or params.get("maxPaginationCount")
            params = {**params, "maxPaginationCount" if has_cursors else "count": self._page_size}
        self._count = count_or_none(params.get("count"))
        if isinstance(self._style, OffsetPaginator):
            # LinkedIn refuses both styles at once.
            params = {name: value for name, value in params.items() if name != "maxPaginationCount"}
        return (self._style or SinglePage()).query(params)

    def next_page(self, body: Body) -> bool:
        if self._style is None:
            self._style = self._told_by(body)
        return self._style.next_page(body)

    def _told_by(self, body: Body) -> Paginator:
        if next_cursor(body) is not None:
            return PaginationCursor()
        elements, paging = body.get("elements") or [], mapping(body.get("paging"))
        total = count_or_none(paging.get("total"))
        full = self._count is not None and len(elements) >= self._count
        if paging.get("links") or full or (total and total > len(elements)):
            return OffsetPaginator(len(elements) or count_or_none(paging.get("count")) or _A_FEW, self._url)
        return SinglePage()


class BatchFinderPaginator(_WithoutCursors):
    """The listings of a batch finder, read together: each request asks all of them for their next page.

    It continues while one of them gives as many elements as were asked for, or reports more.

    Args:
        count: elements to ask for at once; None leaves that to LinkedIn until a listing reports more.
    """

    def __init__(self, count: int | None = None) -> None:
        self._count = count
        self._places = Places(count or 0)

    def query(self, params: Params) -> str:
        places = self._places
        paging = {"start": places.start, "count": places.count} if places.count else {}
        return restli.query({**params, **paging})

    def next_page(self, body: Body) -> bool:
        listings = [mapping(listing) for listing in body.get("elements") or []]
        pagings = [mapping(listing.get("paging")) for listing in listings]
        got = [len(listing.get("elements") or []) for listing in listings]
        longest = max(got, default=0)
        total = max(map(self._reach, got, pagings), default=0)
        if not self._places.count:
            told = max((count_or_none(paging.get("count")) or 0 for paging in pagings), default=0)
            self._places.count = longest or told or _A_FEW
        return self._places.go_on(listings, longest, {}, total)

    def _reach(self, got: int, paging: Body) -> int:
        """The position up to which a listing is known to reach."""
        has_link, total = has_next_link(paging.get("links")), count_or_none(paging.get("total")) or 0
        is_full = bool(self._places.count) and got >= self._places.count
        goes_on = has_link or (is_full and not total)
        return max(total, self._places.start + got + goes_on)
