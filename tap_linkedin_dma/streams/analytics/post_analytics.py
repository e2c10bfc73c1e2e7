"""Analytics of posts: by day, by audience, by gesture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pendulum
from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.rows.conversion import parse_ms
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import ANY_OBJECT, INTEGER, OTHERS_UNKNOWN, TEXT, TIMESTAMP, URN, columns, key
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.streams.analytics.metrics import (
    CONTENT_COLUMNS,
    CONTENT_DIMENSION_COLUMNS,
    CONTENT_DIMENSION_SOURCES,
    CONTENT_TREND_COLUMNS,
    CONTENT_TREND_SOURCES,
    CONTENT_VALUES,
    CREATOR_METRICS,
    DAILY,
    DIMENSIONS,
    METRICS,
    VIDEO_METRICS,
    Day,
    day_at,
    day_of,
    text_of,
)
from tap_linkedin_dma.streams.analytics.post_schedule import LONGEST_STEP, PostSchedule
from tap_linkedin_dma.streams.analytics.time_windows import TimeWindows, WindowRequest
from tap_linkedin_dma.streams.feed.coverage import PostScan, strip_prefix
from tap_linkedin_dma.streams.feed.per_post import OneRequestPerPost, QueriedPosts
from tap_linkedin_dma.streams.feed.post_refusals import PostRefusals
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class _ScheduledWindows(PostSchedule):
    """The schedule of windows: also owes those without an answer, and has read posts that LinkedIn refuses to show."""

    def __init__(self, stream: TimeWindows) -> None:
        super().__init__(stream)
        self._windows = stream
        self.refused: defaultdict[str, list[Context]] = defaultdict(list)
        """Posts that LinkedIn refuses to show, by organization."""

    def also_owed(self, organization: Context) -> Iterable[str]:
        """The posts with a window that has no answer so far, or that left with days to read: however old they are."""
        failed = self.stream.state_of(organization).get("dead_windows", ())
        posts = [strip_prefix(window["post"]) for window in failed if "post" in window]
        return [*posts, *super().also_owed(organization)]

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        self.advance(organization, scan.newest)
        for post in self.refused.pop(organization["organization"], ()):
            self.record(post)
        self._windows.advance_bookmark(organization)
        super().on_scan_finished(organization, scan)


class PostTimeWindows(TimeWindows):
    """Analytics of posts, each from the day it was published, and as often as its age asks for.

    A post younger than a day waits for a later run.
    """

    append_only = True

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self.coverage = _ScheduledWindows(self)
        self.refusals = PostRefusals(self)
        self._withheld: set[str] = set()
        """Posts of whose days LinkedIn withholds figures."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        self.coverage.note_counts(contexts)
        asked = [ask for post in contexts for ask in self.requests(post)]
        self.run_context.progress.plan(self.name, calls=len(asked))
        yield from self.run_context.workers.map(self.read_window, asked)

    def requests(self, context: Context) -> Iterator[WindowRequest]:
        if self.coverage.must_cover(context):
            yield from super().requests(context)

    def first_day(self, context: Context) -> Day:
        when = context["post_published_at"]
        a_day_ago = int(self.run_context.started_at.subtract(days=1).timestamp() * 1000)
        if not when or parse_ms(when) > a_day_ago or not self.coverage.is_due(context):
            return self.last_day(context)
        read_to = self._read_to(context)
        if read_to is None:
            return self.not_before_start(day_of(when))
        return max(day_of(when), self.not_before_start(read_to.subtract(days=self.config["analytics_lookback_days"])))

    def last_day(self, context: Context) -> Day:
        return day_at(self.coverage.end(context))

    def read_window(self, ask: WindowRequest) -> RecordBatch:
        organization = ask.context["organization"]
        if organization not in self.refused_organizations:
            with self.refusals.skip_refused(ask.context):
                return super().read_window(ask).also_commit(partial(self._note_read, ask))
        # Nothing is recorded of a refused organization: the next run reads all that is due anyway.
        return (
            RecordBatch()
            if organization in self.refused_organizations
            else RecordBatch(commit=partial(self._note_refused, ask))
        )

    def most_runs(self, ask: WindowRequest) -> int:
        """More if the look-back of the next runs does not repeat the days, and this is not the first of the post."""
        published = ask.context["post_published_at"]
        is_first = not published or ask.start <= day_of(published)
        is_repeated = (ask.end - ask.start).days <= self.config["analytics_lookback_days"] + 1
        return super().most_runs(ask) if is_first or is_repeated else LONGEST_STEP

    def withheld(self, ask: WindowRequest, metadata: object) -> RecordBatch:
        if not ask.failed_window:
            self._withheld.add(ask.context["post"])
        return super().withheld(ask, metadata)

    def _read_to(self, post: Context) -> Day | None:
        """The day up to which a post has been read; earlier releases kept one for all posts of an organization."""
        number = self.coverage.read_to(post)
        if number is not None:
            return day_at(number)
        return None if self.coverage.knows(post) else self.bookmark(post)

    def _note_read(self, ask: WindowRequest) -> None:
        is_last = not ask.failed_window and ask.end == self.last_day(ask.context)
        if is_last and ask.context["post"] not in self._withheld:
            self.coverage.record(ask.context)

    def _note_refused(self, ask: WindowRequest) -> None:
        self.keep_failed(ask)
        if not ask.failed_window:
            self.coverage.refused[ask.context["organization"]].append(ask.context)


