"""Analytics of posts: by day, by audience, by gesture."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    INTEGER,
    OTHERS_UNKNOWN,
    URN,
    columns,
    key,
)
from tap_linkedin_dma.streams.analytics.metrics import (
    CONTENT_COLUMNS,
    CONTENT_DIMENSION_COLUMNS,
    CONTENT_DIMENSION_SOURCES,
    CONTENT_TREND_COLUMNS,
    CONTENT_TREND_SOURCES,
    DAILY,
    DIMENSIONS,
    METRICS,
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
    metric_columns = ("metric.value.totalCount",)
    evidence = "inferred"
    parent_stream_type = Posts
    selected_by_default = False
    primary_keys = ("post", "row_key")
    id_fields = ("type", "entityUrn", "$URN", "urn", "id")
    schema = columns(
        key("post", URN),
        key("row_key"),
        th.Property("organization", URN),
        th.Property("organizational_page", URN),
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
    schema = columns(
        key("target_entity", URN),
        key("row_key"),
        th.Property("organization", URN),
        th.Property("count", INTEGER),
        th.Property("date_range", ANY_OBJECT),
        th.Property("metric_type", ANY_OBJECT),
        others=OTHERS_UNKNOWN,
    )
