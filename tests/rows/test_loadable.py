"""Text and numbers that targets cannot load leave so that they can, and nothing is lost or taken for another by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from singer_sdk import typing as th

from tap_linkedin_dma.output.singer_writer import to_json_lines
from tap_linkedin_dma.privacy import members
from tap_linkedin_dma.privacy.data_classes import NONE, DataClassification
from tap_linkedin_dma.privacy.redaction import _MOST_GIVEN, Redactor
from tap_linkedin_dma.rows import schema
from tap_linkedin_dma.rows.conversion import ConversionError, int_or_none, integer
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import RowMapper
from tap_linkedin_dma.streams.feed.post_rows import content_kind, plain_text
from tests.support.plain import DAY_MS, NOW_MS, PlainLinkedIn, read, urn_of

HALF, NUL = "\ud83d", "\0"
BAD = pytest.mark.parametrize("bad", [HALF, NUL])
CONTENT = "dmaOrganizationalPageContentAnalytics"
EDGE = "dmaOrganizationalPageEdgeAnalytics"


def texts(value: Any) -> Iterator[str]:
    """Every text at any depth, the names of properties too."""
    if isinstance(value, str):
        yield value
    for part in (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(part)


@BAD
def test_text_that_targets_cannot_load_leaves_as_a_replacement(linkedin: PlainLinkedIn, bad: str) -> None:
    """In a text column, deep in a JSON column, in `unmapped` and in the names of properties."""
    linkedin.add_post(
        urn_of(1),
        commentary=f"Half {bad}",
        content={"poll": {"question": f"{bad}?"}},
        future={f"na{bad}me": [f"{bad}x"]},
    )
    (row,) = read(linkedin, {"posts"}).records["posts"]
    assert (row["text"], row["commentary"]) == ("Half \ufffd", "Half \ufffd")
    assert row["content"] == {"poll": {"question": "\ufffd?"}}
    assert row["unmapped"] == {"future": {"na\ufffdme": ["\ufffdx"]}}
    assert not [text for text in texts(row) if bad in text]


def test_keys_that_differ_in_such_characters_alone_stay_apart() -> None:
    """And are the same on the next run; the URN that names a row is its key still, and other texts are not marked."""
    records: list[dict[str, Any]] = [
        {"id": f"urn:li:x:1{bad}", "of": {"urn": f"urn:li:x:1{bad}"}, "text": f"a{bad}"}
        for bad in (HALF, NUL, "\ud83e")
    ]
    left = [json.loads(line) for line in to_json_lines(records, ["id"]).splitlines()]
    assert len({row["id"] for row in left}) == 3
    assert [row["of"]["urn"] for row in left] == [row["id"] for row in left]
    assert {row["text"] for row in left} == {"a\ufffd"}
    assert to_json_lines(records, ["id"]) == to_json_lines(records, ["id"])


def test_names_of_properties_that_become_one_stay_two() -> None:
    """Both values leave."""
    (line,) = to_json_lines([{"unmapped": {f"a{NUL}": 1, f"a{HALF}": 2}}]).splitlines()
    assert sorted(json.loads(line)["unmapped"].values()) == [1, 2]


def test_whole_emoji_and_written_escapes_stay() -> None:
    r"""The text `\u0000`, spelt out, is none."""
    record = {"id": "é😀", "text": "\\u0000 \\ud83d"}
    assert json.loads(to_json_lines([record, record], ["id"]).splitlines()[1]) == record


@BAD
def test_a_urn_with_such_a_character_ends_nothing(linkedin: PlainLinkedIn, bad: str) -> None:
    """What it names is asked for and not found; the other records leave."""
    post = linkedin.add_post(urn_of(1))
    comment = linkedin.add_comments(post, 2)[0]
    linkedin.entities["dmaComments"][comment] = {"id": 1, "object": f"urn:li:activity:7{bad}1"}
    result = read(linkedin, {"posts", "comments", "activities", "content_public_urls"})
    assert len(result.records["comments"]) == 2


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**40, {"long": 2**64}])
def test_a_whole_number_beyond_64_bits_is_kept_as_text(value: Any) -> None:
    """In `unmapped`, where a target can load it; one of 64 bits stays in its column."""
    shape = RowMapper(schema.columns(th.Property("n", schema.INTEGER)), {})
    assert shape.row({"n": 2**63 - 1}, {})["n"] == 2**63 - 1
    row = shape.row({"n": value}, {})
    expected = {"long": str(2**64)} if isinstance(value, dict) else str(value)
    assert (row["n"], row["unmapped"]) == (None, {"n": expected})


@pytest.mark.parametrize("value", [10**400, Decimal("1E+400"), Decimal("0." + "1" * 1000), float("inf")])
def test_a_number_that_no_target_has_a_type_for_is_kept_as_text(value: Any) -> None:
    """Also where no column is, and deep in one whose properties nobody has documented."""
    shape = RowMapper(schema.columns(th.Property("n", schema.NUMBER), th.Property("open", schema.ANY_OBJECT)), {})
    row = shape.row({"n": value, "open": {"deep": [value]}, "future": {"x": value}}, {})
    assert row["open"] == {"deep": [str(value)]}
    assert (row["n"], row["unmapped"]) == (None, {"n": str(value), "future": {"x": str(value)}})


@pytest.mark.parametrize("value", [12.0, Decimal("12.0"), "12", {"long": 12.0}])
def test_a_whole_number_may_be_written_with_a_point(value: object) -> None:
    """12.0 is 12; 12.5 is no whole number."""
    assert integer(value) == 12
    assert int_or_none(12.5) is None
    with pytest.raises(ConversionError):
        integer(float("nan"))


def test_a_reaction_count_that_cannot_be_read_is_null(linkedin: PlainLinkedIn) -> None:
    """0 stands for none."""
    summaries: list[tuple[Any, int | None]] = [
        ({"LIKE": {"count": 12.0}}, 12),
        ({"LIKE": {"count": None}}, None),
        ({"LIKE": {"count": 2}, "PRAISE": {"count": "many"}}, None),
        ("none", None),
        ({}, 0),
    ]
    for days, (summary, _) in enumerate(summaries):
        linkedin.counts(linkedin.add_post(urn_of(days)))["reactionSummaries"] = summary
    counts = read(linkedin, {"social_metadata"}).values("social_metadata", "reaction_count")
    assert counts == [count for _, count in summaries]


@pytest.mark.parametrize("interval", [{}, {"timeIntervals": None}, {"timeIntervals": {"timeRange": None}}])
def test_figures_of_no_day_are_no_rows_and_are_owed(linkedin: PlainLinkedIn, interval: dict[str, Any]) -> None:
    """The days asked about would give all of them one key; the others leave, and the days are asked for again."""
    day = {"timeRange": {"start": NOW_MS - DAY_MS, "end": NOW_MS}, "timeGranularityType": "DAY"}
    elements = [{"value": {"totalCount": 1}, "timeIntervals": day}, *[{"value": {"totalCount": 2}, **interval}] * 4]
    linkedin.answer(EDGE, 200, body={"elements": elements}, times=None)
    result = read(linkedin, {"follower_trend"})
    assert result.values("follower_trend", "total_count") == [1]
    assert result.state_of("follower_trend", linkedin.organization)["dead_windows"]


@pytest.mark.parametrize(("asked", "given"), [("share", "ugcPost"), ("ugcPost", "share")])
def test_a_post_may_be_answered_under_the_other_kind_of_urn(linkedin: PlainLinkedIn, asked: str, given: str) -> None:
    """Share and ugcPost of one number are one post: the one that was listed."""
    post = linkedin.add_post(urn_of(1, kind=asked), commentary="said")
    entities = linkedin.entities["dmaPosts"]
    body = {"results": {post.replace(asked, given): {**(entities[post] or {}), "id": post.replace(asked, given)}}}
    linkedin.answer("dmaPosts", 200, body=body, times=None)
    result = read(linkedin, {"posts", "post_availability"})
    assert (result.values("posts", "id"), result.values("posts", "text")) == ([post], ["said"])


@pytest.mark.parametrize("name", ["Foo [Bar]", "[Foo] Bar", r"Foo \[Bar\]", "Foo", "a]b"])
def test_the_name_in_a_mention_may_hold_brackets(name: str) -> None:
    """It goes with the member; a page's name beside it stays."""
    text = f"Hi @[Some Page](urn:li:organization:7) and @[{name}](urn:li:person:x)!"
    omitted = members.OmitMembers().redact_text(text)
    assert omitted == "Hi @[Some Page](urn:li:organization:7) and [member]!"
    assert "Foo" not in str(members.HashMembers("k").redact_text(text))
    assert plain_text(f"@[{name}](urn:li:person:x)!") == "@" + name.replace("\\", "") + "!"


