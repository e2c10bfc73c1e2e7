"""Windows of analytics: whole days, none twice, none missing; and what is not taken for an answer."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from itertools import pairwise
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tests.conftest import NOW
from tests.support.plain import DAY_MS, NOW_MS, PlainLinkedIn, read, urn_of
from tests.support.runs import Run, run

CONTENT = "dmaOrganizationalPageContentAnalytics"
EDGE = "dmaOrganizationalPageEdgeAnalytics"
TODAY_MS = int(NOW.replace(hour=0, minute=0).timestamp() * 1000)

Window = tuple[int, int]


@pytest.fixture
def company(sandbox: Sandbox) -> str:
    """The URN of the first organization."""
    return sandbox.world.truth.organizations[0].urn


def windows_asked(sandbox: Sandbox, resource: str, containing: str = "") -> list[Window]:
    """The windows asked for, in order, one that is tried again counted once."""
    pattern = re.compile(r"timeRange[:=]\(start:(\d+),end:(\d+)\)")
    asked = [request.query for request in sandbox.requests_to(resource) if containing in request.query]
    windows = [(int(found[1]), int(found[2])) for query in asked if (found := pattern.search(query))]
    return list(dict.fromkeys(windows))


def ms(text: str) -> int:
    """Epoch milliseconds of a day."""
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp() * 1000)


def test_windows_touch_without_overlap_and_span_360_days_at_most(sandbox: Sandbox, company: str) -> None:
    """From the start date to today, whole UTC days."""
    run(sandbox, select={"follower_trend"}, organizations=[company], start_date="2023-06-05T10:00:00Z")
    windows = windows_asked(sandbox, EDGE)
    assert windows[0][0] == ms("2023-06-05")
    assert windows[-1][1] == TODAY_MS
    assert [end for _, end in windows[:-1]] == [start for start, _ in windows[1:]]
    assert max(end - start for start, end in windows) == 360 * DAY_MS
    assert not [moment for window in windows for moment in window if moment % DAY_MS]


def test_the_last_days_are_asked_again(sandbox: Sandbox, company: str) -> None:
    """A second run looks back by the setting, and not before the start date."""
    first = run(sandbox, select={"follower_trend"}, organizations=[company])
    assert first.state_of("follower_trend", company)["replication_key_value"].startswith("2026-03-02T00:00:00")
    sandbox.clear()
    run(sandbox, first.state, {"follower_trend"}, organizations=[company], analytics_lookback_days=5)
    assert windows_asked(sandbox, EDGE) == [(TODAY_MS - 5 * DAY_MS, TODAY_MS)]
    sandbox.clear()
    run(sandbox, first.state, {"follower_trend"}, organizations=[company], start_date="2026-03-01")
    assert windows_asked(sandbox, EDGE) == [(TODAY_MS - DAY_MS, TODAY_MS)]


def test_a_dead_window_is_asked_for_on_three_runs_and_holds_up_no_other(sandbox: Sandbox, company: str) -> None:
    """It stays in the state until then, while the bookmark and the other windows go on."""
    start = ms("2023-06-05")
    sandbox.answer(EDGE, status=500, body={"status": 500}, when=f"start:{start},", times=None)
    options: dict[str, Any] = {"organizations": [company], "start_date": "2023-06-05"}
    result = run(sandbox, select={"follower_trend"}, **options)
    assert result.records["follower_trend"]
    dead_by_run = [result.state_of("follower_trend", company)["dead_windows"]]
    for _ in range(3):
        sandbox.clear()
        result = run(sandbox, result.state, {"follower_trend"}, **options)
        dead_by_run.append(result.state_of("follower_trend", company)["dead_windows"])
    window = {"start": "2023-06-05", "end": "2024-05-30"}
    assert dead_by_run == [[{**window, "runs": 1}], [{**window, "runs": 2}], [], []]
    assert start not in [asked for asked, _ in windows_asked(sandbox, EDGE)]
    assert result.state_of("follower_trend", company)["replication_key_value"].startswith("2026-03-02")


def test_a_dead_window_that_comes_to_life_is_forgotten(sandbox: Sandbox, company: str) -> None:
    """Its rows leave, and the state no longer holds it."""
    start = TODAY_MS - 360 * DAY_MS
    sandbox.answer(EDGE, status=500, body={"status": 500}, when=f"start:{start},", times=4)
    first = run(sandbox, select={"follower_trend"}, organizations=[company])
    assert not first.records["follower_trend"]
    second = run(sandbox, first.state, {"follower_trend"}, organizations=[company])
    assert len({row["start"] for row in second.records["follower_trend"]}) == 360
    assert second.state_of("follower_trend", company)["dead_windows"] == []


def test_withheld_zeros_are_not_stored_and_hold_the_bookmark(sandbox: Sandbox, company: str) -> None:
    """With the privacy budget spent nothing leaves; the next run asks for the same days."""
    first = run(sandbox, select={"follower_trend"}, organizations=[company])
    sandbox.tick(days=2)
    sandbox.world.withhold = True
    withheld = run(sandbox, first.state, {"follower_trend"}, organizations=[company])
    assert not withheld.records["follower_trend"]
    bookmark = first.state_of("follower_trend", company)["replication_key_value"]
    assert withheld.state_of("follower_trend", company)["replication_key_value"] == bookmark
    sandbox.world.withhold = False
    later = run(sandbox, withheld.state, {"follower_trend"}, organizations=[company])
    assert {row["start"][:10] for row in later.records["follower_trend"]} >= {"2026-03-02", "2026-03-03"}


def test_visitors_by_audience_are_asked_for_by_month(sandbox: Sandbox, company: str) -> None:
    """Whole months, the running one up to today; a later run asks for it and the one before."""
    options: dict[str, Any] = {"organizations": [company], "start_date": "2025-12-10"}
    first = run(sandbox, select={"visitor_demographics"}, **options)
    months = [ms("2025-12-01"), ms("2026-01-01"), ms("2026-02-01"), ms("2026-03-01"), TODAY_MS]
    pairs = list(pairwise(months))
    assert windows_asked(sandbox, EDGE, "dimensionType=SENIORITY") == pairs
    sandbox.clear()
    run(sandbox, first.state, {"visitor_demographics"}, **options)
    assert windows_asked(sandbox, EDGE, "dimensionType=SENIORITY") == pairs[-2:]


def test_a_post_is_asked_about_from_the_day_it_was_published(sandbox: Sandbox, company: str) -> None:
    """On the next run only for the look-back."""
    options: dict[str, Any] = {"organizations": [company]}
    first = run(sandbox, select={"post_content_trend"}, **options)
    published = {urn: int(urn.rpartition(":")[2]) >> 22 for urn in sandbox.world.truth.posts}
    urn, made = min(published.items(), key=lambda item: item[1])
    encoded = urn.replace(":", "%3A")
    assert windows_asked(sandbox, CONTENT, encoded)[0][0] == made - made % DAY_MS
    sandbox.clear()
    run(sandbox, first.state, {"post_content_trend"}, **options)
    again = [window for post in published for window in windows_asked(sandbox, CONTENT, post.replace(":", "%3A"))]
    assert min(start for start, _ in again) == TODAY_MS - 7 * DAY_MS


def test_a_post_younger_than_a_day_waits_for_a_later_run(linkedin: PlainLinkedIn) -> None:
    """A day is 24 hours, whatever the calendar says; the later run begins with the day it was published."""
    linkedin.answer(CONTENT, 200, body={"elements": []}, times=None)
    young, old = (
        linkedin.encoded(linkedin.add_post(urn_of(hours / 24), publishedAt=NOW_MS - hours * DAY_MS // 24))
        for hours in (23, 25)
    )
    first = read(linkedin, {"post_content_trend"})
    assert windows_asked(linkedin, CONTENT, young) == []
    assert windows_asked(linkedin, CONTENT, old) == [(TODAY_MS - DAY_MS, TODAY_MS)]
    linkedin.tick(days=1)
    read(linkedin, {"post_content_trend"}, first.state)
    assert windows_asked(linkedin, CONTENT, young) == [(TODAY_MS - DAY_MS, TODAY_MS + DAY_MS)]


def test_followers_by_audience_are_a_picture_of_the_day(sandbox: Sandbox, company: str) -> None:
    """Each dimension once, without a time range, and the day in the key."""
    result = run(sandbox, select={"follower_demographics"}, organizations=[company])
    asked = [request.query for request in sandbox.requests_to(EDGE)]
    assert len(asked) == 7
    assert not [query for query in asked if "timeRange" in query]
    assert set(result.values("follower_demographics", "snapshot_date")) == {"2026-03-02"}


def test_a_flattened_row_keeps_what_it_has_no_column_for_and_rates_stay_exact(sandbox: Sandbox, company: str) -> None:
    """In `unmapped`, at the place where LinkedIn sent it; a bigDecimal leaves as a number, a long as a whole one."""
    config: dict[str, Any] = {"organizations": [company], "start_date": "2026-02-01"}
    rows = run(sandbox, select={"page_content_trend"}, **config).records["page_content_trend"]
    assert any("metric" in (row["unmapped"] or {}) for row in rows)
    assert not [row for row in rows if "totalCount" in str(row["unmapped"])]
    rates = [row["total_count"] for row in rows if row["type"] == "ENGAGEMENT_RATE"]
    counts = [row["total_count"] for row in rows if row["type"] == "IMPRESSIONS"]
    assert any(isinstance(rate, float) and 0 < rate < 1 for rate in rates)
    assert all(isinstance(count, int) for count in counts)


def test_a_second_run_brings_the_new_days_and_replaces_the_late_ones(sandbox: Sandbox, company: str) -> None:
    """Rows of the look-back leave again under the same key."""
    config: dict[str, Any] = {"organizations": [company], "start_date": "2026-02-01"}
    first = run(sandbox, select={"page_content_trend"}, **config)
    sandbox.tick(days=2)
    second = run(sandbox, first.state, {"page_content_trend"}, **config)
    assert _days(second) - _days(first) == {"2026-03-02", "2026-03-03"}
    assert len(_days(second)) == 9


def _days(result: Run) -> set[str]:
    return {row["start"][:10] for row in result.records["page_content_trend"]}
