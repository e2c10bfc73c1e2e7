"""Listings that LinkedIn cannot filter by time: an element unchanged since the last run is not emitted again.

An element is unchanged if its time is more than two days before the bookmark: LinkedIn's data may be late. An element
without a time is always emitted. The bookmark moves when a listing has ended, never before and never back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from typing import ClassVar, cast

from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.state.packing import pack, short_hash, unpack
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.sync.batches import Context, RecordBatch

FEED_LAG_MS = 2 * 24 * 60 * 60 * 1000
"""LinkedIn's feed data may be two days old."""


class ModifiedSince(Finder):
    """A listing whose elements give the time of their last change in the stream's replication key."""

    tracks_listed_keys: ClassVar[bool] = False
    """Whether the state keeps hashes of listed elements: one new to the listing is emitted, whatever its time."""

    def bookmark(self, context: Context) -> str | None:
        """The time up to which all has been emitted, as a timestamp."""
        return None if self.is_full_table else self.state_of(context).get("replication_key_value")

    def advance_bookmark(self, context: Context, newest: str) -> None:
        """Record that all up to this timestamp has been emitted."""
        state = self.state_of(context)
        state["replication_key"] = self.replication_key
        state["replication_key_value"] = max(newest, state.get("replication_key_value", ""))

    def since_ms(self, context: Context) -> int:
        """The time before which an earlier run has emitted all: epoch ms, 0 for none."""
        bookmark = self.bookmark(context)
        return parse_ms(bookmark) - FEED_LAG_MS if bookmark else 0

    def checkpoint(self, context: Context) -> Checkpoint:
        # A checkpoint would forget the newest time before an interruption; the bookmark is enough to resume.
        return Checkpoint({}, dict, context, None, tuple)

    def _read_listing(self, context: Context, checkpoint: Checkpoint) -> Iterator[RecordBatch]:
        column, newest = cast("str", self.replication_key), ""
        before, listed = self._listed_before(context), set[int]()
        for batch in super()._read_listing(context, checkpoint):
            rows, since = list(batch.records), format_ms(self.since_ms(context))
            newest = max([newest, *(row[column] or "" for row in rows)])
            hashes = [self._hash(row) for row in rows]
            listed.update(hashes)
            late = [self.tracks_listed_keys and number not in before for number in hashes]
            due = [row for row, new in zip(rows, late, strict=True) if new or not row[column] or row[column] >= since]
            yield replace(batch, records=due)
        if newest:
            # A bookmark in the future would hide all changes until then.
            newest = min(newest, format_ms(int(self.run_context.started_at.timestamp() * 1000)))
            yield RecordBatch(commit=partial(self._end, context, newest, listed))

    def _end(self, context: Context, newest: str, listed: Collection[int]) -> None:
        self.advance_bookmark(context, newest)
        if self.tracks_listed_keys:
            self.state_of(context)["listed"] = pack(listed)

    def _listed_before(self, context: Context) -> Collection[int]:
        kept = self.state_of(context).get("listed")
        return frozenset(unpack(kept)) if kept else frozenset()

    def _hash(self, row: Row) -> int:
        return short_hash("|".join(str(row[name]) for name in self.primary_keys or ()))
