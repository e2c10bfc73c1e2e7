"""Posts, counts, comments and reactions: everything once, and nothing asked for in vain."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox, World
from tests.conftest import NOW
from tests.support.plain import FEED
from tests.support.runs import Run, cut, run

ENGAGEMENT = {"posts", "social_metadata", "comments", "reactions"}


def entities_asked(sandbox: Sandbox, finder: str) -> list[str]:
    """What the feed finder was asked about, in order, pages of one listing counted once."""
    asked = [request.query for request in sandbox.requests_to(FEED) if request.finder == finder]
    first_pages = [query for query in asked if "paginationCursor" not in query]
    return [unquote(query.split("entity=")[1].split("&")[0]) for query in first_pages]


def posts_with(sandbox: Sandbox, what: str) -> set[str]:
    """The posts that have comments, or reactions, in the world."""
    return {found.post.urn for found in getattr(sandbox.world.truth, what)}


def test_every_comment_reply_and_reaction_arrives_exactly_once(sandbox: Sandbox) -> None:
    """What the world holds and what is emitted are the same, without repeats."""
    result = run(sandbox, select=ENGAGEMENT)
    truth = sandbox.world.truth
    assert Counter(result.values("posts", "id")) == Counter(truth.posts)
    assert Counter(result.values("comments", "urn")) == Counter(comment.urn for comment in truth.all_comments)
    assert Counter(result.values("reactions", "urn")) == Counter(reaction.urn for reaction in truth.reactions)


@pytest.mark.parametrize("oddity", [{"replies_in_listing": True}, {"encoded_keys": True}])
def test_oddities_of_a_listing_or_a_batch_change_nothing(oddity: dict[str, Any]) -> None:
    """A post's listing may hold its replies, and keys of a batch may come encoded."""
    with Sandbox(World(posts=24, followers=4, seed=3, now=NOW, **oddity)) as sandbox:
        result = run(sandbox, select=ENGAGEMENT)
        wanted = Counter(comment.urn for comment in sandbox.world.truth.all_comments)
        assert Counter(result.values("comments", "urn")) == wanted
        assert len(result.records["reactions"]) == len(sandbox.world.truth.reactions)


def test_a_reply_names_the_comment_it_is_under(sandbox: Sandbox) -> None:
    """At any depth, and the post asked about is carried along."""
    result = run(sandbox, select=ENGAGEMENT)
    wanted = {reply.urn: (reply.parent.urn, reply.post.urn) for reply in sandbox.world.truth.replies if reply.parent}
    found = {row["urn"]: (row["parent_comment"], row["post"]) for row in result.records["comments"]}
    assert wanted
    assert wanted.items() <= found.items()
    assert {row["parent_comment"] for row in result.records["comments"] if row["urn"] not in wanted} == {None}


def test_a_count_of_zero_costs_no_finder_call(sandbox: Sandbox) -> None:
    """Only posts with comments, or whose counts LinkedIn does not give, are asked about."""
    run(sandbox, select=ENGAGEMENT)
    truth = sandbox.world.truth
    uncounted = {*truth.refused_posts, *truth.silent_posts}
    asked = set(entities_asked(sandbox, "commentsOnEntity"))
    assert {urn for urn in asked if ":comment:" not in urn} - uncounted == posts_with(sandbox, "comments")
    assert set(entities_asked(sandbox, "reactionsOnEntity")) - uncounted == posts_with(sandbox, "reactions")


def test_an_instant_repost_is_never_asked_about(sandbox: Sandbox) -> None:
    """It stands among the posts of the listing, and no other resource takes it."""
    run(sandbox, select={*ENGAGEMENT, "post_content_trend"})
    assert sandbox.world.truth.instant_reposts
    assert not [request for request in sandbox.requests if "instantRepost" in request.asked]


def test_a_second_run_of_a_quiet_world_asks_for_posts_and_counts_only(sandbox: Sandbox) -> None:
    """Nothing has changed, so no row leaves and no post is asked about."""
    first = run(sandbox, select=ENGAGEMENT)
    sandbox.clear()
    second = run(sandbox, first.state, ENGAGEMENT)
    assert set(second.records) == {"social_metadata"}
    assert {request.finder for request in sandbox.requests_to(FEED)} == {"postsByAuthor"}
    assert second.state == first.state


