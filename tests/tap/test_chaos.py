"""A sync that is killed again and again while LinkedIn fails at random, and gone on with until it is done.

The ordinary run plays a few seeds; `make chaos` many, and `make chaos SEED=..` one of them again.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass
from typing import Any

import pytest

from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.member import MemberStream
from tap_linkedin_dma.sandbox import Sandbox, World
from tap_linkedin_dma.streams import STREAMS
from tests.tap.conftest import NOW
from tests.tap.runs import Reopening
from tests.tap.tables import Tables, TickingClock, run_into

ALL = {stream.name for stream in STREAMS}
TOKEN_FAULTS = ("401", "401-after-refresh")
OF_MEMBER = {stream.name for stream in STREAMS if issubclass(stream, MemberStream)}
MOST_KILLS = 5
MOST_RUNS = 30
LAST_MESSAGE = 2500
"""About how many a whole run writes; a kill comes anywhere before."""

FAULT_RATE = 0.1

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "0 1 2 3").split()]


class Clock(Reopening, TickingClock):
    """Time goes by, and an outage ends while the tap waits."""


@pytest.fixture(scope="module")
def world() -> World:
    """A company that stays as it is."""
    return World(posts=12, followers=60, seed=5, now=NOW)


@dataclass
class Synced:
    """Tables, and what was left out of them in the end."""

    tables: Tables
    left_out: set[str]


@pytest.fixture(scope="module")
def whole(world: World) -> Synced:
    """What an undisturbed run fills, and what LinkedIn refuses to it."""
    with Sandbox(world) as sandbox:
        tables = Tables()
        left_out = go_on(tables, sandbox, member_access_token=sandbox.member_token)
    assert left_out is not None
    return Synced(tables, left_out)


def go_on(tables: Tables, sandbox: Sandbox, messages: int | None = None, **config: Any) -> set[str] | None:
    """Run the tap from where the tables are.

    Returns:
        What it left out; None where it did not come to its end.
    """
    clock = Clock(sandbox)
    sandbox.tokens.clock = lambda: clock.now().timestamp()
    try:
        tap = run_into(
            tables,
            sandbox,
            ALL,
            messages,
            clock,
            stream_options={"followers": {"page_size": 7}, "posts": {"page_size": 5}},
            start_date="2026-01-01",
            client_id=sandbox.client_id,
            client_secret=sandbox.client_secret,
            refresh_token=sandbox.refresh_token,
            request_timeout=0.3,
            max_tries=3,
            **config,
        )
    except DmaError:
        return None
    return set(tap.connection.run.report.skips) if tap else None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sync_that_is_killed_amid_faults_fills_the_same_tables(world: World, whole: Synced, seed: int) -> None:
    """Whatever moments it is killed at, and whatever goes wrong meanwhile: no row is lost, doubled or removed."""
    chance = random.Random(seed)
    tables = Tables()
    kills = [chance.randrange(1, LAST_MESSAGE) for _ in range(chance.randint(1, MOST_KILLS))]
    # Nothing renews the token of a member's own data: where tokens end, it is not read.
    token_faults = chance.choice([TOKEN_FAULTS, ()])
    with Sandbox(world, faults=("passing", *token_faults), fault_rate=FAULT_RATE, fault_seed=seed) as sandbox:
        config = {} if token_faults else {"member_access_token": sandbox.member_token}
        for messages in [*kills, *[None] * MOST_RUNS]:
            left_out = go_on(tables, sandbox, messages, max_concurrency=1 + seed % 4, **config)
            if left_out is not None and left_out <= whole.left_out:
                break
        else:
            pytest.fail("the sync was never done")
    assert tables.removals == []
    for stream in tables.rows:
        assert tables.of(stream) == whole.tables.of(stream), stream
    assert tables.rows.keys() == whole.tables.rows.keys() - (OF_MEMBER if token_faults else set())
    assert "urn:li:person" not in json.dumps(tables.state)
