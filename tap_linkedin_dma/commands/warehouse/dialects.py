"""The tables that a target fills with the tap's streams, and the SQL that reaches them.

People run this SQL on databases that the tap has never seen: names and values are quoted whatever they contain. In
PostgreSQL and DuckDB it works on the columns that are there, since it reads each row as JSON: flattened, renamed and
deselected columns are no error. An empty placeholder stands in for a table that was never filled; if no table is
found at all, the database itself refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.stream_types.base import DmaStream

Stream = type[DmaStream]

NAMINGS: Mapping[str, Callable[[str], str]] = {"as-is": str, "snake": to_snake_case}
"""How a target names tables and columns; the tap's own names are in snake case."""

_EXPECTED = "tap_linkedin_dma_tables"
"""A temporary table: the name of each table that the target may have filled, and whether it is there."""

_CHECKED = "tap_linkedin_dma_checked"
"""A temporary table, so that a check prints nothing."""


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
        columns: column names by stream and column, if the target's differ.
        separator: between the names of which a flattened column's name is made.
    """

    schema: str = ""
    naming: str = "as-is"
    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    separator: str = "__"

    default_schema: ClassVar[str] = ""
    now: ClassVar[str] = "CAST(CURRENT_TIMESTAMP AS TIMESTAMP)"
    """SQL for the present time in UTC."""

    def name(self, name: str) -> str:
        """The quoted name of a column or another object of the tap's."""
        return self.quoted(NAMINGS[self.naming](name))

    @staticmethod
    def quoted(name: str) -> str:
        """A name as an SQL identifier."""
        return '"' + name.replace('"', '""') + '"'

    def table(self, stream: Stream) -> str:
        """The quoted name of a stream's table, for statements."""
        table = self._bare(stream)
        return f"{self._schema}.{table}" if self.schema else table

    def table_name(self, stream: Stream) -> str:
        """The name of a stream's table, for readers."""
        return self.tables.get(stream.name) or NAMINGS[self.naming](stream.name)

    def column(self, stream: Stream, name: str) -> str:
        """The name of a stream's column in its table."""
        return self.columns.get((stream.name, name), NAMINGS[self.naming](name))

    def value(self, stream: Stream, name: str, line: str = "line") -> str:
        """SQL for the value of a column in the row `line`, or in a row of that alias."""
        whose = self.table(stream) if line == "line" else line
        return f"{whose}.{self.quoted(self.column(stream, name))}"

    def lines(self, stream: Stream) -> str:
        """A stream's table, for statements on its rows `line`."""
        return self.table(stream)

    def begin(self, streams: Sequence[Stream]) -> Sequence[str]:
        """Statements that open a transaction on these streams' tables, which fails if it finds none of them."""
        return ["START TRANSACTION"]

    def tables_found(self, streams: Sequence[Stream]) -> Sequence[str]:
        """A query, if there can be one, that shows which of these streams' tables are there."""
        return []

    def end(self, *, keeps: bool) -> Sequence[str]:
        """Statements that end it, and keep what it changed or undo it."""
        return ["COMMIT" if keeps else "ROLLBACK"]

    @property
    def _schema(self) -> str:
        return self.quoted(self.schema)

    def _bare(self, stream: Stream) -> str:
        return self.quoted(self.table_name(stream))


