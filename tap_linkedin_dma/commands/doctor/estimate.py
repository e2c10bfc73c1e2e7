"""Estimates the calls and the duration of a first run and of a daily one, before either is made.

The posts, their counts and the followers of each page are asked for; each selected stream's calls follow from them by
the stream's own rules (windows, page sizes), and the time from the calls by the intervals that pace a run.
"""

from __future__ import annotations

import json
import math
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from tap_linkedin_dma.api import restli, urns
from tap_linkedin_dma.api.batch_get import MAX_BATCH
from tap_linkedin_dma.api.client import resource_at
from tap_linkedin_dma.api.errors import PermanentError
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.rate_limits import AUTO, spacing
from tap_linkedin_dma.api.responses import elements
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.output.progress import counted, in_time
from tap_linkedin_dma.rows.conversion import format_ms, int_or_none
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams.analytics.metrics import text_of
from tap_linkedin_dma.streams.analytics.page_analytics import FollowerDemographics
from tap_linkedin_dma.streams.analytics.post_analytics import (
    CreatorAnalytics,
    PostContentTrend,
    PostTimeWindows,
    PostTotals,
)
from tap_linkedin_dma.streams.analytics.time_windows import CurrentTotals, TimeWindows
from tap_linkedin_dma.streams.feed.comments import Comments
from tap_linkedin_dma.streams.feed.counts import comment_counts, read_counts
from tap_linkedin_dma.streams.feed.coverage import CoversPosts, PostCoverage, created_ms
from tap_linkedin_dma.streams.feed.listings import Engagement
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.streams.feed.reposts import RepostsOfPosts
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.streams.pages import Followers
from tap_linkedin_dma.sync.batches import NO_CONTEXT, Context, ContextBatch
from tap_linkedin_dma.tap import TapLinkedInDMA, intervals_of

_LIVELY_DAYS = 7
"""Days for which a post is taken to get comments and reactions each day."""

_DAY_MS = 24 * 60 * 60 * 1000

_SHORT_WINDOW = 90
"""Days of `engagement_window_days` for which a daily run is estimated too."""

_SECONDS_OF_A_CALL = 0.5
"""For a call that waits for no interval."""


@dataclass
class Page:
    """The facts about one page that its calls follow from."""

    context: Context
    posts: Sequence[Context]
    counts: Mapping[str, Entity]
    """The social metadata of its posts, by URN."""

    followers: int
    """Members only, and as LinkedIn's figures have them: it does not list them all."""

    items: Mapping[str, int]
    """How many items of other streams have children that ask about each, by stream: events, series, threads."""


