"""Analytics of posts: by day, by audience, by gesture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pendulum
from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import Entity, get_path
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
    DAILY,
    DIMENSIONS,
    METRICS,
    text_of,
)
from tap_linkedin_dma.streams.analytics.post_time_windows import PostTimeWindows, PostTotals
from tap_linkedin_dma.streams.feed.per_post import PostFinder
from tap_linkedin_dma.streams.feed.posts import Posts


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
        th.Property("start", TIMESTAMP, description="The start of the period, if LinkedIn gives one."),
        th.Property("end", TIMESTAMP, description="The end of the period, which is not in it."),
        *CONTENT_VALUES,
        *CONTENT_COLUMNS,
        others=OTHERS_UNKNOWN,
    )


class CreatorAnalytics(PostFinder):
    """Figures on posts that hold a video, an article or a reference, made for their creators.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "creator_analytics"
    resource = "dmaCreatorAnalytics"
    finder = "targetEntity"
    params = {"targetEntity": "{target_entity}"}
    content_kinds = ("video", "article", "reference")
    evidence = "inferred"
    parent_stream_type = Posts
    primary_keys = ("target_entity", "row_key")
    key_is_of = "figures"
    field_paths = {"total_count": ("count",)}
    schema = columns(
        key("target_entity", URN),
        key("row_key"),
        th.Property("organization", URN),
        th.Property("type", TEXT, description="The metric: the word in `metric_type`."),
        th.Property("total_count", INTEGER, description="The value of the metric: the same as `count`."),
        th.Property("start", TIMESTAMP, description="The first day of `date_range`; null for the total over its life."),
        th.Property("end", TIMESTAMP, description="The day after the last of `date_range`, as LinkedIn gives it."),
        th.Property("count", INTEGER),
        th.Property("date_range", ANY_OBJECT),
        th.Property("metric_type", ANY_OBJECT),
        others=OTHERS_UNKNOWN,
    )

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row with the metric and its days, which LinkedIn gives in objects."""
        row = super().row(entity, context, keys)
        if row:
            row["type"] = row["type"] or _metric(row["metric_type"])
            row["start"] = row["start"] or _day(get_path(row, "date_range.start"))
            row["end"] = row["end"] or _day(get_path(row, "date_range.end"))
        return row


def _metric(metric_type: Mapping[str, Any] | None) -> str | None:
    """The name of a metric, which also comes in an object with one property, named differently by version."""
    words = [word for word in (metric_type or {}).values() if isinstance(word, str)]
    return words[0] if words else None


def _day(parts: Any) -> str | None:
    """The start of a day that LinkedIn gives as `{"year": …, "month": …, "day": …}`."""
    try:
        return text_of(pendulum.datetime(parts["year"], parts["month"], parts["day"]))
    except (KeyError, TypeError, ValueError):
        return None