class DialectWarehouse(Warehouse):
    """A database whose own SQL can search every value."""

    text: ClassVar[str]
    """Its type of texts of any length."""

    json_type: ClassVar[str]
    """Its type of JSON values."""

    own_tables: ClassVar[str]
    """A condition on `information_schema.tables`: not one of the placeholders."""

    def table(self, stream: Stream) -> str:
        return self._bare(stream)

    def value(self, stream: Stream, name: str, line: str = "line") -> str:
        return f"({self.json(line)} ->> {literal(self.column(stream, name))})"

    def lines(self, stream: Stream) -> str:
        return f"{self.table(stream)} AS line"

    def held(self, stream: Stream, names: Iterable[str], line: str = "line") -> str:
        """SQL for all that some columns hold in a row, as JSON text; a flattened column's parts count as its own."""
        columns = [actual for name in names for actual in self._actual(stream, name)]
        parts = ", ".join(self.as_text(f"({self.json(line)} -> {literal(name)})") for name in columns)
        return f"concat_ws(' ', {parts})"

    def row(self, line: str = "line") -> str:
        """SQL for a whole row as JSON text."""
        return self.as_text(self.json(line))

    def as_text(self, json: str) -> str:
        """SQL for a JSON value as JSON text."""
        return f"CAST({json} AS {self.text})"

    def json(self, expression: str) -> str:
        """SQL for a column or a row as JSON."""
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

    def fail(self, reason: str) -> str:
        """SQL that ends the transaction with an error; `reason` is SQL for a text."""
        raise NotImplementedError

    def all_found(self, text: str, pattern: str) -> str:
        """SQL for a JSON list of the matches of a pattern, which is one group, in a text."""
        raise NotImplementedError

    def json_object(self, properties: Mapping[str, str]) -> str:
        """SQL for a JSON object, of SQL for its values."""
        raise NotImplementedError

    def fail_if(self, condition: str, reason: str) -> Sequence[str]:
        """Statements that end the transaction with an error if a condition holds; `reason` is SQL for a text."""
        checked = f"SELECT CASE WHEN {condition} THEN {self.fail(reason)} END AS refused"
        return [f"CREATE TEMPORARY TABLE {_CHECKED} AS {checked}", f"DROP TABLE {_CHECKED}"]

    def change(self, stream: Stream, condition: str, cell: Callable[[str], str]) -> Sequence[str]:
        """Statements that change the cells of some rows, whatever columns the table has.

        Args:
            stream: the stream of the table.
            condition: on the row `line`.
            cell: from SQL for a cell as JSON text to SQL for the new one, null to empty it; it may use `line`.
        """
        raise NotImplementedError

    def patch(self, stream: Stream, columns: Sequence[str], changes: str, condition: str) -> str:
        """A statement that sets cells to values of JSON objects.

        Args:
            stream: the stream of the table.
            columns: the names of all columns that may change.
            changes: a table with a JSON object for each changed row, in its column `cells`; a cell that it lacks stays.
            condition: on the row `line` and its `change`.
        """
        raise NotImplementedError

    def begin(self, streams: Sequence[Stream]) -> Sequence[str]:
        return ["BEGIN", *self._functions(), *self._check(streams), *self._placeholders(streams)]

    def _functions(self) -> Iterator[str]:
        """Statements that make functions of SQL."""
        yield from ()

    def _placeholders(self, streams: Sequence[Stream]) -> Iterator[str]:
        """Statements that make an empty table for each stream, and let a name find it if the schema lacks the table."""
        raise NotImplementedError

    def tables_found(self, streams: Sequence[Stream]) -> Sequence[str]:
        return [
            "SELECT CASE WHEN is_there THEN 'found' ELSE 'not found' END AS state, count(*) AS tables, "
            f"string_agg(name, ', ' ORDER BY name) AS names FROM ({self._expected(streams)}) AS expected "
            "GROUP BY is_there ORDER BY is_there DESC"
        ]

    def _check(self, streams: Sequence[Stream]) -> Iterator[str]:
        """Statements that fail if none of the tables is there."""
        yield f"CREATE TEMPORARY TABLE {_EXPECTED} AS {self._expected(streams)}"
        elsewhere = (
            f"SELECT string_agg(DISTINCT table_schema, ', ') FROM information_schema.tables WHERE {self.own_tables} "
            f"AND table_name IN (SELECT name FROM {_EXPECTED})"
        )
        message = literal(
            f"No table of the tap is in the schema {self.schema}, so nothing was done. Name the schema with --schema, "
            "and tables of other names with --map. Schemas with such tables: "
        )
        nowhere = literal("none in this database.")
        yield from self.fail_if(
            f"NOT EXISTS (SELECT 1 FROM {_EXPECTED} WHERE is_there)", f"{message} || coalesce(({elsewhere}), {nowhere})"
        )
        yield f"DROP TABLE {_EXPECTED}"

    def _expected(self, streams: Sequence[Stream]) -> str:
        """A query for the name of each table that the target may have filled, and whether it is there."""
        names = ", ".join(f"({literal(self.table_name(stream))})" for stream in streams)
        there = (
            f"SELECT table_name FROM information_schema.tables WHERE table_schema = {literal(self.schema)} "
            f"AND {self.own_tables}"
        )
        return f"SELECT name, name IN ({there}) AS is_there FROM (VALUES {names}) AS expected(name)"

    def _actual(self, stream: Stream, name: str) -> Iterator[str]:
        """The columns of the table that may hold a column's value: itself, and those that flattening makes of it."""
        column = self.column(stream, name)
        yield column
        yield from self._flattened(column, stream.schema["properties"].get(name, {}))

    def _flattened(self, above: str, schema: Mapping[str, Any]) -> Iterator[str]:
        for name, child in schema.get("properties", {}).items():
            yield (inner := f"{above}{self.separator}{name}")
            yield from self._flattened(inner, child)