class PostContentTrend(PostTimeWindows):
    """Content metrics of each post by day, from the day it was published.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "post_content_trend"
    resource = "dmaOrganizationalPageContentAnalytics"
    finder = "trend"
    params = {"sourceEntity": "{post}", "metricTypes": METRICS, "timeIntervals": DAILY}
    evidence = "observed"
    parent_stream_type = Posts
    primary_keys = ("post", "type", "granularity", "start")
    replication_key = "start"
    only_declared_columns = True
    field_paths = CONTENT_TREND_SOURCES
    schema = columns(key("post", URN), th.Property("organizational_page", URN), *CONTENT_TREND_COLUMNS)


class _PostsDone(QueriedPosts):
    """The posts whose totals have been read; no scan ends with posts of which LinkedIn withholds figures."""

    def __init__(self, stream: DmaStream, window: str) -> None:
        super().__init__(stream, window)
        self.withheld: set[str] = set()

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        """End the scan, unless LinkedIn withholds figures: then the next run resumes with the posts not done."""
        if not self.withheld & scan.times.keys():
            super().on_scan_finished(organization, scan)


class PostTotals(TimeWindows):
    """Totals over a post's life; requested again while the post is young.

    A post whose figures LinkedIn withholds is requested again on the next run, however old it is.
    """

    append_only = True

    metric_types: ClassVar[Sequence[str]] = ()
    """Each dimension is requested once for each of these; if empty, just once."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self.coverage = _PostsDone(self, "analytics_lookback_days")
        self.posts = OneRequestPerPost(self, self.coverage, self.read_post)

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        return self.posts.read(contexts, self.coverage.is_due, len(self.columns()))

    def read_post(self, post: Context) -> RecordBatch:
        pages = []
        for requested in self.columns():
            pages.append(self.read_window(WindowRequest(post, self.today, self.today, requested)))
            if post["post"] in self.coverage.withheld:
                break
        rows = [row for batch in pages for row in batch.records]
        return RecordBatch(rows, commit=partial(self._settle, post, pages), owe=partial(self.coverage.owe, post))

    def columns(self) -> Sequence[Mapping[str, str]]:
        metrics = [{"type": metric_type} for metric_type in self.metric_types] or [{}]
        dimensions = super().columns()
        return [{**metric, **dimension} for metric in metrics for dimension in dimensions]

    def rejected_value(self, ask: WindowRequest, refusal: BadRequest) -> tuple[str, str]:
        if "metricType" in refusal.named and "dimensionType" not in refusal.named:
            return "type", ask.columns["type"]
        return super().rejected_value(ask, refusal)

    def withheld(self, ask: WindowRequest, metadata: object) -> RecordBatch:
        self.coverage.withheld.add(ask.context["post"])
        return super().withheld(ask, metadata)

    def _note_failed(self, ask: WindowRequest, why: str) -> None:
        self.coverage.owe(ask.context)
        what = f"{self.posts.called(ask.context)}, requested again on the next run"
        self.skip(what, why, ask.context["organization"])

    def _settle(self, post: Context, pages: Sequence[RecordBatch]) -> None:
        if post["post"] not in self.coverage.withheld:
            self.coverage.mark_done(post)
        # Last, since the commits of the windows may owe the post again.
        for batch in pages:
            if batch.commit:
                batch.commit()


