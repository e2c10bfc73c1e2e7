"""Reposts and reshares: those by an organization, and those of its posts, which LinkedIn does not count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    AUDIT,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    PERSON,
    TEXT,
    URN,
    audit_columns,
    columns,
    key,
)
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.streams.feed.coverage import NO_TIMESTAMP, created_ms
from tap_linkedin_dma.streams.feed.listings import LISTED_AT, FeedListings, ListedElement, ListingTask, PostListings
from tap_linkedin_dma.streams.feed.per_post import QueriedPosts
from tap_linkedin_dma.streams.feed.post_rows import POST_COLUMNS, PostRows, with_member_class
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_ORIGINAL = re.compile(r"urn:li:instantRepost:\((.+),\d+\)")


class RepostsOfPosts(PostListings):
    """Reposts or reshares of each post that is young enough; one paced call a post."""

    names_withheld = True

    @cached_property
    def coverage(self) -> QueriedPosts:
        return QueriedPosts(self, "repost_window_days", backfill=False)

    def owed(self, contexts: ContextBatch) -> Sequence[ListingTask]:
        return [ListingTask(post) for post in contexts if self.coverage.is_due(post)]

    def mark_listed(self, owed: ListingTask) -> None:
        self.coverage.mark_done(owed.context)

    def owe_again(self, owed: ListingTask) -> None:
        self.coverage.owe(owed.context)


class InstantRepostRows(DmaStream):
    """A stream whose rows are reposts without text of their own."""

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of a repost; if LinkedIn does not name the original, it is taken from the repost's URN."""
        row = super().row(entity, context, keys)
        if row and row["reposted_content"] is None and (original := _ORIGINAL.fullmatch(row["urn"])):
            row["reposted_content"] = original[1]
        return row


class RepostsByOrganizations(FeedListings):
    """Reposts by organizations, listed newest first: those since the newest of the last run, minus LinkedIn's lag."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._newest: dict[str, int] = {}

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        for organization in contexts:
            yield from super().read(ContextBatch([organization]))

    def owed(self, contexts: ContextBatch) -> Sequence[ListingTask]:
        return [ListingTask(organization) for organization in contexts]

    def listing(self, owed: ListingTask) -> Iterable[ListedElement]:
        organization = owed.context
        listed = self.listed_whole(organization)
        times = [when for one in listed if (when := created_ms(one.urn)) < NO_TIMESTAMP]
        self._newest[organization["organization"]] = max(times, default=0)
        return listed

    def list_urns(self, context: Context) -> Iterator[ListingPage]:
        since = self._since(context)
        for elements in super().list_urns(context):
            recent = [element for element in elements if created_ms(element.get("id")) >= since]
            yield ListingPage({"elements": recent}, elements.cursor)
            if len(recent) < len(elements) and created_ms(elements[-1].get("id")) < since:
                break

    def mark_listed(self, owed: ListingTask) -> None:
        if newest := self._newest[owed.context["organization"]]:
            state = self.state_of(owed.context)
            state["reposts_to"] = max(format_ms(newest), state.get("reposts_to", ""))

    def _since(self, organization: Context) -> int:
        """How far back to list, epoch ms."""
        to = self.state_of(organization).get("reposts_to")
        return max(self.start_ms, parse_ms(to) - FEED_LAG_MS if to else 0)


_INSTANT_REPOST_COLUMNS = (
    key("urn", URN, description="URN of the repost: urn:li:instantRepost:(ORIGINAL,NUMBER)."),
    th.Property("organization", URN),
    th.Property("id", TEXT, description="Id of the repost as LinkedIn sends it; see `urn`."),
    th.Property(
        "reposted_content", URN, description="URN of the original; taken from `urn` if LinkedIn does not send it."
    ),
    th.Property(
        "author",
        PERSON,
        description="URN of the organization or person that reposted; NULL if LinkedIn does not show the person.",
    ),
    *audit_columns(),
)


class InstantReposts(InstantRepostRows, RepostsByOrganizations):
    """Reposts by an organization, without text of its own.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "instant_reposts"
    finder = "repostsByReposter"
    params = {"reposter": "{organization}"}
    resource = "dmaInstantReposts"
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("urn",)
    urn_types = ("instantRepost",)
    key_column = "urn"
    emit_unhydrated = True
    field_paths = AUDIT
    schema = columns(*_INSTANT_REPOST_COLUMNS)


class PostInstantReposts(InstantRepostRows, RepostsOfPosts):
    """Reposts of each young post without text of their own; one paced call a post.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "post_instant_reposts"
    finder = "repostsFromEntity"
    params = {"entity": "{entity}"}
    resource = "dmaInstantReposts"
    evidence = "observed"
    parent_stream_type = Posts
    selected_by_default = False
    primary_keys = ("urn",)
    urn_types = ("instantRepost",)
    key_column = "urn"
    emit_unhydrated = True
    field_paths = AUDIT
    visibility_columns = ("author", "actor")
    schema = columns(
        *_INSTANT_REPOST_COLUMNS,
        th.Property("post", URN, description="URN of the post that was reposted."),
        LISTED_AT,
        MEMBER_VISIBILITY,
    )


class Reshares(PostRows, RepostsOfPosts):
    """Reshares of each young post with text of their own; one paced call a post.

    LinkedIn may refuse to show reshares by others.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/content/posts
    """

    name = "reshares"
    finder = "resharesFromEntity"
    params = {"entity": "{entity}"}
    resource = "dmaPosts"
    batch_params = {"viewContext": "READER"}
    evidence = "observed"
    parent_stream_type = Posts
    selected_by_default = False
    primary_keys = ("post", "id")
    urn_types = ("share", "ugcPost", "groupPost")
    key_column = "id"
    schema = columns(
        key("post", URN, description="URN of the post that was reshared."),
        key("id", URN, description="URN of the reshare, which is a post too."),
        th.Property("organization", URN),
        *with_member_class(POST_COLUMNS),
        LISTED_AT,
        others=OTHERS_OF_MEMBER,
    )
