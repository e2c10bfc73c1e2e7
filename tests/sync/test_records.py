"""Every record of every stream: valid, keyed, complete, and the same whatever the concurrency."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.runs import Run, run

ALL = {stream.name for stream in STREAMS}


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    """A small company that only readers share."""
    with Sandbox(World(posts=16, followers=40, seed=7, now=NOW)) as serving:
        yield serving


@pytest.fixture(scope="module")
def result(world: Sandbox) -> Run:
    """One run of all streams, those too that are not selected by default."""
    return read(world)


def read(world: Sandbox, **config: Any) -> Run:
    token = world.member_token
    return run(world, select=ALL, start_date="2026-01-15", geo_names=True, member_access_token=token, **config)


@pytest.mark.parametrize("stream", [stream.name for stream in STREAMS])
class TestStream:
    """What holds for each stream."""

    def test_schema_leaves_once_and_before_the_records(self, result: Run, stream: str) -> None:
        urn_types = [message["type"] for message in result.messages if message.get("stream") == stream]
        urn_types = urn_types[:-1] if urn_types[-1] == "ACTIVATE_VERSION" else urn_types
        assert urn_types[0] == "SCHEMA"
        assert Counter(urn_types) == {"SCHEMA": 1, "RECORD": len(result.records[stream])}
        assert result.records[stream]

    def test_records_fit_their_schema(self, result: Run, stream: str) -> None:
        schema = result.schemas[stream][0]["schema"]
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        assert not [error for record in result.records[stream] for error in validator.iter_errors(record)]

    def test_a_record_has_every_column(self, result: Run, stream: str) -> None:
        """Null stands for what LinkedIn did not send."""
        columns = set(result.schemas[stream][0]["schema"]["properties"])
        assert all(set(record) == columns for record in result.records[stream])

    def test_keys_are_unique_and_never_null(self, result: Run, stream: str) -> None:
        """Or the target would merge or refuse rows."""
        keys = result.schemas[stream][0]["key_properties"]
        values = [tuple(record[key] for key in keys) for record in result.records[stream]]
        assert Counter(values).most_common(1)[0][1] == 1
        assert not [value for value in values if None in value]

    def test_context_columns_are_always_there(self, result: Run, stream: str) -> None:
        """A row says whose it is."""
        context = {"organization", "organizational_page", "post"} - ({"organizational_page"} & {stream})
        columns = context & set(result.schemas[stream][0]["schema"]["properties"])
        if stream in ("organizations", "child_organizations"):
            columns -= {"organizational_page"}  # LinkedIn's own field there, which it may leave out
        assert not [record for record in result.records[stream] for column in columns if record[column] is None]

    def test_undocumented_fields_are_kept(self, result: Run, stream: str) -> None:
        """The sandbox sends a future field on every resource, at the top or below."""
        if "unmapped" not in result.schemas[stream][0]["schema"]["properties"]:
            pytest.skip("its rows are the tap's own findings")
        assert any("future" in json.dumps(record) for record in result.records[stream])


def test_output_is_the_same_at_any_concurrency(world: Sandbox, result: Run) -> None:
    """As a set: the order of pages is the same, what a page holds too."""
    at_once = read(world, max_concurrency=16)
    assert _as_sets(result) == _as_sets(at_once)
    assert result.state == at_once.state


def _as_sets(result: Run) -> dict[str, set[str]]:
    return {name: {_without_links(record) for record in records} for name, records in result.records.items()}


def _without_links(record: object) -> str:
    """The record less the links that LinkedIn makes anew on each call."""
    if isinstance(record, dict):
        kept = {name: _without_links(value) for name, value in record.items() if not name.startswith("downloadUrl")}
        return json.dumps(kept, sort_keys=True)
    if isinstance(record, list):
        return json.dumps([_without_links(item) for item in record])
    return json.dumps(record)


def test_the_state_holds_no_member(result: Run) -> None:
    """Posts and organizations are the company's own."""
    assert "urn:li:person" not in json.dumps(result.state)


def test_the_state_is_written_by_page_not_by_parent(result: Run) -> None:
    """A state for every comment would be most of the output."""
    assert sum(message["type"] == "STATE" for message in result.messages) < 3 * len(STREAMS)
