"""What all streams of one run share beside the way to LinkedIn: what is left out, mentioned, or may enter the state.

A record that names a person has left for good only when that person has been looked up: the next run does not
meet the record again. So nothing enters the state before what its records mention has been looked up: a lookup that
fails holds back the streams that have mentioned something to it, and no others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.output.run_summary import RunSummary
from tap_linkedin_dma.sync.batches import DerivedRows
from tap_linkedin_dma.sync.referenced_urns import ReferencedUrns

_MENTIONS_OF_A_LOOKUP = 500
"""URNs that wait at most: ten batches, so that few of them are not full."""

_LONGEST_WAIT = 60.0
"""Seconds after which they are looked up, however few they are."""


class _Commit(NamedTuple):
    streams: Sequence[str]
    commit: Callable[[], None]
    owe: Callable[[], None] | None
    look_ups: int


class LooksUp(Protocol):
    """A stream that looks up what others mention."""

    name: str

    @property
    def is_holding(self) -> bool:
        """Whether those that mentioned something to it must mention it again in the next run: it has failed."""

    @property
    def is_owing(self) -> bool:
        """Whether what was mentioned to it since the time before the last must be mentioned again: it lacks answers."""

    def look_up(self) -> None:
        """Emit what is known of all that was mentioned since the last time."""


@dataclass
class SharedReadings:
    """What a stream reads that others need too; each is put here by the stream that reads it."""

    organizations: Callable[[], Sequence[str]] | None = None
    """The URNs of the organizations on which the token's member has a role."""

    page_profiles: Callable[[str], Sequence[Entity]] | None = None
    """The profiles of the pages of an organization, which is named by its URN."""

    consents: Callable[[], Sequence[Entity]] | None = None
    """What the member has agreed to."""

    full_listings: DerivedRows | None = None
    """Takes which posts have been listed in full."""


class Run:
    """One run.

    Args:
        clock: where the time comes from.
    """

    def __init__(self, clock: Clock) -> None:
        self.summary = RunSummary()
        self.shared = SharedReadings()
        self.referenced_urns = ReferencedUrns()
        self.lookups: list[LooksUp] = []
        """In the order in which they are read."""

        self.streams_before: frozenset[str] = frozenset()
        """The streams of which an earlier run has read something that this one does not read again."""

        self.table_version: int | None = None
        """The version of the tables that are read whole; None where none is told."""

        self.saved: dict[str, Any] = {}
        """What the state keeps of runs, rather than of a stream."""

        self._clock = clock
        self._pending_commits: deque[_Commit] = deque()
        self.look_ups = 0
        """How often it was begun to look up what was mentioned, and how often that was done."""

        self._lacking_since: dict[str, int] = {}
        """By lookup, the last time that it lacked answers."""

        self._looked_up_at = clock.monotonic()
        self._held: set[str] = set()
        """The streams that have mentioned something to a lookup that failed."""

    def begin_summary(self) -> RunSummary:
        """Leave behind what was left out so far."""
        self.summary = RunSummary()
        return self.summary

    def resume(self, saved: dict[str, Any], table_version: int | None) -> None:
        """Go on from what the state keeps of runs.

        Args:
            saved: that part of the state, which is written to.
            table_version: of the tables that are read whole; None where none is told.
        """
        self.saved = saved
        self.table_version = table_version

    def remember_throttled(self, resource: str) -> None:
        """Keep in the state that LinkedIn insists on the long interval of a resource."""
        self.saved.setdefault("slow_since", {})[resource] = int(self._clock.now().timestamp())

    def throttled_resources(self, within: int) -> Collection[str]:
        """The resources of which that is known, and for how many seconds at most."""
        oldest = self._clock.now().timestamp() - within
        since = {name: at for name, at in self.saved.pop("slow_since", {}).items() if at > oldest}
        if since:
            self.saved["slow_since"] = since
        return since

    def commit_after_lookups(
        self, streams: Sequence[str], commit: Callable[[], None], owe: Callable[[], None] | None, look_ups: int
    ) -> None:
        """Make a commit as soon as what these streams have mentioned has been looked up.

        Never if one of them has mentioned something to a lookup that failed: the next run would not meet it again.

        Args:
            streams: the names of that whose state it is, and of those below.
            commit: writes into the state.
            owe: does so in its place, if an answer is lacking; see `RecordBatch`.
            look_ups: the attribute, before the stream mentioned anything of what is committed.
        """
        due = _Commit(streams, commit, owe, look_ups)
        if any(self.referenced_urns.has_fed(stream) for stream in streams) and (
            self._pending_commits or self.referenced_urns.pending
        ):
            self._pending_commits.append(due)
        else:
            self._make(due)

    def _make(self, due: _Commit) -> None:
        if not self._held.isdisjoint(due.streams):
            return
        stream = due.streams[0]
        lacks = any(
            since >= due.look_ups and stream in self.referenced_urns.feeders(lookup)
            for lookup, since in self._lacking_since.items()
        )
        if not lacks:
            due.commit()
        elif due.owe:
            due.owe()
        else:
            self._held.add(stream)

    def look_up_if_due(self) -> None:
        """Look up what was mentioned if it is much, or something has waited for it for long."""
        waits = self._clock.monotonic() - self._looked_up_at
        is_due = self.referenced_urns.pending >= _MENTIONS_OF_A_LOOKUP or (
            self._pending_commits and waits >= _LONGEST_WAIT
        )
        if is_due and self.referenced_urns.has_known:
            self.look_up()

    def look_up_all(self) -> None:
        """Look up all that was mentioned, by what is looked up too."""
        # Once at least: earlier runs may have left something without an answer.
        while not self.look_ups or self.referenced_urns.pending or self._pending_commits:
            self.look_up()

    def look_up(self) -> None:
        """Look up what was mentioned, then make the commits that waited for it when it began."""
        due = len(self._pending_commits)
        self.referenced_urns.pending = 0
        self.look_ups += 1
        for lookup in self.lookups:
            lookup.look_up()
            if lookup.is_owing:
                self._lacking_since[lookup.name] = self.look_ups
        holding = [lookup.name for lookup in self.lookups if lookup.is_holding]
        self._held.update(stream for lookup in holding for stream in self.referenced_urns.feeders(lookup))
        # What is mentioned from now on was not asked for.
        self.look_ups += 1
        for _ in range(due):
            self._make(self._pending_commits.popleft())
        self._looked_up_at = self._clock.monotonic()