def test_a_second_run_asks_only_about_posts_whose_counts_changed(sandbox: Sandbox) -> None:
    """New and edited posts leave again, and the feed finder is asked about the changed ones alone."""
    first = run(sandbox, select=ENGAGEMENT)
    counts = _signatures(first)
    sandbox.clear()
    changes = sandbox.tick()
    second = run(sandbox, first.state, ENGAGEMENT)
    changed = {urn for urn, count in _signatures(second).items() if counts.get(urn) != count}
    assert changes.comments
    assert changes.reactions
    asked = [urn for urn in entities_asked(sandbox, "commentsOnEntity") if ":comment:" not in urn]
    asked += entities_asked(sandbox, "reactionsOnEntity")
    assert asked
    assert set(asked) <= changed
    assert set(second.values("posts", "id")) == {*changes.posts, *changes.edited}
    arrived = set(second.values("comments", "urn"))
    assert {*changes.comments, *changes.replies} - {*changes.deleted} <= arrived
    assert set(changes.reactions) <= set(second.values("reactions", "urn"))


def _signatures(result: Run) -> dict[str, Any]:
    return {
        row["entity"]: (row["comment_count"], row["comment_summary"], row["reaction_summaries"])
        for row in result.records["social_metadata"]
    }


def test_a_post_without_counts_is_listed_once(sandbox: Sandbox) -> None:
    """Counts that are unknown on every run tell of no change."""
    first = run(sandbox, select=ENGAGEMENT)
    silent = sandbox.world.truth.silent_posts[0]
    assert silent in entities_asked(sandbox, "commentsOnEntity")
    sandbox.clear()
    run(sandbox, first.state, ENGAGEMENT)
    assert silent not in entities_asked(sandbox, "commentsOnEntity")


def test_ids_of_many_posts_share_full_batches(sandbox: Sandbox) -> None:
    """50 comments a BATCH_GET, whichever posts of a page they are on."""
    result = run(sandbox, select=ENGAGEMENT, organizations=[_company(sandbox)])
    sizes = [request.asked.count("Acomment") for request in sandbox.requests_to("dmaComments")]
    assert sum(sizes) == len(result.records["comments"])
    pages_of_posts = [request for request in sandbox.requests_to(FEED) if request.finder == "postsByAuthor"]
    assert len(sizes) > len(pages_of_posts)
    assert len([size for size in sizes if size < 50]) <= len(pages_of_posts)


def test_the_bookmark_moves_only_when_the_walk_has_ended(sandbox: Sandbox) -> None:
    """A walk that is cut leaves it where it was; what had left before is not emitted again."""
    company = _company(sandbox)
    options: dict[str, Any] = {"organizations": [company], "stream_options": {"posts": {"page_size": 5}}}
    whole = run(sandbox, select={"posts"}, **options)
    sandbox.answer(FEED, status=400, body={"status": 400}, when="paginationCursor", times=None)
    ended = cut(sandbox, None, {"posts"}, match="LinkedIn refused the request to dmaFeedContentsExternal", **options)
    assert ended.records["posts"]
    assert "replication_key_value" not in ended.state_of("posts", company)
    sandbox.clear_answers()
    rest = run(sandbox, ended.state, {"posts"}, **options)
    assert sorted(ended.values("posts", "id") + rest.values("posts", "id")) == sorted(whole.values("posts", "id"))
    newest = max(filter(None, whole.values("posts", "published_at")))
    assert rest.state_of("posts", company)["replication_key_value"] == newest


