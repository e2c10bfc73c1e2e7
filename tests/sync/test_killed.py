"""The command, killed for real: by a signal that it can answer, by one that it cannot, and by its reader's end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.output.wire_report import document
from tests.conftest import NOW
from tests.support.batches import batch_config
from tests.support.runs import command_of, make_tap, settings
from tests.support.tables import Tables, run_into

SELECT = {"posts", "comments", "reactions", "followers", "people", "organizations"}
PAGES = {"followers": {"page_size": 5}, "posts": {"page_size": 3}}


@contextmanager
def running(sandbox: Sandbox, folder: Path, tables: Tables, **config: Any) -> Iterator[subprocess.Popen[str]]:
    """The command, reading the sandbox from the tables' state, and writing most rows into files."""
    batches = {"batch_config": batch_config(folder / "batches", rows=10)}
    files = {
        "config": settings(sandbox, **{"stream_options": PAGES, **batches, **config}),
        "catalog": make_tap(sandbox, select=SELECT)[0].catalog_dict,
        "state": tables.state,
    }
    command = command_of(folder, **files)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def take(tables: Tables, process: subprocess.Popen[str], with_rows: int | None = None) -> None:
    """Take in what the command writes, up to so many messages with rows or to its end; a cut line is no message."""
    assert process.stdout
    for line in process.stdout:
        if not line.endswith("\n"):
            return
        message = json.loads(line)
        tables.take(message)
        if with_rows is not None and message["type"] in ("RECORD", "BATCH"):
            with_rows -= 1
            if with_rows <= 0:
                return


@pytest.fixture(scope="module")
def whole() -> Tables:
    """What an undisturbed run fills."""
    tables = Tables()
    with Sandbox(World(posts=24, followers=40, seed=3, now=NOW)) as sandbox:
        run_into(tables, sandbox, SELECT, stream_options=PAGES)
    return tables


def go_on(sandbox: Sandbox, folder: Path, tables: Tables, whole: Tables, **config: Any) -> None:
    """The next run reads what the killed one has left."""
    with running(sandbox, folder, tables, **config) as process:
        take(tables, process)
        assert process.wait(timeout=60) == 0
    for stream in SELECT:
        assert tables.of(stream) == whole.of(stream), stream


def test_sigterm_writes_the_state_and_ends_at_once(sandbox: Sandbox, tmp_path: Path, whole: Tables) -> None:
    """While its threads wait a minute for their turn; every line is whole, and the next run goes on.

    The reports of the run are written too.
    """
    tables = Tables()
    intervals = {"dmaFeedContentsExternal": 60, "dmaOrganizationalPageFollows": 60}
    reports = {name: str(tmp_path / f"{name}.json") for name in ("run_report", "wire_report")}
    config = {"request_intervals": intervals, "max_concurrency": 4, **reports}
    with running(sandbox, tmp_path, tables, **config) as process:
        take(tables, process, with_rows=2)
        process.send_signal(signal.SIGTERM)
        take(tables, process)
        assert process.wait(timeout=30) == 128 + signal.SIGTERM
    report = json.loads((tmp_path / "run_report.json").read_text())
    assert (report["outcome"], report["message"][:24]) == ("failed", "Interrupted by signal 15")
    assert report["rows"] > 0
    assert "organizations" in {entry.stream for entry in document.read(tmp_path / "wire_report.json").entries}
    go_on(sandbox, tmp_path, tables, whole)


@pytest.mark.parametrize("with_rows", [1, 9])
def test_sigkill_loses_nothing(sandbox: Sandbox, tmp_path: Path, whole: Tables, with_rows: int) -> None:
    tables = Tables()
    with running(sandbox, tmp_path, tables, max_concurrency=4) as process:
        take(tables, process, with_rows)
        os.kill(process.pid, signal.SIGKILL)
        take(tables, process)
    go_on(sandbox, tmp_path, tables, whole, max_concurrency=4)


def test_a_closed_pipe_ends_the_run_with_an_error(sandbox: Sandbox, tmp_path: Path, whole: Tables) -> None:
    """The target is gone: nothing more can leave, and what has left is in its last state."""
    tables = Tables()
    with running(sandbox, tmp_path, tables) as process:
        take(tables, process, with_rows=8)
        assert process.stdout
        process.stdout.close()
        assert process.wait(timeout=30) != 0
    go_on(sandbox, tmp_path, tables, whole)
