"""Eight runs of one app at once, each for a client with a schema of its own in one PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from demo.meltano import PROJECT, Meltano, plugins
from demo.postgres import Database, embedded_server
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.clock import NOW
from tests.support.runs import UNPACED
from tests.support.shared_clock import SharedClock

STREAMS = {"organizations", "posts", "followers", "page_content_trend"}
FOLLOWS, INTERVAL = "dmaOrganizationalPageFollows", 60
LATEST = 300
"""Seconds after which a process is stopped, and the test fails."""

Clients = Mapping[str, Sequence[int]]
"""Organizations by client; its name is that of its schema."""


class Reading(NamedTuple):
    """How LinkedIn saw the runs.

    Args:
        requests: to all resources.
        refused: of them, with 429.
        rate: at which the slowest resource was used, of what its interval allows.
        seconds: from its first request to its last.
    """

    requests: int
    refused: int
    rate: float
    seconds: float


def read(clients: Clients, folder: Path, **config: object) -> Reading:
    """Run the tap for all clients at once, each into a file of messages."""
    world = World(organizations=32, posts=10, followers=20, now=NOW)
    intervals = {FOLLOWS: INTERVAL}
    with SharedClock(len(clients)) as clock, Sandbox(world, intervals=intervals, clock=clock.monotonic) as sandbox:
        settings = {
            **sandbox.tap_settings,
            "request_intervals": {**UNPACED, **intervals},
            "start_date": "2026-02-15",
            **config,
        }
        catalog = TapLinkedInDMA(config=settings).catalog_dict
        for stream in catalog["streams"]:
            (of_stream,) = (entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
            of_stream["selected"] = stream["tap_stream_id"] in STREAMS
        command = [sys.executable, "-m", "tests.support.shared_clock", str(clock.port)]
        command += ["--catalog", written(folder / "catalog.json", catalog), "--config"]
        with ExitStack() as files:
            run_at_once(
                subprocess.Popen(
                    [*command, written(folder / f"{client}-tap.json", {**settings, "organizations": numbers})],
                    cwd=PROJECT,
                    stdout=files.enter_context((folder / f"{client}.jsonl").open("w")),
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for client, numbers in clients.items()
            )
        times = [request.at for request in sandbox.requests_to(FOLLOWS)]
        seconds = max(times) - min(times)
        refused = [request for request in sandbox.requests if request.status == 429]
        return Reading(len(sandbox.requests), len(refused), (len(times) - 1) * INTERVAL / seconds, seconds)


def load(database: str, clients: Clients, folder: Path) -> None:
    """Run target-postgres for all clients at once, each into its schema."""
    Meltano(folder, {}).call("install", "target-postgres", log=folder / "install.log")
    target = plugins(PROJECT) / "loaders/target-postgres/venv/bin/target-postgres"
    url = f"postgresql+psycopg://{database.split('://')[1]}"
    with ExitStack() as files:
        run_at_once(
            subprocess.Popen(
                [
                    target,
                    "--config",
                    written(folder / f"{schema}-target.json", {"sqlalchemy_url": url, "default_target_schema": schema}),
                ],
                stdin=files.enter_context((folder / f"{schema}.jsonl").open()),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for schema in clients
        )


def written(file: Path, content: object) -> str:
    file.write_text(json.dumps(content))
    return str(file)


def run_at_once(starting: Iterable[subprocess.Popen[str]]) -> None:
    """Await processes; an error with what they printed if one does not end with 0."""
    processes = list(starting)
    try:
        printed = [process.communicate(timeout=LATEST)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [text for text, process in zip(printed, processes, strict=True) if process.returncode] == []


def test_eight_runs_at_once_fill_the_tables_as_one_does(tmp_path: Path) -> None:
    """LinkedIn refuses none of their requests, they use its whole rate, and no target waits for another's locks."""
    numbers = [organization.number for organization in World(organizations=32).truth.organizations]
    clients = {f"client_{place}": numbers[place::8] for place in range(8)}
    whole = {"whole": numbers}
    together = read(clients, tmp_path, pace_file=str(tmp_path / "pace.json"))
    alone = read(whole, tmp_path)
    assert together.refused == 0
    assert together.rate > 0.9
    assert together.seconds <= alone.seconds * 1.01
    with embedded_server() as url:
        load(url, {**clients, **whole}, tmp_path)
        tables = {schema: Database(url, schema).snapshot() for schema in (*clients, *whole)}
    by_clients = {name: {row for client in clients for row in tables[client][name].items()} for name in STREAMS}
    assert by_clients == {name: set(tables["whole"][name].items()) for name in STREAMS}
