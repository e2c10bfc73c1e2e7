"""How far a run is: right figures, a line a minute, a table at the end, live lines on a terminal alone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.output.progress import Progress
from tap_linkedin_dma.output.terminal import fitting_rows
from tap_linkedin_dma.streams import STREAMS
from tests.support.clock import FakeClock
from tests.support.plain import FEED, PlainLinkedIn, urn_of
from tests.support.runs import UNPACED, Run, command_of, make_tap, settings

FOLLOWS = "dmaOrganizationalPageFollows"
LOGGER = "tap-linkedin-dma.progress"

LONG_ENOUGH = 120
"""Seconds after which a test that waits for another process fails; none passes by waiting."""


def shown(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == LOGGER]


def table(lines: list[str]) -> dict[str, list[float]]:
    """The table among the lines: numbers by the first cell."""
    start = next(number for number, line in enumerate(lines) if line.startswith("stream "))
    cells = [line.split() for line in lines[start + 1 :]]
    return {name: [float(number.replace(",", "")) for number in numbers] for name, *numbers in cells}


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_the_table_says_what_was_asked_and_given(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, max_concurrency: int
) -> None:
    """By stream, and in all; a request that is tried again is a call and a retry."""
    caplog.set_level("INFO")
    sandbox.answer("dmaPosts", status=503, body={}, times=2)
    select = {"organizations", "posts", "comments", "followers", "people", "titles", "follower_trend"}
    tap, writer = make_tap(sandbox, select=select, max_concurrency=max_concurrency)
    tap.sync_all()
    figures = table(shown(caplog))
    total = figures.pop("total")
    records = Counter({name: len(records) for name, records in Run(writer.messages).records.items()})
    assert {name: numbers[0] for name, numbers in figures.items() if numbers[0]} == records
    asked = [request for request in sandbox.requests if request.path.startswith("/rest/")]
    assert sum(numbers[1] for numbers in figures.values()) == len(asked) == total[1]
    assert figures["followers"][1] == len(sandbox.requests_to(FOLLOWS))
    assert {name: numbers[2] for name, numbers in figures.items() if numbers[2]} == {"posts": 2}
    assert total[0] == records.total()


def test_waiting_is_for_a_turn(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """As the clock shows it; while a request is under way this clock stands still."""
    caplog.set_level("INFO")
    clock = FakeClock()
    paced = {**UNPACED, FOLLOWS: 60}
    tap, _ = make_tap(sandbox, select={"followers"}, clock=clock, request_intervals=paced)
    tap.sync_all()
    _, calls, _, waiting = table(shown(caplog))["followers"]
    assert waiting == pytest.approx(60.05 * (calls - 1), abs=0.1)
    assert waiting == pytest.approx(sum(clock.slept), abs=0.1)


def test_threads_that_wait_at_the_same_time_wait_once(caplog: pytest.LogCaptureFixture) -> None:
    """A stream never waits for longer than the run takes, and the total is no sum of the streams either."""
    caplog.set_level("INFO")
    clock = FakeClock()
    progress = Progress(clock)

    @contextmanager
    def slot(others: int) -> Iterator[None]:
        name = "followers" if others % 2 else "posts"
        with progress.call(name, PreparedRequest(), slot(others - 1)) if others else nullcontext():
            clock.sleep(1)
            yield

    with progress.shown(), progress.call("posts", PreparedRequest(), slot(5)):
        pass
    figures = table(shown(caplog))
    assert figures["total"][3] == progress.seconds
    assert figures["posts"][3] == figures["total"][3]
    assert figures["followers"][3] < figures["total"][3]


def test_an_hour_logs_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """With each walk under way, and without members and cursors."""
    caplog.set_level("INFO")
    linkedin = PlainLinkedIn(page_size=1)
    with linkedin:
        for days in range(1, 61):
            linkedin.add_post(urn_of(days))
        clock = FakeClock()
        config: dict[str, Any] = {"organizations": [linkedin.organization], "request_intervals": {**UNPACED, FEED: 60}}
        tap, _ = make_tap(linkedin, select={"posts"}, clock=clock, **config)
        tap.sync_all()
        assert 3500 < clock.monotonic() < 3700
    lines = [line for line in shown(caplog) if line.startswith("Progress: ")]
    assert 57 <= len(lines) <= 61
    assert any("posts: 30 records, 30 pages, 1 records/min;" in line for line in lines)
    assert not [line for line in lines if "urn" in line or "c30" in line]


def test_a_short_run_logs_the_table_alone(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    tap, _ = make_tap(sandbox, select={"me"})
    tap.sync_all()
    assert [line.split()[0] for line in shown(caplog)] == ["stream", "me", "total"]


def test_a_run_that_fails_tells_what_it_did(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    sandbox.answer("dmaOrganizationalPageProfiles", status=401, body={"status": 401, "code": "REVOKED_ACCESS_TOKEN"})
    tap, writer = make_tap(sandbox, select={"organizations", "followers"})
    with pytest.raises(DmaError, match="401"):
        tap.sync_all()
    figures = table(shown(caplog))
    assert figures["total"][:2] == [len(Run(writer.messages).records["organizations"]), len(sandbox.requests)]


def _page(rows: int, **paging: int) -> dict[str, Any]:
    return {"elements": [{}] * rows, "paging": paging}


@pytest.mark.parametrize(
    ("params", "cursor", "page", "words"),
    [
        ({"q": "a"}, None, _page(10, total=60), "20 of 60 records, 2 pages, 10 records/min, 4 min left"),
        ({"q": "a"}, None, _page(10), "20 records, 2 pages, 10 records/min"),
        ({"q": "a"}, None, _page(10, total=20), "20 of 20 records, 2 pages, 10 records/min"),
        ({"q": "a"}, "later", _page(10, total=60), "20 records, 2 pages, 10 records/min"),
        (
            {"bq": "a"},
            None,
            {"elements": [_page(6, total=30)] * 2},
            "24 of 60 records, 2 pages, 12 records/min, 3 min left",
        ),
        ({"bq": "a"}, None, {"elements": [_page(6, total=30), {}]}, "12 records, 2 pages, 6 records/min"),
    ],
)
def test_the_time_left_is_told_where_the_total_is_known(
    caplog: pytest.LogCaptureFixture, params: dict[str, str], cursor: str | None, page: dict[str, Any], words: str
) -> None:
    """A walk that goes on from an earlier run's does not read all of it."""
    caplog.set_level("INFO")
    clock = FakeClock()
    progress = Progress(clock)
    with progress.shown(), progress.listing("titles", params, cursor) as met:
        met(page)
        clock.sleep(60)
        met(page)
    assert shown(caplog)[0] == f"Progress: titles: {words}; total: 0 records, 0 calls, 1 min"


