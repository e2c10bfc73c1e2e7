"""When a request may leave, on a clock that takes no time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import pairwise

import pytest

from tap_linkedin_dma.api.clock import SystemClock
from tap_linkedin_dma.api.errors import DmaError, ServerFault, TimeUp
from tap_linkedin_dma.api.rate_limits import RateLimiter
from tap_linkedin_dma.api.turns import Turns
from tests.support.clock import FakeClock
from tests.support.crowd import Crowd
from tests.support.waiting import comes_true

LONG_ENOUGH = 10
"""Seconds after which a test that waits for another thread fails; none passes by waiting."""


def departures(limits: RateLimiter, clock: FakeClock, resource: str, times: int, takes: float = 0.0) -> list[float]:
    """When each of these requests leaves, in seconds of the clock, if each takes so long."""
    left = []
    for _ in range(times):
        with limits.slot(resource):
            left.append(clock.monotonic())
            clock.sleep(takes)
    return left


@pytest.mark.parametrize(("takes", "apart"), [(0, 60), (10, 60), (59, 60), (100, 100)])
def test_an_interval_counts_from_start_to_start(takes: float, apart: float) -> None:
    """The next request leaves a minute after one left, or at once after one that took longer."""
    clock = FakeClock()
    left = departures(RateLimiter({"dmaFeed": 60}, 4, clock), clock, "dmaFeed", 3, takes)
    assert left == pytest.approx([0, apart, 2 * apart], abs=0.2)
    assert all(later - earlier >= 60 for earlier, later in pairwise(left))


def test_a_resource_without_an_interval_does_not_wait() -> None:
    """Named with zero, or not named."""
    clock = FakeClock()
    limits = RateLimiter({"dmaFeed": 60, "dmaFollows": 0}, 4, clock)
    for resource in ("dmaPosts", "dmaFollows"):
        assert departures(limits, clock, resource, 3) == [0, 0, 0]
    assert clock.slept == [0] * 6


def test_an_interval_that_learns_is_short_until_linkedin_insists() -> None:
    """From then on it is a minute."""
    clock = FakeClock()
    limits = RateLimiter({"dmaFeed": "auto", "dmaFollows": 60}, 4, clock)
    assert departures(limits, clock, "dmaFeed", 3) == pytest.approx([0, 1, 2], abs=0.2)
    assert [
        limits.use_long_interval("dmaFeed"),
        limits.use_long_interval("dmaFeed"),
        limits.use_long_interval("dmaFollows"),
    ] == [True, False, False]
    sooner, later = departures(limits, clock, "dmaFeed", 2)
    assert later - sooner >= 60
    assert limits.interval("dmaFeed") == limits.interval("dmaFollows") == 60


def test_each_resource_has_its_own_interval() -> None:
    """A turn of one says nothing about the other."""
    clock = FakeClock()
    limits = RateLimiter({"dmaFeed": 60, "dmaFollows": 60}, 4, clock)
    assert departures(limits, clock, "dmaFeed", 1) == departures(limits, clock, "dmaFollows", 1) == [0]


def test_all_threads_share_one_interval() -> None:
    """Requests of a resource leave one by one, from whichever thread."""
    clock = FakeClock()
    limits = RateLimiter({"dmaFeed": 60}, 8, clock)
    with ThreadPoolExecutor(8) as threads:
        left = sorted(threads.map(lambda _: departures(limits, clock, "dmaFeed", 1)[0], range(8)))
    assert all(later - earlier >= 60 for earlier, later in pairwise(left))


def test_a_failed_request_counts_as_one() -> None:
    """LinkedIn has seen it all the same."""
    clock = FakeClock()
    limits = RateLimiter({"dmaFeed": 60}, 4, clock)
    with pytest.raises(ServerFault), limits.slot("dmaFeed"):
        raise ServerFault("x")
    assert departures(limits, clock, "dmaFeed", 1)[0] >= 60


class StuckClock(FakeClock):
    """A clock on which a sleep lasts until a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = threading.Event()
        self.awake = threading.Event()

    def sleep(self, seconds: float) -> None:
        self.asleep.set()
        assert self.awake.wait(LONG_ENOUGH)
        super().sleep(seconds)


def test_a_paced_resource_blocks_no_other() -> None:
    """Even with one place in all: who waits for an interval keeps no place."""
    clock = StuckClock()
    limits = RateLimiter({"dmaFeed": 60}, 1, clock)
    with limits.slot("dmaFeed"):
        pass
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(departures, limits, clock, "dmaFeed", 1)
        assert clock.asleep.wait(LONG_ENOUGH)
        with limits.slot("dmaPosts"):
            assert not second.done()
        clock.awake.set()
        assert second.result(LONG_ENOUGH)[0] >= 60


