"""The setting `member_data`: what leaves of members, looked for in all that a run writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world.people import FAMILY, GIVEN, HEADLINES
from linkedin_sandbox.world.text import REPLIES
from tap_linkedin_dma.privacy.data_classes import MEMBER, DataClassification, column_classification
from tap_linkedin_dma.privacy.persons import keep_out_value, keyed_hash
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.runs import Run, run

FIGURES = re.compile(r"trend|demographics|gestures|creator_analytics|titles|skills|fields_of_study|degrees")
READ = {stream.name for stream in STREAMS if not FIGURES.search(stream.name)}
"""All streams but figures and long reference lists, which no member is in and which are nine tenths of a run."""

TEXTS = (*REPLIES, *HEADLINES, "@example.org", '"quiet" pumps', "Quieter than the river.", "How loud is it, please?")
KEY = "a random text of 32 characters.."


def read(**config: Any) -> Run:
    with Sandbox(World(posts=12, followers=30, seed=3, now=NOW)) as sandbox:
        token = sandbox.member_token
        return run(sandbox, select=READ, member_access_token=token, sensitive_domains=True, **config)


@pytest.fixture(scope="module")
def included() -> Run:
    return read()


@pytest.fixture(scope="module")
def hashed() -> Run:
    return read(member_data="hash", member_hash_key=KEY)


@pytest.fixture(scope="module")
def omitted() -> Run:
    return read(member_data="omit")


@pytest.fixture(params=["hash", "omit"])
def hidden(request: pytest.FixtureRequest, hashed: Run, omitted: Run) -> Run:
    return hashed if request.param == "hash" else omitted


def texts(value: Any) -> Iterator[str]:
    """Every text at any depth, the names of properties too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, child in value.items():
            yield name
            yield from texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from texts(child)


def said(result: Run) -> set[str]:
    """Every text that leaves in records and states."""
    told = [message for message in result.messages if message["type"] in ("RECORD", "STATE")]
    return {text for message in told for text in texts(message.get("record") or message.get("value"))}


def members(result: Run) -> set[str]:
    """The ids of all members of whom a run tells anything."""
    return set(re.findall(r"urn:li:(?:person|member):([\w-]+)", json.dumps(result.messages)))


def telling(result: Run, ids: set[str]) -> set[str]:
    """The texts that tell of a member: by URN or bare id, by name, by what the member wrote."""
    named = {*GIVEN, *FAMILY}
    return {
        text
        for text in said(result)
        if {*re.findall(r"[\w-]+", text)} & ids
        or {*re.findall(r"\w+", text)} & named
        or any(part in text for part in TEXTS)
        or re.search(r"urn(:|%3A)li\1(person|member)\1", text)
    }


def test_what_leaves_with_include_tells_of_everything_that_is_looked_for(included: Run) -> None:
    """Or the tests below would pass for want of anything to find."""
    ids, found = members(included), telling(included, members(included))
    assert len(ids) > 200
    words = {word for text in found for word in re.findall(r"[\w-]+", text)}
    assert words >= {*GIVEN, *FAMILY} - {"Jo"}
    assert len(words & ids) == len(ids)
    assert all(any(part in text for text in found) for part in TEXTS)


def naming(
    value: Any, schema: dict[str, Any], mark: DataClassification, ids: set[str], path: str
) -> Iterator[tuple[str, str]]:
    """The path and class of each text in a value that names one of these members, by URN or bare id."""
    if isinstance(value, str):
        if {*re.findall(r"[\w-]+", value)} & ids:
            yield path, mark.data_class
    elif isinstance(value, list):
        items = schema.get("items") or {}
        for item in value:
            yield from naming(item, items, mark.within(items), ids, f"{path}.[]")
    elif isinstance(value, dict):
        declared, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, child in value.items():
            inner = declared.get(name, others if isinstance(others, dict) else {})
            yield from naming(name, {}, mark.within(inner), ids, path)
            yield from naming(child, inner, mark.within(inner), ids, f"{path}.{name}")


def test_a_column_that_holds_persons_has_the_class_member(included: Run) -> None:
    """At any depth; give such a column `PERSON` or `member_data(...)`, or the stream the data class `member`.

    Keys, and fields without a column, have no class: what names a person there is found by its text.
    """
    ids, found = members(included), set()
    for stream in STREAMS:
        of_stream = DataClassification(stream.data_class)
        for name, schema in stream.schema["properties"].items():
            if name in stream.primary_keys or name == "unmapped":  # type: ignore[operator]
                continue
            mark = column_classification(name, of_stream, schema, stream.primary_keys)  # type: ignore[arg-type]
            for value in included.values(stream.name, name):
                found |= {(stream.name, *at) for at in naming(value, schema, mark, ids, name)}
    assert {at for at in found if at[-1] != MEMBER} == set()
    assert len(found) > 80


EMPTY = {
    ("events", "lead_gen_form"),
    ("posts", "ad_context.dscAdAccount"),
    ("reshares", "ad_context.dscAdAccount"),
    ("reshares", "container"),
    ("reshares", "content.reference.id"),
}
"""Columns of URNs that no record of the sandbox fills; each holds another kind than persons, by the documentation."""


def empty_urns(schema: dict[str, Any], values: list[Any], path: str) -> Iterator[str]:
    """Where URNs are declared without a class, and none stands in these values."""
    if schema.get("x-urn") and not schema.get("x-data-class") and not any(isinstance(value, str) for value in values):
        yield path
    for name, inner in schema.get("properties", {}).items():
        yield from empty_urns(inner, [value.get(name) for value in values if isinstance(value, dict)], f"{path}.{name}")
    if isinstance(items := schema.get("items"), dict):
        yield from empty_urns(items, [item for value in values for item in value or ()], f"{path}.[]")


