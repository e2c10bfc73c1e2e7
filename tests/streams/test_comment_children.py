"""What is counted and done on comments: for the comments listed in a run, where their own counts changed."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import Any
from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox
from linkedin_sandbox.faults import Fault
from tap_linkedin_dma.api.errors import DailyLimit
from tap_linkedin_dma.state.packing import Hashes
from tests.support.plain import DAY_LIMIT, FEED, PlainLinkedIn, read, urn_of
from tests.support.runs import cut, run

ALL = {"comments", "comment_social_metadata", "comment_reactions"}


def react(linkedin: PlainLinkedIn, comments: list[str], number: int = 1) -> list[str]:
    """Reactions on these comments, counted."""
    return [urn for comment in comments for urn in linkedin.add_reactions(comment, number)]


def asked_about(linkedin: PlainLinkedIn) -> list[str]:
    """The comments whose reactions were asked for, in order."""
    return [unquote(query.split("entity=")[1].split("&")[0]) for query in linkedin.asked("reactionsOnEntity")]


def test_everything_on_comments_and_replies_arrives_exactly_once(sandbox: Sandbox) -> None:
    """What the world holds and what is emitted are the same, without repeats."""
    result = run(sandbox, select=ALL)
    truth = sandbox.world.truth
    wanted = Counter((one.comment.urn, one.urn) for one in truth.comment_reactions if one.comment)
    rows = result.records["comment_reactions"]
    assert wanted
    assert Counter((row["comment"], row["urn"]) for row in rows) == wanted
    assert {row["comment"]: row["post"] for row in rows}.items() <= {
        comment.urn: comment.post.urn for comment in truth.all_comments
    }.items()
    counts = {row["entity"]: row["reaction_count"] for row in result.records["comment_social_metadata"]}
    by_comment = Counter(comment for comment, _ in wanted)
    assert counts == {comment.urn: by_comment[comment.urn] for comment in truth.all_comments}


def test_a_comment_without_reactions_costs_no_finder_call(linkedin: PlainLinkedIn) -> None:
    """Nor does one whose own counts are those of the last run, though its post's have changed."""
    post = linkedin.add_post(urn_of(2))
    first, second, _ = linkedin.add_comments(post, 3)
    react(linkedin, [first, second])
    before = read(linkedin, ALL)
    assert asked_about(linkedin) == [first, second]
    linkedin.clear()
    third = linkedin.add_comments(post, 1)
    new = react(linkedin, [second, *third])
    after = read(linkedin, ALL, before.state)
    assert asked_about(linkedin) == [second, *third]
    assert set(new) <= set(after.values("comment_reactions", "urn"))
    assert after.values("comment_reactions", "comment") == [second, second, *third]


def test_a_quiet_run_asks_nothing_about_comments(sandbox: Sandbox) -> None:
    """Since no comment is listed."""
    first = run(sandbox, select=ALL)
    sandbox.clear()
    second = run(sandbox, first.state, ALL)
    assert not second.records
    assert {request.finder for request in sandbox.requests_to(FEED)} == {"postsByAuthor"}
    assert not [request for request in sandbox.requests_to("dmaSocialMetadata") if "Acomment" in request.asked]
    assert second.state == first.state


def test_counts_of_comments_are_read_once_for_both_streams(linkedin: PlainLinkedIn) -> None:
    """One unpaced call for fifty comments."""
    linkedin.add_comments(linkedin.add_post(urn_of(2)), 40)
    read(linkedin, ALL)
    assert len([one for one in linkedin.requests_to("dmaSocialMetadata") if "Acomment" in one.asked]) == 1


def test_counts_of_comments_on_many_posts_are_read_by_full_calls(linkedin: PlainLinkedIn) -> None:
    """Where replies may be: fifty comments a call, whichever posts they are on, and none twice."""
    for number in range(9):
        post = linkedin.add_post(urn_of(number))
        first = linkedin.add_comments(post, 15)[0]
        linkedin.counts(post)["commentSummary"] = {"count": 16, "topLevelCount": 15}
        reply = first.replace(",1)", ",99)")
        linkedin.listing("commentsOnEntity", first).append({"id": reply})
        linkedin.entities["dmaComments"][reply] = {"id": 99}
        linkedin.count(first, comments=1)
        linkedin.count(reply, comments=0)
    result = read(linkedin, ALL)
    asked = [one.asked.count("Acomment") for one in linkedin.requests_to("dmaSocialMetadata")]
    assert sorted(asked)[-3:] == [35, 50, 50]
    assert sum(asked) == 9 * 16
    assert len(result.records["comments"]) == 9 * 16


