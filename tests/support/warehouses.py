"""Tables of a real PostgreSQL or DuckDB with rows that a test gives, and the SQL of the commands run on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
import duckdb
import psycopg
from click.testing import CliRunner

from tap_linkedin_dma.commands.warehouse.dialects import kind_of
from tap_linkedin_dma.streams import STREAMS

SCHEMA = "tap_linkedin_dma"

_TYPES = {
    "postgres": {"text": "text", "number": "numeric", "time": "timestamp", "json": "jsonb"},
    "duckdb": {"text": "VARCHAR", "number": "DECIMAL(38, 10)", "time": "TIMESTAMP", "json": "JSON"},
}

Rows = list[dict[str, Any]]


@dataclass
class Tables:
    """The tables of one schema.

    Args:
        dialect: postgres or duckdb.
        at: the database's URL, or a connection to it, since a file is opened much more slowly.
    """

    dialect: str
    at: str | duckdb.DuckDBPyConnection

    def fill(
        self,
        tables: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        without: Iterable[str] = (),
        schemas: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    ) -> Tables:
        """Make the schema anew, with these rows by stream, and columns for the stream's and any row's properties.

        Args:
            tables: by stream; a stream may have no rows.
            without: columns that no table gets.
            schemas: the properties of each stream, if they are not the stream's own.
        """
        script = [f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE", f"CREATE SCHEMA {SCHEMA}"]
        known = schemas or {str(stream.name): stream.schema["properties"] for stream in STREAMS}
        for stream, rows in tables.items():
            more = () if schemas else (name for row in rows for name in row)
            names = dict.fromkeys([*known[stream], *more])
            kinds = {name: _kind(known[stream], name) for name in names if name not in {*without}}
            columns = ", ".join(f'"{name}" {_TYPES[self.dialect][kind]}' for name, kind in kinds.items())
            script.append(f"CREATE TABLE {SCHEMA}.{stream} ({columns})")
            values = [", ".join(_literal(row.get(name), kind) for name, kind in kinds.items()) for row in rows]
            if values:
                script.append(f"INSERT INTO {SCHEMA}.{stream} VALUES ({'), ('.join(values)})")
        self.execute(";\n".join(script))
        return self

    def execute(self, script: str) -> list[tuple[Any, ...]]:
        """Run SQL.

        Returns:
            The rows of the last query that has any.
        """
        found: list[list[tuple[Any, ...]]] = [[]]
        if not isinstance(self.at, str):
            with self.at.cursor() as connection:
                for statement in connection.extract_statements(script):
                    rows = connection.execute(statement).fetchall()
                    found.append(rows if statement.type.name == "SELECT" else [])
        else:
            with psycopg.connect(self.at, autocommit=True) as connection:
                cursor = connection.execute(script.encode())
                while True:
                    found.append(cursor.fetchall() if cursor.description else [])
                    if not cursor.nextset():
                        break
        return next(filter(None, reversed(found)), [])

    def printed(self, command: click.Command, *arguments: str, **invoked: Any) -> str:
        """The SQL that a command prints."""
        result = CliRunner().invoke(command, [*arguments, "--dialect", self.dialect], **invoked)
        assert result.exit_code == 0, result.output
        return result.stdout

    def run(self, command: click.Command, *arguments: str, **invoked: Any) -> list[tuple[Any, ...]]:
        """Run the SQL that a command prints."""
        return self.execute(self.printed(command, *arguments, **invoked))

    def lines(self, command: click.Command, *arguments: str) -> Rows:
        """The JSON objects that the SQL of a command prints."""
        return [json.loads(line) for (line,) in self.run(command, *arguments) if line]

    def rows(self, table: str, schema: str = SCHEMA) -> Rows:
        """All rows of a table, without nulls."""
        as_json = "to_jsonb" if self.dialect == "postgres" else "to_json"
        found = self.execute(f"SELECT CAST({as_json}(line) AS text) FROM {schema}.{table} AS line")
        rows = [json.loads(text) for (text,) in found]
        return [{name: value for name, value in row.items() if value is not None} for row in rows]


def _kind(known: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return "time" if name.startswith("_sdc_") else kind_of(known[name]) if name in known else "text"


def _literal(value: object, kind: str) -> str:
    if value is None:
        return "NULL"
    if kind == "number":
        return str(int(value) if isinstance(value, bool) else value)
    is_json = not isinstance(value, str) or (kind == "json" and value[:1] not in ("{", "["))
    text = json.dumps(value) if is_json else str(value)
    return "'" + text.removesuffix("+00:00").replace("'", "''") + "'"
