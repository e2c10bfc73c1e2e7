"""Progress of a run: calls and records of each stream, reported while it runs and when it ends.

A line a minute goes to the log; if the log is a terminal, live lines are shown below it instead. A run ends with a
table. No data from LinkedIn are shown, except how many there are.
"""

from __future__ import annotations

import logging
import math
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from weakref import WeakSet

import requests

from tap_linkedin_dma.api import responses
from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.json_bodies import Body
from tap_linkedin_dma.api.json_paths import get_path
from tap_linkedin_dma.output import terminal

_SECONDS_OF_A_LINE = 60.0
_HEADINGS = ("stream", "records", "calls", "retries", "waiting s")

logger = logging.getLogger("tap-linkedin-dma.progress")


@dataclass(eq=False)
class _Listing:
    """A listing that is being read."""

    is_batch: bool
    """Whether its elements are listings themselves."""

    from_start: bool
    """If not, its total counts rows that this run does not read."""

    rows: int = 0
    total: int | None = None

    def take(self, body: Body) -> int:
        """Count a page.

        Returns:
            The number of its rows.
        """
        listings = responses.elements(body) if self.is_batch else [body]
        rows = sum(len(responses.elements(listing)) for listing in listings)
        totals = [get_path(listing, "paging.total") for listing in listings]
        known = [total for total in totals if isinstance(total, int) and total > 0]
        if self.from_start and known and len(known) == len(totals):
            self.total = sum(known)
        self.rows += rows
        return rows


@dataclass
class _Waiting:
    """The time in which at least one of several threads waits for its turn; not their sum, which may exceed the run."""

    seconds: float = 0.0
    _threads: int = 0
    _since: float = 0.0

    def begin(self, now: float) -> None:
        """One more waits."""
        self._since = self._since if self._threads else now
        self._threads += 1

    def end(self, now: float) -> None:
        """One has its turn."""
        self._threads -= 1
        self.seconds += 0.0 if self._threads else now - self._since


@dataclass
class _Figures:
    """The figures of one stream so far; times in seconds."""

    emitted: Callable[[], int] = int
    calls: int = 0
    planned_calls: int = 0
    """Calls that the stream knows it will make, retries not counted; 0 if it knows none."""

    planned_listings: int = 0
    """Likewise the listings that it will read."""

    listed: int = 0
    """How many listings have ended."""

    retries: int = 0
    waiting: _Waiting = field(default_factory=_Waiting)
    working: float = 0.0
    under_way: int = 0
    """Calls that wait or are under way."""

    rows: int = 0
    pages: int = 0
    listings: list[_Listing] = field(default_factory=list)
    """Those under way."""

    _first: tuple[float, int] = (0.0, 0)
    _last: tuple[float, int] = (0.0, 0)
    """When the first page and the last arrived, and the rows until then."""

    def take(self, rows: int, now: float) -> None:
        """Count a page and its rows."""
        self.rows += rows
        self.pages += 1
        self._last = (now, self.rows)
        if self.pages == 1:
            self._first = self._last

    @property
    def sums(self) -> Sequence[float]:
        """A line of the table."""
        return (self.emitted(), self.calls, self.retries, self.waiting.seconds)

    def words(self, now: float) -> Sequence[str]:
        """The work under way: records and pages, pace, time left; without a listing, the calls."""
        if not self.listings:
            done, planned = self.calls - self.retries, self.planned_calls
            return [f"{done:,} of {counted(planned, 'call')}" if done <= planned else counted(self.calls, "call")]
        # The first page does not count: the time until it arrived says nothing about the pace.
        seconds, rows = (last - first for first, last in zip(self._first, self._last, strict=True))
        total = sum(listing.total or 0 for listing in self.listings) if self._knows_totals else 0
        of = f" of {total:,}" if total >= self.rows else ""
        read = [f"{self.rows:,}{of} records" if of else counted(self.rows, "record"), counted(self.pages, "page")]
        if self.listed <= self.planned_listings > 0:
            read.append(f"{self.listed:,} of {counted(self.planned_listings, 'listing')}")
        if not seconds or not rows:
            return read
        rate = rows / seconds
        return [*read, f"{60 * rate:,.0f} records/min", *self._left(rate, now)]

    @property
    def _knows_totals(self) -> bool:
        return all(listing.total is not None for listing in self.listings)

    def _left(self, rate: float, now: float) -> Iterator[str]:
        left = [listing.total - listing.rows for listing in self.listings if listing.total is not None]
        if self._knows_totals and sum(left) > 0:
            seconds = sum(left) / rate - (now - self._last[0])
            yield f"{max(1, math.ceil(seconds / 60)):,} min left"


