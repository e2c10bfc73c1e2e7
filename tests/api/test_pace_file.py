"""The file by which runs share their pace: who leaves when, what holds for all, and what is believed."""

from __future__ import annotations

import heapq
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api import pace_file
from tap_linkedin_dma.api.errors import DailyLimit, DmaError, PaceFileRejected
from tap_linkedin_dma.api.pace_file import PaceFile
from tap_linkedin_dma.api.rate_limits import Interval, RateLimiter
from tests.support.clock import FakeClock
from tests.support.runs import UNPACED, make_tap

FEED = "dmaFeedContentsExternal"
HOUR = 60 * 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shared" / "pace.json"


def pace(path: Path, clock: FakeClock, client_id: str | None = "an-app", **config: str) -> PaceFile:
    return PaceFile({"pace_file": str(path), "client_id": client_id, "access_token": "a-token", **config}, clock)


def limiter(path: Path, clock: FakeClock, interval: Interval = 0, **config: Any) -> RateLimiter:
    """The limits of another run, whose settings differ from the others' in this."""
    return RateLimiter({FEED: interval}, 4, clock, pace(path, clock, **config))


def leaves_at(limits: RateLimiter, clock: FakeClock, resource: str = FEED) -> float:
    with limits.slot(resource):
        return clock.monotonic()


def departures(paces: Sequence[PaceFile], clock: FakeClock, interval: float, times: int) -> list[tuple[float, int]]:
    """When requests leave, and whose: each run wants the next as soon as its last has left, and never wakes late."""
    order = count()
    awake = [(0.0, next(order), run) for run in range(len(paces))]
    left: list[tuple[float, int]] = []
    while len(left) < times:
        due, _, run = heapq.heappop(awake)
        clock.sleep(max(0.0, due - clock.monotonic()))
        seconds = paces[run].take_turn(FEED, interval, interval).seconds
        if not seconds:
            left.append((clock.monotonic(), run))
        heapq.heappush(awake, (clock.monotonic() + seconds, next(order), run))
    return left


def gaps(left: Sequence[tuple[float, int]]) -> list[float]:
    return [later - sooner for (sooner, _), (later, _) in pairwise(left)]


# Who leaves when


def test_runs_take_turns_and_use_the_whole_rate(path: Path) -> None:
    """Eight of them: a request leaves each interval, none sooner, and each run has its share."""
    clock = FakeClock()
    left = departures([pace(path, clock) for _ in range(8)], clock, 60, 80)
    assert gaps(left) == pytest.approx([60] * 79, abs=0.001)
    assert set(Counter(run for _, run in left).values()) == {10}


def test_the_turn_of_a_run_that_died_costs_one_interval(path: Path) -> None:
    """Once: the others then go on as if it had never waited."""
    clock = FakeClock()
    runs = [pace(path, clock) for _ in range(3)]
    for run in runs:
        run.take_turn(FEED, 60, 60)
    left = departures([runs[0], runs[2]], clock, 60, 6)
    assert gaps([(0, 0), *left]) == pytest.approx([120, 60, 60, 60, 60, 60], abs=0.001)


def test_other_apps_and_resources_have_a_pace_of_their_own(path: Path) -> None:
    """So several apps may name one file; without a client id the token stands for the app."""
    clock = FakeClock()
    for resource, config in ((FEED, {}), ("dmaPosts", {}), (FEED, {"client_id": "x"}), (FEED, {"client_id": None})):
        assert pace(path, clock, **config).take_turn(resource, 60, 60).seconds == 0
    assert pace(path, clock, access_token="y").take_turn(FEED, 60, 60).seconds == pytest.approx(60)
    assert pace(path, clock, client_id=None).take_turn(FEED, 60, 60).seconds == pytest.approx(60)


def test_a_clock_that_was_set_back_makes_nobody_wait_longer(path: Path) -> None:
    """Not by the hour that it was ahead, nor for those who waited then."""
    clock = FakeClock(FakeClock().now().add(hours=1))
    for _ in range(7):
        pace(path, clock).take_turn(FEED, 60, 60)
    pace(path, clock).delay("dmaPosts", 300)
    for resource, interval, expected in ((FEED, 60, 60.05), ("dmaPosts", 0, 300)):
        back = FakeClock()
        assert leaves_at(limiter(path, back, interval), back, resource) == pytest.approx(expected, abs=0.001)


# What holds for all


def test_a_throttling_that_one_run_meets_delays_all(path: Path) -> None:
    """Another fault delays only the run that met it."""
    clock = FakeClock()
    first, second = limiter(path, clock), limiter(path, clock)
    first.delay(FEED, 90)
    assert leaves_at(second, clock) == 0
    first.delay(FEED, 300, share=True)
    assert leaves_at(second, clock) == pytest.approx(300)


def test_the_long_interval_of_one_run_is_that_of_all_for_a_day(path: Path) -> None:
    """And of none with an interval from its settings."""
    clock = FakeClock()
    limiter(path, clock, "auto").use_long_interval(FEED, share=True)
    second, third = limiter(path, clock, "auto"), limiter(path, clock, 5)
    leaves_at(second, clock)
    assert [limits.interval(FEED) for limits in (second, third)] == [60, 5]
    assert leaves_at(third, clock) == pytest.approx(5.05)
    assert leaves_at(second, clock) == pytest.approx(65.1)
    clock.sleep(24 * HOUR)
    tomorrow = limiter(path, clock, "auto")
    leaves_at(tomorrow, clock)
    assert tomorrow.interval(FEED) == 1


