"""Retries of failed requests: how often, and the wait before each."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import TypeVar, cast

import backoff

from tap_linkedin_dma.api.errors import InvalidResponse, ServerFault, Throttled, TokenNotPropagated, TransientError
from tap_linkedin_dma.api.rate_limits import RateLimiter

_T = TypeVar("_T")

_THROTTLED_WAIT = 60.0
"""Seconds to wait after a first 429 without Retry-After, on a resource without an interval."""

_FIRST_WAIT = 2.0
"""Seconds to wait after the first of other faults without Retry-After."""

_DOUBTFUL_TRIES = 4
"""At most, of a request whose error may be permanent."""

_FRESH_TRIES = 5


class RetryPolicy:
    """How often a request is tried after temporary faults, and the wait between two tries.

    Args:
        limits: where the waits are set.
        max_tries: tries of a request that is throttled or not answered, the first one included.
        longest_wait: the most seconds between two tries, even if LinkedIn asks for more.
        logger: gets a line for each wait.
    """

    def __init__(self, limits: RateLimiter, max_tries: int, longest_wait: float, logger: logging.Logger) -> None:
        self._limits = limits
        self._max_tries = max_tries
        self._longest_wait = longest_wait
        self._logger = logger

    @property
    def doubtful_tries(self) -> int:
        """Tries, the first one included, of a request whose error may be permanent."""
        return min(self._max_tries, _DOUBTFUL_TRIES)

    def call(self, attempt: Callable[[], _T], resource: str, doubtful_tries: int | None = None) -> _T:
        """The result of an attempt, repeated after temporary faults; each kind of fault has its own count of tries.

        Args:
            attempt: makes the request once.
            resource: the name in the URL.
            doubtful_tries: see the property, which holds if this is None.

        Raises:
            TransientError: the fault of the last try.
        """
        failed: Counter[type[TransientError]] = Counter()

        def was_last(fault: TransientError) -> bool:
            nonlocal failed
            if isinstance(fault, Throttled):
                # A 429 says nothing about other faults: their counts begin again.
                failed = Counter({Throttled: failed[Throttled]})
            failed[type(fault)] += 1
            return failed[type(fault)] >= self._tries(fault, doubtful_tries)

        def wait(fault: TransientError) -> float:
            self.wait(resource, fault, failed[type(fault)])
            return 0.0  # for backoff, which would sleep by the machine's clock

        retrying = backoff.on_exception(
            backoff.runtime,
            TransientError,
            value=wait,
            jitter=None,
            giveup=cast("Callable[[Exception], bool]", was_last),
            logger=None,
        )
        return retrying(attempt)()

    def wait(self, resource: str, fault: TransientError, tries: int) -> None:
        """Send no request to a resource for a while, longer with each failed try."""
        interval = self._limits.interval(resource)
        # LinkedIn asks for the whole interval after a call that did not come back.
        at_least = interval if isinstance(fault, ServerFault) and fault.status is None else 0.0
        first = (interval or _THROTTLED_WAIT) if isinstance(fault, Throttled) else _FIRST_WAIT
        lengths = backoff.expo(factor=first, max_value=self._longest_wait)
        # Item 0 of the generator is for backoff itself.
        growing = max(at_least, next(islice(lengths, tries, None)))
        seconds = min(growing if fault.wait is None else fault.wait, self._longest_wait)
        # So that two runs do not retry together.
        seconds += backoff.full_jitter(max(1.0, seconds / 10))
        self._logger.info("%s: trying again in %.0f s. %s", resource, seconds, fault)
        self._limits.delay(resource, seconds, share=isinstance(fault, Throttled))

    def _tries(self, fault: TransientError, doubtful_tries: int | None) -> int:
        if isinstance(fault, TokenNotPropagated):
            return _FRESH_TRIES
        if isinstance(fault, InvalidResponse):
            return self.doubtful_tries if doubtful_tries is None else doubtful_tries
        return self._max_tries
