"""Eight runs of one app at once, each for a client with a schema of its own in one PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from demo.meltano import PROJECT
from demo.postgres import embedded_server
from demo.processes import child
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.end_to_end.targets import command_of
from tests.support import at_once
from tests.support.clock import NOW
from tests.support.runs import UNPACED
from tests.support.shared_clock import SharedClock
from tests.support.tables import timeless
from tests.support.warehouses import Tables

STREAMS = {"organizations", "posts", "followers"}
FOLLOWS, INTERVAL = "dmaOrganizationalPageFollows", 60
LATEST = 240
"""Seconds after which the processes are stopped, and the test fails."""

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT)}

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
    """Run the tap for all clients at once, each into a file of messages; one resource is paced as LinkedIn asks."""
    world = World(organizations=32, posts=10, followers=20, now=NOW)
    intervals = {FOLLOWS: INTERVAL}
    with SharedClock(len(clients)) as clock, Sandbox(world, intervals=intervals, clock=clock.monotonic) as sandbox:
        settings = {**sandbox.tap_settings, "request_intervals": {**UNPACED, **intervals}, **config}
        catalog = TapLinkedInDMA(config=settings).catalog_dict
        for stream in catalog["streams"]:
            (of_stream,) = (entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
            of_stream["selected"] = stream["tap_stream_id"] in STREAMS
        selection = ["--catalog", written(folder / "catalog.json", catalog)]
        configs = {
            client: written(folder / f"{client}-tap.json", {**settings, "organizations": numbers})
            for client, numbers in clients.items()
        }
        run_at_once(
            Path(sys.executable),
            "tests.support.shared_clock:run_tap",
            [
                ([str(clock.port), *selection, "--config", config], os.devnull, str(folder / f"{client}.jsonl"))
                for client, config in configs.items()
            ],
            folder,
        )
        times = [request.at for request in sandbox.requests_to(FOLLOWS)]
        seconds = max(times) - min(times)
        refused = [request for request in sandbox.requests if request.status == 429]
        return Reading(len(sandbox.requests), len(refused), (len(times) - 1) * INTERVAL / seconds, seconds)


def load(database: str, clients: Clients, folder: Path) -> None:
    """Run target-postgres for all clients at once, each into its schema."""
    url = f"postgresql+psycopg://{database.split('://')[1]}"
    configs = {
        schema: written(folder / f"{schema}-target.json", {"sqlalchemy_url": url, "default_target_schema": schema})
        for schema in clients
    }
    run_at_once(
        command_of("target-postgres").with_name("python"),
        "target_postgres.target:TargetPostgres.cli",
        [
            (["--config", config], str(folder / f"{schema}.jsonl"), str(folder / f"{schema}-state.jsonl"))
            for schema, config in configs.items()
        ],
        folder,
    )


def run_at_once(python: Path, command: str, jobs: Sequence[tuple[Sequence[str], str, str]], folder: Path) -> None:
    """See `tests.support.at_once`; its processes do not outlive an error."""
    arguments = [str(python), at_once.__file__, command, written(folder / "jobs.json", jobs)]
    log = folder / "errors.log"
    with log.open("w") as errors, child(arguments, subprocess.DEVNULL, errors, env=ENVIRONMENT) as process:
        status = process.wait(LATEST)
    assert status == 0, log.read_text()


def written(file: Path, content: object) -> str:
    file.write_text(json.dumps(content))
    return str(file)


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
        for table in STREAMS:
            assert rows(url, table, clients) == rows(url, table, whole) != []


def rows(database: str, table: str, schemas: Iterable[str]) -> list[str]:
    """The rows of a table in these schemas, as text, without the target's own columns and LinkedIn's passing links."""
    found = [row for schema in schemas for row in Tables("postgres", database).rows(table, schema)]
    own = [{name: value for name, value in row.items() if not name.startswith("_sdc_")} for row in found]
    return sorted(json.dumps(timeless(row), sort_keys=True) for row in own)
