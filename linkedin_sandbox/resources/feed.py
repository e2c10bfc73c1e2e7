"""Feed: the six listings of URNs, the entities behind them, and what a page features and takes in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from zlib import crc32

from ..errors import Refusal, denied, not_found
from ..forms import Enum, Urn
from ..methods import BatchGet, Call, Finder, Resource
from ..paging import BARE_CURSOR, FEED_CURSOR, TOTAL_ONLY, Listing
from ..world import World
from ..world.events import find_event
from ..world.feed import repost_entity
from ..world.ingested import GONE, SILENT, WITHHELD, ingested_places, ingested_summary
from ..world.live_videos import find_live_video
from ..world.organizations import COMPANY
from ..world.page_content import content_ingestion_sources, featured_content_groups, page_credibility
from ..world.posts import Post, entity
from ..world.threads import Comment, comment_entity, reaction_entity
from .owned import PAGE, administered, owned

POST = Urn("share", "ugcPost")
CONTENT = Urn(
    "share",
    "ugcPost",
    "groupPost",
    "article",
    "ingestedContent",
    "linkedInArticle",
    "event",
    "liveVideo",
    "contentSeries",
)
ENTITY = Urn("share", "ugcPost", "activity", "comment")


def urns(rows: Sequence[str], *, gap: bool = False) -> Listing:
    """A listing whose elements hold an `id` and nothing else."""
    return Listing(rows, lambda urn: {"id": urn}, gap=gap)


class Made(Protocol):
    """Something of which it is known when it was made."""

    @property
    def urn(self) -> str: ...

    @property
    def created(self) -> int: ...


def listed_late(call: Call, rows: Iterable[Made], *, gap: bool = False) -> Listing:
    """A listing that is behind what is counted, by the world's lag."""
    return urns([row.urn for row in rows if row.created <= call.world.listed_to_ms], gap=gap)


def posts_by_author(call: Call) -> Listing:
    """Posts and, among them, instant reposts; the company's listing has an empty page in it."""
    organization = administered(call, call["author"])
    return urns(call.world.feed.posts_by(organization), gap=organization is COMPANY)


def reposts_by_reposter(call: Call) -> Listing:
    """Instant reposts by an organization, with an empty page among them."""
    return listed_late(call, call.world.feed.reposts_by(administered(call, call["reposter"])), gap=True)


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
    return listed_late(call, reversed(rows))


def reactions_on_entity(call: Call) -> Listing:
    """Reactions on a post or a comment, newest first."""
    reactions = call.world.engagement.reactions(*target(call, call["entity"])).values()
    return listed_late(call, sorted(reactions, key=lambda row: row.created, reverse=True))


def reposts_from_entity(call: Call) -> Listing:
    """Instant reposts of a post."""
    post, _ = target(call, call["entity"])
    return listed_late(call, call.world.feed.reposts_from(post))


def reshares_from_entity(call: Call) -> Listing:
    """Reshares of a post with text of their own."""
    post, _ = target(call, call["entity"])
    return listed_late(call, call.world.feed.reshares_from(post))


def public_url(urn: str) -> str:
    """Where everyone can see a post, or what else has a URN."""
    return f"https://www.linkedin.com/feed/update/{urn}"


def post_entity(call: Call, urn: str) -> dict[str, Any] | None:
    """A post, or a reshare of one; strangers' and one more are refused with their public URL, one is not answered."""
    post = call.world.feed.post(urn)
    if post is None or post.state == "refused":
        raise Refusal(403, f"Content is not owned by the organization, see {public_url(urn)}", code="ACCESS_DENIED")
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
    """A repost without text; one that was undone is 404."""
    found = call.world.feed.repost(urn)
    if found is None or found.undone:
        raise not_found(urn)
    return repost_entity(found, call.world.seed)


def social_metadata(call: Call, urn: str) -> dict[str, Any] | None:
    """Counts of a post, activity or comment."""
    post, found = target(call, urn)
    return call.world.feed.social_metadata(urn, post, found) if post.state == "shown" else None


def activity(call: Call, urn: str) -> dict[str, Any]:
    """What an activity stands for; of a kind that is not resolved, such as a reaction's, 403."""
    found = call.world.feed.activity(urn)
    if found is None:
        raise Refusal(403, "Activity's verb type is not allowed from the ActivityFilter")
    return found


def ingested_content(call: Call, urn: str) -> dict[str, Any] | None:
    """Where an article or ingested content leads to; one of each kind is withheld, gone, or not answered at all."""
    place = ingested_places(call.world.seed).get(urn)
    if place is None or place == GONE:
        raise not_found(urn)
    if place == WITHHELD:
        raise denied(f"{call.action} for {urn}")
    return None if place == SILENT else ingested_summary(place)


def is_there(world: World, urn: str) -> bool:
    """Whether the world has such content, or names it as content of strangers."""
    strangers = (world.feed.strangers, ingested_places(world.seed))
    found = world.feed.post(urn) or find_event(world, urn) or find_live_video(world, urn)
    return found is not None or any(urn in known for known in strangers)


def content_public_url(call: Call, urn: str) -> dict[str, Any] | None:
    """The public URL of content by others, the name of its field is invented; the organizations' own is denied."""
    post = call.world.feed.post(urn)
    if post is not None and post.state != "refused" and post.organization.administered:
        raise denied(f"{call.action} for {urn}")
    if not is_there(call.world, urn):
        raise not_found(urn)
    if crc32(urn.encode()) % 7 == 3:
        return None
    return {"publicUrl": public_url(urn), "preview": {"indexed": True, "futureNested": urn.rpartition(":")[2][-1]}}


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
    Resource("dmaContentPublicUrl", (BatchGet(CONTENT, content_public_url),)),
    Resource("dmaIngestedContentSummaries", (BatchGet(Urn("article", "ingestedContent"), ingested_content),)),
    Resource("dmaActivities", (BatchGet(Urn("activity"), activity),)),
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
