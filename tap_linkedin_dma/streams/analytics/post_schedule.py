"""When each post is requested again: often while it is young, seldom later, and at once if its counts have changed.

LinkedIn gives the figures of any day of the last 14 months at any time, so that nothing is lost by asking later, in one
request for all days since. The state keeps, for each post of the window, the day up to which it has been read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date

from tap_linkedin_dma.api.errors import PermanentError, TimeoutTooLarge, TransientError
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.state.packing import short_hash
from tap_linkedin_dma.state.post_days import MOST_COUNTS, PostDays
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams.feed.counts import reaction_counts, read_counts_once
from tap_linkedin_dma.streams.feed.coverage import PostCoverage, PostScan, created_ms, strip_prefix
from tap_linkedin_dma.sync.batches import Context, ContextBatch

BY_AGE = "by_age"
"""The value of the setting `post_analytics_schedule` by which older posts are requested less often."""

_YOUNG_DAYS = 28
"""Posts younger than this are requested on every run."""

_WEEKLY_DAYS = 90
_WEEK = 7
LONGEST_STEP = 28
"""Days between two requests for a post older than `_WEEKLY_DAYS`; the weekly ones fall on the same days."""

_LINKEDIN_KEEPS_DAYS = 14 * 31
_DAY_S = 24 * 60 * 60
_DAY_MS = _DAY_S * 1000
_EPOCH = date(1970, 1, 1).toordinal()
_KEY = "read_to"
_LAST_SCAN = "scanned_on"


class PostSchedule(PostCoverage):
    """Which posts of an organization are due, and up to which day each has been read.

    Days are whole UTC days, as numbers since 1970; the day that a post is read up to is not itself read.

    Args:
        stream: the stream that requests the posts.
    """

    def __init__(self, stream: DmaStream) -> None:
        super().__init__(stream)
        self._is_by_age = stream.config["post_analytics_schedule"] == BY_AGE
        self.today = self.now_s // _DAY_S
        """The day of the run."""

        self._kept: dict[str, PostDays] = {}
        self._without_days: set[str] = set()
        """Organizations of which the state that this run began with kept no days."""

        self._leaving: dict[str, Collection[str]] = {}
        self._counts: dict[str, int] = {}
        """A number for the counts at which this run has found each post, by URN."""

    def note_counts(self, posts: ContextBatch) -> None:
        """Note the counts of posts, if these decide on what is due; without LinkedIn's answer, age alone decides."""
        if self._is_by_age and posts.items:
            with suppress(PermanentError, TimeoutTooLarge, TransientError):
                counts = read_counts_once(self.stream, posts, "post") or BatchResult()
                self._counts.update((urn, _fingerprint(entity)) for urn, entity in counts.items())

    def knows(self, post: Context) -> bool:
        """Whether the state would say if a post had been read; earlier releases kept one day for all posts."""
        self._days(post)
        return post["organization"] not in self._without_days and PostDays.can_keep(post["post"])

    def read_to(self, post: Context) -> int | None:
        """The day up to which a post has been read; None if it has to be read from its first day on."""
        kept = self._days(post).get(post["post"])
        # One in the future comes from a run with a wrong clock.
        return None if kept is None or kept[0] > self.today or self.stream.is_full_table else kept[0]

    def end(self, post: Context) -> int:
        """The day up to which a post is to be read: today, or that of the last scan that has met it in the window."""
        return self._last_scan(post) if self._has_left(post) else self.today

    def is_due(self, post: Context) -> bool:
        """Whether a post is to be requested on this run."""
        read_to = self.read_to(post)
        if read_to is None:
            return post["post_time"] >= self.rescan_from(post) or bool(post.get("is_owed"))
        if self._has_left(post):
            return read_to < self.end(post)
        if read_to == self.today and self._last_scan(post) != self.today:
            return False  # an earlier run of today, which was cut off, has read it
        age = self.now_s * 1000 - post["post_time"]
        if not self._is_by_age or age < _YOUNG_DAYS * _DAY_MS or self._has_changed(post["post"], self._days(post)):
            return True
        if post["post_time"] - self.rescan_from(post) < _DAY_MS:
            return True  # the next run will find it older than the window
        step = _WEEK if age < _WEEKLY_DAYS * _DAY_MS else LONGEST_STEP
        phase = short_hash(post["post"]) % LONGEST_STEP
        return (read_to + phase) // step < (self.today + phase) // step

    def record(self, post: Context, day: int | None = None) -> None:
        """Record in the state that a post has been read up to a day, or to the end of what was to be read."""
        read_to = self.end(post) if day is None else day
        if post["post_time"] >= self.rescan_from(post) or self._has_left(post):
            self._days(post).put(post["post"], read_to, self._counts.get(post["post"], 0))

    def also_owed(self, organization: Context) -> Iterable[str]:
        """The posts that may have left the window, and that no run has read up to the last scan: by short name."""
        known = organization["organization"]
        if known not in self._leaving:
            last, since = self._last_scan(organization), self.rescan_from(organization)
            self._leaving[known] = [
                strip_prefix(urn)
                for urn, (day, _) in self._days(organization).items()
                if day < last and created_ms(urn) < since
            ]
        return self._leaving[known]

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        """Drop from the state the posts that have left the window and are read; the window is that of the next run."""
        super().on_scan_finished(organization, scan)
        last, since = self._last_scan(organization), self.rescan_from(organization)
        start = self.stream.start
        start_ms = int(start.timestamp() * 1000) if start else 0

        def is_kept(urn: str, day: int) -> bool:
            when = scan.times.get(urn, created_ms(urn))
            is_obtainable = when >= start_ms and day > self.today - _LINKEDIN_KEEPS_DAYS
            return is_obtainable and (when >= since or day < last)

        self._days(organization).keep_only(is_kept)
        self._leaving.pop(organization["organization"], None)
        self.stream.state_of(organization)[_LAST_SCAN] = _date(self.today)

    def _has_left(self, post: Context) -> bool:
        is_old = post["post_time"] < self.rescan_from(post)
        return is_old and self.read_to(post) is not None

    def _has_changed(self, urn: str, days: PostDays) -> bool:
        """Whether the counts of a post are others than when it was read; not if either are unknown."""
        now, (_, then) = self._counts.get(urn, 0), days.get(urn) or (0, 0)
        return bool(now and then) and now != then

    def _last_scan(self, organization: Context) -> int:
        """The day of the last scan that came to its end; 0 for none."""
        text = self.stream.state_of(organization).get(_LAST_SCAN)
        return min(_day(text), self.today) if text else 0

    def _days(self, organization: Context) -> PostDays:
        known = organization["organization"]
        if known not in self._kept:
            state = self.stream.state_of(organization)
            if _KEY not in state:
                self._without_days.add(known)
            self._kept[known] = PostDays(state, _KEY)
        return self._kept[known]


def _fingerprint(counts: Entity) -> int:
    """A number for the counts of a post; two that are taken for each other are one case in 65,000."""
    comments = get_path(counts, "commentSummary.count")
    return short_hash(f"{comments} {sorted(reaction_counts(counts).items())}") % MOST_COUNTS + 1


def _day(text: str) -> int:
    return date.fromisoformat(text[:10]).toordinal() - _EPOCH


def _date(day: int) -> str:
    return date.fromordinal(day + _EPOCH).isoformat()
