"""What `erase` and `retention` print, run on what real targets have filled: no trace is left, and no more is gone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb
import psycopg
import pytest
from click.testing import CliRunner

from demo.postgres import embedded_server
from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world.organizations import COMPANY, SHOWCASE
from tap_linkedin_dma.commands.warehouse.erase import erase
from tap_linkedin_dma.commands.warehouse.retention import retention
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.end_to_end.targets import load
from tests.support.runs import run

FIGURES = re.compile(r"trend|demographics|gestures|creator_analytics|titles|skills|fields_of_study|degrees")
LOADED = {stream.name for stream in STREAMS if not FIGURES.search(stream.name)}
"""The others stay without a table, as streams do that are not selected."""

Rows = dict[str, list[str]]
"""Each table's rows as JSON."""


@dataclass
class Filled:
    """A warehouse that a target has filled, with two pages."""

    dialect: str
    execute: Callable[[str], list[tuple[str, ...]]]
    row_as_text: str
    schema: str

    def rows(self) -> Rows:
        of_schema = f"table_schema = {_literal(self.schema)} ORDER BY table_name"
        tables = self.execute(f"SELECT table_name FROM information_schema.tables WHERE {of_schema}")
        read = f"SELECT {self.row_as_text} FROM {_quoted(self.schema)}"
        return {table: [text for (text,) in self.execute(f"{read}.{table} AS line")] for (table,) in tables}

    def run(self, command: click.Command, *arguments: str) -> None:
        """Run what a command prints."""
        printed = CliRunner().invoke(command, [*arguments, "--dialect", self.dialect, "--schema", self.schema])
        assert printed.exit_code == 0, printed.output
        self.execute(printed.output)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run over two pages, and over a member's own data, wrote."""
    with Sandbox(World(posts=10, followers=30, seed=3, now=NOW)) as sandbox:
        result = run(sandbox, select=LOADED, member_access_token=sandbox.member_token, sensitive_domains=True)
    path = tmp_path_factory.mktemp("messages") / "messages.jsonl"
    path.write_text("".join(f"{json.dumps(message)}\n" for message in result.messages))
    return path


def postgres(messages: Path, folder: Path) -> Iterator[Filled]:
    schema = 'linkedin "data"; --'
    with embedded_server() as url, psycopg.connect(url, autocommit=True) as connection:
        psycopg_url = "postgresql+psycopg://" + url.split("://", 1)[1]
        load("target-postgres", messages, folder, sqlalchemy_url=psycopg_url, default_target_schema=schema)

        def execute(script: str) -> list[tuple[str, ...]]:
            cursor = connection.execute(script.encode())
            return cursor.fetchall() if cursor.description else []

        yield Filled("postgres", execute, "CAST(to_jsonb(line) AS text)", schema)


def duck(messages: Path, folder: Path) -> Iterator[Filled]:
    file, loaded = folder / "linkedin.duckdb", folder / "messages.jsonl"
    # The target cannot load a column of objects that may be text too, where LinkedIn could not read them.
    lines = [line for line in messages.read_text().splitlines() if json.loads(line).get("stream") != "member_changelog"]
    loaded.write_text("\n".join(lines) + "\n")
    load("target-duckdb", loaded, folder, path=str(file), default_target_schema="pages", add_metadata_columns=True)
    with duckdb.connect(str(file)) as connection:
        yield Filled(
            "duckdb",
            lambda script: connection.execute(script).fetchall(),
            "CAST(to_json(line) AS VARCHAR)",
            "pages",
        )