def test_calls_are_counted_of_how_many(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """If a stream knows beforehand how many it makes; a retry is none of them."""
    caplog.set_level("INFO")
    sandbox.answer("dmaOrganizationalPageEdgeAnalytics", status=503, body={}, times=2)
    paced = {**UNPACED, "dmaOrganizationalPageEdgeAnalytics": 60}
    tap, _ = make_tap(sandbox, select={"visitor_demographics"}, clock=FakeClock(), request_intervals=paced)
    tap.sync_all()
    _, calls, retries, _ = table(shown(caplog))["visitor_demographics"]
    lines = [line for line in shown(caplog) if line.startswith("Progress: ")]
    assert retries == 2
    assert [line for line in lines if f"visitor_demographics: {calls - 4:.0f} of {calls - 2:.0f} calls" in line]


def reading(sandbox: Sandbox, folder: Path, select: set[str], **config: Any) -> list[str]:
    """The command that reads these streams of one organization."""
    given = settings(sandbox, organizations=[sandbox.world.truth.organizations[0].urn], **config)
    return command_of(folder, config=given, catalog=make_tap(sandbox, select=select)[0].catalog_dict)


class Terminal:
    """What is written to a terminal, read all the time: a full one would keep the writer waiting.

    Args:
        end: the file descriptor of our end.
    """

    def __init__(self, end: int) -> None:
        self._end = end
        self._seen = bytearray()
        self._is_left = False
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def wait_for(self, pattern: str) -> None:
        """Wait until something like it stands there."""
        with self._more:
            assert self._more.wait_for(
                lambda: self._is_left or re.search(pattern, self._seen.decode(errors="replace")), LONG_ENOUGH
            )
        assert re.search(pattern, self._seen.decode(errors="replace")), self._seen.decode(errors="replace")

    def left(self) -> str:
        """All that stands there, once nobody writes any more."""
        self._thread.join(LONG_ENOUGH)
        return self._seen.decode(errors="replace")

    def _read(self) -> None:
        # An error is how a terminal says that nobody writes there any more.
        with suppress(OSError):
            while more := os.read(self._end, 65536):
                with self._more:
                    self._seen.extend(more)
                    self._more.notify_all()
        with self._more:
            self._is_left = True
            self._more.notify_all()


@contextmanager
def on_a_terminal(sandbox: Sandbox, folder: Path, **config: Any) -> Iterator[tuple[subprocess.Popen[bytes], Terminal]]:
    """The command with a terminal for its stderr."""
    command = reading(sandbox, folder, {"followers"}, **config)
    ours, theirs = os.openpty()
    variables = {"TERM": "xterm", "COLUMNS": "150", "LINES": "40"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, **variables}) as process:
        os.close(theirs)
        terminal = Terminal(ours)
        try:
            yield process, terminal
        finally:
            process.kill()
            terminal.left()
            os.close(ours)


