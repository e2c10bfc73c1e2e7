"""The example of the README: what a run asks for when little has changed since the last one."""

from __future__ import annotations

from collections import Counter

from tests.support.plain import FEED, PlainLinkedIn, read, urn_of

POSTS, COMMENTED, REACTED = 500, 10, 4
OF_POSTS = {"posts", "social_metadata", "comments", "reactions"}


def test_a_second_run_makes_the_calls_that_the_readme_counts() -> None:
    """One listing, all posts and counts by fifties, and a listing for each post whose counts have changed."""
    linkedin = PlainLinkedIn()
    posts = [linkedin.add_post(urn_of(days=1 + number / 2, number=number)) for number in range(POSTS)]
    with linkedin:
        first = read(linkedin, OF_POSTS)
        linkedin.clear()
        for post in posts[:COMMENTED]:
            linkedin.add_comments(post, 2)
        for post in posts[-REACTED:]:
            linkedin.add_reactions(post, 3)
        second = read(linkedin, OF_POSTS, first.state)
        asked = Counter(
            request.finder if request.resource == FEED else request.resource for request in linkedin.requests
        )
    assert {name: len(second.records[name]) for name in ("comments", "reactions")} == {
        "comments": COMMENTED * 2,
        "reactions": REACTED * 3,
    }
    assert asked == {
        "dmaOrganizations": 1,
        "postsByAuthor": 1,
        "dmaPosts": POSTS // 50,
        "dmaSocialMetadata": POSTS // 50,
        "commentsOnEntity": COMMENTED,
        "reactionsOnEntity": REACTED,
        "dmaComments": 1,
        "dmaReactions": 1,
    }