def visits(limits: RateLimiter, crowd: Crowd, resources: list[str]) -> None:
    """A thread for each of these resources, all at once."""

    def visit(resource: str) -> None:
        with limits.slot(resource):
            crowd.visit()

    with ThreadPoolExecutor(len(resources)) as threads:
        list(threads.map(visit, resources))


def test_requests_to_a_resource_without_an_interval_leave_side_by_side() -> None:
    """As many as there are places."""
    crowd = Crowd(3, patience=LONG_ENOUGH)
    visits(RateLimiter({}, 3, FakeClock()), crowd, ["dmaPosts"] * 3)
    assert crowd.most == 3


def test_no_more_are_under_way_than_there_are_places() -> None:
    """Over all resources together."""
    crowd = Crowd(2, patience=LONG_ENOUGH, lingers=0.1)
    visits(RateLimiter({}, 2, FakeClock()), crowd, ["dmaPosts", "dmaComments", "dmaReactions", "dmaMe"])
    assert crowd.most == 2


def test_after_a_throttling_a_resource_is_asked_one_at_a_time() -> None:
    """For good; others go on side by side."""
    limits = RateLimiter({}, 4, FakeClock())
    limits.serialize("dmaPosts")
    alone, together = Crowd(2, patience=0.1), Crowd(2, patience=LONG_ENOUGH)
    visits(limits, alone, ["dmaPosts", "dmaPosts"])
    visits(limits, together, ["dmaComments", "dmaComments"])
    assert (alone.most, together.most) == (1, 2)


def test_one_at_a_time_lets_the_next_go_after_an_error() -> None:
    """A failed request does not keep the resource locked."""
    clock = FakeClock()
    limits = RateLimiter({}, 1, clock)
    limits.serialize("dmaPosts")
    with pytest.raises(ServerFault), limits.slot("dmaPosts"):
        raise ServerFault("x")
    assert departures(limits, clock, "dmaPosts", 2) == [0, 0]


def test_a_hold_keeps_its_resource_alone() -> None:
    """Nothing of it leaves before; a shorter hold does not shorten a longer one."""
    clock = FakeClock()
    limits = RateLimiter({}, 4, clock)
    limits.delay("dmaPosts", 90)
    limits.delay("dmaPosts", 5)
    assert departures(limits, clock, "dmaComments", 1) == [0]
    assert departures(limits, clock, "dmaPosts", 2) == [90, 90]


def test_a_hold_longer_than_the_interval_is_kept() -> None:
    """And one that is shorter does not let a request leave inside the interval."""
    clock = FakeClock()
    limits = RateLimiter({"dmaFeed": 60, "dmaFollows": 60}, 4, clock)
    for resource, seconds in (("dmaFeed", 100), ("dmaFollows", 5)):
        with limits.slot(resource):
            limits.delay(resource, seconds)
    start = clock.monotonic()
    assert departures(limits, clock, "dmaFollows", 1)[0] - start == pytest.approx(60, abs=0.2)
    assert departures(limits, clock, "dmaFeed", 1)[0] - start == pytest.approx(100, abs=0.2)


class WatchedClock(FakeClock):
    """Tells when another thread than its maker's looks at it."""

    def __init__(self) -> None:
        super().__init__()
        self._maker = threading.get_ident()
        self.looked = threading.Event()

    def monotonic(self) -> float:
        reading = super().monotonic()
        if threading.get_ident() != self._maker:
            self.looked.set()
        return reading


@pytest.mark.parametrize("interval", [0, 10])
def test_a_hold_reaches_those_that_wait_for_a_place(interval: float) -> None:
    """Its own wait is over, all places are taken, and meanwhile another request of the resource is throttled."""
    clock = WatchedClock()
    limits = RateLimiter({"dmaPosts": interval}, 1, clock)
    with ThreadPoolExecutor(1) as threads:
        with limits.slot("dmaComments"):
            waiting = threads.submit(departures, limits, clock, "dmaPosts", 1)
            assert clock.looked.wait(LONG_ENOUGH)
            limits.delay("dmaPosts", 60)
        assert waiting.result(LONG_ENOUGH) == [60]
    assert departures(limits, clock, "dmaPosts", 1)[0] >= 60 + interval


