"""Whole runs where LinkedIn refuses, throttles or fails: what goes on, and what the user is told."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DailyLimit, DmaError
from tap_linkedin_dma.api.rate_limits import RateLimiter
from tests.support.clock import FakeClock
from tests.support.logs import warnings
from tests.support.plain import FEED, PlainLinkedIn
from tests.support.runs import UNPACED, Run, clock_of, make_tap, run

DENIED = {
    "status": 403,
    "serviceErrorCode": 100,
    "code": "ACCESS_DENIED",
    "message": "Not enough permissions to access: dmaFeedContentsExternal.FINDER-postsByAuthor.20260501",
}


@pytest.fixture
def organizations(sandbox: Sandbox) -> list[str]:
    """The URNs of the two organizations."""
    return [organization.urn for organization in sandbox.world.truth.organizations]


def test_a_refused_organization_is_skipped_and_the_others_go_on(
    sandbox: Sandbox, organizations: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """One warning, which says what to do; nothing of it is taken for read."""
    company, showcase = organizations
    sandbox.answer(FEED, status=403, body=DENIED, when=PlainLinkedIn.encoded(company), times=None)
    result = run(sandbox, select={"posts", "page_profiles"})
    assert set(result.values("posts", "organization")) == {showcase}
    assert set(result.values("page_profiles", "organization")) == {company, showcase}
    number = company.rpartition(":")[2]
    [told] = warnings(caplog, f"posts: skipped organization {number}")
    assert "dmaFeedContentsExternal.FINDER-postsByAuthor" in told
    assert "r_dma_admin_pages_content" in told
    assert "replication_key_value" not in result.state_of("posts", company)


def test_an_organization_without_a_role_is_named(
    sandbox: Sandbox, organizations: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """It is missing from the batch; the others are read."""
    result = run(sandbox, select={"organizations"}, organizations=["90419977", organizations[0]])
    assert result.values("organizations", "organization") == [organizations[0]]
    assert any("skipped organization 90419977. LinkedIn does not show it." in text for text in warnings(caplog))


def test_no_organization_at_all_is_an_error(sandbox: Sandbox) -> None:
    """An empty run would look like a good one."""
    with pytest.raises(DmaError, match="LinkedIn shows none of the organizations to read"):
        run(sandbox, select={"posts"}, organizations=["90419977"])
    empty = {"elements": [], "paging": {"start": 0, "count": 100, "links": []}}
    sandbox.answer("dmaOrganizationAcls", status=200, body=empty, times=None)
    with pytest.raises(DmaError, match="administers no organization"):
        run(sandbox, select={"posts"})


def test_a_stream_that_is_not_granted_is_skipped(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The others go on, and a later run with the permission reads all of it."""
    sandbox.answer("dmaComments", status=403, body=DENIED, times=None)
    sandbox.answer("dmaOrganizationalPageFollows", status=404, body={"status": 404}, times=None)
    select = {"posts", "comments", "reactions", "followers"}
    first = run(sandbox, select=select)
    truth = sandbox.world.truth
    assert not first.records["comments"]
    assert not first.records["followers"]
    assert len(first.records["reactions"]) == len(truth.reactions)
    assert len(warnings(caplog, "comments: skipped organization")) == 2
    sandbox.clear_answers()
    second = run(sandbox, first.state, select)
    assert len(second.records["comments"]) == len(truth.all_comments)
    assert not second.records["reactions"]


def test_a_finder_refused_for_every_post_is_given_up_soon(sandbox: Sandbox) -> None:
    """Once a minute, asking for each post would take hours."""
    sandbox.answer(FEED, status=403, body=DENIED, when="commentsOnEntity", times=None)
    first = run(sandbox, select={"posts", "comments"})
    asked = [request for request in sandbox.requests_to(FEED) if request.finder == "commentsOnEntity"]
    assert len(asked) <= 6
    sandbox.clear_answers()
    second = run(sandbox, first.state, {"posts", "comments"})
    assert len(second.records["comments"]) == len(sandbox.world.truth.all_comments)


