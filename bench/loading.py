"""How long the loader takes by itself, and how long a whole `meltano run` takes, into the same PostgreSQL."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from bench import outputs
from bench.contenders import THIS, Place, tap_settings
from bench.measuring import Cost, measure
from bench.running import Result, Row
from bench.workloads import Workload
from demo.meltano import PROJECT, Meltano, plugins
from demo.postgres import Database, embedded_server
from demo.sandbox import running_sandbox

WHOLE, ALONE = "meltano run tap-linkedin-dma target-postgres", "target-postgres alone, from a file"
_TARGET = plugins(PROJECT) / "loaders" / "target-postgres" / "venv" / "bin" / "target-postgres"


def run(workload: Workload) -> Result:
    """Load what the tap reads, through Meltano and from a file that holds the same messages."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        database = stack.enter_context(Database(stack.enter_context(embedded_server()), "bench"))
        place = Place(folder, stack.enter_context(running_sandbox(*workload.sandbox)), workload)
        meltano = Meltano(folder, meltano_settings(place, database))
        meltano.install()
        messages = folder / "messages.jsonl"
        measure(THIS.prepare(place), messages)
        expected = outputs.read(messages).records
        command = meltano.command("run", "tap-linkedin-dma", "target-postgres")
        cost = measure(command, folder / "run", folder=PROJECT, environment=meltano.environment())
        whole = loaded(WHOLE, cost, database, expected)
        target = {"sqlalchemy_url": database.sqlalchemy_url, "default_target_schema": database.schema}
        cost = measure([str(_TARGET), "--config", place.write("target.json", target)], folder / "load", feed=messages)
        return Result(workload, [whole, loaded(ALONE, cost, database, expected)])


def meltano_settings(place: Place, database: Database) -> dict[str, object]:
    """The settings of both plugins, as environment variables."""
    return {
        **{f"TAP_LINKEDIN_DMA_{name.upper()}": value for name, value in tap_settings(place).items()},
        "TAP_LINKEDIN_DMA__SELECT": [f"{stream}.*" for stream in place.workload.streams],
        "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
        "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": database.schema,
    }


def loaded(name: str, cost: Cost, database: Database, expected: int) -> Row:
    """A row, by what stands in the database, which is emptied for the next."""
    tables = {table: len(rows) for table, rows in database.snapshot().items()}
    database.drop()
    records = sum(tables.values())
    return Row(name, cost, records=records, verdict="" if records == expected else f"{expected} were read")