@pytest.mark.parametrize(("is_members", "others"), [(False, {}), (True, {"access_token": "another-member's"})])
def test_a_daily_limit_ends_all_until_midnight(path: Path, is_members: bool, others: dict[str, Any]) -> None:
    """A member's own does not end runs with the token of another member of the app."""
    clock = FakeClock()
    limiter(path, clock).exhaust(FEED, DailyLimit.of(FEED, is_members=is_members))
    with pytest.raises(DailyLimit, match=f"daily limit for {FEED} is used up"):
        leaves_at(limiter(path, clock), clock)
    if is_members:
        leaves_at(limiter(path, clock, **others), clock)
    leaves_at(limiter(path, clock, client_id="another-app"), clock)
    clock.sleep(15 * HOUR)
    leaves_at(limiter(path, clock), clock)


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ({"message": "throttle APPLICATION DAY limit is reached"}, {}, {"used_up_on"}),
        ({"message": "throttle APPLICATION_AND_MEMBER DAY limit is reached"}, {}, {"used_up_on by member"}),
        ({"message": "throttle"}, {"Retry-After": "30"}, {"delayed_until"}),
        ({"message": "throttle"}, {}, {"delayed_until", "long_until"}),
    ],
)
def test_a_run_shares_what_linkedin_says(
    sandbox: Sandbox, path: Path, body: dict[str, str], headers: dict[str, str], expected: set[str]
) -> None:
    """In a file for its owner alone, which names no token, app or organization."""
    sandbox.answer(FEED, status=429, body={"status": 429, **body}, headers=headers)
    config: dict[str, Any] = {"client_id": Sandbox.client_id, "request_intervals": {**UNPACED, FEED: "auto"}}
    tap, _ = make_tap(sandbox, select={"posts"}, pace_file=str(path), **config)
    try:
        tap.sync_all()
    except DailyLimit:
        assert expected <= {"used_up_on", "used_up_on by member"}
    text = path.read_text()
    of_app, *of_member = json.loads(text)["apps"].values()
    shared = {*of_app[FEED], *(f"{name} by member" for entries in of_member for name in entries[FEED])}
    assert shared & {"used_up_on", "delayed_until", "long_until", "used_up_on by member"} == expected
    assert path.stat().st_mode & 0o777 == 0o600
    numbers = [str(organization.number) for organization in sandbox.world.organizations]
    assert not [secret for secret in (sandbox.token, Sandbox.client_id, "urn:", *numbers) if secret in text]


# What is believed


ENTRY = {"written_at": 1772443800.0}


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"\xff\xfe",
        b'{"version": 1, "client": null, "access_token": "x"}',
        b'{"pace_version": 2, "apps": {}}',
        *(
            json.dumps({"pace_version": 1, "apps": {"x": {FEED: {**ENTRY, **entry}}}}).encode()
            for entry in ({"tickets": -1}, {"delayed_until": 1e10}, {"left_at": 1772447400}, {"more": 1})
        ),
    ],
)
def test_a_broken_file_begins_anew(path: Path, text: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """With one warning; the old one is kept, since it may be another program's."""
    path.parent.mkdir()
    path.write_bytes(text)
    clock = FakeClock()
    left = departures([pace(path, clock), pace(path, clock)], clock, 60, 4)
    assert gaps(left) == pytest.approx([60] * 3, abs=0.001)
    assert [record.message.split(" was broken")[0] for record in caplog.records] == [f"The pace_file {path}"]
    assert path.with_name("pace.json.broken").read_bytes() == text


def test_runs_under_way_go_on_if_the_file_is_removed(path: Path) -> None:
    """The tickets that they hold are of the old one."""
    clock = FakeClock()
    runs = [pace(path, clock) for _ in range(5)]
    departures(runs, clock, 60, 20)
    path.unlink()
    assert max(gaps(departures(runs, clock, 60, 20))) == pytest.approx(60, abs=0.001)


def test_what_is_out_of_date_leaves_the_file(path: Path) -> None:
    """Or that of a token each would grow for good."""
    clock = FakeClock()
    pace(path, clock, "old").take_turn(FEED, 60, 60)
    clock.sleep(49 * HOUR)
    pace(path, clock, "new").take_turn(FEED, 60, 60)
    assert len(json.loads(path.read_text())["apps"]) == 1


def _below_a_file(path: Path) -> None:
    path.parent.write_text("")


def _a_folder(path: Path) -> None:
    path.mkdir(parents=True)


@pytest.mark.parametrize(
    ("spoil", "why"), [(_below_a_file, "cannot be written and locked"), (_a_folder, "is not a plain file")]
)
def test_a_file_that_cannot_be_written_ends_the_run(
    sandbox: Sandbox, path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """Before any request, with one sentence: the settings promise other runs that this one shares its pace."""
    spoil(path)
    tap, _ = make_tap(sandbox, pace_file=str(path))
    with pytest.raises(DmaError, match=rf"The pace_file \S+ {why}.* Choose"):
        tap.sync_all()
    assert not sandbox.requests


HOLD = """
import time
from tap_linkedin_dma.api.clock import SystemClock
from tap_linkedin_dma.api.pace_file import PaceFile
with PaceFile({"pace_file": %r, "client_id": "an-app"}, SystemClock())._changing():
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_killed_run_leaves_no_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL takes it in the middle of its work on the file, and the system frees the lock."""
    monkeypatch.setattr(pace_file, "_LONGEST_WAIT", 0)
    with subprocess.Popen([sys.executable, "-c", HOLD % str(path)], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(PaceFileRejected, match="locked by another program"):
                pace(path, FakeClock()).take_turn(FEED, 60, 60)
        finally:
            holder.kill()
    assert pace(path, FakeClock()).take_turn(FEED, 60, 60).seconds == 0