def test_an_id_refused_in_a_batch_is_counted_and_left_out(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The other ids of the batch are emitted, and the bookmark moves on. It is normal, so there is no warning."""
    caplog.set_level("INFO")
    result = run(sandbox, select={"posts"})
    truth = sandbox.world.truth
    assert truth.refused_posts
    assert truth.silent_posts
    assert {*result.values("posts", "id")} == {*truth.posts}
    assert "Not returned by LinkedIn: 2 of dmaPosts. " in caplog.text
    assert warnings(caplog) == []


def test_throttling_waits_as_long_as_linkedin_asks(sandbox: Sandbox) -> None:
    """Retry-After where it is sent, else the resource's interval, and longer each time."""
    clock = clock_of(sandbox)
    throttled = {"status": 429, "code": "TOO_MANY_REQUESTS"}
    sandbox.answer("dmaMe", status=429, body=throttled, headers={"Retry-After": "7"})
    tap, _ = make_tap(sandbox, select={"me"}, clock=clock)
    tap.sync_all()
    assert [int(seconds) for seconds in clock.slept] == [7]
    clock = clock_of(sandbox)
    sandbox.answer("dmaMe", status=429, body=throttled, times=3)
    tap, _ = make_tap(sandbox, select={"me"}, clock=clock, request_intervals={"dmaMe": 10})
    tap.sync_all()
    assert clock.slept == pytest.approx([10, 20, 40], abs=5)


def test_a_daily_limit_ends_what_needs_the_resource_and_keeps_the_state(sandbox: Sandbox) -> None:
    """Others are read whole; it says when the limit resets, and what is left. What had left is not read again."""
    message = "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
    sandbox.answer("dmaReactions", status=429, body={"status": 429, "message": message}, times=None)
    select = {"posts", "comments", "reactions"}
    tap, writer = make_tap(sandbox, select=select)
    with pytest.raises(DailyLimit, match=r"left: reactions \(2 of 2 organizations\)\..* resets at 00:00 UTC"):
        tap.sync_all()
    sandbox.clear_answers()
    again = run(sandbox, dict(tap.state), select)
    truth = sandbox.world.truth
    assert len(Run(writer.messages).records["comments"]) == len(truth.all_comments)
    assert not again.records["comments"]
    assert len(again.records["reactions"]) == len(truth.reactions)


def test_an_expired_token_is_renewed_in_the_run(sandbox: Sandbox) -> None:
    """Once, by the client's credentials, and the run goes on."""
    credentials: dict[str, Any] = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "refresh_token": sandbox.refresh_token,
    }
    sandbox.expire_token()
    result = run(sandbox, select={"me", "posts"}, **credentials)
    assert len(result.records["posts"]) == len(sandbox.world.truth.posts)
    assert len(sandbox.requests_to("accessToken")) == 1
    sandbox.clear()
    without_token = run(sandbox, select={"me"}, access_token=None, **credentials)
    assert without_token.records["me"]
    assert [request.status for request in sandbox.requests] == [200, 200]


class _Resting(FakeClock):
    """A clock on which no time passes while a request is under way, so that it arrives when it left."""

    limits: RateLimiter

    def sleep(self, seconds: float) -> None:
        with self.limits._under_way:
            super().sleep(seconds)


@pytest.mark.parametrize(
    ("resource", "select"),
    [("dmaOrganizationalPageFollows", {"followers", "following"}), (FEED, {"posts", "comments", "reactions"})],
)
def test_a_paced_resource_is_asked_once_an_interval(sandbox: Sandbox, resource: str, select: set[str]) -> None:
    """Start to start, all of its finders together, whatever else is asked."""
    clock = _Resting(clock_of(sandbox).now())
    sandbox.clock = clock.monotonic
    tap, _ = make_tap(sandbox, select={"me", *select}, clock=clock, request_intervals={**UNPACED, resource: 30})
    clock.limits = tap.client.limits
    tap.sync_all()
    times = [request.at for request in sandbox.requests_to(resource)]
    assert len(times) > 3
    assert all(later - sooner >= 30 for sooner, later in pairwise(times))


@pytest.mark.parametrize(("headers", "is_told"), [({}, True), ({"Retry-After": "2"}, False)])
def test_a_minute_is_kept_once_linkedin_insists_on_it(sandbox: Sandbox, headers: dict[str, str], is_told: bool) -> None:
    """For the rest of the run and, by the state, for a day; not where LinkedIn says how long to wait."""
    limits: dict[str, Any] = {"request_intervals": {**UNPACED, FEED: "auto"}}
    sandbox.answer(FEED, status=429, body={"status": 429}, headers=headers)
    first = make_tap(sandbox, select={"posts"}, **limits)
    first[0].sync_all()
    state = Run(first[1].messages).state
    assert (FEED in state["bookmarks"].get("organizations", {}).get("slow_since", {})) == is_told
    for hours, seconds in ((23, 60 if is_told else 1), (25, 1)):
        later = FakeClock(clock_of(sandbox).now().add(hours=hours))
        tap, _ = make_tap(sandbox, state, select={"posts"}, clock=later, **limits)
        tap.sync_all()
        assert tap.client.limits.interval(FEED) == seconds
