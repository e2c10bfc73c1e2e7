"""Analytics of posts by age: less often as they grow older, and the same tables in the end."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from email.message import Message
from types import SimpleNamespace
from typing import Any, cast

import pytest

from linkedin_sandbox.query import read_query
from tap_linkedin_dma import tap
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams.analytics.post_analytics import CreatorAnalytics, PostContentTrend
from tap_linkedin_dma.streams.analytics.post_schedule import PostSchedule
from tap_linkedin_dma.streams.feed.coverage import PostScan
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.streams.organizations import Organizations
from tests.support.clock import START
from tests.support.plain import DAY_LIMIT, DAY_MS, NOW_MS, PlainLinkedIn, urn_of
from tests.support.tables import Tables, run_into

CONTENT = "dmaOrganizationalPageContentAnalytics"
CREATOR = "dmaCreatorAnalytics"
STREAMS = {"post_content_trend", "creator_analytics"}
WINDOW, DAYS = 200, 120
RUN_DAYS = 84
"""Of whole runs, which take longer: more than twice the longest step."""
TODAY = NOW_MS // DAY_MS


class Measured(PlainLinkedIn):
    """A LinkedIn with a figure for each post and day, which grows until it is three days old, and what was loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = Tables()

    @property
    def today(self) -> int:
        """Days since 1970."""
        return self.world.today_ms // DAY_MS

    def respond(self, method: str, path: str, query: str, body: bytes, headers: Message) -> dict[str, Any]:
        if path.endswith(CREATOR):
            return {"elements": [{"metricType": "IMPRESSION", "count": self.today}]}
        if not path.endswith(CONTENT):
            return super().respond(method, path, query, body, headers)
        asked = cast("Any", read_query(query))
        urn, (start, end) = asked["sourceEntity"], span(asked)
        days = range(max(start, first_day(urn)), min(end, self.today))
        return {"elements": [element(day, figure(urn, day, self.today)) for day in days]}

    def asked_about(self, resource: str = CONTENT) -> dict[str, tuple[int, int]]:
        """The posts that were asked about, with the days before and after the first of these tests."""
        asked = [cast("Any", read_query(request.asked)) for request in self.requests_to(resource)]
        if resource == CREATOR:
            return {query["targetEntity"]: (0, 0) for query in asked}
        return {query["sourceEntity"]: (span(query)[0] - TODAY, span(query)[1] - TODAY) for query in asked}


def span(asked: Any) -> tuple[int, int]:
    limits = asked["timeIntervals"]["timeRange"]
    return int(limits["start"]) // DAY_MS, int(limits["end"]) // DAY_MS


def published(urn: str) -> int:
    return int(urn.rpartition(":")[2]) >> 22


def first_day(urn: str) -> int:
    return published(urn) // DAY_MS


def figure(urn: str, day: int, today: int) -> int:
    full = 1000 + (published(urn) // 997 + day) % 500
    return full if today - day > 3 else full * 4 // 5


def element(day: int, value: int) -> dict[str, Any]:
    limits = {"timeRange": {"start": day * DAY_MS, "end": (day + 1) * DAY_MS}, "timeGranularityType": "DAY"}
    return {"type": "IMPRESSIONS", "metric": {"timeIntervals": limits, "value": {"totalCount": {"long": value}}}}


@pytest.fixture
def linkedin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Measured]:
    """Serves a tap that has these streams alone: to make all others takes longer than the runs."""
    monkeypatch.setattr(tap, "STREAMS", [Organizations, Posts, PostContentTrend, CreatorAnalytics])
    serving = Measured()
    with serving:
        yield serving


def load(linkedin: Measured, messages: int | None = None, **config: Any) -> None:
    """One run into the tables, whose requests alone are kept."""
    linkedin.clear()
    settings = {"organizations": [linkedin.organization], "engagement_window_days": WINDOW, **config}
    run_into(linkedin.tables, linkedin, STREAMS, messages, **settings)


def add_posts(linkedin: Measured, *ages: float) -> list[str]:
    """Posts so many days old, of which both streams have figures."""
    return [add_post(linkedin, urn_of(age, place)) for place, age in enumerate(ages)]


def add_post(linkedin: Measured, urn: str, place: int | None = None) -> str:
    """A post that was published as soon as it was made."""
    return linkedin.add_post(urn, place, content={"article": {"title": "News"}}, publishedAt=published(urn))


