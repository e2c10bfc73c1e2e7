"""The tables that a target fills with the tap's streams, and the SQL that reaches them.

People run this SQL on databases that the tap has never seen: names and values are quoted whatever they contain, and
a table that was never filled is not an error. In PostgreSQL and DuckDB an empty placeholder stands in for such a
table, and is removed at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.stream_types.base import DmaStream

Stream = type[DmaStream]

NAMINGS: Mapping[str, Callable[[str], str]] = {"as-is": str, "snake": to_snake_case}
"""How a target names tables and columns; the tap's own names are in snake case."""


def literal(text: str) -> str:
    """A value as an SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def kind_of(column: Mapping[str, Any]) -> str:
    """The kind of column that a target makes for this schema: text, number, time or json."""
    kinds = {column["type"]} if isinstance(column["type"], str) else set(column["type"])
    if "format" in column:
        return "time"
    if kinds & {"object", "array"}:
        return "json"
    return "text" if "string" in kinds else "number"


def keys(stream: Stream) -> Sequence[str]:
    """The columns of a stream's primary key."""
    return cast("Any", stream).primary_keys or ()


@dataclass
class Warehouse:
    """Tables of one schema, in SQL that any database accepts. Steps it cannot express are described in words.

    Args:
        schema: the schema's name; "" for the database's default.
        naming: how the target names tables and columns.
        tables: table names by stream, if the target's differ.
    """

    schema: str = ""
    naming: str = "as-is"
    tables: Mapping[str, str] = field(default_factory=dict)

    default_schema: ClassVar[str] = ""

    def name(self, name: str) -> str:
        """The quoted name of a column or another object."""
        return '"' + NAMINGS[self.naming](name).replace('"', '""') + '"'

    def table(self, stream: Stream) -> str:
        """The quoted name of a stream's table, for statements."""
        table = self._bare(stream)
        return f"{self._schema}.{table}" if self.schema else table

    def table_name(self, stream: Stream) -> str:
        """The name of a stream's table, for readers."""
        return self.tables.get(stream.name) or NAMINGS[self.naming](stream.name)

    def begin(self, streams: Iterable[Stream]) -> Sequence[str]:
        """Statements that go first."""
        return []

    def end(self) -> Sequence[str]:
        """Statements that go last."""
        return []

    def in_transaction(self, statements: Sequence[str]) -> Sequence[str]:
        """The statements in one transaction."""
        return ["START TRANSACTION", *statements, "COMMIT"]

    @property
    def _schema(self) -> str:
        return '"' + self.schema.replace('"', '""') + '"'

    def _bare(self, stream: Stream) -> str:
        return '"' + self.table_name(stream).replace('"', '""') + '"'


class DialectWarehouse(Warehouse):
    """A database whose own SQL can search every value."""

    types: ClassVar[Mapping[str, str]]

    def table(self, stream: Stream) -> str:
        return self._bare(stream)

    def in_transaction(self, statements: Sequence[str]) -> Sequence[str]:
        return ["BEGIN", *statements, "COMMIT"]

    def placeholder_table(self, stream: Stream, prefix: str) -> str:
        """An empty table that replaces a stream's own if that was never filled."""
        columns = {**{name: kind_of(column) for name, column in stream.schema["properties"].items()}}
        loaded = {"_sdc_extracted_at": "time"}
        shown = ", ".join(f"{self.name(name)} {self.types[kind]}" for name, kind in {**columns, **loaded}.items())
        return f"{prefix}{self._bare(stream)} ({shown})"

    def json(self, expression: str) -> str:
        """SQL for a column or a row as JSON text."""
        raise NotImplementedError

    def matches(self, text: str, pattern: str) -> str:
        """SQL for whether a text contains a match of a pattern."""
        raise NotImplementedError

    def replace(self, text: str, pattern: str, by: str) -> str:
        """SQL for a text with each match of a pattern replaced."""
        return f"regexp_replace({text}, {pattern}, {literal(by)}, 'g')"

    def found(self, text: str, pattern: str) -> str:
        """SQL for all matches of a pattern in a text, a row each."""
        raise NotImplementedError

    def without(self, stream: Stream, urns: str, columns: Sequence[str], condition: str) -> str:
        """SQL that removes URNs from columns in the rows of a condition.

        Args:
            stream: the stream of the table.
            urns: an expression for a pattern of them.
            columns: names of the columns.
            condition: on the row `line`.
        """
        raise NotImplementedError

    def strip_urns(self, json: str, urns: str) -> str:
        """SQL for a JSON text without some URNs, also in property names and in mentions, whose name goes too."""
        left = self.replace(json, f"'\"(' || {urns} || ')\" *:'", '"":')
        left = self.replace(left, f"'\"(' || {urns} || ')\"'", "null")
        left = self.replace(left, f"'@\\[([^\\]\\\\]|\\\\.)*\\]\\((' || {urns} || ')\\)'", "")
        return self.replace(left, f"'(' || {urns} || ')([^A-Za-z0-9_-])'", r"\2")