def last_lines(seen: str) -> str:
    """What stands on the terminal after the cursor is shown again, as it must be, once."""
    assert seen.count("\x1b[?25l") == seen.count("\x1b[?25h") == 1
    return seen.partition("\x1b[?25h")[2]


def test_a_terminal_shows_walks_while_they_last(sandbox: Sandbox, tmp_path: Path) -> None:
    """Below the log, and then no more; messages are as they are without a terminal."""
    sizes = {"followers": {"page_size": 20}}
    config = {"stream_options": sizes, "request_intervals": {**UNPACED, FOLLOWS: 1}}
    with on_a_terminal(sandbox, tmp_path, **config) as (process, terminal):
        terminal.wait_for(r"followers +20 records +1 page")
        assert process.stdout
        messages = [json.loads(line) for line in process.stdout]
        seen = terminal.left()
        assert process.wait(timeout=30) == 0
    assert {message["type"] for message in messages} == {"SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION"}
    assert "Progress: " not in seen
    assert not re.search(r"calls *\d{4}-", seen), "a line of the log stands behind a live one"
    *bare, last = [line for line in re.sub(r"\x1b\[[\d;?]*\w", "", last_lines(seen)).splitlines() if line]
    assert [line.split()[0] for line in bare if "|" not in line] == ["stream", "organizations", "followers", "total"]
    assert max(len(line) for line in bare if "|" not in line) <= 80
    assert "| Done: " in last


def test_a_signal_leaves_the_terminal_as_it_was(sandbox: Sandbox, tmp_path: Path) -> None:
    config = {"stream_options": {"followers": {"page_size": 5}}, "request_intervals": {**UNPACED, FOLLOWS: 60}}
    with on_a_terminal(sandbox, tmp_path, **config) as (process, terminal):
        terminal.wait_for(r"followers +5 records +1 page")
        process.send_signal(signal.SIGTERM)
        assert process.stdout
        assert [json.loads(line) for line in process.stdout][-1]["type"] == "STATE"
        seen = terminal.left()
        assert process.wait(timeout=10) == 128 + signal.SIGTERM
    assert "Interrupted by signal 15 after " in last_lines(seen).splitlines()[-1]
    assert "followers" in last_lines(seen)


def test_nothing_is_live_in_a_pipe(sandbox: Sandbox, tmp_path: Path) -> None:
    command = reading(sandbox, tmp_path, {"me"})
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout
    assert "\x1b" not in run.stderr
    assert "waiting s" in run.stderr


def test_a_table_of_the_longest_name_fits_a_terminal() -> None:
    """With millions of records, and a day of waiting."""
    clock = FakeClock()
    progress = Progress(clock)
    progress.follow(max((stream.name for stream in STREAMS), key=len), lambda: 9_999_999)
    for line in progress.table():
        assert len(line) <= 80


@pytest.mark.parametrize(("streams", "lines", "left_out"), [(3, 23, 0), (22, 23, 0), (23, 23, 2), (65, 23, 44)])
def test_live_lines_fit_the_terminal_with_the_total(streams: int, lines: int, left_out: int) -> None:
    rows = [*([f"stream {number}"] for number in range(streams)), ["total"]]
    fitting = fitting_rows(rows, lines)
    assert len(fitting) <= lines
    assert fitting[-1] == ["total"]
    assert ([f"{left_out} more"] in fitting) == bool(left_out)
