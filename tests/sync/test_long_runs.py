"""Runs of hours or of years of posts: rows leave soon, a limit loses nothing, the state stays small."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pendulum
import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DailyLimit
from tap_linkedin_dma.state.packing import Hashes
from tests.support.clock import FakeClock
from tests.support.plain import FEED, PlainLinkedIn, read, urn_of
from tests.support.runs import UNPACED, Run, make_tap, run

ENGAGEMENT = {"posts", "social_metadata", "comments", "reactions"}
PACED = {**UNPACED, FEED: 60}
DAY_LIMIT = {
    "status": 429,
    "serviceErrorCode": 101,
    "code": "TOO_MANY_REQUESTS",
    "message": "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached.",
}


@pytest.mark.parametrize(("max_concurrency", "most"), [(1, 3), (4, 40)])
def test_rows_leave_soon_at_one_listing_a_minute(linkedin: PlainLinkedIn, max_concurrency: int, most: int) -> None:
    """Not when fifty are found, which would take an hour; workers may be some listings ahead."""
    for days in range(1, 101):
        linkedin.add_comments(linkedin.add_post(urn_of(days)), 1)
    config: dict[str, Any] = {"max_concurrency": max_concurrency, "request_intervals": PACED}
    tap, writer = make_tap(linkedin, select={"comments"}, organizations=[linkedin.organization], **config)
    asked_before: list[int] = []
    write = writer.write_lines

    def note(lines: str) -> None:
        asked = len(linkedin.asked("commentsOnEntity"))
        asked_before.extend([asked] * lines.count('{"type":"RECORD","stream":"comments"'))
        write(lines)

    writer.write_lines = note  # type: ignore[method-assign]
    tap.sync_all()
    assert asked_before[0] <= most
    assert len(asked_before) == 100


@pytest.mark.parametrize("paced", [False, True])
@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_a_daily_limit_keeps_what_was_listed_before_it(
    linkedin: PlainLinkedIn, max_concurrency: int, paced: bool
) -> None:
    """The rows have left and the last STATE holds their posts, so the next run asks for the rest alone."""
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 31)]
    comments = {post: linkedin.add_comments(post, 3) for post in posts}
    before, rest = posts[:20], posts[20:]
    for post in rest:
        when = f"commentsOnEntity&entity={linkedin.encoded(post)}"
        linkedin.answer(FEED, status=429, body=DAY_LIMIT, when=when, times=None)
    config: dict[str, Any] = {
        "max_concurrency": max_concurrency,
        "request_intervals": PACED if paced else UNPACED,
        "organizations": [linkedin.organization],
    }
    tap, writer = make_tap(linkedin, select=ENGAGEMENT, **config)
    with pytest.raises(DailyLimit, match="resets at 00:00 UTC"):
        tap.sync_all()
    limited = Run(writer.messages)
    assert limited.messages[-1]["type"] == "STATE"
    # Side by side, one of the last before the limit may meet it too, and then those behind it are not listed.
    listed = len(limited.records["comments"]) // 3
    assert len(before) - max_concurrency < listed <= len(before)
    before, rest = posts[:listed], posts[listed:]
    assert limited.values("comments", "urn") == [urn for post in before for urn in comments[post]]
    settled = Hashes(limited.state_of("comments", linkedin.organization), "counts")
    assert [post for post in posts if f"{post.removeprefix('urn:li:')} 3/3" in settled] == before
    linkedin.clear_answers()
    linkedin.clear()
    resumed = run(linkedin, limited.state, ENGAGEMENT, **config)
    assert resumed.values("comments", "urn") == [urn for post in rest for urn in comments[post]]
    asked = " ".join(linkedin.asked("commentsOnEntity"))
    assert [post for post in posts if linkedin.encoded(post) in asked] == rest


@pytest.mark.parametrize("small", ["urn:li:groupPost:900-456", "urn:li:share:1"])
def test_a_post_of_a_small_number_does_not_end_the_walk(linkedin: PlainLinkedIn, small: str) -> None:
    """A group post's number tells no time: it leaves once, and the posts after it are met."""
    linkedin.page_size = 3
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 8)]
    first = read(linkedin, ENGAGEMENT)
    linkedin.add_post(small, place=2)
    comments = linkedin.add_comments(posts[5], 1)
    second = read(linkedin, ENGAGEMENT, first.state)
    assert first.values("posts", "id") == posts
    assert second.values("posts", "id") == [small]
    assert second.values("comments", "urn") == comments
    third = read(linkedin, ENGAGEMENT, second.state)
    assert not third.records["posts"]
    assert not third.records["comments"]


@pytest.mark.parametrize("page_size", [2, 1000])
def test_posts_whose_numbers_tell_no_time_leave_once(linkedin: PlainLinkedIn, page_size: int) -> None:
    linkedin.page_size = page_size
    posts = [linkedin.add_post(f"urn:li:share:{number}") for number in (3, 2, 1)]
    comments = [urn for post in posts for urn in linkedin.add_comments(post, 1)]
    first = read(linkedin, ENGAGEMENT)
    assert first.values("posts", "id") == posts
    assert first.values("comments", "urn") == comments
    new = linkedin.add_post("urn:li:share:4", place=0)
    new_comment = linkedin.add_comments(new, 1)
    second = read(linkedin, ENGAGEMENT, first.state)
    assert second.values("posts", "id") == [new]
    assert second.values("comments", "urn") == new_comment
    third = read(linkedin, ENGAGEMENT, second.state)
    assert not third.records["posts"]
    assert not third.records["comments"]


def test_a_run_that_crosses_midnight_keeps_its_day(linkedin: PlainLinkedIn) -> None:
    """One day's counts and audiences would be two half days' else."""
    linkedin.page_size = 2
    for days in range(1, 8):
        linkedin.add_post(urn_of(days))
    clock = FakeClock(pendulum.datetime(2026, 3, 1, 23, 58, 30, tz="UTC"))
    edge = {**PACED, "dmaOrganizationalPageEdgeAnalytics": 60}
    select = {"social_metadata", "follower_demographics"}
    config: dict[str, Any] = {"request_intervals": edge, "organizations": [linkedin.organization]}
    tap, writer = make_tap(linkedin, select=select, clock=clock, **config)
    tap.sync_all()
    result = Run(writer.messages)
    assert clock.now().to_date_string() == "2026-03-02"
    for stream in select:
        assert set(result.values(stream, "snapshot_date")) == {"2026-03-01"}
    assert len(result.records["social_metadata"]) == 7
    assert len(result.records["follower_demographics"]) > 7


def test_days_of_a_start_date_are_those_of_utc(sandbox: Sandbox) -> None:
    """Midnight in Berlin is the evening before in UTC, whose day is read whole; a half day would be refused."""
    company = sandbox.world.truth.organizations[0].urn
    begins = int(pendulum.datetime(2026, 1, 31, tz="UTC").timestamp() * 1000)
    select = {"page_content_trend", "follower_trend", "visitor_trend"}
    result = run(sandbox, select=select, organizations=[company], start_date="2026-02-01T00:00:00+02:00")
    asked = [request for request in sandbox.requests if "Analytics" in request.resource]
    assert Counter(f"start:{begins}," in request.asked for request in asked) == {True: 3}
    assert {request.status for request in asked} == {200}
    assert set(result.records) == select
