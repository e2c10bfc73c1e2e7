"""What was removed at LinkedIn: found by comparing when a row was listed with when all was; and posts that are gone."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DailyLimit
from tests.support.plain import DAY_LIMIT, FEED, PlainLinkedIn, read, urn_of
from tests.support.runs import Run, clock_of, cut, run

DOCUMENT = Path(__file__).parents[2] / "docs" / "incremental.md"
ENGAGEMENT = {"posts", "comments", "reactions", "engagement_listings"}
COMMENTS = {"comments", "engagement_listings"}
BEGAN = "2026-03-02T09:30:00.000+00:00"
AVAILABILITY = {"posts", "post_availability"}


def a_day_later(linkedin: Sandbox, state: dict[str, Any], select: set[str], days: int = 1) -> Run:
    """A run that begins later than the one before."""
    clock = clock_of(linkedin)
    clock.sleep(days * 24 * 60 * 60)
    company = {"organizations": [linkedin.organization]} if isinstance(linkedin, PlainLinkedIn) else {}
    return run(linkedin, state, select, clock=clock, **company)


def removed(*runs: Run) -> dict[str, set[str]]:
    """What the documented query finds in tables that a target filled from these runs, by the kind of thing."""
    (query,) = re.findall(r"## What was removed at LinkedIn.*?```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    database = sqlite3.connect(":memory:")
    for table, key in (("comments", "urn"), ("reactions", "post, row_key"), ("engagement_listings", "post, kind")):
        names = ["post", "listed_at", "urn", "row_key", "kind"]
        database.execute(f"CREATE TABLE {table} ({', '.join(names)}, PRIMARY KEY ({key}))")
        for row in [row for one in runs for row in one.records[table]]:
            values = [row.get(name) for name in names]
            database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, ?)", values)
    found: dict[str, set[str]] = {"comments": set(), "reactions": set()}
    for kind, urn in database.execute(query):
        found[kind].add(urn)
    return found


def listings(result: Run) -> list[tuple[str, str]]:
    """Which listings a run says were listed in full."""
    return [(row["post"], row["kind"]) for row in result.records["engagement_listings"]]


def take_back_a_reaction(sandbox: Sandbox) -> set[str]:
    """Let a member take back a reaction on a post that a tick brought."""
    engagement = sandbox.world.engagement
    taken_back = next(added for added in engagement.reacted.values() if added and added[-1].comment is None).pop()
    engagement.changed()
    return {taken_back.urn}


def test_what_was_removed_is_found_exactly(sandbox: Sandbox) -> None:
    """After days of edits, new and deleted comments and reactions, one query tells which rows are gone."""
    runs = [run(sandbox, select=ENGAGEMENT)]
    taken_back: set[str] = set()
    deleted: set[str] = set()
    for _ in range(6):
        deleted |= {*sandbox.tick().deleted}
        runs.append(run(sandbox, runs[-1].state, ENGAGEMENT))
        taken_back |= take_back_a_reaction(sandbox)
    runs.append(a_day_later(sandbox, runs[-1].state, ENGAGEMENT))
    there = {reaction.urn for reaction in sandbox.world.truth.reactions}
    left = {urn for one in runs for urn in one.values("comments", "urn")}
    assert len(taken_back - there) > 2
    assert deleted & left
    assert removed(*runs) == {"comments": deleted & left, "reactions": taken_back - there}


def test_nothing_is_taken_for_removed_that_is_still_there(sandbox: Sandbox) -> None:
    """Not on a first run, and not by one that had nothing to list."""
    first = run(sandbox, select=ENGAGEMENT)
    quiet = a_day_later(sandbox, first.state, ENGAGEMENT)
    assert not quiet.records
    assert removed(first) == removed(first, quiet) == {"comments": set(), "reactions": set()}


def test_each_post_s_listings_are_told_once(linkedin: PlainLinkedIn) -> None:
    """All on the first run, those without comments or reactions at no call; later those listed again."""
    with_both, bare = linkedin.add_post(urn_of(1)), linkedin.add_post(urn_of(2))
    linkedin.add_comments(with_both, 2)
    linkedin.add_reactions(with_both, 2)
    first = read(linkedin, ENGAGEMENT)
    assert Counter(listings(first)) == Counter(product((with_both, bare), ("comments", "reactions")))
    for stream in ENGAGEMENT - {"posts"}:
        assert {*first.values(stream, "listed_at")} == {BEGAN}
    assert len(linkedin.asked("commentsOnEntity")) == len(linkedin.asked("reactionsOnEntity")) == 1
    linkedin.add_reactions(bare, 1)
    second = read(linkedin, ENGAGEMENT, first.state)
    assert listings(second) == [(bare, "reactions")]


def test_counts_that_fell_to_zero_tell_that_all_is_removed(linkedin: PlainLinkedIn) -> None:
    """At no call."""
    post = linkedin.add_post(urn_of(1))
    comments = linkedin.add_comments(post, 2)
    first = read(linkedin, ENGAGEMENT)
    linkedin.count(post, comments=0)
    linkedin.clear()
    second = a_day_later(linkedin, first.state, ENGAGEMENT)
    assert not linkedin.asked("commentsOnEntity")
    assert listings(second) == [(post, "comments")]
    assert removed(first, second)["comments"] == {*comments}
    third = a_day_later(linkedin, second.state, ENGAGEMENT, days=2)
    assert not third.records


def test_a_listing_leaves_after_all_it_tells_of(linkedin: PlainLinkedIn) -> None:
    """However many batches its rows take."""
    posts = [linkedin.add_post(urn_of(days)) for days in (1, 2)]
    for post in posts:
        linkedin.add_comments(post, 80)
    order = [message for message in read(linkedin, COMMENTS).messages if message["type"] == "RECORD"]
    for post in posts:
        streams = [message["stream"] for message in order if message["record"]["post"] == post]
        assert streams == ["comments"] * 80 + ["engagement_listings"]


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_a_cut_listing_is_not_told(linkedin: PlainLinkedIn, max_concurrency: int) -> None:
    """Nor is it taken for told later: the next run lists and tells it."""
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 6)]
    for post in posts:
        linkedin.add_comments(post, 80)
    linkedin.answer("dmaComments", status=429, body=DAY_LIMIT, when=posts[2].rpartition(":")[2], times=None)
    config: dict[str, Any] = {"organizations": [linkedin.organization], "max_concurrency": max_concurrency}
    limited = cut(linkedin, None, COMMENTS, by=DailyLimit, **config)
    assert limited.values("engagement_listings", "post") == posts[: len(limited.records["engagement_listings"])]
    assert not {*posts[2:]} & {*limited.values("engagement_listings", "post")}
    linkedin.clear_answers()
    rest = read(linkedin, COMMENTS, limited.state)
    told = limited.values("engagement_listings", "post") + rest.values("engagement_listings", "post")
    assert told == posts


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("counted", [True, False])
def test_a_refused_listing_is_not_told(linkedin: PlainLinkedIn, counted: bool, status: int) -> None:
    """What stands in the tables of that post is as good as before."""
    posts = [linkedin.add_post(urn_of(days)) for days in (1, 2, 3)]
    for post in posts:
        linkedin.add_comments(post, 1)
    if not counted:
        del linkedin.entities["dmaSocialMetadata"][posts[1]]
    when = f"commentsOnEntity&entity={linkedin.encoded(posts[1])}"
    linkedin.answer(FEED, status=status, body={"status": status}, when=when, times=None)
    result = read(linkedin, COMMENTS)
    assert result.values("engagement_listings", "post") == [posts[0], posts[2]]


@pytest.mark.parametrize(("status", "is_told"), [(404, True), (410, True), (403, False), (500, False), (None, False)])
def test_a_listing_of_which_linkedin_withholds_a_part_is_not_told(
    linkedin: PlainLinkedIn, status: int | None, is_told: bool
) -> None:
    """A comment that is listed and refused is not removed; one that is gone is."""
    post = linkedin.add_post(urn_of(1))
    comments = linkedin.add_comments(post, 120)
    first = read(linkedin, COMMENTS)
    linkedin.add_comments(post, 1)
    if status:
        linkedin.statuses[comments[3]] = status
    else:
        del linkedin.entities["dmaComments"][comments[3]]
    second = a_day_later(linkedin, first.state, COMMENTS)
    assert len(second.records["comments"]) == 120
    assert bool(second.records["engagement_listings"]) is is_told
    assert removed(first, second)["comments"] == ({comments[3]} if is_told else set())


def test_a_reply_is_not_taken_for_removed_where_the_counts_are_late(linkedin: PlainLinkedIn) -> None:
    """More comments listed than counted: whether there are replies, the comments' own counts tell."""
    post = linkedin.add_post(urn_of(1))
    top = linkedin.add_comments(post, 2)
    activity = top[0][len("urn:li:comment:(") :].partition(",")[0]
    reply = f"urn:li:comment:({activity},90)"
    linkedin.listing("commentsOnEntity", top[0]).append({"id": reply})
    linkedin.entities["dmaComments"][reply] = {"id": 90}
    linkedin.count(reply, comments=0)
    linkedin.count(top[0], comments=1)
    linkedin.counts(post)["commentSummary"] = {"count": 3, "topLevelCount": 2}
    first = read(linkedin, COMMENTS)
    assert first.values("comments", "urn") == [*top, reply]
    linkedin.add_comments(post, 2)
    linkedin.counts(post)["commentSummary"] = {"count": 3, "topLevelCount": 1}
    second = a_day_later(linkedin, first.state, COMMENTS)
    assert removed(first, second)["comments"] == set()


