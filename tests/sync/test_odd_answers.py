"""Answers that LinkedIn's documentation does not foresee: nothing is lost, and nothing else is held up."""

from __future__ import annotations

from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError, IncompleteRun
from tests.support.logs import warnings
from tests.support.plain import FEED, FOLLOWS, PlainLinkedIn, read, urn_of
from tests.support.runs import Run, make_tap, run

ENGAGEMENT = {"posts", "social_metadata", "comments", "reactions"}
EDGE = "dmaOrganizationalPageEdgeAnalytics"
BAD = {"status": 400, "code": "ILLEGAL_ARGUMENT", "message": "Invalid cursor"}


@pytest.fixture
def company(sandbox: Sandbox) -> str:
    """The URN of the sandbox's first organization."""
    return sandbox.world.truth.organizations[0].urn


def cut(sandbox: Sandbox, select: set[str], match: str, **config: Any) -> Run:
    """What leaves in a run that ends with an error."""
    tap, writer = make_tap(sandbox, select=select, **config)
    with pytest.raises(DmaError, match=match):
        tap.sync_all()
    return Run(writer.messages)


# What is refused


@pytest.mark.parametrize(("status", "select"), [(403, ENGAGEMENT), (404, {"comments", "reactions"})])
def test_refused_counts_cost_no_comment_and_no_reaction(
    linkedin: PlainLinkedIn, caplog: pytest.LogCaptureFixture, status: int, select: set[str]
) -> None:
    """Posts whose counts are unknown are listed all the same, whichever stream would have read the counts."""
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 6)]
    comments = [urn for post in posts for urn in linkedin.add_comments(post, 2)]
    reactions = [urn for post in posts for urn in linkedin.add_reactions(post, 2)]
    linkedin.answer("dmaSocialMetadata", status=status, body={"status": status}, times=None)
    result = read(linkedin, select)
    assert result.values("comments", "urn") == comments
    assert result.values("reactions", "urn") == reactions
    assert result.values("posts", "id") == (posts if "posts" in select else [])
    assert not result.records["social_metadata"]
    assert [text for text in warnings(caplog) if "dmaSocialMetadata" in text]


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_page_entity_falls_back_to_the_organizations_number(
    sandbox: Sandbox, company: str, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """With a warning, since it may be another's; the run goes on."""
    number = company.rpartition(":")[2]
    body = {"results": {number: {"id": int(number), "localizedName": "Without a page"}}}
    sandbox.answer("dmaOrganizations", status=200, body=body, times=None)
    sandbox.answer("dmaOrganizationalPageProfiles", status=status, body={"status": status}, times=None)
    sandbox.answer(FOLLOWS, status=200, body={"elements": [{"follower": "urn:li:person:a"}]}, times=None)
    result = run(sandbox, select={"organizations", "followers"}, organizations=[company])
    page = f"urn:li:organizationalPage:{number}"
    assert result.values("followers", "organizational_page") == [page]
    assert sandbox.requests_to("dmaOrganizationalPageProfiles")
    assert [text for text in warnings(caplog) if f"names no page for {company}" in text]


def test_a_refused_member_is_named_once(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """A stream that belongs to no organization says so in plain words, and the others are read."""
    sandbox.answer("dmaMe", status=403, body={"status": 403}, times=None)
    result = run(sandbox, select={"me", "organizations"})
    assert warnings(caplog, "me") == [
        "me: skipped. LinkedIn refused dmaMe (403). The token needs the scope r_dma_admin_pages_content, and its "
        "member the ADMINISTRATOR role on the page. If tap-linkedin-dma doctor finds both OK, LinkedIn does not show "
        "it to this app: deselect the stream."
    ]
    assert result.records["organizations"]


@pytest.mark.parametrize("body", [{"status": 500}, BAD])
@pytest.mark.parametrize("stream", ["follower_demographics", "visitor_demographics"])
def test_a_dimension_that_is_not_answered_holds_up_no_other(
    sandbox: Sandbox, company: str, caplog: pytest.LogCaptureFixture, stream: str, body: dict[str, Any]
) -> None:
    """It is left out with a warning; the bookmark moves, and other streams are read."""
    select = {stream, "followers"}
    whole = run(sandbox, select=select, organizations=[company])
    sandbox.answer(EDGE, status=body["status"], body=body, when="dimensionType=SENIORITY", times=None)
    result = run(sandbox, select=select, organizations=[company])
    wanted = [row for row in whole.records[stream] if row["dimension_type"] != "SENIORITY"]
    assert len(wanted) < len(whole.records[stream])
    assert result.records[stream] == wanted
    assert result.records["followers"] == whole.records["followers"]
    assert warnings(caplog, f"{stream}: ")


def test_a_dimension_linkedin_does_not_know_is_asked_for_once(sandbox: Sandbox, company: str) -> None:
    sandbox.answer(EDGE, status=400, body=BAD, when="dimensionType=SENIORITY", times=None)
    run(sandbox, select={"visitor_demographics"}, organizations=[company])
    refused = [request for request in sandbox.requests_to(EDGE) if "dimensionType=SENIORITY" in request.asked]
    assert len(refused) == 1


def test_todays_followers_without_an_answer_leave_nothing_in_the_state(sandbox: Sandbox, company: str) -> None:
    """Tomorrow, LinkedIn cannot be asked for today."""
    sandbox.answer(EDGE, status=500, body={"status": 500}, when="dimensionType=SENIORITY", times=None)
    result = run(sandbox, select={"follower_demographics"}, organizations=[company])
    assert result.records["follower_demographics"]
    assert "dead_windows" not in str(result.state)


# Listings


def test_a_refused_cursor_begins_the_followers_again(sandbox: Sandbox, company: str) -> None:
    options: dict[str, Any] = {"organizations": [company], "stream_options": {"followers": {"page_size": 15}}}
    whole = run(sandbox, select={"followers"}, **options)
    sandbox.answer(FOLLOWS, status=400, body=BAD, when="paginationCursor")
    again = run(sandbox, select={"followers"}, **options)
    assert set(again.values("followers", "row_key")) == set(whole.values("followers", "row_key"))
    sandbox.answer(FOLLOWS, status=400, body=BAD, when="paginationCursor", times=2)
    cut(sandbox, {"followers"}, "LinkedIn refused the request", **options)


def test_a_refused_cursor_begins_the_posts_again(linkedin: PlainLinkedIn) -> None:
    """Once; each post, its counts and its comments leave once."""
    linkedin.page_size = 2
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 6)]
    comments = [urn for post in posts for urn in linkedin.add_comments(post, 1)]
    linkedin.answer(FEED, status=400, body=BAD, when="paginationCursor=c4")
    result = read(linkedin, {"posts", "social_metadata", "comments"})
    assert result.values("posts", "id") == posts
    assert result.values("social_metadata", "entity") == posts
    assert result.values("comments", "urn") == comments
    assert len([query for query in linkedin.asked("postsByAuthor") if "paginationCursor" not in query]) == 2