def test_posts_before_the_window_are_read_once(sandbox: Sandbox) -> None:
    """The first run reads all there are, the next only the window."""
    options: dict[str, Any] = {"engagement_window_days": 60}
    first = run(sandbox, select=ENGAGEMENT, **options)
    assert len(first.records["posts"]) == len(sandbox.world.truth.posts)
    assert len(first.records["comments"]) == len(sandbox.world.truth.all_comments)
    sandbox.clear()
    second = run(sandbox, first.state, ENGAGEMENT, **options)
    assert 0 < len(second.records["social_metadata"]) < len(first.records["social_metadata"])
    assert not second.records["comments"]
    assert {request.finder for request in sandbox.requests_to(FEED)} == {"postsByAuthor"}


@pytest.mark.parametrize(("first", "later"), [("posts", "comments"), ("comments", "posts")])
def test_a_stream_selected_later_is_read_in_full(sandbox: Sandbox, first: str, later: str) -> None:
    """Each keeps for itself which posts it has covered; posts that are only walked are not taken for emitted."""
    truth = sandbox.world.truth
    number = {"posts": len(truth.posts), "comments": len(truth.all_comments)}
    options: dict[str, Any] = {"engagement_window_days": 60}
    result = run(sandbox, select={first}, **options)
    assert {stream: len(rows) for stream, rows in result.records.items()} == {first: number[first]}
    second = run(sandbox, result.state, {"posts", "comments"}, **options)
    assert not second.records[first]
    assert len(second.records[later]) == number[later]


@pytest.mark.parametrize("select", [ENGAGEMENT, ENGAGEMENT - {"posts"}], ids=["with posts", "without"])
def test_a_filtered_post_takes_only_its_own_comments_along(sandbox: Sandbox, select: set[str]) -> None:
    """A page of posts is handed over at once, less those that a stream map filters."""
    kept = {post.urn for post in sandbox.world.truth.shown_posts if post.urn.startswith("urn:li:ugcPost")}
    filtered = {"posts": {"__filter__": "'ugcPost' in record['id']"}}
    result = run(sandbox, select=select, stream_maps=filtered)
    assert set(result.values("posts", "id")) == (kept if "posts" in select else set())
    wanted = {comment.urn for comment in sandbox.world.truth.all_comments if comment.post.urn in kept}
    unshown = {*sandbox.world.truth.silent_posts, *sandbox.world.truth.refused_posts}
    assert {row["urn"] for row in result.records["comments"] if row["post"] not in unshown} == wanted
    assert wanted


def test_posts_say_in_plain_words_what_they_are(sandbox: Sandbox) -> None:
    """Text, address and kind of content, beside LinkedIn's own fields."""
    rows = run(sandbox, select={"posts"}).records["posts"]
    urn_types = {"image", "video", "document", "multi_image", "article", "poll", "carousel", "celebration", "reference"}
    assert {row["content_kind"] for row in rows} <= urn_types | {"none"}
    assert len({row["content_kind"] for row in rows}) > 5
    hashtagged = [row for row in rows if "{hashtag" in (row["commentary"] or "")]
    assert hashtagged
    assert not [row for row in hashtagged if "{hashtag" in row["text"] or "\\" in row["text"]]
    assert all(row["url"] == f"https://www.linkedin.com/feed/update/{row['id']}" for row in rows)


def test_commentary_is_text_whatever_shape_it_came_in(sandbox: Sandbox) -> None:
    """An object's attributes stand beside its text."""
    rows = run(sandbox, select={"posts"}).records["posts"]
    assert {type(row["commentary"]) for row in rows} <= {str, type(None)}
    assert any(row["commentary_attributes"] for row in rows)


def test_counts_are_summed_up(sandbox: Sandbox) -> None:
    """Reactions of all types, and comments with replies."""
    truth = sandbox.world.truth
    rows = {row["entity"]: row for row in run(sandbox, select=ENGAGEMENT).records["social_metadata"]}
    reactions = Counter(reaction.post.urn for reaction in truth.reactions)
    comments = Counter(comment.post.urn for comment in truth.all_comments)
    for urn in truth.posts:
        assert rows[urn]["reaction_count"] == reactions[urn]
        assert rows[urn]["comment_count"] == comments[urn]
        assert rows[urn]["snapshot_date"] == NOW.date().isoformat()


def _company(sandbox: Sandbox) -> str:
    return sandbox.world.truth.organizations[0].urn