def test_a_stopped_pace_lets_nothing_leave() -> None:
    """Who asks then, and who waits for a turn, ends with an error in place of waiting on."""
    clock = StuckClock()
    limits = RateLimiter({"dmaFeed": 60}, 2, clock)
    with limits.slot("dmaFeed"):
        pass
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(departures, limits, clock, "dmaFeed", 1)
        assert clock.asleep.wait(LONG_ENOUGH)
        limits.stop()
        clock.awake.set()
        with pytest.raises(DmaError):
            waiting.result(LONG_ENOUGH)
    with pytest.raises(DmaError), limits.slot("dmaPosts"):
        pytest.fail("left")


def test_who_waits_by_the_system_clock_can_be_woken() -> None:
    """So that a run that ends does not sit out what its threads still wait for."""
    limits = RateLimiter({"dmaFeed": 3600}, 2, SystemClock())
    with limits.slot("dmaFeed"):
        pass
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lambda: limits.slot("dmaFeed").__enter__())
        limits.stop()
        with pytest.raises(DmaError):
            waiting.result(LONG_ENOUGH)


class ListeningClock(FakeClock):
    """Notes of each wait whether what would end it has happened already."""

    def __init__(self) -> None:
        super().__init__()
        self.were_over: list[bool] = []

    def wait(self, event: threading.Event, seconds: float) -> None:
        self.were_over.append(event.is_set())
        super().wait(event, seconds)


def test_a_pace_that_is_stopped_stops_no_other_by_the_same_clock() -> None:
    """The pages' requests keep their intervals after the member's token was refused; so does another run."""
    clock = ListeningClock()
    RateLimiter({}, 1, clock).stop()
    assert departures(RateLimiter({"dmaFeed": 60}, 1, clock), clock, "dmaFeed", 2)[1] >= 60
    assert clock.were_over == [False]


def test_the_system_clock_goes_on_in_utc() -> None:
    """Both readings."""
    clock = SystemClock()
    before = clock.monotonic()
    assert clock.now().timezone_name == "UTC"
    assert clock.monotonic() >= before


def test_no_pause_is_begun_that_ends_after_the_run() -> None:
    """A run of 150 seconds sends three requests a minute apart; one that finishes something does not wait either."""
    clock = FakeClock()
    limits = RateLimiter({"dmaFeed": 60}, 4, clock)
    limits.end_after(150)
    assert departures(limits, clock, "dmaFeed", 3) == pytest.approx([0, 60, 120], abs=0.2)
    for finishes in (False, True):
        with pytest.raises(TimeUp), limits.slot("dmaFeed", finishes=finishes):
            pass
    assert clock.monotonic() < 150


@pytest.mark.parametrize(("after", "finishes", "sends"), [(0, False, True), (1, False, False), (30, True, True)])
def test_after_its_end_a_run_finishes_what_it_has_begun(after: float, finishes: bool, sends: bool) -> None:
    """For half a minute, and it begins nothing."""
    clock = FakeClock()
    limits = RateLimiter({}, 4, clock)
    limits.end_after(60)
    clock.sleep(60 + after)
    sent = []
    with suppress(TimeUp), limits.slot("dmaPosts", finishes=finishes):
        sent.append(True)
    assert bool(sent) is sends


def test_streams_take_turns_at_a_resource() -> None:
    """One that has few requests is through soon, however many another has that came first."""
    turns, order = Turns(), list[str]()

    def take(stream: str) -> None:
        with turns.of(stream):
            order.append(stream)

    came = ["comments", "comments", "comments", "reactions", "reactions", "posts"]
    with ThreadPoolExecutor(len(came)) as threads, turns.of("posts"):
        for many, stream in enumerate(came, 1):
            threads.submit(take, stream)
            assert comes_true(lambda many=many: turns.waiting == many)  # type: ignore[misc]
    assert order == ["comments", "reactions", "posts", "comments", "reactions", "comments"]


@pytest.mark.parametrize("has_come", [False, True])
def test_a_wait_that_a_signal_ends_leaves_the_turn_to_others(
    monkeypatch: pytest.MonkeyPatch, *, has_come: bool
) -> None:
    """Otherwise the next thread would wait for one that is gone: before its turn has come, or just after."""
    turns, other = Turns(), ExitStack()
    other.enter_context(turns.of("comments"))

    def interrupted(_: threading.Event) -> None:
        if has_come:
            other.close()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt), turns.of("posts"):
            pass
    other.close()
    assert turns.waiting == 0
    with turns.of("comments"):
        pass
