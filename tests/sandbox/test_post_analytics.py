"""Figures of one post: by audience, by what was clicked, and of the video, article or reference it holds."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import World
from linkedin_sandbox.world.posts import Post
from tests.sandbox.client import DAY, Client
from tests.sandbox.listings import pages
from tests.sandbox.test_analytics import DIMENSIONS, count, elements

CONTENT = "dmaOrganizationalPageContentAnalytics?q="
CREATOR = "dmaCreatorAnalytics?q=targetEntity&targetEntity="
RIGHT = "&metricType=IMPRESSIONS&dimensionType=SENIORITY"


def old_post(world: World, kind: str | None = None) -> Post:
    """A post that has figures for its whole first month, of a kind of content if so asked."""
    posts = (post for post in world.truth.shown_posts if world.now_ms - post.created > 60 * DAY)
    return next(post for post in posts if kind in (None, post.content_kind))


def dimension(urn: str, more: str = RIGHT) -> str:
    """The request for a post's audience."""
    return f"{CONTENT}postDimension&sourcePostEntity={quote(urn, safe='')}{more}"


@pytest.mark.parametrize("kind", DIMENSIONS)
def test_an_audience_has_one_element_per_value(client: Client, world: World, kind: str) -> None:
    """Each value once, in the dimension's own member, with wrapped counts that add up, whatever the metric."""
    for metric in ("IMPRESSIONS", "REACTIONS", "COMMENTS", "REPOSTS", "CLICKS"):
        found = elements(client, dimension(old_post(world).urn, f"&metricType={metric}&dimensionType={kind}"))
        places = [element.get("dimension") or element["metric"]["dimension"] for element in found]
        values = [place["value"][DIMENSIONS[kind][0]] for place in places]
        assert len(values) == len(set(values)) >= 3
        assert {place["type"] for place in places} == {kind}
        for element in found:
            value = element["metric"]["value"]
            parts = value["typeSpecificValue"]["contentAnalyticsValue"]
            assert count(value["totalCount"]) == count(parts["organicValue"]) + count(parts["sponsoredValue"])


def test_a_dimension_stands_in_one_of_two_places(client: Client, world: World) -> None:
    """Beside the metric of some posts, inside it of others; never in both."""
    found = [element for urn in world.truth.posts[:12] for element in elements(client, dimension(urn))]
    assert {("dimension" in element, "dimension" in element["metric"]) for element in found} == {
        (True, False),
        (False, True),
    }
    assert {"type" in element for element in found} == {"sourceEntity" in element for element in found} == {True, False}
    assert "futureNested" in json.dumps(found)


def test_an_audience_has_seen_something(client: Client, world: World) -> None:
    """Not every figure is 0 until the privacy budget is spent; then metadata says so."""
    target = dimension(old_post(world).urn)

    def figures() -> set[float]:
        return {count(element["metric"]["value"]["totalCount"]) for element in elements(client, target)}

    assert figures() != {0.0}
    world.withhold = True
    assert figures() == {0.0}
    assert client.get(target).body["metadata"]


def test_gestures_are_passed_on_as_they_come(client: Client, world: World) -> None:
    """One type comes twice, one element has a URN instead and one nothing at all."""
    target = f"{CONTENT}postGestures&sourcePostEntity={quote(old_post(world).urn, safe='')}"
    found = elements(client, target)
    assert sorted(Counter(element.get("type", "") for element in found).values()) == [1, 2, 2]
    assert [("type" in element, "urn" in element) for element in found].count((False, False)) == 1
    assert [("type" in element, "urn" in element) for element in found].count((False, True)) == 1
    assert any(count(element["metric"]["value"]["totalCount"]) for element in found)
    world.withhold = True
    assert {count(element["metric"]["value"]["totalCount"]) for element in elements(client, target)} == {0.0}


def creator_rows(client: Client, post: Post, more: str = "") -> list[dict[str, Any]]:
    """Every element of a post's creator analytics."""
    return [row for page in pages(client, f"{CREATOR}{quote(post.urn, safe='')}{more}") for row in page["elements"]]


def metric_of(row: dict[str, Any]) -> str:
    """The metric's name, whichever shape it has."""
    metric = row["metricType"]
    return str(metric["type"] if isinstance(metric, dict) else metric)


@pytest.mark.parametrize(("kind", "totals", "daily"), [("video", 8, 6), ("article", 5, 5), ("reference", 5, 5)])
def test_what_a_post_holds_has_figures(client: Client, world: World, kind: str, totals: int, daily: int) -> None:
    """Over two pages: one total per metric, and the first days of what is counted by day."""
    post = old_post(world, kind)
    rows = creator_rows(client, post)
    assert len(list(pages(client, f"{CREATOR}{quote(post.urn, safe='')}"))) > 1
    assert [len([row for row in rows if ("dateRange" in row) is days]) for days in (False, True)] == [totals, 3 * daily]
    assert len({(metric_of(row), str(row.get("dateRange"))) for row in rows}) == len(rows)
    assert {type(row["metricType"]) for row in rows} == {str, dict}
    assert all(isinstance(row["count"], int) for row in rows)


def test_a_query_type_and_an_aggregation_narrow_the_figures(client: Client, world: World) -> None:
    """Each by one word."""
    post = old_post(world, "video")
    assert [metric_of(row) for row in creator_rows(client, post, "&queryType=VIDEO_PLAY&aggregation=TOTAL")] == [
        "VIDEO_PLAY"
    ]
    assert all("dateRange" in row for row in creator_rows(client, post, "&aggregation=DAILY"))