def test_a_column_of_urns_is_filled_or_known_to_hold_no_persons(included: Run) -> None:
    """Or the test above could not see whom it names: give the sandbox such records, or the column its class."""
    found = {
        (stream.name, path)
        for stream in STREAMS
        if stream.name in READ and stream.data_class != MEMBER
        for name, schema in stream.schema["properties"].items()
        if name not in ("organization", *stream.primary_keys)  # type: ignore[misc]
        for path in empty_urns(schema, included.values(stream.name, name), name)
    }
    assert found == EMPTY


def test_nothing_that_leaves_tells_of_a_member(hidden: Run, included: Run) -> None:
    """Not in the company's address either, which is its own."""
    assert telling(hidden, members(included)) == {"1 Example Street"}


def test_no_row_is_lost_or_doubled(hidden: Run, included: Run, omitted: Run) -> None:
    """Keys stay unique, and there are as many of them; people of whom nothing would leave are not looked up."""
    for stream in STREAMS:
        if stream.name == "people" and hidden is omitted:
            assert not hidden.records["people"]
            continue
        keys = {
            id(result): [tuple(row[name] for name in stream.primary_keys) for row in result.records[stream.name]]  # type: ignore[attr-defined]
            for result in (hidden, included)
        }
        assert len(set(keys[id(hidden)])) == len(set(keys[id(included)])), stream.name
        assert not [key for key in keys[id(hidden)] if None in key], stream.name


def test_hashes_join_as_urns_do(hashed: Run, included: Run) -> None:
    """The same person is the same hash in comments, reactions, followers and people, by URN and by bare id."""
    people = {row["person"] for row in hashed.records["people"]}
    assert people == {row["id"] for row in hashed.records["people"]}
    for stream, column in (("comments", "actor"), ("reactions", "actor"), ("followers", "follower")):
        joined = {row[column] for row in hashed.records[stream]} & people
        expected = {row[column] for row in included.records[stream]} & {
            row["person"] for row in included.records["people"]
        }
        assert len(joined) == len(expected) > 0
    own = re.findall("[0-9a-f]{64}", " ".join(row["urn"] for row in hashed.records["reactions"]))
    assert people & {*own}


def test_another_key_makes_other_hashes(hashed: Run) -> None:
    """And the same key the same, on every run, so that rows are updated and not doubled."""
    with Sandbox(World(posts=2, followers=30, seed=3, now=NOW)) as sandbox:
        again, other = (
            run(sandbox, select={"followers"}, member_data="hash", member_hash_key=key) for key in (KEY, KEY[::-1])
        )
    keys = [set(result.values("followers", "follower")) - {None} for result in (hashed, again, other)]
    assert keys[0] == keys[1]
    pages = {text for text in keys[0] if text.startswith("urn:")}
    assert keys[0] & keys[2] == pages


def test_an_omitted_member_s_row_has_the_same_key_on_the_next_run(omitted: Run) -> None:
    """It is made of what is left of the row, however many requests are under way."""
    again = read(member_data="omit", max_concurrency=8)
    for stream in ("followers", "reactions", "event_role_assignments"):
        assert set(again.values(stream, "row_key")) == set(omitted.values(stream, "row_key"))


@pytest.mark.parametrize("stream", [stream.name for stream in STREAMS if stream.visibility_columns])
def test_rows_of_members_say_whether_these_are_shown(included: Run, stream: str) -> None:
    """Some of each stream's are; of the larger ones some are not. What a page did is neither."""
    told = set(included.values(stream, "member_visibility"))
    assert "visible" in told
    assert told <= {"visible", "withheld", None}
    if stream not in ("visitor_of_the_day",):
        assert "withheld" in told


def test_a_withheld_member_is_given_no_id(included: Run) -> None:
    """The column stays null; a follower that is a page is no member."""
    for row in included.records["followers"]:
        kind = (row["follower"] or "::none").split(":")[2]
        assert row["member_visibility"] == {"person": "visible", "none": "withheld"}.get(kind)


def test_what_is_hidden_is_told_to_be_visible_all_the_same(hidden: Run, included: Run) -> None:
    """Whether LinkedIn shows a member is no secret of the member's."""
    assert hidden.values("comments", "member_visibility") == included.values("comments", "member_visibility")


@pytest.mark.parametrize("config", [{}, {"member_data": "hash", "member_hash_key": KEY}])
def test_a_forgotten_member_leaves_no_trace_and_nobody_else_is_missed(included: Run, config: dict[str, Any]) -> None:
    """Rows of the member do not leave, in others the member is omitted; LinkedIn is not asked for the member."""
    id_ = next(row["id"] for row in included.records["people"] if row["person"] in included.values("comments", "actor"))
    hashed = keyed_hash(id_, KEY)
    with Sandbox(World(posts=12, followers=30, seed=3, now=NOW)) as sandbox:
        values = [keep_out_value(id_, config.get("member_hash_key"))]
        select = {"comments", "reactions", "followers", "posts", "people", "organization_acls", "comment_reactions"}
        result = run(sandbox, select=select, forget_members=values, **config)
        asked = " ".join(request.asked for request in sandbox.requests_to("dmaPeople"))
    assert result.records["people"]
    assert id_ not in asked
    told = json.dumps(result.messages)
    assert id_ not in told
    assert hashed not in told
    # Other streams name people too.
    for stream in select - {"people"}:
        of_member = [row for row in included.records[stream] if id_ in json.dumps(row)]
        owned = sum(row.get("actor") == f"urn:li:person:{id_}" for row in of_member)
        assert len(result.records[stream]) >= len(included.records[stream]) - len(of_member)
        assert len(result.records[stream]) <= len(included.records[stream]) - owned
