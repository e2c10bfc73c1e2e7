"""Listings that LinkedIn does not narrow by time: what has not changed since the last run does not leave again.

A time before the bookmark, less two days, is one that an earlier run has read: LinkedIn's data may be late.
What has no time always leaves. The bookmark moves when a listing has ended, never before and never back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import cast

from tap_linkedin_dma.access import Finder
from tap_linkedin_dma.asking import Parent
from tap_linkedin_dma.stream import Page
from tap_linkedin_dma.values import milliseconds, timestamp

_LAG_MS = 2 * 24 * 60 * 60 * 1000


class ChangedSince(Finder):
    """A listing whose elements say by the stream's replication key when they were changed."""

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
        return milliseconds(bookmark) - _LAG_MS if bookmark else 0

    def _pages_of(self, parent: Parent) -> Iterator[Page]:
        column, newest = cast("str", self.replication_key), ""
        for page in super()._pages_of(parent):
            rows, since = list(page.rows), timestamp(self.since_ms(parent))
            newest = max([newest, *(row[column] or "" for row in rows)])
            yield replace(page, rows=[row for row in rows if not row[column] or row[column] >= since])
        if newest:
            # A time to come would hide what changes until then.
            newest = min(newest, timestamp(int(self.connection.began.timestamp() * 1000)))
            yield Page(settle=partial(self.move_bookmark, parent, newest))
