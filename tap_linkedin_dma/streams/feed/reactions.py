"""Reactions on posts, and on the comments on them."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.rows.schema import (
    AUDIT,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    PERSON,
    PERSON_KEY,
    TEXT,
    URN,
    audit_columns,
    columns,
    key,
)
from tap_linkedin_dma.streams.feed.comments import Comments
from tap_linkedin_dma.streams.feed.counts import UNKNOWN_COUNTS, reaction_counts
from tap_linkedin_dma.streams.feed.listings import LISTED_AT, Engagement
from tap_linkedin_dma.streams.feed.posts import Posts

_REACTION_COLUMNS = (
    th.Property(
        "urn",
        PERSON,
        description="URN of the reaction, which contains that of the person or page that reacted; NULL if "
        "LinkedIn does not list it.",
    ),
    th.Property("organization", URN),
    th.Property("id", PERSON, description="Id of the reaction as LinkedIn sends it; see `urn`."),
    th.Property(
        "reaction_type",
        TEXT,
        description="Kind of reaction: LIKE, PRAISE, EMPATHY, INTEREST, APPRECIATION, ENTERTAINMENT or, on old "
        "content, MAYBE.",
    ),
    th.Property(
        "entity",
        URN,
        description="URN of the content that was reacted on; LinkedIn may send the activity in place of the post "
        "or comment.",
    ),
    th.Property("root", URN, description="URN of the content above `entity`, if LinkedIn sends it."),
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
        by_type = reaction_counts(counts)
        if None in by_type.values():
            return UNKNOWN_COUNTS
        return " ".join(f"{name}:{count}" for name, count in sorted(by_type.items()))

    def counted(self, counts: Entity) -> int | None:
        by_type = reaction_counts(counts)
        return None if None in by_type.values() else sum(count or 0 for count in by_type.values())


class Reactions(_Reactions):
    """Reactions on posts.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "reactions"
    resource = "dmaReactions"
    parent_stream_type = Posts
    primary_keys = ("post", "row_key")
    schema = columns(key("post", URN), key("row_key", PERSON_KEY), *_REACTION_COLUMNS, others=OTHERS_OF_MEMBER)


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
        key("comment", URN, description="URN of the comment that was reacted on."),
        key("row_key", PERSON_KEY),
        th.Property("post", URN, description="URN of the post under which the comment is."),
        *_REACTION_COLUMNS,
        others=OTHERS_OF_MEMBER,
    )
