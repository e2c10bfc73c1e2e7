"""A sync that is killed again and again while LinkedIn fails at random, and gone on with until it is done.

The ordinary run plays a few seeds; `make chaos` many, and `make chaos SEED=..` one of them again.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.postgres import Database, embedded_server
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tests.conftest import NOW
from tests.end_to_end.targets import load
from tests.support.batches import batch_config
from tests.support.runs import Reopening
from tests.support.tables import Tables, TickingClock, run_into, timeless

ALL = {stream.name for stream in STREAMS}
TOKEN_FAULTS = ("401", "401-after-refresh")
OF_MEMBER = {stream.name for stream in STREAMS if issubclass(stream, MemberStream)}
MOST_KILLS = 5
MOST_RUNS = 30
LAST_MESSAGE = 2500
"""About how many a whole run writes; a kill comes anywhere before."""

FAULT_RATE = 0.1

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "0 3").split()]


class Clock(Reopening, TickingClock):
    """Time goes by, and an outage ends while the tap waits."""


@pytest.fixture(scope="module")
def world() -> World:
    """A company that stays as it is."""
    return World(posts=12, followers=60, seed=5, now=NOW)


Key = tuple[str, str]
"""A resource, and the finder or method that it is asked with."""

LASTING: Sequence[Sequence[str]] = (
    (),
    ("500-id=dmaPosts", "503-id=dmaReactions", "429-id=dmaPeople"),
    ("400-poisoned=dmaReactions", "414-poisoned=dmaSocialMetadata", "500-poisoned=dmaComments"),
    ("dead-lookup=dmaContentPublicUrl", "dead-lookup=dmaLiveVideos"),
    ("403-in-200=dmaComments", "no-next-link", "short-page", "next-link-v2"),
)
"""Of which one is there from the start, and is mended after the first kills."""

RUNS_THAT_FAIL = 2
TOKEN_ENDED = 401
CHANGES_AT_ONCE = 10
PROBES = 16
"""Ids asked for alone, at most, where a batch is refused."""


@dataclass
class Synced:
    """Tables, what was left out of them in the end, and the calls that it took."""

    tables: Tables
    left_out: set[str]
    calls: Counter[Key]
    again: Counter[Key]
    """Those of another run right after it."""


def calls_of(sandbox: Sandbox) -> Counter[Key]:
    """The calls since the last time."""
    calls = Counter((request.resource, request.finder) for request in sandbox.requests)
    sandbox.clear()
    return calls


@pytest.fixture(scope="module")
def whole(world: World) -> Synced:
    """What an undisturbed run fills, and what LinkedIn refuses to it."""
    with Sandbox(world) as sandbox:
        tables = Tables()
        left_out = go_on(tables, sandbox, member_access_token=sandbox.member_token)
        calls = calls_of(sandbox)
        assert go_on(tables, sandbox, member_access_token=sandbox.member_token) == left_out
        again = calls_of(sandbox)
    assert left_out is not None
    return Synced(tables, left_out, calls, again)


def go_on(
    tables: Tables, sandbox: Sandbox, messages: int | None = None, select: set[str] = ALL, **config: Any
) -> set[str] | None:
    """Run the tap from where the tables are.

    Returns:
        What it left out; None if it did not come to its end.
    """
    clock = Clock(sandbox)
    sandbox.tokens.clock = lambda: clock.now().timestamp()
    try:
        tap = run_into(
            tables,
            sandbox,
            select,
            messages,
            clock,
            stream_options={
                "followers": {"page_size": 7},
                "posts": {"page_size": 5},
                "series_subscribers": {"page_size": 50},
            },
            start_date="2026-02-24",
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            refresh_token=sandbox.refresh_token,
            max_tries=3,
            **config,
        )
    except DmaError:
        return None
    return set(tap.run_context.run.summary.skipped) if tap else None


@dataclass
class Spent:
    """What was asked in all runs of a seed, and what they met."""

    calls: Counter[Key]
    failed: Counter[Key]
    spoiled: int = 0
    """Answers that were changed on their way: of what they lack the tap asks again."""

    runs: int = 0
    cut: int = 0
    """Of the runs those that did not come to a whole end: they were killed, or something could not be read."""

    def most(self, whole: Synced, key: Key) -> int:
        """The most calls that these runs may have made to a resource with a finder.

        Together they read once what an undisturbed run reads, and each but one what every run asks for anew. A run that
        is cut loses what was read and had not left, or was not in the state that was written last: of a company of a
        dozen posts that may be all of one finder (16 batches wait for the writer, one with each reader, and a batch
        is what hangs on fifty posts), less what the next run asks for anyway. A call that fails is sent again, and a
        batch that is refused in halves; a wait for another has what is gathered by then read in a batch of its own.
        """
        first, each = whole.calls[key], whole.again[key]
        if key[0] == "memberChangeLogs":
            # After a call that does not come back, a run asks for fewer changes at once, down to one.
            first, each = CHANGES_AT_ONCE * first, CHANGES_AT_ONCE * each
        most = first + (self.runs - 1) * max(each, 1) + self.cut * max(0, first - each) + 2 * self.failed[key]
        if self.spoiled:
            # A listing whose pages come short takes twice as many calls at most.
            most += RUNS_THAT_FAIL * first
        if key[1] == "BATCH_GET":
            most += self.failed.total() + self.spoiled + PROBES * self.runs
        return most


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sync_that_is_killed_amid_faults_fills_the_same_tables(
    world: World, whole: Synced, seed: int, tmp_path: Path
) -> None:
    """Whatever moments it is killed at, and whatever goes wrong meanwhile: no row is lost, doubled or removed.

    And no call is made but those that faults and kills cost themselves. Every other seed writes files of rows.
    """
    chance = random.Random(seed)
    tables, spent = Tables(), Spent(Counter(), Counter())
    # A file of rows is one message.
    last_message = LAST_MESSAGE // (4 if seed % 2 else 1)
    kills = [chance.randrange(1, last_message) for _ in range(chance.randint(1, MOST_KILLS))]
    # Nothing renews the token of a member's own data: where tokens end, it is not read.
    token_faults = chance.choice([TOKEN_FAULTS, ()])
    lasting = chance.choice(LASTING)
    faults = ("passing", *token_faults, *lasting)
    with Sandbox(world, faults=faults, fault_rate=FAULT_RATE, fault_seed=seed) as sandbox:
        config: dict[str, Any] = {} if token_faults else {"member_access_token": sandbox.member_token}
        if seed % 2:
            config["batch_config"] = batch_config(tmp_path, rows=chance.choice([3, 10, 100]))
        for messages in [*kills, *[None] * MOST_RUNS]:
            left_out = go_on(tables, sandbox, messages, max_concurrency=1 + seed % 4, **config)
            is_whole = left_out is not None and left_out <= whole.left_out
            failed = [call for call in sandbox.requests if call.has_failed or call.status == TOKEN_ENDED]
            spent.failed += Counter((call.resource, call.finder) for call in failed)
            spent.calls += calls_of(sandbox)
            spent.runs += 1
            spent.cut += not is_whole
            if spent.runs == RUNS_THAT_FAIL:
                sandbox.end_faults(*lasting)
            elif is_whole and spent.runs > RUNS_THAT_FAIL:
                break
        else:
            pytest.fail("the sync was never done")
        # What had no answer about a member is named again where a table is begun to be read anew: this run may have
        # gone on with one.
        sandbox.end_faults("passing")
        assert go_on(tables, sandbox, None, max_concurrency=1 + seed % 4, **config) == left_out
        spent.calls += calls_of(sandbox)
        spent.runs += 1
        spent.spoiled = sum(sandbox.played[name.partition("=")[0]] for name in lasting)
    assert tables.removals == []
    for stream in tables.rows:
        assert tables.of(stream) == whole.tables.of(stream), stream
    assert tables.rows.keys() == whole.tables.rows.keys() - (OF_MEMBER if token_faults else set())
    assert "urn:li:person" not in json.dumps(tables.state)
    asked = {key: calls for key, calls in spent.calls.items() if key[0] != "accessToken"}
    assert {key: (calls, most) for key, calls in asked.items() if calls > (most := spent.most(whole, key))} == {}


IN_POSTGRES = {"organizations", "posts", "comments", "reactions", "followers", "people"}
LAST_WITH_FILES = 120
"""About how many messages a whole run of these streams writes if most rows leave in files."""


class Loaded(Tables):
    """Tables in a schema of PostgreSQL, into which target-postgres loads what a run has written."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__()
        self.database = database
        self.folder = folder
        self.lines: list[str] = []
        self.loaded: dict[str, Any] = {}
        """The state that says what the target has loaded."""

        self.in_files: set[str] = set()
        """The streams of which rows came in files."""

    def take(self, message: dict[str, Any]) -> None:
        super().take(message)
        if message["type"] == "BATCH":
            self.in_files.add(message["stream"])
        self.lines.append(json.dumps(message))

    def load(self) -> None:
        """Load what has been written since the last time; the next run gets the last state that the target printed."""
        messages = self.folder / "messages"
        messages.write_text("\n".join(self.lines))
        place = {"sqlalchemy_url": self.database.sqlalchemy_url, "default_target_schema": self.database.schema}
        self.loaded = [self.loaded, *load("target-postgres", messages, self.folder, **place, use_copy=True)][-1]
        self.lines, self.state = [], self.loaded

    def in_postgres(self, stream: str) -> list[str]:
        """The rows of a table, those too that are marked as removed, less what says when they were read."""
        rows = self.database.query(f"SELECT * FROM {stream}")
        own = [{name: row[name] for name in row if name[:5] != "_sdc_" or name == "_sdc_deleted_at"} for row in rows]
        return sorted(json.dumps(timeless(row), sort_keys=True, default=str) for row in own)


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_files_of_runs_that_are_killed_fill_the_same_tables_in_postgres(
    world: World, seed: int, tmp_path: Path
) -> None:
    """By target-postgres itself, which gets what each run wrote before it was killed."""
    chance = random.Random(seed)
    with embedded_server() as url, Database(url, "whole") as database, Database(url, "killed") as other:
        whole, killed = Loaded(database, tmp_path), Loaded(other, tmp_path)
        with Sandbox(world) as sandbox:
            left_out = go_on(whole, sandbox, select=IN_POSTGRES)
        whole.load()
        with Sandbox(world, faults=("passing",), fault_rate=FAULT_RATE, fault_seed=seed) as sandbox:
            batches = batch_config(tmp_path / "batches", rows=10)
            for _ in range(2):
                go_on(killed, sandbox, chance.randrange(1, LAST_WITH_FILES), IN_POSTGRES, batch_config=batches)
                killed.load()
            sandbox.end_faults("passing")
            assert go_on(killed, sandbox, select=IN_POSTGRES, batch_config=batches) == left_out
        killed.load()
        for stream in IN_POSTGRES:
            assert killed.in_postgres(stream) == whole.in_postgres(stream), stream
        assert "followers" in killed.in_files
