"""What of a row leaves: at any depth, in names of properties, in texts; and never the name of a place."""

from __future__ import annotations

from typing import Any

import pytest
from singer_sdk import typing as th

from tap_linkedin_dma.privacy.data_classes import MEMBER, NONE, DataClassification
from tap_linkedin_dma.privacy.members import HashMembers, IncludeMembers, OmitMembers, member_policy, visibility
from tap_linkedin_dma.privacy.mentions import mentioned
from tap_linkedin_dma.privacy.redaction import Redactor
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    columns,
    key,
    member_data,
    object_of,
    of_place,
)

ROBIN = "urn:li:person:Robin1"
HASH = HashMembers("k").person("Robin1")
HASH_OF_NAME = HashMembers("k").text("Robin")
SCHEMA = columns(
    key("row_key"),
    th.Property("actor", PERSON),
    th.Property("text", member_data(TEXT)),
    th.Property("at", TIMESTAMP),
    th.Property("created", object_of(time=TIMESTAMP, actor=PERSON)),
    th.Property("people", array(object_of(identity=PERSON))),
    th.Property("address", of_place(ANY_OBJECT, is_unsure=True)),
    th.Property("geo", URN),
)


def left(way: str, row: dict[str, Any], of_stream: str = NONE, **config: Any) -> dict[str, Any]:
    """What leaves of a row, of which the columns not given are null; and the row is not changed."""
    policy = member_policy({"member_data": way, "member_hash_key": "k"})
    whole = {**dict.fromkeys(SCHEMA["properties"]), "row_key": "1", **row}
    before = repr(whole)
    numbered = RowKeys(()).numbered
    found = Redactor(SCHEMA, DataClassification(of_stream), ["row_key"], policy, numbered, **config).row(whole)
    assert repr(whole) == before
    return {name: value for name, value in found.items() if name in row}


@pytest.mark.parametrize(
    ("row", "hashed", "omitted"),
    [
        ({"actor": ROBIN}, {"actor": HASH}, {"actor": None}),
        ({"actor": "urn:li:organization:4"}, {"actor": "urn:li:organization:4"}, {"actor": "urn:li:organization:4"}),
        ({"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-01T00:00:00Z"}),
        ({"text": ROBIN}, {"text": HASH}, {"text": None}),
        ({"text": ""}, {"text": ""}, {"text": None}),
        (
            {"created": {"time": "2026-01-01T00:00:00Z", "actor": ROBIN}},
            {"created": {"time": "2026-01-01T00:00:00Z", "actor": HASH}},
            {"created": {"time": "2026-01-01T00:00:00Z", "actor": None}},
        ),
        (
            {"people": [{"identity": ROBIN, "role": "OWNER"}]},
            {"people": [{"identity": HASH, "role": "OWNER"}]},
            {"people": [{"identity": None, "role": "OWNER"}]},
        ),
        (
            {"unmapped": {"deep": [{"urn:li:person:Robin1": {"count": 3}}]}},
            {"unmapped": {"deep": [{HASH: {"count": 3}}]}},
            {"unmapped": {"deep": [{"member 0": {"count": 3}}]}},
        ),
        (
            {"unmapped": {"reaction": f"urn:li:reaction:({ROBIN},urn:li:activity:7)"}},
            {"unmapped": {"reaction": f"urn:li:reaction:({HASH},urn:li:activity:7)"}},
            {"unmapped": {"reaction": None}},
        ),
        (
            {"unmapped": {"link": "see /urn%3Ali%3Aperson%3ARobin1?x=1"}},
            {"unmapped": {"link": f"see /{HASH}?x=1"}},
            {"unmapped": {"link": "see /[member]?x=1"}},
        ),
        (
            {"unmapped": {"note": f"Hello @[Robin \\[1\\]]({ROBIN})!"}},
            {"unmapped": {"note": f"Hello @[{HASH}]({HASH})!"}},
            {"unmapped": {"note": "Hello [member]!"}},
        ),
        (
            {"unmapped": {"author": ROBIN, "author~": {"name": ""}}},
            {"unmapped": {"author": HASH, "author~": {"name": ""}}},
            {"unmapped": {"author": None, "author~": None}},
        ),
    ],
)
def test_members_are_hidden_wherever_they_stand(
    row: dict[str, Any], hashed: dict[str, Any], omitted: dict[str, Any]
) -> None:
    """In columns and below, inside of other URNs, in texts and links, in the names of properties."""
    assert left("include", row) == row
    assert left("hash", row) == hashed
    assert left("omit", row) == omitted


def test_what_is_told_of_a_person_beside_a_column_goes_with_it() -> None:
    """LinkedIn may expand what stands in a column of its own: the expansion is in `unmapped`."""
    row = {"actor": ROBIN, "unmapped": {"actor~": {"firstName": "Robin", "age": 9}, "count": 2}}
    assert left("omit", row) == {"actor": None, "unmapped": {"actor~": None, "count": 2}}
    assert "Robin" not in str(left("hash", row))


def test_of_a_member_s_own_row_no_unknown_field_is_left() -> None:
    """Numbers may be telephone numbers; the names of fields are LinkedIn's."""
    row = {"unmapped": {"phone": 123, "names": ["Robin"], "asset": "urn:li:digitalmediaAsset:9"}}
    assert left("omit", row, MEMBER) == {"unmapped": {"phone": None, "names": None, "asset": None}}
    found = left("hash", row, MEMBER)["unmapped"]
    assert found == {"phone": None, "names": [HASH_OF_NAME], "asset": found["asset"]}
    assert "urn:li" not in found["asset"]