@dataclass
class Estimate:
    """The estimate for one selection of streams.

    Args:
        pages: the pages that are read.
        config: the tap's settings.
        first: the calls of a first run, by stream and resource.
        daily: those of a later run, a day after another.
        daily_if_short: the same if `engagement_window_days` were `_SHORT_WINDOW`.
    """

    pages: Sequence[Page]
    config: Mapping[str, Any]
    first: Counter[tuple[str, str]] = field(default_factory=Counter)
    daily: Counter[tuple[str, str]] = field(default_factory=Counter)
    daily_if_short: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, tap: TapLinkedInDMA) -> Estimate:
        """The estimate for the selected streams of a tap that has no state.

        Raises:
            DmaError: if LinkedIn shows no page.
        """
        streams = [cast("DmaStream", stream) for stream in tap.streams.values()]
        estimate = cls(list(_pages(streams)), tap.config)
        estimate.first = estimate._calls(streams)
        _pretend_a_run(streams, estimate.pages)
        estimate.daily = estimate._calls(streams)
        estimate.daily_if_short = estimate._calls(streams, window_days=_SHORT_WINDOW)
        return estimate

    def seconds(self, calls: Mapping[tuple[str, str], int], *, is_throttled: bool = False) -> Mapping[str, float]:
        """How long these calls take, by resource; different resources are asked at the same time.

        Args:
            calls: by stream and resource.
            is_throttled: whether LinkedIn throttles the resources whose interval is `auto`.
        """
        intervals = intervals_of(self.config)
        by_resource = _by_resource(calls)
        paced = {
            resource: number * spacing(intervals.get(resource, 0.0), is_throttled=is_throttled)
            for resource, number in by_resource.items()
        }
        others = sum(number for resource, number in by_resource.items() if not paced[resource])
        return {**paced, "": others * _SECONDS_OF_A_CALL / self.config["max_concurrency"]}

    def as_json(self) -> str:
        """The estimate as one JSON object."""
        runs = {
            name: {"calls": calls.total(), "by_resource": _by_resource(calls), "seconds": round(self._longest(calls))}
            for name, calls in (("first_run", self.first), ("daily_run", self.daily))
        }
        facts = {"pages": len(self.pages), "posts": self.posts, "followers": self.followers}
        return json.dumps({**facts, **runs, "advice": list(self._advice())}, indent=2)

    def as_text(self, width: int | None) -> str:
        """The estimate as a table of the resources with an interval, and the stream that takes the longest.

        Args:
            width: columns of the terminal; None not to wrap lines.
        """
        first, daily = _by_resource(self.first), _by_resource(self.daily)
        intervals = intervals_of(self.config)
        paced = [name for name, _ in first.most_common() if spacing(intervals.get(name, 0.0))]
        rows = [
            ("calls to", "first run", "daily run"),
            *((name, f"{first[name]:,}", f"{daily[name]:,}") for name in paced),
            ("other resources", *(f"{run.total() - sum(run[name] for name in paced):,}" for run in (first, daily))),
            ("all", *(f"{run.total():,}" for run in (first, daily))),
            ("takes about", *(in_time(self._longest(run)) for run in (self.first, self.daily))),
        ]
        name, *numbers = (max(map(len, column)) for column in zip(*rows, strict=True))
        table = [
            "  ".join([row[0].ljust(name), *(cell.rjust(cells) for cell, cells in zip(row[1:], numbers, strict=True))])
            for row in rows
        ]
        facts = [counted(len(self.pages), "page"), counted(self.posts, "post"), counted(self.followers, "follower")]
        advice = [textwrap.fill(sentence, width or sys.maxsize) for sentence in self._advice()]
        return "\n".join([", ".join(facts), "", *table, "", *advice])

    @property
    def posts(self) -> int:
        """The posts of all pages."""
        return sum(len(page.posts) for page in self.pages)

    @property
    def followers(self) -> int:
        """The followers of all pages."""
        return sum(page.followers for page in self.pages)

    def _longest(self, calls: Mapping[tuple[str, str], int], *, is_throttled: bool = False) -> float:
        return max(self.seconds(calls, is_throttled=is_throttled).values())

    def _calls(self, streams: Sequence[DmaStream], window_days: int | None = None) -> Counter[tuple[str, str]]:
        """The calls of the streams that are read, with their state; `window_days` may shorten the engagement window."""
        calls: Counter[tuple[str, str]] = Counter()
        for stream in streams:
            if stream.is_active:
                for resource, number in _calls_of(stream, self.pages, window_days):
                    calls[stream.name, resource] += number
        return calls

    def _advice(self) -> Iterator[str]:
        """Sentences on the stream that takes the longest, and on throttling."""
        seconds = self.seconds(self.daily)
        slowest = max(seconds, key=lambda name: seconds[name])
        most = Counter({stream: number for (stream, resource), number in self.daily.items() if resource == slowest})
        for stream, number in most.most_common(1):
            share = f"{stream} makes {number:,} of the {most.total():,} calls to {slowest} a day"
            shorter = self._longest(self.daily_if_short)
            if self.daily_if_short[stream, slowest] < number:
                yield f"{share}: engagement_window_days of {_SHORT_WINDOW} would make a daily run {in_time(shorter)}."
            else:
                yield f"{share}: deselect it, or read it in a job of its own that runs less often."
        throttled = self._longest(self.daily, is_throttled=True)
        if AUTO in intervals_of(self.config).values() and throttled > self._longest(self.daily):
            first = self._longest(self.first, is_throttled=True)
            yield f"If LinkedIn throttles posts, comments and reactions: {in_time(first)} and {in_time(throttled)}."


