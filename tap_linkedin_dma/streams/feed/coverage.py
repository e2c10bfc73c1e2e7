"""Per-post streams: how far an organization's posts have been read, and what the last scan of them found."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.state.checkpoints import Position
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.sync.batches import Context

HTTP_GONE = (404, 410)
"""The statuses of something that no longer exists."""

HTTP_WITHHELD = 403

_parse_ms = lru_cache(parse_ms)
"""For a text that is asked for with each post."""

NO_TIMESTAMP = sys.maxsize
"""Stands for the time of a post whose URN does not give it: later than any, so that the post counts as new."""


class PostCoverage:
    """How far a stream has covered an organization's posts, and which posts it still owes, as the state keeps it.

    The scan of the posts says how it gets on. Subclasses do more then, and may owe posts for reasons of their own.

    Args:
        stream: the stream.
        window: the setting with the greatest age, in days, of a post that is scanned again.
        backfill: whether older posts are scanned once.
        entity_column: the column of a context with the entity that is requested: a post, or a comment on one.
    """

    def __init__(
        self,
        stream: DmaStream,
        window: str = "engagement_window_days",
        *,
        backfill: bool = True,
        entity_column: str = "post",
    ) -> None:
        self.stream = stream
        self.window = window
        self.backfill = backfill
        self._entity_column = entity_column
        self._is_of_posts = entity_column == "post"
        started_at = stream.run_context.started_at
        self._window_begins_ms = int(started_at.subtract(days=stream.config[window]).timestamp() * 1000)
        self.now_s = int(started_at.timestamp())
        """When the run began, epoch seconds."""

        self.run_started_at = format_ms(int(started_at.timestamp() * 1000))
        """The same as a timestamp, which is on every row of the run."""

    def on_scan_started(self, organization: Context) -> None:
        """Called when a scan of an organization's posts begins."""

    def rows_of_met(self, organization: Context, scan: PostScan, posts: Sequence[str]) -> Sequence[Context]:
        """The rows that the stream gets from a page of a scan, in addition to those that it reads itself."""
        return ()

    def on_batch_emitted(self, organization: Context, scan: PostScan, posts: Sequence[str]) -> None:
        """Record in the state that a page of a scan, and all streams below its posts, have been emitted."""

    def rows_at_end(self, organization: Context, scan: PostScan) -> Sequence[Context]:
        """The rows that the stream gets when all posts of a scan are read; it may make requests for them."""
        return ()

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        """Record in the state that all posts of a scan, and all streams below them, have been emitted.

        It is not called for an organization that LinkedIn refuses to show to this stream.
        """
        self.advance(organization, scan.newest)

    def also_owed(self, organization: Context) -> Iterable[str]:
        """Posts that the stream owes in addition to those that the state lists as owed, by short name."""
        return ()

    def newest_post(self, organization: Context) -> int | None:
        """When the newest post covered was published, epoch ms; None for none yet."""
        text = None if self.stream.is_full_table else self.stream.state_of(organization).get("posts_to")
        return _parse_ms(text) if text else None

    def advance(self, organization: Context, newest: int) -> None:
        """Record that all posts are covered up to one that was published then, epoch ms; 0 for none."""
        if self.backfill and newest:
            state = self.stream.state_of(organization)
            state["posts_to"] = max(format_ms(newest), state.get("posts_to", ""))

    def rescan_from(self, organization: Context) -> int:
        """The time from which posts must be scanned, epoch ms; older ones are covered for good.

        That is the beginning of the stream's window, or of a longer pause between two runs, with LinkedIn's lag.
        """
        if not self.backfill:
            return self._window_begins_ms
        to = self.newest_post(organization)
        return 0 if to is None else min(to - FEED_LAG_MS, self._window_begins_ms)

    def must_cover(self, post: Context) -> bool:
        """Whether a post is young enough to be read, or is owed."""
        return (
            post["post_time"] >= self.rescan_from(post)
            or bool(post.get("is_owed"))
            or strip_prefix(post["post"]) in self.owed_posts(post)
        )

    def owed_posts(self, organization: Context) -> Collection[str]:
        """The posts that are read again, however old they are, by short name.

        LinkedIn gave no answer about something on them, or its listings are behind its counts.
        """
        owed: Mapping[str, Any] = self.stream.state_of(organization).get("owed", {})
        return {*owed, *self.also_owed(organization)}

    def owed_since(self, context: Context) -> int | None:
        """Since when a post, or a comment, is owed: epoch seconds; None if it is not."""
        kept = self.stream.state_of(context).get("owed", {}).get(strip_prefix(context["post"]))
        since: int | None = kept.get(self.name_of(context)) if isinstance(kept, Mapping) else kept
        return since

    def owe(self, context: Context, since: int | None = None) -> None:
        """Record in the state that a post, or a comment on one, must be read again.

        Args:
            context: of the post or comment.
            since: epoch seconds; None to keep the time in the state, or else that of this run.
        """
        owed, post = self.stream.state_of(context).setdefault("owed", {}), strip_prefix(context["post"])
        since = since or self.owed_since(context) or self.now_s
        if self._is_of_posts:
            owed[post] = since
        else:
            owed.setdefault(post, {})[self.name_of(context)] = since

    def has_paid(self, context: Context) -> None:
        """Record that a post, or a comment, is no longer owed."""
        state, post = self.stream.state_of(context), strip_prefix(context["post"])
        kept = state.get("owed", {}).get(post)
        if isinstance(kept, dict):
            kept.pop(self.name_of(context), None)
        if kept is not None and (not kept or self._is_of_posts):
            del state["owed"][post]
            if not state["owed"]:
                del state["owed"]

    def name_of(self, context: Context) -> str:
        """The name of a post or comment in the state; a comment's number is unique, whatever the comment is on."""
        entity: str = context[self._entity_column]
        return strip_prefix(entity) if self._is_of_posts else entity.rpartition(",")[2].rstrip(")")