def test_a_refused_cursor_begins_the_comments_of_a_post_again(linkedin: PlainLinkedIn) -> None:
    linkedin.page_size = 2
    comments = linkedin.add_comments(linkedin.add_post(urn_of(1)), 5)
    linkedin.answer(FEED, status=400, body=BAD, when="paginationCursor=c4")
    assert read(linkedin, {"comments"}).values("comments", "urn") == comments
    assert len(linkedin.asked("commentsOnEntity")) == 6


def test_rows_leave_before_a_repeated_cursor_ends_the_run(sandbox: Sandbox, company: str) -> None:
    """Both pages that led to it were whole."""
    for first in (1, 3):
        followers = [{"follower": f"urn:li:person:f{number}"} for number in (first, first + 1)]
        body = {"elements": followers, "metadata": {"nextPaginationCursor": "same"}}
        sandbox.answer(FOLLOWS, status=200, body=body)
    result = cut(sandbox, {"followers"}, "same pagination cursor twice", organizations=[company])
    assert result.values("followers", "follower") == [f"urn:li:person:f{number}" for number in range(1, 5)]


def test_a_body_that_is_no_listing_is_no_empty_listing(sandbox: Sandbox, company: str) -> None:
    """Nobody is marked as gone, and no bookmark moves: the streams end, the others are read."""
    select = {"organizations", "followers", "posts"}
    first = run(sandbox, select=select, organizations=[company])
    for resource in (FOLLOWS, FEED):
        sandbox.answer(resource, status=200, body={"elements": None, "paging": None, "metadata": None}, times=None)
    tap, writer = make_tap(sandbox, first.state, select, organizations=[company])
    with pytest.raises(IncompleteRun, match=r"followers: .*posts: |posts: .*followers: "):
        tap.sync_all()
    result = Run(writer.messages)
    assert set(result.records) == {"organizations"}
    assert {message["stream"] for message in result.messages if message["type"] == "ACTIVATE_VERSION"} <= {
        "organizations"
    }
    bookmarks = [state["bookmarks"]["posts"] for state in (first.state, result.state)]
    assert bookmarks[0] == bookmarks[1]


