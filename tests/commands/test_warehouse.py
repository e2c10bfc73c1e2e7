"""The SQL that the commands print, run on a real PostgreSQL and a real DuckDB with rows of all forms."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from tap_linkedin_dma.commands.warehouse.erase import erase
from tap_linkedin_dma.commands.warehouse.erasure import Erasure
from tap_linkedin_dma.commands.warehouse.find import find
from tap_linkedin_dma.commands.warehouse.grants import grants
from tap_linkedin_dma.commands.warehouse.retention import retention
from tap_linkedin_dma.commands.warehouse.subject import subject
from tests.support.warehouses import Tables

ID = "a_b-1"
PERSON = f"urn:li:person:{ID}"
MEMBER = ["--member", PERSON]
OTHER = "urn:li:person:a_b-12"
PAGE = "urn:li:organization:42"

WORDS: dict[str, list[dict[str, Any]]] = {
    "reshares": [
        {"id": "1", "author": PERSON, "text": "Jane's words", "commentary": "Jane's words"},
        {"id": "2", "actor": PERSON, "text": "Jane's words"},
        {"id": "3", "author": OTHER, "text": "another's"},
    ],
    "notifications": [
        {
            "row_key": "1",
            "action": "COMMENT",
            "subscriber": PERSON,
            "decorated_generated_activity": {"comment": {"owner": PERSON, "text": "Jane's words"}},
            "decorated_source_post": {"owner": PERSON, "text": "Jane's post"},
        }
    ],
    "comments": [
        {
            "urn": "1",
            "actor": OTHER,
            "text": "Hello Jane",
            "commentary": {"text": "Hello Jane", "attributes": [{"start": 6, "value": {"person": {"person": PERSON}}}]},
        },
        {"urn": "2", "actor": OTHER, "text": "Hello", "commentary": {"text": "Hello", "attributes": []}},
        {"urn": "3", "actor": PERSON, "text": "Jane's words", "unmapped": {"actor~": {"firstName": "Jane"}}},
    ],
    "posts": [
        {"id": "1", "text": "By @Jane", "commentary": f"By @[Jane]({PERSON})", "organization": PAGE},
        {"id": "2", "actor": PERSON, "text": "The page's", "unmapped": {"actor~": {"name": "Jane"}, "kept": 1}},
    ],
    "verification_agents": [
        {"row_key": "1", "unmapped": {"agent": PERSON, "name": "Jane", "email": "jane@x.org"}},
        {"row_key": "2", "unmapped": {"pair": [PERSON, "Jane"]}},
        {"row_key": "3", "unmapped": {"key": PERSON, "value": "Jane"}},
        {"row_key": "4", "unmapped": {"at": "2026-01-01T00:00:00Z", "by": PERSON, "of": OTHER, "state": "ON"}},
    ],
    "people": [{"id": ID, "person": PERSON, "localized_first_name": "Jane"}, {"id": "a_b-12", "person": OTHER}],
}


def test_what_a_member_wrote_goes_wherever_it_stands(tables: Tables) -> None:
    """With the names and words beside the URN; what others wrote without naming the member stays."""
    tables.fill(WORDS)
    tables.run(erase, *MEMBER)
    left = {table: tables.rows(table) for table in WORDS}
    assert "Jane" not in json.dumps(left)
    assert re.search(rf"{ID}\b", json.dumps(left)) is None
    assert left["reshares"] == [{"id": "3", "author": OTHER, "text": "another's"}]
    assert left["notifications"] == [{"row_key": "1", "action": "COMMENT"}]
    assert {row["urn"] for row in left["comments"]} == {"1", "2"}
    assert next(row for row in left["comments"] if row["urn"] == "2") == WORDS["comments"][1]
    assert sorted(row["id"] for row in left["posts"]) == ["1", "2"]
    assert next(row for row in left["posts"] if row["id"] == "2") == {"id": "2", "text": "The page's"}
    kept = {"at": "2026-01-01T00:00:00Z", "by": None, "of": OTHER, "state": "ON"}
    agents = sorted(left["verification_agents"], key=lambda row: row["row_key"])
    assert agents == [*({"row_key": key} for key in "123"), {"row_key": "4", "unmapped": kept}]
    assert left["people"] == [{"id": "a_b-12", "person": OTHER}]


FORMS = [
    PERSON,
    PERSON.upper().replace(ID.upper(), ID),
    f"urn%3ali%3aperson%3a{ID}",
    f"urn%253Ali%253Aperson%253A{ID}?x",
    f"urn:li:member:{ID}",
    f"urn:li:fsd_profile:{ID}",
    f"urn:li:reaction:({PERSON},urn:li:activity:1)",
    f"Ask {PERSON}.",
]


def test_a_member_is_found_in_any_form(tables: Tables) -> None:
    """In columns that the tap knows and in others; of a longer id nothing is taken."""
    longer = [form.replace(ID, f"{ID}2") for form in FORMS]
    rows = [{"unmapped": {"by": form, "of": other}, "x": form} for form, other in zip(FORMS, longer, strict=True)]
    tables.fill({"products": rows})
    tables.run(erase, *MEMBER)
    left = tables.rows("products")
    assert sorted(row["unmapped"]["of"] for row in left) == sorted(longer)
    assert re.search(rf"{ID}(?!\d)", json.dumps(left)) is None


def test_columns_that_are_not_there_are_no_error(tables: Tables) -> None:
    """As after a deselection, or with a target that adds none of its own."""
    tables.fill(
        {"comments": [{"urn": "1", "actor": PERSON}, {"urn": "2"}], "events": []}, without=["agent", "unmapped"]
    )
    tables.run(erase, *MEMBER)
    assert [row["urn"] for row in tables.rows("comments")] == ["2"]


def test_the_last_line_is_for_the_register(tables: Tables) -> None:
    """The time, a hash, the tables, the rows and the tap's version; and a hint if nothing was found."""
    tables.fill(WORDS)
    recipe = json.loads(tables.printed(erase, *MEMBER, "--format", "json"))
    for note in (None, "Nothing of the subject was found"):
        ((erased_at, who, count, rows, version, told),) = tables.run(erase, *MEMBER)
        assert recipe["keep_out"] == {"setting": "forget_members", "value": who}
        assert erased_at
        assert version
        assert (int(count), int(rows)) == ((0, 0) if note else (6, 12))
        assert (told or "").startswith(note or "")
        assert ID not in f"{who}{told}"


