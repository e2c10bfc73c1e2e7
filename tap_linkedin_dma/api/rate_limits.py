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


class _Lane:
    """The requests to one resource."""

    def __init__(self, interval: Interval) -> None:
        self.interval: float = _SHORT if interval == "auto" else interval
        self.learns = interval == AUTO
        self.not_before = 0.0
        self.single_file = False
        self.closed: DailyLimit | None = None
        self.departure = threading.Lock()


class Pace:
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
        self._lanes: dict[str, _Lane] = {}
        self._lanes_lock = threading.Lock()
        self._stopped_by: DmaError | None = None
        self._stopped = threading.Event()

    def interval(self, resource: str) -> float:
        """Seconds between the starts of two requests to this resource, 0 for none."""
        return self._lane(resource).interval

    @contextmanager
    def turn(self, resource: str) -> Iterator[None]:
        """Wait for this request's turn, and keep its place while it is under way."""
        lane = self._lane(resource)
        with ExitStack() as places:
            with ExitStack() as departing:
                departing.enter_context(lane.departure)
                self._wait(lane)
                # A place among all requests is taken last, so that a paced resource keeps none of them waiting.
                places.enter_context(self._under_way)
                # While it was waited for, an answer to another request may have held the resource.
                while self._must_wait(lane):
                    places.close()
                    self._wait(lane)
                    places.enter_context(self._under_way)
                if lane.interval:
                    margin = min(lane.interval * _MARGIN, _LARGEST_MARGIN)
                    lane.not_before = self._clock.monotonic() + lane.interval + margin
                if lane.single_file:
                    places.push(departing.pop_all())
            yield

    def hold(self, resource: str, seconds: float) -> None:
        """Let no request to this resource leave for this long."""
        lane = self._lane(resource)
        lane.not_before = max(lane.not_before, self._clock.monotonic() + seconds)

    def one_at_a_time(self, resource: str) -> None:
        """From now on, let a request to this resource leave only when the one before it is answered."""
        self._lane(resource).single_file = True

    def insist(self, resource: str) -> bool:
        """From now on, keep the long interval where it is AUTO.

        Returns:
            Whether that is news.
        """
        lane = self._lane(resource)
        is_news, lane.learns = lane.learns, False
        if is_news:
            lane.interval = _LONG
        return is_news

    def close(self, resource: str, limit: DailyLimit) -> None:
        """Let no request to this resource leave any more: those that wait for their turn end with its limit."""
        self._lane(resource).closed = limit

    def stop(self, fault: DmaError | None = None) -> None:
        """Let no request leave any more: those that wait for their turn end with an error.

        Args:
            fault: that error, where one has been met that any request would meet.
        """
        self._stopped_by = self._stopped_by or fault or DmaError("The run was stopped.")
        self._stopped.set()

    def _wait(self, lane: _Lane) -> None:
        while not self._is_over(lane) and self._must_wait(lane):
            self._clock.wait(self._stopped, lane.not_before - self._clock.monotonic())
        if fault := lane.closed or self._stopped_by:
            # One of its own for each thread, since a traceback is hung on it.
            raise type(fault)(str(fault))

    def _must_wait(self, lane: _Lane) -> bool:
        return self._is_over(lane) or lane.not_before > self._clock.monotonic()

    def _is_over(self, lane: _Lane) -> bool:
        return (lane.closed or self._stopped_by) is not None

    def _lane(self, resource: str) -> _Lane:
        with self._lanes_lock:
            return self._lanes.setdefault(resource, _Lane(self._intervals.get(resource, 0.0)))
