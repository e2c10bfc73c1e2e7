"""Analytics: of content, of followers and of visitors, over time and by audience.

Values are noisy by LinkedIn's design, and 0 below a threshold that it does not publish.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.schema import (
    COUNT,
    DATE,
    INTEGER,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    TIMESTAMP,
    URN,
    columns,
    key,
    page_schema,
)
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.streams.analytics.metrics import (
    CONTENT_TREND_COLUMNS,
    CONTENT_TREND_SOURCES,
    DAILY,
    DIMENSION_SOURCES,
    DIMENSION_VALUE,
    DIMENSIONS,
    METRICS,
)
from tap_linkedin_dma.streams.analytics.time_windows import CurrentTotals, MonthlyWindows, TimeWindows
from tap_linkedin_dma.streams.organizations import Organizations

_EDGE_SOURCES = {
    "organizational_page": ("organizationalPage",),
    "total_count": ("value.totalCount",),
}

_TREND_SOURCES = {
    "start": ("timeIntervals.timeRange.start",),
    "end": ("timeIntervals.timeRange.end",),
    "granularity": ("timeIntervals.timeGranularityType",),
}

_FOLLOWER_VALUES = {
    "organicValue": "Part of `total_count` without advertising.",
    "sponsoredValue": "Part of `total_count` from advertising.",
}

_UNIQUE = "they do not sum up over periods or parts of the audience."

_VISITOR_VALUES = {
    "uniqueCount": f"Unique visitors; {_UNIQUE}",
    "desktopCount": "Part of `total_count` from computers.",
    "mobileCount": "Part of `total_count` from mobile devices.",
    "desktopUniqueCount": f"Unique visitors from computers; {_UNIQUE}",
    "mobileUniqueCount": f"Unique visitors from mobile devices; {_UNIQUE}",
    "desktopCtaClickCount": "Clicks on the call to action from computers.",
    "mobileCtaClickCount": "Clicks on the call to action from mobile devices.",
    "guestDesktopCount": "Visits by guests from computers.",
    "guestMobileCount": "Visits by guests from mobile devices.",
}


def _value_sources(union: str, names: Iterable[str]) -> dict[str, Sequence[str]]:
    return {to_snake_case(name): (f"value.typeSpecificValue.{union}.{name}",) for name in names}


def _value_columns(total: str, values: Mapping[str, str]) -> Sequence[th.Property[Any]]:
    """The column of the total, and one for each value that LinkedIn gives in addition, with their descriptions."""
    others = (th.Property(to_snake_case(name), INTEGER, description=values[name]) for name in values)
    return [th.Property("total_count", COUNT, description=total), *others]


_FOLLOWER_SOURCES = _EDGE_SOURCES | _value_sources("followerEdgeAnalyticsValue", _FOLLOWER_VALUES)
_VISITOR_SOURCES = {
    **_EDGE_SOURCES,
    **_value_sources("visitorEdgeAnalyticsValue", _VISITOR_VALUES),
    "source_type": ("sourceType",),
}


class PageContentTrend(TimeWindows):
    """Content metrics of a page by day.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "page_content_trend"
    resource = "dmaOrganizationalPageContentAnalytics"
    finder = "trend"
    params = {"sourceEntity": "{organizational_page}", "metricTypes": METRICS, "timeIntervals": DAILY}
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "type", "granularity", "start")
    replication_key = "start"
    only_declared_columns = True
    field_paths = CONTENT_TREND_SOURCES
    schema = columns(key("organizational_page", URN), *CONTENT_TREND_COLUMNS)


