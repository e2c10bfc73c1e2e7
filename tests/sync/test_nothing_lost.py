"""What the sandbox sent and what left the tap, value by value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from email.message import Message
from typing import Any

import pendulum
import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.query import read_query
from tap_linkedin_dma.api import urns
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.runs import Record, Run, run

START = datetime(2026, 1, 15, tzinfo=timezone.utc)
START_MS = int(START.timestamp() * 1000)
"""Before it, no post that leaves was published."""

_FIRST_MS, _LAST_MS = 10**11, 10**14
"""What a whole number lies between that is a time."""


class Keeping(Sandbox):
    """A sandbox that keeps what it sent, by resource."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.sent: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self.refused: set[str] = set()

    def respond(self, method: str, path: str, query: str, body: bytes, headers: Message) -> dict[str, Any]:
        answer = super().respond(method, path, query, body, headers)
        resource = next(part for part in reversed(path.split("/")) if part.startswith(("dma", "member")))
        self.sent[resource] += entities(answer)
        if "results" in answer:
            self.refused |= set(map(str, read_query(query or body.decode())["ids"])) - set(answer["results"])
        return answer


def entities(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What is a record each of an answer, whatever its envelope."""
    if "results" in answer:
        yield from answer["results"].values()
    elif "elements" in answer:
        for element in answer["elements"]:
            if isinstance(element.get("elements"), list):
                yield from element["elements"]
            elif "snapshotData" in element:
                yield from ({**element, "snapshotData": row} for row in element["snapshotData"])
            else:
                yield element
    else:
        yield answer


def leaves(value: Any) -> Iterator[Any]:
    """Every value in it that is neither an object nor a list, less the links that LinkedIn makes anew on each call."""
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from () if name.startswith("downloadUrl") else leaves(child)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield value


def ways_to_leave(value: Any) -> set[Any]:
    """The forms that a value of LinkedIn's may have in a record: its own, a time, a number, a text."""
    ways = {value}
    if isinstance(value, int) and not isinstance(value, bool):
        ways.add(str(value))
        if _FIRST_MS < value < _LAST_MS:
            ways.add(pendulum.from_timestamp(value / 1000).format("YYYY-MM-DDTHH:mm:ss.SSSZ"))
    elif isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value):
        ways.add(float(value) if "." in value else int(value))
    return ways


def lost(entities: Iterable[Mapping[str, Any]], records: Iterable[Record]) -> list[Mapping[str, Any]]:
    """The entities of which no single record holds every value."""
    holding: defaultdict[Any, set[int]] = defaultdict(set)
    for number, record in enumerate(records):
        for value in leaves(record):
            holding[value].add(number)
    return [entity for entity in entities if not _holders(entity, holding)]


def _holders(entity: Mapping[str, Any], holding: Mapping[Any, set[int]]) -> set[int]:
    each = [set().union(*(holding.get(way, ()) for way in ways_to_leave(value))) for value in set(leaves(entity))]
    each.sort(key=len)
    return each[0].intersection(*each[1:])


@pytest.fixture(scope="module")
def kept() -> Iterator[tuple[Keeping, Run]]:
    """A run of every stream, and all that was sent for it."""
    config: dict[str, Any] = {"start_date": START.isoformat(), "sensitive_domains": True, "geo_names": True}
    every = {stream.name for stream in STREAMS}
    sandbox = Keeping(World(posts=16, followers=40, seed=7, now=NOW))
    with sandbox:
        yield sandbox, run(sandbox, select=every, member_access_token=sandbox.member_token, **config)


FEED = "dmaFeedContentsExternal"
RESOURCES = {
    part for stream in STREAMS for part in stream.resource.split("/") if re.fullmatch(r"(dma|member)\w+", part)
}
ECHOED = {"dmaOrganizationalPageEdgeAnalytics": "type"}
"""A field that repeats what was requested, which the table's name says too."""

TAXONOMIES = {name for name in RESOURCES if name.endswith("TaxonomyVersions")}
"""Resources that only lead to others."""


@pytest.mark.parametrize("resource", sorted(RESOURCES - TAXONOMIES - {FEED}))
def test_every_value_that_was_sent_leaves(kept: tuple[Keeping, Run], resource: str) -> None:
    """Each entity in one record of a stream of its resource: typed, renamed or unmapped, but there."""
    sandbox, result = kept
    names = [stream.name for stream in STREAMS if resource in stream.resource.split("/")]
    # A post that was made before may have been published since, which the entity alone tells.
    sent = [entity for entity in sandbox.sent[resource] if resource != "dmaPosts" or entity["publishedAt"] >= START_MS]
    assert sent
    sent = [{name: value for name, value in entity.items() if name != ECHOED.get(resource)} for entity in sent]
    assert lost(sent, [record for name in names for record in result.records[name]]) == []


def test_every_urn_that_the_feed_lists_leaves(kept: tuple[Keeping, Run]) -> None:
    """Or LinkedIn refuses what is behind it, which no record can hold."""
    sandbox, result = kept
    left = {value for records in result.records.values() for record in records for value in leaves(record)}
    listed = {str(entity["id"]) for entity in sandbox.sent[FEED]}
    assert {urn for urn in listed if (urns.created_ms(urn) or START_MS) >= START_MS} - left - sandbox.refused == set()
