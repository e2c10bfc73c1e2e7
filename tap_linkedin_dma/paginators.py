"""Walking a listing: what to ask for next, told from the answer before.

Every paginator is used alike: ask with `query`, hand the answer's body to `advance`, and go on
while that returns True.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from tap_linkedin_dma import restli
from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.row_keys import digest

_SAME_PAGE = "LinkedIn gave the same page twice, so this listing would never end. Run again later."

Body = Mapping[str, Any]
Params = Mapping[str, object]


class Paginator(Protocol):
    """One walk through one listing."""

    @property
    def cursor(self) -> str | None:
        """Where the listing goes on, for a later run; None for the start, the end, or a listing without cursors."""

    def go_to(self, cursor: str) -> None:
        """Begin there."""

    def query(self, params: Params) -> str:
        """The query string of the next request, made of the listing's own parameters and the paging."""

    def advance(self, body: Body) -> bool:
        """Take in an answer.

        Returns:
            Whether there is more to ask for.

        Raises:
            DmaError: where going on would never end, or lead away from LinkedIn.
        """


class _WithoutCursors:
    """What is numbered may have moved by the next run, so a listing without cursors is walked again from its start."""

    cursor: str | None = None

    def go_to(self, cursor: str) -> None:
        """Begin at the start all the same."""


class OnePage(_WithoutCursors):
    """A listing that comes whole."""

    def query(self, params: Params) -> str:
        return restli.query(params)

    def advance(self, body: Body) -> bool:
        return False


class PaginationCursor:
    """LinkedIn's pagination cursor: an opaque text that leads to the next page.

    The end is an answer without a cursor. A short page is not the end, nor is an empty one.

    Args:
        page_size: how many elements to ask for; None leaves that to LinkedIn.
    """

    def __init__(self, page_size: int | None = None) -> None:
        self._page_size = page_size
        self.cursor: str | None = None
        self._seen: set[str] = set()

    def go_to(self, cursor: str) -> None:
        self.cursor = cursor
        self._seen.add(cursor)

    def query(self, params: Params) -> str:
        size = self._page_size or params.get("maxPaginationCount")
        return restli.query({**params, "maxPaginationCount": size, "paginationCursor": self.cursor})

    def advance(self, body: Body) -> bool:
        cursor = next_cursor(body)
        if cursor in self._seen:
            msg = "LinkedIn gave the same pagination cursor twice, so this listing would never end. Run again later."
            raise DmaError(msg)
        self.cursor = cursor
        if cursor is not None:
            self._seen.add(cursor)
        return cursor is not None


def next_cursor(body: Body) -> str | None:
    """The next cursor, from the first of the three places that holds one."""
    metadata = _mapping(body.get("metadata"))
    # The first spelling is the feed finder's on the wire, the second the documentation's.
    places = (
        _mapping(metadata.get("paginationCursorMetdata")),
        _mapping(metadata.get("paginationCursorMetadata")),
        metadata,
    )
    cursors = (place.get("nextPaginationCursor") for place in places)
    return next((cursor for cursor in cursors if isinstance(cursor, str) and cursor), None)


class StartCount(_WithoutCursors):
    """The `start` and `count` of LinkedIn's older listings.

    A `next` link is followed where links are given. Else the listing ends at `paging.total`, or
    where that is not said with a page that is not full. LinkedIn may give fewer elements than were asked for, as it
    takes no such count or leaves some out: the next page starts after as many as came, so that none is missed.

    Args:
        count: how many elements to ask for.
        url: the listing's address; a link that leads elsewhere is refused.
    """

    def __init__(self, count: int, url: str) -> None:
        self._count = count
        self._url = url
        self._start = 0
        self._link_query: str | None = None
        self._last_page: str | None = None
        self._has_skipped = False
        self._followed: set[str] = set()

    def query(self, params: Params) -> str:
        return self._link_query or restli.query({**params, "start": self._start, "count": self._count})

    def advance(self, body: Body) -> bool:
        elements = body.get("elements") or []
        paging = _mapping(body.get("paging"))
        if paging.get("links") or self._link_query:
            self._link_query = next_link_query(self._url, paging.get("links"))
            return self._link_query is not None and self._is_new(self._link_query)
        if not elements:
            return False
        # LinkedIn may cap the count; it may say so in the answer.
        count = min(self._count, _whole(paging.get("count")) or self._count)
        total = _whole(paging.get("total"))
        is_short = bool(total) and len(elements) < count
        if self._is_repeat(elements):
            if not is_short or self._has_skipped:
                raise DmaError(_SAME_PAGE)
            # The rest of this page is left out, if `start` means anything to LinkedIn: the next answer tells.
            self._has_skipped = True
            self._start += count
            return True
        self._has_skipped = False
        self._start += len(elements) if is_short else count
        return self._start < total if total else len(elements) >= count

    def _is_new(self, link_query: str) -> bool:
        if link_query in self._followed:
            msg = "LinkedIn gave the same link twice, so this listing would never end. Run again later."
            raise DmaError(msg)
        self._followed.add(link_query)
        return True

    def _is_repeat(self, elements: Sequence[Body]) -> bool:
        last, self._last_page = self._last_page, digest({"elements": elements})
        return self._last_page == last


