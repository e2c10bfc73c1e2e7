"""LinkedIn lists what it has counted up to two days late: ten daily runs of a company where it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world.posts import DAY_MS
from tests.conftest import NOW
from tests.support.runs import make_tap
from tests.support.tables import Tables

SELECT = {"posts", "comments", "reactions", "post_instant_reposts", "reshares", "instant_reposts"}
COUNTED = ("commentsOnEntity", "reactionsOnEntity")
DAYS = 10
REPOST_WINDOW_DAYS = 30
LAG_DAYS = 2
"""What LinkedIn's documentation allows for."""


@dataclass(frozen=True)
class Followed:
    """A company that was read daily."""

    tables: Tables
    world: World
    calls: Counter[str]
    """Calls of the daily runs, by finder; the first run, which reads what was there before, is left out."""

    def urns(self, stream: str) -> set[str]:
        """The URNs in a table."""
        return {str(row["urn"]) for row in self.tables.of(stream).values()}


def follow(lag_days: int) -> Followed:
    """Read a company every day, one day more than `DAYS`."""
    tables, calls = Tables(), Counter[str]()
    with Sandbox(World(posts=12, followers=1, seed=7, now=NOW, lag_days=lag_days)) as sandbox:
        for day in range(DAYS + 1):
            tap, writer = make_tap(sandbox, tables.state, SELECT)
            tap.sync_all()
            for message in writer.messages:
                tables.take(message)
            if day:
                calls += Counter(request.finder for request in sandbox.requests)
                assert tap.run_context.run.summary.failed == []
            sandbox.clear()
            if day < DAYS:
                sandbox.tick()
        return Followed(tables, sandbox.world, calls)


@pytest.fixture(scope="module")
def prompt() -> Followed:
    """With no lag."""
    return follow(0)


def those_listed(world: World) -> Mapping[str, Collection[str]]:
    """The URNs of all that is old enough to be listed by now, by stream; of reposts those of young enough posts."""
    truth, by = world.truth, world.listed_to_ms
    since = world.now_ms - (REPOST_WINDOW_DAYS - DAYS) * DAY_MS
    reposts = [r for post in truth.shown_posts if post.created >= since for r in world.feed.reposts_from(post)]
    own = [repost for reposts in world.feed.reposts.values() for repost in reposts]
    return {
        "comments": [comment.urn for comment in truth.all_comments if comment.created <= by],
        "reactions": [reaction.urn for reaction in truth.reactions if reaction.created <= by],
        "post_instant_reposts": [r.urn for r in reposts if r.created <= by and not r.undone],
        "instant_reposts": [repost.urn for repost in own if repost.created <= by],
    }


@pytest.mark.parametrize("lag_days", range(LAG_DAYS + 1))
def test_what_is_listed_late_comes_late_and_comes(prompt: Followed, lag_days: int) -> None:
    """Comments, replies, reactions and reposts that are older than the lag have all left, with few calls more."""
    late = follow(lag_days) if lag_days else prompt
    for stream, urns in those_listed(late.world).items():
        assert {*urns} - late.urns(stream) == set(), stream
        assert urns
    # A listing that is behind its counts is asked for on each run until it has caught up, and two days at most. In the
    # company without lag each listing that changed was asked for once: so no listing is asked for more than once, and
    # once more for each day that it may be behind.
    for finder in COUNTED:
        assert late.calls[finder] <= prompt.calls[finder] * (1 + LAG_DAYS)
    # Nothing tells of the others beforehand: they are asked for on every run, whatever the lag.
    others = [finder for finder in prompt.calls if finder.endswith(("Entity", "Author", "Reposter"))]
    for finder in {*others} - {*COUNTED}:
        assert late.calls[finder] == prompt.calls[finder], finder