class PostDemographics(PostTotals):
    """Content metrics of each post by audience, over its life so far.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "post_demographics"
    resource = "dmaOrganizationalPageContentAnalytics"
    finder = "postDimension"
    params = {"sourcePostEntity": "{post}", "metricType": "{type}", "dimensionType": "{dimension_type}"}
    metric_types = ("IMPRESSIONS", "REACTIONS", "COMMENTS", "REPOSTS", "CLICKS")
    dimension_types = DIMENSIONS
    evidence = "inferred"
    parent_stream_type = Posts
    selected_by_default = False
    primary_keys = ("post", "type", "dimension_type", "dimension_value")
    only_declared_columns = True
    field_paths = CONTENT_DIMENSION_SOURCES
    schema = columns(
        key("post", URN), th.Property("organizational_page", URN), *CONTENT_DIMENSION_COLUMNS, others=OTHERS_UNKNOWN
    )


class PostGestures(PostTotals):
    """Clicks and other gestures on each post, over its life so far.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "post_gestures"
    resource = "dmaOrganizationalPageContentAnalytics"
    finder = "postGestures"
    params = {"sourcePostEntity": "{post}"}
    evidence = "inferred"
    parent_stream_type = Posts
    selected_by_default = False
    primary_keys = ("post", "row_key")
    id_fields = ("type", "entityUrn", "$URN", "urn", "id")
    field_paths = CONTENT_TREND_SOURCES
    schema = columns(
        key("post", URN),
        key("row_key"),
        th.Property("organizational_page", URN),
        th.Property("granularity", TEXT),
        th.Property("start", TIMESTAMP, description="Start of the period, in UTC, if LinkedIn gives one."),
        th.Property("end", TIMESTAMP),
        *CONTENT_VALUES,
        *CONTENT_COLUMNS,
        others=OTHERS_UNKNOWN,
    )


_CREATED_KINDS = ("video", "article", "reference")
"""The kinds of content of which LinkedIn has figures made for creators."""


