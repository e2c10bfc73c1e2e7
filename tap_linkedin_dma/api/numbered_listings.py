"""The next position in a listing with `start` and `count`: from its total, its pages' positions and its links.

LinkedIn may give fewer elements than were asked for: it caps the count, or leaves out elements that it withholds but
still counts in the total. So a short page is not the end, the next one starts after the elements that came, and
pages may overlap. The listing ends at its total, however few came: withheld elements cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urljoin, urlsplit

from tap_linkedin_dma.api.canonical_json import digest
from tap_linkedin_dma.api.errors import DmaError, ShortListing
from tap_linkedin_dma.api.json_bodies import Body, count_or_none, mapping

SAME_PAGE = "LinkedIn gave the same page twice, so this listing would never end. Run again later."

_MOST_EMPTY = 100
"""Empty pages in a row, after which a total is no longer believed."""

_PLACE = re.compile(r"\d{1,18}", re.ASCII)
_PORTS = {"http": 80, "https": 443}


class Places:
    """The positions of a listing that were read so far.

    Args:
        count: elements to ask for at once.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.start = 0
        self._last_page: str | None = None
        self._repeats = 0
        self._empties = 0
        self._lacks: str | None = None

    def go_on(self, page: Sequence[object], got: int, paging: Body, total: int | None) -> bool:
        """Take in a page without a link to the next.

        Args:
            page: its elements.
            got: how many they are.
            paging: its own position: `start` and `count`, either may be missing.
            total: elements of the listing; None if it does not say.

        Returns:
            Whether there is more, from `start` on.

        Raises:
            ShortListing: at the end, if the listing gave less than its total.
            DmaError: if it would never end.
        """
        told, many = count_or_none(paging.get("start")), count_or_none(paging.get("count"))
        # LinkedIn may cap the count, and say so.
        count = min(self.count, many) if many else self.count
        # A page that gives its own position and count may equal the one before: they overlap.
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
        """Take in a page with a link to the next.

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
        """Count a repeated page: the first time it is requested again, the second time it is skipped."""
        self._repeats += 1
        if self._repeats > 2:
            raise DmaError(SAME_PAGE)
        if self._repeats == 2:
            self._lacks = "LinkedIn gave the same page twice, and fewer elements than its total. Run again later."

    def _count_empties(self, got: int) -> None:
        self._empties = 0 if got else self._empties + 1
        if self._empties >= _MOST_EMPTY:
            msg = f"LinkedIn gave {_MOST_EMPTY} empty pages in a row, although its total is larger. Run again later."
            raise ShortListing(msg)


def has_next_link(links: object) -> bool:
    """Whether one of these links leads to a next page."""
    return isinstance(links, list) and any(mapping(link).get("rel") == "next" for link in links)


def next_link_query(url: str, links: object) -> str | None:
    """The query of the `next` link, None if there is none.

    Its path is ignored, since it may have /rest, /v2 or neither: the request goes to the listing's own address.

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
        msg = "LinkedIn's link to the next page is not an address. Run again later."
        raise DmaError(msg) from None
    if there.hostname != here.hostname or port not in (None, here.port or _PORTS.get(here.scheme)):
        msg = "LinkedIn's link to the next page leads to another host, and the token must not be sent there."
        raise DmaError(msg)
    return there.query
