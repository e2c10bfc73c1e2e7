"""Comment and reaction counts of posts, and of the comments on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar

from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    DATE,
    INTEGER,
    TEXT,
    URN,
    columns,
    key,
    mapping,
    object_of,
)
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams.feed.comments import Comments
from tap_linkedin_dma.streams.feed.counts import reaction_counts, read_counts_once
from tap_linkedin_dma.streams.feed.coverage import PostCoverage
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch

_COUNTS = (
    th.Property("organization", URN),
    th.Property(
        "comments_state", TEXT, description="State of the comments: OPEN, CLOSED, FROZEN, PROCESSING or DELETED."
    ),
    th.Property(
        "comment_summary",
        object_of(count=INTEGER, topLevelCount=INTEGER),
        description="Counts of comments: with replies in `count`, without them in `topLevelCount`.",
    ),
    th.Property(
        "reaction_summaries",
        mapping(object_of(reactionType=TEXT, count=INTEGER)),
        description="Counts of reactions by type; types without any are missing.",
    ),
    th.Property("comment_count", INTEGER, description="Number of comments with replies; NULL if LinkedIn gives none."),
    th.Property(
        "reaction_count",
        INTEGER,
        description="Number of reactions of all types; 0 if LinkedIn names no type, NULL if a count cannot be read.",
    ),
)


class _Counts(DmaStream):
    """Comment and reaction counts, read once for all streams of the same contexts."""

    resource = "dmaSocialMetadata"
    evidence = "derived"
    append_only = True
    computed_columns = ("comment_count", "reaction_count", "snapshot_date")

    entity_column: ClassVar[str] = "post"
    """The column of a context with the entity whose counts are read: a post, or a comment on one."""

    @cached_property
    def coverage(self) -> PostCoverage:
        return PostCoverage(self, entity_column=self.entity_column)

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """Emit the counts; another stream may have read them, or their refusal, already."""
        today = self.run_context.started_at.to_date_string()
        counts = read_counts_once(self, contexts, self.entity_column)
        if counts is None:
            self.refused_organizations.add(contexts.items[0]["organization"])
            return
        known = [{**context, "entity": context[self.entity_column], "snapshot_date": today} for context in contexts]
        rows = [self.row(counts[entity], columns) for columns in known if (entity := columns["entity"]) in counts]
        self.skip_unanswered(f"{self.entity_column}s", counts)
        yield RecordBatch([row for row in rows if row], commit=partial(self._has_counted, known, counts.unanswered))

    def _has_counted(self, contexts: Sequence[Context], unanswered: Collection[str]) -> None:
        for context in contexts:
            if context["entity"] in unanswered:
                self.coverage.owe(context)
            else:
                self.coverage.has_paid(context)

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row with totals: LinkedIn gives reactions by type only, and leaves out the types that have none."""
        row = super().row(entity, context, keys)
        if row:
            row["comment_count"] = get_path(row, "comment_summary.count")
            row["reaction_count"] = _total(entity)
        return row


class SocialMetadata(_Counts):
    """Comment and reaction counts of posts, as they stood on the day of the run.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "social_metadata"
    resource = "dmaSocialMetadata"
    parent_stream_type = Posts
    primary_keys = ("entity", "snapshot_date")
    schema = columns(key("entity", URN, description="URN of the post."), key("snapshot_date", DATE), *_COUNTS)


class CommentSocialMetadata(_Counts):
    """Comment and reaction counts of the comments that were listed in a run.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "comment_social_metadata"
    resource = "dmaSocialMetadata"
    parent_stream_type = Comments
    selected_by_default = False
    entity_column = "comment"
    primary_keys = ("entity",)
    schema = columns(key("entity", URN, description="URN of the comment."), th.Property("post", URN), *_COUNTS)


def _total(counts: Entity) -> int | None:
    """Reactions of all types; None if LinkedIn counts some in a form that cannot be read."""
    if not isinstance(counts.get("reactionSummaries") or {}, Mapping):
        return None
    counted = list(reaction_counts(counts).values())
    known = [count for count in counted if count is not None]
    return sum(known) if len(known) == len(counted) else None
