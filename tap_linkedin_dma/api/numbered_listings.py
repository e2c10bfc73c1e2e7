"""Where a listing that is numbered goes on: by its own word, which is its total, its pages' places and its links.

LinkedIn may give fewer elements than were asked for: it takes no such count, or leaves out what it withholds, which
its total counts all the same. So a short page is not the end, the next one starts after as many as came, and
pages may overlap. The end is where the total is reached, however few came: what is withheld cannot be had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from tap_linkedin_dma.api.canonical_json import digest
from tap_linkedin_dma.api.errors import DmaError, ShortListing

Body = Mapping[str, Any]

SAME_PAGE = "LinkedIn gave the same page twice, so this listing would never end. Run again later."

_MOST_EMPTY = 100
"""Pages in a row without an element, after which a total is not believed any more."""

_PLACE = re.compile(r"\d{1,18}", re.ASCII)
_PORTS = {"http": 80, "https": 443}


class Places:
    """The places of a listing that were given so far.

    Args:
        count: how many elements are asked for.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.start = 0
        self._last_page: str | None = None
        self._repeats = 0
        self._empties = 0
        self._lacks: str | None = None

    def go_on(self, page: Sequence[object], got: int, paging: Body, total: int | None) -> bool:
        """Take in a page that leads to no other by itself.

        Args:
            page: what it gave.
            got: how many elements that is.
            paging: what it says of its place: `start` and `count`, either may be missing.
            total: how many there are; None if it does not say.

        Returns:
            Whether there is more, from `start` on.

        Raises:
            ShortListing: at the end, if not all was given that the listing tells of.
            DmaError: if it would never end.
        """
        told, many = int_or_none(paging.get("start")), int_or_none(paging.get("count"))
        # LinkedIn may cap the count, and say so.
        count = min(self.count, many) if many else self.count
        # A page that says where it stands, and how far it reaches, may be like the one before: they overlap.
        is_sure = told == self.start and bool(many)
        is_repeat = self._is_repeat(page, got)
        if is_repeat and not is_sure:
            if total is None:
                raise DmaError(SAME_PAGE)
            self._note_repeat()
            if self._repeats == 1:
                return True
        else:
            self._repeats = 0
        self._count_empties(got)
        here = told if told is not None and self.start <= told < self.start + count else self.start
        self.start = here + (got if got and not is_repeat else count)
        if self.start < total if total is not None else got >= count:
            return True
        return self.end()

    def follow(self, link_query: str, page: Sequence[object], got: int) -> None:
        """Take in a page that leads to the next one by a link.

        Raises:
            DmaError: as above.
        """
        if self._is_repeat(page, got):
            self._note_repeat()
        else:
            self._repeats = 0
        self._count_empties(got)
        start = parse_qs(link_query).get("start", [""])[0]
        self.start = int(start) if _PLACE.fullmatch(start) else self.start + max(got, self.count)

    def end(self) -> bool:
        """False, for the end.

        Raises:
            ShortListing: as above.
        """
        if self._lacks:
            raise ShortListing(self._lacks)
        return False

    def _is_repeat(self, page: Sequence[object], got: int) -> bool:
        last, self._last_page = self._last_page, digest({"page": page})
        return bool(got) and self._last_page == last

    def _note_repeat(self) -> None:
        """The first time the page is asked for again, the second time it is passed over."""
        self._repeats += 1
        if self._repeats > 2:
            raise DmaError(SAME_PAGE)
        if self._repeats == 2:
            self._lacks = "LinkedIn gave the same page twice, and less than it tells of. Run again later."

    def _count_empties(self, got: int) -> None:
        self._empties = 0 if got else self._empties + 1
        if self._empties >= _MOST_EMPTY:
            msg = f"LinkedIn gave {_MOST_EMPTY} empty pages in a row, and tells of more. Run again later."
            raise ShortListing(msg)


def next_link_query(url: str, links: object) -> str | None:
    """The query of the `next` link, None if there is none.

    Its path does not count, which may be written with /rest, /v2 or neither: the request goes to the listing's own
    address.

    Raises:
        DmaError: if the link leads to another host.
    """
    found = [link for link in links if isinstance(link, Mapping)] if isinstance(links, list) else []
    hrefs = (link.get("href") for link in found if link.get("rel") == "next")
    href = next((href for href in hrefs if isinstance(href, str) and href), None)
    if href is None:
        return None
    here = urlsplit(url)
    try:
        there = urlsplit(urljoin(url, href))
        port = there.port
    except ValueError:
        msg = "LinkedIn's link to the next page is no address. Run again later."
        raise DmaError(msg) from None
    if there.hostname != here.hostname or port not in (None, here.port or _PORTS.get(here.scheme)):
        msg = "LinkedIn's link to the next page leads to another address, where the token must not go."
        raise DmaError(msg)
    return there.query


def mapping(value: object) -> Body:
    """A value of an answer, if it is an object; else an empty one."""
    return value if isinstance(value, Mapping) else {}


def int_or_none(value: object) -> int | None:
    """A value of an answer, if it is a whole number that counts something."""
    return value if type(value) is int and value >= 0 else None
