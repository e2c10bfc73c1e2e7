"""Runs that end after some minutes: they end cleanly, and the next one reads what they have left."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pendulum
import pytest

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.config.settings import INTERVALS
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.clock import SideBySideClock
from tests.support.plain import FEED
from tests.support.tables import Tables, run_into

ALL = {str(stream.name) for stream in STREAMS if stream.selected_by_default}
COMPARED = {
    *("organizations", "page_profiles", "followers", "following", "lead_gen_forms", "posts", "comments", "reactions"),
    *("reshares", "instant_reposts", "social_metadata", "post_content_trend", "people"),
}
"""Streams whose rows are the same on any day, or nearly; others have rows of the day of the run."""

SETTINGS: dict[str, Any] = {
    "stream_options": {"followers": {"page_size": 5}},
    "max_concurrency": 4,
    "start_date": "2026-02-01",
}
THROTTLED = {**INTERVALS, FEED: 90}
"""The intervals of a day on which LinkedIn insists on a minute and a half between two listings of the feed."""

OF_THE_DAY = {"post_content_trend", "social_metadata"}
"""Streams that have more rows after more days."""


def half_an_hour(tables: Tables, agency: Sandbox, day: int, **config: Any) -> SideBySideClock:
    """A run of half an hour at most, some days later."""
    clock = SideBySideClock(pendulum.instance(agency.world.now).add(days=day))
    assert run_into(tables, agency, ALL, clock=clock, request_intervals=THROTTLED, run_for=30, **SETTINGS, **config)
    assert clock.latest <= 30 * 60
    return clock


@pytest.fixture
def agency() -> Iterator[Sandbox]:
    """Two organizations whose followers alone, and comments alone, take more than half an hour to list."""
    with Sandbox(World(posts=6, followers=150, seed=3, now=NOW, organizations=2)) as serving:
        yield serving


def test_half_an_hour_a_day_reads_all_of_all_organizations_in_days(
    agency: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows that LinkedIn no longer has go only once the runs have listed the whole together."""
    caplog.set_level(logging.INFO)
    whole, tables = Tables(), Tables()
    run_into(whole, agency, ALL, **SETTINGS)
    caplog.clear()
    half_an_hour(tables, agency, 0)
    last = caplog.messages[-1]
    assert last.startswith("Stopped after the 30 minutes of run_for: ")
    assert "the next run continues with what is left: " in last
    assert "followers (2 of 2 organizations)" in last
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]
    tables.rows["followers"]["gone"] = (1, {})
    for day in (1, 2):
        half_an_hour(tables, agency, day)
    assert "gone" not in tables.rows["followers"]
    assert {stream for stream in ALL if whole.of(stream) and not tables.of(stream)} == set()
    for stream in COMPARED - {"social_metadata"}:
        assert tables.of(stream).keys() >= whole.of(stream).keys(), stream
    for stream in COMPARED - OF_THE_DAY:
        assert tables.of(stream) == whole.of(stream), stream
