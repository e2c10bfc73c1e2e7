"""A LinkedIn of plain dictionaries, for what the sandbox's own world never holds.

A test fills in listings and entities as oddly as it likes; how a request is written, and which kinds of
URN a resource takes, is looked at as strictly as the sandbox does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from typing import Any
from urllib.parse import quote

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.errors import invalid
from linkedin_sandbox.gate import check_sizes, check_version, untunnel
from linkedin_sandbox.query import Value, read_query
from tap_linkedin_dma.api import urns
from tests.support.clock import NOW
from tests.support.runs import Run, run

FEED = "dmaFeedContentsExternal"
FOLLOWS = "dmaOrganizationalPageFollows"
DAY_MS = 24 * 60 * 60 * 1000
NOW_MS = int(NOW.timestamp() * 1000)
DAY_LIMIT = {"status": 429, "message": "APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."}

_KINDS = {
    "dmaPosts": ("share", "ugcPost", "groupPost"),
    "dmaComments": ("comment",),
    "dmaReactions": ("reaction",),
    "dmaInstantReposts": ("instantRepost",),
    "dmaSocialMetadata": ("share", "ugcPost", "activity", "comment"),
}
_ENTITY_KINDS = ("share", "ugcPost", "activity", "comment")

Body = dict[str, Any]


def urn_of(days: float, number: int = 0, kind: str = "share") -> str:
    """The URN of a post made so many days ago."""
    return f"urn:li:{kind}:{(NOW_MS - int(days * DAY_MS) << 22) + number}"


def read(linkedin: PlainLinkedIn, select: set[str], state: Mapping[str, Any] | None = None, **config: Any) -> Run:
    """One run over the company alone."""
    return run(linkedin, dict(state or {}), select, organizations=[linkedin.organization], **config)


class PlainLinkedIn(Sandbox):
    """Posts, what hangs on them, and followers from dictionaries; all else from the sandbox's world.

    `listings` holds elements by finder and what it is asked about, `entities` what BATCH_GET gives by
    resource and id, `statuses` what it says in place of an entity, by its id or by the resource and it. `on_feed` is
    called with the query of each request to the feed finder.
    """

    def __init__(self, page_size: int = 1000) -> None:
        super().__init__(World(posts=1, followers=1, now=NOW))
        company = self.world.truth.organizations[0]
        self.organization, self.page = company.urn, company.page_urn
        self.page_size = page_size
        self.listings: dict[tuple[str, str], list[Body]] = {}
        self.entities: dict[str, dict[str, Body | None]] = {resource: {} for resource in _KINDS}
        self.statuses: dict[str, int] = {}
        self.on_feed: Callable[[Mapping[str, Value]], None] = lambda _: None

    def add_post(self, urn: str, place: int | None = None, **fields: Any) -> str:
        """List a post, last or at a place, and give its entity and counts that say 0."""
        listing = self.listing("postsByAuthor", self.organization)
        listing.insert(len(listing) if place is None else place, {"id": urn})
        stamps = {"created": {"time": NOW_MS - DAY_MS}, "lastModified": {"time": NOW_MS - DAY_MS}}
        published = min(urns.created_ms(urn) or NOW_MS - DAY_MS, NOW_MS)
        self.entities["dmaPosts"][urn] = {"id": urn, **stamps, "publishedAt": published, **fields}
        if not urn.startswith("urn:li:groupPost"):
            self.count(urn, comments=0)
        return urn

    def add_comments(self, post: str, number: int) -> list[str]:
        """Comments on a post, counted."""
        listing = self.listing("commentsOnEntity", post)
        activity = f"urn:li:activity:{post.rpartition(':')[2]}"
        added = [f"urn:li:comment:({activity},{len(listing) + place + 1})" for place in range(number)]
        for urn in added:
            listing.append({"id": urn})
            self.entities["dmaComments"][urn] = {"id": int(urn.rpartition(",")[2][:-1]), "object": activity}
            self.count(urn, comments=0)
        self.count(post, comments=len(listing))
        return added

    def add_reactions(self, post: str, number: int) -> list[str]:
        """Likes of a post, counted."""
        listing = self.listing("reactionsOnEntity", post)
        activity = f"urn:li:activity:{post.rpartition(':')[2]}"
        added = [f"urn:li:reaction:(urn:li:person:p{len(listing) + place},{activity})" for place in range(number)]
        for urn in added:
            listing.append({"id": urn})
            self.entities["dmaReactions"][urn] = {"id": urn, "reactionType": "LIKE"}
        self.counts(post)["reactionSummaries"] = {"LIKE": {"reactionType": "LIKE", "count": len(listing)}}
        return added

    def add_instant_reposts(self, original: str, *days: float, finder: str, about: str) -> list[str]:
        """Reposts of a post so many days ago, listed by a finder about an organization or the post."""
        made = [urn_of(ago).rpartition(":")[2] for ago in days]
        added = [f"urn:li:instantRepost:({original},{number})" for number in made]
        for urn in added:
            self.listing(finder, about).append({"id": urn})
            self.entities["dmaInstantReposts"][urn] = {"id": urn, "created": {"time": NOW_MS}}
        return added

    def listing(self, finder: str, about: str) -> list[Body]:
        """What a finder lists, to be added to."""
        return self.listings.setdefault((finder, about), [])

    def counts(self, urn: str) -> Body:
        """The social metadata of a post or comment, to be changed."""
        return self.entities["dmaSocialMetadata"].setdefault(urn, {"entity": urn}) or {}

    def count(self, urn: str, comments: int) -> None:
        """Let social metadata say how many comments there are, all at the top."""
        self.counts(urn)["commentSummary"] = {"count": comments, "topLevelCount": comments}

    @staticmethod
    def encoded(urn: str) -> str:
        """A post's URN as it stands in a query."""
        return urn.replace(":", "%3A")

    def asked(self, finder: str) -> list[str]:
        """The raw queries to a finder of the feed, in order."""
        return [request.asked for request in self.requests_to(FEED) if request.finder == finder]

    def respond(self, method: str, path: str, query: str, body: bytes, headers: Message) -> dict[str, Any]:
        resource = path.rpartition("/")[2]
        if resource not in (*_KINDS, FEED, FOLLOWS):
            return super().respond(method, path, query, body, headers)
        check_sizes(path, query, headers)
        self.tokens.check(headers.get("Authorization"))
        check_version(headers)
        asked = read_query(untunnel(method, query, body, headers))
        if resource == FEED:
            self.on_feed(asked)
        return self._batch(resource, asked["ids"]) if "ids" in asked else self._page(resource, asked)

    def _batch(self, resource: str, ids: Value) -> dict[str, Any]:
        known = self.entities[resource]
        asked = list(_of_kind("ids", ids, _KINDS[resource]))
        statuses = {
            urn: status
            for urn in asked
            if (status := self.statuses.get(f"{resource} {urn}", self.statuses.get(urn))) is not None
        }
        return {
            "results": {urn: known[urn] for urn in asked if urn in known and urn not in statuses},
            "statuses": statuses,
        }

    def _page(self, resource: str, asked: Mapping[str, Value]) -> dict[str, Any]:
        name = next(name for name in ("author", "reposter", "entity", "followee", "follower") if name in asked)
        about = asked[name]
        if name == "entity":
            list(_of_kind(name, [about], _ENTITY_KINDS))
        rows = self.listings.get((str(asked["q"]), str(about)), [])
        start = int(str(asked.get("paginationCursor", "c0"))[1:])
        end = start + min(self.page_size, int(str(asked.get("maxPaginationCount", 10))))
        cursor = {"nextPaginationCursor": f"c{end}"} if end < len(rows) else {}
        return {
            "elements": rows[start:end],
            "metadata": {"paginationCursorMetdata": cursor} if resource == FEED else cursor,
        }


def _of_kind(name: str, urns: Value, kinds: tuple[str, ...]) -> Iterator[str]:
    for urn in urns:
        if not isinstance(urn, str) or not urn.startswith(tuple(f"urn:li:{kind}:" for kind in kinds)):
            raise invalid(name, f"{quote(str(urn))} is not of a kind that is taken")
        yield urn