class Detect:
    """A listing whose way of paging is told from its first answer.

    It is asked with its own parameters at first, and for a page size only where one is given. A cursor in the
    answer means cursor style, a next link, a larger total or as many elements as were asked for mean `start` and
    `count`; else that was all.
    """

    def __init__(self, url: str, page_size: int | None = None) -> None:
        self._url = url
        self._page_size = page_size
        self._style: Paginator | None = None
        self._count: int | None = None

    @property
    def cursor(self) -> str | None:
        """Where the listing goes on, where it has cursors."""
        return self._style.cursor if self._style else None

    def go_to(self, cursor: str) -> None:
        """Begin there: only a listing with cursors gives one."""
        self._style = PaginationCursor()
        self._style.go_to(cursor)

    def query(self, params: Params) -> str:
        if self._page_size:
            has_cursors = isinstance(self._style, PaginationCursor) or params.get("maxPaginationCount")
            params = {**params, "maxPaginationCount" if has_cursors else "count": self._page_size}
        self._count = _whole(params.get("count"))
        if isinstance(self._style, StartCount):
            # LinkedIn refuses both styles at once.
            params = {name: value for name, value in params.items() if name != "maxPaginationCount"}
        return (self._style or OnePage()).query(params)

    def advance(self, body: Body) -> bool:
        if self._style is None:
            self._style = self._told_by(body)
        return self._style.advance(body)

    def _told_by(self, body: Body) -> Paginator:
        if next_cursor(body):
            return PaginationCursor()
        elements, paging = body.get("elements") or [], _mapping(body.get("paging"))
        total = _whole(paging.get("total"))
        full = self._count is not None and len(elements) >= self._count
        if paging.get("links") or full or (total and total > len(elements)):
            return StartCount(len(elements), self._url)
        return OnePage()


class SideBySide(_WithoutCursors):
    """The listings of a batch finder, which go on together: each request asks all of them for their next page.

    It goes on while one of them gives as many elements as were asked for, or tells of more.

    Args:
        count: how many elements to ask for; None leaves that to LinkedIn until a listing tells of more.
    """

    def __init__(self, count: int | None = None) -> None:
        self._count = count
        self._start = 0
        self._last_page: str | None = None

    def query(self, params: Params) -> str:
        paging = {"start": self._start, "count": self._count} if self._count else {}
        return restli.query({**params, **paging})

    def advance(self, body: Body) -> bool:
        listings = [_mapping(listing) for listing in body.get("elements") or []]
        longest = max((len(listing.get("elements") or []) for listing in listings), default=0)
        if not longest or not any(self._goes_on(listing) for listing in listings):
            return False
        page = digest({"listings": listings})
        if page == self._last_page:
            raise DmaError(_SAME_PAGE)
        self._last_page = page
        self._count = self._count or longest
        self._start += self._count
        return True

    def _goes_on(self, listing: Body) -> bool:
        got, paging = len(listing.get("elements") or []), _mapping(listing.get("paging"))
        links = paging.get("links")
        has_link = isinstance(links, list) and any(_mapping(link).get("rel") == "next" for link in links)
        total = _whole(paging.get("total"))
        full = self._count is not None and got >= self._count
        return full or has_link or (total is not None and total > self._start + (self._count or got))


def next_link_query(url: str, links: object) -> str | None:
    """The query of the `next` link, None where there is none.

    Raises:
        DmaError: where the link leads to another address, since the token would go there.
    """
    found = [link for link in links if isinstance(link, Mapping)] if isinstance(links, list) else []
    hrefs = (link.get("href") for link in found if link.get("rel") == "next")
    href = next((href for href in hrefs if isinstance(href, str) and href), None)
    if href is None:
        return None
    here = urlsplit(url)
    try:
        there = urlsplit(urljoin(url, href))
    except ValueError:
        msg = "LinkedIn's link to the next page is no address. Run again later."
        raise DmaError(msg) from None
    if (here.scheme, here.netloc, here.path) != (there.scheme, there.netloc, there.path):
        msg = "LinkedIn's link to the next page leads to another address, where the token must not go."
        raise DmaError(msg)
    return there.query


def _mapping(value: object) -> Body:
    return value if isinstance(value, Mapping) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
