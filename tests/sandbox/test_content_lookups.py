"""What posts and comments point to, and the resources that tell more of it."""

from __future__ import annotations

from typing import Any

from linkedin_sandbox import World
from tests.sandbox.client import Client
from tests.sandbox.test_feed import hydrate

NOT_ALLOWED_VERB = "Activity's verb type is not allowed from the ActivityFilter"


def kind_of(urn: str) -> str:
    """The kind of a URN."""
    return urn.split(":")[2]


def referenced(client: Client, world: World) -> list[str]:
    """What posts are about."""
    posts = hydrate(client, "dmaPosts", world.truth.posts).values()
    return [post["content"]["reference"]["id"] for post in posts if "reference" in post.get("content", {})]


def shared(client: Client, world: World) -> list[str]:
    """What comments hold from elsewhere."""
    comments = hydrate(client, "dmaComments", [comment.urn for comment in world.truth.all_comments]).values()
    held = [content for comment in comments for content in comment.get("content", [])]
    assert any("url" in content for content in held)
    return [content["entity"] for content in held if "entity" in content]


def lookup(client: Client, resource: str, urns: list[str]) -> tuple[dict[str, Any], dict[str, int], set[str]]:
    """What is answered, what is refused with which status, and what is neither."""
    body = client.batch(resource, urns)
    refused = {urn: error["status"] for urn, error in body.get("errors", {}).items()}
    return body["results"], refused, {*urns} - {*body["results"]} - {*refused}


def test_posts_are_about_events_web_pages_and_live_videos(client: Client, world: World) -> None:
    """Each by its URN; the events and live videos are the world's own."""
    found = referenced(client, world)
    assert {kind_of(urn) for urn in found} == {"event", "article", "ingestedContent", "liveVideo"}
    events = {int(urn.rpartition(":")[2]) for urn in found if kind_of(urn) == "event"}
    assert events <= {*world.truth.events}
    numbers = [urn.rpartition(":")[2] for urn in found if kind_of(urn) == "liveVideo"]
    assert client.batch("dmaLiveVideos", numbers)["results"]


def test_comments_point_to_both_kinds_of_content_from_elsewhere(client: Client, world: World) -> None:
    """As an article and as ingestedContent."""
    assert {kind_of(urn) for urn in shared(client, world)} == {"article", "ingestedContent"}


def test_what_comes_from_elsewhere_leads_to_a_web_page(client: Client, world: World) -> None:
    """Most of what is pointed to; one is withheld, one gone, one not answered, and what is not there is gone too."""
    about = [urn for urn in referenced(client, world) if kind_of(urn) in ("article", "ingestedContent")]
    urns = sorted({*shared(client, world), *about})
    found, refused, silent = lookup(client, "dmaIngestedContentSummaries", urns)
    assert len(found) > len(urns) * 0.8
    assert all(summary["resolvedUrl"].startswith("https://") for summary in found.values())
    assert set(refused.values()) <= {403, 404}
    assert len(refused) + len(silent) <= 3
    assert lookup(client, "dmaIngestedContentSummaries", ["urn:li:article:7"])[1] == {"urn:li:article:7": 404}


def test_an_activity_stands_for_a_post_or_a_comment(client: Client, world: World) -> None:
    """By the URN that it names; of a comment without consent nothing is said."""
    posts = {f"urn:li:activity:{post.activity}": post.urn for post in world.truth.shown_posts[:20]}
    comments = {f"urn:li:activity:{comment.activity}": comment.urn for comment in world.truth.all_comments[:40]}
    found, refused, silent = lookup(client, "dmaActivities", [*posts, *comments])
    assert not refused
    assert not silent
    assert {urn: found[urn]["domainEntity"] for urn in posts} == posts
    told = {urn: found[urn]["domainEntity"] for urn in comments if "domainEntity" in found[urn]}
    assert 0 < len(told) < len(comments)
    assert told.items() <= comments.items()
    assert {name for entity in found.values() for name in entity} == {"domainEntity", "futureField"}


def test_an_activity_that_is_not_resolved_is_refused_alone(client: Client, world: World) -> None:
    """403 with LinkedIn's words; the others of the batch are answered."""
    there, unknown = f"urn:li:activity:{world.truth.shown_posts[0].activity}", "urn:li:activity:7"
    body = client.batch("dmaActivities", [there, unknown])
    assert list(body["results"]) == [there]
    assert (body["errors"][unknown]["status"], body["errors"][unknown]["message"]) == (403, NOT_ALLOWED_VERB)


def test_content_by_others_has_a_public_url(client: Client, world: World) -> None:
    """What is reshared or reposted from strangers, reshares by others, refused posts, and what posts are about."""
    posts = hydrate(client, "dmaPosts", world.truth.posts)
    strangers = [post["reshareContext"]["parent"] for post in posts.values() if "reshareContext" in post]
    strangers = [urn for urn in strangers if urn not in posts]
    reposts = hydrate(client, "dmaInstantReposts", world.truth.instant_reposts).values()
    originals = [repost["repostedContent"] for repost in reposts if "repostedContent" in repost]
    others = [reshare.urn for reshare in world.truth.reshares if not reshare.organization.administered]
    groups = [strangers, originals, others, world.truth.refused_posts, referenced(client, world)]
    for urns in groups:
        assert urns
        found, refused, silent = lookup(client, "dmaContentPublicUrl", urns)
        assert not refused
        assert {urn: entity["publicUrl"].endswith(urn) for urn, entity in found.items()} == dict.fromkeys(found, True)
        assert len(silent) <= len(urns) // 2 + 1
    everything = [urn for urns in groups for urn in urns]
    assert lookup(client, "dmaContentPublicUrl", everything)[2]


def test_the_public_url_of_own_content_is_denied(client: Client, world: World) -> None:
    """403 in its place; content that is not there 404."""
    own, absent = world.truth.posts[0], "urn:li:groupPost:1-2"
    assert lookup(client, "dmaContentPublicUrl", [own, absent])[1] == {own: 403, absent: 404}