class CreatorAnalytics(Finder):
    """Figures on posts that hold a video, an article or a reference, made for their creators.

    LinkedIn documents neither the request nor the answer. The finder of the same figures for members takes the post as
    a union and one metric a request, which are the fallbacks.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "creator_analytics"
    resource = "dmaCreatorAnalytics"
    finder = "targetEntity"
    params = {"targetEntity": "{target_entity}"}
    param_fallbacks = {
        "targetEntity": ({"targetEntity": "{post_union}"}, {"entity": "{post_union}"}),
        "queryType": ({"queryType": "{metric}"},),
    }
    evidence = "inferred"
    parent_stream_type = Posts
    primary_keys = ("target_entity", "row_key")
    append_only = True
    key_is_of = "figures"
    composes_row_key = True
    field_paths = {"total_count": ("count",)}
    schema = columns(
        key("target_entity", URN, description="URN of the post."),
        key("row_key"),
        th.Property("organization", URN),
        th.Property("type", TEXT, description="Metric, the word in `metric_type`, such as IMPRESSION or VIDEO_PLAY."),
        th.Property("total_count", INTEGER, description="Value of the metric; the same as `count`."),
        th.Property(
            "start",
            TIMESTAMP,
            description="First day of `date_range`, in UTC; NULL for the total over the post's life.",
        ),
        th.Property(
            "end",
            TIMESTAMP,
            description="End of `date_range` as LinkedIn gives it, in UTC: a day, not part of the period.",
        ),
        th.Property("count", INTEGER, description="Value of the metric, as LinkedIn names it."),
        th.Property(
            "date_range",
            ANY_OBJECT,
            description="Days of the figures as LinkedIn sends them, each as year, month and day; NULL if it sends "
            "none.",
        ),
        th.Property("metric_type", ANY_OBJECT, description="Metric as LinkedIn sends it; a plain word is in `value`."),
        others=OTHERS_UNKNOWN,
    )

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self.coverage = PostSchedule(self)
        self._posts = OneRequestPerPost(self, self.coverage, self.read_post)
        self._unknown_metrics: set[str] = set()

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        self.coverage.note_counts(contexts)
        yield from self._posts.read(contexts, self.is_due)

    def is_due(self, post: Context) -> bool:
        """Whether a post is to be queried on this run."""
        return (
            post["post_content_kind"] in _CREATED_KINDS
            and self.coverage.must_cover(post)
            and (self.coverage.owed_since(post) is not None or self.coverage.is_due(post))
        )

    def read_post(self, post: Context) -> RecordBatch:
        """Read LinkedIn's answers about one post."""
        keys = self.row_builder.new_keys()
        rows = [
            row
            for context in self.requests_for(post)
            for elements in self.elements(context)
            for row in self.batch(context, elements, keys).records
        ]
        return RecordBatch(rows, commit=partial(self._mark_done, post), owe=partial(self.coverage.owe, post))

    def _mark_done(self, post: Context) -> None:
        self.coverage.has_paid(post)
        self.coverage.record(post)

    def requests_for(self, post: Context) -> Iterator[Context]:
        """The contexts of the requests that one post takes; each is requested before the next one is asked for."""
        union = "ugc" if urns.urn_type(post["post"]) == "ugcPost" else "share"
        first, *others = CREATOR_METRICS
        context = {**post, "target_entity": post["post"], "post_union": {union: post["post"]}, "metric": first}
        yield context
        if self.request.uses_fallback("queryType"):
            for metric in (*others, *(VIDEO_METRICS if post["post_content_kind"] == "video" else ())):
                yield {**context, "metric": metric}

    def elements(self, context: Context) -> Iterator[ListingPage]:
        if context["metric"] in self._unknown_metrics:
            return
        try:
            yield from super().elements(context)
        except BadRequest as refused:
            if context["metric"] == CREATOR_METRICS[0] or "queryType" not in refused.named:
                raise
            self._unknown_metrics.add(context["metric"])
            self.logger.info("%s: LinkedIn does not know the metric %s.", self.name, context["metric"])

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        requested = self.request_params(context).get("queryType")
        return super().batch({**context, "requested_type": requested}, elements, keys)

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row with the metric and its days, which LinkedIn gives in objects."""
        row, requested = super().row(entity, context, keys), context.get("requested_type")
        if row:
            row["type"] = row["type"] or _metric(row["metric_type"]) or requested
            row["start"] = row["start"] or _day(get_path(row, "date_range.start"))
            row["end"] = row["end"] or _day(get_path(row, "date_range.end"))
            if requested:
                # The answers to two requests may look alike.
                row["row_key"] = f"{requested}|{row['row_key']}"
        return row


def _metric(metric_type: Mapping[str, Any] | None) -> str | None:
    """The name of a metric, which also comes in an object, under a key that ends in the type's name and a version."""
    words = {name: word for name, word in (metric_type or {}).items() if isinstance(word, str)}
    return next((word for name, word in words.items() if "type" in name.lower()), next(iter(words.values()), None))


def _day(parts: Any) -> str | None:
    """The start of a day that LinkedIn gives as `{"year": …, "month": …, "day": …}`."""
    try:
        return text_of(pendulum.datetime(parts["year"], parts["month"], parts["day"]))
    except (KeyError, TypeError, ValueError):
        return None
