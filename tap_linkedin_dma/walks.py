"""The walk over an organization's posts: how far back it goes, and which posts leave again.

A listing of posts costs one call for a thousand of them. So the posts of the last
`engagement_window_days` are walked on every run, and those leave whose `lastModified` is not the one
in the state. The bookmark moves when the walk has ended, never before.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma import urns
from tap_linkedin_dma.access import FindThenBatchGet
from tap_linkedin_dma.asking import Parent
from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.rows import Entity, Row, dig
from tap_linkedin_dma.stream import Page, PagedStream, Parents
from tap_linkedin_dma.values import milliseconds, timestamp

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_REFUSALS_TO_GIVE_UP = 3
WITHHELD = 403

UNKNOWN = sys.maxsize
"""When a post was made whose URN does not say: later than anything, so that it counts as new."""

LAG_MS = 2 * 24 * 60 * 60 * 1000
"""LinkedIn's feed data may be two days old."""


class OverPosts(PagedStream):
    """A stream that covers an organization's posts: the posts themselves, or what hangs on them."""

    appends = True

    about: ClassVar[str] = "post"
    """The column of its parents that holds what LinkedIn is asked about: a post, or a comment on one."""

    window: ClassVar[str] = "engagement_window_days"
    """The setting that says how old, in days, a post may be to be walked again."""

    covers_older: ClassVar[bool] = True
    """Whether the posts that were made before are walked once."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._answered: set[str] = set()
        self._refused_first: Counter[str] = Counter()

    @property
    def run_began(self) -> str:
        """When the run began, the same on every row of it."""
        return timestamp(int(self.connection.began.timestamp() * 1000))

    def posts_to(self, organization: Parent) -> int | None:
        """When the newest post that this stream has covered was made, epoch ms; None for none yet."""
        text = None if self.is_full_table else self.state_of(organization).get("posts_to")
        return milliseconds(text) if text else None

    def begin_posts(self, organization: Parent) -> None:
        """Take note that a walk over an organization's posts begins."""

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        """Take note that all posts of a walk have been handed over, and all that hangs on them has left.

        It is not called for an organization that LinkedIn refuses to show to this stream.
        """
        if self.covers_older and (known := [when for when in walk.made.values() if when < UNKNOWN]):
            state = self.state_of(organization)
            state["posts_to"] = max(timestamp(max(known)), state.get("posts_to", ""))

    @contextmanager
    def skipping_post(self, post: Parent) -> Iterator[None]:
        """Leave out a post that LinkedIn refuses to show, with a warning, and go on.

        Several refusals before any answer mean that nothing of the organization is shown: asking for each
        post, once a minute, would take hours.
        """
        organization = post["organization"]
        try:
            yield
        except self.refusals as refusal:
            self._refused_first[organization] += organization not in self._answered
            if self.is_hopeless(organization, refusal):
                self.give_up(post, refusal)
            else:
                number = urns.key(organization)
                self.logger.warning("%s: a post of organization %s is skipped. %s", self.name, number, refusal)
        else:
            self._answered.add(organization)

    def is_hopeless(self, organization: str, refusal: DmaError) -> bool:
        """Whether a refusal tells that LinkedIn will show nothing of an organization."""
        return self._refused_first[organization] == _REFUSALS_TO_GIVE_UP

    def social_metadata(self, parents: Parents) -> dict[str, Entity] | None:
        """The counts of these posts or comments, read once for all streams that want them; None where refused."""
        if "dmaSocialMetadata" not in parents.shared:
            parents.shared["dmaSocialMetadata"] = self.counts_of([parent[self.about] for parent in parents])
        return parents.shared["dmaSocialMetadata"]

    def counts_of(self, entities: Sequence[str]) -> dict[str, Entity] | None:
        """The counts of posts or comments; None where LinkedIn refuses them, which keeps no stream from going on."""
        try:
            return self.batch_get("dmaSocialMetadata", entities)
        except self.refusals as refusal:
            self.logger.warning("%s: counts are not read. %s", self.name, refusal)
            return None

    def covered_before(self, organization: Parent) -> int:
        """Since when posts must be walked, epoch ms; older ones are covered for good.

        That is the stream's window, or where a long pause between two runs began, with LinkedIn's lag.
        """
        window = self.connection.clock.now().subtract(days=self.config[self.window])
        begins = int(window.timestamp() * 1000)
        if not self.covers_older:
            return begins
        to = self.posts_to(organization)
        return 0 if to is None else min(to - LAG_MS, begins)

    def of_next_walk(self, organization: Parent, walk: Walk, kept: Mapping[str, Any]) -> dict[str, Any]:
        """What the state keeps by post, less the posts that the next walk will not meet."""
        since = self.covered_before(organization)
        return {name: kept[name] for urn, when in walk.made.items() if when >= since and (name := short(urn)) in kept}