def figures(linkedin: Measured) -> dict[tuple[str, int], int]:
    """The figures in the table, by post and day."""
    rows = linkedin.tables.of("post_content_trend").values()
    return {(row["post"], parse_ms(row["start"]) // DAY_MS): row["total_count"] for row in rows}


def all_figures(posts: Iterable[str], today: int) -> dict[tuple[str, int], int]:
    """Those of all days of some posts, as LinkedIn gives them on a day."""
    return {(urn, day): figure(urn, day, today) for urn in posts for day in range(first_day(urn), today)}


def test_after_84_days_the_tables_are_those_of_a_run_over_all_posts_each_day(linkedin: Measured) -> None:
    """To the row, for all days older than the longest step, of posts that have left the window too."""
    posts = add_posts(linkedin, *(0.6 + 21 * place for place in range(16)))
    last_read = dict.fromkeys(posts, TODAY)
    asked = asked_each_day = 0
    for day in range(RUN_DAYS):
        if day % 21 == 20:
            posts.append(add_post(linkedin, urn_of(0.6 - day, day), place=0))
        load(linkedin)
        window = {urn for urn in posts if published(urn) >= linkedin.world.now_ms - WINDOW * DAY_MS}
        last_read |= dict.fromkeys(window, linkedin.today)
        asked += len(linkedin.asked_about()) if day else 0
        asked_each_day += len(window) if day else 0
        linkedin.tick()
    today = linkedin.today - 1
    every_day = {key: value for urn in posts for key, value in all_figures([urn], last_read[urn]).items()}
    old = today - 28
    assert {key: value for key, value in figures(linkedin).items() if key[1] < old} == {
        key: value for key, value in every_day.items() if key[1] < old
    }
    assert len(every_day) > 2500
    totals = {row["target_entity"]: row["total_count"] for row in linkedin.tables.of("creator_analytics").values()}
    ages = {urn: today - first_day(urn) for urn in posts}
    steps = {urn: 0 if age < 28 or age > WINDOW else 6 if age < 90 else 27 for urn, age in ages.items()}
    late = {urn: last_read[urn] - totals[urn] for urn in posts}
    assert {urn: (ages[urn], days) for urn, days in late.items() if not 0 <= days <= steps[urn]} == {}
    assert asked < asked_each_day / 2.4


def test_500_posts_of_a_year_take_64_requests_a_day() -> None:
    """No day takes many more, no post waits longer than its step, and the state stays small."""
    state: dict[str, Any] = {}
    made = [NOW_MS - (500 - place) * 365 * DAY_MS // 500 for place in range(500 + 500 * DAYS // 365)]
    posts: list[dict[str, Any]] = [
        {"organization": "x", "post": f"urn:li:share:{(at << 22) + 7}", "post_time": at} for at in made
    ]
    requests = []
    read_on: dict[str, int] = defaultdict(int)
    for day in range(DAYS):
        now = START.add(days=day)
        now_ms = NOW_MS + day * DAY_MS
        stream = SimpleNamespace(
            run_context=SimpleNamespace(started_at=now),
            config={"post_analytics_schedule": "by_age", "engagement_window_days": 365},
            state_of=lambda _: state,
            is_full_table=False,
            start=None,
        )
        schedule = PostSchedule(cast("DmaStream", stream))
        window = [post for post in posts if now_ms - 365 * DAY_MS <= post["post_time"] < now_ms]
        due = [post for post in window if schedule.is_due(post)]
        for post in due:
            schedule.record(post)
        requests.append(len(due))
        read_on |= {post["post"]: day for post in due}
        schedule.on_scan_finished(posts[0], PostScan(times={post["post"]: post["post_time"] for post in window}))
        assert all(day - read_on[post["post"]] < 28 for post in window)
    first, *later = requests
    assert first == 500
    assert 60 <= sum(later) / len(later) <= 68
    assert max(later) <= 90
    assert len(json.dumps(state)) < 500 * 12


@pytest.mark.parametrize("changed", ["comments", "reactions"])
def test_a_post_whose_counts_have_changed_is_due_at_once(linkedin: Measured, changed: str) -> None:
    """All days since it was last read are requested, with the look-back; the other post waits."""
    _, post = add_posts(linkedin, 100, 120)
    load(linkedin)
    linkedin.tick(3)
    if changed == "comments":
        linkedin.count(post, comments=3)
    else:
        linkedin.add_reactions(post, 1)
    load(linkedin)
    assert linkedin.asked_about() == {post: (-7, 3)}
    assert [*linkedin.asked_about(CREATOR)] == [post]
    linkedin.tick()
    load(linkedin)
    assert not linkedin.asked_about()


@pytest.mark.parametrize("fault", [500, 403, 503, "withheld"])
def test_a_post_whose_request_failed_is_due_at_once(linkedin: Measured, fault: int | str) -> None:
    """The next run reads it, however seldom its age has it read, and the other post waits."""
    posts = add_posts(linkedin, 100, 120)
    linkedin.tick()
    withheld = {"elements": [element(TODAY - 1, 0)], "metadata": {"privacyBudgetRefreshesAt": NOW_MS}}
    status, body = (200, withheld) if fault == "withheld" else (int(fault), None)
    linkedin.answer(CONTENT, status, body=body, when=linkedin.encoded(posts[1]), times=None)
    with suppress(DmaError):
        load(linkedin)
    assert {urn for urn, _ in figures(linkedin)} == {posts[0]}
    linkedin.clear_answers()
    linkedin.tick()
    load(linkedin)
    assert [*linkedin.asked_about()] == [posts[1]]
    read_to = TODAY + 1 if fault in (500, 403) else TODAY + 2
    assert {key for key in figures(linkedin) if key[0] == posts[1]} == all_figures([posts[1]], read_to).keys()


def test_a_request_that_fails_for_days_is_made_until_it_is_answered(linkedin: Measured) -> None:
    """No other request of the next weeks has the same days; a run each day would not have lost them either."""
    (post,) = add_posts(linkedin, 100)
    load(linkedin)
    linkedin.tick(28)
    linkedin.answer(CONTENT, 500, times=None)
    for _ in range(5):
        load(linkedin)
        assert linkedin.asked_about()
        linkedin.tick()
    linkedin.clear_answers()
    load(linkedin)
    assert figures(linkedin).keys() == all_figures([post], TODAY + 28).keys()
    load(linkedin)
    assert not linkedin.asked_about()


@pytest.mark.parametrize("messages", [None, 60, 150])
def test_a_run_that_was_cut_off_is_continued(linkedin: Measured, messages: int | None) -> None:
    """By a daily limit, or killed: the next one reads the posts that are left, young ones too, and no day is lost."""
    posts = add_posts(linkedin, 10, 40, 100, 120, 150)
    load(linkedin)
    linkedin.tick(30)
    if messages is None:
        linkedin.answer(CONTENT, 429, body=DAY_LIMIT, when=linkedin.encoded(posts[2]), times=None)
    with suppress(DmaError):
        load(linkedin, messages)
    done = {urn for urn, day in figures(linkedin) if day == TODAY + 29}
    assert done < {*posts}
    linkedin.clear_answers()
    load(linkedin)
    assert figures(linkedin) == all_figures(posts, TODAY + 30)
    assert messages or not done & linkedin.asked_about().keys()


def test_a_post_that_left_the_window_between_two_runs_is_read_up_to_the_last(linkedin: Measured) -> None:
    """Once, for the days since it was last read."""
    _, post = add_posts(linkedin, 0.1, WINDOW - 6.5)
    load(linkedin)
    linkedin.tick(4)
    load(linkedin)
    assert not linkedin.asked_about().get(post)
    linkedin.tick(5)
    load(linkedin)
    assert linkedin.asked_about()[post] == (-7, 4)
    load(linkedin)
    assert post not in linkedin.asked_about()
    (partition,) = linkedin.tables.state["bookmarks"]["post_content_trend"]["partitions"]
    assert len(json.dumps(partition["read_to"])) < 45


def former(state: dict[str, Any]) -> None:
    """What an earlier release left: one day for all posts."""
    for stream in STREAMS:
        for partition in state["bookmarks"][stream]["partitions"]:
            del partition["read_to"], partition["scanned_on"]


@pytest.mark.parametrize(
    ("first", "second", "changes", "since"),
    [
        ({"post_analytics_schedule": "off"}, {}, None, {}),
        ({}, {"post_analytics_schedule": "off"}, None, {0: -7, 1: -7}),
        ({}, {}, former, {0: -7, 1: -7}),
        ({}, {}, dict.clear, {0: -100, 1: -120}),
        ({"start_date": format_ms(NOW_MS - 110 * DAY_MS)}, {}, None, {1: -120}),
        ({}, {"start_date": format_ms(NOW_MS - 110 * DAY_MS)}, None, {}),
    ],
    ids=["on", "off", "former state", "no state", "earlier start", "later start"],
)
def test_other_settings_or_another_state_lose_no_day(
    linkedin: Measured,
    first: dict[str, Any],
    second: dict[str, Any],
    changes: Callable[[Any], None] | None,
    since: dict[int, int],
) -> None:
    """A post is read from where it was read to, if that is known, and else from its first day."""
    posts = add_posts(linkedin, 100, 120)
    load(linkedin, **first)
    if changes:
        changes(linkedin.tables.state)
    linkedin.tick()
    load(linkedin, **second)
    assert linkedin.asked_about() == {posts[place]: (start, 1) for place, start in since.items()}
