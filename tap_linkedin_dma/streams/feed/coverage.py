"""What hangs on the posts of an organization: how far it is covered, and what a walk over the posts has met."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.state.checkpoints import Position
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.sync.batches import Context, ContextBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_REFUSALS_TO_GIVE_UP = 3
HTTP_GONE = (404, 410)
"""The statuses of what is there no more."""

HTTP_WITHHELD = 403
_COUNTS = "dmaSocialMetadata"

NO_TIMESTAMP = sys.maxsize
"""When a post was made whose URN does not say: later than anything, so that it counts as new."""


class OverPosts(DmaStream):
    """A stream that covers an organization's posts: the posts themselves, or what hangs on them."""

    append_only = True

    entity_column: ClassVar[str] = "post"
    """The column of its parents that holds what LinkedIn is asked about: a post, or a comment on one."""

    window: ClassVar[str] = "engagement_window_days"
    """The setting that says how old, in days, a post may be to be walked again."""

    backfill: ClassVar[bool] = True
    """Whether the posts that were made before are walked once."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._answered: set[str] = set()
        self._refused_first: Counter[str] = Counter()

    @property
    def run_started_at(self) -> str:
        """When the run began, the same on every row of it."""
        return format_ms(int(self.run_context.started_at.timestamp() * 1000))

    def newest_post(self, organization: Context) -> int | None:
        """When the newest post that this stream has covered was published, epoch ms; None for none yet."""
        text = None if self.is_full_table else self.state_of(organization).get("posts_to")
        return parse_ms(text) if text else None

    def owed_posts(self, organization: Context) -> Collection[str]:
        """The posts that are asked about again, however old they are, by short name.

        LinkedIn gave no answer about something on them, or its listings are behind its counts.
        """
        owed: Mapping[str, Any] = self.state_of(organization).get("owed", {})
        return owed.keys()

    def owed_since(self, context: Context) -> int | None:
        """Since when something is owed of a post, or of a comment: epoch seconds; None where nothing is."""
        kept = self.state_of(context).get("owed", {}).get(strip_prefix(context["post"]))
        since: int | None = kept.get(self.name_of(context)) if isinstance(kept, Mapping) else kept
        return since

    def owe(self, context: Context, since: int | None = None) -> None:
        """Keep in the state that a post, or a comment on one, must be asked about again.

        Args:
            context: what is asked about.
            since: epoch seconds; None for what it was, or this run.
        """
        owed, post = self.state_of(context).setdefault("owed", {}), strip_prefix(context["post"])
        since = since or self.owed_since(context) or self.now_s
        if self.entity_column == "post":
            owed[post] = since
        else:
            owed.setdefault(post, {})[self.name_of(context)] = since

    def has_paid(self, context: Context) -> None:
        """Take note that nothing is owed of a post, or of a comment, any more."""
        state, post = self.state_of(context), strip_prefix(context["post"])
        kept = state.get("owed", {}).get(post)
        if isinstance(kept, dict):
            kept.pop(self.name_of(context), None)
        if kept is not None and (not kept or self.entity_column == "post"):
            del state["owed"][post]
            if not state["owed"]:
                del state["owed"]

    def name_of(self, context: Context) -> str:
        """The name of a post or comment in the state; a comment's number is its own, whatever it is on."""
        entity_column: str = context[self.entity_column]
        return (
            strip_prefix(entity_column)
            if self.entity_column == "post"
            else entity_column.rpartition(",")[2].rstrip(")")
        )

    @property
    def now_s(self) -> int:
        """When the run began, epoch seconds."""
        return int(self.run_context.started_at.timestamp())

    def must_cover(self, post: Context) -> bool:
        """Whether a post is young enough to be asked about, or is owed."""
        return (
            post["post_time"] >= self.rescan_from(post)
            or bool(post.get("is_owed"))
            or strip_prefix(post["post"]) in self.owed_posts(post)
        )

    def on_scan_started(self, organization: Context) -> None:
        """Take note that a walk over an organization's posts begins."""

    def rows_of_met(self, organization: Context, walk: PostScan, posts: Sequence[str]) -> Sequence[Context]:
        """The rows that a stream has of a page of a walk, beside those that it reads itself."""
        return ()

    def on_batch_emitted(self, organization: Context, walk: PostScan, posts: Sequence[str]) -> None:
        """Take note in the state that a page of a walk has left, and all that hangs on its posts."""

    def rows_at_end(self, organization: Context, walk: PostScan) -> Sequence[Context]:
        """The rows that a stream has when all posts of a walk are read; LinkedIn may be asked for them."""
        return ()

    def on_scan_finished(self, organization: Context, walk: PostScan) -> None:
        """Take note in the state that all posts of a walk have been handed over, and all that hangs on them has left.

        It is not called for an organization that LinkedIn refuses to show to this stream.
        """
        if self.backfill and (newest := walk.newest):
            state = self.state_of(organization)
            state["posts_to"] = max(format_ms(newest), state.get("posts_to", ""))

    @contextmanager
    def skipping_post(self, post: Context) -> Iterator[None]:
        """Leave out a post that LinkedIn refuses to show, with a warning, and go on.

        Several refusals before any answer mean that nothing of the organization is shown: asking for each
        post, once a minute, would take hours.
        """
        organization = post["organization"]
        try:
            yield
        except self.skippable_errors as refusal:
            self._refused_first[organization] += organization not in self._answered
            if self.should_give_up(organization, refusal):
                self.skip_organization(post, refusal)
            else:
                self.skip(f"a post of organization {urns.key(organization)}", refusal)
        else:
            self._answered.add(organization)

    def should_give_up(self, organization: str, refusal: DmaError) -> bool:
        """Whether a refusal tells that LinkedIn will show nothing of an organization."""
        return self._refused_first[organization] == _REFUSALS_TO_GIVE_UP

    def social_metadata(self, contexts: ContextBatch) -> BatchResult | None:
        """The counts of these posts or comments, read once for all streams that want them; None where refused."""
        return self.run_context.run_lock.compute_once(
            contexts.shared, _COUNTS, partial(self._social_metadata, contexts)
        )

    def _social_metadata(self, contexts: ContextBatch) -> BatchResult | None:
        unknown = [context[self.entity_column] for context in contexts if "counts" not in context]
        read = self.counts_of(unknown)
        if read is not None:
            read.update(
                {context[self.entity_column]: counts for context in contexts if (counts := context.get("counts"))}
            )
        return read

    def counts_of(self, entities: Sequence[str]) -> BatchResult | None:
        """The counts of posts or comments; None where LinkedIn refuses them, which keeps no stream from going on."""
        try:
            return self.client.batch_get(_COUNTS, entities)
        except self.skippable_errors as refusal:
            self.skip("the counts", refusal)
            return None

    def rescan_from(self, organization: Context) -> int:
        """Since when posts must be walked, epoch ms; older ones are covered for good.

        That is the stream's window, or where a long pause between two runs began, with LinkedIn's lag.
        """
        window = self.run_context.started_at.subtract(days=self.config[self.window])
        begins = int(window.timestamp() * 1000)
        if not self.backfill:
            return begins
        to = self.newest_post(organization)
        return 0 if to is None else min(to - FEED_LAG_MS, begins)


