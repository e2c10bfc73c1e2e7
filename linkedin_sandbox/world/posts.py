"""The company's posts: kept as a few numbers each, written out in full only when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .draw import draw, mix
from .events import LIVE_VIDEOS, event_urn, live_video_urn
from .ingested import ingested_urn
from .media import KINDS, content
from .members import named, stamp
from .organizations import Organization
from .text import attributed_text, little_text

DAY_MS = 86_400_000
LOW_BITS = 22
LOW = (1 << LOW_BITS) - 1
ACTIVITY_MASK = 0x15A5A5


@dataclass(eq=False)
class Post:
    """`ordinal` counts the world's posts; the number of the URN, shifted right by 22 bits, is `created` in ms.

    `state` is ``shown``, ``refused`` (403 in a batch) or ``silent`` (in a batch's answer nowhere at all).
    """

    ordinal: int
    organization: Organization
    created: int
    settled: int
    state: str = "shown"
    modified: int = 0
    edits: int = 0
    reshares: str | None = None
    root: str | None = None

    @property
    def content_kind(self) -> str:
        """The member of the `content` union, with media split into image, video and document, or none."""
        return "none" if self.reshares else KINDS[self.ordinal % len(KINDS)]

    @property
    def urn(self) -> str:
        kind = "ugcPost" if self.content_kind in ("video", "document", "poll", "multiImage") else "share"
        return f"urn:li:{kind}:{self.created << LOW_BITS | self.ordinal & LOW}"

    @property
    def activity(self) -> int:
        """The activity that comments and reactions name; its number is not the post's."""
        return (self.created + 217) << LOW_BITS | (self.ordinal ^ ACTIVITY_MASK) & LOW


def entity(post: Post, seed: int, asked: int, *, newest: bool = False) -> dict[str, Any]:
    """The post as dmaPosts gives it: no author, and no actor without consent; links count from `asked`, in ms."""
    writer = mix(seed, post.ordinal) % 12
    helper = writer + 1 if post.ordinal % 9 == 2 else None
    found: dict[str, Any] = {
        "id": post.urn,
        "created": stamp(seed, writer, post.created, helper),
        "lastModified": stamp(seed, writer, post.modified or post.created, helper),
        "commentary": commentary(post, seed),
        "visibility": "LOGGED_IN" if post.ordinal % 11 == 5 else "PUBLIC",
        "lifecycleState": "PUBLISHED",
        "lifecycleStateInfo": {"isEditedByAuthor": bool(post.edits)},
        "publishedAt": post.created + 40,
        "isReshareDisabledByAuthor": post.ordinal % 8 == 3,
        "distribution": {"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": [], "targetEntities": []},
        **rarities(post),
    }
    if newest:
        found["lifecycleStateInfo"] |= {"contentStatus": "READY", "reviewStatus": "APPROVED"}
    tagged = named(seed, 200 + draw(seed, "tagged", post.ordinal).randrange(50))
    held = content(post.content_kind, post.ordinal, tagged, reference(post, seed), asked)
    return {**found, "content": held} if held is not None else found


def reference(post: Post, seed: int) -> str:
    """The event, the web page or the live video that a post is about, if it is about one."""
    turn = post.ordinal // len(KINDS)
    if turn % 3 == 0:
        return event_urn(post.organization, seed, turn % 2)
    if turn % 3 == 1:
        return ingested_urn(seed, turn)
    return live_video_urn(post.organization, seed, (turn // 3 + 4) % LIVE_VIDEOS)


def rarities(post: Post) -> dict[str, Any]:
    """What a few posts have: their URN, a call to action, a container, what they reshare."""
    found: dict[str, Any] = {}
    if post.ordinal % 5 == 1:
        found["$URN"] = post.urn
    if post.ordinal % 10 == 6:
        found["contentLandingPage"] = "https://murmel-pumps.example/jobs"
        found["contentCallToActionLabel"] = "APPLY"
        found["adContext"] = advertisement(post)
    if post.ordinal % 20 == 11:
        found["container"] = f"urn:li:event:{80_000 + post.ordinal}"
    if post.reshares:
        found["reshareContext"] = {"parent": post.reshares, "root": post.root}
    return found


def advertisement(post: Post) -> dict[str, Any]:
    """The adContext of a post with a call to action; of every second one direct sponsored content."""
    if post.ordinal % 20 == 6:
        return {"isDsc": False}
    return {
        "isDsc": True,
        "dscAdAccount": f"urn:li:sponsoredAccount:{50_000 + post.ordinal}",
        "dscAdType": "STANDARD",
        "dscName": f"Campaign {post.ordinal}",
        "dscStatus": "ACTIVE",
    }


def commentary(post: Post, seed: int) -> str | dict[str, Any]:
    """A plain string on most posts, text with attributes on every seventh."""
    chance = draw(seed, "commentary", post.ordinal)
    if post.ordinal % 7 == 4:
        text = attributed_text(chance, named(seed, 100 + chance.randrange(50)))
        return {**text, "text": text["text"] + " (edited)" * post.edits}
    return little_text(chance) + " (edited)" * post.edits


def write_history(
    organization: Organization, count: int, first_ordinal: int, now: int, span_days: int, seed: int, power: float = 1.5
) -> list[Post]:
    """`count` posts, oldest first, thick toward `now` by `power`; some reshare or were edited, two do not show."""
    posts: list[Post] = []
    for index in range(count):
        share_of_span: float = float((count - 1 - index) / count) ** power
        created = now - 5_400_000 - int(share_of_span * span_days * DAY_MS)
        post = Post(first_ordinal + index, organization, created, settled=now)
        if index % 9 == 8:
            older = posts[index // 2]
            stranger = f"urn:li:share:{(created - DAY_MS) << LOW_BITS | 12_345}"
            post.reshares = older.urn if index % 2 else stranger
            post.root = (older.root or older.urn) if index % 2 else stranger
        if mix(seed, post.ordinal, 3) % 6 == 0:
            post.modified = created + mix(seed, post.ordinal, 4) % (now - created)
            post.edits = 1
        posts.append(post)
    if count >= 6:
        posts[count // 3].state = "refused"
        posts[count // 2].state = "silent"
    return posts
