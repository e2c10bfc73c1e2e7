"""`tap-linkedin-dma pseudonymise`: the SQL that hides the persons in a warehouse that was filled without that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO, cast

import click

from tap_linkedin_dma.api.batch_get import batched
from tap_linkedin_dma.commands.config_option import TokenlessTap
from tap_linkedin_dma.commands.warehouse.dialects import DialectWarehouse, Stream, literal
from tap_linkedin_dma.commands.warehouse.options import as_comment, as_sql, dialect_options, settings, show
from tap_linkedin_dma.commands.warehouse.state_files import rewrite
from tap_linkedin_dma.commands.warehouse.table_rows import TableRows
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.state.member_settings import hidden_as
from tap_linkedin_dma.streams import STREAMS

_CHANGES = "tap_linkedin_dma_changes"
_AT_ONCE = 500
"""Rows in one statement."""


@dataclass
class Changes:
    """The changes of one table.

    Args:
        rows: how many rows were read.
        cells: for each row to change, its digest and the new values by column.
    """

    rows: int = 0
    cells: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def columns(self) -> Sequence[str]:
        """The columns that change in any row."""
        return sorted({name for _, cells in self.cells for name in cells})


@click.command()
@click.option(
    "--rows",
    type=click.File(encoding="utf-8"),
    help="The rows that the SQL of this command without --rows has printed; - for standard input.",
)
@click.option(
    "--state",
    "state_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the tap's state, which becomes the state of a run with the new settings at once.",
)
@dialect_options
def pseudonymise(warehouse: DialectWarehouse, rows: TextIO | None, state_file: Path | None) -> None:
    r"""Print the SQL that turns tables filled with member_data: include into what hash or omit would have written.

    Set member_data, and for hash member_hash_key, as the next run will have them. The rows are read with one script,
    changed here by the very rules of a run, and written back with another. It fails, and changes nothing, if the
    tables have changed in between. Nothing is connected to, and no token is needed.

    \b
        tap-linkedin-dma pseudonymise --config config.json --dialect postgres > read.sql
        psql -v ON_ERROR_STOP=1 -qAt -f read.sql \\
          | tap-linkedin-dma pseudonymise --config config.json --dialect postgres --rows - > pseudonymise.sql
        psql -v ON_ERROR_STOP=1 -f pseudonymise.sql

    The second script and what the first one reads have personal data in them: keep neither. In flattened tables, the
    keys that the tap makes of a row's content differ from those of a run, since not all of it is there.

    The next run takes a state that is of the new settings: give it the file of --state, by `meltano state set` too.
    """
    config = settings()
    if config["member_data"] == "include":
        raise click.UsageError("Set member_data to hash or omit first: with include, there is nothing to change.")
    if state_file:
        rewrite(state_file, lambda state: hidden_as(config, state, "organizations"))
    if rows is None:
        show(_reading(warehouse))
        return
    # Streams exist only with their token.
    tokens = {"access_token": "-", "member_access_token": "-"}
    tap = TokenlessTap(config={**tokens, **config, "forget_members": []}, setup_mapper=False)
    show(_writing(warehouse, _changes(warehouse, tap, rows)))


def _reading(warehouse: DialectWarehouse) -> str:
    queries = []
    for stream in _streams():
        line = {"stream": literal(stream.name), "digest": _digest(warehouse), "row": warehouse.json("line")}
        row = warehouse.as_text(warehouse.json_object(line))
        queries.append(f"SELECT {row} AS row FROM {warehouse.lines(stream)}")
    statements = [*warehouse.begin(STREAMS), "\nUNION ALL ".join(queries), *warehouse.end(keeps=False)]
    return f"{as_comment('Reads the rows for pseudonymise --rows.')}\n{as_sql(statements)}"


def _changes(warehouse: DialectWarehouse, tap: TokenlessTap, lines: Iterable[str]) -> dict[str, Changes]:
    """The changes of each table, by stream."""
    changes: dict[str, Changes] = {stream.name: Changes() for stream in _streams()}
    tables = {name: TableRows(cast("Any", tap.streams[name]), warehouse) for name in changes}
    for line in filter(str.strip, lines):
        try:
            read = json.loads(line)
            stream, digest, row = read["stream"], read["digest"], read["row"]
            of_table = changes[stream]
        except (ValueError, KeyError, TypeError):
            msg = "--rows: a line is not a row of the first script's. Print them with psql -qAt, or duckdb -list."
            raise click.UsageError(msg) from None
        of_table.rows += 1
        if cells := tables[stream].hidden(row):
            of_table.cells.append((digest, cells))
    return changes


def _writing(warehouse: DialectWarehouse, changes: Mapping[str, Changes]) -> str:
    streams: dict[str, Stream] = {stream.name: stream for stream in _streams()}
    statements = [
        *warehouse.begin(STREAMS),
        f"DROP TABLE IF EXISTS {_CHANGES}",
        f"CREATE TEMPORARY TABLE {_CHANGES} (stream {warehouse.text}, digest {warehouse.text}, "
        f"cells {warehouse.json_type})",
        *(insert for name, of_table in changes.items() for insert in _inserts(name, of_table)),
    ]
    changed = literal("The tables have changed since their rows were read, so nothing was done. Begin again.")
    for name, of_table in changes.items():
        lines = warehouse.lines(streams[name])
        here = f"change.stream = {literal(name)} AND change.digest = {_digest(warehouse)}"
        known = f"SELECT count(*) FROM {lines} WHERE EXISTS (SELECT 1 FROM {_CHANGES} AS change WHERE {here})"
        is_other = f"(SELECT count(*) FROM {lines}) <> {of_table.rows} OR ({known}) <> {len(of_table.cells)}"
        statements += warehouse.fail_if(is_other, changed)
        if of_table.cells:
            statements.append(warehouse.patch(streams[name], of_table.columns, _CHANGES, here))
    statements += [f"DROP TABLE {_CHANGES}", *warehouse.end(keeps=True)]
    return f"{as_comment('Hides the persons in the tables; all of it, or nothing.')}\n{as_sql(statements)}"


def _inserts(stream: str, of_table: Changes) -> Iterator[str]:
    # Rows that are alike have one digest.
    cells = {digest: json.dumps(changed) for digest, changed in of_table.cells}
    for some in batched(list(cells.items()), _AT_ONCE):
        values = ",\n".join(f"({literal(stream)}, {literal(digest)}, {literal(text)})" for digest, text in some)
        yield f"INSERT INTO {_CHANGES} VALUES\n{values}"


def _streams() -> list[Stream]:
    """The streams whose rows may have persons in them."""
    return [stream for stream in STREAMS if stream.data_class != STANDARDIZED]


def _digest(warehouse: DialectWarehouse) -> str:
    return f"md5({warehouse.row()})"
