"""Feed: posts, their counts, the comments and reactions on them, and what is counted and done on comments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.json_paths import Entity, dig
from tap_linkedin_dma.rows.conversion import timestamp, whole
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
    audited,
    columns,
    key,
    mapping,
    of_member,
    record,
)
from tap_linkedin_dma.streams.feed.coverage import OverPosts
from tap_linkedin_dma.streams.feed.engagement import UNKNOWN_COUNTS, Engagement
from tap_linkedin_dma.streams.feed.listings import LISTED_AT
from tap_linkedin_dma.streams.feed.post_rows import POST_COLUMNS, PostRows, content_kind
from tap_linkedin_dma.streams.feed.threads import CommentThreads
from tap_linkedin_dma.streams.feed.walks import PostsWalk
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Page, Parent, Parents


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
    kinds = ("share", "ugcPost", "groupPost")
    other_kinds = ("instantRepost",)
    kinds_with_engagement = ("share", "ugcPost")
    evidence = "documented"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    replication_key = "published_at"
    schema = columns(key("id", URN), th.Property("organization", URN), *POST_COLUMNS)

    def post_context(self, organization: Parent, urn: str, entity: Entity, row: Row | None) -> Parent:
        """A post that LinkedIn does not show may still be asked about; its URN tells when it was made."""
        made = urns.created_ms(urn)
        published = (row and row["published_at"]) or (timestamp(made) if made is not None else None)
        root = dig(entity, "reshareContext.root")
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
    th.Property("comment_summary", record(count=INTEGER, topLevelCount=INTEGER)),
    th.Property("reaction_summaries", mapping(record(reactionType=TEXT, count=INTEGER))),
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
    own_columns = ("comment_count", "reaction_count", "snapshot_date")

    def pages(self, parents: Parents) -> Iterator[Page]:
        """The counts, or their refusal, may be there already."""
        today = self.connection.began.to_date_string()
        counts = self.social_metadata(parents)
        if counts is None:
            self.refused.add(parents.items[0]["organization"])
            return
        contexts = [{**parent, "entity": parent[self.about], "snapshot_date": today} for parent in parents]
        rows = [self.row(counts[entity], context) for context in contexts if (entity := context["entity"]) in counts]
        self.skip_unanswered(f"{self.about}s", counts)
        yield Page([row for row in rows if row], settle=partial(self._has_counted, contexts, counts.unanswered))

    def _has_counted(self, parents: Sequence[Parent], unanswered: Collection[str]) -> None:
        for parent in parents:
            if parent["entity"] in unanswered:
                self.owe(parent)
            else:
                self.has_paid(parent)

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """LinkedIn gives reactions by type only, and leaves out the types that have none."""
        row = super().row(entity, context, keys)
        if row:
            row["comment_count"] = dig(row, "comment_summary.count")
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
    counted = {name: whole(dig(summary, "count")) for name, summary in summaries.items()}
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
    kinds = ("comment",)
    key_column = "urn"
    own_columns = ("text",)
    member_columns = ("actor", "agent")
    sources = {"parent_comment": ("parentComment",), **AUDIT}
    schema = columns(
        key("urn", URN),
        th.Property("organization", URN),
        th.Property("post", URN, description="The post asked about, for replies too."),
        th.Property("root_post", URN, description="What that post reshares, else the post itself."),
        th.Property("parent_comment", URN, description="The comment that a reply is under; null for others."),
        th.Property("id", INTEGER),
        th.Property("object", URN),
        th.Property("text", of_member(TEXT), description="What the comment says; null where its author is not shown."),
        th.Property("commentary", of_member(record("text", text=TEXT, attributes=array()))),
        th.Property("message", of_member(record("text", text=TEXT))),
        th.Property("content", of_member(array())),
        th.Property("agent", PERSON),
        th.Property("likes_summary", record()),
        th.Property("comments_summary", record()),
        *audited(),
        LISTED_AT,
        MEMBER_VISIBILITY,
        others=OTHERS_OF_MEMBER,
    )

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """LinkedIn's sibling API calls the text `message`."""
        row = super().row(entity, context, keys)
        if row:
            row["text"] = dig(row, "commentary.text") or dig(row, "message.text")
        return row

    def told(self, row: Row, parent: Parent) -> Parent | None:
        """A comment that LinkedIn lists under another kind of URN cannot be asked about."""
        comment = row["urn"]
        return (
            {**parent, "comment": comment, **self.known_counts(comment)} if urns.kind(comment) in self.kinds else None
        )


_REACTION_COLUMNS = (
    th.Property("urn", PERSON, description="The reaction; it holds the URN of the member who reacted."),
    th.Property("organization", URN),
    th.Property("id", PERSON),
    th.Property("reaction_type", TEXT),
    th.Property("entity", URN, description="What was reacted on; LinkedIn may name its activity instead."),
    th.Property("root", URN),
    *audited(),
    LISTED_AT,
    MEMBER_VISIBILITY,
)


class _Reactions(Engagement):
    finder = "reactionsOnEntity"
    params = {"entity": "{entity}"}
    resource = "dmaReactions"
    evidence = "derived"
    kinds = ("reaction",)
    key_column = "row_key"
    member_columns = ("actor",)
    sources = {"entity": ("entity",), **AUDIT}

    def signature(self, counts: Entity) -> str:
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
    about = "comment"
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
    about = "comment"
    primary_keys = ("comment", "row_key")
    schema = columns(
        key("comment", URN), key("row_key"), th.Property("post", URN), *_REACTION_COLUMNS, others=OTHERS_OF_MEMBER
    )
