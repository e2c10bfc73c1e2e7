"""Listings that LinkedIn does not narrow by time: what has not changed since the last run does not leave again.

A time before the bookmark, less two days, is one that an earlier run has read: LinkedIn's data may be late.
What has no time always leaves. The bookmark moves when a listing has ended, never before and never back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from typing import ClassVar, cast

from tap_linkedin_dma.rows.conversion import milliseconds, timestamp
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.state.packing import hashed, pack, unpack
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.sync.batches import Page, Parent

LAG_MS = 2 * 24 * 60 * 60 * 1000
"""LinkedIn's feed data may be two days old."""


class ChangedSince(Finder):
    """A listing whose elements say by the stream's replication key when they were changed."""

    keeps_listed: ClassVar[bool] = False
    """Whether the state keeps hashes of what was listed: what the last listing lacked leaves, whatever its time."""

    def bookmark(self, parent: Parent) -> str | None:
        """Up to when all has left, as a timestamp."""
        return None if self.is_full_table else self.state_of(parent).get("replication_key_value")

    def move_bookmark(self, parent: Parent, newest: str) -> None:
        """Take note that all has left up to this timestamp."""
        state = self.state_of(parent)
        state["replication_key"] = self.replication_key
        state["replication_key_value"] = max(newest, state.get("replication_key_value", ""))

    def since_ms(self, parent: Parent) -> int:
        """What is older has left on an earlier run: epoch ms, 0 for nothing."""
        bookmark = self.bookmark(parent)
        return milliseconds(bookmark) - LAG_MS if bookmark else 0

    def checkpoint(self, parent: Parent) -> Checkpoint:
        # What was newest before a cut would be forgotten; the bookmark says where to go on.
        return Checkpoint({}, dict, parent, None, tuple)

    def _pages_of(self, parent: Parent, checkpoint: Checkpoint) -> Iterator[Page]:
        column, newest = cast("str", self.replication_key), ""
        before, listed = self._listed_before(parent), set[int]()
        for page in super()._pages_of(parent, checkpoint):
            rows, since = list(page.rows), timestamp(self.since_ms(parent))
            newest = max([newest, *(row[column] or "" for row in rows)])
            hashes = [self._hash(row) for row in rows]
            listed.update(hashes)
            late = [self.keeps_listed and number not in before for number in hashes]
            due = [row for row, new in zip(rows, late, strict=True) if new or not row[column] or row[column] >= since]
            yield replace(page, rows=due)
        if newest:
            # A time to come would hide what changes until then.
            newest = min(newest, timestamp(int(self.connection.began.timestamp() * 1000)))
            yield Page(settle=partial(self._end, parent, newest, listed))

    def _end(self, parent: Parent, newest: str, listed: Collection[int]) -> None:
        self.move_bookmark(parent, newest)
        if self.keeps_listed:
            self.state_of(parent)["listed"] = pack(listed)

    def _listed_before(self, parent: Parent) -> Collection[int]:
        kept = self.state_of(parent).get("listed")
        return frozenset(unpack(kept)) if kept else frozenset()

    def _hash(self, row: Row) -> int:
        return hashed("|".join(str(row[name]) for name in self.primary_keys or ()))
