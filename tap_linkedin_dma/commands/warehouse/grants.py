"""`tap-linkedin-dma grants`: the SQL that lets a role read the tables without what identifies persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from tap_linkedin_dma.commands.warehouse.dialects import Postgres, Stream, keys, literal
from tap_linkedin_dma.commands.warehouse.options import as_comment, as_sql, show, warehouse_of
from tap_linkedin_dma.privacy.data_classes import NONE, STANDARDIZED, DataClassification, column_classification
from tap_linkedin_dma.streams import STREAMS

_OPEN = (NONE, STANDARDIZED)
"""The data classes of columns that say nothing of a person, and may be stored."""

_VIEW = "pg_temp.tap_linkedin_dma_view"


@click.command()
@click.option("--role", required=True, help="Who may read the views.")
@click.option("--view-schema", help="Where the views are made. By default the schema's name and _without_members.")
@warehouse_of(["postgres"])
def grants(role: str, view_schema: str | None, warehouse: Postgres) -> None:
    r"""Print the SQL that makes a view of each table, without its columns of persons, and lets a role read the views.

    It is printed only: nothing is connected to, and no token is needed. A view has the columns that the tap knows to be
    no person's; a column that has a person anywhere in it is left out as a whole, and so are tables of persons, such as
    people and messages. Run it again when the tables have got new columns. Names that the page typed into the text of
    a post as plain words stay.

    \b
        tap-linkedin-dma grants --dialect postgres --role analyst > grants.sql
        psql -v ON_ERROR_STOP=1 -f grants.sql
    """
    views = view_schema or f"{warehouse.schema}_without_members"
    schema, reader = (warehouse.quoted(name) for name in (views, role))
    statements = [
        *warehouse.begin(STREAMS),
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        _FUNCTION,
        *(f"SELECT {_VIEW}({', '.join(map(literal, made))})" for made in _views(warehouse, views)),
        f"DROP FUNCTION {_VIEW}(text, text, text, text)",
        f"GRANT USAGE ON SCHEMA {schema} TO {reader}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader}",
        *warehouse.end(keeps=True),
    ]
    show(f"{as_comment(f'Views without persons, for {role}.')}\n{as_sql(statements)}")


_FUNCTION = f"""\
CREATE FUNCTION {_VIEW}(of_schema text, of_table text, view_schema text, shown text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE names text;
BEGIN
  EXECUTE format('DROP VIEW IF EXISTS %I.%I', view_schema, of_table);
  SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) INTO names
  FROM information_schema.columns WHERE table_schema = of_schema AND table_name = of_table
    AND (column_name = ANY(string_to_array(shown, E'\\n')) OR column_name LIKE '\\_sdc\\_%');
  IF names IS NOT NULL THEN
    EXECUTE format('CREATE VIEW %I.%I AS SELECT %s FROM %I.%I', view_schema, of_table, names, of_schema, of_table);
  END IF;
END $$"""


def _views(warehouse: Postgres, views: str) -> Iterator[tuple[str, str, str, str]]:
    """The arguments of the function above for each stream that is not of persons."""
    for stream in STREAMS:
        if stream.data_class in _OPEN:
            shown = "\n".join(_shown(warehouse, stream))
            yield warehouse.schema, warehouse.table_name(stream), views, shown


def _shown(warehouse: Postgres, stream: Stream) -> Iterator[str]:
    """The columns in which no person stands."""
    for name, column in stream.schema["properties"].items():
        if name == "unmapped":  # who knows what is in it
            continue
        mark = column_classification(name, DataClassification(stream.data_class), column, keys(stream))
        yield from _open_parts(warehouse, warehouse.column(stream, name), column, mark)


def _open_parts(warehouse: Postgres, name: str, schema: Mapping[str, Any], mark: DataClassification) -> Iterator[str]:
    """A column, or of one that may be flattened the columns of its parts, without those of persons."""
    inner = schema.get("properties", {})
    if mark.data_class in _OPEN and _is_open(schema, mark):
        yield name
    for part, child in inner.items():
        yield from _open_parts(warehouse, f"{name}{warehouse.separator}{part}", child, mark.within(child))


def _is_open(schema: Mapping[str, Any], mark: DataClassification) -> bool:
    """Whether no part of a value has another class."""
    parts = [*schema.get("properties", {}).values()]
    parts += [schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), Mapping)]
    return all(mark.within(part).data_class in _OPEN and _is_open(part, mark.within(part)) for part in parts)
