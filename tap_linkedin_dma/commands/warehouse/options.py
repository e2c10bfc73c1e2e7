"""Options and output shared by the commands that print SQL."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from typing import Any

import click

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.commands.config_option import TokenlessTap, configured
from tap_linkedin_dma.commands.warehouse.dialects import DIALECTS, NAMINGS
from tap_linkedin_dma.commands.warehouse.subjects import Subject
from tap_linkedin_dma.streams import STREAMS

_HASH_KEY = "TAP_LINKEDIN_DMA_MEMBER_HASH_KEY"

_CONFIG = "tap_linkedin_dma.config"


def warehouse_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say where the tables are and what they are called: the command gets a `warehouse`, and `output`."""
    choices = click.Choice(["sql", "json"])
    with_format = click.option("--format", "output", type=choices, default="sql", show_default=True)
    return with_format(_with_warehouse(command, click.Choice(list(DIALECTS)), "ansi"))


def warehouse_of(dialects: Iterable[str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same without `output`, for a command that writes SQL for these databases alone."""
    return partial(_with_warehouse, dialects=click.Choice(list(dialects)), default=None)


def _with_warehouse(
    command: Callable[..., None], dialects: click.Choice[str], default: str | None
) -> Callable[..., None]:
    @click.option("--dialect", type=dialects, default=default, required=default is None, show_default=True)
    @click.option(
        "--schema",
        help="The schema of the tables. By default tap_linkedin_dma with postgres and duckdb, as Meltano names it.",
    )
    @click.option(
        "--map",
        "mapped",
        multiple=True,
        metavar="STREAM[.COLUMN]=NAME",
        help="A table or column whose name differs from its stream's or the stream's column; may be repeated.",
    )
    @click.option(
        "--naming",
        type=click.Choice(list(NAMINGS)),
        default="as-is",
        show_default=True,
        help="How the target names tables and columns.",
    )
    @configured(TokenlessTap)
    @wraps(command)
    def with_warehouse(
        tap: TokenlessTap, dialect: str, schema: str | None, mapped: Iterable[str], naming: str, **options: Any
    ) -> None:
        kind = DIALECTS[dialect]
        tables, columns = _of_stream_maps(tap.config.get("stream_maps") or {})
        for stream, column, name in map(_mapped, mapped):
            if column:
                columns[stream, column] = name
            else:
                tables[stream] = name
        separator = tap.config.get("flattening_separator") or "__"
        schema = kind.default_schema if schema is None else schema
        click.get_current_context().meta[_CONFIG] = tap.config
        command(warehouse=kind(schema, naming, tables, columns, separator), **options)

    return with_warehouse


dialect_options = warehouse_of([name for name in DIALECTS if name != "ansi"])
"""The same for every database whose own SQL can search every value."""


def subject_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that name a page or a person: the command gets a `subject`. They go below those for the warehouse."""

    @click.option("--organization", metavar="URN", help="The page: urn:li:organization:NUMBER.")
    @click.option("--member", metavar="URN", help="The person: urn:li:person:ID.")
    @click.option(
        "--member-hash-key",
        "hash_keys",
        multiple=True,
        help="The setting of that name, if the tables hold persons as hashes; may be repeated for former keys. "
        f"By default the setting's value. It is safer in the environment, as {_HASH_KEY}.",
    )
    @wraps(command)
    def with_subject(organization: str | None, member: str | None, hash_keys: Iterable[str], **options: Any) -> None:
        keys = [*hash_keys, settings().get("member_hash_key") or os.environ.get(_HASH_KEY, "")]
        try:
            subject = Subject.of(organization, member, dict.fromkeys(keys))
        except DmaError as error:
            raise click.UsageError(str(error)) from None
        command(subject=subject, **options)

    return with_subject


def _mapped(text: str) -> tuple[str, str, str]:
    """The stream, column and name of a `--map`; the column is "" for the table itself."""
    what, equals, name = text.partition("=")
    stream, _, column = what.partition(".")
    known = {stream.name: stream for stream in STREAMS}
    if not equals or not name or stream not in known or (column and column not in known[stream].schema["properties"]):
        msg = f"--map: {text} is not of the form STREAM=TABLE or STREAM.COLUMN=NAME, of a stream that the tap has."
        raise click.UsageError(msg)
    return stream, column, name


def _of_stream_maps(maps: Mapping[str, Any]) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """The names that the setting `stream_maps` gives to tables, and to columns."""
    of_streams = {name: rules for name, rules in maps.items() if isinstance(rules, Mapping)}
    tables = {name: str(rules["__alias__"]) for name, rules in of_streams.items() if rules.get("__alias__")}
    columns = {
        (name, source): new
        for name, rules in of_streams.items()
        for new, source in rules.items()
        if isinstance(source, str) and not new.startswith("__") and new != source and rules.get(source, "") is None
    }
    return tables, columns


def settings() -> Mapping[str, Any]:
    """The tap's settings, as the options above have read them."""
    found: Mapping[str, Any] = click.get_current_context().meta[_CONFIG]
    return found


def as_sql(statements: Iterable[str]) -> str:
    """Statements as a database client reads them."""
    return "\n".join(f"{statement};" for statement in statements)


def as_comment(text: str) -> str:
    """A comment line of SQL."""
    return "-- " + " ".join(text.split())


def show(text: str) -> None:
    """Print SQL without replacing any character.

    Raises:
        DmaError: if the console's encoding lacks a character: SQL with another in its place would reach other tables.
    """
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        msg = f"This console's encoding ({sys.stdout.encoding}) lacks a letter of the SQL. Set PYTHONIOENCODING=utf-8."
        raise DmaError(msg) from None
    click.echo(text)
