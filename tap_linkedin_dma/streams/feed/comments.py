"""Comments on posts, and replies to any depth: those listed for a post, and those under each comment with replies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.batch_get import MAX_BATCH
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    AUDIT,
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
    member_data,
    object_of,
)
from tap_linkedin_dma.streams.feed.counts import UNKNOWN_COUNTS, comment_counts, read_counts
from tap_linkedin_dma.streams.feed.listings import LISTED_AT, MAX_BATCH_AGE, Engagement, ListedElement, ListingTask
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_MOST_COUNTS = 10_000

Counts = dict[str, Entity | None]
"""The social metadata of comments by URN; None if LinkedIn does not give it."""


@dataclass(frozen=True)
class _Thread:
    """The comments listed on one post itself, None if LinkedIn refuses, and those whose counts are read for replies."""

    owed: ListingTask
    comments: Sequence[ListedElement] | None
    to_count: Sequence[str]
    counts: Counts = field(default_factory=dict)

    @property
    def is_counted(self) -> bool:
        return len(self.counts) == len(self.to_count)


class Comments(Engagement):
    """Comments on posts, and replies to any depth.

    Text and author are missing together if the author has not agreed to be shown.

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
        key("urn", URN, description="URN of the comment: urn:li:comment:(urn:li:activity:ACTIVITY,NUMBER)."),
        th.Property("organization", URN),
        th.Property("post", URN, description="URN of the post under which it was listed, for replies too."),
        th.Property(
            "root_post",
            URN,
            description="URN of the post that `post` reshares, else the same as `post`; not the beginning of the "
            "thread.",
        ),
        th.Property(
            "parent_comment",
            URN,
            description="URN of the comment that a reply answers; NULL for a comment on the post itself.",
        ),
        th.Property("id", INTEGER, description="Number of the comment, the last in its URN."),
        th.Property(
            "object", URN, description="URN of the content that was commented on, as a rule the post's activity."
        ),
        th.Property(
            "text", member_data(TEXT), description="Text of the comment; NULL if LinkedIn does not show its author."
        ),
        th.Property(
            "commentary",
            member_data(object_of("text", text=TEXT, attributes=array())),
            description="Text and its attributes, as LinkedIn sends them; see `text`.",
        ),
        th.Property(
            "message",
            member_data(object_of("text", text=TEXT)),
            description="Text in the older form of LinkedIn's API; see `text`.",
        ),
        th.Property(
            "content", member_data(array()), description="Images and links of the comment, as LinkedIn sends them."
        ),
        th.Property(
            "agent",
            PERSON,
            description="URN of the one who acted for the actor; LinkedIn may not send it.",
        ),
        th.Property(
            "likes_summary",
            object_of(),
            description="Summary of the reactions, if LinkedIn sends it; see `comment_social_metadata`.",
        ),
        th.Property(
            "comments_summary",
            object_of(),
            description="Summary of the replies, if LinkedIn sends it; see `comment_social_metadata`.",
        ),
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
        """The context of a comment; None if LinkedIn lists it under another type of URN, since it cannot be read."""
        comment = row["urn"]
        return (
            {**context, "comment": comment, **self.pop_counts(comment)}
            if urns.urn_type(comment) in self.urn_types
            else None
        )

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._counts: Counts = {}
        """Counts that were read to find replies, and have not been passed to the children of comments yet."""

    def counts_fingerprint(self, counts: Entity) -> str:
        """The number of comments with replies, and without."""
        count, at_the_top = comment_counts(counts)
        if count is None:
            return UNKNOWN_COUNTS
        return f"{count}/{at_the_top}" if count else ""

    def counted(self, counts: Entity) -> int | None:
        return comment_counts(counts)[0]

    def listings(self, owed: Sequence[ListingTask]) -> Iterator[tuple[ListingTask, Sequence[ListedElement] | None]]:
        """Replies are listed under the comment they answer; a post's own listing may hold them or not."""
        threads = (self._thread(post, comments) for post, comments in super().listings(owed))
        return self.side_by_side(self._with_replies, self._with_counts(threads))

    def pop_counts(self, comment: str) -> Context:
        """The part of a comment's child context with its counts, once, if they have been read."""
        return {"counts": self._counts.pop(comment)} if comment in self._counts else {}

    def _thread(self, owed: ListingTask, comments: Sequence[ListedElement] | None) -> _Thread:
        return _Thread(owed, comments, self._may_have_replies(owed, comments or (), comments or ()))

    def _may_have_replies(
        self, owed: ListingTask, found: Sequence[ListedElement], of_late: Sequence[ListedElement]
    ) -> Sequence[str]:
        """Those of `of_late` that may have replies: none if the count of the post says that all are found."""
        count, at_the_top = comment_counts(owed.counts)
        many = len({listed.urn for listed in found})
        # If more are listed than counted, the counts are late, and nothing follows about replies.
        if count is not None and at_the_top is not None and not at_the_top < count != many:
            return ()
        asked = (listed.urn for listed in of_late if listed.urn and urns.urn_type(listed.urn) in self.urn_types)
        return list(dict.fromkeys(asked))

    def _with_counts(self, threads: Iterator[_Thread]) -> Iterator[_Thread]:
        """The threads with the counts of their comments, of which one call reads fifty, whichever posts they are on."""
        now = self.run_context.clock.monotonic
        waiting: deque[_Thread] = deque()
        to_count: list[tuple[_Thread, str]] = []
        began, fault = now(), None
        while fault is None:
            try:
                thread = next(threads)
            except StopIteration:
                break
            except DmaError as raised:  # raised again below: the threads before it are complete
                fault = raised
                break
            began = began if to_count else now()
            waiting.append(thread)
            to_count += [(thread, comment) for comment in thread.to_count]
            while len(to_count) >= MAX_BATCH or (to_count and now() - began > MAX_BATCH_AGE):
                self._count(to_count[:MAX_BATCH])
                del to_count[:MAX_BATCH]
            while waiting and waiting[0].is_counted:
                yield waiting.popleft()
        self._count(to_count)
        yield from waiting
        if fault:
            raise fault

    def _count(self, comments: Sequence[tuple[_Thread, str]]) -> None:
        counts = self._read_counts([comment for _, comment in comments])
        for thread, comment in comments:
            thread.counts[comment] = counts[comment]

    def _with_replies(self, thread: _Thread) -> tuple[ListingTask, Sequence[ListedElement] | None]:
        """All comments listed on a post and under its comments; None if LinkedIn refuses."""
        owed, counts = thread.owed, thread.counts
        if thread.comments is None:
            return owed, None
        found = list(thread.comments)
        with self.skipping_one(owed.context):
            while counts:
                known = {listed.urn for listed in found}
                replies = [reply for reply in self._replies(owed, counts) if reply.urn not in known]
                found += replies
                counts = self._read_counts(self._may_have_replies(owed, found, replies))
            return owed, found
        return owed, None

    def _replies(self, owed: ListingTask, counts: Counts) -> Iterator[ListedElement]:
        """The replies to these comments, unless their counts say that there are none."""
        for comment, counted in counts.items():
            if self.counts_fingerprint(counted or {}):
                yield from self.listed_on(comment, {**owed.context, "parent_comment": comment})

    def _read_counts(self, comments: Sequence[str]) -> Counts:
        found = read_counts(self, comments) if comments else BatchResult()
        if found is None:
            return dict.fromkeys(comments)
        counts = {comment: found.get(comment) for comment in comments}
        if self.children:
            if len(self._counts) > _MOST_COUNTS:
                # Nothing takes the counts of comments that LinkedIn withholds; others that are needed are read again.
                self._counts.clear()
            self._counts.update((comment, counts[comment]) for comment in counts.keys() - found.unanswered.keys())
        return counts
