"""The listings of the feed, and the counts kept beside them."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .draw import draw
from .members import stamp
from .organizations import Organization
from .posts import DAY_MS, LOW, LOW_BITS, Post
from .threads import Comment, Engagement, Reaction


@dataclass(order=True, frozen=True)
class Repost:
    """A repost without text of its own; its URN names what was reposted and, by number, when."""

    created: int
    original: str
    ordinal: int
    member: int | None = None

    @property
    def urn(self) -> str:
        return f"urn:li:instantRepost:({self.original},{self.created << LOW_BITS | self.ordinal & LOW})"


@dataclass
class Feed:
    """Every post and repost of the world, to be found by organization, URN or activity."""

    seed: int
    engagement: Engagement
    posts: list[Post] = field(default_factory=list)
    by_urn: dict[str, Post] = field(default_factory=dict)
    by_activity: dict[int, Post] = field(default_factory=dict)
    listed: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    reposts: dict[int, list[Repost]] = field(default_factory=dict)

    def add(self, post: Post) -> Post:
        """Take a post in; its ordinal must be the next."""
        self.posts.append(post)
        self.by_urn[post.urn] = post
        self.by_activity[post.activity] = post
        insort(self.listed.setdefault(post.organization.number, []), (post.created, post.urn))
        return post

    def add_repost(self, organization: Organization, repost: Repost) -> None:
        """Take in a repost by an organization: it stands among its posts too."""
        self.reposts.setdefault(organization.number, []).append(repost)
        insort(self.listed.setdefault(organization.number, []), (repost.created, repost.urn))

    def posts_by(self, organization: Organization) -> list[str]:
        """URNs, newest first."""
        return [urn for _, urn in reversed(self.listed.get(organization.number, []))]

    def reposts_by(self, organization: Organization) -> list[str]:
        """URNs, newest first."""
        return [repost.urn for repost in sorted(self.reposts.get(organization.number, []), reverse=True)]

    def reposts_from(self, post: Post) -> list[Repost]:
        """What other members reposted of a post, newest first."""
        chance = draw(self.seed, "reposts", post.ordinal)
        if post.state != "shown" or post.ordinal % 4 != 1:
            return []
        times = sorted(chance.sample(range(post.created, post.settled), chance.randint(1, 3)), reverse=True)
        return [Repost(time, post.urn, post.ordinal, chance.randrange(3_000)) for time in times]

    def reshares_from(self, post: Post) -> list[str]:
        """The organizations' own reshares of a post and, at times, a stranger's, which will not hydrate."""
        own = [other.urn for other in self.posts if other.reshares == post.urn]
        number = (post.created + DAY_MS // 2) << LOW_BITS | (post.ordinal + 1_000_000) & LOW
        return [*reversed(own), *([f"urn:li:share:{number}"] if post.ordinal % 6 == 1 else [])]

    def repost(self, urn: str) -> Repost | None:
        """An organization's or a member's repost by its URN."""
        for reposts in self.reposts.values():
            for repost in reposts:
                if repost.urn == urn:
                    return repost
        original = urn.removeprefix("urn:li:instantRepost:(").partition(",")[0]
        post = self.by_urn.get(original)
        return next((repost for repost in self.reposts_from(post) if repost.urn == urn), None) if post else None

    def target(self, urn: str) -> tuple[Post, Comment | None] | None:
        """What a post, activity or comment URN stands for."""
        if urn in self.by_urn:
            return self.by_urn[urn], None
        kind, _, rest = urn.removeprefix("urn:li:").partition(":")
        if kind == "comment":
            activity, _, number = rest.removeprefix("(urn:li:activity:").rstrip(")").partition(",")
            post = self.by_activity.get(int(activity))
            return self._comment(post, int(number)) if post else None
        if kind == "activity":
            post = self.by_activity.get(int(rest))
            return (post, None) if post else self._comment_of_activity(int(rest))
        return None

    def _comment(self, post: Post, number: int) -> tuple[Post, Comment] | None:
        comment = self.engagement.thread(post).by_number.get(number)
        return (post, comment) if comment else None

    def _comment_of_activity(self, activity: int) -> tuple[Post, Comment] | None:
        number = Comment.number_of(activity)
        ordinal = number & LOW
        return self._comment(self.posts[ordinal], number) if ordinal < len(self.posts) else None

    def reaction(self, urn: str) -> Reaction | None:
        """A reaction by its URN."""
        activity = urn.rpartition(":")[2].rstrip(")")
        target = self.target(f"urn:li:activity:{activity}")
        return self.engagement.reactions(*target).get(urn) if target else None

    def social_metadata(self, urn: str, post: Post, comment: Comment | None) -> dict[str, Any]:
        """Counts: `count` with replies, `topLevelCount` without; only reaction types with one or more."""
        thread = self.engagement.thread(post)
        count = thread.count_below(comment) if comment else len(thread.comments)
        kinds = Counter(reaction.kind for reaction in self.engagement.reactions(post, comment).values())
        return {
            "entity": urn,
            "commentsState": "CLOSED" if post.ordinal % 13 == 12 else "OPEN",
            "commentSummary": {"count": count, "topLevelCount": len(thread.replies(comment)), "futureNested": 0},
            "reactionSummaries": {kind: {"reactionType": kind, "count": many} for kind, many in kinds.items()},
        }


def repost_entity(repost: Repost, seed: int) -> dict[str, Any]:
    """The repost as dmaInstantReposts gives it."""
    created = {"time": repost.created} if repost.member is None else stamp(seed, repost.member, repost.created)
    return {"id": repost.urn, "repostedContent": repost.original, "created": created}