class Postgres(DialectWarehouse):
    """PostgreSQL, as meltanolabs-target-postgres fills it."""

    default_schema = "linkedin"
    types = {"text": "text", "number": "numeric", "time": "timestamp", "json": "jsonb"}

    def begin(self, streams: Iterable[Stream]) -> Sequence[str]:
        return [
            f"SET search_path TO {self._schema}, pg_temp",
            *(self.placeholder_table(stream, "CREATE TEMPORARY TABLE IF NOT EXISTS pg_temp.") for stream in streams),
        ]

    def end(self) -> Sequence[str]:
        # The placeholders end with the session: DISCARD would drop the user's own temporary tables too.
        return ["RESET search_path"]

    def json(self, expression: str) -> str:
        return f"CAST(to_jsonb({expression}) AS text)"

    def matches(self, text: str, pattern: str) -> str:
        return f"{text} ~ {pattern}"

    def found(self, text: str, pattern: str) -> str:
        return f"(regexp_matches({text}, {pattern}, 'g'))[1]"

    def without(self, stream: Stream, urns: str, columns: Sequence[str], condition: str) -> str:
        # A target keeps lists as arrays: only the table itself has their element type.
        names = ", ".join(map(self.name, columns))
        read = ", ".join(f"less.{self.name(name)}" for name in columns)
        table = self.table(stream)
        left = (
            f"jsonb_populate_record(CAST(NULL AS {table}), CAST({self.strip_urns(self.json('line'), urns)} AS jsonb))"
        )
        return f"UPDATE {table} AS line SET ({names}) = (SELECT {read} FROM {left} AS less) WHERE {condition}"


class DuckDB(DialectWarehouse):
    """DuckDB, as target-duckdb fills it."""

    default_schema = "main"
    types = {"text": "VARCHAR", "number": "DECIMAL(38, 10)", "time": "TIMESTAMP", "json": "JSON"}
    _spare = "tap_linkedin_dma_spare"

    def begin(self, streams: Iterable[Stream]) -> Sequence[str]:
        path = literal(",".join([self._schema, self._spare]))
        return [
            f"DROP SCHEMA IF EXISTS {self._spare} CASCADE",
            f"CREATE SCHEMA {self._spare}",
            *(self.placeholder_table(stream, f"CREATE TABLE {self._spare}.") for stream in streams),
            f"SET search_path = {path}",
        ]

    def end(self) -> Sequence[str]:
        return [f"DROP SCHEMA {self._spare} CASCADE", "RESET search_path"]

    def json(self, expression: str) -> str:
        return f"CAST(to_json({expression}) AS VARCHAR)"

    def matches(self, text: str, pattern: str) -> str:
        return f"regexp_matches({text}, {pattern})"

    def found(self, text: str, pattern: str) -> str:
        return f"unnest(regexp_extract_all({text}, {pattern}))"

    def without(self, stream: Stream, urns: str, columns: Sequence[str], condition: str) -> str:
        properties = stream.schema["properties"]
        left = {name: self.strip_urns(self.json(f"line.{self.name(name)}"), urns) for name in columns}
        changes = ", ".join(
            f"{self.name(name)} = "
            + (f"CAST({json} AS JSON) ->> '$'" if kind_of(properties[name]) == "text" else f"CAST({json} AS JSON)")
            for name, json in left.items()
        )
        return f"UPDATE {self.table(stream)} AS line SET {changes} WHERE {condition}"


DIALECTS: Mapping[str, type[Warehouse]] = {"ansi": Warehouse, "postgres": Postgres, "duckdb": DuckDB}