def _by_resource(calls: Mapping[tuple[str, str], int]) -> Counter[str]:
    by_resource: Counter[str] = Counter()
    for (_, resource), number in calls.items():
        by_resource[resource] += number
    return by_resource


# Facts


def _pages(streams: Sequence[DmaStream]) -> Iterator[Page]:
    posts, figures = _only(streams, Posts), _only(streams, FollowerDemographics)
    for batch in _only(streams, Organizations).read(NO_CONTEXT):
        for organization, _ in batch.child_contexts:
            found: dict[str, None] = {}
            with suppress(PermanentError):
                for listed in posts.list_urns(organization):
                    listed_urns = (str(element.get("id")) for element in listed)
                    found.update((urn, None) for urn in listed_urns if urns.urn_type(urn) in posts.urn_types)
            counts = read_counts(posts, [urn for urn in found if _can_be_engaged_with(urn)]) or BatchResult()
            contexts = [_post_context(organization, urn) for urn in found]
            yield Page(organization, contexts, counts, _followers(figures, organization), _items(streams, organization))


def _only(streams: Sequence[DmaStream], kind: type[Any]) -> Any:
    return next(stream for stream in streams if type(stream) is kind)


def _can_be_engaged_with(urn: str) -> bool:
    """Whether other streams ask about a post."""
    return urns.urn_type(urn) in Posts.engagement_urn_types


def _post_context(organization: Context, urn: str) -> Context:
    made = urns.created_ms(urn)
    published = None if made is None else format_ms(made)
    return {**organization, "post": urn, "post_time": created_ms(urn), "post_published_at": published}


def _followers(figures: FollowerDemographics, organization: Context) -> int:
    """The followers of a page, by one of its demographics."""
    params = figures.request_params({**organization, **figures.columns()[0]})
    with suppress(PermanentError):
        body = figures.client.fetch(figures.resource, restli.query({"q": figures.finder, **params}))
        rows = [figures.row(element, organization) for element in elements(body)]
        return sum(int(row["total_count"] or 0) for row in rows if row)
    return 0


def _items(streams: Sequence[DmaStream], organization: Context) -> Mapping[str, int]:
    parents = [
        stream
        for stream in streams
        if stream.parent_stream_type is Organizations and stream.children and not isinstance(stream, CoversPosts)
    ]
    return {
        stream.name: sum(len(batch.child_contexts) for batch in stream.read(ContextBatch([organization])))
        for stream in parents
    }


def _pretend_a_run(streams: Sequence[DmaStream], pages: Sequence[Page]) -> None:
    """Have the streams' state say that all was read."""
    for stream in streams:
        for page in pages:
            if isinstance(stream, CoversPosts):
                stream.coverage.advance(page.context, max((post["post_time"] for post in page.posts), default=0))
            if isinstance(stream, PostContentTrend | CreatorAnalytics):
                # Read yesterday: so many are due today as on any other day.
                for post in page.posts:
                    stream.coverage.record(post, stream.coverage.today - 1)
            if isinstance(stream, TimeWindows) and not isinstance(stream, CurrentTotals):
                stream.state_of(page.context)["replication_key_value"] = text_of(stream.today)


# Calls


