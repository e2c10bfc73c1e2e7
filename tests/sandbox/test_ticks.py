"""What a day brings, as a reader of the API sees it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import DAY, ORGANIZATION, PAGE, Client, window
from tests.sandbox.listings import elements, rows


def counts(client: Client, urns: list[str]) -> dict[str, tuple[int, int]]:
    """Comments and reactions of each post or comment, as social metadata counts them."""
    found: dict[str, Any] = {}
    for start in range(0, len(urns), 30):
        found.update(client.batch("dmaSocialMetadata", urns[start : start + 30])["results"])
    return {
        urn: (each["commentSummary"]["count"], sum(kind["count"] for kind in each["reactionSummaries"].values()))
        for urn, each in found.items()
    }


def posts_of(world: World, urns: list[str]) -> set[str]:
    """The posts whose activity these comment or reaction URNs name."""
    by_activity = {str(post.activity): post.urn for post in world.truth.shown_posts}
    return {by_activity[re.findall(r"activity:(\d+)", urn)[0]] for urn in urns}


def test_the_summary_is_the_difference(world: World) -> None:
    """What the truth gained and lost over some days is what the tick said, no more and no less."""

    def held() -> list[set[str]]:
        truth = world.truth
        return [
            set(truth.posts),
            {comment.urn for comment in truth.comments},
            {reply.urn for reply in truth.replies},
            {reaction.urn for reaction in truth.reactions},
            {f"urn:li:event:{event}" for event in truth.events},
            {lead for leads in truth.leads.values() for lead in leads},
        ]

    before, before_now = held(), world.now_ms
    changes = world.tick(days=5)
    after = held()
    said = [changes.posts, changes.comments, changes.replies, changes.reactions, changes.events, changes.leads]
    for old, new, named in zip(before, after, said, strict=True):
        assert new - old == set(named) - set(changes.deleted)
    assert (before[1] | before[2]) - (after[1] | after[2]) == set(changes.deleted) & (before[1] | before[2])
    assert world.now_ms - before_now == 5 * DAY
    assert len(changes.followers) == 5


def test_a_day_brings_something_of_everything(world: World) -> None:
    """A post, an edit, comments on old posts, a reply, a deletion, a reaction, a follower."""
    old = set(world.truth.posts)
    changes = world.tick()
    assert 1 <= len(changes.posts) <= 2
    assert len(changes.edited) == len(changes.deleted) == len(changes.followers) == 1
    assert changes.replies
    assert changes.reactions
    assert len(posts_of(world, changes.comments) & old) >= 2


def test_new_posts_stand_first(client: Client, world: World) -> None:
    """They are the newest of the listing, can be read, and have comments."""
    changes = world.tick()
    listing = f"dmaFeedContentsExternal?q=postsByAuthor&author={ORGANIZATION}"
    listed = [row["id"] for row in client.listing(listing)]
    assert listed[: len(changes.posts)] == list(reversed(changes.posts))
    assert set(client.batch("dmaPosts", changes.posts)["results"]) == set(changes.posts)
    assert all(comments >= 1 for comments, _ in counts(client, changes.posts).values())


def test_an_edit_moves_last_modified_and_the_text(client: Client, world: World) -> None:
    """The post was there before; publishedAt stays."""
    urns = world.truth.posts
    before = {urn: client.batch("dmaPosts", [urn])["results"][urn] for urn in urns}
    start = world.now_ms
    (edited,) = world.tick().edited
    after = client.batch("dmaPosts", [edited])["results"][edited]
    assert start < after["lastModified"]["time"] <= world.now_ms
    assert after["lastModified"]["time"] > before[edited]["lastModified"]["time"]
    assert after["publishedAt"] == before[edited]["publishedAt"]
    assert after["commentary"] != before[edited]["commentary"]
    assert after["lifecycleStateInfo"]["isEditedByAuthor"] is True


def test_changed_counts_tell_which_posts_to_ask_about(client: Client, world: World) -> None:
    """Every old post whose comments or reactions changed shows another count, and no other post does."""
    urns = world.truth.posts
    before = counts(client, urns)
    changes = world.tick(days=3)
    touched = posts_of(world, changes.comments + changes.replies + changes.reactions + changes.deleted)
    after = counts(client, urns)
    changed = {urn for urn in urns if before[urn] != after[urn]}
    assert changed <= touched
    assert len(changed) >= 5


def test_one_day_never_hides_a_change_behind_a_count(client: Client, world: World) -> None:
    """Within a day no post both gains and loses a comment."""
    for _ in range(10):
        urns = world.truth.posts
        before = counts(client, urns)
        changes = world.tick()
        after = counts(client, urns)
        touched = posts_of(world, changes.comments + changes.replies + changes.deleted) & set(urns)
        assert touched == {urn for urn in urns if before[urn][0] != after[urn][0]}


def test_a_deleted_comment_is_gone(client: Client, world: World) -> None:
    """From its listing and from the batch."""
    owner = {comment.urn: comment for comment in world.truth.all_comments}
    (deleted,) = world.tick().deleted
    parent = owner[deleted].parent
    assert deleted not in client.urns("commentsOnEntity", parent.urn if parent else owner[deleted].post.urn)
    assert client.batch("dmaComments", [deleted])["errors"][deleted]["status"] == 404


@pytest.mark.parametrize("days", [1, 30])
@pytest.mark.parametrize("edge", ["", "&edgeType=MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE"])
def test_a_follower_comes_and_another_leaves(client: Client, world: World, days: int, edge: str) -> None:
    """The other rows stay as they were, in whichever listing; pages stay, and so do the two rows that are alike."""
    listing = f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}{edge}"
    pages = f"{listing[: -len(edge) or None]}&edgeType=ORGANIZATIONAL_PAGE_FOLLOWS_ORGANIZATIONAL_PAGE"
    before, before_pages = client.listing(listing), client.listing(pages)
    changes = world.tick(days)
    after = [{name: row[name] for name in row if name != "futureField"} for row in client.listing(listing)]
    known = [{name: row[name] for name in row if name != "futureField"} for row in before]
    known += [row for row in changes.followers if not edge or row["edgeType"] in edge]
    assert after == [row for row in known if row not in changes.lost_followers]
    assert len(changes.lost_followers) == len(changes.followers) == days
    assert client.listing(pages)[: len(before_pages)] == before_pages
    assert len(world.truth.followers) == len([*world.truth.followers])
    assert [*world.truth.followers] == [world.truth.followers[place] for place in range(len(world.truth.followers))]


def test_a_follower_who_left_is_a_member_still(client: Client, world: World) -> None:
    """Whoever read the row before can look the member up as before."""
    lost = [row["follower"].rpartition(":")[2] for row in world.tick(20).lost_followers if "follower" in row]
    assert lost
    found = client.get(f"dmaPeople?ids=List({','.join(f'(id:{each})' for each in lost)})").body
    assert len(found["results"]) > len(lost) / 2


def test_followers_who_left_count_no_more(client: Client, world: World) -> None:
    """In the demographics of today; the days' gains stay, since they do not tell who left."""
    kind = f"organizationalPage={PAGE}&analyticsType=FOLLOWER"
    today = f"dmaOrganizationalPageEdgeAnalytics?q=dimension&{kind}&dimensionType=SENIORITY"
    day = world.today_ms - 30 * DAY
    gains = f"dmaOrganizationalPageEdgeAnalytics?q=trend&{kind}&{window(day, day + 20 * DAY)}"

    def totals(target: str) -> list[int]:
        return [row["value"]["totalCount"]["long"] for row in client.get(target).body["elements"]]

    before, gained = totals(today), totals(gains)
    for day in range(1, 100):
        world.followers[90417283].let_one_leave(day)
    assert all(after < earlier for after, earlier in zip(totals(today), before, strict=True))
    assert totals(gains) == gained


