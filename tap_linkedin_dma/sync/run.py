"""The summary, the referenced URNs and the pending commits, which all streams of one run share.

The next run does not meet again a record that is committed, so a person whom it names would never be looked up. So
nothing is committed to the state before the URNs that its records reference have been looked up: a lookup that fails
holds back the streams that have referenced a URN it seeks, and no others.
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
"""URNs that wait, at most: ten batches, so that few of them are not full."""

_LONGEST_WAIT = 60.0
"""Seconds after which URNs are looked up, however few they are."""


class _Commit(NamedTuple):
    streams: Sequence[str]
    commit: Callable[[], None]
    owe: Callable[[], None] | None
    look_ups: int


class LooksUp(Protocol):
    """A stream that looks up the URNs that others reference."""

    name: str

    @property
    def is_holding(self) -> bool:
        """Whether the streams that referenced its URNs must do so again in the next run, since it has failed."""

    @property
    def is_owing(self) -> bool:
        """Whether URNs referenced since the time before the last must be referenced again: answers are missing."""

    def look_up(self) -> None:
        """Emit what LinkedIn has on all URNs referenced since the last time."""


@dataclass
class SharedReadings:
    """Readings that several streams need; the stream that does the reading puts each of them here."""

    organizations: Callable[[], Sequence[str]] | None = None
    """The URNs of the organizations on which the token's member has a role."""

    page_profiles: Callable[[str], Sequence[Entity]] | None = None
    """The profiles of the pages of an organization, given by its URN."""

    consents: Callable[[], Sequence[Entity]] | None = None
    """The consents that the member has given."""

    full_listings: DerivedRows | None = None
    """The stream that records which posts have been listed in full."""


class Run:
    """One run.

    Args:
        clock: gives the time.
    """

    def __init__(self, clock: Clock) -> None:
        self.summary = RunSummary()
        self.shared = SharedReadings()
        self.referenced_urns = ReferencedUrns()
        self.lookups: list[LooksUp] = []
        """In the order in which they are read."""

        self.streams_before: frozenset[str] = frozenset()
        """The streams from which an earlier run has read something that this one does not read again."""

        self.table_version: int | None = None
        """The version of the tables that are read whole; None if no ACTIVATE_VERSION messages are written."""

        self.continues_listings = False
        """Whether listings are continued that an earlier run began: what they gave then is not emitted again."""

        self.organizations: Sequence[str] = ()
        """The URNs of the organizations that are read, once they are known."""

        self.saved: dict[str, Any] = {}
        """The part of the state that is about runs, rather than a stream."""

        self._clock = clock
        self._pending_commits: deque[_Commit] = deque()
        self.look_ups = 0
        """Begun and finished lookups of the URNs referenced, counted together."""

        self._lacking_since: dict[str, int] = {}
        """By lookup, the last time that answers were missing, as a value of `look_ups`."""

        self._looked_up_at = clock.monotonic()
        self._held: set[str] = set()
        """The streams that have referenced a URN that a failed lookup seeks."""

    def begin_summary(self) -> RunSummary:
        """Start a new summary, without what was skipped so far."""
        self.summary = RunSummary()
        return self.summary

    def note_missing(self, resource: str, number: int) -> None:
        """Count entities that LinkedIn does not return, which is its answer."""
        self.summary.add_missing(resource, number)

    def resume(self, saved: dict[str, Any], table_version: int | None) -> None:
        """Resume from the part of the state that is about runs.

        Args:
            saved: that part of the state, which is written to.
            table_version: of the tables that are read whole; None if no ACTIVATE_VERSION messages are written.
        """
        self.saved = saved
        self.table_version = table_version

    def remember_throttled(self, resource: str) -> None:
        """Record in the state that LinkedIn insists on the long interval of a resource."""
        self.saved.setdefault("slow_since", {})[resource] = int(self._clock.now().timestamp())

    def throttled_resources(self, within: int) -> Collection[str]:
        """The resources on whose long interval LinkedIn has insisted in the last `within` seconds."""
        oldest = self._clock.now().timestamp() - within
        since = {name: at for name, at in self.saved.pop("slow_since", {}).items() if at > oldest}
        if since:
            self.saved["slow_since"] = since
        return since

    def commit_after_lookups(
        self, streams: Sequence[str], commit: Callable[[], None], owe: Callable[[], None] | None, look_ups: int
    ) -> None:
        """Make a commit as soon as every URN that these streams have referenced has been looked up.

        Never if one of them has referenced a URN that a failed lookup seeks: the next run would not meet it again.

        Args:
            streams: the names of the stream whose state it is, and of those below.
            commit: writes to the state.
            owe: called in its place if an answer is missing; see `RecordBatch`.
            look_ups: the attribute, before the stream referenced anything of what is committed.
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
        """Look up the URNs referenced so far if they are many, or if a commit has waited long for them."""
        waits = self._clock.monotonic() - self._looked_up_at
        is_due = self.referenced_urns.pending >= _MENTIONS_OF_A_LOOKUP or (
            self._pending_commits and waits >= _LONGEST_WAIT
        )
        if is_due and self.referenced_urns.has_known:
            self.look_up()

    def look_up_all(self) -> None:
        """Look up all URNs referenced, those in the records of lookups too."""
        # Once at least: earlier runs may have left something without an answer.
        while not self.look_ups or self.referenced_urns.pending or self._pending_commits:
            self.look_up()

    def look_up(self) -> None:
        """Look up the URNs referenced so far, then make the commits that were waiting when it began."""
        due = len(self._pending_commits)
        self.referenced_urns.pending = 0
        self.look_ups += 1
        for lookup in self.lookups:
            lookup.look_up()
            if lookup.is_owing:
                self._lacking_since[lookup.name] = self.look_ups
        holding = [lookup.name for lookup in self.lookups if lookup.is_holding]
        self._held.update(stream for lookup in holding for stream in self.referenced_urns.feeders(lookup))
        # URNs referenced from now on were not looked up.
        self.look_ups += 1
        for _ in range(due):
            self._make(self._pending_commits.popleft())
        self._looked_up_at = self._clock.monotonic()
