"""When a request may leave: one lane a resource, and one limit on all requests under way.

All waiting of a run happens here, on an injected clock: the intervals that LinkedIn demands, and
what a failed request has to wait before it is tried again.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final, Literal, ParamSpec, Protocol, TypeVar

import backoff
import pendulum
from backoff.types import Details

from tap_linkedin_dma.errors import BadAnswer, DailyLimit, DmaError, Passing, ServerFault, Throttled, TokenTooFresh

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MARGIN, _LARGEST_MARGIN = 1 / 40, 0.05
"""The part of an interval, and the seconds at most, added to it: LinkedIn counts arrivals, the tap departures."""

_THROTTLED_WAIT = 60.0
"""Seconds to wait at a first 429 that does not say, on a resource without an interval."""

_DOUBTFUL_TRIES = 4
"""At most, of a request whose answer may be an error for good."""

_FRESH_TRIES = 5


class Clock(Protocol):
    """What the tap knows of time."""

    def monotonic(self) -> float:
        """Seconds from some fixed point, never going back."""

    def now(self) -> pendulum.DateTime:
        """The time of day, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let this many seconds pass."""

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Let this many seconds pass, fewer where the event is set meanwhile or was before."""


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> pendulum.DateTime:
        return pendulum.now("UTC")

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))

    def wait(self, event: threading.Event, seconds: float) -> None:
        event.wait(seconds)


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


class Patience:
    """How often a request is tried while a passing fault lasts, and how long it waits in between.

    Args:
        pace: keeps the waits.
        max_tries: tries of a request that is throttled or not answered, the first one included.
        longest_wait: seconds between two tries at most, even where LinkedIn asks for more.
        logger: is told of each wait.
    """

    def __init__(self, pace: Pace, max_tries: int, longest_wait: float, logger: logging.Logger) -> None:
        self._pace = pace
        self._max_tries = max_tries
        self._longest_wait = longest_wait
        self._logger = logger

    @property
    def doubtful_tries(self) -> int:
        """How often something is asked for whose answer may be an error for good, the first time included."""
        return min(self._max_tries, _DOUBTFUL_TRIES)

    def persist(self, attempt: Callable[[], _T], resource: str, doubtful_tries: int | None = None) -> _T:
        """The answer of a resource, asked as often as it takes; each kind of fault has its own patience.

        Args:
            attempt: asks once.
            resource: the name in the URL.
            doubtful_tries: see the property, which holds where this is None.

        Raises:
            Passing: the fault of the last try.
        """
        wait = partial(self.wait, resource)
        doubtful = self.doubtful_tries if doubtful_tries is None else doubtful_tries
        patient = retry(attempt, TokenTooFresh, tries=_FRESH_TRIES, wait=wait)
        patient = retry(patient, BadAnswer, tries=doubtful, wait=wait)
        patient = retry(patient, ServerFault, unless=BadAnswer, tries=self._max_tries, wait=wait)
        return retry(patient, Throttled, tries=self._max_tries, wait=wait)()

    def wait(self, resource: str, fault: Passing, tries: int) -> None:
        """Let no request to a resource leave for a while, the longer the more tries have failed."""
        interval = self._pace.interval(resource)
        if isinstance(fault, Throttled):
            growing = (interval or _THROTTLED_WAIT) * 2 ** (tries - 1)
        else:
            # LinkedIn asks for the whole interval after a call that did not come back.
            came_back = isinstance(fault, ServerFault) and fault.status is not None
            growing = 2.0**tries if came_back else max(2.0**tries, interval)
        seconds = min(growing if fault.wait is None else fault.wait, self._longest_wait)
        # So that two runs do not come back together.
        seconds += random.uniform(0, max(1.0, seconds / 10))  # noqa: S311
        self._logger.info("%s: trying again in %.0f s. %s", resource, seconds, fault)
        self._pace.hold(resource, seconds)


def retry(
    func: Callable[_P, _T],
    on: type[Passing],
    *,
    tries: int,
    wait: Callable[[Passing, int], None],
    unless: type[Passing] | tuple[()] = (),
) -> Callable[_P, _T]:
    """Call again while a passing fault lasts.

    Args:
        func: what to call.
        on: the faults that are worth another try.
        tries: calls in all, after which the fault is raised.
        wait: is told the fault and how many calls have failed; it waits, or sees to it that the next
            call does. backoff's own sleep is left at zero, since it knows no other clock.
        unless: those among the faults that are not worth one.
    """

    def on_backoff(details: Details) -> None:
        fault = details.get("exception")
        if isinstance(fault, Passing):
            wait(fault, details["tries"])

    again = backoff.on_exception(
        backoff.constant,
        on,
        interval=0,
        jitter=None,
        max_tries=tries,
        giveup=lambda fault: isinstance(fault, unless),
        on_backoff=on_backoff,
        logger=None,
    )
    return again(func)
