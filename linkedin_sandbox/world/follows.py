"""Who follows a page, row by row from its place in the listing: a million rows take no memory."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from typing import Any, overload

from .draw import draw, mix
from .members import person
from .organizations import PARTNER_PAGE, Organization

DAY_MS = 86_400_000
MEMBER_EDGE = "MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE"
PAGE_EDGE = "ORGANIZATIONAL_PAGE_FOLLOWS_ORGANIZATIONAL_PAGE"
FIRST_FOLLOWER = 2**40
ROOM = 2**24
PAGE_EVERY, PAGE_AT = 37, 5
TWINS = (3, 4)


class Followers(Sequence[dict[str, Any]]):
    """The rows of the followee finder: persons, pages, and rows of members who withheld themselves.

    A row's place stays its own: those that stand before it and leave only move it up in the listing. Places 3 and 4
    are withheld and alike to the last byte. `arrivals` are the times, in ms, of those who came in world time; they
    stand at the end. `gone` are the places of those who left, in order.
    """

    def __init__(self, organization: Organization, count: int, seed: int, now: int) -> None:
        self.organization = organization
        self.drawn = count
        self.seed = seed
        self.now = now
        self.arrivals: list[int] = []
        self.gone: list[int] = []

    @property
    def places(self) -> int:
        """How many rows there ever were."""
        return self.drawn + len(self.arrivals)

    def __len__(self) -> int:
        return self.places - len(self.gone)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | Sequence[dict[str, Any]]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        return self.row(past(self.gone, range(len(self))[place]))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        left = set(self.gone)
        return (self.row(place) for place in range(self.places) if place not in left)

    def row(self, place: int) -> dict[str, Any]:
        """The row at a place, counted from 0."""
        chance = mix(self.seed, self.organization.page, TWINS[0] if place in TWINS else place)
        time = self.now - chance % (400 * DAY_MS) if place < self.drawn else self.arrivals[place - self.drawn]
        row: dict[str, Any] = {"followee": self.organization.page_urn, "edgeType": MEMBER_EDGE, "lastModifiedAt": time}
        if place % PAGE_EVERY == PAGE_AT:
            row["edgeType"] = PAGE_EDGE
            row["follower"] = f"urn:li:organizationalPage:{70_000_000 + place}"
        elif place not in TWINS and (place >= self.drawn or chance % 5):
            row["follower"] = person(self.seed, FIRST_FOLLOWER + self.organization.page * ROOM + place)
        return row

    def let_one_leave(self, day: int) -> list[dict[str, Any]]:
        """The row of a member who leaves, if there are enough of them; pages stay."""
        chance = draw(self.seed, "leaving", self.organization.page, day)
        left = [*TWINS, *self.gone]
        members = (place for place in chance.sample(range(self.places), min(self.places, 100)) if place not in left)
        place = next((place for place in members if place % PAGE_EVERY != PAGE_AT), None)
        if place is None:
            return []
        insort(self.gone, place)
        return [self.row(place)]

    def of_edge(self, edge: str | None) -> Sequence[dict[str, Any]]:
        """The rows of one edge type, or all; which places those are is arithmetic, so nothing is read."""
        if edge is None:
            return self
        return _Chosen(self, pages=edge == PAGE_EDGE)


def past(gone: Sequence[int], nth: int) -> int:
    """The nth number from 0 on that is not one of these, which are in order."""
    return nth + bisect_right(range(len(gone)), nth, key=lambda at: gone[at] - at)


class _Chosen(Sequence[dict[str, Any]]):
    """The pages among the followers, none of which leaves, or everyone else."""

    def __init__(self, followers: Followers, *, pages: bool) -> None:
        self.followers = followers
        self.pages = pages

    def __len__(self) -> int:
        pages = len(range(PAGE_AT, self.followers.places, PAGE_EVERY))
        return pages if self.pages else len(self.followers) - pages

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | Sequence[dict[str, Any]]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        if self.pages:
            return self.followers.row(PAGE_AT + at * PAGE_EVERY)
        # Counted among the places that are no page's.
        gone = [place - len(range(PAGE_AT, place, PAGE_EVERY)) for place in self.followers.gone]
        block, offset = divmod(past(gone, at), PAGE_EVERY - 1)
        return self.followers.row(block * PAGE_EVERY + offset + (offset >= PAGE_AT))


def following(organization: Organization, now: int) -> list[dict[str, Any]]:
    """The pages that a page follows; pages are never withheld."""
    return [
        {
            "follower": organization.page_urn,
            "followee": f"urn:li:organizationalPage:{PARTNER_PAGE + place}",
            "edgeType": PAGE_EDGE,
            "lastModifiedAt": now - (place + 1) * 30 * DAY_MS,
        }
        for place in range(3)
    ]
