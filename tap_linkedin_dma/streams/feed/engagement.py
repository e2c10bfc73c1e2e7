"""Engagement with posts and comments, listed only if the counts of these have changed.

The feed finder answers once a minute; the counts of 50 posts cost one unpaced call. The state keeps, as hashes, the
counts of each post, or comment, for which all that was listed has been emitted. LinkedIn may count something that it
does not list yet: such a listing is read again on each run, until its counts are older than LinkedIn's lag.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.rows.conversion import format_ms, int_or_none
from tap_linkedin_dma.state.packing import Hashes
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.streams.feed.coverage import CoversPosts, PostScan, add_prefix, created_ms, strip_prefix
from tap_linkedin_dma.streams.feed.listings import ListedElement, Listing, ListingTask, PostListings
from tap_linkedin_dma.sync.batches import Context, ContextBatch, DerivedRows
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

UNKNOWN_COUNTS = "unknown"
"""Kept if LinkedIn does not give the counts: the entity is listed once, and again when they are given."""

_YOUNG_S = 30 * 24 * 60 * 60
_DAYS_OF_WAITING = 30


class Engagement(PostListings):
    """Comments on a post, or reactions to a post or comment, which social metadata counts."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._kept: dict[tuple[str, str], Hashes] = {}
        self._met: defaultdict[str, dict[str, int]] = defaultdict(dict)
        """The counts at which this run has found posts, and when each was published, by organization."""

    def counts_fingerprint(self, counts: Entity) -> str:
        """The counts as the state keeps them; "" if there is nothing to list."""
        raise NotImplementedError

    def counted(self, counts: Entity) -> int | None:
        """How many there are according to the counts; None if LinkedIn does not say."""
        raise NotImplementedError

    def owed(self, contexts: ContextBatch) -> Sequence[ListingTask]:
        metadata = self.social_metadata(contexts)
        owed = []
        for context in contexts:
            counts = None if metadata is None else metadata.get(context[self.entity_column])
            signature = UNKNOWN_COUNTS if counts is None else self.counts_fingerprint(counts)
            is_again = self._is_owed_again(context)
            due = ListingTask(context, counts, signature, once=counts is None or is_again)
            if self.coverage.must_cover(context) and (is_again or not (self._is_known(due) or self._waits(due))):
                owed.append(due)
        return owed

    def listing(self, owed: ListingTask) -> Iterable[ListedElement]:
        return super().listing(owed) if owed.signature else []

    def on_scan_started(self, organization: Context) -> None:
        """Have all listed again if this stream, or a child, was not read on earlier runs."""
        state = self.state_of(organization)
        read = [stream.name for stream in (self, *self.children) if stream.selected]
        if not {*read} <= {*state.pop("read", [self.name])}:
            state.pop("counts", None)
            state.pop("posts_to", None)
        if read != [self.name]:
            state["read"] = read

    def also_owed(self, organization: Context) -> Iterable[str]:
        """The posts of comments that children owe: such a comment is listed again with its post."""
        below = (child.coverage.owed_posts(organization) for child in self.children if isinstance(child, CoversPosts))
        return chain.from_iterable(below)

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        if self.has_failed_child:
            return
        super().on_scan_finished(organization, scan)
        if not scan.newest_before:
            self._forget_unmet(organization, scan)
        for child in self.children:
            if isinstance(child, CoversPosts) and organization["organization"] not in child.refused_organizations:
                child.on_scan_finished(organization, scan)

    def end(self, listings: Sequence[Listing]) -> None:
        """Record listings that have been emitted; one with fewer elements than counted is owed for LinkedIn's lag."""
        if self.has_failed_child:
            return
        known: defaultdict[Hashes, list[str]] = defaultdict(list)
        for listing in listings:
            context = listing.owed.context
            if not listing.is_answered:
                self.coverage.owe(context)
                continue
            text, since = self._text(listing.owed), self._lags_since(listing)
            if since and self._may_wait(context):
                text = f"{text} of {self.run_context.started_at.to_date_string()}"
            elif since:
                self.coverage.owe(context, since)
            else:
                self.coverage.has_paid(context)
            known[self._hashes(context)].append(text)
            self._met[context["organization"]][text] = context["post_time"]
        for hashes, texts in known.items():
            hashes.add(texts)

    def others(self, listings: Sequence[Listing]) -> Sequence[tuple[DerivedRows, Sequence[Context]]]:
        """The posts that are listed in full, for the stream that records them."""
        if not self.selected or self.entity_column != "post":
            return ()
        columns = {"kind": self.name, "listed_at": self.coverage.run_started_at}
        full = [one for one in listings if one.is_shown and one.number is not None and not self._lags_since(one)]
        rows = [{**one.owed.context, **columns} for one in full]
        stream = self.run_context.run.shared.full_listings
        return [(stream, rows)] if rows and stream else []

    def _lags_since(self, listing: Listing) -> int | None:
        """Since when more are counted than listed, epoch seconds; None if all are listed, or no more will come."""
        owed = listing.owed
        counted = None if owed.counts is None else self.counted(owed.counts)
        if counted is None or listing.number is None or counted <= listing.number:
            return None
        known_since = self.coverage.owed_since(owed.context) if self._is_known(owed) else self._known_since(owed)
        since = known_since or self.coverage.now_s
        return since if self.coverage.now_s - since < FEED_LAG_MS // 1000 else None

    def _may_wait(self, context: Context) -> bool:
        """Whether a listing that is behind its counts is read again only once, when these are older than the lag.

        That is so for a post that is met for the first time and is not young: its counts may have been ahead for
        years, because of members whom LinkedIn does not list.
        """
        return (
            self.coverage.newest_post(context) is None
            and context["post_time"] < (self.coverage.now_s - _YOUNG_S) * 1000
        )

    def _waits(self, owed: ListingTask) -> bool:
        since = self._known_since(owed)
        return since is not None and self.coverage.now_s - since < FEED_LAG_MS // 1000

    def _known_since(self, owed: ListingTask) -> int | None:
        """Since when these counts are known to be ahead of their listing: the end of a day, epoch seconds."""
        for days in range(_DAYS_OF_WAITING):
            day = self.run_context.started_at.subtract(days=days)
            text = f"{self._text(owed)} of {day.to_date_string()}"
            if text in self._hashes(owed.context):
                self._met[owed.context["organization"]][text] = owed.context["post_time"]
                return int(day.end_of("day").timestamp())
        return None

    def _is_owed_again(self, context: Context) -> bool:
        """Whether a post or comment is owed, whatever its counts."""
        if self.entity_column == "post":
            return strip_prefix(context["post"]) in self.coverage.owed_posts(context)
        return self.coverage.owed_since(context) is not None

    def _is_known(self, owed: ListingTask) -> bool:
        """Whether all that was listed at these counts has been emitted, according to the state."""
        text = self._text(owed)
        if is_known := text in self._hashes(owed.context):
            self._met[owed.context["organization"]][text] = owed.context["post_time"]
        return is_known

    def _text(self, owed: ListingTask) -> str:
        return f"{self.coverage.name_of(owed.context)} {owed.signature}"

    def _hashes(self, context: Context) -> Hashes:
        """The counts that the state keeps: of posts, or of comments by the month in which their post was published."""
        month = (
            "" if self.entity_column == "post" else format_ms(min(context["post_time"], self.coverage.now_s * 1000))[:7]
        )
        known = (context["organization"], month)
        if known not in self._kept:
            state = self.state_of(context)
            if not month:
                _hash_former(state, state.get("counts"))
                self._kept[known] = Hashes(state, "counts")
            else:
                by_month = state.setdefault("counts", {})
                for post in [name for name, counts in by_month.items() if isinstance(counts, Mapping)]:
                    _hash_former(
                        by_month,
                        by_month.pop(post),
                        format_ms(min(created_ms(add_prefix(post)), self.coverage.now_s * 1000))[:7],
                    )
                self._kept[known] = Hashes(by_month, month)
        return self._kept[known]

    def _forget_unmet(self, organization: Context, scan: PostScan) -> None:
        """Drop from the state the counts of posts that no scan meets any more."""
        since = max(self.coverage.rescan_from(organization), 0)
        if self.entity_column == "post":
            met = self._met[organization["organization"]]
            self._hashes(organization).keep_only(text for text, when in met.items() if when >= since)
            return
        state, oldest = self.state_of(organization), format_ms(since)[:7]
        state["counts"] = {month: kept for month, kept in state.get("counts", {}).items() if month >= oldest}
        self._kept = {known: hashes for known, hashes in self._kept.items() if known[1] >= oldest}


def _hash_former(state: dict[str, Any], former: object, name: str = "counts") -> None:
    """Convert the state of earlier releases, which kept the counts themselves."""
    if isinstance(former, Mapping):
        state[name] = [] if name == "counts" else state.get(name, [])
        Hashes(state, name).add(f"{about} {counts}" for about, counts in former.items())


def reactions(counts: Entity) -> dict[str, int | None]:
    """How many reactions of each type social metadata counts; None if the count cannot be read.

    >>> reactions({"reactionSummaries": {"LIKE": {"reactionType": "LIKE", "count": 2}}})
    {'LIKE': 2}
    """
    summaries = counts.get("reactionSummaries")
    if not isinstance(summaries, Mapping):
        return {}
    counted = {name: int_or_none(get_path(summary, "count")) for name, summary in summaries.items()}
    return {name: count for name, count in counted.items() if count != 0}