def test_the_page_answers_its_members(client: Client, world: World) -> None:
    """Some replies are the organization's own, by a member in its name, below a member's comment; some come later."""
    replies = [reply for reply in world.truth.replies if reply.by_page]
    new = {urn for _ in range(2) for urn in world.tick().replies}
    replies += [reply for reply in world.truth.replies if reply.urn in new and reply.by_page]
    assert len(replies) > 3
    assert new & {reply.urn for reply in replies}
    for reply in replies[-9:]:
        assert reply.parent is not None
        assert not reply.parent.by_page
        assert reply.urn in client.urns("commentsOnEntity", reply.parent.urn)
        found = client.batch("dmaComments", [reply.urn])["results"][reply.urn]
        assert found["created"]["actor"] == found["lastModified"]["actor"] == reply.post.organization.urn
        assert found["parentComment"] == reply.parent.urn
        assert "commentary" in found or "message" in found
        assert found["created"].get("impersonator", "urn:li:person:").startswith("urn:li:person:")


def test_a_day_brings_one_of_each_to_the_company(client: Client, world: World) -> None:
    """An event, a lead, a message and a reader, of that day; what was there before stays as it was."""
    thread = quote(elements(client, "dmaPageMessagingThreads")[0]["threadUrn"], safe="")
    newsletter = quote(elements(client, "dmaContentSeries")[0]["contentSeriesUrn"], safe="")
    company = f"owner=(organization:{ORGANIZATION})"
    targets = (
        f"dmaLeadGenFormResponse?q=owner&{company}&leadType=(leadType:COMPANY)",
        f"dmaPageMessagingMessages?q=thread&thread={thread}",
        f"dmaSeriesSubscribers?q=contentSeries&contentSeries={newsletter}",
        f"dmaEvents?q=organizer&organizer={ORGANIZATION}",
    )
    before, start = [rows(client, target) for target in targets], world.now_ms
    changes = world.tick()
    lead, message, reader, event = newest = [rows(client, target)[-1] for target in targets]
    assert [lead["id"]] == changes.leads
    assert [message["id"]] == changes.messages
    assert [{name: reader[name] for name in reader if name != "futureField"}] == changes.subscribers
    assert [f"urn:li:event:{event['id']}"] == changes.events
    times = [lead["submittedAt"], message["createdAt"], reader["lastModifiedAt"]]
    assert all(start < time <= world.now_ms for time in times)
    for target, old, new in zip(targets, before, newest, strict=True):
        assert rows(client, target) == [*old, new]


def test_a_comment_whose_reactions_grew_shows_another_count(client: Client, world: World) -> None:
    """Each day one at least, and the reactions that a day brought are those that were not there before."""
    old = {comment.urn for comment in world.truth.all_comments}
    before = {reaction.urn for reaction in world.truth.comment_reactions}
    seen = counts(client, sorted(old))
    changes = world.tick()
    brought = [reaction for reaction in world.truth.comment_reactions if reaction.urn not in before]
    assert {reaction.urn for reaction in brought} == {*changes.comment_reactions} != set()
    grown = {reaction.comment.urn for reaction in brought if reaction.comment} & old
    shown = counts(client, sorted(old - {*changes.deleted}))
    assert grown == {urn for urn, each in shown.items() if each[1] != seen[urn][1]} != set()
