"""The feed: what is listed is what can be read, privacy removes fields, counts add up."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from linkedin_sandbox import World
from tests.sandbox.client import DAY, ORGANIZATION, Client

POSTS = f"dmaFeedContentsExternal?q=postsByAuthor&author={ORGANIZATION}"


def hydrate(client: Client, resource: str, urns: list[str]) -> dict[str, Any]:
    """All of them, in batches of 30, which fit the query."""
    found: dict[str, Any] = {}
    for start in range(0, len(urns), 30):
        found.update(client.batch(resource, urns[start : start + 30])["results"])
    return found


def time_of(urn: str) -> int:
    """The creation time, in ms, that the last number of a URN holds."""
    return int(re.findall(r"\d+", urn)[-1]) >> 22


def test_posts_are_listed_newest_first(client: Client, world: World) -> None:
    """By the time in their number, which is the post's creation time; reposts stand among them."""
    listed = [row["id"] for row in client.listing(POSTS)]
    assert listed == sorted(listed, key=time_of, reverse=True)
    assert {urn.split(":")[2] for urn in listed} == {"share", "ugcPost", "instantRepost"}
    found = hydrate(client, "dmaPosts", [urn for urn in listed if "instantRepost" not in urn])
    assert all(time_of(urn) == post["created"]["time"] for urn, post in found.items())
    ages = [world.now_ms - time_of(urn) for urn in listed]
    assert ages[0] < 2 * DAY
    assert 400 * DAY < ages[-1] < 420 * DAY


def test_the_authors_view_tells_more(client: Client, world: World) -> None:
    """viewContext=AUTHOR adds the content's and the review's status."""
    urn = world.truth.posts[0]
    seen = {}
    for view in ("READER", "AUTHOR"):
        body = client.get(f"dmaPosts?ids=List({urn.replace(':', '%3A')})&viewContext={view}").body
        seen[view] = set(body["results"][urn]["lifecycleStateInfo"])
    assert seen["AUTHOR"] - seen["READER"] == {"contentStatus", "reviewStatus"}


def test_plain_commentary_is_little_text(client: Client, world: World) -> None:
    """Hashtags, mentions and escapes are marked up in strings."""
    posts = hydrate(client, "dmaPosts", world.truth.posts).values()
    text = "\n".join(post["commentary"] for post in posts if isinstance(post["commentary"], str))
    assert r"{hashtag|\#|opensource}" in text
    assert "@[Quiet Pumps Guild](urn:li:organization:77)" in text
    assert r"\(and rewrote\)" in text


def test_every_comment_can_be_walked_to(client: Client, world: World) -> None:
    """Top comments by post, replies by comment, down to the deepest: together all that exist, each once."""
    found: list[str] = []
    for post in world.truth.posts:
        level = client.urns("commentsOnEntity", post)
        while level:
            found += level
            level = [reply for comment in level for reply in client.urns("commentsOnEntity", comment)]
    assert Counter(found) == Counter(comment.urn for comment in world.truth.all_comments)
    assert max(comment.depth for comment in world.truth.replies) >= 4
    assert len(hydrate(client, "dmaComments", found)) == len(found)


def test_replies_are_listed_with_the_post_on_a_switch(client: Client, world: World) -> None:
    """Off, the listing of a post holds its top comments; on, replies too."""
    post = max(world.truth.comments, key=lambda comment: len(world.engagement.thread(comment.post).comments)).post
    thread = world.engagement.thread(post)
    assert len(client.urns("commentsOnEntity", post.urn)) == len(thread.replies(None)) < len(thread.comments)
    world.replies_in_listing = True
    assert len(client.urns("commentsOnEntity", post.urn)) == len(thread.comments)


def test_replies_name_their_parent(client: Client, world: World) -> None:
    """ParentComment is on replies only, and is the URN of the comment answered."""
    found = hydrate(client, "dmaComments", [comment.urn for comment in world.truth.all_comments])
    for comment in world.truth.all_comments:
        expected = comment.parent.urn if comment.parent else None
        assert found[comment.urn].get("parentComment") == expected


def test_without_consent_text_and_actor_go_together(client: Client, world: World) -> None:
    """Such a comment keeps its time and loses both."""
    found = hydrate(client, "dmaComments", [comment.urn for comment in world.truth.all_comments]).values()
    kept = {("commentary" in comment or "message" in comment, "actor" in comment["created"]) for comment in found}
    assert kept == {(True, True), (False, False)}
    assert any("commentary" not in comment for comment in found if "message" in comment)
    assert all(comment["created"]["time"] for comment in found)


def test_the_activity_is_not_the_post(client: Client, world: World) -> None:
    """Comments and reactions name an activity whose number is another than the post's; asked for, it answers alike."""
    for post in world.truth.shown_posts[:20]:
        assert str(post.activity) not in post.urn
        activity = f"urn:li:activity:{post.activity}"
        assert client.urns("commentsOnEntity", activity) == client.urns("commentsOnEntity", post.urn)
        assert client.urns("reactionsOnEntity", activity) == client.urns("reactionsOnEntity", post.urn)


def test_every_reaction_can_be_listed_and_read(client: Client, world: World) -> None:
    """By post: all that exist, each once, of every type; entity is the activity."""
    listed = [urn for post in world.truth.posts for urn in client.urns("reactionsOnEntity", post)]
    assert Counter(listed) == Counter(reaction.urn for reaction in world.truth.reactions)
    found = hydrate(client, "dmaReactions", listed)
    assert len(found) == len(listed)
    assert len({reaction["reactionType"] for reaction in found.values()}) == 7
    assert all(urn.endswith(f",{reaction['entity']})") for urn, reaction in found.items())