@dataclass
class PostScan:
    """What one walk over an organization's posts has met."""

    since: int = 0
    """How far back it goes, epoch ms: by when a post was published."""

    made_since: int = 0
    """And by when a post was made."""

    times: dict[str, int] = field(default_factory=dict)
    """When each post was published, epoch ms, or made where it was not or LinkedIn does not say; UNKNOWN; by URN."""

    old_in_a_row: int = 0
    """How many of the posts listed last are older than the walk goes back."""

    versions: dict[str, int] = field(default_factory=dict)
    """What tells a post as it is from the same one before an edit, by URN; of those that LinkedIn shows."""

    missing: dict[str, int | None] = field(default_factory=dict)
    """What LinkedIn answered in place of a post, by URN: the status, None for none."""

    published_to: str | None = None
    """The `published_at` of the post that was published last."""

    newest_before: int = 0
    """When the newest post was published that the run met which this one goes on from; 0 where it goes on from none."""

    rows: int = 0
    """How many posts were listed."""

    @property
    def newest(self) -> int:
        """When the newest post was published, epoch ms; 0 where none is known."""
        return max([self.newest_before, *(when for when in self.times.values() if when < NO_TIMESTAMP)])

    def go_on_from(self, place: Position) -> None:
        """Take over what an earlier run met, which was newer; nothing where the walk begins at the start."""
        self.newest_before = place.get("newest", 0)
        self.published_to = place.get("published_to") or self.published_to
        self.rows = place.get("rows", 0)


def created_ms(urn: object) -> int:
    """When a post was made, epoch ms; one whose URN does not say counts as new."""
    when = urns.created_ms(urn) if isinstance(urn, str) else None
    return NO_TIMESTAMP if when is None else when


def whole(name: str) -> str:
    """The URN of a post as the state keeps it."""
    return f"urn:li:{name}"


def strip_prefix(urn: str) -> str:
    """A post's URN as the state keeps it, which holds many."""
    return urn.removeprefix("urn:li:")
