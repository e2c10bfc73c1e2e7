"""How long the loader takes by itself, and how long a whole `meltano run` takes, into the same PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from bench import outputs
from bench.contenders import THIS, Place, tap_settings
from bench.environments import Environment
from bench.measuring import Cost, Failed, measure
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

PIPELINEWISE, DLT = Environment("pipelinewise-target-postgres"), Environment("dlt-loader")
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
            return loaded(name, cost, database, kept(database), expected)

        def by_peer(name: str, environment: Environment, command: list[str]) -> Row | str:
            try:
                environment.make()
                cost = measure(command, folder / "load", feed=messages)
            except (Failed, subprocess.CalledProcessError) as failure:
                emptied(database)
                return str(failure)
            return loaded(name, cost, database, written(database, workload.streams), expected)

        rows, failed = [], {}
        for _ in range(workload.rounds):
            rows.append(by_meltano(IN_FILES, meltano, "tap-linkedin-dma--batch"))
            rows.append(by_meltano(WHOLE, meltano, "tap-linkedin-dma"))
            rows.append(by_meltano(FROM_FILE, from_file, "tap-file"))
            cost = measure(alone, folder / "load", feed=messages)
            rows.append(loaded(ALONE, cost, database, kept(database), expected))
            for name, (environment, command) in peers(place, database).items():
                row = by_peer(name, environment, command)
                if isinstance(row, Row):
                    rows.append(row)
                else:
                    failed[name] = row
        return Result(workload, quickest(rows), failed=failed)


def peers(place: Place, database: Database) -> Mapping[str, tuple[Environment, list[str]]]:
    """Other loaders of the same messages, by name: where each is installed, and its command line."""
    server = {"port": 5432, "password": "none", **conninfo_to_dict(database.url)}
    settings = {**server, "default_target_schema": database.schema}
    pipelinewise = [PIPELINEWISE.program("target-postgres"), "--config", place.write("pipelinewise.json", settings)]
    # dlt asks for the name of a host; libpq lets the query's, the folder of a socket, stand instead.
    credentials = {
        "host": "localhost",
        "port": server["port"],
        "username": server["user"],
        "password": server["password"],
        "database": server["dbname"],
        "query": {"host": server["host"]},
    }
    script = str(Path(__file__).parent / "peers" / "dlt_loader.py")
    dlt = [DLT.program("python"), script, database.schema, json.dumps(credentials)]
    return {
        f"{PIPELINEWISE.name} alone, from a file": (PIPELINEWISE, pipelinewise),
        "dlt as a loader, from a file": (DLT, dlt),
    }


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


def kept(database: Database) -> int:
    """The rows that target-postgres wrote and has not marked as deleted."""
    return sum(map(len, database.snapshot().values()))


def written(database: Database, tables: Sequence[str]) -> int:
    """The rows of these tables, whoever wrote them."""
    count = sql.SQL("SELECT count(*) AS rows FROM {}")
    return sum(database.query(count.format(sql.Identifier(table)))[0]["rows"] for table in tables)


def loaded(name: str, cost: Cost, database: Database, records: int, expected: int) -> Row:
    """A row, by the records that stand in the database, which is emptied for the next."""
    emptied(database)
    return Row(name, cost, records=records, verdict="" if records == expected else f"{expected} were read")


def emptied(database: Database) -> None:
    """Remove what a loader wrote; dlt stages rows in a schema of its own."""
    database.drop()
    staging = sql.Identifier(f"{database.schema}_staging")
    database.connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(staging))
