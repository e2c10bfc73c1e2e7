"""Feed: posts, their counts, the comments and reactions on them, and what is counted and done on comments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.rows.conversion import format_ms, whole
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    AUDIT,
    DATE,
    INTEGER,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    PERSON,
    TEXT,
    URN,
    array,
    audit_columns,
    columns,
    key,
    mapping,
    member_data,
    object_of,
)
from tap_linkedin_dma.streams.feed.coverage import OverPosts
from tap_linkedin_dma.streams.feed.engagement import UNKNOWN_COUNTS, Engagement
from tap_linkedin_dma.streams.feed.listings import LISTED_AT
from tap_linkedin_dma.streams.feed.post_rows import POST_COLUMNS, PostRows, content_kind
from tap_linkedin_dma.streams.feed.threads import CommentThreads
from tap_linkedin_dma.streams.feed.walks import PostsWalk
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch


class Posts(PostRows, PostsWalk):
    """Posts that an organization wrote or reshared.

    LinkedIn lists them as bare URNs, newest first, so each page of URNs is read whole by BATCH_GET.
    People are missing where they have not agreed to be shown.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/content/posts
    """

    name = "posts"
    finder = "postsByAuthor"
    params = {"author": "{organization}"}
    resource = "dmaPosts"
    batch_params = {"viewContext": "READER"}
    urn_types = ("share", "ugcPost", "groupPost")
    ignored_urn_types = ("instantRepost",)
    engagement_urn_types = ("share", "ugcPost")
    evidence = "documented"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    replication_key = "published_at"
    schema = columns(key("id", URN), th.Property("organization", URN), *POST_COLUMNS)

    def post_context(self, organization: Context, urn: str, entity: Entity, row: Row | None) -> Context:
        """A post that LinkedIn does not show may still be asked about; its URN tells when it was made."""
        made = urns.created_ms(urn)
        published = (row and row["published_at"]) or (format_ms(made) if made is not None else None)
        root = get_path(entity, "reshareContext.root")
        return {
            **organization,
            "post": urn,
            "root_post": root or urn,
            "post_published_at": published,
            "post_content_kind": content_kind(entity.get("content")),
        }


_COUNTS = (
    th.Property("organization", URN),
    th.Property("comments_state", TEXT),
    th.Property("comment_summary", object_of(count=INTEGER, topLevelCount=INTEGER)),
    th.Property("reaction_summaries", mapping(object_of(reactionType=TEXT, count=INTEGER))),
    th.Property("comment_count", INTEGER, description="Comments with replies; null where LinkedIn gives no count."),
    th.Property(
        "reaction_count",
        INTEGER,
        description="Reactions of all types; 0 if LinkedIn names none, null if a count of theirs cannot be read.",
    ),
)


class _Counts(OverPosts):
    """Comment and reaction counts, read once for all streams of a parent."""

    resource = "dmaSocialMetadata"
    evidence = "derived"
    computed_columns = ("comment_count", "reaction_count", "snapshot_date")

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """The counts, or their refusal, may be there already."""
        today = self.run_context.started_at.to_date_string()
        counts = self.social_metadata(contexts)
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
                self.owe(context)
            else:
                self.has_paid(context)

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """LinkedIn gives reactions by type only, and leaves out the types that have none."""
        row = super().row(entity, context, keys)
        if row:
            row["comment_count"] = get_path(row, "comment_summary.count")
            row["reaction_count"] = _total(entity)
        return row


def _total(counts: Entity) -> int | None:
    """Reactions of all types; None if LinkedIn counts some in a form that cannot be read."""
    if not isinstance(counts.get("reactionSummaries") or {}, Mapping):
        return None
    counted = list(reactions(counts).values())
    known = [count for count in counted if count is not None]
    return sum(known) if len(known) == len(counted) else None


class SocialMetadata(_Counts):
    """Comment and reaction counts of posts, as they stood on the day of the run.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "social_metadata"
    resource = "dmaSocialMetadata"
    parent_stream_type = Posts
    primary_keys = ("entity", "snapshot_date")
    schema = columns(key("entity", URN), key("snapshot_date", DATE), *_COUNTS)


def reactions(counts: Entity) -> dict[str, int | None]:
    """How many reactions of each type social metadata counts; None where the count cannot be read.

    >>> reactions({"reactionSummaries": {"LIKE": {"reactionType": "LIKE", "count": 2}}})
    {'LIKE': 2}
    """
    summaries = counts.get("reactionSummaries")
    if not isinstance(summaries, Mapping):
        return {}
    counted = {name: whole(get_path(summary, "count")) for name, summary in summaries.items()}
    return {name: count for name, count in counted.items() if count != 0}


