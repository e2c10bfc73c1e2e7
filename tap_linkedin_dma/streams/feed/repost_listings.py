"""Reposts and reshares: those by an organization, and those of its posts, which no count tells of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.api.results import Elements
from tap_linkedin_dma.rows.conversion import milliseconds, timestamp
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.stream_types.base import PagedStream
from tap_linkedin_dma.stream_types.changed_since import LAG_MS
from tap_linkedin_dma.streams.feed.coverage import UNKNOWN, made
from tap_linkedin_dma.streams.feed.listings import Listed, Listings, Owed, PostListings
from tap_linkedin_dma.streams.feed.per_post import EachPost
from tap_linkedin_dma.sync.batches import Page, Parent, Parents
from tap_linkedin_dma.sync.run_context import Connection

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_ORIGINAL = re.compile(r"urn:li:instantRepost:\((.+),\d+\)")


class RepostsOfPosts(EachPost, PostListings):
    """Reposts or reshares of each post that is young enough; each costs one paced call."""

    window = "repost_window_days"
    covers_older = False
    names_withheld = True

    def owed(self, parents: Parents) -> Sequence[Owed]:
        return [Owed(post) for post in parents if self.is_due(post)]

    def settle(self, owed: Owed) -> None:
        self.note_asked(owed.parent)

    def owe_again(self, owed: Owed) -> None:
        self.owe(owed.parent)


class InstantRepostRows(PagedStream):
    """A stream whose rows are reposts without text of their own."""

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """What was reposted stands in the URN of the repost too."""
        row = super().row(entity, context, keys)
        if row and row["reposted_content"] is None and (original := _ORIGINAL.fullmatch(row["urn"])):
            row["reposted_content"] = original[1]
        return row


class RepostsByOrganizations(Listings):
    """Reposts by organizations, listed newest first: those since the newest of the last run, less LinkedIn's lag."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._newest: dict[str, int] = {}

    def pages(self, parents: Parents) -> Iterator[Page]:
        for organization in parents:
            yield from super().pages(Parents([organization]))

    def owed(self, parents: Parents) -> Sequence[Owed]:
        return [Owed(organization) for organization in parents]

    def listing(self, owed: Owed) -> Iterable[Listed]:
        organization = owed.parent
        listed = self.listed_whole(organization)
        times = [when for one in listed if (when := made(one.urn)) < UNKNOWN]
        self._newest[organization["organization"]] = max(times, default=0)
        return listed

    def listed(self, parent: Parent) -> Iterator[Elements]:
        since = self._since(parent)
        for elements in super().listed(parent):
            recent = [element for element in elements if made(element.get("id")) >= since]
            yield Elements({"elements": recent}, elements.cursor)
            if len(recent) < len(elements) and made(elements[-1].get("id")) < since:
                break

    def settle(self, owed: Owed) -> None:
        if newest := self._newest[owed.parent["organization"]]:
            state = self.state_of(owed.parent)
            state["reposts_to"] = max(timestamp(newest), state.get("reposts_to", ""))

    def _since(self, organization: Parent) -> int:
        """How far back to list, epoch ms."""
        to = self.state_of(organization).get("reposts_to")
        floor = int(self.start.timestamp() * 1000) if self.start else 0
        return max(floor, milliseconds(to) - LAG_MS if to else 0)
