"""From LinkedIn's entities to rows: names, what fills which column, and nothing lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import get_path, omit_paths, to_snake_case
from tap_linkedin_dma.rows import schema
from tap_linkedin_dma.rows.mapping import RowMapper
from tap_linkedin_dma.rows.schema import COUNT, TEXT, TIMESTAMP, URN, Shape

MOMENT, MOMENT_TEXT = 1731024000123, "2024-11-08T00:00:00.123+00:00"
COMPANY = {"organization": "urn:li:organization:42"}


def shape(
    *, only_declared_columns: bool = False, field_paths: Mapping[str, Sequence[str]] | None = None, **columns: Shape
) -> RowMapper:
    """A stream's shape with these columns, and `unmapped`."""
    properties = (th.Property(name, column) for name, column in columns.items())
    return RowMapper(schema.columns(*properties), field_paths or {}, only_declared_columns=only_declared_columns)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("id", "id"),
        ("publishedAt", "published_at"),
        ("logoV2", "logo_v2"),
        ("industriesV2", "industries_v2"),
        ("isReshareDisabledByAuthor", "is_reshare_disabled_by_author"),
        ("pageURL", "page_url"),
        ("URLOfPage", "url_of_page"),
        ("$URN", "urn"),
    ],
)
def test_a_column_is_the_field_name_in_snake_case(name: str, column: str) -> None:
    """Runs of capitals are one word, digits stay with theirs."""
    assert to_snake_case(name) == column


def test_an_undeclared_field_goes_into_unmapped_under_its_own_name() -> None:
    """Named as LinkedIn sent it, unchanged at any depth; a null stands for nothing sent."""
    future = {"someTime": MOMENT, "deep": [{"n": {"long": 1}}]}
    row = shape(id=TEXT).row({"id": "1", "futureField": future, "off": False, "none": None}, {})
    assert row == {"id": "1", "unmapped": {"futureField": future, "off": False}}


def test_an_undeclared_nested_field_stays_in_its_place() -> None:
    """Below the top level, names and values stay as LinkedIn writes them."""
    sent = {"time": MOMENT, "newField": {"innerTime": MOMENT}}
    assert shape(field=schema.object_of(time=TIMESTAMP)).row({"field": sent}, {}) == {
        "field": {"time": MOMENT_TEXT, "newField": {"innerTime": MOMENT}},
        "unmapped": None,
    }


@pytest.mark.parametrize("entity", [{}, {"published_at": None, "publishedAt": None}])
def test_every_column_is_in_the_row(entity: dict[str, Any]) -> None:
    """Null stands for what LinkedIn did not send, `unmapped` included."""
    row = shape(published_at=TIMESTAMP, name=TEXT).row(entity, {})
    assert row == dict.fromkeys(("published_at", "name", "unmapped"))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [({}, None), (COMPANY, None), ({"organization": "urn:li:x:9"}, {"organization": "urn:li:x:9"})],
)
def test_a_context_column_holds_against_a_field_of_its_name(sent: dict[str, Any], kept: object) -> None:
    """What LinkedIn sends there is kept, unless it says the same; context without a column only serves to ask with."""
    row = shape(organization=URN).row(sent, {**COMPANY, "root_post": "urn:li:share:1"})
    assert row == {**COMPANY, "unmapped": kept}


@pytest.mark.parametrize("only_declared_columns", [False, True])
def test_an_undeclared_field_is_kept_whatever_it_says(only_declared_columns: bool) -> None:
    """That its value happens to be a context column's too does not make it a repeat of that column."""
    columns = shape(only_declared_columns=only_declared_columns, organization=URN)
    sent = {"sponsor": COMPANY["organization"]}
    assert columns.row(sent, COMPANY) == {**COMPANY, "unmapped": sent}


def test_two_fields_for_one_column_are_both_kept() -> None:
    """The first takes the column; the other, where it differs, is not lost."""
    row = shape(urn=URN).row({"$URN": "urn:li:share:1", "urn": "urn:li:share:2"}, {})
    assert row == {"urn": "urn:li:share:1", "unmapped": {"urn": "urn:li:share:2"}}


AUDITED = shape(
    field_paths=schema.AUDIT,
    created=schema.AUDIT_STAMP,
    last_modified=schema.AUDIT_STAMP,
    created_at=TIMESTAMP,
    last_modified_at=TIMESTAMP,
    actor=URN,
)


