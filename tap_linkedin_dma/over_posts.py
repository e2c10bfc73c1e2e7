"""What hangs on the posts of an organization: how far it is covered, and what a walk over the posts has met."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma import urns
from tap_linkedin_dma.checkpoints import Place
from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.pages import Parent, Parents
from tap_linkedin_dma.rows import Entity
from tap_linkedin_dma.stream import PagedStream
from tap_linkedin_dma.values import milliseconds, timestamp

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_REFUSALS_TO_GIVE_UP = 3
WITHHELD = 403
_COUNTS = "dmaSocialMetadata"

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

    def met_posts(self, organization: Parent, walk: Walk, posts: Sequence[str]) -> None:
        """Take note that a page of a walk has left, and all that hangs on its posts."""

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        """Take note that all posts of a walk have been handed over, and all that hangs on them has left.

        It is not called for an organization that LinkedIn refuses to show to this stream.
        """
        if self.covers_older and (newest := walk.newest):
            state = self.state_of(organization)
            state["posts_to"] = max(timestamp(newest), state.get("posts_to", ""))

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
                self.skip(f"a post of organization {urns.key(organization)}", refusal)
        else:
            self._answered.add(organization)

    def is_hopeless(self, organization: str, refusal: DmaError) -> bool:
        """Whether a refusal tells that LinkedIn will show nothing of an organization."""
        return self._refused_first[organization] == _REFUSALS_TO_GIVE_UP

    def social_metadata(self, parents: Parents) -> dict[str, Entity] | None:
        """The counts of these posts or comments, read once for all streams that want them; None where refused."""
        return self.connection.baton.once(parents.shared, _COUNTS, partial(self._social_metadata, parents))

    def social_metadata_soon(self, parents: Parents) -> None:
        """Have these counts read, unless they are or all are known."""
        if any("counts" not in parent for parent in parents):
            self.connection.baton.soon(parents.shared, _COUNTS, partial(self._social_metadata, parents))

    def _social_metadata(self, parents: Parents) -> dict[str, Entity] | None:
        known = {parent[self.about]: parent["counts"] for parent in parents if "counts" in parent}
        unknown = [parent[self.about] for parent in parents if "counts" not in parent]
        read = self.counts_of(unknown)
        return None if read is None else {**{name: counts for name, counts in known.items() if counts}, **read}

    def counts_of(self, entities: Sequence[str]) -> dict[str, Entity] | None:
        """The counts of posts or comments; None where LinkedIn refuses them, which keeps no stream from going on."""
        try:
            return self.batch_get(_COUNTS, entities)
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
        urns_kept = {whole(name): name for name in kept}
        return {name: kept[name] for urn, name in urns_kept.items() if walk.may_have_met(urn) and made(urn) >= since}


@dataclass
class Walk:
    """What one walk over an organization's posts has met."""

    since: int = 0
    """How far back it goes, epoch ms."""

    made: dict[str, int] = field(default_factory=dict)
    """When each post was made, epoch ms or UNKNOWN, by URN."""

    versions: dict[str, int] = field(default_factory=dict)
    """What tells a post as it is from the same one before an edit, by URN; of those that LinkedIn shows."""

    lacking: dict[str, int | None] = field(default_factory=dict)
    """What LinkedIn answered in place of a post, by URN: the status, None for none."""

    published_to: str | None = None
    """The `published_at` of the post that was published last."""

    newest_before: int = 0
    """When the newest post was made that the run met which this one goes on from; 0 where it goes on from none."""

    rows: int = 0
    """How many posts were listed."""

    @property
    def newest(self) -> int:
        """When the newest post was made, epoch ms; 0 where none is known."""
        return max([self.newest_before, *(when for when in self.made.values() if when < UNKNOWN)])

    def go_on_from(self, place: Place) -> None:
        """Take over what an earlier run met, which was newer; nothing where the walk begins at the start."""
        self.newest_before = place.get("newest", 0)
        self.published_to = place.get("published_to") or self.published_to
        self.rows = place.get("rows", 0)

    def may_have_met(self, urn: str) -> bool:
        """Whether a post is among those met, here or by the run that this one goes on from."""
        return urn in self.made or (self.newest_before > 0 and made(urn) < UNKNOWN)


def made(urn: object) -> int:
    """When a post was made, epoch ms; one whose URN does not say counts as new."""
    when = urns.created_ms(urn) if isinstance(urn, str) else None
    return UNKNOWN if when is None else when


def whole(name: str) -> str:
    """The URN of a post as the state keeps it."""
    return f"urn:li:{name}"


def short(urn: str) -> str:
    """A post's URN as the state keeps it, which holds many."""
    return urn.removeprefix("urn:li:")
