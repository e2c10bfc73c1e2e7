"""When a request may leave: one lane a resource, and one limit on all requests under way.

All waiting of a run happens here, on an injected clock: the intervals that LinkedIn demands, and
what a failed request has to wait before it is tried again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final, Literal

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import DailyLimit, DmaError

_MARGIN, _LARGEST_MARGIN = 1 / 40, 0.05
"""The part of an interval, and the seconds at most, added to it: LinkedIn counts arrivals, the tap departures."""


AUTO: Final = "auto"
"""Stands for an interval that LinkedIn need not insist on: it is short until LinkedIn shows that it does."""

Interval = float | Literal["auto"]

_SHORT, _LONG = 1.0, 60.0
"""Seconds of such an interval, before and after."""


class _ResourceLimit:
    """The requests to one resource."""

    def __init__(self, interval: Interval) -> None:
        self.interval: float = _SHORT if interval == "auto" else interval
        self.is_auto = interval == AUTO
        self.not_before = 0.0
        self.single_file = False
        self.closed: DailyLimit | None = None
        self.departure = threading.Lock()


class RateLimiter:
    """Says when each request may leave.

    Args:
        intervals: seconds between the starts of two requests, or AUTO, by resource; none for the others.
        max_concurrency: how many requests may be under way at once, over all resources.
        clock: where the time comes from.
    """

    def __init__(self, intervals: Mapping[str, Interval], max_concurrency: int, clock: Clock) -> None:
        self._intervals = intervals
        self._under_way = threading.BoundedSemaphore(max_concurrency)
        self._clock = clock
        self._limits: dict[str, _ResourceLimit] = {}
        self._limits_lock = threading.Lock()
        self._stopped_by: DmaError | None = None
        self._stopped = threading.Event()

    def interval(self, resource: str) -> float:
        """Seconds between the starts of two requests to this resource, 0 for none."""
        return self._limit_of(resource).interval

    @contextmanager
    def slot(self, resource: str) -> Iterator[None]:
        """Wait for this request's turn, and keep its place while it is under way."""
        limit = self._limit_of(resource)
        with ExitStack() as places:
            with ExitStack() as departing:
                departing.enter_context(limit.departure)
                self._wait(limit)
                # A place among all requests is taken last, so that a paced resource keeps none of them waiting.
                places.enter_context(self._under_way)
                # While it was waited for, an answer to another request may have held the resource.
                while self._must_wait(limit):
                    places.close()
                    self._wait(limit)
                    places.enter_context(self._under_way)
                if limit.interval:
                    margin = min(limit.interval * _MARGIN, _LARGEST_MARGIN)
                    limit.not_before = self._clock.monotonic() + limit.interval + margin
                if limit.single_file:
                    places.push(departing.pop_all())
            yield

    def delay(self, resource: str, seconds: float) -> None:
        """Let no request to this resource leave for this long."""
        limit = self._limit_of(resource)
        limit.not_before = max(limit.not_before, self._clock.monotonic() + seconds)

    def serialize(self, resource: str) -> None:
        """From now on, let a request to this resource leave only when the one before it is answered."""
        self._limit_of(resource).single_file = True

    def use_long_interval(self, resource: str) -> bool:
        """From now on, keep the long interval where it is AUTO.

        Returns:
            Whether that is news.
        """
        limit = self._limit_of(resource)
        is_news, limit.is_auto = limit.is_auto, False
        if is_news:
            limit.interval = _LONG
        return is_news

    def exhaust(self, resource: str, limit: DailyLimit) -> None:
        """Let no request to this resource leave any more: those that wait for their turn end with its limit."""
        self._limit_of(resource).closed = limit

    def stop(self, fault: DmaError | None = None) -> None:
        """Let no request leave any more: those that wait for their turn end with an error.

        Args:
            fault: that error, where one has been met that any request would meet.
        """
        self._stopped_by = self._stopped_by or fault or DmaError("The run was stopped.")
        self._stopped.set()

    def _wait(self, limit: _ResourceLimit) -> None:
        while not self._is_over(limit) and self._must_wait(limit):
            self._clock.wait(self._stopped, limit.not_before - self._clock.monotonic())
        if fault := limit.closed or self._stopped_by:
            # One of its own for each thread, since a traceback is hung on it.
            raise type(fault)(str(fault))

    def _must_wait(self, limit: _ResourceLimit) -> bool:
        return self._is_over(limit) or limit.not_before > self._clock.monotonic()

    def _is_over(self, limit: _ResourceLimit) -> bool:
        return (limit.closed or self._stopped_by) is not None

    def _limit_of(self, resource: str) -> _ResourceLimit:
        with self._limits_lock:
            return self._limits.setdefault(resource, _ResourceLimit(self._intervals.get(resource, 0.0)))
