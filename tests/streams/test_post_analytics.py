"""Analytics of posts that sum up their life, and what creators are told: which posts, how often, and what ends it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from linkedin_sandbox.world.posts import DAY_MS
from tap_linkedin_dma.api.errors import DailyLimit
from tests.support.logs import warnings
from tests.support.plain import DAY_LIMIT
from tests.support.runs import cut, run

CONTENT = "dmaOrganizationalPageContentAnalytics"
CREATOR = "dmaCreatorAnalytics"
SUMS = {"post_demographics": 35, "post_gestures": 1}
"""The streams, and what they ask for each post."""

FINDERS = {"post_demographics": "postDimension", "post_gestures": "postGestures"}
START = "2026-01-20"
START_MS = int(datetime.fromisoformat(START).replace(tzinfo=timezone.utc).timestamp() * 1000)
BAD = {"status": 400, "code": "ILLEGAL_ARGUMENT"}


@pytest.fixture
def company(sandbox: Sandbox) -> str:
    """The URN of the first organization."""
    return sandbox.world.truth.organizations[0].urn


@pytest.fixture
def posts(sandbox: Sandbox, company: str) -> list[str]:
    """The company's posts since the start date that LinkedIn has figures of, newest first."""
    shown = [post for post in reversed(sandbox.world.truth.shown_posts) if post.organization.urn == company]
    return [post.urn for post in shown if START_MS <= post.created < sandbox.world.today_ms]


@pytest.fixture
def options(company: str) -> dict[str, Any]:
    """The settings with which these posts are read."""
    return {"organizations": [company], "start_date": START}


def asks(sandbox: Sandbox, finder: str) -> Counter[str]:
    """How often a finder was asked about each post."""
    asked = [request.asked for request in sandbox.requests if request.finder == finder]
    return Counter(
        part.split("=")[1].replace("%3A", ":") for one in asked for part in one.split("&") if "ntity=" in part
    )


@pytest.mark.parametrize("stream", sorted(SUMS))
def test_each_post_is_asked_about_once_and_again_while_young(
    sandbox: Sandbox, options: dict[str, Any], posts: list[str], stream: str
) -> None:
    """The sums of an old post do not change any more."""
    first = run(sandbox, select={stream}, **options)
    asked = asks(sandbox, FINDERS[stream])
    assert {urn: asked[urn] for urn in posts} == dict.fromkeys(posts, SUMS[stream])
    sandbox.clear()
    run(sandbox, first.state, {stream}, **options, analytics_lookback_days=20)
    since = sandbox.world.now_ms - 20 * DAY_MS
    young = {urn for urn in posts if int(urn.rpartition(":")[2]) >> 22 >= since}
    assert {*asks(sandbox, FINDERS[stream])} & {*posts} == young
    assert 0 < len(young) < len(posts)


def test_a_post_is_asked_by_metric_and_dimension(sandbox: Sandbox, options: dict[str, Any], posts: list[str]) -> None:
    """The row says which, whether or not LinkedIn does, and wherever the dimension stands."""
    rows = run(sandbox, select={"post_demographics"}, **options).records["post_demographics"]
    urn_types = Counter((row["post"], row["type"], row["dimension_type"]) for row in rows)
    assert {post for post, _, _ in urn_types} == set(posts)
    assert len(urn_types) == 35 * len(posts)
    assert all(row["dimension_value"] and row["total_count"] is not None for row in rows)
    assert any(row["dimension_value"].startswith("urn:li:") for row in rows)
    assert any(row["dimension_value"].startswith("SIZE_") for row in rows)