class Progress:
    """The figures of one run, by stream. Threads may report at the same time.

    Args:
        clock: where the time comes from; it is read with each report.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._figures: dict[str, _Figures] = {}
        self._waiting = _Waiting()
        self._began = clock.monotonic()
        self._tried: WeakSet[requests.PreparedRequest] = WeakSet()
        # Reentered when an abandoned listing's generator is closed, and by a signal.
        self._lock = threading.RLock()
        self._line_is_due = math.inf
        self._shown: ExitStack | None = None

    def follow(self, stream: str, emitted: Callable[[], int]) -> None:
        """Add a stream to the figures.

        Args:
            stream: its name.
            emitted: the number of records emitted so far.
        """
        self._of(stream).emitted = emitted

    @contextmanager
    def call(self, name: str, request: requests.PreparedRequest, slot: AbstractContextManager[None]) -> Iterator[None]:
        """Wait for the slot of a request, and measure that wait and the time the request is under way.

        Args:
            name: the stream that makes it.
            request: the same object for each try.
            slot: is entered when the request may be sent.
        """
        figures = self._of(name)
        with self._counted(figures), ExitStack() as places:
            with self._measured(figures.waiting), self._measured(self._waiting):
                places.enter_context(slot)
            left = self._clock.monotonic()
            with self._lock:
                figures.calls += 1
                figures.retries += request in self._tried
                self._tried.add(request)
            self._tell_now_and_then(left)
            try:
                yield
            finally:
                with self._lock:
                    figures.working += self._clock.monotonic() - left

    def plan(self, name: str, *, calls: int = 0, listings: int = 0) -> None:
        """Add calls, or listings, that a stream knows it will make."""
        figures = self._of(name)
        with self._lock:
            figures.planned_calls += calls
            figures.planned_listings += listings

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return self._clock.monotonic() - self._began

    @contextmanager
    def listing(self, name: str, params: Mapping[str, object], cursor: str | None) -> Iterator[Callable[[Body], None]]:
        """Measure a listing.

        Args:
            name: the stream that reads it.
            params: the listing's own parameters.
            cursor: where it begins; None for the start.

        Yields:
            A function to call with each page.
        """
        figures, listing = self._of(name), _Listing("bq" in params, cursor is None)

        def observe(body: Body) -> None:
            now = self._clock.monotonic()
            with self._lock:
                figures.take(listing.take(body), now)
            self._tell_now_and_then(now)

        with self._lock:
            figures.listings.append(listing)
        try:
            yield observe
        finally:
            with self._lock:
                figures.listings.remove(listing)
                figures.listed += 1

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Report on a run from here to its end, however it ends."""
        self._shown = ExitStack()
        if terminal.is_free():
            self._shown.enter_context(terminal.live(lambda: self._rows(self._clock.monotonic())))
        else:
            self._line_is_due = self._clock.monotonic() + _SECONDS_OF_A_LINE
        try:
            yield
        finally:
            self.end()

    def end(self) -> None:
        """Log the table of the run, once; nothing if the run was not shown."""
        shown, self._shown, self._line_is_due = self._shown, None, math.inf
        if shown is not None:
            shown.close()
            for line in self.table():
                # A terminal has no room for the beginning of a log line.
                if terminal.is_one():
                    print(line, file=sys.stderr)  # noqa: T201
                else:
                    logger.info("%s", line)

    def requests_of(self, name: str) -> tuple[int, float]:
        """The number of requests that a stream has made, and the sum of the seconds they were under way."""
        figures = self._of(name)
        return figures.calls, figures.working

    def calls_of(self, name: str) -> int:
        """The number of requests that a stream has made; for a signal, which may interrupt whatever has the lock."""
        return figures.calls if (figures := self._figures.get(name)) else 0

    def table(self) -> Sequence[str]:
        """A line for each stream with calls or records, between a heading and the total."""
        done = [(name, figures.sums) for name, figures in self._figures.items() if any(figures.sums[:-1])]
        total = [*(sum(column) for column in zip(*(sums[:-1] for _, sums in done), strict=True)), self._waiting.seconds]
        lines = [_HEADINGS, *(_cells(name, sums) for name, sums in [*done, ("total", total)])] if done else []
        first, *others = [max(map(len, column)) for column in zip(*lines, strict=True)] or [0]
        return [
            "  ".join([name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, others, strict=True))])
            for name, *cells in lines
        ]

    def _of(self, stream: str) -> _Figures:
        with self._lock:
            return self._figures.setdefault(stream, _Figures())

    @contextmanager
    def _counted(self, figures: _Figures) -> Iterator[None]:
        with self._lock:
            figures.under_way += 1
        try:
            yield
        finally:
            with self._lock:
                figures.under_way -= 1

    @contextmanager
    def _measured(self, waiting: _Waiting) -> Iterator[None]:
        with self._lock:
            waiting.begin(self._clock.monotonic())
        try:
            yield
        finally:
            with self._lock:
                waiting.end(self._clock.monotonic())

    def _tell_now_and_then(self, now: float) -> None:
        with self._lock:
            late = now - self._line_is_due
            if late < 0:
                return
            self._line_is_due += _SECONDS_OF_A_LINE * (late // _SECONDS_OF_A_LINE + 1)
        # Not under the lock: a log handler may wait for a thread that needs it.
        rows = self._rows(now)
        logger.info("Progress: %s", "; ".join(f"{name}: {', '.join(words)}" for name, *words in rows))

    def _rows(self, now: float) -> Sequence[Sequence[str]]:
        """The streams that are busy, a row each, and the total."""
        with self._lock:
            figures = self._figures.items()
            busy = [[name, *one.words(now)] for name, one in figures if one.listings or one.under_way]
            records, calls = sum(one.emitted() for _, one in figures), sum(one.calls for _, one in figures)
        total = [counted(records, "record"), counted(calls, "call"), in_time(now - self._began)]
        return [*busy, ["total", *total]]


def _cells(name: str, line: Sequence[float]) -> Sequence[str]:
    records, calls, retries, waiting = line
    return [name, f"{records:,}", f"{calls:,}", f"{retries:,}", f"{waiting:,.1f}"]


def counted(number: int, what: str) -> str:
    """A number with its noun.

    >>> counted(1, "record"), counted(12000, "page")
    ('1 record', '12,000 pages')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def in_time(seconds: float) -> str:
    """A duration in words.

    >>> in_time(45.3), in_time(481), in_time(7500)
    ('45 s', '8 min', '2 h 5 min')
    """
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
