"""How often a call is tried again, and how long after, on a clock that takes no time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress

import pytest

from tap_linkedin_dma.api.errors import InvalidResponse, ServerFault, Throttled, TokenNotPropagated, TransientError
from tap_linkedin_dma.api.rate_limits import RateLimiter
from tap_linkedin_dma.api.retries import RetryPolicy
from tests.support.clock import FakeClock

TRIES, LONGEST_WAIT = 6, 30.0


def departures(faults: Sequence[TransientError]) -> list[float]:
    """When each call leaves, in seconds of the clock, if these are the answers to the first."""
    clock = FakeClock()
    limits = RateLimiter({}, 1, clock)
    left: list[float] = []
    answers = iter(faults)

    def call() -> str:
        with limits.slot("dmaPosts"):
            left.append(clock.monotonic())
        for fault in answers:
            raise fault
        return "answer"

    policy = RetryPolicy(limits, TRIES, LONGEST_WAIT, logging.getLogger(__name__))
    with suppress(TransientError):
        assert policy.call(call, "dmaPosts") == "answer"
    return left


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Throttled("x"), [30, 30, 30]),
        (Throttled("x", wait=3), [3, 3, 3]),
        (Throttled("x", wait=300), [30, 30, 30]),
        (ServerFault("x", 503), [2, 4, 8]),
        (ServerFault("x", 503, wait=3), [3, 3, 3]),
        (ServerFault("x"), [2, 4, 8]),
        (InvalidResponse("x", 500), [2, 4, 8]),
        (TokenNotPropagated("x"), [2, 4, 8]),
    ],
)
def test_waits_grow_unless_linkedin_says_how_long(fault: TransientError, waits: list[float]) -> None:
    """Up to the longest wait, with a second or a tenth of chance on top."""
    at = departures([fault] * 3)
    assert len(at) == 4
    for earlier, later, wait in zip(at, at[1:], waits, strict=False):
        assert wait <= later - earlier <= wait + max(1, wait / 10)


@pytest.mark.parametrize(("fault", "wait"), [(ServerFault("x"), 20), (ServerFault("x", 503), 2), (Throttled("x"), 20)])
def test_an_interval_is_waited_after_a_throttling_and_a_call_that_did_not_come_back(
    fault: TransientError, wait: float
) -> None:
    """Other faults are waited for from the start of the interval, as any call is."""
    clock = FakeClock()
    limits = RateLimiter({"dmaPosts": 20.0}, 1, clock)
    RetryPolicy(limits, TRIES, LONGEST_WAIT, logging.getLogger(__name__)).wait("dmaPosts", fault, 1)
    with limits.slot("dmaPosts"):
        assert wait <= clock.monotonic() <= wait * 1.1 + 1


@pytest.mark.parametrize(
    ("fault", "tries"),
    [(Throttled("x"), 6), (ServerFault("x"), 6), (InvalidResponse("x"), 4), (TokenNotPropagated("x"), 5)],
)
def test_each_kind_of_fault_has_its_own_tries(fault: TransientError, tries: int) -> None:
    """The one after the last is not made."""
    assert len(departures([fault] * 10)) == tries


def test_a_throttling_lets_the_tries_of_other_faults_begin_again() -> None:
    """Its own do not, so that a call ends however the faults follow each other."""
    faults = [InvalidResponse("x"), InvalidResponse("x"), InvalidResponse("x"), Throttled("x")] * 10
    assert len(departures(faults)) == TRIES * 4
    mixed = [InvalidResponse("x"), ServerFault("x")] * 10
    assert len(departures(mixed)) == 7