@pytest.mark.parametrize("kind", ["image", "video", "document"])
def test_the_kind_of_a_medium_stands_in_its_urn(kind: str) -> None:
    """As LinkedIn's sibling API writes it."""
    assert content_kind({"media": {"id": f"urn:li:{kind}:1", "title": "t"}}) == kind
    assert content_kind({"media": {"id": "urn:li:other:1"}}) == "media"


def test_a_refused_organization_leaves_nothing_in_the_state(linkedin: PlainLinkedIn) -> None:
    """Not an entry for each of its posts, since its bookmark does not move."""
    for number in range(30):
        linkedin.add_post(urn_of(3, number), publishedAt=NOW_MS - 3 * DAY_MS)
    linkedin.answer(CONTENT, 403, times=None)
    state = read(linkedin, {"post_content_trend"}).state_of("post_content_trend", linkedin.organization)
    assert len(state.get("dead_windows", [])) <= 3
    assert not state.get("replication_key_value")


def test_hidden_keys_do_not_pile_up() -> None:
    """A row that leaves twice has one key, others that look alike have each their own, and memory has a bound."""
    columns = schema.columns(schema.key("id", schema.PERSON), th.Property("kind", schema.TEXT))
    disclosure = Redactor(columns, DataClassification(NONE), ["id"], members.OmitMembers(), RowKeys(()).numbered)
    row = {"id": "urn:li:person:a", "kind": "x", "unmapped": None}
    assert disclosure.row(row)["id"] == disclosure.row(row)["id"]
    keys = {disclosure.row({**row, "id": f"urn:li:person:{number}"})["id"] for number in range(_MOST_GIVEN + 100)}
    assert len(keys) == _MOST_GIVEN + 100
    assert len(disclosure._given) == _MOST_GIVEN
