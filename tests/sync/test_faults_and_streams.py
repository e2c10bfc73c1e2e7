"""Faults that can hide rows, on every stream that they can hit.

What a run did not read it says, and the next one reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.resources import RESOURCES
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.runs import make_tap
from tests.support.tables import Tables

BY_NAME: Mapping[str, type[DmaStream]] = {stream.name: stream for stream in STREAMS}
ROOTS = {"dmaOrganizationAcls", "dmaOrganizations"}
"""Without them a run reads nothing at all, and ends by saying so."""

BATCHED = sorted(
    name for name, resource in RESOURCES.items() if any(method.kind == "BATCH_GET" for method in resource.methods)
)
LOOKED_UP = sorted({stream.resource for stream in STREAMS if issubclass(stream, Lookup)})
FED_BY_OTHERS = {
    stream.name
    for stream in STREAMS
    for one in (stream, stream.parent_stream_type)
    if one and issubclass(one, (Lookup, DerivedStream))
}
"""They lack rows if any stream that names things to them, or to those above them, does."""


def at(resources: Iterable[str], *faults: str) -> Sequence[str]:
    """These faults on each of these resources, but for the roots."""
    return [f"{fault}={resource}" for fault in faults for resource in resources if resource not in ROOTS]


@dataclass(frozen=True)
class Case:
    """What is played; `rate` is the share of requests that a passing fault strikes, and these are not sent again."""

    faults: Sequence[str]
    rate: float = 0.0


def by_turns(faults: Sequence[str]) -> Sequence[str]:
    """These faults on the resources that are asked by ids, each on every so manieth."""
    return [fault for place, resource in enumerate(BATCHED) for fault in at([resource], faults[place % len(faults)])]


BODIES = ("error-in-200", "empty-object", "no-elements", "html-200", "204")

CASES: Mapping[str, Case] = {
    "ids that fail": Case(at(BATCHED, "408-id", "429-id", "500-id")),
    "batches that one id spoils": Case(by_turns(["400-poisoned", "414-poisoned", "500-poisoned"])),
    "errors in answers": Case(at(RESOURCES, *BODIES), rate=0.15),
    "short listings": Case(["short-page", "no-next-link"]),
    "dead lookups": Case(at(LOOKED_UP, "dead-lookup")),
}


@dataclass
class Synced:
    """The tables after some runs, and what the last of them says that it lacks."""

    tables: Tables = field(default_factory=Tables)
    code: int = 0
    told: set[str] = field(default_factory=set)

    def go_on(self, sandbox: Sandbox, max_tries: int = 3) -> None:
        """One more run, of all streams."""
        config: dict[str, Any] = {
            "member_access_token": sandbox.member_token,
            "max_tries": max_tries,
            "start_date": "2026-02-15",
            "stream_options": {"series_subscribers": {"page_size": 50}},
        }
        tap, writer = make_tap(sandbox, self.tables.state, {*BY_NAME}, **config)
        self.code = 0
        try:
            tap.sync_all()
        except DmaError as fault:
            self.code = fault.exit_code
        for message in writer.messages:
            self.tables.take(message)
        summary = tap.run_context.run.summary
        self.told = {*summary.skipped, *summary.failed}

    def missing(self, whole: Synced) -> Mapping[str, set[str]]:
        """The keys of the rows that are not there, by stream."""
        missing = {
            stream: whole.tables.of(stream).keys() - self.tables.of(stream).keys() for stream in whole.tables.rows
        }
        return {stream: keys for stream, keys in missing.items() if keys}


@pytest.fixture(scope="module")
def world() -> World:
    """A company that stays as it is."""
    return World(posts=24, followers=30, seed=5, now=NOW)


@pytest.fixture(scope="module")
def whole(world: World) -> Synced:
    """An undisturbed run."""
    synced = Synced()
    with Sandbox(world) as sandbox:
        synced.go_on(sandbox)
    assert not synced.code
    assert synced.tables.rows.keys() == BY_NAME.keys()
    return synced


def lineage(name: str) -> Iterable[str]:
    """A stream and those above it."""
    stream: type[DmaStream] | None = BY_NAME[name]
    while stream is not None:
        yield stream.name
        stream = stream.parent_stream_type  # type: ignore[assignment]


def is_told(stream: str, told: Iterable[str]) -> bool:
    """Whether a report names a stream, one above it, or one that it is fed by."""
    named = {line.partition(":")[0].partition(",")[0] for line in told}
    return bool(named if stream in FED_BY_OTHERS else named & {*lineage(stream)})


@pytest.mark.parametrize("case", CASES)
def test_what_a_run_did_not_read_it_says_and_the_next_run_reads_it(world: World, whole: Synced, case: str) -> None:
    """No stream lacks a row without a word of it, nothing is taken for removed, and nothing is lost for good."""
    played, synced = CASES[case], Synced()
    with Sandbox(world, faults=played.faults, fault_rate=played.rate) as sandbox:
        synced.go_on(sandbox, 1 if played.rate else 3)
        assert sandbox.played
        missing = synced.missing(whole)
        assert [stream for stream in missing if not is_told(stream, synced.told - whole.told)] == []
        sandbox.end_faults(*played.faults)
        synced.go_on(sandbox)
    assert synced.code == 0
    assert synced.missing(whole) == {}
    assert synced.tables.removals == []
    assert {stream: synced.tables.of(stream) for stream in BY_NAME} == {s: whole.tables.of(s) for s in BY_NAME}


def test_what_linkedin_withholds_in_a_spoiled_batch_costs_nothing_else(world: World, whole: Synced) -> None:
    """An id that is refused by itself has its answer, and the others of its batch have theirs."""
    synced = Synced()
    with Sandbox(world, faults=by_turns(["403-poisoned", "404-poisoned"])) as sandbox:
        synced.go_on(sandbox)
        assert sandbox.played["403-poisoned"]
        assert sandbox.played["404-poisoned"]
    assert synced.code == 0
    missing = synced.missing(whole)
    assert {stream: len(missing[stream]) for stream in ("posts", "comments", "reactions")} == {
        "posts": 1,
        "comments": 1,
        "reactions": 1,
    }
