"""What the commands print, run on what real targets have filled: no trace is left, and no more is gone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
from tap_linkedin_dma.commands.warehouse.subject import subject
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.end_to_end.targets import load
from tests.support.runs import run

FIGURES = re.compile(r"trend|demographics|gestures|creator_analytics|titles|skills|fields_of_study|degrees")
LOADED: set[str] = {str(stream.name) for stream in STREAMS if not FIGURES.search(stream.name)}
"""The others stay without a table, as streams do that are not selected."""

Rows = dict[str, list[str]]
"""Each table's rows as JSON."""


Execute = Callable[[str], list[tuple[Any, ...]]]
"""Runs SQL, and gives the rows of its last query of several columns, or else of its last query."""


@dataclass
class Filled:
    """A warehouse that a target fills.

    Args:
        dialect: of its SQL.
        execute: runs SQL.
        schema: of the tables.
        folder: for what its target is given.
        loaded: settings of the target.
        config: settings of the tap that change names.
        state: of the last run.
        streams: those that are read; all but figures and taxonomies if empty.
    """

    dialect: str
    execute: Execute
    schema: str
    folder: Path
    loaded: Mapping[str, object]
    config: Mapping[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    streams: Collection[str] = ()

    def sync(self, sandbox: Sandbox, **config: Any) -> None:
        """Load what one run wrote over two pages, and over a member's own data; the next one goes on from its state."""
        own = {"member_access_token": sandbox.member_token, "sensitive_domains": True, **self.config}
        result = run(sandbox, self.state, {*self.streams} or LOADED, **own, **config)
        self.state = result.state
        lines = result.messages
        if self.dialect == "duckdb":
            # The target cannot load a column of objects that may be text too, where LinkedIn could not read them.
            lines = [message for message in lines if message.get("stream") != "member_changelog"]
        self.folder.mkdir(exist_ok=True)
        messages = self.folder / "messages.jsonl"
        messages.write_text("".join(f"{json.dumps(message)}\n" for message in lines))
        load(f"target-{self.dialect}", messages, self.folder, default_target_schema=self.schema, **self.loaded)

    def rows(self) -> Rows:
        """The rows by the tap's names of tables and columns."""
        of_schema = f"WHERE table_schema = {_literal(self.schema)}"
        named = f"SELECT table_name, table_schema FROM information_schema.tables {of_schema}"
        json_of = "to_jsonb" if self.dialect == "postgres" else "to_json"
        tables = sorted(table for table, _ in self.execute(named))
        read = " UNION ALL ".join(
            f"SELECT '{table}', CAST({json_of}(line) AS text) FROM {self.quoted(table)} AS line" for table in tables
        )
        rows: Rows = {str(NAMES.get(table, table)): [] for table in tables}
        for table, text in self.execute(read):
            rows[str(NAMES.get(table, table))].append(_renamed(text))
        return rows

    def quoted(self, table: str) -> str:
        return ".".join('"' + name.replace('"', '""') + '"' for name in (self.schema, table))

    def run(self, command: click.Command, *arguments: str) -> list[tuple[Any, ...]]:
        """Run what a command prints."""
        return self.execute(self.printed(command, *arguments, "--schema", self.schema))

    def printed(self, command: click.Command, *arguments: str) -> str:
        settings = self.folder / "settings.json"
        settings.write_text(json.dumps(self.config))
        printed = CliRunner().invoke(command, [*arguments, "--dialect", self.dialect, "--config", str(settings)])
        assert printed.exit_code == 0, printed.output
        return printed.stdout


FLATTENED = {
    "flattening_enabled": True,
    "flattening_max_depth": 2,
    "stream_maps": {"comments": {"__alias__": "remarks", "said_by": "actor", "actor": None}},
}
NAMES = {"remarks": "comments", "said_by": "actor"}
"""The tap's names of what the stream map above renames."""


def _renamed(row: str) -> str:
    return json.dumps({NAMES.get(name, name): value for name, value in json.loads(row).items()})


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with embedded_server() as url:
        yield url


def postgres(url: str, folder: Path, schema: str, config: Mapping[str, Any] | None = None, **loaded: object) -> Filled:
    def execute(script: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(script.encode())
            found: list[list[tuple[Any, ...]]] = []
            while True:
                if cursor.description:
                    found.append(cursor.fetchall())
                if not cursor.nextset():
                    return _last(found)

    loaded["sqlalchemy_url"] = "postgresql+psycopg://" + url.split("://", 1)[1]
    return Filled("postgres", execute, schema, folder, loaded, config or {})


def duck(_: str, folder: Path) -> Filled:
    file = folder / "linkedin.duckdb"

    def execute(script: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(file)) as connection:
            found = []
            for statement in connection.extract_statements(script):
                rows = connection.execute(statement).fetchall()
                found.append([] if statement.type.name != "SELECT" else rows)
            return _last(found)

    return Filled("duckdb", execute, "pages", folder, {"path": str(file), "add_metadata_columns": True})


def _last(found: Sequence[list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    several = [rows for rows in found if rows and len(rows[0]) > 1]
    filled = [rows for rows in found if rows]
    return next(reversed(several or filled), [])


def soft(url: str, folder: Path) -> Filled:
    return postgres(url, folder, 'linkedin "data"; --')


def hard(url: str, folder: Path) -> Filled:
    return postgres(url, folder, "hard", hard_delete=True)


def flat(url: str, folder: Path) -> Filled:
    return postgres(url, folder, "flat", FLATTENED)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(World(posts=10, followers=30, seed=3, now=NOW)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module", params=[soft, flat, duck])
def filled(
    request: pytest.FixtureRequest, server: str, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Filled:
    warehouse: Filled = request.param(server, tmp_path_factory.mktemp("warehouse"))
    warehouse.sync(sandbox)
    return warehouse


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
    functions = filled.quoted("functions")
    filled.execute(f"UPDATE {functions} SET _sdc_extracted_at = TIMESTAMP '2020-01-01 00:00:00' WHERE id < 5")
    # The runs were at the sandbox's time, the database is at the machine's.
    filled.execute(f"UPDATE {filled.quoted('member_authorizations')} SET confirmed_at = CURRENT_TIMESTAMP")
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


OF_PERSONS = (
    *("organizations", "organization_acls", "notifications", "followers", "posts", "comments", "reactions", "people"),
    *("message_threads", "messages", "lead_gen_form_responses", "content_series", "series_subscribers"),
)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", [soft, hard, flat, duck])
def test_an_erased_member_stays_erased(server: str, tmp_path: Path, kind: Callable[[str, Path], Filled]) -> None:
    """Also after further runs that read the member's comments, reactions and messages anew."""
    with Sandbox(World(posts=4, followers=10, seed=5, now=NOW)) as sandbox:
        warehouse = kind(server, tmp_path)
        warehouse.schema += "_for_good"
        warehouse.streams = OF_PERSONS
        warehouse.sync(sandbox)
        member = in_many_tables(warehouse.rows())
        recipe = json.loads(warehouse.printed(erase, "--member", f"urn:li:person:{member}", "--format", "json"))
        warehouse.run(erase, "--member", f"urn:li:person:{member}")
        kept_out = {recipe["keep_out"]["setting"]: [recipe["keep_out"]["value"]]}
        assert naming(warehouse.rows(), member) == {}
        warehouse.sync(sandbox, **kept_out)
        assert naming(warehouse.rows(), member) == {}
        sandbox.world.tick()
        warehouse.state = {}
        warehouse.sync(sandbox, **kept_out)
        assert naming(warehouse.rows(), member) == {}


def test_of_a_schema_without_tables_it_says_so(filled: Filled) -> None:
    """The database refuses, names the schema that has them, and is as it was."""
    before = filled.rows()
    for command, about in (
        (erase, ["--member", "urn:li:person:x"]),
        (retention, []),
        (subject, ["--organization", COMPANY.urn]),
    ):
        with pytest.raises(
            (psycopg.Error, duckdb.Error), match="No table of the tap is in the schema nowhere"
        ) as fault:
            filled.execute(filled.printed(command, *about, "--schema", "nowhere"))
        assert filled.schema in str(fault.value)
    assert filled.rows() == before


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
