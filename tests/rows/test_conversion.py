"""Bringing the values LinkedIn sends into the forms that columns declare."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from singer_sdk import typing as th

from tap_linkedin_dma.rows import schema
from tap_linkedin_dma.rows.conversion import ConversionError, format_ms, number
from tap_linkedin_dma.rows.mapping import RowMapper
from tap_linkedin_dma.rows.schema import BOOLEAN, COUNT, INTEGER, LOCALIZED, NUMBER, TEXT, TIMESTAMP, URN, Shape

MOMENT = 1731024000123
MOMENT_TEXT = "2024-11-08T00:00:00.123+00:00"


def value_of(column: Shape, value: object) -> tuple[Any, Any]:
    """What becomes of a field's value: the column, and `unmapped`."""
    row = RowMapper(schema.columns(th.Property("field", column)), {}).row({"field": value}, {})
    return row["field"], row["unmapped"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (MOMENT, MOMENT_TEXT),
        (str(MOMENT), MOMENT_TEXT),
        (1731024000000, "2024-11-08T00:00:00.000+00:00"),
        (0, "1970-01-01T00:00:00.000+00:00"),
        (-1, "1969-12-31T23:59:59.999+00:00"),
        (253402300799999, "9999-12-31T23:59:59.999+00:00"),
        (-62135596800000, "0001-01-01T00:00:00.000+00:00"),
    ],
)
def test_epoch_milliseconds_leave_as_rfc_3339(value: object, text: str) -> None:
    """One fixed format, so that bookmarks compare as texts do."""
    assert format_ms(value) == text


@pytest.mark.parametrize("value", [None, "", "soon", 1.5, True, 10**18, -(10**18), "9" * 5000, {"time": MOMENT}])
def test_what_is_no_point_in_time_fits_no_timestamp(value: object) -> None:
    """It is for the caller to keep it elsewhere."""
    with pytest.raises(ConversionError):
        format_ms(value)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"long": 12}, 12),
        ({"long": 7200000000000000001}, 7200000000000000001),
        ({"bigDecimal": "0.0345"}, Decimal("0.0345")),
        ({"bigDecimal": "0.10000000000000000001"}, Decimal("0.10000000000000000001")),
        (12, 12),
        (0, 0),
        ("12", Decimal(12)),
        (0.5, 0.5),
        ({"long": "12"}, Decimal(12)),
    ],
)
def test_a_count_leaves_as_a_number(value: object, count: object) -> None:
    """Wrapped, bare or as digits, and exact."""
    assert value_of(COUNT, value) == (count, None)


@pytest.mark.parametrize("value", [True, "", "many", "NaN", "Infinity", {}, {"other": 1}, {"long": 1, "x": 2}, [1]])
def test_what_is_no_number_fits_no_count(value: object) -> None:
    """Of a union, just the two kinds that LinkedIn names."""
    with pytest.raises(ConversionError):
        number(value)


@pytest.mark.parametrize(
    ("column", "value", "leaves"),
    [
        (URN, "urn:li:organization:42", "urn:li:organization:42"),
        (URN, {"organization": "urn:li:organization:42"}, "urn:li:organization:42"),
        (TEXT, "", ""),
        (TEXT, 7200000000000000001, "7200000000000000001"),
        (INTEGER, "42", 42),
        (INTEGER, 0, 0),
        (INTEGER, {"long": 5}, 5),
        (INTEGER, {"long": "5"}, 5),
        (BOOLEAN, False, False),
        (TIMESTAMP, MOMENT, MOMENT_TEXT),
        (schema.DATE, "2026-03-02", "2026-03-02"),
        (schema.array(), [{"anything": [1]}], [{"anything": [1]}]),
        (schema.array(), [], []),
        (schema.array(TIMESTAMP), [MOMENT, None], [MOMENT_TEXT, None]),
        (schema.ANY_OBJECT, {"anything": {"time": MOMENT}}, {"anything": {"time": MOMENT}}),
        (schema.ANY_OBJECT, "text", {"value": "text"}),
        (schema.ANY_OBJECT, {}, {}),
        (schema.mapping(schema.object_of(count=COUNT)), {"LIKE": {"count": {"long": 2}}}, {"LIKE": {"count": 2}}),
        (LOCALIZED, "plain", {"value": "plain"}),
        (schema.AUDIT_STAMP, MOMENT, {"time": MOMENT_TEXT}),
    ],
)
def test_a_column_has_one_type_whatever_linkedin_sends(column: Shape, value: object, leaves: object) -> None:
    """Each of the shapes that LinkedIn is known to choose between is brought to the one declared."""
    assert value_of(column, value) == (leaves, None)


def test_times_and_counts_are_converted_at_any_depth() -> None:
    """In records, arrays and maps alike."""
    inner = schema.object_of(at=TIMESTAMP, n=COUNT)
    column = schema.object_of(list=schema.array(inner), map=schema.mapping(schema.array(inner)))
    sent = {"at": MOMENT, "n": {"long": 3}}
    left = {"at": MOMENT_TEXT, "n": 3}
    assert value_of(column, {"list": [sent], "map": {"x": [sent, sent]}}) == (
        {"list": [left], "map": {"x": [left, left]}},
        None,
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (TIMESTAMP, "soon"),
        (INTEGER, 1.5),
        (INTEGER, {"long": "five"}),
        (INTEGER, {"long": None}),
        (INTEGER, {"long": 5, "other": 5}),
        (NUMBER, "many"),
        (BOOLEAN, "yes"),
        (TEXT, ["a"]),
        (URN, {"a": "urn:li:x:1", "b": "urn:li:x:2"}),
        (schema.array(INTEGER), [1, "two"]),
        (schema.array(), "one"),
        (schema.mapping(INTEGER), [1]),
        (schema.AUDIT_STAMP, {"time": "soon", "actor": "urn:li:person:a"}),
    ],
)
def test_a_value_that_does_not_fit_is_kept_as_it_came(column: Shape, value: object) -> None:
    """The column is null, the whole value stands in `unmapped`, and the run goes on."""
    assert value_of(column, value) == (None, {"field": value})