@dataclass
class Walk:
    """What one walk over an organization's posts has met."""

    since: int = 0
    """How far back it goes, epoch ms."""

    made: dict[str, int] = field(default_factory=dict)
    """When each post was made, epoch ms or UNKNOWN, by URN."""

    lacking: dict[str, int | None] = field(default_factory=dict)
    """What LinkedIn answered in place of a post, by URN: the status, None for none."""

    published_to: str | None = None
    """The `published_at` of the post that was published last."""


class PostsWalk(OverPosts, FindThenBatchGet):
    """An organization's posts: all of the engagement window, and before it those not covered yet."""

    kinds: ClassVar[Collection[str]]
    """The kinds of URN that BATCH_GET takes."""

    other_kinds: ClassVar[Collection[str]]
    """Kinds that the listing is known to hold beside them, and another stream reads."""

    kinds_with_engagement: ClassVar[Collection[str]]
    """The kinds that counts, comments, reactions and analytics may be asked for."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        # Where none is read of the streams that cover posts, the others have nothing to tell.
        for organization in parents if self._covering() else ():
            for stream in self._covering():
                stream.begin_posts(organization)
            with self.skipping(organization):
                yield from self.again(partial(self._walk, organization, Walk(self._since(organization))))

    def post_context(self, organization: Parent, urn: str, entity: Entity, row: Row | None) -> Parent:
        """What children are told of a post."""
        raise NotImplementedError

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        super().end_of_posts(organization, walk)
        state = self.state_of(organization)
        if walk.published_to:
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = max(walk.published_to, state.get("replication_key_value", ""))
        state["known"] = self.of_next_walk(organization, walk, state.get("known", {}))

    def _walk(self, organization: Parent, walk: Walk) -> Iterator[Page]:
        for elements in self.listed(organization):
            recent = [element for element in elements if made(element.get("id")) >= walk.since]
            yield self._page(organization, self._readable(recent, walk), walk)
            if len(recent) < len(elements) and made(elements[-1].get("id")) < walk.since:
                break
        yield Page(settle=partial(self._end_walk, organization, walk))

    def _since(self, organization: Parent) -> int:
        """How far back to walk, epoch ms: to where each stream has come."""
        floor = int(self.start.timestamp() * 1000) if self.start else 0
        return max(floor, min(stream.covered_before(organization) for stream in self._covering()))

    def _covering(self) -> Sequence[OverPosts]:
        children = [child for child in self.children if isinstance(child, OverPosts)]
        return [*children, self] if self.selected else children

    def _readable(self, elements: Sequence[Entity], walk: Walk) -> Sequence[Entity]:
        """Those that BATCH_GET takes and that this walk has not met."""
        readable = []
        others: Counter[str] = Counter()
        for element in elements:
            urn = str(element.get("id"))
            if urns.kind(urn) not in self.kinds:
                others[urns.kind(urn) or "no URN"] += 1
            elif urn not in walk.made:
                readable.append(element)
        if unknown := {kind: count for kind, count in others.items() if kind not in self.other_kinds}:
            self.logger.warning("%s: listed, but not of a kind that can be read: %s", self.name, unknown)
        return readable

    def _page(self, organization: Parent, elements: Sequence[Entity], walk: Walk) -> Page:
        entities = self.read(elements)
        walk.lacking.update(entities.lacking)
        withheld = [urn for urn, status in entities.lacking.items() if status == WITHHELD]
        self.connection.mentions.note(self.name, {"withheld": withheld})
        known = {} if self.is_full_table else self.state_of(organization).get("known", {})
        covered_before = self.covered_before(organization)
        rows: list[Row] = []
        parents: list[tuple[Parent, Row | None]] = []
        stamps: dict[str, Any] = {}
        for urn in dict.fromkeys(element["id"] for element in elements):
            entity = entities.get(urn, {})
            row = self.row(entity, {"organization": organization["organization"], "id": urn}) if entity else None
            walk.made[urn] = made(urn)
            if urns.kind(urn) in self.kinds_with_engagement:
                parents.append((self.post_context(organization, urn, entity, row), row))
            if row:
                stamps[short(urn)] = dig(entity, "lastModified.time") or entity.get("publishedAt")
                walk.published_to = max(filter(None, (walk.published_to, row["published_at"])), default=None)
                if walk.made[urn] >= covered_before and known.get(short(urn), "never") != stamps[short(urn)]:
                    rows.append(row)
        return Page(rows, parents, partial(self._remember, organization, stamps))

    def _remember(self, organization: Parent, stamps: Mapping[str, Any]) -> None:
        if self.selected:
            known = self.state_of(organization).setdefault("known", {})
            known.update(stamps)

    def _end_walk(self, organization: Parent, walk: Walk) -> None:
        for stream in self._covering():
            if organization["organization"] not in stream.refused:
                stream.end_of_posts(organization, walk)


def made(urn: object) -> int:
    """When a post was made, epoch ms; one whose URN does not say counts as new."""
    when = urns.created_ms(urn) if isinstance(urn, str) else None
    return UNKNOWN if when is None else when


def short(urn: str) -> str:
    """A post's URN as the state keeps it, which holds many."""
    return urn.removeprefix("urn:li:")
