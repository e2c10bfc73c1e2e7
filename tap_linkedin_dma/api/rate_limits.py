"""When a request may be sent: one limit per resource, one on all requests under way, and the end of the run.

All waiting of a run happens here, on an injected clock: the intervals that LinkedIn demands, and
the wait before a failed request is tried again.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final, Literal

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import DailyLimit, DmaError, TimeUp
from tap_linkedin_dma.api.pace_file import PaceFile
from tap_linkedin_dma.api.turns import Turns

_MARGIN, _LARGEST_MARGIN = 1 / 40, 0.05
"""The part of an interval added to it, and its maximum in seconds: LinkedIn counts arrivals, the tap departures."""


AUTO: Final = "auto"
"""An interval that is short until LinkedIn throttles the resource, and long afterwards."""

Interval = float | Literal["auto"]

_SHORT, _LONG = 1.0, 60.0
"""Seconds of an AUTO interval, before and after LinkedIn throttles."""

_TO_FINISH, _SHORT_PAUSE = 30.0, 5.0
"""Seconds after the end of a run in which requests that finish what it has begun are still sent, and the longest pause
before one of them."""


def spacing(interval: Interval, *, is_throttled: bool = False) -> float:
    """Seconds between two requests to a resource with this interval, as the tap keeps them.

    Args:
        interval: in seconds, or AUTO.
        is_throttled: whether LinkedIn has throttled the resource.

    >>> spacing(0), spacing(60), spacing(AUTO), spacing(AUTO, is_throttled=True)
    (0.0, 60.05, 1.025, 60.05)
    """
    seconds = (_LONG if is_throttled else _SHORT) if interval == "auto" else interval
    return seconds + min(seconds * _MARGIN, _LARGEST_MARGIN)


class _ResourceLimit:
    """The limits of one resource."""

    def __init__(self, interval: Interval) -> None:
        self.interval: float = _SHORT if interval == "auto" else interval
        self.is_auto = interval == AUTO
        self.not_before = 0.0
        self.single_file = False
        self.closed: DailyLimit | None = None
        self.departure = Turns()


class RateLimiter:
    """Decides when each request may be sent.

    Args:
        intervals: seconds between the starts of two requests, or AUTO, by resource; 0 for the others.
        max_concurrency: at most this many requests are under way at once, over all resources.
        clock: where the time comes from.
        shared: the pace of all runs that use the same app; None if this run keeps its own.
    """

    def __init__(
        self, intervals: Mapping[str, Interval], max_concurrency: int, clock: Clock, shared: PaceFile | None = None
    ) -> None:
        self._intervals = intervals
        self._shared = shared
        self._under_way = threading.BoundedSemaphore(max_concurrency)
        self._clock = clock
        self._limits: dict[str, _ResourceLimit] = {}
        self._limits_lock = threading.Lock()
        self._ends_at = math.inf
        self._stopped_by: DmaError | None = None
        self._stopped = threading.Event()

    def interval(self, resource: str) -> float:
        """Seconds between the starts of two requests to this resource, 0 for none."""
        return self._limit_of(resource).interval

    def end_after(self, seconds: float) -> None:
        """Begin nothing any more after this time, and no pause that would last longer."""
        self._ends_at = self._clock.monotonic() + seconds

    @contextmanager
    def slot(self, resource: str, stream: str = "", *, finishes: bool = False) -> Iterator[None]:
        """Wait until a request may be sent, and keep its slot while it is under way.

        Args:
            resource: the name in the URL.
            stream: that makes the request: those that wait for one resource take turns.
            finishes: whether it finishes what other requests have begun; such requests have a little more time.

        Raises:
            TimeUp: the run ends before the request may be sent.
            DmaError: no more requests are sent, for another reason.
        """
        limit = self._limit_of(resource)
        with ExitStack() as places:
            with ExitStack() as departing:
                departing.enter_context(limit.departure.of(stream))
                self._wait(limit, finishes=finishes)
                # The slot among all requests is taken last, so that a paced resource blocks no other.
                places.enter_context(self._under_way)
                # While this thread waited for it, another request's answer may have delayed the resource.
                while self._must_wait(limit) or not self._has_turn(resource, limit):
                    places.close()
                    self._wait(limit, finishes=finishes)
                    places.enter_context(self._under_way)
                if limit.interval:
                    limit.not_before = self._clock.monotonic() + spacing(limit.interval)
                if limit.single_file:
                    places.push(departing.pop_all())
            yield

    def delay(self, resource: str, seconds: float, *, share: bool = False) -> None:
        """Send no request to this resource for this long.

        Args:
            resource: the name in the URL.
            seconds: the time.
            share: whether that holds for other runs of the app too.
        """
        limit = self._limit_of(resource)
        limit.not_before = max(limit.not_before, self._clock.monotonic() + seconds)
        if share and self._shared:
            self._shared.delay(resource, seconds)

    def serialize(self, resource: str) -> None:
        """From now on, send a request to this resource only when the one before it is answered."""
        self._limit_of(resource).single_file = True

    def use_long_interval(self, resource: str, *, share: bool = False) -> bool:
        """From now on, use the long interval if the resource's is AUTO.

        Args:
            resource: the name in the URL.
            share: whether other runs of the app are to do the same, for a day.

        Returns:
            Whether that is a change.
        """
        limit = self._limit_of(resource)
        is_news, limit.is_auto = limit.is_auto, False
        if is_news:
            limit.interval = _LONG
            if share and self._shared:
                self._shared.use_long_interval(resource)
        return is_news

    def exhaust(self, resource: str, limit: DailyLimit) -> None:
        """Send no more requests to this resource: those that wait end with this error."""
        self._limit_of(resource).closed = limit
        if self._shared:
            self._shared.exhaust(resource, is_members=limit.is_members)

    def stop(self, fault: DmaError | None = None) -> None:
        """Send no more requests: those that wait end with an error.

        Args:
            fault: that error, if every request would meet it.
        """
        self._stopped_by = self._stopped_by or fault or DmaError("The run was stopped.")
        self._stopped.set()

    def _wait(self, limit: _ResourceLimit, *, finishes: bool) -> None:
        while not self._is_over(limit) and self._must_wait(limit):
            self._check_time(limit, finishes=finishes)
            self._clock.wait(self._stopped, limit.not_before - self._clock.monotonic())
        if fault := limit.closed or self._stopped_by:
            # A new error for each thread, since raising one attaches a traceback.
            raise type(fault)(str(fault))
        self._check_time(limit, finishes=finishes)

    def _check_time(self, limit: _ResourceLimit, *, finishes: bool) -> None:
        now = self._clock.monotonic()
        pause = max(0.0, limit.not_before - now)
        more = _TO_FINISH if finishes and pause <= _SHORT_PAUSE else 0.0
        if now + pause > self._ends_at + more:
            msg = "The time of the run is over."
            raise TimeUp(msg)

    def _has_turn(self, resource: str, limit: _ResourceLimit) -> bool:
        """Whether the other runs of the app let a request leave now; what they have met holds for this run too."""
        if self._shared is None:
            return True
        interval = spacing(limit.interval)
        turn = self._shared.take_turn(resource, interval, spacing(_LONG) if limit.is_auto else interval)
        if turn.is_long:
            self.use_long_interval(resource)
        if turn.is_delayed:
            limit.single_file = True
        if turn.is_used_up:
            limit.closed = DailyLimit.of(resource)
        if turn.seconds:
            limit.not_before = max(limit.not_before, self._clock.monotonic() + turn.seconds)
        return not (turn.is_used_up or turn.seconds)

    def _must_wait(self, limit: _ResourceLimit) -> bool:
        return self._is_over(limit) or limit.not_before > self._clock.monotonic()

    def _is_over(self, limit: _ResourceLimit) -> bool:
        return (limit.closed or self._stopped_by) is not None

    def _limit_of(self, resource: str) -> _ResourceLimit:
        with self._limits_lock:
            return self._limits.setdefault(resource, _ResourceLimit(self._intervals.get(resource, 0.0)))
