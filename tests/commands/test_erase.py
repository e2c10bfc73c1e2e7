"""The commands `erase` and `retention`: what they print, and what they refuse. What it does is looked at end to end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import click
import duckdb
import pytest
from click.testing import CliRunner, Result

from tap_linkedin_dma.commands.warehouse.erase import erase
from tap_linkedin_dma.commands.warehouse.retention import retention
from tap_linkedin_dma.privacy.members import HashMembers
from tap_linkedin_dma.state import recent_lookups
from tap_linkedin_dma.state.packing import pack, short_hash, unpack
from tap_linkedin_dma.streams import STREAMS

NAMES = [stream.name for stream in STREAMS]
PAGE = ["--organization", "urn:li:organization:42"]
PERSON = ["--member", "urn:li:person:a_b-1"]
DIALECTS = ["ansi", "postgres", "duckdb"]


def printed(command: click.Command, *arguments: str, **environment: str) -> str:
    result = invoked(command, *arguments, **environment)
    assert result.exit_code == 0, result.output
    return result.output


def invoked(command: click.Command, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(command, arguments, env=environment)


def recipe(command: click.Command, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(command, *arguments, "--format", "json"))
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("command", "subject"), [(erase, PAGE), (erase, PERSON), (retention, [])])
def test_every_stream_has_one_entry(command: click.Command, subject: list[str], dialect: str) -> None:
    """With statements, or with the reason why there are none; a table without rows of the subject is named too."""
    entries = recipe(command, *subject, "--dialect", dialect)["entries"]
    assert sorted(entry["stream"] for entry in entries) == sorted(NAMES)
    for entry in entries:
        assert entry["statements"] or entry.get("notes") or entry.get("limit"), entry
        assert bool(entry.get("count") or entry.get("check")) >= bool(entry["statements"])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_counts_stand_before_one_transaction(dialect: str) -> None:
    """So that they can be looked at before anything goes."""
    script = printed(erase, *PAGE, "--dialect", dialect)
    looked, changed = re.split(r"^-- Part 2", script, flags=re.MULTILINE)
    assert "count(*)" in looked
    assert "ROLLBACK;" in looked
    assert not re.search(r"^(DELETE|UPDATE|COMMIT)", looked, re.MULTILINE)
    begins, ends = re.search(r"^(BEGIN|START TRANSACTION);$", changed, re.MULTILINE), changed.index("\nCOMMIT;")
    assert begins
    changes = [found.start() for found in re.finditer(r"^(DELETE|UPDATE)", changed, re.MULTILINE)]
    assert changes
    assert all(begins.start() < place < ends for place in changes)


def test_children_go_before_their_parents() -> None:
    """Or what tells whose they are would be gone."""
    order = [entry["stream"] for entry in recipe(erase, *PERSON)["entries"]]
    parents = {stream.name: stream.parent_stream_type for stream in STREAMS if stream.name != "live_viewer_counts"}
    for child, parent in cast("dict[str, Any]", parents).items():
        assert parent is None or order.index(child) < order.index(parent.name)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [*PAGE, *PERSON],
        ["--organization", "42"],
        ["--organization", "urn:li:organization:42'; DROP TABLE posts; --"],
        ["--organization", "urn:li:person:a"],
        ["--member", "urn:li:organization:42"],
        ["--member", "urn:li:share:7"],
        ["--member", "urn:li:person:"],
        ["--member", "a_b-1"],
        [*PAGE, "--map", "posts"],
        [*PAGE, "--map", "pots=x"],
        [*PAGE, "--map", "posts.no=x"],
        [*PAGE, "--dialect", "cobol"],
    ],
)
def test_what_is_no_whole_urn_of_the_right_kind_is_refused(arguments: list[str]) -> None:
    result = invoked(erase, *arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output
    assert "DELETE" not in result.output


def test_no_settings_are_needed() -> None:
    """Neither a token nor a connection: the duty outlives both."""
    for variable in ({}, {"TAP_LINKEDIN_DMA_ACCESS_TOKEN": ""}):
        assert "DELETE" in printed(erase, *PAGE, **variable)
        assert "DELETE" in printed(retention, **variable)


@pytest.mark.parametrize("subject", [PAGE, PERSON])
def test_it_tells_what_sql_does_not_reach(subject: list[str]) -> None:
    told = " ".join(recipe(erase, *subject)["elsewhere"])
    for what in ("backups", "state", "token_file", "exports"):
        assert what in told


def test_names_are_quoted_whatever_they_contain() -> None:
    """A schema and a table of the user's own naming; they run, where a careless quote would not."""
    table, schema = 'my "posts"; --', 'a "schema"'
    script = printed(erase, *PAGE, "--dialect", "duckdb", "--schema", schema, "--map", f"posts={table}")
    with duckdb.connect() as connection:
        connection.execute('CREATE SCHEMA "a ""schema"""')
        columns = ", ".join(f'"{name}" VARCHAR' for name in NAMED["posts"])
        connection.execute(f'CREATE TABLE "a ""schema"""."my ""posts""; --" ({columns})')
        connection.execute(
            'INSERT INTO "a ""schema"""."my ""posts""; --" (id, organization) '
            "VALUES ('1', 'urn:li:organization:42'), ('2', 'urn:li:organization:421')"
        )
        connection.execute(script)
        left = connection.execute('SELECT id FROM "a ""schema"""."my ""posts""; --"').fetchall()
    assert left == [("2",)]
    ansi = printed(erase, *PAGE, "--schema", schema, "--map", f"posts={table}")
    assert 'DELETE FROM "a ""schema"""."my ""posts""; --" WHERE' in ansi


