"""What is owed: no answer yet, or a listing behind its counts; the next run reads it, however old the post."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tap_linkedin_dma import tap
from tap_linkedin_dma.streams.content import ContentPublicUrls
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.streams.feed.reposts import Reshares
from tap_linkedin_dma.streams.organizations import Organizations
from tests.conftest import NOW
from tests.support.plain import DAY_MS, NOW_MS, PlainLinkedIn, read, urn_of
from tests.support.runs import Run
from tests.support.tables import Tables, run_into

ENGAGEMENT = {"posts", "comments", "reactions", "social_metadata", "engagement_listings"}


def listings(run: Run) -> list[tuple[str, str]]:
    """Which listings a run says were listed in full."""
    return [(row["post"], row["kind"]) for row in run.records["engagement_listings"]]


def later(linkedin: PlainLinkedIn, days: float) -> None:
    linkedin.world.now += timedelta(days=days)


# Which statuses are no answer is tested with BATCH_GET.


@pytest.mark.parametrize("days", [1, 600])
def test_a_post_without_an_answer_is_read_by_the_next_run(linkedin: PlainLinkedIn, days: float) -> None:
    """With all that hangs on it; the runs between say that it is left out."""
    good, ill = linkedin.add_post(urn_of(0.5)), linkedin.add_post(urn_of(days, 1))
    linkedin.add_comments(ill, 2)
    linkedin.statuses[ill] = 503
    first = read(linkedin, ENGAGEMENT)
    assert first.values("posts", "id") == [good]
    assert any(skip.startswith("posts, 1 posts of organization") for skip in first.skips)
    second = read(linkedin, ENGAGEMENT, first.state)
    assert second.records["posts"] == []
    assert second.skips
    del linkedin.statuses[ill]
    third = read(linkedin, ENGAGEMENT, second.state)
    assert third.values("posts", "id") == [ill]
    assert len(third.records["comments"]) == 2
    assert third.skips == []
    assert "owed" not in third.state_of("posts", linkedin.organization)
    linkedin.clear()
    assert read(linkedin, ENGAGEMENT, third.state).records["comments"] == []
    assert linkedin.asked("commentsOnEntity") == []


def test_what_hangs_on_a_post_does_not_wait_for_ever(linkedin: PlainLinkedIn) -> None:
    """After two days it is read without LinkedIn's answer about the post."""
    ill = linkedin.add_post(urn_of(1))
    linkedin.add_comments(ill, 2)
    linkedin.statuses[ill] = 500
    first = read(linkedin, ENGAGEMENT)
    # Its counts have no answer either: the same URN.
    assert first.records["comments"] == []
    later(linkedin, days=2)
    second = read(linkedin, ENGAGEMENT, first.state)
    assert len(second.records["comments"]) == 2


@pytest.mark.parametrize("days", [1, 600])
@pytest.mark.parametrize("kind", ["comments", "reactions"])
def test_an_element_without_an_answer_is_read_by_the_next_run(linkedin: PlainLinkedIn, kind: str, days: float) -> None:
    """Its post is listed again, however old; nothing says meanwhile that all were listed."""
    post = linkedin.add_post(urn_of(days))
    linkedin.add_post(urn_of(0.5))
    urns = linkedin.add_comments(post, 3) if kind == "comments" else linkedin.add_reactions(post, 3)
    linkedin.statuses[urns[1]] = 503
    first = read(linkedin, ENGAGEMENT)
    assert first.values(kind, "urn") == [urns[0], urns[2]]
    assert f"{kind}, 1 of those listed: LinkedIn gave no answer about them (503: 1)" in first.skips[0]
    assert (post, kind) not in listings(first)
    linkedin.statuses.clear()
    second = read(linkedin, ENGAGEMENT, first.state)
    assert second.values(kind, "urn") == urns
    assert (post, kind) in listings(second)
    linkedin.clear()
    read(linkedin, ENGAGEMENT, second.state)
    assert not linkedin.asked(f"{kind}OnEntity")