def test_comments_that_do_not_leave_are_not_told(linkedin: PlainLinkedIn) -> None:
    """Where they are listed for what hangs on them alone."""
    post = linkedin.add_post(urn_of(1))
    linkedin.add_reactions(linkedin.add_comments(post, 1)[0], 1)
    result = read(linkedin, {"comment_reactions", "engagement_listings"})
    assert set(result.records) == {"comment_reactions"}


def test_listings_alone_ask_for_no_post(sandbox: Sandbox) -> None:
    """They tell of what others list."""
    result = run(sandbox, select={"engagement_listings"})
    assert not result.records
    assert not sandbox.requests_to(FEED)


# Posts


def statuses(result: Run) -> dict[str, str]:
    """What a run says of each post."""
    return {row["post"]: row["status"] for row in result.records["post_availability"]}


def test_posts_of_the_walk_cost_no_further_call(sandbox: Sandbox) -> None:
    """The walk has read them anyway; each has its status."""
    run(sandbox, select={"posts"})
    without = [request.asked for request in sandbox.requests]
    sandbox.clear()
    result = run(sandbox, select=AVAILABILITY, engagement_window_days=3650)
    assert [request.asked for request in sandbox.requests] == without
    truth = sandbox.world.truth
    assert statuses(result) == {
        **dict.fromkeys(truth.posts, "available"),
        **dict.fromkeys([*truth.refused_posts, *truth.silent_posts], "withheld"),
    }
    assert {*result.values("post_availability", "checked_at")} == {BEGAN}
    assert len(result.records["post_availability"]) == len(statuses(result))