def test_withheld_reactions_stay_as_rows(client: Client, world: World) -> None:
    """Keyed by a reaction URN with an id seen nowhere else, without actor."""
    found = hydrate(client, "dmaReactions", [reaction.urn for reaction in world.truth.reactions])
    withheld = [urn for urn, reaction in found.items() if "actor" not in reaction["created"]]
    assert 0 < len(withheld) < len(found)
    persons = Counter(urn.split(",")[0] for urn in found)
    assert all(persons[urn.split(",")[0]] == 1 for urn in withheld)
    assert all(f"({found[urn]['created']['actor']}," in urn for urn in found if urn not in withheld)


def test_reactions_on_comments_are_reached_by_the_comment(client: Client, world: World) -> None:
    """Their activity is the comment's own."""
    reaction = world.truth.comment_reactions[0]
    assert reaction.comment is not None
    assert reaction.urn in client.urns("reactionsOnEntity", reaction.comment.urn)
    assert list(client.batch("dmaReactions", [reaction.urn])["results"]) == [reaction.urn]
    by_activity = client.urns("reactionsOnEntity", f"urn:li:activity:{reaction.activity}")
    assert by_activity == client.urns("reactionsOnEntity", reaction.comment.urn)


def test_social_metadata_counts_what_is_listed(client: Client, world: World) -> None:
    """Count with replies, topLevelCount without, reaction types with one or more only."""
    found = hydrate(client, "dmaSocialMetadata", world.truth.posts)
    comments = Counter(comment.post.urn for comment in world.truth.all_comments)
    top = Counter(comment.post.urn for comment in world.truth.comments)
    kinds = Counter((reaction.post.urn, reaction.kind) for reaction in world.truth.reactions)
    for urn, counts in found.items():
        assert counts["entity"] == urn
        assert counts["commentSummary"]["count"] == comments[urn]
        assert counts["commentSummary"]["topLevelCount"] == top[urn]
        summaries = counts["reactionSummaries"]
        assert {kind: each["count"] for kind, each in summaries.items()} == {
            kind: many for (post, kind), many in kinds.items() if post == urn
        }
    assert 0 in comments.values() or len(comments) < len(found)


def test_social_metadata_of_a_comment_counts_its_replies(client: Client, world: World) -> None:
    """Below a comment: all answers, and those at its first level."""
    parent = next(reply.parent for reply in world.truth.replies if reply.depth == 3)
    assert parent is not None
    assert parent.parent is not None
    counts = client.batch("dmaSocialMetadata", [parent.parent.urn])["results"][parent.parent.urn]["commentSummary"]
    assert counts["count"] > counts["topLevelCount"] >= 1


def test_reposts_are_listed_and_read(client: Client, world: World) -> None:
    """The organization's own, newest first, and those of a post; the number of each is its time."""
    listing = f"dmaFeedContentsExternal?q=repostsByReposter&reposter={ORGANIZATION}"
    own = [row["id"] for row in client.listing(listing)]
    assert sorted(own) == sorted(world.truth.instant_reposts)
    assert own == sorted(own, key=time_of, reverse=True)
    others = [urn for post in world.truth.posts for urn in client.urns("repostsFromEntity", post)]
    undone = {repost.urn for repost in world.truth.post_instant_reposts if repost.undone}
    assert undone < {*others} == {repost.urn for repost in world.truth.post_instant_reposts}
    found = hydrate(client, "dmaInstantReposts", own + others)
    assert set(found) == {*own, *others} - undone
    times = {
        urn: repost["created"]["time"] if "created" in repost else repost["createdAt"] for urn, repost in found.items()
    }
    assert times == {urn: time_of(urn) for urn in found}
    assert client.batch("dmaInstantReposts", [*undone])["results"] == {}


def test_some_reposts_stand_among_the_posts(client: Client, world: World) -> None:
    """Not all of them."""
    among = {row["id"] for row in client.listing(POSTS)} & {*world.truth.instant_reposts}
    assert 0 < len(among) < len(world.truth.instant_reposts)


def test_reshares_are_listed_by_what_they_reshare(client: Client, world: World) -> None:
    """Own reshares of own posts, and those by others: some of these are shown, some refused with their public URL."""
    listed = [urn for post in world.truth.posts for urn in client.urns("resharesFromEntity", post)]
    assert Counter(listed) == Counter(reshare.urn for reshare in world.truth.reshares)
    found = hydrate(client, "dmaPosts", listed)
    shown = {reshare.urn for reshare in world.truth.reshares if reshare.state == "shown"}
    own = {post.urn for post in world.truth.shown_posts if post.reshares in world.truth.posts}
    assert set(found) == shown > own != set()
    parents = {reshare.urn: reshare.reshares for reshare in world.truth.reshares if reshare.urn in shown}
    assert {urn: post["reshareContext"]["parent"] for urn, post in found.items()} == parents
    (refused, *_) = {*listed} - shown
    error = client.batch("dmaPosts", [refused])["errors"][refused]
    assert error["status"] == 403
    assert error["message"].endswith(f"https://www.linkedin.com/feed/update/{refused}")
