"""A key is of what identifies, never of what is counted: figures that grow stay in as many rows as there are things."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.rows.keys import RowKeys, identity
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.tables import Tables, run_into

ALL = {stream.name for stream in STREAMS}
RUNS = 2
MADE_UP = ("row_key", "retain_until", "listed_at", "checked_at", "seen_at")


@pytest.fixture(scope="module")
def tables() -> Iterator[tuple[Tables, Tables]]:
    """What two daily runs leave, and what one run does on the second day."""
    with Sandbox(World(posts=14, followers=20, seed=3, now=NOW)) as sandbox:
        daily, at_once = Tables(), Tables()
        config: dict[str, Any] = {"member_access_token": sandbox.member_token, "start_date": "2026-02-01"}
        for day in range(RUNS):
            if day:
                sandbox.world.tick()
            run_into(daily, sandbox, ALL, **config)
        run_into(at_once, sandbox, ALL, **config)
        yield daily, at_once


def things(tables: Tables, stream: str) -> Counter[str]:
    """How many rows there are of each thing: of all that is no figure, and of the day for which a row is kept."""
    return Counter(json.dumps(_thing(row), sort_keys=True) for row in tables.of(stream).values())


def _thing(row: Mapping[str, Any]) -> list[Any]:
    told = {name: value for name, value in row.items() if name not in MADE_UP}
    return [row.get("snapshot_date"), identity(told, keeps_times=False), _spans(told)]


def _spans(row: Mapping[str, Any]) -> list[Any]:
    return [row.get(name) for name in ("start", "end", "time_range_start", "time_range_end", "id", "urn", "entity_urn")]


@pytest.mark.parametrize("stream", sorted(ALL))
def test_growing_figures_stay_in_one_row_of_each_thing(tables: tuple[Tables, Tables], stream: str) -> None:
    """After two daily runs no thing has more rows than a run over all of it gives it."""
    daily, at_once = tables
    assert stream in daily.rows, "the stream has no table"
    fresh = things(at_once, stream)
    piled = {thing: count for thing, count in things(daily, stream).items() if count > max(1, fresh[thing])}
    assert not piled


@pytest.mark.parametrize("stream", ["creator_analytics", "post_gestures", "post_demographics"])
def test_figures_of_a_life_are_replaced_by_those_of_today(tables: tuple[Tables, Tables], stream: str) -> None:
    """The rows of posts that both read on the last day are the same."""
    daily, at_once = tables
    rows, fresh = daily.of(stream), at_once.of(stream)
    assert rows.keys() == fresh.keys()
    assert fresh


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"count": 5}, {"count": 6}),
        ({"count": {"long": 5}}, {"count": {"long": 6}}),
        ({"rate": {"bigDecimal": "0.5"}}, {"rate": {"bigDecimal": "0.25"}}),
        ({"count": "5"}, {"count": "6"}),
        ({"lastModifiedAt": 1731024000000}, {"lastModifiedAt": 1731024000001}),
        ({"measured": "2026-03-02T00:00:00.000+00:00"}, {"measured": "2026-03-03T00:00:00.000+00:00"}),
        ({"values": [1, 2]}, {"values": [1, 3, 4]}),
        ({"count": 0}, {}),
    ],
)
def test_a_change_of_figures_changes_no_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Whatever shape they come in; so do times at which was measured."""
    assert identity({"metric": "VIEWS", **one}) == identity({"metric": "VIEWS", **other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"metric": "VIEWS"}, {"metric": "CLICKS"}),
        ({"timeRange": {"start": 1, "end": 2}}, {"timeRange": {"start": 2, "end": 3}}),
        ({"dateRange": {"start": {"day": 1}}}, {"dateRange": {"start": {"day": 2}}}),
        ({"videoId": 5}, {"videoId": 6}),
        ({"isPaid": True}, {"isPaid": False}),
        ({"of": {"urn": "urn:li:geo:1"}}, {"of": {"urn": "urn:li:geo:2"}}),
    ],
)
def test_what_figures_are_of_tells_them_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Words, URNs, ids, flags and the ends of a range."""
    assert identity({**one, "count": 5}) != identity({**other, "count": 5})


def test_figures_of_one_thing_are_numbered() -> None:
    """None is lost, and each has its key again on the next run."""
    first, second = RowKeys((), identity=identity), RowKeys((), identity=identity)
    keys = [first.key({"metric": "VIEWS", "count": count}) for count in (1, 2)]
    assert len(set(keys)) == 2
    assert [second.key({"metric": "VIEWS", "count": count}) for count in (3, 4)] == keys


def test_the_time_of_an_event_tells_it_apart() -> None:
    """Its figures do not."""
    event = {"action": "LIKE", "at": 1731024000000, "others": 2}
    assert identity(event, keeps_times=True) == identity({**event, "others": 3}, keeps_times=True)
    assert identity(event, keeps_times=True) != identity({**event, "at": 1731024000001}, keeps_times=True)
