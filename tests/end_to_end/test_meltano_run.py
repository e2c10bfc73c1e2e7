"""Meltano runs the shipped project twice: sandbox in, PostgreSQL out, a day in between."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

import pytest

from demo.meltano import Meltano
from demo.postgres import Database, Snapshot, embedded_server
from demo.run import MARTS, QUESTIONS, settings
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.streams import STREAMS

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from linkedin_sandbox.log import Request
    from linkedin_sandbox.world import Changes

OF_THE_POSTS = {"comments": "commentsOnEntity", "reactions": "reactionsOnEntity"}


class Existing(NamedTuple):
    """What the sandbox's world holds at one time: URNs, and how many of them each post has by its URN."""

    posts: set[str]
    comments: set[str]
    reactions: set[str]
    followers: int
    counts: Mapping[str, Counter[str]]

    @classmethod
    def now(cls, world: World) -> Existing:
        """Replies are counted with the comments, as LinkedIn counts them."""
        truth = world.truth
        return cls(
            posts=set(truth.posts),
            comments={comment.urn for comment in truth.all_comments},
            reactions={reaction.urn for reaction in truth.reactions},
            followers=len(truth.followers) + len(truth.showcase_followers),
            counts={
                "comments": Counter(comment.post.urn for comment in truth.all_comments),
                "reactions": Counter(reaction.post.urn for reaction in truth.reactions),
            },
        )


@dataclass(frozen=True)
class Run:
    """One run: what existed when it began, what stood in PostgreSQL when it ended, and all it asked and said."""

    existing: Existing
    tables: Snapshot
    ids: Mapping[str, list[str]]
    requests: Sequence[Request]
    log: str

    def asked_about(self, finder: str) -> set[str]:
        """The posts whose listing was read by this finder of the feed."""
        entities = [
            parse_qs(request.asked)["entity"][0]
            for request in self.requests
            if request.resource == "dmaFeedContentsExternal" and request.finder == finder
        ]
        return {entity for entity in entities if not entity.startswith("urn:li:comment:")}


class Story(NamedTuple):
    """Two runs, and what happened in the day between them."""

    first: Run
    happened: Changes
    second: Run


@pytest.fixture(scope="module")
def database() -> Generator[Database]:
    with embedded_server() as url, Database(url, "linkedin") as opened:
        yield opened


@pytest.fixture(scope="module")
def story(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Story:
    state = tmp_path_factory.mktemp("meltano")
    with Sandbox(World(posts=20, followers=40)) as sandbox:
        meltano = Meltano(state, settings(sandbox.tap_settings, database))
        meltano.install("target-postgres", MARTS)
        first = run(1, meltano, sandbox, database)
        happened = sandbox.tick()
        sandbox.clear()
        return Story(first, happened, run(2, meltano, sandbox, database, f"{MARTS}:build"))


def run(number: int, meltano: Meltano, sandbox: Sandbox, database: Database, *utilities: str) -> Run:
    existing = Existing.now(sandbox.world)
    meltano.run(number, "target-postgres", *utilities)
    return Run(
        existing=existing,
        tables=database.snapshot(),
        ids={
            "posts": [row["id"] for row in database.query("SELECT id FROM posts")],
            "comments": [row["urn"] for row in database.query("SELECT urn FROM comments")],
            "reactions": [row["row_key"] for row in database.query("SELECT row_key FROM reactions")],
        },
        requests=sandbox.requests,
        log=(meltano.state / f"run-{number}.log").read_text(),
    )


def test_every_stream_fills_a_table(story: Story) -> None:
    """A table that is missing or empty after the first run means that its stream was skipped."""
    selected = {stream.name for stream in STREAMS if stream.selected_by_default}
    assert {table for table, rows in story.first.tables.items() if rows} == selected


@pytest.mark.usefixtures("story")
def test_every_table_has_a_primary_key(database: Database) -> None:
    """Without one the target would append a second copy of each row."""
    assert all(database.primary_keys().values())


@pytest.mark.parametrize("table", ["posts", "comments", "reactions"])
def test_what_the_company_has_arrives_whole(story: Story, table: str) -> None:
    """Replies are comments too; posts that LinkedIn refuses to show are no rows."""
    assert sorted(story.first.ids[table]) == sorted(getattr(story.first.existing, table))


def test_every_follower_arrives(story: Story) -> None:
    """Rows without a URN are followers too: they have not consented to be named. Who has left is marked as deleted."""
    first, happened, second = story
    assert len(first.tables["followers"]) == first.existing.followers
    assert happened.lost_followers
    assert len(second.tables["followers"]) == second.existing.followers


def test_every_row_is_sent_once(story: Story) -> None:
    """The target's key would hide a row sent twice, so the tap's own count of records is asked."""
    told = re.findall(r"^(\w+) +([\d,]+)(?: +[\d,.]+){3}$", story.first.log, re.MULTILINE)
    counts = {name: int(count.replace(",", "")) for name, count in told if name != "total"}
    sent = {name: count for name, count in counts.items() if count}
    assert sent == {table: len(rows) for table, rows in story.first.tables.items()}


@pytest.mark.parametrize("table", ["posts", "comments", "reactions"])
def test_the_second_run_brings_what_is_new(story: Story, table: str) -> None:
    """What was deleted meanwhile is no longer listed and stays as a row."""
    first, _, second = story
    before, after = getattr(first.existing, table), getattr(second.existing, table)
    assert after - before
    assert sorted(second.ids[table]) == sorted(before | after)


def test_the_second_run_brings_edits(story: Story) -> None:
    """An edit moves a post's lastModified and leaves its publishedAt, which is the bookmark."""
    before, after = story.first.tables["posts"], story.second.tables["posts"]
    changed = {json.loads(key)[0] for key in before if before[key] != after[key]}
    assert story.happened.edited
    assert changed >= set(story.happened.edited)


@pytest.mark.parametrize("table", ["comments", "reactions"])
def test_only_posts_whose_counts_changed_are_listed_again(story: Story, table: str) -> None:
    """A listing call costs a minute at LinkedIn; one post without changes is one too many."""
    first, _, second = story
    before, after = first.existing.counts[table], second.existing.counts[table]
    changed = {post for post, count in after.items() if count != before[post]}
    assert changed
    assert second.asked_about(OF_THE_POSTS[table]) == changed


@pytest.mark.usefixtures("story")
def test_the_same_run_builds_marts(database: Database) -> None:
    """As `make demo` has them, whose questions have answers then."""
    for question in QUESTIONS:
        assert database.query(question.read_text()), question.name
