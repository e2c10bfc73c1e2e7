"""The state: small, and read whatever release wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tap.plain import PlainLinkedIn, read, urn_of

SELECT = {"posts", "social_metadata", "comments", "reactions", "comment_reactions", "post_availability", "people"}
FORMER = Path(__file__).parent / "former_state.json"
"""What a run over `company` left as it was first released."""


@pytest.fixture
def company() -> Iterator[PlainLinkedIn]:
    """Posts of three kinds, and what hangs on them."""
    serving = PlainLinkedIn()
    for days in range(1, 9):
        post = serving.add_post(urn_of(days, days, ("share", "ugcPost")[days % 2]))
        serving.add_comments(post, days % 3)
        serving.add_reactions(post, days % 4)
    serving.add_post("urn:li:groupPost:900-456", place=3)
    with serving:
        yield serving


def test_the_state_of_a_former_release_is_gone_on_from(company: PlainLinkedIn) -> None:
    """Nothing is read again that it holds, and what is new is."""
    former = json.loads(FORMER.read_text())
    new = company.add_post(urn_of(0.5), place=0)
    result = read(company, SELECT, former)
    assert result.values("posts", "id") == [new]
    assert not company.asked("commentsOnEntity")
    assert not company.asked("reactionsOnEntity")
    assert result.state["bookmarks"].keys() >= former["bookmarks"].keys()


def test_what_a_former_release_knew_of_posts_is_asked_about(company: PlainLinkedIn) -> None:
    """A post that is not listed any more is told to be gone."""
    gone = company.listing("postsByAuthor", company.organization).pop(2)["id"]
    del company.entities["dmaPosts"][gone]
    first = read(company, SELECT, json.loads(FORMER.read_text()))
    assert {row["post"]: row["status"] for row in first.records["post_availability"]}[gone] == "gone"
    assert gone not in read(company, SELECT, first.state).values("post_availability", "post")


def test_the_state_of_thousands_of_posts_is_small(company: PlainLinkedIn) -> None:
    """It is written once a second: under 100 KB for 2,000 posts, with comments and reactions on every fourth."""
    for number in range(2000):
        post = company.add_post(urn_of(10 + number / 10, number, ("share", "ugcPost")[number % 2]))
        if number % 4 == 0:
            company.add_comments(post, 2)
            company.add_reactions(post, 3)
            summaries = company.counts(post)["reactionSummaries"]
            for kind in ("PRAISE", "EMPATHY", "INTEREST"):
                summaries[kind] = {"reactionType": kind, "count": number}
    result = read(company, SELECT, max_concurrency=4)
    assert len(result.records["posts"]) == 2009
    counts = [result.state_of(stream, company.organization)["counts"] for stream in ("comments", "reactions")]
    assert [len(by_post) > 500 for by_post in counts] == [True, True]
    assert "urn:li:share" not in json.dumps(result.state)
    assert len(json.dumps(result.state)) < 100_000
