"""How often a request that failed is tried again, and how long it waits before."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import backoff
from backoff.types import Details

from tap_linkedin_dma.api.errors import InvalidResponse, ServerFault, Throttled, TokenNotPropagated, TransientError
from tap_linkedin_dma.api.rate_limits import RateLimiter

_P = ParamSpec("_P")

_T = TypeVar("_T")

_THROTTLED_WAIT = 60.0
"""Seconds to wait at a first 429 that does not say, on a resource without an interval."""

_DOUBTFUL_TRIES = 4
"""At most, of a request whose answer may be an error for good."""

_FRESH_TRIES = 5


class RetryPolicy:
    """How often a request is tried while a passing fault lasts, and how long it waits in between.

    Args:
        pace: keeps the waits.
        max_tries: tries of a request that is throttled or not answered, the first one included.
        longest_wait: seconds between two tries at most, even where LinkedIn asks for more.
        logger: is told of each wait.
    """

    def __init__(self, limits: RateLimiter, max_tries: int, longest_wait: float, logger: logging.Logger) -> None:
        self._limits = limits
        self._max_tries = max_tries
        self._longest_wait = longest_wait
        self._logger = logger

    @property
    def doubtful_tries(self) -> int:
        """How often something is asked for whose answer may be an error for good, the first time included."""
        return min(self._max_tries, _DOUBTFUL_TRIES)

    def call(self, attempt: Callable[[], _T], resource: str, doubtful_tries: int | None = None) -> _T:
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
        patient = retry(attempt, TokenNotPropagated, tries=_FRESH_TRIES, wait=wait)
        patient = retry(patient, InvalidResponse, tries=doubtful, wait=wait)
        patient = retry(patient, ServerFault, unless=InvalidResponse, tries=self._max_tries, wait=wait)
        return retry(patient, Throttled, tries=self._max_tries, wait=wait)()

    def wait(self, resource: str, fault: TransientError, tries: int) -> None:
        """Let no request to a resource leave for a while, the longer the more tries have failed."""
        interval = self._limits.interval(resource)
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
        self._limits.delay(resource, seconds)


def retry(
    func: Callable[_P, _T],
    on: type[TransientError],
    *,
    tries: int,
    wait: Callable[[TransientError, int], None],
    unless: type[TransientError] | tuple[()] = (),
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
        if isinstance(fault, TransientError):
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
