"""How long the loader takes by itself, and how long a whole `meltano run` takes, into the same PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench import outputs
from bench.contenders import THIS, Place, tap_settings
from bench.measuring import Cost, measure
from bench.running import Result, Row, quickest
from bench.workloads import Workload
from demo.meltano import PROJECT, Meltano, plugins
from demo.postgres import Database, embedded_server
from demo.sandbox import running_sandbox

WHOLE, ALONE = "meltano run tap-linkedin-dma target-postgres", "target-postgres alone, from a file"
IN_FILES = "meltano run tap-linkedin-dma--batch target-postgres"
"""The tap by its other name, under which most rows pass in the files of BATCH messages."""

FROM_FILE = "meltano run of a tap that prints that file"
"""What Meltano adds whichever tap it runs."""

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
        target = {
            "sqlalchemy_url": database.sqlalchemy_url,
            "default_target_schema": database.schema,
            "use_copy": True,  # as the shipped project has it
        }
        from_file = project_from_file(folder, messages, target)
        alone = [str(_TARGET), "--config", place.write("target.json", target)]

        def by_meltano(name: str, project: Meltano, tap: str) -> Row:
            command = project.command("run", tap, "target-postgres")
            cost = measure(command, folder / "run", folder=project.project, environment=project.environment())
            return loaded(name, cost, database, expected)

        rows = []
        for _ in range(workload.rounds):
            rows.append(by_meltano(IN_FILES, meltano, "tap-linkedin-dma--batch"))
            rows.append(by_meltano(WHOLE, meltano, "tap-linkedin-dma"))
            rows.append(by_meltano(FROM_FILE, from_file, "tap-file"))
            rows.append(loaded(ALONE, measure(alone, folder / "load", feed=messages), database, expected))
        return Result(workload, quickest(rows))


def project_from_file(folder: Path, messages: Path, target: Mapping[str, object]) -> Meltano:
    """A project with a tap that prints these messages, and the loader that the shipped project has installed."""
    project = folder / "from-file"
    project.mkdir()
    tap = project / "tap-file"
    tap.write_text(f"#!/bin/sh\nexec cat {messages}\n")
    tap.chmod(0o755)
    loader = {"name": "target-postgres", "namespace": "target_postgres", "executable": str(_TARGET), "config": target}
    extractor = {"name": "tap-file", "namespace": "tap_file", "executable": str(tap)}
    pair = {"extractors": [extractor], "loaders": [loader]}
    definition = {"default_environment": "bench", "environments": [{"name": "bench"}], "plugins": pair}
    # What is JSON is YAML too.
    (project / "meltano.yml").write_text(json.dumps(definition))
    return Meltano(folder, {}, project)


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
