"""Comments, replies and reactions: drawn anew from the seed when asked for, plus what days of world time added.

A world of many posts keeps none of them: only what a tick added or took away is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .draw import draw, mix
from .ingested import ingested_urn
from .members import consents, person, stamp
from .posts import DAY_MS, LOW, LOW_BITS, Post
from .text import REPLIES

DEEPEST = 4
OWN_ACTIVITY_MASK = 0x2A5A5A
REACTION_TYPES = ("LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT", "LIKE", "LIKE")
MAYBE_BEFORE_DAYS = 300
MEMBERS = 3_000
PAGE_ANSWERS_EVERY = 4


@dataclass(frozen=True)
class Comment:
    """`number` is a creation time in ms above the post's ordinal in the lower 22 bits; `depth` is 1 at the top.

    With `by_page` the organization is its author, and `member` the admin who wrote it in the organization's name.
    """

    post: Post
    number: int
    member: int
    parent: Comment | None = None
    by_page: bool = False

    @property
    def created(self) -> int:
        return self.number >> LOW_BITS

    @property
    def urn(self) -> str:
        return f"urn:li:comment:(urn:li:activity:{self.post.activity},{self.number})"

    @property
    def activity(self) -> int:
        """The comment's own activity, which reactions on it name."""
        return self.number ^ OWN_ACTIVITY_MASK

    @staticmethod
    def number_of(activity: int) -> int:
        """The number of the comment that has this activity."""
        return activity ^ OWN_ACTIVITY_MASK

    @property
    def depth(self) -> int:
        return 1 if self.parent is None else self.parent.depth + 1

    def is_shown(self, seed: int) -> bool:
        """Whether its author lets page owners export it; a page always does."""
        return self.by_page or consents(seed, self.member)

    def stamp(self, seed: int) -> dict[str, Any]:
        """When and by whom it was written."""
        time = self.created
        if self.by_page:
            return {**stamp(seed, self.member, time, self.member), "actor": self.post.organization.urn}
        return stamp(seed, self.member, time, self.member + 1 if time % 10 == 3 else None)


@dataclass(frozen=True)
class Reaction:
    """One member's reaction on a post, or on a comment of it; a withheld member's URN holds an id seen nowhere else."""

    post: Post
    comment: Comment | None
    member: int
    kind: str
    created: int
    seed: int

    @property
    def withheld(self) -> bool:
        return not consents(self.seed, self.member)

    @property
    def activity(self) -> int:
        return self.comment.activity if self.comment else self.post.activity

    @property
    def urn(self) -> str:
        member = 2**60 | mix(self.activity, self.member) >> 8 if self.withheld else self.member
        return f"urn:li:reaction:({person(self.seed, member)},urn:li:activity:{self.activity})"


class Thread:
    """A post's comments and replies, oldest first, with what hangs below each."""

    def __init__(self, comments: list[Comment]) -> None:
        self.comments = comments
        self.by_number = {comment.number: comment for comment in comments}
        self.below: dict[int | None, list[Comment]] = {}
        for comment in comments:
            self.below.setdefault(comment.parent.number if comment.parent else None, []).append(comment)

    def replies(self, comment: Comment | None) -> list[Comment]:
        """What directly answers a comment, or the post itself."""
        return self.below.get(comment.number if comment else None, [])

    def count_below(self, comment: Comment) -> int:
        """Every answer below a comment, at any depth."""
        return sum(1 + self.count_below(reply) for reply in self.replies(comment))


