"""How far a run is: right figures, a line a minute, a table at the end, live lines on a terminal alone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.output.progress import Progress
from tests.support.clock import FakeClock
from tests.support.plain import FEED, PlainLinkedIn, urn_of
from tests.support.runs import UNPACED, Run, make_tap, settings

FOLLOWS = "dmaOrganizationalPageFollows"
LOGGER = "tap-linkedin-dma.progress"

LONG_ENOUGH = 30
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


def test_waiting_and_working_are_told_apart(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Waiting is for a turn, as the clock shows it; while a request is under way this clock stands still."""
    caplog.set_level("INFO")
    clock = FakeClock()
    paced = {**UNPACED, FOLLOWS: 60}
    tap, _ = make_tap(sandbox, select={"followers"}, clock=clock, request_intervals=paced)
    tap.sync_all()
    _, calls, _, waiting, working = table(shown(caplog))["followers"]
    assert waiting == pytest.approx(60.05 * (calls - 1), abs=0.1)
    assert waiting == pytest.approx(sum(clock.slept), abs=0.1)
    assert working == 0


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
    assert any("posts: 30 rows, 30 pages, 1 rows/min;" in line for line in lines)
    assert not [line for line in lines if "urn" in line or "c30" in line]


def test_a_short_run_logs_the_table_alone(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Its minute is not over."""
    caplog.set_level("INFO")
    tap, _ = make_tap(sandbox, select={"me"})
    tap.sync_all()
    assert [line.split()[0] for line in shown(caplog)] == ["stream", "me", "total"]


def test_a_run_that_fails_tells_what_it_did(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Till then."""
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
        ({"q": "a"}, None, _page(10, total=60), "20 rows, 2 pages, 10 rows/min, 4 min left"),
        ({"q": "a"}, None, _page(10), "20 rows, 2 pages, 10 rows/min"),
        ({"q": "a"}, None, _page(10, total=20), "20 rows, 2 pages, 10 rows/min"),
        ({"q": "a"}, "later", _page(10, total=60), "20 rows, 2 pages, 10 rows/min"),
        ({"bq": "a"}, None, {"elements": [_page(6, total=30)] * 2}, "24 rows, 2 pages, 12 rows/min, 3 min left"),
        ({"bq": "a"}, None, {"elements": [_page(6, total=30), {}]}, "12 rows, 2 pages, 6 rows/min"),
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
    assert shown(caplog)[0] == f"Progress: titles: {words}; total: 0 records, 0 calls"


def command_of(sandbox: Sandbox, folder: Path, select: set[str], **config: Any) -> list[str]:
    """The command that reads these streams of one organization."""
    files = {
        "config": settings(sandbox, organizations=[sandbox.world.truth.organizations[0].urn], **config),
        "catalog": make_tap(sandbox, select=select)[0].catalog_dict,
    }
    command = [sys.executable, "-m", "tap_linkedin_dma"]
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
        command += [f"--{name}", str(folder / name)]
    return command


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
    command = command_of(sandbox, folder, {"followers"}, **config)
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
        terminal.wait_for(r"followers +20 rows +1 page")
        assert process.stdout
        messages = [json.loads(line) for line in process.stdout]
        seen = terminal.left()
        assert process.wait(timeout=30) == 0
    assert {message["type"] for message in messages} == {"SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION"}
    assert "Progress: " not in seen
    assert not re.search(r"calls *\d{4}-", seen), "a line of the log stands behind a live one"
    assert [line.split("|")[-1].split()[0] for line in last_lines(seen).splitlines() if LOGGER in line] == [
        "stream",
        "organizations",
        "followers",
        "total",
    ]


def test_a_signal_leaves_the_terminal_as_it_was(sandbox: Sandbox, tmp_path: Path) -> None:
    """With the table of what was done."""
    config = {"stream_options": {"followers": {"page_size": 5}}, "request_intervals": {**UNPACED, FOLLOWS: 60}}
    with on_a_terminal(sandbox, tmp_path, **config) as (process, terminal):
        terminal.wait_for(r"followers +5 rows +1 page")
        process.send_signal(signal.SIGTERM)
        assert process.stdout
        assert [json.loads(line) for line in process.stdout][-1]["type"] == "STATE"
        seen = terminal.left()
        assert process.wait(timeout=10) == 128 + signal.SIGTERM
    assert "Ended by signal" in last_lines(seen)
    assert "followers" in last_lines(seen)


def test_nothing_is_live_in_a_pipe(sandbox: Sandbox, tmp_path: Path) -> None:
    """As under Meltano."""
    command = command_of(sandbox, tmp_path, {"me"})
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout
    assert "\x1b" not in run.stderr
    assert "working s" in run.stderr