def _calls_of(stream: DmaStream, pages: Sequence[Page], window_days: int | None) -> Iterator[tuple[str, int]]:
    """The calls of one stream: a resource, and how many."""
    resource = resource_at(stream.resource)
    if isinstance(stream, DerivedStream):
        return
    if isinstance(stream, Lookup):
        yield resource, 1
    elif isinstance(stream, CoversPosts):
        days = window_days if stream.coverage.window == "engagement_window_days" else None
        since = max(stream.start_ms, 0 if days is None else stream.coverage.now_s * 1000 - days * _DAY_MS)
        for page in pages:
            posts = [post for post in page.posts if post["post_time"] >= since and stream.coverage.must_cover(post)]
            if not isinstance(stream, Posts):
                posts = [post for post in posts if _can_be_engaged_with(post["post"])]
            yield from _calls_for_posts(stream, page, posts)
    elif isinstance(stream, CurrentTotals):
        yield resource, len(pages) * len(stream.columns())
    elif isinstance(stream, TimeWindows):
        yield resource, sum(len([*stream.requests(page.context)]) for page in pages)
    elif isinstance(stream, Followers):
        yield resource, sum(_batches(page.followers, stream.request.page_size) for page in pages)
    elif stream.parent_stream_type in (None, Organizations):
        yield resource, len(pages) if stream.parent_stream_type else 1
    else:
        parent = cast("type[DmaStream]", stream.parent_stream_type).name
        yield resource, sum(page.items.get(parent, 0) for page in pages)


def _calls_for_posts(stream: DmaStream, page: Page, posts: Sequence[Context]) -> Iterator[tuple[str, int]]:
    """The calls for those posts of a page that a stream reads."""
    resource = resource_at(stream.resource)
    if isinstance(stream, Posts):
        yield stream.feed, _batches(len(posts), stream.request.page_size)
        yield resource, _batches(len(posts))
    elif isinstance(stream, PostTimeWindows):
        yield resource, sum(len([*stream.requests(post)]) for post in posts)
    elif isinstance(stream, CreatorAnalytics):
        yield resource, sum(stream.coverage.is_due(post) for post in posts)
    elif isinstance(stream, PostTotals):
        yield resource, len(posts) * len(stream.columns())
    elif stream.parent_stream_type is Comments:
        listed = _counts_listed(cast("CoversPosts", stream).coverage, page, posts)
        yield from _calls_for_comments(stream, sum(comment_counts(counts)[0] or 0 for counts in listed))
    elif isinstance(stream, Engagement):
        yield from _calls_of_listings(stream, page, posts)
    elif isinstance(stream, RepostsOfPosts):
        # LinkedIn counts none, and hardly any post has more than a page of them.
        yield stream.feed, len(posts)
    else:
        yield resource, _batches(len(posts))


def _calls_of_listings(stream: Engagement, page: Page, posts: Sequence[Context]) -> Iterator[tuple[str, int]]:
    """The calls for what social metadata count: a listing for each post that has some, and whole batches."""
    counts = _counts_listed(stream.coverage, page, posts)
    numbers = [number for entity in counts if (number := stream.counted(entity))]
    yield stream.feed, sum(_batches(number, stream.request.page_size) for number in numbers)
    yield resource_at(stream.resource), _batches(sum(numbers))
    if isinstance(stream, Comments):
        # A listing for each comment with replies, which the counts of the comments name.
        at_the_top = [int_or_none(get_path(entity, "commentSummary.topLevelCount")) or 0 for entity in counts]
        replies = [(stream.counted(entity) or 0) - top for entity, top in zip(counts, at_the_top, strict=True)]
        yield stream.feed, sum(min(top, under) for top, under in zip(at_the_top, replies, strict=True) if under > 0)
        yield "dmaSocialMetadata", _batches(sum(at_the_top))


def _batches(number: int, size: int | None = MAX_BATCH) -> int:
    """Batches of this size, one at least."""
    return max(1, math.ceil(number / (size or MAX_BATCH)))


def _calls_for_comments(stream: DmaStream, comments: int) -> Iterator[tuple[str, int]]:
    """The calls for the comments that are listed: at most, since nobody knows yet which ones have reactions."""
    if isinstance(stream, Engagement):
        yield stream.feed, comments
    yield resource_at(stream.resource), _batches(comments)


def _counts_listed(coverage: PostCoverage, page: Page, posts: Sequence[Context]) -> Sequence[Entity]:
    """The social metadata of the posts whose comments or reactions a run lists: later, of those that are lively."""
    is_first = not coverage.newest_post(page.context)
    since = 0 if is_first else coverage.now_s * 1000 - _LIVELY_DAYS * _DAY_MS
    return [page.counts.get(post["post"], {}) for post in posts if post["post_time"] >= since]