def test_a_column_taken_from_within_leaves_the_whole_in_place() -> None:
    """`created_at` and `actor` stand beside `created`, not instead of it."""
    row = AUDITED.row({"created": {"time": MOMENT, "actor": "urn:li:person:a"}}, {})
    assert row == {
        "created": {"time": MOMENT_TEXT, "actor": "urn:li:person:a"},
        "last_modified": None,
        "created_at": MOMENT_TEXT,
        "last_modified_at": None,
        "actor": "urn:li:person:a",
        "unmapped": None,
    }


def test_a_stamp_may_be_a_bare_time() -> None:
    """Some entities have just the number where others have a record."""
    row = AUDITED.row({"lastModified": MOMENT}, {})
    assert (row["last_modified"], row["last_modified_at"]) == ({"time": MOMENT_TEXT}, MOMENT_TEXT)


def test_a_broken_part_does_not_take_the_others_with_it() -> None:
    """The stamp's time cannot be read; who did it still can, and the stamp itself is kept."""
    stamp = {"time": "soon", "actor": "urn:li:person:a"}
    row = AUDITED.row({"created": stamp}, {})
    assert (row["created"], row["created_at"], row["actor"]) == (None, None, "urn:li:person:a")
    assert row["unmapped"] == {"created": stamp}


def test_the_first_path_that_leads_to_a_value_is_taken() -> None:
    """What stands at a later path is another thing, and kept."""
    columns = shape(field_paths={"role": ("key.role", "role")}, role=TEXT)
    assert columns.row({"key": {"role": "A"}, "role": "B"}, {})["role"] == "A"
    assert columns.row({"key": {"role": "A"}, "role": "B"}, {})["unmapped"] == {"key": {"role": "A"}, "role": "B"}
    assert columns.row({"key": {"role": None}, "role": "B"}, {})["role"] == "B"


def test_a_path_fills_a_column_before_the_context_does() -> None:
    """`sources` names it because LinkedIn knows better; the context stands in where LinkedIn is silent."""
    columns = shape(field_paths={"entity": ("entity",)}, entity=URN)
    context = {"entity": "urn:li:share:1"}
    assert columns.row({"entity": "urn:li:activity:2"}, context)["entity"] == "urn:li:activity:2"
    assert columns.row({}, context)["entity"] == "urn:li:share:1"


FLAT = shape(
    only_declared_columns=True,
    field_paths={"impressions": ("metric.impressions.value",), "day": ("range.start",)},
    impressions=COUNT,
    day=TIMESTAMP,
    organization=URN,
)


def test_a_flattened_row_has_just_its_columns() -> None:
    """Whatever of the entity no column took goes into `unmapped`, without the parts that one did take."""
    entity = {
        "metric": {"impressions": {"value": {"long": 5}}, "future": 1},
        "range": {"start": MOMENT},
        "other": {"deep": 2},
    }
    assert FLAT.row(entity, {"organization": "urn:li:organization:42"}) == {
        "impressions": 5,
        "day": MOMENT_TEXT,
        "organization": "urn:li:organization:42",
        "unmapped": {"metric": {"future": 1}, "other": {"deep": 2}},
    }


def test_a_flattened_value_that_does_not_fit_stays_in_unmapped() -> None:
    """With the path that leads to it."""
    row = FLAT.row({"metric": {"impressions": {"value": "many"}}}, {})
    assert (row["impressions"], row["unmapped"]) == (None, {"metric": {"impressions": {"value": "many"}}})


def test_dig_ends_where_the_way_ends() -> None:
    """A text or a list on the way leads nowhere, as does what is not there."""
    entity = {"a": {"b": 0}, "text": "abc", "list": [{"b": 1}]}
    assert (get_path(entity, "a.b"), get_path(entity, "a")) == (0, {"b": 0})
    assert [get_path(entity, path) for path in ("a.c", "x.y", "text.b", "list.b")] == [None] * 4


def test_without_takes_only_the_leaves_named() -> None:
    """Branches that are empty then go too; those that came empty stay."""
    entity = {"a": {"b": {"c": 1, "d": 2}}, "e": {"f": 1}, "g": {}}
    assert omit_paths(entity, ["a.b.c", "e.f"]) == {"a": {"b": {"d": 2}}, "g": {}}