NAMED = {stream.name: list(stream.schema["properties"]) for stream in STREAMS}


def test_a_like_takes_no_character_of_an_id_for_a_sign() -> None:
    script = printed(erase, *PERSON)
    assert r"""LIKE '%(urn:li:person:a\_b-1,%' ESCAPE '\'""" in script


def test_what_standard_sql_cannot_do_is_named() -> None:
    notes = {entry["stream"]: " ".join(entry["notes"]) for entry in recipe(erase, *PERSON)["entries"]}
    assert "created.actor" in notes["comments"]
    assert "membership" in notes["message_threads"]
    assert "commentary_attributes.[].value.person.person" in notes["posts"]


def test_members_are_found_by_their_hashes_too() -> None:
    """With the key from the environment, which is not printed."""
    script = printed(erase, *PERSON, "--dialect", "postgres", TAP_LINKEDIN_DMA_MEMBER_HASH_KEY="the key")
    assert HashMembers("the key").person("a_b-1") in script
    assert "the key" not in script


def test_retention_says_how_long_each_table_may_be_kept() -> None:
    """By class, with the paragraph; fields that name Standardized Data are advice."""
    entries = {entry["stream"]: entry for entry in recipe(retention, "--days", "100")["entries"]}
    assert "3.2.1: 100 days" in entries["functions"]["limit"]
    assert "INTERVAL '100' DAY" in entries["functions"]["statements"][0]
    assert entries["geos"]["statements"] == ['DELETE FROM "geos"']
    assert "3.1" in entries["member_snapshots"]["limit"]
    assert "member_authorizations" in entries["member_snapshots"]["check"]
    assert entries["organizations"]["statements"] == []
    assert "industries" in " ".join(entries["organizations"]["advice"])
    assert "drop_unsure_locations" in " ".join(entries["events"]["advice"])


def test_retention_takes_no_more_than_a_year() -> None:
    for refused in (["--days", "366"], ["--member-days", "pots=3"], ["--member-days", "posts"]):
        assert invoked(retention, *refused).exit_code == 2
    assert '"loaded_at" <' in printed(retention, "--time-column", "loaded_at")


STATE = {
    "bookmarks": {
        "people": {
            name: [{"on": "2026-01-01", "urns": pack([short_hash("urn:li:person:a_b-1"), 5])}]
            for name in recent_lookups.NAMES
        },
        "posts": {"partitions": [{"context": {"organization": "urn:li:organization:42"}}, {"context": {"x": "1"}}]},
        "reactions": {"owed": {"urn:li:person:a_b-1": 1, "urn:li:person:a_b-12": 1}},
    }
}


@pytest.mark.parametrize("wrapper", [None, "singer_state"])
def test_the_subject_goes_from_the_state_too(tmp_path: Path, wrapper: str | None) -> None:
    """As Meltano prints the state, or as a run wrote it; the rest stays."""
    file = tmp_path / "state.json"
    for subject in (PAGE, PERSON):
        file.write_text(json.dumps({wrapper: STATE} if wrapper else STATE))
        printed(erase, *subject, "--state", str(file))
        given = json.loads(file.read_text())
        bookmarks = (given[wrapper] if wrapper else given)["bookmarks"]
        left = [len(unpack(lot["urns"])) for lots in bookmarks["people"].values() for lot in lots]
        assert [*left, len(bookmarks["reactions"]["owed"])] == [1 if subject is PERSON else 2] * 3
        assert len(bookmarks["posts"]["partitions"]) == (2 if subject is PERSON else 1)
    file.write_text("[]")
    assert invoked(erase, *PAGE, "--state", str(file)).exit_code == 1
    assert file.read_text() == "[]"
