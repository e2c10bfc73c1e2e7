"""Comments with their replies, to any depth: what is listed for a post, and under each comment that has some."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.batch_get import MAX_BATCH
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.rows.conversion import whole
from tap_linkedin_dma.streams.feed.engagement import UNKNOWN_COUNTS, Engagement
from tap_linkedin_dma.streams.feed.listings import MAX_BATCH_AGE, ListedElement, ListingTask
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_MOST_COUNTS = 10_000

Counts = dict[str, Entity | None]
"""The social metadata of comments by URN; None where LinkedIn does not give it."""


@dataclass(frozen=True)
class _Thread:
    """What is listed on one post itself, None where LinkedIn refuses, and the comments whose counts tell of replies."""

    owed: ListingTask
    comments: Sequence[ListedElement] | None
    to_count: Sequence[str]
    counts: Counts = field(default_factory=dict)

    @property
    def is_counted(self) -> bool:
        return len(self.counts) == len(self.to_count)


class CommentThreads(Engagement):
    """Comments on posts, and replies as far as counts tell of them."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._counts: Counts = {}
        """What was read to find replies, and the children of comments have not taken over yet."""

    def counts_fingerprint(self, counts: Entity) -> str:
        """Comments with replies, and without."""
        count, at_the_top = _counted(counts)
        if count is None:
            return UNKNOWN_COUNTS
        return f"{count}/{at_the_top}" if count else ""

    def counted(self, counts: Entity) -> int | None:
        return _counted(counts)[0]

    def listings(self, owed: Sequence[ListingTask]) -> Iterator[tuple[ListingTask, Sequence[ListedElement] | None]]:
        """Replies are listed under the comment they answer; a post's own listing may hold them or not."""
        threads = (self._thread(post, comments) for post, comments in super().listings(owed))
        return self.side_by_side(self._with_replies, self._in_lots(threads))

    def known_counts(self, comment: str) -> Context:
        """What children are told of a comment's counts where these were read already; once."""
        return {"counts": self._counts.pop(comment)} if comment in self._counts else {}

    def _thread(self, owed: ListingTask, comments: Sequence[ListedElement] | None) -> _Thread:
        return _Thread(owed, comments, self._to_count(owed, comments or (), comments or ()))

    def _to_count(
        self, owed: ListingTask, found: Sequence[ListedElement], of_late: Sequence[ListedElement]
    ) -> Sequence[str]:
        """Those found of late that may have replies: none where the count of the post says that all are found."""
        count, at_the_top = _counted(owed.counts)
        many = len({listed.urn for listed in found})
        # More listed than counted tells that the counts are late, and nothing of replies.
        if count is not None and at_the_top is not None and not at_the_top < count != many:
            return ()
        asked = (listed.urn for listed in of_late if listed.urn and urns.urn_type(listed.urn) in self.urn_types)
        return list(dict.fromkeys(asked))

    def _in_lots(self, threads: Iterator[_Thread]) -> Iterator[_Thread]:
        """The threads with the counts of their comments, of which one call gives fifty, on whichever posts they are."""
        now = self.run_context.clock.monotonic
        waiting: deque[_Thread] = deque()
        to_count: list[tuple[_Thread, str]] = []
        began, fault = now(), None
        while fault is None:
            try:
                thread = next(threads)
            except StopIteration:
                break
            except DmaError as raised:  # raised again below: the threads before it are whole
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
        """All that is listed on a post and under its comments; None where LinkedIn refuses."""
        owed, counts = thread.owed, thread.counts
        if thread.comments is None:
            return owed, None
        found = list(thread.comments)
        with self.skipping_one(owed.context):
            while counts:
                known = {listed.urn for listed in found}
                replies = [reply for reply in self._replies(owed, counts) if reply.urn not in known]
                found += replies
                counts = self._read_counts(self._to_count(owed, found, replies))
            return owed, found
        return owed, None

    def _replies(self, owed: ListingTask, counts: Counts) -> Iterator[ListedElement]:
        """The replies to these comments, as far as their counts do not say that there are none."""
        for comment, counted in counts.items():
            if self.counts_fingerprint(counted or {}):
                yield from self.listed_on(comment, {**owed.context, "parent_comment": comment})

    def _read_counts(self, comments: Sequence[str]) -> Counts:
        found = (self.counts_of(comments) if comments else None) or BatchResult()
        counts = {comment: found.get(comment) for comment in comments}
        if self.children:
            if len(self._counts) > _MOST_COUNTS:
                # Of comments that LinkedIn withholds nobody takes them; those that are missed are read again.
                self._counts.clear()
            self._counts.update((comment, counts[comment]) for comment in counts.keys() - found.unanswered.keys())
        return counts


def _counted(counts: Entity | None) -> tuple[int | None, int | None]:
    """How many comments social metadata counts, with replies and without; None where it does not say."""
    summary = (counts or {}).get("commentSummary", {})
    return whole(get_path(summary, "count")), whole(get_path(summary, "topLevelCount"))
