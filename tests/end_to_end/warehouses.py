"""Warehouses that the project's targets fill, and in which its dbt project builds marts."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from demo.meltano import PROJECT, plugins
from demo.postgres import Database, embedded_server
from tests.end_to_end.targets import install, load

MARTS = "linkedin_marts"
TRANSFORM = PROJECT / "transform"

Row = dict[str, Any]


class BuildError(AssertionError):
    """dbt did not end with 0. The message is what it printed."""


@dataclass
class Warehouse:
    """A database, one target that fills it, and one dbt utility.

    Args:
        folder: for logs and configurations.
        target: the target's name.
        schema: the schema that the target fills.
        config: the target's settings for another schema.
        dbt: the environment with which dbt finds the database.
        query: reads rows, or runs statements; names without a schema are those of the marts, then of the loaded tables.
        row_as_json: an expression for the row `line` as JSON.
    """

    folder: Path
    target: str
    schema: str
    config: Callable[[str], Mapping[str, object]]
    dbt: Mapping[str, str]
    query: Callable[[str], list[Row]]
    row_as_json: str

    @property
    def dialect(self) -> str:
        """The database's name, as `erase` and dbt have it."""
        return self.target.removeprefix("target-")

    def load(self, messages: Path, schema: str = "") -> None:
        """Have the target load a run's messages."""
        load(self.target, messages, self.folder, **self.config(schema or self.schema))

    def build(self, *arguments: str, tested: bool = True, **environment: str) -> str:
        """Run `dbt build`.

        Args:
            arguments: of the command.
            tested: whether dbt's tests are run, which takes most of its time.
            environment: beside the warehouse's own.

        Returns:
            All that dbt printed.

        Raises:
            BuildError: a model cannot be built, or a test fails.
        """
        utility = f"dbt-{self.dialect}"
        install(utility)
        command = plugins(PROJECT) / "utilities" / utility / "venv/bin/dbt"
        given = {
            "DBT_TARGET": self.dialect,
            "DBT_PROJECT_DIR": str(TRANSFORM),
            "DBT_PROFILES_DIR": str(TRANSFORM),
            "DBT_TARGET_PATH": str(self.folder / "dbt"),
            "DBT_LOG_PATH": str(self.folder / "dbt-logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_USE_COLORS": "false",
            **self.dbt,
            **environment,
        }
        arguments = (*arguments, *(() if tested else ("--exclude-resource-type", "test")))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
        built = subprocess.run(
            [command, "build", *arguments], env={**inherited, **given}, capture_output=True, text=True, check=False
        )
        if built.returncode:
            raise BuildError(built.stdout + built.stderr)
        return built.stdout

    def rows(self, table: str, schema: str = "") -> list[Row]:
        """The rows of a table as JSON."""
        table = f'"{schema or self.schema}"."{table}"'
        read = self.query(f"SELECT CAST({self.row_as_json} AS text) AS line FROM {table} AS line")
        return [json.loads(row["line"]) for row in read]

    def columns(self, schema: str) -> dict[str, set[str]]:
        """The columns of each table and view of a schema."""
        read = self.query(
            f"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '{schema}'"
        )
        names: dict[str, set[str]] = {}
        for row in read:
            names.setdefault(row["table_name"], set()).add(row["column_name"])
        return names

    def tables(self, schema: str) -> set[str]:
        """The tables of a schema that are not views."""
        read = self.query(
            "SELECT table_name FROM information_schema.tables"
            f" WHERE table_schema = '{schema}' AND table_type = 'BASE TABLE'"
        )
        return {row["table_name"] for row in read}


@contextmanager
def postgres(folder: Path) -> Iterator[Warehouse]:
    """A PostgreSQL of its own."""
    with embedded_server() as url, Database(url, "linkedin") as database:
        config = {"sqlalchemy_url": database.sqlalchemy_url, "use_copy": True}

        def query(statement: str) -> list[Row]:
            cursor = database.connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

        yield Warehouse(
            folder,
            "target-postgres",
            "linkedin",
            lambda schema: {**config, "default_target_schema": schema},
            database.dbt_settings,
            query,
            "to_jsonb(line)",
        )


@contextmanager
def duck(folder: Path) -> Iterator[Warehouse]:
    """A DuckDB file; it is open only during a query, since one process at a time may write it."""
    file = folder / "linkedin.duckdb"

    def query(statement: str) -> list[Row]:
        with duckdb.connect(str(file)) as connection:
            found = {name for (name,) in connection.execute("SELECT schema_name FROM duckdb_schemas()").fetchall()}
            connection.execute(f"SET search_path = '{','.join(name for name in (MARTS, 'main') if name in found)}'")
            result = connection.execute(statement)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    yield Warehouse(
        folder,
        "target-duckdb",
        "main",
        lambda schema: {"path": str(file), "default_target_schema": schema, "add_metadata_columns": True},
        {"DBT_DUCKDB_PATH": str(file)},
        query,
        "to_json(line)",
    )