def test_a_reaction_on_a_comment_without_an_answer_is_read_by_the_next_run(linkedin: PlainLinkedIn) -> None:
    """Though neither the counts of the post nor those of the comment have changed."""
    post = linkedin.add_post(urn_of(1))
    (comment,) = linkedin.add_comments(post, 1)
    urn = "urn:li:reaction:(urn:li:person:p1,urn:li:activity:9)"
    linkedin.listing("reactionsOnEntity", comment).append({"id": urn})
    linkedin.counts(comment)["reactionSummaries"] = {"LIKE": {"reactionType": "LIKE", "count": 1}}
    linkedin.entities["dmaReactions"][urn] = {"id": urn, "reactionType": "LIKE"}
    linkedin.statuses[urn] = 503
    select = {"comments", "comment_reactions"}
    first = read(linkedin, select)
    assert first.records["comment_reactions"] == []
    linkedin.statuses.clear()
    second = read(linkedin, select, first.state)
    assert second.values("comment_reactions", "urn") == [urn]
    linkedin.clear()
    read(linkedin, select, second.state)
    assert linkedin.asked("commentsOnEntity") == []


def test_a_repost_without_an_answer_is_read_by_the_next_run(linkedin: PlainLinkedIn) -> None:
    """Of an organization, and of a post that has meanwhile become too old to be asked about."""
    post = linkedin.add_post(urn_of(29.5))
    of_post = linkedin.add_instant_reposts(post, 1, finder="repostsFromEntity", about=post)
    ours = linkedin.add_instant_reposts(urn_of(50), 20, finder="repostsByReposter", about=linkedin.organization)
    linkedin.statuses.update(dict.fromkeys([*of_post, *ours], 503))
    select = {"instant_reposts", "post_instant_reposts"}
    first = read(linkedin, select)
    assert not first.records
    assert len(first.skips) == 2
    linkedin.statuses.clear()
    later(linkedin, days=1)
    second = read(linkedin, select, first.state)
    assert second.values("post_instant_reposts", "urn") == of_post
    assert second.values("instant_reposts", "urn") == ours


def test_counts_without_an_answer_are_read_by_the_next_run(linkedin: PlainLinkedIn) -> None:
    """Of a post of any age."""
    post = linkedin.add_post(urn_of(600))
    linkedin.add_post(urn_of(0.5))
    linkedin.statuses[f"dmaSocialMetadata {post}"] = 500
    first = read(linkedin, {"social_metadata"})
    assert post not in first.values("social_metadata", "entity")
    assert any(skip.startswith("social_metadata, 1 posts") for skip in first.skips)
    linkedin.statuses.clear()
    assert post in read(linkedin, {"social_metadata"}, first.state).values("social_metadata", "entity")


def test_counts_of_a_single_comment_without_an_answer_are_read_by_its_own_stream(linkedin: PlainLinkedIn) -> None:
    """An answer that holds nothing is not the same as counts that LinkedIn does not give."""
    post = linkedin.add_post(urn_of(1))
    (comment,) = linkedin.add_comments(post, 1)
    # The second is a reply, so the counts of the first are read to find it.
    linkedin.counts(post)["commentSummary"] = {"count": 2, "topLevelCount": 1}
    linkedin.statuses[f"dmaSocialMetadata {comment}"] = 503
    select = {"comments", "comment_social_metadata"}
    first = read(linkedin, select)
    assert any(skip.startswith("comment_social_metadata, 1 comments") for skip in first.skips)
    linkedin.statuses.clear()
    assert read(linkedin, select, first.state).values("comment_social_metadata", "entity") == [comment]


def test_a_listing_behind_its_counts_is_made_again_while_they_are_young(linkedin: PlainLinkedIn) -> None:
    """On each run of two days; what stays away then was not late."""
    post = linkedin.add_post(urn_of(4))
    urns = linkedin.add_comments(post, 5)
    hidden = [linkedin.listing("commentsOnEntity", post).pop() for _ in range(2)]
    first = read(linkedin, ENGAGEMENT)
    assert first.values("comments", "urn") == urns[:3]
    assert "comments" not in first.values("engagement_listings", "kind")
    later(linkedin, days=1)
    linkedin.listing("commentsOnEntity", post).append(hidden.pop())
    second = read(linkedin, ENGAGEMENT, first.state)
    assert second.values("comments", "urn") == urns[:4]
    later(linkedin, days=1)
    third = read(linkedin, ENGAGEMENT, second.state)
    assert third.values("comments", "urn") == urns[:4]
    assert third.values("engagement_listings", "kind") == ["comments"]
    linkedin.clear()
    later(linkedin, days=1)
    read(linkedin, ENGAGEMENT, third.state)
    assert linkedin.asked("commentsOnEntity") == []