def test_a_body_that_is_no_batch_is_no_word_on_its_ids(linkedin: PlainLinkedIn) -> None:
    """What was asked for comes on the next run."""
    comments = linkedin.add_comments(linkedin.add_post(urn_of(1)), 2)
    linkedin.answer("dmaComments", status=200, body={"results": None, "statuses": None, "errors": None}, times=None)
    tap, writer = make_tap(linkedin, select={"posts", "comments"}, organizations=[linkedin.organization])
    with pytest.raises(IncompleteRun, match="comments: "):
        tap.sync_all()
    linkedin.clear_answers()
    first = Run(writer.messages)
    assert set(first.records) == {"posts"}
    assert read(linkedin, {"posts", "comments"}, first.state).values("comments", "urn") == comments


def test_a_batch_that_once_says_nothing_costs_no_row(linkedin: PlainLinkedIn) -> None:
    comments = linkedin.add_comments(linkedin.add_post(urn_of(1)), 2)
    linkedin.answer("dmaComments", status=200, body={"results": {}})
    assert read(linkedin, {"comments"}).values("comments", "urn") == comments


def test_a_null_result_is_one_not_given(linkedin: PlainLinkedIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    first, second = linkedin.add_comments(linkedin.add_post(urn_of(1)), 2)
    linkedin.entities["dmaComments"][first] = None
    assert read(linkedin, {"comments"}).values("comments", "urn") == [second]
    assert "1 of dmaComments" in caplog.text
    assert warnings(caplog) == []


@pytest.mark.parametrize(
    ("stream", "finder", "resource", "key"),
    [
        ("comments", "commentsOnEntity", "dmaComments", "urn"),
        ("reactions", "reactionsOnEntity", "dmaReactions", "row_key"),
    ],
)
def test_what_cannot_be_asked_for_keeps_a_row_each(
    linkedin: PlainLinkedIn, stream: str, finder: str, resource: str, key: str
) -> None:
    """LinkedIn would refuse a whole batch for an id of another kind. Keys without ids are those of the next run."""
    post = linkedin.add_post(urn_of(1))
    linkedin.add_comments(post, 2)
    linkedin.add_reactions(post, 2)
    odd = ["urn:li:person:masked", "urn:li:activity:7", "masked"]
    linkedin.listing(finder, post)[1:1] = [{"id": urn} for urn in odd]
    linkedin.listing(finder, post).extend([{}, {}, {"other": 1}, {"id": None}])
    result = read(linkedin, {stream})
    assert result.values(stream, "urn")[1:4] == odd
    assert {request.status for request in linkedin.requests_to(resource)} == {200}
    keys = result.values(stream, key)
    assert len(set(keys)) == len(keys) == 9
    assert None not in keys
    assert read(linkedin, {stream}).values(stream, key) == keys


def test_a_role_may_name_its_organization_as_the_target_alone(sandbox: Sandbox, company: str) -> None:
    """Older answers have neither `key` nor `organization`."""
    role = {"organizationTarget": company, "role": "ADMINISTRATOR", "state": "APPROVED"}
    sandbox.answer("dmaOrganizationAcls", status=200, body={"elements": [role]}, times=None)
    result = run(sandbox, select={"my_organization_acls", "organizations"})
    assert result.values("my_organization_acls", "organization") == [company]
    assert result.values("organizations", "organization") == [company]