def test_if_anything_is_left_nothing_is_changed(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are counted again at the end of the transaction."""
    tables.fill(WORDS)
    before = [tables.rows(table) for table in WORDS]
    monkeypatch.setattr(Erasure, "_cell", lambda _, __, cell: cell)
    with pytest.raises((psycopg.Error, duckdb.Error), match="Something of the subject is left"):
        tables.run(erase, *MEMBER)
    assert [tables.rows(table) for table in WORDS] == before


@pytest.mark.parametrize("command", [erase, subject])
def test_renamed_tables_and_columns_are_found_by_the_stream_maps(tables: Tables, tmp_path: Path, command: Any) -> None:
    tables.fill({"comments": [{"urn": "1", "said_by": PERSON, "text": "Jane's words"}]}, without=["actor"])
    tables.execute("ALTER TABLE tap_linkedin_dma.comments RENAME TO remarks")
    settings = tmp_path / "config.json"
    maps = {"comments": {"__alias__": "remarks", "said_by": "actor", "actor": None}}
    settings.write_text(json.dumps({"stream_maps": maps}))
    for named in (["--config", str(settings)], ["--map", "comments=remarks", "--map", "comments.actor=said_by"]):
        told = tables.run(command, *MEMBER, *named)
        assert command is erase or json.loads(told[0][0])["whose"] == "subject"
    assert bool(tables.rows("remarks")) == (command is subject)


def test_all_that_is_stored_of_a_person_is_shown(tables: Tables) -> None:
    """A line for each row that erase would reach, and whose it is."""
    tables.fill(WORDS)
    lines = tables.lines(subject, *MEMBER)
    assert {*lines[0]} == {"stream", "whose", "row"}
    shown = Counter((line["stream"], line["whose"]) for line in lines)
    assert shown == {
        ("comments", "other"): 1,
        ("comments", "subject"): 1,
        ("notifications", "other"): 1,
        ("people", "subject"): 1,
        ("posts", "other"): 2,
        ("reshares", "subject"): 2,
        ("verification_agents", "other"): 4,
    }


@pytest.mark.parametrize(
    "options",
    [["--name", "müller JANE"], ["--email", "Jane@x.org"], ["--vanity", "jane-m"]],
)
def test_a_person_without_a_urn_is_found(tables: Tables, options: list[str]) -> None:
    """By words of the name, by the address, or by the profile's, in any case; the URNs in the row are shown."""
    person = {"id": ID, "person": PERSON, "localized_first_name": "Jane", "localized_last_name": "Müller"}
    lead = {"id": "7", "form_response": {"answers": ["jane@X.org", "Jane MÜLLER", "linkedin.com/in/jane-m?x"]}}
    tables.fill({"people": [{**person, "vanity_name": "jane-m"}, {"id": "o"}], "lead_gen_form_responses": [lead]})
    lines = tables.lines(find, *options)
    found = {line["stream"]: line["persons"] or [] for line in lines}
    assert found["lead_gen_form_responses"] == []
    assert "--email" in options or found["people"] == [PERSON]


def test_rows_of_persons_are_due_once_nothing_shows_the_person(tables: Tables) -> None:
    """As when a member opts out at LinkedIn: rows that a full listing lacks, and people whom nothing names."""
    gone, there = "2020-01-01T00:00:00", None
    tables.fill(
        {
            "people": [{"id": "a", "person": PERSON}, {"id": "b", "person": OTHER}],
            "followers": [
                {"row_key": "1", "follower": PERSON, "_sdc_deleted_at": gone},
                {"row_key": "2", "follower": OTHER, "_sdc_deleted_at": there},
            ],
            "reactions": [
                {"row_key": "1", "actor": PERSON, "post": "p", "listed_at": "2024-01-01T00:00:00"},
                {"row_key": "2", "actor": OTHER, "post": "p", "listed_at": "2024-01-02T00:00:00"},
            ],
            "engagement_listings": [{"post": "p", "kind": "reactions", "listed_at": "2024-01-02T00:00:00"}],
            "posts": [{"id": "1", "_sdc_deleted_at": gone}],
        }
    )
    tables.run(retention)
    for table, key in (("people", "id"), ("followers", "row_key"), ("reactions", "row_key")):
        assert [row[key] for row in tables.rows(table)] == ["b" if table == "people" else "2"], table
    assert tables.rows("posts")


def test_rows_of_persons_are_kept_for_as_many_days_as_one_says(tables: Tables) -> None:
    """By stream, from when they were written, or else loaded."""
    old, new = "2020-01-01T00:00:00", "2999-01-01T00:00:00"
    rows = [{"row_key": "old", "created_at": old}, {"row_key": "new", "created_at": new}]
    people = [{"id": ID, "person": PERSON, "_sdc_extracted_at": old}]
    tables.fill({"messages": rows, "followers": [{"row_key": "1", "follower": PERSON}], "people": people})
    tables.run(retention, "--member-days", "messages=100")
    assert [row["row_key"] for row in tables.rows("messages")] == ["new"]
    assert tables.rows("people")
    tables.run(retention, "--member-days", "100")
    assert not tables.rows("people")


def test_what_is_due_is_known_without_the_time_of_loading(tables: Tables) -> None:
    """Which not every target adds: the tap says itself until when a row may be kept."""
    rows = [{"id": 1, "retain_until": "2020-01-01"}, {"id": 2, "retain_until": "2999-01-01"}]
    tables.fill({"functions": rows, "geos": [{"id": 3}]})
    tables.run(retention)
    assert [int(row["id"]) for row in tables.rows("functions")] == [2]
    assert tables.rows("geos") == []


@pytest.mark.parametrize(
    ("consent", "is_due"),
    [
        ({"confirmed_at": "2999-01-01T00:00:00"}, False),
        ({"confirmed_at": "2020-01-01T00:00:00"}, True),
        ({"confirmed_at": "2999-01-01T00:00:00", "_sdc_deleted_at": "2020-01-01T00:00:00"}, True),
        (None, True),
    ],
)
def test_without_consent_a_member_s_own_data_are_due(
    tables: Tables, consent: dict[str, str] | None, is_due: bool
) -> None:
    """Whether the consent was withdrawn, or has long not been confirmed; soft-deleted rows too."""
    tables.fill(
        {
            "member_authorizations": [{"member": PERSON, **consent}] if consent else [],
            "member_snapshots": [{"member": PERSON}, {"member": PERSON, "_sdc_deleted_at": "2020-01-01T00:00:00"}],
            "member_changelog": [{"owner": PERSON}],
        }
    )
    tables.run(retention)
    assert [bool(tables.rows(table)) for table in ("member_snapshots", "member_changelog")] == [not is_due] * 2


@pytest.mark.parametrize(("pages", "left"), [([], 1), (["42"], 0), (["42", "43"], 1)])
def test_reference_data_go_with_the_last_page(tables: Tables, pages: list[str], left: int) -> None:
    """And stay if it is not known which pages there are."""
    organizations = [{"id": int(page), "organization": f"urn:li:organization:{page}"} for page in pages]
    tables.fill({"organizations": organizations, "functions": [{"id": 1}]})
    tables.run(erase, "--organization", PAGE)
    assert len(tables.rows("functions")) == left


def test_a_role_reads_the_tables_without_persons(postgres_url: str) -> None:
    """Views have the columns in which none can stand, and no table of persons has one."""
    tables = Tables("postgres", postgres_url).fill(WORDS | {"messages": [{"row_key": "1"}]})
    tables.execute("DROP ROLE IF EXISTS analyst; CREATE ROLE analyst")
    for _ in range(2):
        tables.run(grants, "--role", "analyst")
    views = "tap_linkedin_dma_without_members"
    named = f"SELECT table_name FROM information_schema.views WHERE table_schema = '{views}'"
    found = [name for (name,) in tables.execute(named)]
    assert {"posts", "comments", "notifications"} <= {*found}
    assert not {"people", "messages"} & {*found}
    told = json.dumps([tables.rows(name, views) for name in found])
    assert PERSON not in told.replace(f"By @[Jane]({PERSON})", "")
    assert tables.execute(f"SET ROLE analyst; SELECT text FROM {views}.posts WHERE id = '2'") == [("The page's",)]
    with pytest.raises(psycopg.Error, match="permission denied"):
        tables.execute("SET ROLE analyst; SELECT 1 FROM tap_linkedin_dma.posts")
