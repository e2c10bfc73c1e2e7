"""Options and output shared by the commands that print SQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import click

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.commands.warehouse.dialects import DIALECTS, NAMINGS
from tap_linkedin_dma.streams import STREAMS


def warehouse_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say where the tables are and what they are called: the command gets a `warehouse`, and `output`."""

    @click.option("--dialect", type=click.Choice(list(DIALECTS)), default="ansi", show_default=True)
    @click.option("--schema", help="The schema of the tables. By default linkedin with postgres, main with duckdb.")
    @click.option(
        "--map",
        "mapped",
        multiple=True,
        metavar="STREAM=TABLE",
        help="A table that is not called like its stream; may be repeated.",
    )
    @click.option(
        "--naming",
        type=click.Choice(list(NAMINGS)),
        default="as-is",
        show_default=True,
        help="How the target names tables and columns.",
    )
    @click.option("--format", "output", type=click.Choice(["sql", "json"]), default="sql", show_default=True)
    @wraps(command)
    def with_warehouse(dialect: str, schema: str | None, mapped: Iterable[str], naming: str, **options: Any) -> None:
        kind = DIALECTS[dialect]
        command(warehouse=kind(kind.default_schema if schema is None else schema, naming, _tables(mapped)), **options)

    return with_warehouse


def _tables(mapped: Iterable[str]) -> dict[str, str]:
    tables = {}
    for text in mapped:
        stream, equals, table = text.partition("=")
        if not equals or not table or stream not in {known.name for known in STREAMS}:
            msg = f"--map: {text} is not of the form STREAM=TABLE, with a stream that the tap has."
            raise click.UsageError(msg)
        tables[stream] = table
    return tables


def as_sql(statements: Iterable[str]) -> str:
    """Statements as a database client reads them."""
    return "\n".join(f"{statement};" for statement in statements)


def as_comment(text: str) -> str:
    """A comment line of SQL."""
    return "-- " + " ".join(text.split())


def show(sql_options: str) -> None:
    """Print SQL without replacing any character.

    Raises:
        DmaError: if the console's encoding lacks a character: SQL with another in its place would reach other tables.
    """
    try:
        sql_options.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        msg = f"This console's encoding ({sys.stdout.encoding}) lacks a letter of the SQL. Set PYTHONIOENCODING=utf-8."
        raise DmaError(msg) from None
    click.echo(sql_options)