def test_a_dimension_linkedin_does_not_know_is_left_out(
    sandbox: Sandbox, options: dict[str, Any], posts: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """With one warning, for the rest of the run; the other dimensions are read for every post."""
    sandbox.answer(CONTENT, status=400, body=BAD, when="dimensionType=INDUSTRY", times=None)
    result = run(sandbox, select={"post_demographics"}, **options)
    dimensions = Counter(row["dimension_type"] for row in result.records["post_demographics"])
    assert len(dimensions) == 6
    assert {row["post"] for row in result.records["post_demographics"]} == set(posts)
    asked = [request for request in sandbox.requests if "dimensionType=INDUSTRY" in request.asked]
    assert len(asked) == 1
    assert ["skipped" in text and "INDUSTRY" in text for text in warnings(caplog, "post_demographics")].count(True) == 1


def test_a_metric_that_linkedin_names_as_wrong_takes_no_dimension_along(
    sandbox: Sandbox, options: dict[str, Any]
) -> None:
    """All dimensions of the other metrics are read."""
    named = {**BAD, "errorDetails": {"inputErrors": [{"input": {"inputPath": {"fieldPath": "metricType"}}}]}}
    sandbox.answer(CONTENT, status=400, body=named, when="metricType=CLICKS", times=None)
    rows = run(sandbox, select={"post_demographics"}, **options).records["post_demographics"]
    assert len({(row["type"], row["dimension_type"]) for row in rows}) == 4 * 7
    assert "CLICKS" not in {row["type"] for row in rows}


@pytest.mark.parametrize(("stream", "max_concurrency"), [("post_demographics", 1), ("post_gestures", 4)])
def test_a_cut_run_goes_on_with_the_posts_still_owed(
    sandbox: Sandbox, options: dict[str, Any], posts: list[str], stream: str, max_concurrency: int
) -> None:
    """Thirty-five calls a post would never come to an end else."""
    options["max_concurrency"] = max_concurrency
    whole = run(sandbox, select={stream}, **options)
    when = f"sourcePostEntity={posts[3].replace(':', '%3A')}"
    sandbox.answer(CONTENT, status=429, body=DAY_LIMIT, when=when, times=None)
    limited = cut(sandbox, None, {stream}, by=DailyLimit, **options)
    told = {*limited.values(stream, "post")} & {*posts}
    # Side by side the limit may be met before the posts ahead of this one are told.
    assert told == {*posts[:3]} if max_concurrency == 1 else told <= {*posts[:3]}
    sandbox.clear_answers()
    sandbox.clear()
    rest = run(sandbox, limited.state, {stream}, **options)
    assert {*asks(sandbox, FINDERS[stream])} & {*posts} == {*posts} - told
    assert len(limited.records[stream]) + len(rest.records[stream]) == len(whole.records[stream])
    assert "asked" not in rest.state_of(stream, options["organizations"][0])


@pytest.mark.parametrize("stream", sorted(SUMS))
def test_withheld_zeros_do_not_leave_and_are_asked_for_again(
    sandbox: Sandbox, options: dict[str, Any], posts: list[str], stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    """However old the post; what was told before is not asked for on top, and one answer tells it of a post."""
    sandbox.world.withhold = True
    withheld = run(sandbox, select={stream}, **options)
    assert not withheld.records[stream]
    assert {asks(sandbox, FINDERS[stream])[urn] for urn in posts} == {1}
    assert any('"privacyBudgetRefreshesAt": "20' in text for text in warnings(caplog, stream))
    sandbox.world.withhold = False
    sandbox.clear()
    later = run(sandbox, withheld.state, {stream}, **options)
    assert {*later.values(stream, "post")} >= {*posts}
    sandbox.clear()
    run(sandbox, later.state, {stream}, **options)
    assert posts[-1] not in asks(sandbox, FINDERS[stream])


@pytest.mark.parametrize("stream", sorted([*SUMS, "creator_analytics"]))
def test_a_post_that_is_not_answered_holds_up_no_other(sandbox: Sandbox, options: dict[str, Any], stream: str) -> None:
    """Its rows alone are missing."""
    column = "target_entity" if stream == "creator_analytics" else "post"
    whole = run(sandbox, select={stream}, **options).records[stream]
    last = whole[-1][column]
    others = [row for row in whole if row[column] != last]
    assert others
    for status in (403, 404, 500):
        sandbox.clear_answers()
        for resource in (CONTENT, CREATOR):
            sandbox.answer(resource, status, body={"status": status}, when=last.replace(":", "%3A"), times=None)
        assert run(sandbox, select={stream}, **options).records[stream] == others


def test_creators_are_told_of_videos_articles_and_references(sandbox: Sandbox, company: str) -> None:
    """No other post is asked about."""
    result = run(sandbox, select={"creator_analytics"}, organizations=[company])
    urn_types = {
        post.urn: post.content_kind for post in sandbox.world.truth.shown_posts if post.organization.urn == company
    }
    wanted = {urn for urn, kind in urn_types.items() if kind in ("video", "article", "reference")}
    assert len({urn_types[urn] for urn in wanted}) == 3
    assert asks(sandbox, "targetEntity").keys() == wanted == set(result.values("creator_analytics", "target_entity"))


@pytest.mark.parametrize(("stream", "max_concurrency"), [("creator_analytics", 4), ("post_gestures", 1)])
def test_a_first_refusal_of_the_request_is_the_last_of_the_run(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, stream: str, max_concurrency: int
) -> None:
    """One call, for all organizations; the next run tries again, and reads all."""
    for resource in (CONTENT, CREATOR):
        sandbox.answer(resource, status=400, body=BAD, times=None)
    options: dict[str, Any] = {"max_concurrency": max_concurrency}
    first = run(sandbox, select={stream, "posts"}, **options)
    assert first.records["posts"]
    assert not first.records[stream]
    assert len([one for one in sandbox.requests if one.resource in (CONTENT, CREATOR)]) == 1
    assert len(warnings(caplog, stream)) == len(sandbox.world.truth.organizations)
    sandbox.clear_answers()
    second = run(sandbox, first.state, {stream, "posts"}, **options)
    assert second.records[stream] == run(sandbox, select={stream}, **options).records[stream]


def test_a_later_refusal_of_the_request_is_one_post_s(sandbox: Sandbox, company: str) -> None:
    """LinkedIn has answered others, so the request is good."""
    whole = run(sandbox, select={"creator_analytics"}, organizations=[company])
    about = list(dict.fromkeys(whole.values("creator_analytics", "target_entity")))
    sandbox.answer(CREATOR, status=400, body=BAD, when=about[1].replace(":", "%3A"), times=None)
    result = run(sandbox, select={"creator_analytics"}, organizations=[company])
    assert list(dict.fromkeys(result.values("creator_analytics", "target_entity"))) == [about[0], *about[2:]]