@runtime_checkable
class CoversPosts(Protocol):
    """A stream that covers an organization's posts: the posts themselves, or a stream that depends on them."""

    @property
    def coverage(self) -> PostCoverage: ...


@dataclass
class PostScan:
    """The posts that one scan of an organization has met."""

    since: int = 0
    """The earliest time of publication that it covers, epoch ms."""

    made_since: int = 0
    """The earliest time of creation that it covers, epoch ms."""

    times: dict[str, int] = field(default_factory=dict)
    """By URN, when each post was published, epoch ms; if that is not known, when it was made, or NO_TIMESTAMP."""

    old_in_a_row: int = 0
    """How many of the posts listed last, one after the other, are too old for the scan."""

    versions: dict[str, int] = field(default_factory=dict)
    """A hash of each post with the time of its last edit, by URN; of those that LinkedIn shows."""

    missing: dict[str, int | None] = field(default_factory=dict)
    """The status that LinkedIn gave in place of a post, by URN; None for none."""

    published_to: str | None = None
    """The `published_at` of the post that was published last."""

    newest_before: int = 0
    """When the newest post met by the run that this scan resumes was published; 0 if it resumes none."""

    rows: int = 0
    """How many posts were listed."""

    @property
    def newest(self) -> int:
        """When the newest post was published, epoch ms; 0 if none is known."""
        return max([self.newest_before, *(when for when in self.times.values() if when < NO_TIMESTAMP)])

    def go_on_from(self, place: Position) -> None:
        """Resume the scan of an earlier run, whose posts were newer; does nothing if the scan begins at the start."""
        self.newest_before = place.get("newest", 0)
        self.published_to = place.get("published_to") or self.published_to
        self.rows = place.get("rows", 0)


def created_ms(urn: object) -> int:
    """When a post was made, epoch ms; a post whose URN does not say counts as new."""
    when = urns.created_ms(urn) if isinstance(urn, str) else None
    return NO_TIMESTAMP if when is None else when


def add_prefix(name: str) -> str:
    """The URN of a post that the state keeps by its short name."""
    return f"urn:li:{name}"


def strip_prefix(urn: str) -> str:
    """A post's URN as the state keeps it: short, since there are many."""
    return urn.removeprefix("urn:li:")
