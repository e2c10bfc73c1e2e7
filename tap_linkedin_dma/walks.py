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
from tap_linkedin_dma.client import Connection
from tap_linkedin_dma.rows import Entity, Row, dig, milliseconds, timestamp
from tap_linkedin_dma.stream import Page, PagedStream, Parent, Parents

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_REFUSALS_TO_GIVE_UP = 3

_LAG_MS = 2 * 24 * 60 * 60 * 1000
"""LinkedIn's feed data may be two days old."""


class OverPosts(PagedStream):
    """A stream that covers an organization's posts: the posts themselves, or what hangs on them."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._answered: set[str] = set()
        self._refused_first: Counter[str] = Counter()

    def posts_to(self, organization: Parent) -> int | None:
        """When the newest post that this stream has covered was made, epoch ms; None for none yet."""
        text = None if self.is_full_table else self.state_of(organization).get("posts_to")
        return milliseconds(text) if text else None

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        """Take note that all posts of a walk have been handed over, and all that hangs on them has left.

        It is not called for an organization that LinkedIn refuses to show to this stream.
        """
        if walk.made:
            self.state_of(organization)["posts_to"] = timestamp(max(walk.made.values()))

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
            if self._refused_first[organization] == _REFUSALS_TO_GIVE_UP:
                self.give_up(post, refusal)
            else:
                number = urns.key(organization)
                self.logger.warning("%s: a post of organization %s is skipped. %s", self.name, number, refusal)
        else:
            self._answered.add(organization)

    def social_metadata(self, posts: Parents) -> dict[str, Entity]:
        """The counts of these posts by URN, read once for all streams that want them."""
        if "dmaSocialMetadata" not in posts.shared:
            posts.shared["dmaSocialMetadata"] = self.batch_get("dmaSocialMetadata", [post["post"] for post in posts])
        return posts.shared["dmaSocialMetadata"]

    def in_window(self, urn: str) -> bool:
        """Whether a post is so young that every run covers it."""
        return made(urn) >= self.window_start()

    def is_covered(self, organization: Parent, urn: str) -> bool:
        """Whether a post is so old that an earlier run has covered it for good."""
        to = self.posts_to(organization)
        return to is not None and made(urn) < to - _LAG_MS and not self.in_window(urn)

    def window_start(self) -> int:
        """Where the engagement window begins, epoch ms."""
        start = self.connection.clock.now().subtract(days=self.config["engagement_window_days"])
        return int(start.timestamp() * 1000)


@dataclass
class Walk:
    """What one walk over an organization's posts has met."""

    made: dict[str, int] = field(default_factory=dict)
    """When each post was made, epoch ms, by URN."""

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
        for organization in parents:
            with self.skipping(organization):
                yield from self._walk(organization)

    def post_context(self, organization: Parent, urn: str, entity: Entity) -> Parent:
        """What children are told of a post."""
        raise NotImplementedError

    def posts_to(self, organization: Parent) -> int | None:
        text = None if self.is_full_table else self.state_of(organization).get("replication_key_value")
        return milliseconds(text) if text else None

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        state = self.state_of(organization)
        state["known"] = {urn: stamp for urn, stamp in state.get("known", {}).items() if urn in walk.made}
        if walk.published_to:
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = max(walk.published_to, state.get("replication_key_value", ""))

    def _walk(self, organization: Parent) -> Iterator[Page]:
        since, walk = self._since(organization), Walk()
        for elements in self.listed(organization):
            recent = [element for element in elements if made(element.get("id")) >= since]
            yield self._page(organization, self._readable(recent, walk), walk)
            if len(recent) < len(elements) and made(elements[-1].get("id")) < since:
                break
        yield Page(settle=partial(self._end_walk, organization, walk))

    def _since(self, organization: Parent) -> int:
        """How far back to walk, epoch ms: over the window, and to where each stream has come."""
        covered = [stream.posts_to(organization) for stream in self._covering()]
        reached = min(0 if to is None else to - _LAG_MS for to in covered)
        floor = int(self.start.timestamp() * 1000) if self.start else 0
        return max(floor, min(reached, self.window_start()))

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
        known = {} if self.is_full_table else self.state_of(organization).get("known", {})
        rows: list[Row] = []
        parents: list[tuple[Parent, Row | None]] = []
        stamps: dict[str, Any] = {}
        for urn in dict.fromkeys(element["id"] for element in elements):
            entity = entities.get(urn, {})
            row = self.row(entity, {"organization": organization["organization"], "id": urn}) if entity else None
            walk.made[urn] = urns.created_ms(urn) or 0
            if urns.kind(urn) in self.kinds_with_engagement:
                parents.append((self.post_context(organization, urn, entity), row))
            if row:
                stamps[urn] = dig(entity, "lastModified.time") or entity.get("publishedAt")
                walk.published_to = max(filter(None, (walk.published_to, row["published_at"])), default=None)
                if urn not in known or known[urn] != stamps[urn]:
                    rows.append(row)
        return Page(rows, parents, partial(self._remember, organization, stamps))

    def _remember(self, organization: Parent, stamps: Mapping[str, Any]) -> None:
        if self.selected:
            known = self.state_of(organization).setdefault("known", {})
            known.update({urn: stamp for urn, stamp in stamps.items() if self.in_window(urn)})

    def _end_walk(self, organization: Parent, walk: Walk) -> None:
        for stream in self._covering():
            if organization["organization"] not in stream.refused:
                stream.end_of_posts(organization, walk)


def made(urn: object) -> int:
    """When a post was made, epoch ms; one whose URN does not say counts as new."""
    when = urns.created_ms(urn) if isinstance(urn, str) else None
    return sys.maxsize if when is None else when
