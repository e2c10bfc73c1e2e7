"""The invented company: the same for the same seed and time, and different day by day."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from urllib.parse import quote

import pytest

from linkedin_sandbox import World
from linkedin_sandbox.world.organizations import MOST_ORGANIZATIONS, children
from tests.sandbox.client import DAY, ORGANIZATION, PAGE, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import elements, rows, serving

TARGETS = (
    f"dmaFeedContentsExternal?q=postsByAuthor&author={ORGANIZATION}&maxPaginationCount=1000",
    f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}&maxPaginationCount=1000",
    "dmaOrganizations?ids=List(90417283,90417391)",
    f"dmaOrganizationalPageEdgeAnalytics?q=dimension&organizationalPage={PAGE}"
    "&analyticsType=FOLLOWER&dimensionType=SENIORITY",
)


def answers(world: World) -> list[str]:
    """Bodies of a few requests, in one canonical text each."""
    with serving(world) as client:
        keys = [*world.truth.posts[:20]]
        bodies = [client.get(target).body for target in TARGETS]
        bodies += [client.batch("dmaPosts", keys), client.batch("dmaSocialMetadata", keys)]
        bodies.append(client.batch("dmaComments", [comment.urn for comment in world.truth.all_comments[:20]]))
    return [json.dumps(body, sort_keys=True) for body in bodies]


def test_the_same_seed_and_time_give_the_same_world() -> None:
    """Every answer is the same to the byte, ticks included."""
    worlds = [World(posts=40, followers=100, now=NOW) for _ in range(2)]
    assert answers(worlds[0]) == answers(worlds[1])
    assert worlds[0].tick(days=3) == worlds[1].tick(days=3)
    assert answers(worlds[0]) == answers(worlds[1])


def test_another_seed_gives_another_world() -> None:
    """What members did differs, and so do their ids."""
    one, other = World(seed=1, now=NOW), World(seed=2, now=NOW)
    assert [comment.urn for comment in one.truth.comments] != [comment.urn for comment in other.truth.comments]
    assert one.truth.followers[0]["follower"] != other.truth.followers[0]["follower"]
    read: list[set[str]] = []
    for world in (one, other):
        with serving(world) as client:
            read.append({row["contentSeriesUrn"] for row in elements(client, "dmaContentSeries")})
    assert not read[0] & read[1]


def test_by_default_the_world_is_a_week_behind() -> None:
    """So that days can be let pass without reaching into the future."""
    world = World()
    behind = datetime.now(timezone.utc) - world.now
    assert timedelta(days=7) <= behind < timedelta(days=7, minutes=1)


@pytest.mark.parametrize("posts", [0, 1, 2, 5, 6, 7, 200])
def test_a_world_of_any_size_holds_together(posts: int) -> None:
    """All posts are listed; from six on, one is refused and one silent; a day can pass."""
    world = World(posts=posts, followers=posts, now=NOW)
    odd = len(world.truth.refused_posts) + len(world.truth.silent_posts)
    showcase = [post for post in world.truth.shown_posts if post.organization.page == 61553118]
    assert len(world.truth.posts) - len(showcase) + min(odd, 2) == posts
    assert odd == (0 if posts < 6 else 2 if posts < 72 else 4)
    assert world.tick().posts


@pytest.mark.parametrize("organizations", [1, 2, 30])
def test_the_member_administers_as_many_organizations_as_asked_for(organizations: int) -> None:
    """Each has a page, posts and followers of its own, and stands among the member's roles."""
    world = World(posts=12, followers=20, now=NOW, organizations=organizations)
    with serving(world) as client:
        held = rows(client, "dmaOrganizationAcls?q=roleAssignee&state=(value:APPROVED)&start=0&count=100")
        named = [row.get("key", row)["organization"] for row in held]
        page = quote(world.truth.organizations[-1].page_urn, safe="")
        assert client.listing(f"dmaFeedContentsExternal?q=postsByAuthor&author={quote(named[-1], safe='')}")
        assert client.listing(f"dmaOrganizationalPageFollows?q=followee&followee={page}")
    assert named == [one.urn for one in world.truth.organizations]
    assert len(named) == organizations


def test_every_organization_has_numbers_of_its_own() -> None:
    """And so has its page, however many there are, and however many are below them."""
    there = World(posts=0, followers=0, now=NOW, organizations=MOST_ORGANIZATIONS).organizations
    below = [child for parent in there if parent.administered for child in children(parent) if child not in there]
    names = [name for one in (*there, *below) for name in (one.number, one.page)]
    assert len(names) == len(set(names)) > MOST_ORGANIZATIONS * 6


def test_every_urn_of_the_world_is_its_own() -> None:
    """No two posts, activities, comments or reactions share a name."""
    truth = World(posts=200, now=NOW).truth
    for urns in (
        truth.posts,
        [str(post.activity) for post in truth.shown_posts],
        [comment.urn for comment in truth.all_comments],
        [str(comment.activity) for comment in truth.all_comments],
        [reaction.urn for reaction in truth.reactions + truth.comment_reactions],
    ):
        assert len(urns) == len(set(urns)) > 0


