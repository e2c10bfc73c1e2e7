"""Reposts and reshares: each young post once a run, an organization's own as far back as they are new."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DailyLimit
from tests.conftest import NOW
from tests.support.plain import DAY_LIMIT, DAY_MS, FEED, NOW_MS, PlainLinkedIn, read, urn_of
from tests.support.runs import Run, cut, run

OF_POSTS = {"reshares", "post_instant_reposts"}
FINDERS = {"reshares": "resharesFromEntity", "post_instant_reposts": "repostsFromEntity"}


def posts_asked(linkedin: PlainLinkedIn, finder: str, posts: list[str]) -> list[str]:
    """Those of the posts that a finder was asked about, in the posts' order."""
    asked = " ".join(linkedin.asked(finder)) + " "
    return [post for post in posts if f"{linkedin.encoded(post)}&" in asked]


def cut_read(linkedin: PlainLinkedIn, select: set[str], **config: Any) -> Run:
    """What leaves of a run over the company that a daily limit ends."""
    return cut(linkedin, None, select, by=DailyLimit, organizations=[linkedin.organization], **config)


def test_reshares_and_reposts_of_posts_arrive_once(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Those that LinkedIn shows; of reposts also those that it lists and does not give."""
    caplog.set_level("INFO")
    result = run(sandbox, select=OF_POSTS, repost_window_days=1000)
    truth = sandbox.world.truth
    shown = [reshare for reshare in truth.reshares if reshare.state == "shown"]
    assert len(shown) < len(truth.reshares)
    assert sorted(result.values("reshares", "id")) == sorted(reshare.urn for reshare in shown)
    assert {row["id"]: row["post"] for row in result.records["reshares"]} == {one.urn: one.reshares for one in shown}
    reposts = truth.post_instant_reposts
    assert any(repost.undone for repost in reposts)
    assert sorted(result.values("post_instant_reposts", "urn")) == sorted(repost.urn for repost in reposts)
    (said,) = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Not returned")]
    assert " of dmaPosts" in said
    # A reshare has its own address and time, not those of the post it hangs on.
    rows = result.records["reshares"]
    assert all(row["url"] == f"https://www.linkedin.com/feed/update/{row['id']}" for row in rows)
    assert all(row["reshare_context"]["parent"] == row["post"] for row in rows)
    made = [int(row["id"].rpartition(":")[2]) >> 22 for row in rows]
    assert [row["published_at"][:16] for row in rows] == [
        NOW.fromtimestamp(when / 1000, NOW.tzinfo).isoformat()[:16] for when in made
    ]


@pytest.mark.parametrize("stream", sorted(OF_POSTS))
def test_each_young_post_costs_one_listing_on_every_run(linkedin: PlainLinkedIn, stream: str) -> None:
    """No count tells of reposts; older posts are not asked about, not on the first run either."""
    young = [linkedin.add_post(urn_of(days)) for days in (1, 9)]
    old = [linkedin.add_post(urn_of(days)) for days in (11, 400)]
    first = read(linkedin, {stream}, repost_window_days=10)
    linkedin.clear()
    second = read(linkedin, {stream}, first.state, repost_window_days=10)
    assert posts_asked(linkedin, FINDERS[stream], [*young, *old]) == young
    assert len(linkedin.asked(FINDERS[stream])) == 2
    assert second.state == first.state


def test_a_post_whose_number_tells_no_time_is_as_old_as_it_says(linkedin: PlainLinkedIn) -> None:
    """By when it was published."""
    young = linkedin.add_post("urn:li:share:1", publishedAt=NOW_MS - 5 * DAY_MS)
    old = linkedin.add_post("urn:li:share:2", publishedAt=NOW_MS - 50 * DAY_MS)
    read(linkedin, {"reshares"})
    assert posts_asked(linkedin, "resharesFromEntity", [young, old]) == [young]


def test_ids_of_many_posts_are_read_by_one_batch(linkedin: PlainLinkedIn) -> None:
    """Whichever post they are listed for."""
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 11)]
    reposts = [
        urn for post in posts for urn in linkedin.add_instant_reposts(post, 0.1, finder="repostsFromEntity", about=post)
    ]
    result = read(linkedin, {"post_instant_reposts"})
    assert result.values("post_instant_reposts", "urn") == reposts
    assert result.values("post_instant_reposts", "post") == posts
    assert len(linkedin.requests_to("dmaInstantReposts")) == 1


@pytest.mark.parametrize(("stream", "max_concurrency"), [("reshares", 1), ("post_instant_reposts", 4)])
def test_a_cut_run_goes_on_with_the_posts_still_owed(
    linkedin: PlainLinkedIn, stream: str, max_concurrency: int
) -> None:
    """Where the daily limit is less than the posts, the last ones would never be listed else."""
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 11)]
    for post in posts[6:]:
        when = f"{FINDERS[stream]}&entity={linkedin.encoded(post)}"
        linkedin.answer(FEED, status=429, body=DAY_LIMIT, when=when, times=None)
    limited = cut_read(linkedin, {stream}, max_concurrency=max_concurrency)
    linkedin.clear_answers()
    linkedin.clear()
    resumed = read(linkedin, {stream}, limited.state, max_concurrency=max_concurrency)
    assert posts_asked(linkedin, FINDERS[stream], posts) == posts[6:]
    assert "asked" not in resumed.state_of(stream, linkedin.organization)
    linkedin.clear()
    read(linkedin, {stream}, resumed.state, max_concurrency=max_concurrency)
    assert posts_asked(linkedin, FINDERS[stream], posts) == posts


def test_a_finder_refused_for_every_post_is_given_up_soon(linkedin: PlainLinkedIn) -> None:
    """Once a minute, asking for each post would take hours; a refusal of one post alone holds up no other."""
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 11)]
    linkedin.answer(FEED, status=403, body={"status": 403}, when="resharesFromEntity", times=None)
    first = read(linkedin, {"reshares"})
    assert len(linkedin.asked("resharesFromEntity")) == 3
    linkedin.clear_answers()
    linkedin.clear()
    linkedin.answer(FEED, status=403, body={"status": 403}, when=linkedin.encoded(posts[4]), times=None)
    read(linkedin, {"reshares"}, first.state)
    assert posts_asked(linkedin, "resharesFromEntity", posts) == posts


def test_all_of_one_listing_say_when_it_was_listed(linkedin: PlainLinkedIn) -> None:
    """The moment the run began, however long it takes."""
    for days in range(1, 6):
        post = linkedin.add_post(urn_of(days))
        linkedin.add_instant_reposts(post, 0.2, 0.1, finder="repostsFromEntity", about=post)
        reshare = urn_of(days - 0.5)
        linkedin.listing("resharesFromEntity", post).append({"id": reshare})
        linkedin.entities["dmaPosts"][reshare] = {"id": reshare}
    result = read(linkedin, OF_POSTS, request_intervals={FEED: 60})
    began = "2026-03-02T09:30:00.000+00:00"
    assert result.values("reshares", "listed_at") == [began] * 5
    assert result.values("post_instant_reposts", "listed_at") == [began] * 10


def test_what_was_reposted_stands_in_the_urn(linkedin: PlainLinkedIn) -> None:
    """Where LinkedIn does not say it, or does not give the repost at all."""
    original = urn_of(20, kind="ugcPost")
    of_company = {"finder": "repostsByReposter", "about": linkedin.organization}
    said, unsaid, unread = linkedin.add_instant_reposts(original, 1, 2, 3, **of_company)
    linkedin.entities["dmaInstantReposts"][said] = {"repostedContent": "urn:li:share:77"}
    linkedin.statuses[unread] = 404
    rows = read(linkedin, {"instant_reposts"}).records["instant_reposts"]
    reposted = {row["urn"]: row["reposted_content"] for row in rows}
    assert reposted == {said: "urn:li:share:77", unsaid: original, unread: original}
    assert {row["organization"] for row in rows} == {linkedin.organization}


def test_own_reposts_are_read_back_to_the_last_run_less_two_days(linkedin: PlainLinkedIn) -> None:
    """LinkedIn's listing is two days late at most; what is older is neither listed nor read again."""
    linkedin.page_size = 2
    finder: dict[str, Any] = {"finder": "repostsByReposter", "about": linkedin.organization}
    before = linkedin.add_instant_reposts(urn_of(200), 5, 6, 8, 9, 10, 11, **finder)
    first = read(linkedin, {"instant_reposts"})
    assert first.values("instant_reposts", "urn") == before
    linkedin.clear()
    new = linkedin.add_instant_reposts(urn_of(200), 1, 6.5, **finder)
    listing = linkedin.listing("repostsByReposter", linkedin.organization)
    listing.sort(key=lambda element: int(element["id"].rpartition(",")[2][:-1]), reverse=True)
    second = read(linkedin, {"instant_reposts"}, first.state)
    assert second.values("instant_reposts", "urn") == [new[0], before[0], before[1], new[1]]
    assert len(linkedin.asked("repostsByReposter")) == 3
    mark = second.state_of("instant_reposts", linkedin.organization)
    assert mark["reposts_to"].startswith("2026-03-01T09:30")


def test_a_cut_listing_of_own_reposts_does_not_move_the_mark(linkedin: PlainLinkedIn) -> None:
    """The next run reads them all."""
    linkedin.page_size = 2
    finder: dict[str, Any] = {"finder": "repostsByReposter", "about": linkedin.organization}
    reposts = linkedin.add_instant_reposts(urn_of(200), 1, 2, 30, 40, **finder)
    linkedin.answer(FEED, status=429, body=DAY_LIMIT, when="paginationCursor=c2", times=None)
    limited = cut_read(linkedin, {"instant_reposts"})
    assert "reposts_to" not in json.dumps(limited.state)
    linkedin.clear_answers()
    assert read(linkedin, {"instant_reposts"}, limited.state).values("instant_reposts", "urn") == reposts


def test_own_reposts_of_the_sandbox_arrive_once(sandbox: Sandbox) -> None:
    """Over several pages too, for each organization."""
    result = run(sandbox, select={"instant_reposts"}, stream_options={"instant_reposts": {"page_size": 2}})
    assert sorted(result.values("instant_reposts", "urn")) == sorted(sandbox.world.truth.instant_reposts)


def test_the_public_address_of_a_withheld_reshare_is_looked_up(sandbox: Sandbox) -> None:
    """LinkedIn refuses to show it, and names where everyone can see it."""
    run(sandbox, select={"reshares", "content_public_urls"}, repost_window_days=1000)
    asked = " ".join(request.asked for request in sandbox.requests_to("dmaContentPublicUrl"))
    withheld = [reshare.urn for reshare in sandbox.world.truth.reshares if reshare.state != "shown"]
    assert withheld
    assert [urn for urn in withheld if urn.replace(":", "%3A") not in asked] == []