@dataclass
class Engagement:
    """What members did with the posts; where it is `halved`, every second post has none of it, each other one some."""

    seed: int
    halved: bool = False
    added: dict[int, list[Comment]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    reacted: dict[int, list[Reaction]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.thread = lru_cache(maxsize=1024)(self._thread)
        self.reactions = lru_cache(maxsize=1024)(self._reactions)

    def changed(self) -> None:
        """Forget what was drawn, after a tick."""
        self.thread.cache_clear()
        self.reactions.cache_clear()

    def _has_any(self, post: Post) -> bool:
        return post.state == "shown" and not (self.halved and post.ordinal % 2)

    def _thread(self, post: Post) -> Thread:
        comments = [*self._drawn_comments(post), *self.added.get(post.ordinal, [])]
        return Thread([comment for comment in comments if comment.number not in self.deleted])

    def _drawn_comments(self, post: Post) -> list[Comment]:
        if not self._has_any(post):
            return []
        chance = draw(self.seed, "thread", post.ordinal)
        count = 0 if not self.halved and chance.random() < 0.45 else chance.randint(1, 9)
        if post.ordinal % 17 == 5:
            count = 40
        span = min(post.settled - post.created, 21 * DAY_MS)
        times = sorted(chance.sample(range(1_000, span), count)) if span > 60_000 else []
        comments: list[Comment] = []
        for time in times:
            parents = [comment for comment in comments if comment.depth < DEEPEST]
            parent = chance.choice(parents) if parents and chance.random() < 0.4 else None
            number = (post.created + time) << LOW_BITS | post.ordinal & LOW
            answers = parent is not None and not parent.by_page and mix(self.seed, number) % PAGE_ANSWERS_EVERY == 0
            comments.append(Comment(post, number, chance.randrange(MEMBERS), parent, answers))
        return comments

    def add_comment(
        self, post: Post, time: int, member: int, parent: Comment | None = None, *, by_page: bool = False
    ) -> Comment:
        """A comment, or a reply, at this time in ms or just after."""
        taken = self.thread(post).by_number
        while (time << LOW_BITS | post.ordinal & LOW) in taken:
            time += 1
        comment = Comment(post, time << LOW_BITS | post.ordinal & LOW, member, parent, by_page)
        self.added.setdefault(post.ordinal, []).append(comment)
        self.changed()
        return comment

    def delete_comment(self, comment: Comment) -> None:
        """Take a comment away; one that has no replies."""
        self.deleted.add(comment.number)
        self.changed()

    def _reactions(self, post: Post, comment: Comment | None) -> dict[str, Reaction]:
        target = comment.number if comment else post.ordinal
        drawn = self._drawn_reactions(post, comment) if self._has_any(post) else []
        return {reaction.urn: reaction for reaction in [*drawn, *self.reacted.get(target, [])]}

    def _drawn_reactions(self, post: Post, comment: Comment | None) -> Iterator[Reaction]:
        start = comment.created if comment else post.created
        chance = draw(self.seed, "reactions", comment.number if comment else f"post {post.ordinal}")
        most = 3 if comment else 40
        surely = self.halved and comment is None
        count = 0 if not surely and chance.random() < (0.7 if comment else 0.2) else chance.randint(1, most)
        old = post.settled - post.created > MAYBE_BEFORE_DAYS * DAY_MS
        kinds = (*REACTION_TYPES, "MAYBE") if old else REACTION_TYPES
        for member in sorted(chance.sample(range(MEMBERS), count)):
            created = start + chance.randrange(max(min(post.settled - start, 14 * DAY_MS), 1))
            yield Reaction(post, comment, member, chance.choice(kinds), created, self.seed)

    def add_reaction(self, post: Post, time: int, comment: Comment | None = None) -> Reaction:
        """A reaction on a post, or on a comment of it, by a member who had none there."""
        there = {reaction.member for reaction in self.reactions(post, comment).values()}
        member = next(number for number in range(MEMBERS, MEMBERS + len(there) + 1) if number not in there)
        reaction = Reaction(post, comment, member, "PRAISE", time, self.seed)
        self.reacted.setdefault(comment.number if comment else post.ordinal, []).append(reaction)
        self.changed()
        return reaction


def comment_entity(comment: Comment, seed: int) -> dict[str, Any]:
    """The comment as dmaComments gives it; without consent neither text nor actor, the time stays."""
    time = comment.created
    created = comment.stamp(seed)
    found: dict[str, Any] = {
        "id": comment.number if time % 2 else str(comment.number),
        "object": f"urn:li:activity:{comment.post.activity}",
        "created": created,
        "lastModified": created,
    }
    if comment.parent is not None:
        found["parentComment"] = comment.parent.urn
    if "actor" in created:
        found |= comment_text(comment, seed)
    if time % 7 == 0:
        found["content"] = [comment_content(seed, time // 7)]
    if time % 4 == 0:
        found["$URN"] = comment.urn
    return found


def comment_content(seed: int, chance: int) -> dict[str, Any]:
    """A picture, or what was shared from elsewhere."""
    if chance % 3 == 0:
        return {"type": "IMAGE", "url": "https://media.example/dms/comment"}
    return {"type": "ARTICLE", "entity": ingested_urn(seed, chance), "futureNested": chance % 2}


def comment_text(comment: Comment, seed: int) -> dict[str, Any]:
    """The text, as a rule in `commentary`, on some in `message` too, on a few in `message` alone."""
    text = draw(seed, "comment", comment.number).choice(REPLIES)
    mention = {"start": 0, "length": 3, "value": {"organization": {"organization": "urn:li:organization:77"}}}
    attributes = [mention] if comment.created % 5 == 0 else []
    found: dict[str, Any] = {}
    if comment.created % 26:
        found["commentary"] = {"text": text, "attributes": attributes, "futureNested": {"tone": "neutral"}}
    if comment.created % 13 == 0:
        found["message"] = {"text": text}
    return found


def reaction_entity(reaction: Reaction) -> dict[str, Any]:
    """The reaction as dmaReactions gives it; `entity` is an activity, never the post."""
    helper = reaction.member + 1 if reaction.created % 10 == 3 else None
    created = stamp(reaction.seed, reaction.member, reaction.created, helper)
    found: dict[str, Any] = {
        "reactionType": reaction.kind,
        "entity": f"urn:li:activity:{reaction.activity}",
        "root": f"urn:li:activity:{reaction.post.activity}",
        "created": {**created, "futureNested": 0},
        "lastModified": created,
    }
    if not reaction.withheld and reaction.created % 2:
        found["id"] = reaction.urn
    return found
