"""The counts at which posts, and comments, were last listed: a listing is read again only if they have changed.

The feed finder answers once a minute; the counts of 50 posts cost one unpaced call. The state keeps, as hashes, the
counts of each post, or comment, for which all that was listed has been emitted. LinkedIn may count something that it
does not list yet: such a listing is read again on each run, until its counts are older than LinkedIn's lag.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from tap_linkedin_dma.rows.conversion import format_ms
from tap_linkedin_dma.state.packing import Hashes
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.streams.feed.coverage import (
    CoversPosts,
    PostCoverage,
    PostScan,
    add_prefix,
    created_ms,
    strip_prefix,
)
from tap_linkedin_dma.sync.batches import Context

_YOUNG_S = 30 * 24 * 60 * 60
_DAYS_OF_WAITING = 30


class ListedCounts(PostCoverage):
    """Which posts, or comments, a stream must list, since their counts are not those at which it last listed them.

    Counts are given as texts that are equal if the counts are.

    Args:
        stream: lists comments or reactions.
        entity_column: the column of a context with the entity that is listed: a post, or a comment on one.
    """

    def __init__(self, stream: DmaStream, entity_column: str) -> None:
        super().__init__(stream, entity_column=entity_column)
        self._kept: dict[tuple[str, str], Hashes] = {}
        self._met: defaultdict[str, dict[str, int]] = defaultdict(dict)
        """The counts at which this run has found posts, and when each was published, by organization."""

        days = [stream.run_context.started_at.subtract(days=days) for days in range(_DAYS_OF_WAITING)]
        self._days = {day.to_date_string(): int(day.end_of("day").timestamp()) for day in days}
        """The days of which counts may be known to be ahead of their listing, and when each ends, epoch seconds."""

    def is_due(self, context: Context, counts: str) -> bool:
        """Whether a post or comment is to be listed on this run."""
        return self.must_cover(context) and (
            self.is_owed_again(context) or not (self._is_known(context, counts) or self._waits(context, counts))
        )

    def is_owed_again(self, context: Context) -> bool:
        """Whether a post or comment is owed, whatever its counts."""
        if self._is_of_posts:
            return strip_prefix(context["post"]) in self.owed_posts(context)
        return self.owed_since(context) is not None

    def record(self, listed: Iterable[tuple[Context, str, bool]]) -> None:
        """Record listings that have been emitted; one with fewer elements than counted is owed for LinkedIn's lag.

        Args:
            listed: the context of each, the counts, and whether more were counted than listed.
        """
        known: defaultdict[Hashes, list[str]] = defaultdict(list)
        for context, counts, is_short in listed:
            text = self._text(context, counts)
            since = self.lags_since(context, counts) if is_short else None
            if since and self._may_wait(context):
                text = f"{text} of {next(iter(self._days))}"
            elif since:
                self.owe(context, since)
            else:
                self.has_paid(context)
            known[self._hashes(context)].append(text)
            self._met[context["organization"]][text] = context["post_time"]
        for hashes, texts in known.items():
            hashes.add(texts)

    def lags_since(self, context: Context, counts: str) -> int | None:
        """Since when more are counted than listed, epoch seconds; None if this is so for longer than LinkedIn's lag."""
        is_known = self._is_known(context, counts)
        known_since = self.owed_since(context) if is_known else self._known_since(context, counts)
        since = known_since or self.now_s
        return since if self.now_s - since < FEED_LAG_MS // 1000 else None

    def on_scan_started(self, organization: Context) -> None:
        """Have all listed again if the stream, or a child, was not read on earlier runs."""
        stream = self.stream
        state = stream.state_of(organization)
        read = [one.name for one in (stream, *stream.children) if one.selected]
        if not {*read} <= {*state.pop("read", [stream.name])}:
            state.pop("counts", None)
            state.pop("posts_to", None)
        if read != [stream.name]:
            state["read"] = read

    def also_owed(self, organization: Context) -> Iterable[str]:
        """The posts of comments that children owe: such a comment is listed again with its post."""
        children = self.stream.children
        below = (child.coverage.owed_posts(organization) for child in children if isinstance(child, CoversPosts))
        return chain.from_iterable(below)

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        if self.stream.has_failed_child:
            return
        super().on_scan_finished(organization, scan)
        if not scan.newest_before:
            self._forget_unmet(organization)
        for child in self.stream.children:
            if isinstance(child, CoversPosts) and organization["organization"] not in child.refused_organizations:
                child.coverage.on_scan_finished(organization, scan)

    def _may_wait(self, context: Context) -> bool:
        """Whether a listing that is behind its counts is read again only once, when these are older than the lag.

        That is so for a post that is met for the first time and is not young: its counts may have been ahead for
        years, because of members whom LinkedIn does not list.
        """
        return self.newest_post(context) is None and context["post_time"] < (self.now_s - _YOUNG_S) * 1000

    def _waits(self, context: Context, counts: str) -> bool:
        since = self._known_since(context, counts)
        return since is not None and self.now_s - since < FEED_LAG_MS // 1000

    def _known_since(self, context: Context, counts: str) -> int | None:
        """Since when these counts are known to be ahead of their listing: the end of a day, epoch seconds."""
        # A first run, which asks for every post, has no such day to look for.
        if self._hashes(context).began_empty:
            return None
        text = self._text(context, counts)
        return next((ends for day, ends in self._days.items() if self._holds(context, f"{text} of {day}")), None)

    def _is_known(self, context: Context, counts: str) -> bool:
        """Whether all that was listed at these counts has been emitted, according to the state."""
        return self._holds(context, self._text(context, counts))

    def _holds(self, context: Context, text: str) -> bool:
        if is_held := text in self._hashes(context):
            self._met[context["organization"]][text] = context["post_time"]
        return is_held

    def _text(self, context: Context, counts: str) -> str:
        return f"{self.name_of(context)} {counts}"

    def _hashes(self, context: Context) -> Hashes:
        """The counts that the state keeps: of posts, or of comments by the month in which their post was published."""
        month = "" if self._is_of_posts else self._month(context["post_time"])
        known = (context["organization"], month)
        if known not in self._kept:
            state = self.stream.state_of(context)
            if not month:
                _hash_former(state, state.get("counts"))
                self._kept[known] = Hashes(state, "counts")
            else:
                by_month = state.setdefault("counts", {})
                for post in [name for name, counts in by_month.items() if isinstance(counts, Mapping)]:
                    _hash_former(by_month, by_month.pop(post), self._month(created_ms(add_prefix(post))))
                self._kept[known] = Hashes(by_month, month)
        return self._kept[known]

    def _month(self, when: int) -> str:
        return format_ms(min(when, self.now_s * 1000))[:7]

    def _forget_unmet(self, organization: Context) -> None:
        """Drop from the state the counts of posts that no scan meets any more."""
        since = max(self.rescan_from(organization), 0)
        if self._is_of_posts:
            met = self._met[organization["organization"]]
            self._hashes(organization).keep_only(text for text, when in met.items() if when >= since)
            return
        state, oldest = self.stream.state_of(organization), format_ms(since)[:7]
        state["counts"] = {month: kept for month, kept in state.get("counts", {}).items() if month >= oldest}
        self._kept = {known: hashes for known, hashes in self._kept.items() if known[1] >= oldest}


def _hash_former(state: dict[str, Any], former: object, name: str = "counts") -> None:
    """Convert the state of earlier releases, which kept the counts themselves."""
    if isinstance(former, Mapping):
        state[name] = [] if name == "counts" else state.get(name, [])
        Hashes(state, name).add(f"{about} {counts}" for about, counts in former.items())