def test_posts_listed_no_more_are_asked_about_in_one_batch(linkedin: PlainLinkedIn) -> None:
    """Gone ones once; those that are still given, or are withheld, on every run."""
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 6)]
    first = read(linkedin, AVAILABILITY)
    assert statuses(first) == dict.fromkeys(posts, "available")
    kept, unlisted, deleted, silent, refused = posts
    linkedin.listings["postsByAuthor", linkedin.organization] = [{"id": kept}]
    linkedin.statuses = {deleted: 404, refused: 403}
    del linkedin.entities["dmaPosts"][silent]
    linkedin.clear()
    second = read(linkedin, AVAILABILITY, first.state)
    asked = [request.asked for request in linkedin.requests_to("dmaPosts")]
    assert len(asked) == 2
    assert [linkedin.encoded(post) in asked[1] for post in posts] == [False, True, True, True, True]
    assert asked[1].endswith("&viewContext=READER")
    gone = dict.fromkeys([deleted, silent], "gone")
    assert statuses(second) == {kept: "available", unlisted: "available", refused: "withheld", **gone}
    assert len(linkedin.requests_to(FEED)) == 1
    third = read(linkedin, AVAILABILITY, second.state)
    assert statuses(third) == {kept: "available", unlisted: "available", refused: "withheld"}