class FollowerTrend(TimeWindows):
    """Followers gained by day; LinkedIn gives no running total.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "follower_trend"
    resource = "dmaOrganizationalPageEdgeAnalytics"
    finder = "trend"
    params = {"organizationalPage": "{organizational_page}", "analyticsType": "FOLLOWER", "timeIntervals": DAILY}
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "granularity", "start")
    replication_key = "start"
    only_declared_columns = True
    field_paths = _FOLLOWER_SOURCES | _TREND_SOURCES
    schema = columns(
        key("organizational_page", URN),
        key("granularity"),
        key("start", TIMESTAMP),
        th.Property("end", TIMESTAMP),
        th.Property("organization", URN),
        *_value_columns(
            "Followers gained in the period; LinkedIn gives no running total. 0 below LinkedIn's threshold.",
            _FOLLOWER_VALUES,
        ),
    )


class VisitorTrend(TimeWindows):
    """Visits of a page by day, over all its sections unless `sourceType` is requested.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "visitor_trend"
    resource = "dmaOrganizationalPageEdgeAnalytics"
    finder = "trend"
    params = {"organizationalPage": "{organizational_page}", "analyticsType": "VISITOR", "timeIntervals": DAILY}
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "source_type", "granularity", "start")
    replication_key = "start"
    only_declared_columns = True
    field_paths = _VISITOR_SOURCES | _TREND_SOURCES
    schema = columns(
        key("organizational_page", URN),
        key(
            "source_type",
            description="Section of the page: OVERVIEW, ABOUT, JOBS, LIFE, CAREER, PRODUCTS, INSIGHTS or PEOPLE; ALL "
            "for all sections together.",
        ),
        key("granularity"),
        key("start", TIMESTAMP),
        th.Property("end", TIMESTAMP),
        th.Property("organization", URN),
        *_value_columns("Visits to the page in the period. 0 below LinkedIn's threshold.", _VISITOR_VALUES),
    )


class FollowerDemographics(CurrentTotals):
    """Today's followers by audience; a daily run builds the history that LinkedIn does not give.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "follower_demographics"
    resource = "dmaOrganizationalPageEdgeAnalytics"
    finder = "dimension"
    params = {
        "organizationalPage": "{organizational_page}",
        "analyticsType": "FOLLOWER",
        "dimensionType": "{dimension_type}",
    }
    dimension_types = DIMENSIONS
    evidence = "derived"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "dimension_type", "dimension_value", "snapshot_date")
    only_declared_columns = True
    field_paths = _FOLLOWER_SOURCES | DIMENSION_SOURCES
    schema = columns(
        key("organizational_page", URN),
        key("dimension_type"),
        key("dimension_value", DIMENSION_VALUE),
        key("snapshot_date", DATE),
        th.Property("organization", URN),
        *_value_columns(
            "Followers in this part of the audience on the day. 0 below LinkedIn's threshold, so the "
            "parts sum up to less than all.",
            _FOLLOWER_VALUES,
        ),
    )


class VisitorDemographics(MonthlyWindows):
    """Visitors by audience, summed up by month.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "visitor_demographics"
    resource = "dmaOrganizationalPageEdgeAnalytics"
    finder = "dimension"
    params = {
        "organizationalPage": "{organizational_page}",
        "analyticsType": "VISITOR",
        "dimensionType": "{dimension_type}",
        "timeRange": {"start": "{start_ms}", "end": "{end_ms}"},
    }
    dimension_types = DIMENSIONS
    evidence = "derived"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "source_type", "dimension_type", "dimension_value", "start")
    replication_key = "start"
    only_declared_columns = True
    field_paths = _VISITOR_SOURCES | DIMENSION_SOURCES
    schema = columns(
        key("organizational_page", URN),
        key(
            "source_type",
            description="Section of the page: OVERVIEW, ABOUT, JOBS, LIFE, CAREER, PRODUCTS, INSIGHTS or PEOPLE; ALL "
            "for all sections together.",
        ),
        key("dimension_type"),
        key("dimension_value", DIMENSION_VALUE),
        key("start", TIMESTAMP),
        th.Property(
            "end",
            TIMESTAMP,
            description="End of the month, or of yesterday in the running month, in UTC; not part of it.",
        ),
        th.Property("organization", URN),
        *_value_columns(
            "Visits by this part of the audience in the period. 0 below LinkedIn's threshold.", _VISITOR_VALUES
        ),
    )


class VisitorOfTheDay(Finder):
    """The visitor of the day of a page, for Premium Pages only.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "visitor_of_the_day"
    resource = "dmaOrganizationalPageVisitorOfTheDay"
    data_class = MEMBER
    visibility_columns = ("unmapped",)
    finder = "organizationalPage"
    params = {"organizationalPage": "{organizational_page}"}
    evidence = "inferred"
    parent_stream_type = Organizations
    append_only = True
    primary_keys = ("organizational_page", "snapshot_date", "row_key")
    key_is_of = "figures"
    schema = page_schema(key("snapshot_date", DATE), MEMBER_VISIBILITY, others=OTHERS_OF_MEMBER)