class Comments(CommentThreads):
    """Comments on posts, and replies to any depth.

    Text and author are missing together where the author has not agreed to be shown.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "comments"
    finder = "commentsOnEntity"
    params = {"entity": "{entity}"}
    resource = "dmaComments"
    evidence = "derived"
    parent_stream_type = Posts
    primary_keys = ("urn",)
    urn_types = ("comment",)
    key_column = "urn"
    computed_columns = ("text",)
    visibility_columns = ("actor", "agent")
    field_paths = {"parent_comment": ("parentComment",), **AUDIT}
    schema = columns(
        key("urn", URN),
        th.Property("organization", URN),
        th.Property("post", URN, description="The post asked about, for replies too."),
        th.Property("root_post", URN, description="What that post reshares, else the post itself."),
        th.Property("parent_comment", URN, description="The comment that a reply is under; null for others."),
        th.Property("id", INTEGER),
        th.Property("object", URN),
        th.Property(
            "text", member_data(TEXT), description="What the comment says; null where its author is not shown."
        ),
        th.Property("commentary", member_data(object_of("text", text=TEXT, attributes=array()))),
        th.Property("message", member_data(object_of("text", text=TEXT))),
        th.Property("content", member_data(array())),
        th.Property("agent", PERSON),
        th.Property("likes_summary", object_of()),
        th.Property("comments_summary", object_of()),
        *audit_columns(),
        LISTED_AT,
        MEMBER_VISIBILITY,
        others=OTHERS_OF_MEMBER,
    )

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """LinkedIn's sibling API calls the text `message`."""
        row = super().row(entity, context, keys)
        if row:
            row["text"] = get_path(row, "commentary.text") or get_path(row, "message.text")
        return row

    def child_context(self, row: Row, context: Context) -> Context | None:
        """A comment that LinkedIn lists under another kind of URN cannot be asked about."""
        comment = row["urn"]
        return (
            {**context, "comment": comment, **self.known_counts(comment)}
            if urns.urn_type(comment) in self.urn_types
            else None
        )


_REACTION_COLUMNS = (
    th.Property("urn", PERSON, description="The reaction; it holds the URN of the member who reacted."),
    th.Property("organization", URN),
    th.Property("id", PERSON),
    th.Property("reaction_type", TEXT),
    th.Property("entity", URN, description="What was reacted on; LinkedIn may name its activity instead."),
    th.Property("root", URN),
    *audit_columns(),
    LISTED_AT,
    MEMBER_VISIBILITY,
)


class _Reactions(Engagement):
    finder = "reactionsOnEntity"
    params = {"entity": "{entity}"}
    resource = "dmaReactions"
    evidence = "derived"
    urn_types = ("reaction",)
    key_column = "row_key"
    visibility_columns = ("actor",)
    field_paths = {"entity": ("entity",), **AUDIT}

    def counts_fingerprint(self, counts: Entity) -> str:
        """Reactions by type."""
        by_type = reactions(counts)
        if None in by_type.values():
            return UNKNOWN_COUNTS
        return " ".join(f"{name}:{count}" for name, count in sorted(by_type.items()))

    def counted(self, counts: Entity) -> int | None:
        by_type = reactions(counts)
        return None if None in by_type.values() else sum(count or 0 for count in by_type.values())


class Reactions(_Reactions):
    """Reactions on posts.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "reactions"
    resource = "dmaReactions"
    parent_stream_type = Posts
    primary_keys = ("post", "row_key")
    schema = columns(key("post", URN), key("row_key"), *_REACTION_COLUMNS, others=OTHERS_OF_MEMBER)


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
    schema = columns(key("entity", URN), th.Property("post", URN), *_COUNTS)


class CommentReactions(_Reactions):
    """Reactions on the comments that were listed in a run and whose own counts changed; one paced call a comment.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "comment_reactions"
    resource = "dmaReactions"
    parent_stream_type = Comments
    selected_by_default = False
    entity_column = "comment"
    primary_keys = ("comment", "row_key")
    schema = columns(
        key("comment", URN), key("row_key"), th.Property("post", URN), *_REACTION_COLUMNS, others=OTHERS_OF_MEMBER
    )
