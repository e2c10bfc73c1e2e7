"""Analytics of posts: by day, by audience, by gesture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pendulum
from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import ANY_OBJECT, INTEGER, OTHERS_UNKNOWN, TEXT, TIMESTAMP, URN, columns, key
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
    text_of,
)
from tap_linkedin_dma.streams.analytics.post_schedule import PostSchedule
from tap_linkedin_dma.streams.analytics.post_time_windows import PostTimeWindows, PostTotals
from tap_linkedin_dma.streams.feed.coverage import PostScan
from tap_linkedin_dma.streams.feed.per_post import PostFinder
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


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


class CreatorAnalytics(PostFinder):
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
    content_kinds = ("video", "article", "reference")
    evidence = "inferred"
    parent_stream_type = Posts
    primary_keys = ("target_entity", "row_key")
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
        self.schedule = PostSchedule(self)
        self._unknown_metrics: set[str] = set()

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        self.schedule.note_counts(contexts)
        yield from super().read(contexts)

    def is_due(self, post: Context) -> bool:
        return super().is_due(post) and (self.coverage.owed_since(post) is not None or self.schedule.is_due(post))

    def mark_done(self, post: Context) -> None:
        self.coverage.has_paid(post)
        self.schedule.record(post)

    def also_owed(self, organization: Context) -> Iterable[str]:
        return self.schedule.leaving(organization)

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        super().on_scan_finished(organization, scan)
        self.schedule.on_scan_finished(organization, scan)

    def requests_for(self, post: Context) -> Iterator[Context]:
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
