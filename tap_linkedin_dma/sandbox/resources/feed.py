"""Feed: the six listings of URNs, the entities behind them, and what a page features and takes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import Refusal, not_found
from ..forms import Enum, Urn
from ..methods import BatchGet, Call, Finder, Resource
from ..paging import BARE_CURSOR, FEED_CURSOR, TOTAL_ONLY, Listing
from ..world.feed import repost_entity
from ..world.organizations import COMPANY
from ..world.page_content import content_ingestion_sources, featured_content_groups, page_credibility
from ..world.posts import Post, entity
from ..world.threads import Comment, comment_entity, reaction_entity
from .owned import PAGE, administered, owned

POST = Urn("share", "ugcPost")
ENTITY = Urn("share", "ugcPost", "activity", "comment")


def urns(rows: Sequence[str], *, gap: bool = False) -> Listing:
    """A listing whose elements hold an `id` and nothing else."""
    return Listing(rows, lambda urn: {"id": urn}, gap=gap)


def posts_by_author(call: Call) -> Listing:
    """Posts and, among them, instant reposts; the company's listing has an empty page in it."""
    organization = administered(call, call["author"])
    return urns(call.world.feed.posts_by(organization), gap=organization is COMPANY)


def reposts_by_reposter(call: Call) -> Listing:
    """Instant reposts by an organization."""
    return urns(call.world.feed.reposts_by(administered(call, call["reposter"])))


def target(call: Call, urn: str) -> tuple[Post, Comment | None]:
    """What a URN stands for; 403 for what the member may not see, 404 for what is not there."""
    found = call.world.feed.target(urn)
    if found is None:
        raise not_found(urn)
    if found[0].state == "refused":
        raise call.denied()
    return found


def comments_on_entity(call: Call) -> Listing:
    """Comments on a post, newest first, or the replies to a comment."""
    post, comment = target(call, call["entity"])
    thread = call.world.engagement.thread(post)
    everything = comment is None and call.world.replies_in_listing
    rows = thread.comments if everything else thread.replies(comment)
    return urns([row.urn for row in reversed(rows)])


def reactions_on_entity(call: Call) -> Listing:
    """Reactions on a post or a comment, newest first."""
    reactions = call.world.engagement.reactions(*target(call, call["entity"])).values()
    return urns([row.urn for row in sorted(reactions, key=lambda row: row.created, reverse=True)])


def reposts_from_entity(call: Call) -> Listing:
    """Instant reposts of a post."""
    post, _ = target(call, call["entity"])
    return urns([repost.urn for repost in call.world.feed.reposts_from(post)])


def reshares_from_entity(call: Call) -> Listing:
    """Reshares of a post with text of their own."""
    post, _ = target(call, call["entity"])
    return urns(call.world.feed.reshares_from(post))


def post_entity(call: Call, urn: str) -> dict[str, Any] | None:
    """A post; one is refused with its public URL, one is not answered at all, and strangers' are refused."""
    post = call.world.feed.by_urn.get(urn)
    if post is None or post.state == "refused":
        url = f"https://www.linkedin.com/feed/update/{urn}"
        raise Refusal(403, f"Content is not owned by the organization, see {url}", code="ACCESS_DENIED")
    if post.state == "silent":
        return None
    newest = call.get("viewContext") == "AUTHOR"
    return entity(post, call.world.seed, call.world.asked_ms(), newest=newest)


def comment(call: Call, urn: str) -> dict[str, Any]:
    """A comment or reply; a deleted one is 404."""
    _, found = target(call, urn)
    if found is None:
        raise not_found(urn)
    return comment_entity(found, call.world.seed)


def reaction(call: Call, urn: str) -> dict[str, Any]:
    """A reaction."""
    found = call.world.feed.reaction(urn)
    if found is None:
        raise not_found(urn)
    return reaction_entity(found)


def instant_repost(call: Call, urn: str) -> dict[str, Any]:
    """A repost without text."""
    found = call.world.feed.repost(urn)
    if found is None:
        raise not_found(urn)
    return repost_entity(found, call.world.seed)


def social_metadata(call: Call, urn: str) -> dict[str, Any] | None:
    """Counts of a post, activity or comment."""
    post, found = target(call, urn)
    return call.world.feed.social_metadata(urn, post, found) if post.state == "shown" else None


RESOURCES = (
    Resource(
        "dmaFeedContentsExternal",
        (
            Finder("postsByAuthor", {"author": Urn("organization")}, posts_by_author, paging=FEED_CURSOR),
            Finder("repostsByReposter", {"reposter": Urn("organization")}, reposts_by_reposter, paging=FEED_CURSOR),
            Finder("commentsOnEntity", {"entity": ENTITY}, comments_on_entity, paging=FEED_CURSOR),
            Finder("reactionsOnEntity", {"entity": ENTITY}, reactions_on_entity, paging=FEED_CURSOR),
            Finder("repostsFromEntity", {"entity": POST}, reposts_from_entity, paging=FEED_CURSOR),
            Finder("resharesFromEntity", {"entity": POST}, reshares_from_entity, paging=FEED_CURSOR),
        ),
    ),
    Resource(
        "dmaPosts",
        (
            BatchGet(
                Urn("share", "ugcPost", "groupPost"), post_entity, may_take={"viewContext": Enum("READER", "AUTHOR")}
            ),
        ),
    ),
    Resource("dmaComments", (BatchGet(Urn("comment"), comment),)),
    Resource("dmaReactions", (BatchGet(Urn("reaction"), reaction),)),
    Resource("dmaInstantReposts", (BatchGet(Urn("instantRepost"), instant_repost),)),
    Resource("dmaSocialMetadata", (BatchGet(ENTITY, social_metadata),)),
    Resource(
        "dmaPagesFeaturedContentGroups",
        (owned("page", (PAGE,), featured_content_groups, paging=TOTAL_ONLY),),
    ),
    Resource("dmaOrganizationalPageCredibility", (owned("page", (PAGE,), page_credibility),)),
    Resource(
        "dmaOrganizationalPageContentIngestionSources",
        (owned("organizationalPage", (PAGE,), content_ingestion_sources, paging=BARE_CURSOR),),
    ),
)