def test_counts_that_change_begin_the_days_of_lag_anew(linkedin: PlainLinkedIn) -> None:
    """What is counted on the second day may come on the fourth."""
    post = linkedin.add_post(urn_of(4))
    linkedin.add_reactions(post, 3)
    last = linkedin.listing("reactionsOnEntity", post).pop()
    run = read(linkedin, ENGAGEMENT)
    later(linkedin, days=1.5)
    linkedin.counts(post)["reactionSummaries"]["LIKE"]["count"] = 4
    run = read(linkedin, ENGAGEMENT, run.state)
    later(linkedin, days=1.5)
    linkedin.listing("reactionsOnEntity", post).append(last)
    run = read(linkedin, ENGAGEMENT, run.state)
    assert run.values("reactions", "urn")[-1] == last["id"]


def test_an_old_post_that_is_behind_when_it_is_first_met_is_listed_once_more(linkedin: PlainLinkedIn) -> None:
    """After the lag: the counts of old posts may have been ahead for years, of members whom LinkedIn does not list."""
    post = linkedin.add_post(urn_of(100))
    linkedin.add_comments(post, 3)
    linkedin.listing("commentsOnEntity", post).pop()
    run = read(linkedin, ENGAGEMENT)
    asked = []
    for _ in range(5):
        later(linkedin, days=1)
        linkedin.clear()
        run = read(linkedin, ENGAGEMENT, run.state)
        asked.append(len(linkedin.asked("commentsOnEntity")))
    assert asked == [0, 0, 1, 0, 0]


def at(days: float) -> int:
    return NOW_MS - int(days * DAY_MS)


@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_age_goes_by_publication_where_it_was_scheduled(linkedin: PlainLinkedIn, page_size: int) -> None:
    """A start_date, the window, and the end of a listing: the URN tells when a post was made."""
    linkedin.page_size = page_size
    younger = [linkedin.add_post(urn_of(days, 1)) for days in (0.5, 1)]
    scheduled = linkedin.add_post(urn_of(40), publishedAt=at(1.2))
    older = [linkedin.add_post(urn_of(days)) for days in (1.5, 2)]
    linkedin.add_post(urn_of(9), publishedAt=at(8))
    linkedin.add_comments(scheduled, 2)
    start = (NOW - timedelta(days=4)).isoformat()
    first = read(linkedin, ENGAGEMENT, start_date=start)
    assert first.values("posts", "id") == [*younger, scheduled, *older]
    assert len(first.records["comments"]) == 2


def test_a_post_that_was_scheduled_before_the_window_is_met_when_it_is_published(linkedin: PlainLinkedIn) -> None:
    """Listed by when it was made, behind those that are too old."""
    linkedin.add_post(urn_of(1))
    for days in range(31, 39):
        linkedin.add_post(urn_of(days))
    first = read(linkedin, ENGAGEMENT, engagement_window_days=30)
    late = linkedin.add_post(urn_of(41), publishedAt=at(-0.5))
    linkedin.add_comments(late, 1)
    later(linkedin, days=1)
    second = read(linkedin, ENGAGEMENT, first.state, engagement_window_days=30)
    assert second.values("posts", "id") == [late]
    assert len(second.records["comments"]) == 1