class Postgres(DialectWarehouse):
    """PostgreSQL, as meltanolabs-target-postgres fills it."""

    default_schema = "tap_linkedin_dma"
    now = "timezone('UTC', now())"
    text = "text"
    json_type = "jsonb"
    own_tables = "table_schema NOT LIKE 'pg\\_%'"
    _fail = "pg_temp.tap_linkedin_dma_fail"
    _update = "pg_temp.tap_linkedin_dma_update"

    def _placeholders(self, streams: Sequence[Stream]) -> Iterator[str]:
        yield f"SET LOCAL search_path TO {self._schema}, pg_temp"
        for stream in streams:
            yield f"CREATE TEMPORARY TABLE IF NOT EXISTS pg_temp.{self._bare(stream)} () ON COMMIT DROP"

    def _functions(self) -> Iterator[str]:
        yield (
            f"CREATE FUNCTION {self._fail}(reason text) RETURNS text LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '%', reason; END $$"
        )
        yield (
            f"CREATE FUNCTION {self._update}(changed text, new text, condition text) RETURNS void\n"
            "LANGUAGE plpgsql AS $$\n"
            "DECLARE names text;\n"
            "BEGIN\n"
            "  SELECT string_agg(quote_ident(attname), ', ') INTO names FROM pg_attribute\n"
            "  WHERE attrelid = CAST(changed AS regclass) AND attnum > 0 AND NOT attisdropped\n"
            "    AND attgenerated = '' AND attidentity <> 'a';\n"
            "  IF names IS NOT NULL THEN\n"
            "    EXECUTE format('UPDATE %1$s AS line SET (%2$s) = (SELECT %2$s FROM '\n"
            "      'jsonb_populate_record(CAST(NULL AS %1$s), %3$s) AS new) WHERE %4$s',\n"
            "      changed, names, new, condition);\n"
            "  END IF;\n"
            "END $$"
        )

    def end(self, *, keeps: bool) -> Sequence[str]:
        dropped = [f"DROP FUNCTION {self._fail}(text)", f"DROP FUNCTION {self._update}(text, text, text)"]
        return [*dropped, "COMMIT"] if keeps else ["ROLLBACK"]

    def json(self, expression: str) -> str:
        return f"to_jsonb({expression})"

    def matches(self, text: str, pattern: str) -> str:
        return f"{text} ~ {pattern}"

    def found(self, text: str, pattern: str) -> str:
        return f"(regexp_matches({text}, {pattern}, 'g'))[1]"

    def all_found(self, text: str, pattern: str) -> str:
        return f"(SELECT jsonb_agg(DISTINCT found[1]) FROM regexp_matches({text}, {pattern}, 'g') AS found)"

    def json_object(self, properties: Mapping[str, str]) -> str:
        return f"jsonb_build_object({_pairs(properties)})"

    def fail(self, reason: str) -> str:
        return f"{self._fail}({reason})"

    def change(self, stream: Stream, condition: str, cell: Callable[[str], str]) -> Sequence[str]:
        new = (
            f"(SELECT jsonb_object_agg(key, CAST({cell('CAST(value AS text)')} AS jsonb)) "
            "FROM jsonb_each(to_jsonb(line)))"
        )
        return [f"SELECT {self._update}({literal(self.table(stream))}, {literal(new)}, {literal(condition)})"]

    def patch(self, stream: Stream, columns: Sequence[str], changes: str, condition: str) -> str:
        names = ", ".join(map(self.quoted, columns))
        new = f"SELECT {names} FROM jsonb_populate_record(line, change.cells)"
        return f"UPDATE {self.lines(stream)} SET ({names}) = ({new}) FROM {changes} AS change WHERE {condition}"


