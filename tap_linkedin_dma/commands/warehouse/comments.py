"""`tap-linkedin-dma comments`: the SQL that describes tables and columns in a warehouse that this tap filled."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, cast

import click

from tap_linkedin_dma.commands.warehouse.dialects import Stream, Warehouse, keys, literal
from tap_linkedin_dma.commands.warehouse.options import as_sql, show, warehouse_options
from tap_linkedin_dma.config import catalogs, json_files
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.joins import targets_of


@click.command()
@click.option(
    "--catalog",
    metavar="FILE",
    help="Describe the streams and columns that this catalog selects. By default, those that are on by default.",
)
@warehouse_options
def comments(catalog: str | None, warehouse: Warehouse, output: str) -> None:
    """Print the SQL that describes each table and column, for tools that show the comments of a database.

    It only prints: it connects to nothing, and needs no token. PostgreSQL and DuckDB take it, and so do other databases
    that know COMMENT ON.
    """
    selected = _of_catalog(catalog) if catalog else _by_default()
    statements = {stream: _statements(stream, columns, warehouse) for stream, columns in selected.items()}
    if output == "json":
        entries = [
            {"stream": stream.name, "table": warehouse.table_name(stream), "statements": lines}
            for stream, lines in statements.items()
        ]
        show(json.dumps({"entries": entries}, indent=2))
    else:
        show("\n\n".join(map(as_sql, statements.values())))


def _by_default() -> Mapping[Stream, Collection[str]]:
    """The columns of the streams that are on by default."""
    return {stream: stream.schema["properties"].keys() for stream in STREAMS if cast("Any", stream).selected_by_default}


def _of_catalog(path: str) -> Mapping[Stream, Collection[str]]:
    """The columns of the streams that a catalog selects; keys are always among them."""
    catalog = catalogs.validate(json_files.read_file("catalog", path))
    selected = {}
    for stream in STREAMS:
        mask = catalog[stream.name].metadata.resolve_selection() if stream.name in catalog else {}
        if mask and mask[()]:
            own = stream.schema["properties"]
            selected[stream] = [name for name in own if name in keys(stream) or mask["properties", name]]
    return selected


def _statements(stream: Stream, columns: Collection[str], warehouse: Warehouse) -> list[str]:
    table = Warehouse.table(warehouse, stream)
    about = " ".join((stream.__doc__ or "").rpartition("Source:")[0].split())
    described = stream.schema["properties"]
    return [
        f"COMMENT ON TABLE {table} IS {literal(about)}",
        *(
            f"COMMENT ON COLUMN {table}.{warehouse.name(name)} IS {literal(_meaning(stream, name))}"
            for name in described
            if name in columns
        ),
    ]


def _meaning(stream: Stream, name: str) -> str:
    """The description of a column, and the keys that it joins to."""
    joins = [
        f"{'Joins' if path == name else f'`{path}` joins'} to {' or '.join(targets)}."
        for path, targets in targets_of(stream, name).items()
    ]
    return " ".join([stream.schema["properties"][name]["description"], *joins])
