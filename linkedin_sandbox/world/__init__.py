"""One invented company and what happens to it, the same for the same seed and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

from .draw import draw
from .events import EVENTS, event_urn
from .feed import Feed, Repost
from .follows import Followers
from .leads import LEADS, lead
from .member import Member
from .messaging import LONG_THREAD, message
from .organizations import COMPANY, PAGE_AGE_DAYS, Organization
from .organizations import organizations as invented_organizations
from .posts import DAY_MS, LOW_BITS, Post, write_history
from .publishing import READERS, subscriber
from .threads import Comment, Engagement
from .truth import Truth

SPAN_DAYS = 420


@dataclass
class Changes:
    """What one or more days brought, as URNs or ids; of followers and subscribers whole rows.

    `comments` are those at the top, `reactions` those on posts.
    """

    posts: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)
    comment_reactions: list[str] = field(default_factory=list)
    followers: list[dict[str, Any]] = field(default_factory=list)
    lost_followers: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    subscribers: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: Changes) -> None:
        """Take another day's changes in."""
        for name, found in vars(other).items():
            getattr(self, name).extend(found)


class World:
    """The company and its other pages, their posts, what members did with them, followers and analytics.

    Args:
        posts: how many posts the company lists; one of them is refused and one never hydrates. Every other page has a
            twelfth of them.
        followers: how many rows the company's followee finder has; they are made when read. Every other page has a
            twentieth of them.
        organizations: how many organizations the member administers: the company, its showcase page, and others.
        seed: another seed, another world.
        now: the world's time; by default seven days before the real one, so that days can be let pass.
        replies_in_listing: whether the comments listing of a post holds replies too.
        half_engaged: whether every second post has comments and reactions and each other one has neither, and all are
            shown; else chance says which have what.
        alike: whether every page has as many posts and followers as the company, and posts come evenly over a year.
        encoded_keys: whether keys of a batch answer come percent-encoded.
        deprecated_gone: whether the deprecated resources answer 426, as if their version had ended.
        lag_days: how old comments, replies, reactions and reposts must be to be listed; they are counted at once.
        guesses: by ``resource.parameter``, which other form of a parameter or path key is taken, from 1, in place of
            the form that the sandbox takes else; the resource's name alone means its first one that has other forms.

    `withhold`, when set, has every analytics answer say that the privacy budget is spent.
    """

    def __init__(
        self,
        posts: int = 60,
        followers: int = 250,
        seed: int = 1,
        now: datetime | None = None,
        *,
        organizations: int = 2,
        replies_in_listing: bool = False,
        half_engaged: bool = False,
        alike: bool = False,
        encoded_keys: bool = False,
        deprecated_gone: bool = False,
        lag_days: int = 0,
        guesses: Mapping[str, int] | None = None,
    ) -> None:
        self.seed = seed
        self.now = now or datetime.now(timezone.utc) - timedelta(days=7)
        self.replies_in_listing = replies_in_listing
        self.encoded_keys = encoded_keys
        self.deprecated_gone = deprecated_gone
        self.lag_days = lag_days
        self.guesses = dict(guesses or {})
        self.withhold = False
        self.born_ms = self.now_ms
        self.member = Member(seed, self.now_ms)
        self.alike = alike
        self.founded_ms = self.today_ms - PAGE_AGE_DAYS * DAY_MS
        self.organizations = invented_organizations(organizations)
        self.engagement = Engagement(seed, half_engaged)
        self.feed = Feed(seed, self.engagement)
        self.followers = {
            organization.number: Followers(
                organization, followers if self._is_large(organization) else max(followers // 20, 6), seed, self.now_ms
            )
            for organization in self.truth.organizations
        }
        self.ticks = 0
        self._asked = count(1)
        self._write_posts(posts)

    def _write_posts(self, posts: int) -> None:
        for organization in self.truth.organizations:
            first, share = len(self.feed.posts), posts if self._is_large(organization) else max(posts // 12, 2)
            span_days, power = (365, 1.0) if self.alike else (SPAN_DAYS, 1.5)
            for post in write_history(organization, share, first, self.now_ms, span_days, self.seed, power):
                post.state = "shown" if self.engagement.halved else post.state
                self.feed.add(post)
        for place, days in enumerate((3, 40, 20, 90, 200)):
            created = self.now_ms - days * DAY_MS
            original = f"urn:li:share:{(created - 5 * DAY_MS) << LOW_BITS | 77 + place}"
            self.feed.add_repost(COMPANY, Repost(created, original, place), among_posts=place < 2)

    def _is_large(self, organization: Organization) -> bool:
        return self.alike or organization is COMPANY

    @property
    def now_ms(self) -> int:
        """The world's time in epoch milliseconds."""
        return int(self.now.timestamp() * 1000)

    @property
    def today_ms(self) -> int:
        """When the world's present UTC day began; analytics end here."""
        return self.now_ms - self.now_ms % DAY_MS

    @property
    def listed_to_ms(self) -> int:
        """Up to when something must have been done to be listed, in epoch milliseconds."""
        return self.now_ms - self.lag_days * DAY_MS

    @property
    def truth(self) -> Truth:
        """What exists, for a test to compare with."""
        return Truth(self)

    def asked_ms(self) -> int:
        """The time that download links count from: a little later on each call, as on LinkedIn's clock."""
        return self.now_ms + next(self._asked)

    def organization(self, urn: str) -> Organization | None:
        """The organization behind an organization or organizationalPage URN."""
        return next((found for found in self.organizations if urn in (found.urn, found.page_urn)), None)

    def tick(self, days: int = 1) -> Changes:
        """Let days pass; what they bring depends on the seed and on how many passed before."""
        changes = Changes()
        for _ in range(days):
            changes.add(self._tick())
        return changes

    def _tick(self) -> Changes:
        self.ticks += 1
        chance = draw(self.seed, "tick", self.ticks)
        before = self.now_ms
        self.now += timedelta(days=1)
        changes = Changes()
        shown = [post for post in self.feed.posts if post.state == "shown"]
        window = [post for post in shown if before - post.created < 180 * DAY_MS] or shown
        touched = chance.sample(window, min(len(window), 5))
        acts = (self._edit, self._comment, self._comment, self._reply, self._react)
        for post, act in zip(touched, acts, strict=False):
            act(post, before + chance.randrange(1, DAY_MS), chance.randrange(3_000), changes)
        untouched = [post for post in window if post not in touched]
        self._delete(chance.sample(untouched, len(untouched)), changes)
        for place in range(chance.randint(1, 2)):
            created = before + (place + 1) * DAY_MS // 3
            post = self.feed.add(Post(len(self.feed.posts), COMPANY, created, settled=self.now_ms))
            self.engagement.add_comment(post, created + DAY_MS // 6, chance.randrange(3_000))
            self._note_new(post, changes)
        followers = self.followers[COMPANY.number]
        changes.lost_followers += followers.let_one_leave(self.ticks)
        followers.arrivals.append(before + chance.randrange(DAY_MS))
        changes.followers.append(followers[-1])
        self._react_to_comment(touched, changes)
        self._arrive(changes)
        return changes

    def _arrive(self, changes: Changes) -> None:
        """What comes to the company one a day."""
        nth = self.ticks - 1
        changes.events.append(event_urn(COMPANY, self.seed, EVENTS + nth))
        changes.leads.append(lead(COMPANY, self, "COMPANY", LEADS["COMPANY"][0] + nth)["id"])
        changes.messages.append(message(COMPANY, self, 0, LONG_THREAD + nth)["id"])
        changes.subscribers.append(subscriber(COMPANY, self, 0, READERS + nth))

    def _note_new(self, post: Post, changes: Changes) -> None:
        """A new post, with what members have already done with it."""
        changes.posts.append(post.urn)
        for comment in self.engagement.thread(post).comments:
            self._note_comment(comment, changes)
        changes.reactions.extend(self.engagement.reactions(post, None))

    def _note_comment(self, comment: Comment, changes: Changes) -> None:
        """A new comment or reply, with the reactions that it has already."""
        (changes.replies if comment.parent else changes.comments).append(comment.urn)
        changes.comment_reactions.extend(self.engagement.reactions(comment.post, comment))

    def _edit(self, post: Post, time: int, member: int, changes: Changes) -> None:
        post.modified, post.edits = time, post.edits + 1
        changes.edited.append(post.urn)

    def _comment(self, post: Post, time: int, member: int, changes: Changes) -> None:
        self._note_comment(self.engagement.add_comment(post, time, member), changes)

    def _reply(self, post: Post, time: int, member: int, changes: Changes) -> None:
        """A reply, to a comment made for it where the post has none; every second day it is the page's."""
        there = self.engagement.thread(post).comments
        if not there:
            self._comment(post, time, member, changes)
            there = self.engagement.thread(post).comments
        by_page = self.ticks % 2 == 1 and not there[0].by_page
        reply = self.engagement.add_comment(post, time + 1, member + 1, there[0], by_page=by_page)
        self._note_comment(reply, changes)

    def _react(self, post: Post, time: int, member: int, changes: Changes) -> None:
        changes.reactions.append(self.engagement.add_reaction(post, time).urn)

    def _react_to_comment(self, posts: Sequence[Post], changes: Changes) -> None:
        """A reaction on the oldest comment of the first post that has one."""
        comments = next(filter(None, (self.engagement.thread(post).comments for post in posts)), [])
        for comment in comments[:1]:
            reaction = self.engagement.add_reaction(comment.post, self.now_ms, comment)
            changes.comment_reactions.append(reaction.urn)

    def _delete(self, posts: Sequence[Post], changes: Changes) -> None:
        """Delete the youngest comment that has no replies, on the first post that has one."""
        for post in posts:
            thread = self.engagement.thread(post)
            leaves = [comment for comment in thread.comments if not thread.replies(comment)]
            if leaves:
                self.engagement.delete_comment(leaves[-1])
                changes.deleted.append(leaves[-1].urn)
                return