class DuckDB(DialectWarehouse):
    """DuckDB, as target-duckdb fills it."""

    default_schema = "tap_linkedin_dma"
    text = "VARCHAR"
    json_type = "JSON"
    own_tables = "table_catalog = current_database() AND table_schema <> 'tap_linkedin_dma_spare'"
    _spare = "tap_linkedin_dma_spare"
    _copy = "tap_linkedin_dma_copy"

    def _placeholders(self, streams: Sequence[Stream]) -> Iterator[str]:
        # Within the transaction, so that an error leaves nothing of it. Temporary tables would hide the real ones.
        yield f"CREATE SCHEMA {self._spare}"
        for stream in streams:
            yield f"CREATE TABLE {self._spare}.{self._bare(stream)} (placeholder INTEGER)"
        yield f"SET search_path = {literal(','.join([self._schema, self._spare]))}"

    def end(self, *, keeps: bool) -> Sequence[str]:
        return [f"DROP SCHEMA {self._spare} CASCADE", "COMMIT" if keeps else "ROLLBACK", "RESET search_path"]

    def json(self, expression: str) -> str:
        return f"to_json({expression})"

    def matches(self, text: str, pattern: str) -> str:
        return f"regexp_matches({text}, {pattern})"

    def found(self, text: str, pattern: str) -> str:
        return f"unnest(regexp_extract_all({text}, {pattern}))"

    def all_found(self, text: str, pattern: str) -> str:
        return f"list_distinct(regexp_extract_all({text}, {pattern}))"

    def json_object(self, properties: Mapping[str, str]) -> str:
        return f"json_object({_pairs(properties)})"

    def fail(self, reason: str) -> str:
        return f"error({reason})"

    def change(self, stream: Stream, condition: str, cell: Callable[[str], str]) -> Sequence[str]:
        table = self.table(stream)
        new = f"CAST({cell('CAST(to_json(COLUMNS(*)) AS VARCHAR)')} AS JSON) ->> '$'"
        # JSON has no decimals of so many digits.
        cells = f"CASE WHEN typeof(COLUMNS(*)) LIKE 'DECIMAL%' THEN CAST(COLUMNS(*) AS VARCHAR) ELSE {new} END"
        return [
            f"CREATE TEMPORARY TABLE {self._copy} AS SELECT * FROM {self.lines(stream)} WHERE {condition}",
            f"DELETE FROM {self.lines(stream)} WHERE {condition}",
            f"INSERT INTO {table} SELECT {cells} FROM {self._copy} AS line",
            f"DROP TABLE {self._copy}",
        ]

    def patch(self, stream: Stream, columns: Sequence[str], changes: str, condition: str) -> str:
        new = ", ".join(f"{self.quoted(name)} = {self._patched(name)}" for name in columns)
        return f"UPDATE {self.lines(stream)} SET {new} FROM {changes} AS change WHERE {condition}"

    def _patched(self, name: str) -> str:
        path = literal(f'$."{name}"')
        kept = f"CAST(line.{self.quoted(name)} AS VARCHAR)"
        return f"CASE WHEN json_exists(change.cells, {path}) THEN change.cells ->> {path} ELSE {kept} END"


def _pairs(properties: Mapping[str, str]) -> str:
    return ", ".join(f"{literal(name)}, {value}" for name, value in properties.items())


DIALECTS: Mapping[str, type[Warehouse]] = {"ansi": Warehouse, "postgres": Postgres, "duckdb": DuckDB}
