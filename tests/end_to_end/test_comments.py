"""What `comments` prints, run on what real targets have filled: each table and column says what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.commands.warehouse.comments import comments
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.conftest import NOW
from tests.end_to_end.targets import Execute, loaded_duckdb, loaded_postgres
from tests.support.runs import run

SELECTED = {"organizations", "posts", "comments", "me"}
LEFT_OUT = ("posts", "commentary")


IN_POSTGRES = """
SELECT relname, coalesce(attname, ''), coalesce(description, '')
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace AND nspname LIKE 'pages%'
CROSS JOIN LATERAL (
    SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = pg_class.oid AND attnum > 0
    UNION ALL SELECT NULL, obj_description(pg_class.oid)
) AS comments (attname, description)
WHERE relkind = 'r'
"""
IN_DUCKDB = """
SELECT table_name, column_name, coalesce(comment, '') FROM duckdb_columns() WHERE schema_name = 'pages'
UNION ALL
SELECT table_name, '', coalesce(comment, '') FROM duckdb_tables() WHERE schema_name = 'pages'
"""


class Filled(NamedTuple):
    """A warehouse that a target has filled."""

    dialect: str
    schema: str
    execute: Execute
    comments: str
    """A query: table, column ("" for the table itself) and comment."""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog that selects some streams, and leaves one column out."""
    tap = TapLinkedInDMA(config={"access_token": "invented"}, setup_mapper=False)
    found = json.loads(tap.catalog_json_text)
    for entry in found["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["tap_stream_id"] in SELECTED
            elif (entry["tap_stream_id"], metadata["breadcrumb"][-1]) == LEFT_OUT:
                metadata["metadata"]["selected"] = False
    path = tmp_path_factory.mktemp("catalog") / "catalog.json"
    path.write_text(json.dumps(found))
    return path


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run with this selection wrote."""
    with Sandbox(World(posts=4, followers=6, seed=3, now=NOW)) as sandbox:
        written = run(sandbox, select=SELECTED).messages
    for message in written:
        if message.get("stream") == LEFT_OUT[0]:
            part = message["schema"]["properties"] if message["type"] == "SCHEMA" else message.get("record", {})
            part.pop(LEFT_OUT[1], None)
    path = tmp_path_factory.mktemp("messages") / "messages.jsonl"
    path.write_text("".join(f"{json.dumps(message)}\n" for message in written))
    return path


@pytest.fixture(scope="module", params=["postgres", "duckdb"])
def filled(
    request: pytest.FixtureRequest, messages: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """Each warehouse."""
    folder, dialect = tmp_path_factory.mktemp("warehouse"), request.param
    load, schema, comments = {
        "postgres": (loaded_postgres, 'pages "of ours"', IN_POSTGRES),
        "duckdb": (loaded_duckdb, "pages", IN_DUCKDB),
    }[dialect]
    with load(messages, folder, schema) as execute:
        yield Filled(dialect, schema, execute, comments)


def test_every_table_and_column_says_what_it_holds(filled: Filled, catalog: Path) -> None:
    """Those that the catalog selects; the target's own columns say nothing."""
    arguments = ["--catalog", str(catalog), "--dialect", filled.dialect, "--schema", filled.schema]
    printed = CliRunner().invoke(comments, arguments)
    assert printed.exit_code == 0, printed.output
    filled.execute(printed.output)
    said = {(table, column): text for table, column, text in filled.execute(filled.comments)}
    described = {
        (stream.name, name): column["description"]
        for stream in STREAMS
        for name, column in stream.schema["properties"].items()
        if stream.name in SELECTED and (stream.name, name) != LEFT_OUT
    }
    assert {column for column in described if not said[column].startswith(described[column])} == set()
    assert all(said[table, ""] for table in SELECTED)
    assert {column for column in said.keys() - described.keys() if column[1] and said[column]} == set()
    assert said["comments", "post"] == f"{described['comments', 'post']} Joins to posts.id."


def test_without_a_catalog_the_streams_that_are_on_are_described() -> None:
    """And no others; as JSON too, for a program that runs the statements."""
    printed = CliRunner().invoke(comments, ["--format", "json"])
    streams = {entry["stream"] for entry in json.loads(printed.output)["entries"]}
    assert streams == {stream.name for stream in STREAMS if stream.selected_by_default}
