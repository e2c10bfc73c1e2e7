"""Figures of pages and posts over time and by audience."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import DAY, PAGE, Client, window

ALL_METRICS = "IMPRESSIONS,UNIQUE_IMPRESSIONS,CLICKS,COMMENTS,REACTIONS,REPOSTS,ENGAGEMENT_RATE,CTR"
CONTENT = f"dmaOrganizationalPageContentAnalytics?q=trend&metricTypes=List({ALL_METRICS})&sourceEntity="
EDGE = f"dmaOrganizationalPageEdgeAnalytics?organizationalPage={PAGE}&q="


def elements(client: Client, target: str) -> list[dict[str, Any]]:
    """The elements of an answer that is good."""
    answer = client.get(target)
    assert answer.status == 200, answer.body
    return list(answer.body["elements"])


def count(union: Mapping[str, Any]) -> float:
    """The number in a count union; a bigDecimal is a JSON string."""
    ((member, value),) = union.items()
    assert isinstance(value, str if member == "bigDecimal" else int)
    return float(value)


def test_page_trend_has_one_element_per_metric_and_day(client: Client, world: World) -> None:
    """A window of thirty whole days and eight metric types: 240 elements, in no order."""
    found = elements(client, f"{CONTENT}{PAGE}&{window(world.today_ms - 30 * DAY, world.today_ms)}")
    keys = [(row["metric"]["timeIntervals"]["timeRange"]["start"], row["type"]) for row in found]
    days = range(world.today_ms - 30 * DAY, world.today_ms, DAY)
    assert sorted(keys) == sorted((day, metric) for day in days for metric in ALL_METRICS.split(","))
    assert keys != sorted(keys)
    assert all(
        row["metric"]["timeIntervals"]["timeRange"]["end"] - row["metric"]["timeIntervals"]["timeRange"]["start"] == DAY
        for row in found
    )
    assert {"sourceEntity" in row for row in found} == {True, False}


def test_content_values_are_wrapped(client: Client, world: World) -> None:
    """Counts are `long` unions and add up, rates `bigDecimal` strings between 0 and 1."""
    for row in elements(client, f"{CONTENT}{PAGE}&{window(world.today_ms - 30 * DAY, world.today_ms)}"):
        value = row["metric"]["value"]
        parts = value["typeSpecificValue"]["contentAnalyticsValue"]
        total, organic, sponsored = map(count, (value["totalCount"], parts["organicValue"], parts["sponsoredValue"]))
        if row["type"] in ("CTR", "ENGAGEMENT_RATE"):
            assert list(value["totalCount"]) == ["bigDecimal"]
            assert 0 <= total <= 1
        else:
            assert list(value["totalCount"]) == ["long"]
            assert total == organic + sponsored


def test_weeks_months_and_totals_add_the_days_up(client: Client) -> None:
    """Each granularity covers the window without gap or overlap; none gives one element."""
    start = int(datetime(2026, 2, 1, tzinfo=timezone.utc).timestamp() * 1000)
    end = start + (28 + 31) * DAY
    target = "dmaOrganizationalPageContentAnalytics?q=trend&metricTypes=List(IMPRESSIONS)&sourceEntity=" + PAGE
    sums = {}
    for granularity, many in (("DAY", 59), ("WEEK", 9), ("MONTH", 2), (None, 1)):
        found = elements(client, f"{target}&{window(start, end, granularity)}")
        ranges = sorted(row["metric"]["timeIntervals"]["timeRange"].items() for row in found)
        assert len(ranges) == many
        assert {row["metric"]["timeIntervals"].get("timeGranularityType") for row in found} == {granularity}
        sums[granularity] = sum(count(row["metric"]["value"]["totalCount"]) for row in found)
    assert len(set(sums.values())) == 1


def test_a_post_has_figures_for_its_first_month(client: Client, world: World) -> None:
    """From the day of its creation, thirty days; later windows are empty and good."""
    post = world.truth.shown_posts[10]
    target = CONTENT + post.urn.replace(":", "%3A")
    first_day = post.created - post.created % DAY
    days = {
        row["metric"]["timeIntervals"]["timeRange"]["start"]
        for row in elements(client, f"{target}&{window(first_day - 5 * DAY, first_day + 90 * DAY)}")
    }
    assert min(days) == first_day
    assert len(days) == 31
    assert elements(client, f"{target}&{window(first_day + 60 * DAY, first_day + 90 * DAY)}") == []


def test_a_section_is_written_back_when_asked_for(client: Client, world: World) -> None:
    """SourceType stands on elements of a request that named one."""
    asked = f"{EDGE}trend&analyticsType=VISITOR&{window(world.today_ms - 5 * DAY, world.today_ms)}"
    assert not any("sourceType" in row for row in elements(client, asked))
    assert {row["sourceType"] for row in elements(client, f"{asked}&sourceType=JOBS")} == {"JOBS"}


DIMENSIONS = {
    "JOB_FUNCTION": ("urn", "urn:li:function:"),
    "INDUSTRY": ("urn", "urn:li:industry:"),
    "SENIORITY": ("urn", "urn:li:seniority:"),
    "COUNTRY_GEO": ("urn", "urn:li:geo:"),
    "REGION_GEO": ("urn", "urn:li:geo:"),
    "STAFF_COUNT_RANGE": ("staffRangeCount", "SIZE_"),
    "RELATIONSHIP": ("relationship", ""),
}


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("kind", ["FOLLOWER", "VISITOR"])
def test_every_dimension_names_its_values_in_its_own_member(client: Client, kind: str, dimension: str) -> None:
    """StaffRangeCount in this word order, relationship by name, the rest by URN; each value once."""
    member, prefix = DIMENSIONS[dimension]
    found = elements(client, f"{EDGE}dimension&analyticsType={kind}&dimensionType={dimension}")
    values = [row["dimension"]["value"][member] for row in found]
    assert len(values) == len(set(values)) >= 3
    assert all(value.startswith(prefix) for value in values)
    assert {row["dimension"]["type"] for row in found} == {dimension}
    assert not any("timeIntervals" in row for row in found)


def test_a_range_tells_for_visitors_and_not_for_followers(client: Client, world: World) -> None:
    """FOLLOWER answers as of now whatever is asked; VISITOR sums up the range."""
    ranged = f"&timeRange=(start:{world.today_ms - 5 * DAY},end:{world.today_ms})"
    for kind, same in (("FOLLOWER", True), ("VISITOR", False)):
        asked = f"{EDGE}dimension&analyticsType={kind}&dimensionType=SENIORITY"
        plain, in_range = (
            {row["dimension"]["value"]["urn"]: row["value"] for row in elements(client, target)}
            for target in (asked, asked + ranged)
        )
        assert (plain == in_range) is same


@pytest.mark.parametrize(
    "target",
    [
        f"{CONTENT}{PAGE}&",
        f"{EDGE}trend&analyticsType=FOLLOWER&",
        f"{EDGE}trend&analyticsType=VISITOR&",
    ],
)
def test_a_window_before_the_page_answers_500_for_good(client: Client, world: World, target: str) -> None:
    """No activity and before the page was founded: 500 each time; a window that reaches into its life is good."""
    before = window(world.founded_ms - 100 * DAY, world.founded_ms)
    assert [client.get(target + before).status for _ in range(3)] == [500, 500, 500]
    found = elements(client, target + window(world.founded_ms - 100 * DAY, world.founded_ms + DAY))
    assert len(found) in (1, 8)


def test_today_has_no_figures_until_it_is_over(client: Client, world: World) -> None:
    """A window to the end of today stops at its beginning; after a tick the day is there."""
    today = world.today_ms
    target = f"{EDGE}trend&analyticsType=VISITOR&{window(today - 2 * DAY, today + DAY)}"
    assert len(elements(client, target)) == 2
    world.tick()
    assert len(elements(client, target)) == 3


def test_young_figures_still_grow(client: Client, world: World) -> None:
    """The last days are lower than they will be: asked again later, they come with other values."""
    start, end = world.today_ms - 3 * DAY, world.today_ms
    target = f"{CONTENT}{PAGE}&{window(start, end)}"

    def impressions() -> float:
        rows = [row for row in elements(client, target) if row["type"] == "IMPRESSIONS"]
        return sum(count(row["metric"]["value"]["totalCount"]) for row in rows)

    young = impressions()
    world.tick(days=7)
    settled = impressions()
    world.tick(days=7)
    assert young < settled == impressions()


@pytest.mark.parametrize(
    "target",
    [
        f"{CONTENT}{PAGE}&",
        f"{EDGE}trend&analyticsType=FOLLOWER&",
        f"{EDGE}dimension&analyticsType=VISITOR&dimensionType=INDUSTRY&",
    ],
)
def test_a_spent_privacy_budget_answers_zeros(client: Client, world: World, target: str) -> None:
    """With withhold on, every figure is 0 and metadata is not empty; off again, the figures are back."""
    start, end = world.today_ms - 10 * DAY, world.today_ms
    asked = target + (f"timeRange=(start:{start},end:{end})" if "dimension&" in target else window(start, end))

    def figures() -> set[float]:
        return {count((row.get("metric") or row)["value"]["totalCount"]) for row in elements(client, asked)}

    assert figures() != {0.0}
    world.withhold = True
    assert figures() == {0.0}
    assert client.get(asked).body["metadata"]
    world.withhold = False
    assert figures() != {0.0}