@pytest.fixture(scope="module", params=[postgres, duck])
def filled(
    request: pytest.FixtureRequest, messages: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    yield from request.param(messages, tmp_path_factory.mktemp("warehouse"))


def words(row: str) -> set[str]:
    return set(re.findall(r"[\w-]+", row))


def naming(rows: Rows, *names: str) -> Rows:
    """The rows that hold one of these words, by table."""
    found = {table: [row for row in lines if words(row) & {*names}] for table, lines in rows.items()}
    return {table: lines for table, lines in found.items() if lines}


def gone(before: Rows, after: Rows) -> dict[str, Counter[str]]:
    """The rows that no longer stand as they did."""
    lost = {table: Counter(lines) - Counter(after[table]) for table, lines in before.items()}
    return {table: rows for table, rows in lost.items() if rows}


def values(rows: Rows, table: str, column: str) -> list[str]:
    return [json.loads(row)[column] for row in rows[table]]


def test_retention_removes_what_is_due_and_nothing_else(filled: Filled) -> None:
    """Names of places at once, Standardized Data after a year."""
    functions = f"{_quoted(filled.schema)}.functions"
    filled.execute(f"UPDATE {functions} SET _sdc_extracted_at = TIMESTAMP '2020-01-01 00:00:00' WHERE id < 5")
    before = filled.rows()
    filled.run(retention)
    lost = gone(before, filled.rows())
    assert lost.keys() == {"functions", "geos"}
    assert len(before["geos"]) == lost["geos"].total() > 0
    assert sorted(json.loads(row)["id"] for row in lost["functions"]) == [1, 2, 3, 4]


def in_many_tables(rows: Rows) -> str:
    """The member who is named in most tables."""
    by_table = [{word for row in lines for word in words(row)} for lines in rows.values()]
    return max(people(rows), key=lambda member: sum(member in found for found in by_table))


def in_keys(rows: Rows) -> str:
    """A member who reacted and commented, and is part of the reaction's key."""
    both = {*values(rows, "reactions", "actor")} & {*values(rows, "comments", "actor")}
    return str(min(actor for actor in both if actor)).split(":")[-1]


def mentioned(rows: Rows) -> str:
    """A member whom a post mentions by name."""
    attributes = json.dumps(values(rows, "posts", "commentary_attributes"))
    return str(re.findall(r"urn:li:person:([\w-]+)", attributes)[0])


def people(rows: Rows) -> list[str]:
    return values(rows, "people", "id")


@pytest.mark.parametrize("choose", [in_many_tables, in_keys, mentioned])
def test_of_an_erased_member_no_column_tells(filled: Filled, choose: Callable[[Rows], str]) -> None:
    """Nor of conversations with the member. Every row of others is there, as it was but for the name."""
    before = filled.rows()
    member = choose(before)
    assert len(naming(before, member)) >= 2
    filled.run(erase, "--member", f"urn:li:person:{member}")
    after = filled.rows()
    assert naming(after, member) == {}
    changed = gone(before, after)
    theirs = naming(before, member)
    talks = values(theirs, "message_threads", "row_key") if "message_threads" in theirs else []
    for table, lost in changed.items():
        others = [row for row in lost if member not in words(row)]
        assert all(table == "messages" and json.loads(row)["thread"] in talks for row in others), table
    filled.run(erase, "--member", f"urn:li:person:{member}")
    assert filled.rows() == after


def test_a_name_that_begins_like_another_takes_nothing_along(filled: Filled) -> None:
    """Nobody of that name is there."""
    before = filled.rows()
    filled.run(erase, "--member", f"urn:li:person:{people(before)[0][:-1]}")
    assert filled.rows() == before


def test_of_an_erased_page_no_column_tells_and_the_other_is_whole(filled: Filled) -> None:
    """Nor of its posts. What both share, such as people, stays as far as the other names it."""
    before = filled.rows()
    posts = [json.loads(row)["id"] for row in before["posts"] if json.loads(row)["organization"] == COMPANY.urn]
    names = [str(COMPANY.number), str(COMPANY.page), *(post.split(":")[-1] for post in posts)]
    assert len(naming(before, *names)) > 40
    filled.run(erase, "--organization", COMPANY.urn)
    after = filled.rows()
    own = ("member_snapshots", "member_changelog", "member_authorizations")
    assert {table for table in naming(after, *names) if table not in own} == set()
    for table, lost in gone(before, after).items():
        of_other = [row for row in lost if json.loads(row).get("organization") == SHOWCASE.urn]
        assert not [row for row in of_other if not words(row) & {*names}], table
    left = {word for table, rows in after.items() if table != "people" for row in rows for word in words(row)}
    assert {*people(after)} == {*people(before)} & left
    assert people(after)