def test_nothing_happens_after_now() -> None:
    """Posts, comments, replies, reactions and follows lie in the past, on the first day and after a week."""
    world = World(now=NOW)
    for days in (0, 7):
        world.tick(days)
        truth = world.truth
        times = [post.created for post in truth.shown_posts] + [post.modified for post in truth.shown_posts]
        times += [comment.created for comment in truth.all_comments]
        times += [reaction.created for reaction in truth.reactions]
        times += [row["lastModifiedAt"] for row in truth.followers]
        assert max(times) <= world.now_ms


def test_a_reply_is_younger_than_what_it_answers() -> None:
    """And both are younger than the post."""
    for reply in World(now=NOW).truth.replies:
        assert reply.parent is not None
        assert reply.post.created < reply.parent.created < reply.created


def test_many_posts_have_no_comments() -> None:
    """Nor reactions, some of them."""
    truth = World(now=NOW).truth
    comments = Counter(comment.post.urn for comment in truth.comments)
    reactions = Counter(reaction.post.urn for reaction in truth.reactions)
    assert len(comments) < 0.75 * len(truth.posts)
    assert len(reactions) < len(truth.posts)


def test_followers_are_persons_pages_and_rows_without_a_name(client: Client, world: World) -> None:
    """What comes over the wire is the truth, of both edge types together and apart; pages are never withheld."""
    listing = f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}"
    rows = client.listing(listing, 100)
    assert [{name: row[name] for name in row if name != "futureField"} for row in rows] == list(world.truth.followers)
    kinds = Counter(row["follower"].split(":")[2] if "follower" in row else "withheld" for row in rows)
    assert kinds["person"] > kinds["withheld"] > kinds["organizationalPage"] > 0
    members = client.listing(f"{listing}&edgeType=MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE", 100)
    pages = client.listing(f"{listing}&edgeType=ORGANIZATIONAL_PAGE_FOLLOWS_ORGANIZATIONAL_PAGE", 100)
    assert members == [row for row in rows if row["edgeType"].startswith("MEMBER")]
    assert pages == [row for row in rows if not row["edgeType"].startswith("MEMBER")]
    assert all("follower" in row for row in pages)
    assert len({row["follower"] for row in rows if "follower" in row}) == sum(kinds.values()) - kinds["withheld"]


def test_the_showcase_page_has_followers_of_its_own(client: Client, world: World) -> None:
    """Fewer, and none of them the company's."""
    page = "urn%3Ali%3AorganizationalPage%3A61553118"
    rows = client.listing(f"dmaOrganizationalPageFollows?q=followee&followee={page}")
    assert len(rows) == len(world.truth.showcase_followers) < len(world.truth.followers)
    persons = {row.get("follower") for row in rows if row["edgeType"].startswith("MEMBER")} - {None}
    assert not persons & {row.get("follower") for row in world.truth.followers}


def test_the_member_and_its_roles(client: Client) -> None:
    """DmaMe names the member that the roles are held by; one role stands with a key, one without."""
    me = client.get("dmaMe").body
    roles = client.get("dmaOrganizationAcls?q=roleAssignee").body["elements"]
    held = [row.get("key", row) for row in roles]
    assert {row["roleAssignee"] for row in held} == {f"urn:li:person:{me['id']}"}
    assert {"key" in row for row in roles} == {True, False}


def test_a_million_followers_and_many_posts_take_no_time() -> None:
    """They are made when read: the world is there at once, its last rows too, and a day passes."""
    world = World(posts=20_000, followers=1_000_000, now=NOW)
    rows = world.truth.followers
    assert len(rows) == 1_000_000
    assert rows[999_999] == rows[-1] != rows[999_998]
    assert not any(isinstance(value, list | dict) and len(value) > 100 for value in vars(rows).values())
    assert world.engagement.thread.cache_info().currsize == 0
    world.tick()
    assert len(rows) == 1_000_000
    assert rows.places == 1_000_001
    assert world.engagement.thread.cache_info().currsize <= 1024


def test_a_walk_among_a_million_reaches_the_end() -> None:
    """A cursor is a position: the walk over one edge type reads no other rows, and its last page is as good as any."""
    big = World(posts=10, followers=1_000_000, now=NOW)
    listing = f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}"
    with serving(big) as client:
        found = client.listing(f"{listing}&edgeType=ORGANIZATIONAL_PAGE_FOLLOWS_ORGANIZATIONAL_PAGE")
    assert len({row["follower"] for row in found}) == len(found) == 27_027
    assert found[-1]["follower"] == big.truth.followers[37 * 27_026 + 5]["follower"]


def test_pages_that_are_alike_have_posts_evenly_over_a_year() -> None:
    """Every page as many as the company."""
    world = World(posts=12, followers=5, now=NOW, organizations=3, alike=True)
    for organization in world.truth.organizations:
        made = [post.created for post in world.feed.posts if post.organization is organization]
        apart = {round((later - earlier) / DAY, 1) for earlier, later in pairwise(made)}
        assert (len(made), apart) == (12, {round(365 / 12, 1)})
        assert world.followers[organization.number].drawn == 5