@pytest.mark.parametrize("status", [429, 500])
def test_a_fault_tells_nothing_of_a_post(linkedin: PlainLinkedIn, status: int) -> None:
    """It is neither called gone nor forgotten."""
    listed, unlisted = (linkedin.add_post(urn_of(days)) for days in (1, 2))
    first = read(linkedin, AVAILABILITY)
    del linkedin.listings["postsByAuthor", linkedin.organization][1]
    linkedin.statuses = {listed: status, unlisted: status}
    second = read(linkedin, AVAILABILITY, first.state)
    assert statuses(second) == {}
    linkedin.statuses = {unlisted: 404}
    assert statuses(read(linkedin, AVAILABILITY, second.state)) == {listed: "available", unlisted: "gone"}


def test_older_posts_are_not_watched(linkedin: PlainLinkedIn) -> None:
    """Those before the engagement window, nor before the start date: the walk does not meet them any more."""
    young, old = (linkedin.add_post(urn_of(days)) for days in (1, 100))
    first = read(linkedin, AVAILABILITY, engagement_window_days=365)
    assert set(statuses(first)) == {young, old}
    linkedin.clear()
    second = read(linkedin, AVAILABILITY, first.state, engagement_window_days=50)
    assert set(statuses(second)) == {young}
    third = read(linkedin, AVAILABILITY, first.state, start_date="2026-02-01")
    assert set(statuses(third)) == {young}
    assert not [request for request in linkedin.requests_to("dmaPosts") if linkedin.encoded(old) in request.asked]


def test_a_cut_walk_calls_no_post_gone(linkedin: PlainLinkedIn) -> None:
    """Which posts are listed no more is known at its end."""
    linkedin.page_size = 2
    posts = [linkedin.add_post(urn_of(days)) for days in range(1, 6)]
    first = read(linkedin, AVAILABILITY)
    linkedin.answer(FEED, status=429, body=DAY_LIMIT, when="paginationCursor", times=None)
    limited = cut(linkedin, first.state, AVAILABILITY, by=DailyLimit, organizations=[linkedin.organization])
    assert "gone" not in statuses(limited).values()
    linkedin.clear_answers()
    assert set(statuses(read(linkedin, AVAILABILITY, limited.state))) == {*posts}


def test_posts_that_linkedin_refuses_to_read_again_keep_their_state(linkedin: PlainLinkedIn) -> None:
    """Nothing is told of these posts on that run."""
    posts = [linkedin.add_post(urn_of(days)) for days in (1, 2)]
    first = read(linkedin, AVAILABILITY)
    del linkedin.listings["postsByAuthor", linkedin.organization][1]
    when = f"ids=List({linkedin.encoded(posts[1])})"
    linkedin.answer("dmaPosts", status=403, body={"status": 403}, when=when, times=None)
    second = read(linkedin, AVAILABILITY, first.state)
    assert statuses(second) == {posts[0]: "available"}
    linkedin.clear_answers()
    third = read(linkedin, AVAILABILITY, second.state)
    assert statuses(third) == dict.fromkeys(posts, "available")
