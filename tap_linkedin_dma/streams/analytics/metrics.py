"""The metrics and dimensions that analytics request, and the sources of their rows' columns."""

from __future__ import annotations

from collections.abc import Sequence

import pendulum
from singer_sdk import typing as th

from tap_linkedin_dma.rows.conversion import format_ms
from tap_linkedin_dma.rows.schema import COUNT, TEXT, TIMESTAMP, URN, key, object_of, of_standardized

Day = pendulum.DateTime
"""A day of the UTC calendar, as the moment it begins."""

DAILY = {
    "timeRange": {"start": "{start_ms}", "end": "{end_ms}"},
    "timeGranularityType": "DAY",
}

METRICS = [
    "IMPRESSIONS",
    "UNIQUE_IMPRESSIONS",
    "CLICKS",
    "COMMENTS",
    "REACTIONS",
    "REPOSTS",
    "ENGAGEMENT_RATE",
    "CTR",
]
"""ACQUIRED_FOLLOWS is left to `stream_options`: LinkedIn refuses the whole request if it does not know one type."""

CREATOR_METRICS = (
    "IMPRESSION",
    "MEMBERS_REACHED",
    "RESHARE",
    "REACTION",
    "COMMENT",
    "POST_SAVE",
    "POST_SEND",
    "LINK_CLICKS",
    "PREMIUM_CTA_CLICKS",
    "FOLLOWER_GAINED_FROM_CONTENT",
    "PROFILE_VIEW_FROM_CONTENT",
)
"""Metrics of any post of a member, VIDEO_METRICS those of videos; LinkedIn has those from POST_SAVE on since 202604.

Source: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/members/post-statistics
"""

VIDEO_METRICS = ("VIDEO_PLAY", "VIDEO_VIEWER", "VIDEO_WATCH_TIME")

DIMENSIONS = (
    "JOB_FUNCTION",
    "INDUSTRY",
    "SENIORITY",
    "COUNTRY_GEO",
    "REGION_GEO",
    "STAFF_COUNT_RANGE",
    "RELATIONSHIP",
)

_CONTENT_VALUE_SOURCES = {
    "type": ("type",),
    "total_count": ("metric.value.totalCount",),
    "organic_value": ("metric.value.typeSpecificValue.contentAnalyticsValue.organicValue",),
    "sponsored_value": ("metric.value.typeSpecificValue.contentAnalyticsValue.sponsoredValue",),
}

CONTENT_VALUES = (
    th.Property("organization", URN),
    th.Property(
        "total_count",
        COUNT,
        description="Value of the metric: a count, which sums up; or a rate (CTR, ENGAGEMENT_RATE, as fractions) "
        "or a number of unique members (UNIQUE_IMPRESSIONS), which do not. 0 below LinkedIn's "
        "threshold.",
    ),
    th.Property("organic_value", COUNT, description="Part of `total_count` without advertising."),
    th.Property("sponsored_value", COUNT, description="Part of `total_count` from advertising."),
)

CONTENT_TREND_SOURCES = {
    **_CONTENT_VALUE_SOURCES,
    "start": ("metric.timeIntervals.timeRange.start",),
    "end": ("metric.timeIntervals.timeRange.end",),
    "granularity": ("metric.timeIntervals.timeGranularityType",),
}

CONTENT_TREND_COLUMNS = (
    key(
        "type",
        TEXT,
        description="Metric: IMPRESSIONS, UNIQUE_IMPRESSIONS, CLICKS, COMMENTS, REACTIONS, REPOSTS, "
        "ENGAGEMENT_RATE or CTR.",
    ),
    key("granularity"),
    key("start", TIMESTAMP),
    th.Property("end", TIMESTAMP),
    *CONTENT_VALUES,
)

DIMENSION_VALUE = of_standardized(TEXT)
"""The audience that the figures are of: an entry of a reference list, a place, or a plain word."""

_DIMENSION_VALUES = ("urn", "staffRangeCount", "relationship", "reaction")

DIMENSION_SOURCES: dict[str, Sequence[str]] = {
    "dimension_type": ("dimension.type",),
    "dimension_value": [f"dimension.value.{name}" for name in _DIMENSION_VALUES],
}

CONTENT_DIMENSION_SOURCES: dict[str, Sequence[str]] = {
    **_CONTENT_VALUE_SOURCES,
    **{name: [*paths, *(f"metric.{path}" for path in paths)] for name, paths in DIMENSION_SOURCES.items()},
}
"""It is not documented whether the dimension is in the metric or next to it."""

CONTENT_DIMENSION_COLUMNS = (
    key("type", TEXT, description="Metric: IMPRESSIONS, REACTIONS, COMMENTS, REPOSTS or CLICKS."),
    key("dimension_type"),
    key("dimension_value", DIMENSION_VALUE),
    *CONTENT_VALUES,
)

_DIMENSION = object_of(type=TEXT, value=object_of(**dict.fromkeys(_DIMENSION_VALUES, TEXT)))

CONTENT_COLUMNS = (
    th.Property("type", TEXT, description="Kind of gesture, in LinkedIn's words."),
    th.Property("source_entity", URN, description="URN of the post, as LinkedIn sends it."),
    th.Property(
        "metric",
        object_of(
            timeIntervals=object_of(timeRange=object_of(start=TIMESTAMP, end=TIMESTAMP), timeGranularityType=TEXT),
            value=object_of(
                totalCount=COUNT,
                typeSpecificValue=object_of(contentAnalyticsValue=object_of(organicValue=COUNT, sponsoredValue=COUNT)),
            ),
            dimension=_DIMENSION,
        ),
        description="Figures as LinkedIn sends them: the number is in `value.totalCount`.",
    ),
    th.Property("dimension", _DIMENSION, description="Dimension of the figures and its value, if LinkedIn sends them."),
)
"""An element of content analytics as LinkedIn sends it."""


def day_of(text: str) -> Day:
    """The day of a date, or of a timestamp in UTC."""
    year, month, day = map(int, text[:10].split("-"))
    return pendulum.datetime(year, month, day)


def ms_of(day: Day) -> int:
    """When a day begins, in epoch milliseconds."""
    return int(day.timestamp() * 1000)


def text_of(day: Day) -> str:
    """When a day begins, as a timestamp."""
    return format_ms(ms_of(day))


def day_at(number: int) -> Day:
    """The day that began so many days after the first of 1970."""
    return pendulum.from_timestamp(number * 24 * 60 * 60)