@pytest.mark.parametrize("later", ["comment_reactions", "comment_social_metadata", "comments"])
def test_a_stream_selected_later_is_read_in_full(sandbox: Sandbox, later: str) -> None:
    """Comments are listed anew for it, whether it hangs on them or is the comments themselves; once."""
    options: dict[str, Any] = {"engagement_window_days": 60}
    whole = run(sandbox, select=ALL, **options)
    first = run(sandbox, select=ALL - {later}, **options)
    assert not first.records[later]
    second = run(sandbox, first.state, ALL, **options)
    assert sorted(second.values(later, "organization")) == sorted(whole.values(later, "organization"))
    third = run(sandbox, second.state, ALL, **options)
    assert not third.records


def test_the_state_of_comments_goes_with_their_post_and_names_no_member(linkedin: PlainLinkedIn) -> None:
    """Hashes, by the month of the post, while that is in the window."""
    posts = [linkedin.add_post(urn_of(days)) for days in (10, 50)]
    for post in posts:
        react(linkedin, linkedin.add_comments(post, 2), 3)
    linkedin.add_comments(linkedin.add_post(urn_of(11)), 2)
    first = read(linkedin, ALL, engagement_window_days=365)
    kept = first.state_of("comment_reactions", linkedin.organization)["counts"]
    assert sorted(kept) == ["2026-01", "2026-02"]
    assert all("1 LIKE:3" in Hashes(kept, month) and "2 LIKE:3" in Hashes(kept, month) for month in kept)
    assert "person" not in json.dumps(first.state)
    later = read(linkedin, ALL, first.state, engagement_window_days=20)
    assert list(later.state_of("comment_reactions", linkedin.organization)["counts"]) == ["2026-02"]


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_a_cut_run_owes_the_comments_whose_reactions_have_not_left(
    linkedin: PlainLinkedIn, max_concurrency: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments of a page are taken for read when all that hangs on them has left."""
    post = linkedin.add_post(urn_of(2))
    comments = linkedin.add_comments(post, 3)
    reactions = react(linkedin, comments)
    last = f"%2C{comments[2].rpartition(',')[2].replace(')', '%29&')}"
    linkedin.answer(FEED, status=429, body=DAY_LIMIT, when=last, times=None)
    fault_for, others = linkedin.fault_for, threading.Semaphore(0)

    def after_the_others(path: str, asked: str) -> Fault | None:
        """Of requests that are made concurrently, any might meet the limit first."""
        if "reactionsOnEntity" in asked:
            if last in asked:
                assert all(others.acquire(timeout=60) for _ in comments[:2])
            else:
                others.release()
        return fault_for(path, asked)

    config: dict[str, Any] = {"organizations": [linkedin.organization], "max_concurrency": max_concurrency}
    with monkeypatch.context() as patch:
        patch.setattr(linkedin, "fault_for", after_the_others)
        limited = cut(linkedin, None, ALL, by=DailyLimit, **config)
    assert limited.values("comment_reactions", "urn") == reactions[:2]
    linkedin.clear_answers()
    linkedin.clear()
    resumed = read(linkedin, ALL, limited.state, max_concurrency=max_concurrency)
    assert resumed.values("comment_reactions", "urn") == reactions[2:]
    assert asked_about(linkedin) == comments[2:]


@pytest.mark.parametrize("stream", ["comment_reactions", "comment_social_metadata"])
def test_comments_go_on_where_what_hangs_on_them_is_refused(linkedin: PlainLinkedIn, stream: str) -> None:
    """After three refusals in vain, no more is asked for."""
    comments = linkedin.add_comments(linkedin.add_post(urn_of(2)), 9)
    react(linkedin, comments)
    resource, when = (FEED, "reactionsOnEntity") if stream == "comment_reactions" else ("dmaSocialMetadata", "Acomment")
    linkedin.answer(resource, status=403, body={"status": 403}, when=when, times=None)
    result = read(linkedin, {"comments", stream})
    assert result.values("comments", "urn") == comments
    assert not result.records[stream]
    assert len(asked_about(linkedin)) == (3 if stream == "comment_reactions" else 0)


def test_a_comment_under_another_kind_of_urn_is_not_asked_about(linkedin: PlainLinkedIn) -> None:
    """LinkedIn would refuse the batch; the comment itself keeps its row."""
    post = linkedin.add_post(urn_of(2))
    comments = linkedin.add_comments(post, 2)
    linkedin.listing("commentsOnEntity", post).insert(1, {"id": "urn:li:person:masked"})
    result = read(linkedin, ALL)
    assert result.values("comments", "urn") == [comments[0], "urn:li:person:masked", comments[1]]
    assert result.values("comment_social_metadata", "entity") == comments
    assert {request.status for request in linkedin.requests_to("dmaSocialMetadata")} == {200}
