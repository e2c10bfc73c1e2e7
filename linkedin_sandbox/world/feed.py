"""The listings of the feed, and the counts kept beside them."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .draw import draw
from .members import named, stamp
from .organizations import STRANGER, Organization
from .posts import DAY_MS, LOW, LOW_BITS, Post
from .threads import Comment, Engagement, Reaction

# Added to a post's ordinal for reshares of it by others: those that are shown, and those that are refused.
SHOWN_TO_ALL, WITHHELD = 2_000_000, 1_000_000


@dataclass(order=True, frozen=True)
class Repost:
    """A repost without text of its own; its URN names what was reposted and, by number, when.

    One that was `undone` is listed still and no longer answered.
    """

    created: int
    original: str
    ordinal: int
    member: int | None = None
    undone: bool = False

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
    strangers: set[str] = field(default_factory=set)

    def add(self, post: Post) -> Post:
        """Take a post in; its ordinal must be the next."""
        self.posts.append(post)
        self.by_urn[post.urn] = post
        self.by_activity[post.activity] = post
        self.strangers |= {urn for urn in (post.reshares, post.root) if urn and urn not in self.by_urn}
        insort(self.listed.setdefault(post.organization.number, []), (post.created, post.urn))
        return post

    def add_repost(self, organization: Organization, repost: Repost, *, among_posts: bool = True) -> None:
        """Take in a repost by an organization: it stands among its posts too, or does not."""
        self.reposts.setdefault(organization.number, []).append(repost)
        self.strangers.add(repost.original)
        if among_posts:
            insort(self.listed.setdefault(organization.number, []), (repost.created, repost.urn))

    def posts_by(self, organization: Organization) -> list[str]:
        """URNs, newest first."""
        return [urn for _, urn in reversed(self.listed.get(organization.number, []))]

    def reposts_by(self, organization: Organization) -> list[Repost]:
        """What an organization reposted, newest first."""
        return sorted(self.reposts.get(organization.number, []), reverse=True)

    def reposts_from(self, post: Post) -> list[Repost]:
        """What other members reposted of a post, newest first."""
        chance = draw(self.seed, "reposts", post.ordinal)
        if post.state != "shown" or post.ordinal % 4 != 1:
            return []
        times = sorted(chance.sample(range(post.created, post.settled), chance.randint(1, 3)), reverse=True)
        members = [chance.randrange(3_000) for _ in times]
        undone = times[0] if post.ordinal % 8 == 5 else None
        pairs = zip(times, members, strict=True)
        return [Repost(time, post.urn, post.ordinal, member, time == undone) for time, member in pairs]

    def reshares_from(self, post: Post) -> list[Post]:
        """Reshares of a post, newest first: the organizations' own, and those by others."""
        own = [other for other in self.posts if other.reshares == post.urn]
        return sorted([*own, *self.reshares_by_others(post)], key=lambda reshare: reshare.created, reverse=True)

    def reshares_by_others(self, post: Post) -> list[Post]:
        """Of every third post one that all may see; of every sixth one that is refused too."""
        found = []
        for added, every, state in ((SHOWN_TO_ALL, 3, "shown"), (WITHHELD, 6, "refused")):
            if post.ordinal % every == 1:
                created = min(post.created + DAY_MS // every, post.settled)
                root = post.root or post.urn
                found.append(Post(post.ordinal + added, STRANGER, created, post.settled, state, 0, 0, post.urn, root))
        return found

    def reshare_by_other(self, urn: str) -> Post | None:
        """A reshare by others by its URN, whose number holds the ordinal of what it reshares."""
        ordinal = (int(urn.rpartition(":")[2].rpartition("-")[2]) & LOW) % WITHHELD
        found = self.reshares_by_others(self.posts[ordinal]) if ordinal < len(self.posts) else []
        return next((reshare for reshare in found if reshare.urn == urn), None)

    def post(self, urn: str) -> Post | None:
        """A post of the organizations', or a reshare of one by others."""
        return self.by_urn.get(urn) or self.reshare_by_other(urn)

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

    def activity(self, urn: str) -> dict[str, str] | None:
        """What an activity stands for: nothing is said of a comment by a member who does not consent."""
        target = self.target(urn)
        if target is None:
            return None
        post, comment = target
        if comment is None:
            return {"domainEntity": post.urn}
        return {"domainEntity": comment.urn} if comment.is_shown(self.seed) else {}

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
    """The repost as dmaInstantReposts gives it, under names of which nobody is sure: some have others than most."""
    member = repost.member
    created = {"time": repost.created} if member is None else stamp(seed, member, repost.created)
    named_member = named(seed, member) if member is not None else None
    if repost.created % 3 == 1:
        author = {"author": named_member} if named_member else {}
        return {"id": repost.created << LOW_BITS | repost.ordinal & LOW, "createdAt": repost.created, **author}
    actor = {"actor": named_member} if named_member and repost.created % 3 == 2 else {}
    stamped = {"created": {**created, "futureNested": 0}}
    return {"id": repost.urn, "repostedContent": repost.original, **stamped, **actor}