def test_a_key_that_cannot_leave_is_made_of_what_is_left() -> None:
    """Rows that are alike without their members are told apart by a number; the same row keeps its key."""
    disclosure = Redactor(SCHEMA, DataClassification(), ["row_key"], OmitMembers(), RowKeys(()).numbered)
    rows = [{**dict.fromkeys(SCHEMA["properties"]), "row_key": f"urn:li:person:{n}", "text": n} for n in "aba"]
    found = [disclosure.row(row)["row_key"] for row in rows]
    assert found[0] == found[2] != found[1]
    assert {text[-2:] for text in found} == {"-0", "-1"}


@pytest.mark.parametrize("way", ["include", "hash", "omit"])
@pytest.mark.parametrize(
    ("sent", "leaves"),
    [
        ({"geo": "urn:li:geo:1", "geo~": {"defaultLocalizedName": {"value": "Graz"}}}, {"geo": "urn:li:geo:1"}),
        ({"place": {"at": "urn:li:geo:1", "displayName": "Graz"}}, {"place": {"at": "urn:li:geo:1"}}),
        ({"place": {"at": "urn:li:geo:1", "at~": {"x": "Graz"}}}, {"place": {"at": "urn:li:geo:1"}}),
        ({"geoLocationName": "Graz"}, {}),
        ({"office": {"name": "Main office"}}, {"office": {"name": "Main office"}}),
    ],
)
def test_the_name_of_a_place_never_leaves(way: str, sent: dict[str, Any], leaves: dict[str, Any]) -> None:
    """LinkedIn's terms forbid to store it; the URN stays."""
    assert left(way, {"unmapped": sent}) == {"unmapped": leaves}


def test_a_stamp_makes_nobody_of_what_it_stands_in() -> None:
    """Who did something, and when, is not what an object is about, whatever LinkedIn calls the stamp."""
    row = {"unmapped": {"closed": {"actor": ROBIN, "time": 5}, "title": "The page's own"}}
    assert left("omit", row) == {"unmapped": {"closed": {"actor": None, "time": 5}, "title": "The page's own"}}


def test_a_place_expanded_beside_its_column_does_not_leave() -> None:
    """The URN stands in a column, the expansion in `unmapped`."""
    row = {"geo": "urn:li:geo:1", "unmapped": {"geo~": {"value": "Graz"}, "other": 1}}
    assert left("include", row) == {"geo": "urn:li:geo:1", "unmapped": {"other": 1}}


def test_what_may_be_a_place_leaves_unless_it_is_dropped() -> None:
    """By the setting `drop_unsure_locations`, URNs too."""
    row = {"geo": "urn:li:geo:1", "address": {"city": "Graz"}, "unmapped": {"at": ["urn:li:geo:2"], "n": 1}}
    assert left("include", row) == row
    dropped = {"geo": None, "address": None, "unmapped": {"at": [None], "n": 1}}
    assert left("include", row, drops_unsure=True) == dropped


def test_a_row_without_anything_to_hide_is_not_copied() -> None:
    row = {**dict.fromkeys(SCHEMA["properties"]), "row_key": "1", "actor": ROBIN, "unmapped": {"a": [{"b": ROBIN}]}}
    assert Redactor(SCHEMA, DataClassification(), ["row_key"], IncludeMembers(), RowKeys(()).numbered).row(row) is row


@pytest.mark.parametrize(
    "attribute",
    [
        {"start": 2, "length": 2, "value": {"person": {"person": ROBIN}}},
        {"start": 3, "length": 2, "value": {"person": ROBIN}},
        {"offset": "3", "end": 5, "entity": "urn%3Ali%3Aperson%3ARobin1"},
        {"range": {"start": 3, "length": 2}, "entity": ROBIN},
        {"indices": [3, 5], "entity": {"urn": ROBIN}},
        {ROBIN: [{"start": 3, "length": 2}]},
    ],
)
@pytest.mark.parametrize("form", ["beside", "within", "apart"])
def test_the_names_by_which_texts_mention_members_are_found(attribute: dict[str, Any], form: str) -> None:
    """Where attributes of any shape say where they stand, however emojis are counted, beside or around the text."""
    text, others = "🚀 Jo is here", {"at": "2026-01-01T00:00:00Z", "urn": "urn:li:share:12345", "kind": "COMMENT"}
    forms: dict[str, dict[str, Any]] = {
        "beside": {"deep": [{"text": text, "attributes": [attribute]}]},
        "within": {"deep": {"message": {"text": text, "attributes": [attribute]}}},
        "apart": {"words": {"value": text}, "mentions": [attribute], "timeRange": {"start": 1, "end": 2}},
    }
    assert ("Jo", "Robin1") in list(mentioned({**others, **forms[form]}))
    assert "Jo" not in str(left("omit", {"unmapped": forms[form]}))


def test_the_names_in_little_text_are_found() -> None:
    assert list(mentioned({"text": rf"Hi @[Jo \(2\)]({ROBIN})"})) == [("Jo (2)", "Robin1")]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([ROBIN], "visible"),
        ([None, ROBIN], "visible"),
        (["urn:li:organization:1"], None),
        ([None], "withheld"),
        ([{"role": "ATTENDEE"}], "withheld"),
        ([[{"identity": "urn:li:organizationalPage:1"}, {"identity": ROBIN}]], "visible"),
        ([[{"identity": "urn:li:organizationalPage:1"}, {}]], "withheld"),
    ],
)
def test_a_member_is_visible_or_withheld(values: list[Any], told: str | None) -> None:
    """A page in a member's place is neither."""
    row = dict(zip("abc", values, strict=False))
    assert visibility(row, list(row)) == told