def test_many_old_posts_in_a_row_are_the_end_of_a_listing(linkedin: PlainLinkedIn) -> None:
    """A page full of them costs no further call."""
    linkedin.page_size = 60
    for days in range(200):
        linkedin.add_post(urn_of(days * 4))
    read(linkedin, {"posts"}, start_date=(NOW - timedelta(days=30)).isoformat())
    assert len(linkedin.asked("postsByAuthor")) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_an_odd_id_costs_no_other_its_row(linkedin: PlainLinkedIn, status: int) -> None:
    """Though LinkedIn refuses the whole batch that it is in; and no organization is left out for it."""
    bare, *posts = [linkedin.add_post(urn_of(days)) for days in range(1, 7)]
    comments = [linkedin.add_comments(post, 1)[0] for post in posts]
    reactions = [linkedin.add_reactions(post, 1)[0] for post in posts]
    odd = {"dmaPosts": bare, "dmaComments": comments[1], "dmaReactions": reactions[2], "dmaSocialMetadata": posts[3]}
    for resource, urn in odd.items():
        linkedin.answer(resource, status=status, when=quote(urn, safe=""), times=None)
    run = read(linkedin, ENGAGEMENT)
    streams = ("posts", "comments", "reactions", "social_metadata")
    # The counts of a post without an answer wait with it.
    counts = 5 if status in (403, 404) else 4
    assert [len(run.records[stream]) for stream in streams] == [5, 4, 4, counts]
    assert not any("organization" in skip and "refused" in skip for skip in run.skips)
    if status == 500:
        linkedin.clear_answers()
        again = read(linkedin, ENGAGEMENT, run.state)
        assert [stream for stream in streams if not again.records[stream]] == []


@pytest.mark.parametrize("stream", ["creator_analytics", "post_gestures", "post_content_trend"])
def test_figures_of_a_post_without_an_answer_are_asked_for_by_the_next_run(
    linkedin: PlainLinkedIn, stream: str
) -> None:
    """However old the post has become; and a run without them says so."""
    resource = "dmaCreatorAnalytics" if stream == "creator_analytics" else "dmaOrganizationalPageContentAnalytics"
    post = linkedin.add_post(urn_of(20), content={"article": {"title": "News"}})
    linkedin.answer(resource, status=500, times=None)
    first = read(linkedin, {stream}, engagement_window_days=30)
    assert any(skip.startswith(stream) for skip in first.skips)
    linkedin.clear_answers()
    linkedin.clear()
    linkedin.answer(resource, status=200, body={"elements": []}, times=None)
    later(linkedin, days=100)
    linkedin.add_post(urn_of(-99), place=0, publishedAt=at(-99))
    second = read(linkedin, {stream}, first.state, engagement_window_days=30)
    assert [one for one in linkedin.requests_to(resource) if linkedin.encoded(post) in one.asked]
    linkedin.clear()
    read(linkedin, {stream}, second.state, engagement_window_days=30)
    assert not [one for one in linkedin.requests_to(resource) if linkedin.encoded(post) in one.asked]


def test_what_withheld_reshares_stand_for_is_looked_up_whenever_a_run_is_killed(
    linkedin: PlainLinkedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No state leaves before what its records, or elements that LinkedIn withholds, name has been looked up."""
    # To make all streams takes longer than the runs.
    monkeypatch.setattr(tap, "STREAMS", [Organizations, Posts, Reshares, ContentPublicUrls])
    withheld = [urn_of(0.5, number) for number in range(3)]
    for days, urn in enumerate(withheld, start=1):
        linkedin.listing("resharesFromEntity", linkedin.add_post(urn_of(days))).append({"id": urn})
        linkedin.statuses[urn] = 403
    found = {"results": {urn: {"url": "x"} for urn in withheld}}
    linkedin.answer("dmaContentPublicUrl", 200, body=found, times=None)
    select = {"reshares", "content_public_urls"}
    config: dict[str, Any] = {"organizations": [linkedin.organization], "max_concurrency": 4}
    whole = Tables()
    assert run_into(whole, linkedin, select, **config)
    assert len(whole.of("content_public_urls")) == 3
    for messages in range(1, 12):
        tables = Tables()
        run_into(tables, linkedin, select, messages, **config)
        assert run_into(tables, linkedin, select, **config)
        assert tables.of("content_public_urls") == whole.of("content_public_urls"), messages
