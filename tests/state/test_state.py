"""The state: small, and read whatever release wrote it."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tap_linkedin_dma.state.packing import Hashes
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.plain import PlainLinkedIn, read, urn_of
from tests.support.runs import settings

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
    """It is written every few seconds: 20 bytes a post with comments and reactions, 100 KB for 5,000 of them."""
    chance = random.Random(7)
    for number in range(1000):
        post = company.add_post(urn_of(10 + number / 10, chance.randrange(1 << 22), ("share", "ugcPost")[number % 2]))
        company.add_comments(post, 1)
        company.add_reactions(post, 1)
    result = read(company, SELECT - {"comment_reactions"}, max_concurrency=4)
    assert len(result.records["posts"]) == 1009
    assert f"{post.removeprefix('urn:li:')} 1/1" in Hashes(result.state_of("comments", company.organization), "counts")
    assert "urn:li:share" not in json.dumps(result.state)
    sizes = {
        f"{stream} {name}": len(json.dumps(part))
        for stream, kept in result.state["bookmarks"].items()
        for partition in kept.get("partitions", ())
        for name, part in partition.items()
    }
    assert sum(sizes.values()) < 21_000, sizes


DAMAGED = [
    pytest.param(None, "The state is not valid JSON", id="cut"),
    pytest.param([], "The state is not a JSON object. Give the tap the state", id="a list"),
    pytest.param({"posts": {}}, "The state was not written by tap-linkedin-dma", id="another program's"),
    pytest.param({"type": "STATE"}, "The state was not written by tap-linkedin-dma", id="a message without its value"),
    pytest.param({"bookmarks": []}, "The state was not written by tap-linkedin-dma", id="bookmarks a list"),
    pytest.param({"bookmarks": {"posts": 5}}, "posts: ", id="a stream a number"),
    pytest.param({"bookmarks": {"posts": {"partitions": {}}}}, "posts: ", id="partitions an object"),
    pytest.param({"bookmarks": {"posts": {"partitions": [{}]}}}, "posts: ", id="no context"),
    pytest.param(
        {"bookmarks": {"people": {"answered": [{"on": "2026-03-01", "urns": "{~~"}]}}}, "people: .* at answered"
    ),
    pytest.param({"bookmarks": {"people": {"answered": [{"on": 5, "urns": ""}]}}}, "people: .* at answered"),
    pytest.param({"bookmarks": {"organizations": {"table_version": "new"}}}, "organizations: .* at table_version"),
    *(
        pytest.param(
            {"bookmarks": {"comments": {"partitions": [{"context": {}, key: value}]}}}, f"comments: .* at {key}"
        )
        for key, value in {
            "counts": ["share:1"],
            "posts_to": "soon",
            "replication_key_value": 5,
            "known": "no base85 \u00e9",
            "posts": {"share": "0"},
            "asked": [],
            "read_to": {"share": "0"},
            "scanned_on": "soon",
            "listed": "~~~~",
            "read": "comments",
            "lead_types": {"SPONSORED": "x"},
            "dead_windows": [{"start": "2026-03-01"}],
            "listings": {"1f": {"cursor": ["c"], "rows": 1}},
            "not_returned": [{"on": "2026-03-01"}],
            "lacking_runs": "two",
            "read_since": "soon",
        }.items()
    ),
]


@pytest.mark.parametrize(("state", "says"), DAMAGED)
def test_a_damaged_state_is_one_sentence(
    tmp_path: Path, company: PlainLinkedIn, caplog: pytest.LogCaptureFixture, state: object, says: str
) -> None:
    """It names the stream and what to do; nothing is read, and nothing is written that would take the state's place."""
    command = []
    for name, content in {"config": settings(company), "state": state}.items():
        (tmp_path / name).write_text('{"bookmarks": {"pos' if content is None else json.dumps(content))
        command += [f"--{name}", str(tmp_path / name)]
    ended = CliRunner().invoke(TapLinkedInDMA.cli, command)
    assert ended.exit_code == 1
    assert isinstance(ended.exception, SystemExit)
    (sentence,) = (record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR)
    assert re.match(says, sentence)
    assert ended.output == ""
    assert not company.requests
