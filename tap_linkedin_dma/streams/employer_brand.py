"""Employer Brand: how an organization presents itself as a place to work, and figures on its audience."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.rows.schema import (
    OTHERS_UNKNOWN,
    TEXT,
    URN,
    columns,
    key,
    organization_schema,
    page_schema,
    period,
)
from tap_linkedin_dma.stream_types.finders import Get
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.stream_types.undocumented import (
    ORGANIZATION_FALLBACKS,
    PAGE_FALLBACKS,
    PERIOD,
    PERIOD_FALLBACKS,
    MultiFinder,
    OrganizationFinder,
    PageFinder,
    PeriodFinder,
    RequestKeyedFinder,
)
from tap_linkedin_dma.streams.organizations import Organizations


class MediaGallery(OrganizationFinder):
    """Images and videos that an organization owns.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "media_gallery"
    resource = "dmaAdminContentMediaGallery"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema()


class _EmployeeBroadcasts(PeriodFinder, PageFinder):
    """Figures on broadcasts by employees; LinkedIn discontinued them in January 2026."""

    params = {"organizationalPage": "{organizational_page}", "timeRange": PERIOD}
    param_fallbacks = {**PAGE_FALLBACKS, **PERIOD_FALLBACKS}
    selected_by_default = False


class CareerPageSettings(Get):
    """Settings of the career page of an organization; there are none if nobody has made any.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "career_page_settings"
    resource = "dmaCareerPageSettings/{organization}"
    may_be_absent = True
    params = {"organization": "{organization}"}
    param_fallbacks = {
        "organization": ({"organization": "{organization_id}"}, {"organization": {"organization": "{organization}"}}),
    }
    evidence = "inferred"
    parent_stream_type = Organizations
    primary_keys = ("organization",)
    schema = columns(key("organization", URN), others=OTHERS_UNKNOWN)


class EmployeeBroadcastAnalytics(_EmployeeBroadcasts):
    """Top broadcasts by employees.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
    """

    name = "employee_broadcast_analytics"
    resource = "dmaEmployeeBroadcastAnalytics"
    finder = "topEmployeeBroadcasts"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema(*period())


class EmployeeBroadcastDemographics(RequestKeyedFinder, PageFinder):
    """Audience of employee broadcasts by one dimension.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
    """

    name = "employee_broadcast_demographics"
    resource = "dmaEmployeeBroadcastAudienceDemographicAnalytics"
    params = {"organizationalPage": "{organizational_page}", "dimensionType": "SENIORITY"}
    param_fallbacks = {**PAGE_FALLBACKS, "dimensionType": ({"dimensionType": "STAFF_COUNT_RANGE"}, {})}
    request_columns = {"dimension_type": ("dimensionType",)}
    selected_by_default = False
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema(th.Property("dimension_type", TEXT, description="Dimension that was requested."))


class EmployeeBroadcastTrend(_EmployeeBroadcasts):
    """Audience of employee broadcasts over time.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
    """

    name = "employee_broadcast_trend"
    resource = "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics"
    params = {
        "organizationalPage": "{organizational_page}",
        "timeIntervals": {"timeRange": PERIOD, "timeGranularityType": "DAY"},
    }
    param_fallbacks = {
        **PAGE_FALLBACKS,
        "timeIntervals": ({"timeIntervals": {"timeRange": PERIOD}}, {"timeRange": PERIOD}, {}),
    }
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema(*period())


class EmployeeBroadcastHighlights(_EmployeeBroadcasts):
    """Highlights of employee broadcasts.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
    """

    name = "employee_broadcast_highlights"
    resource = "dmaEmployeeBroadcastHighlights"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema(*period())


class OrganizationCommitments(OrganizationFinder):
    """Values that an organization cares for.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "organization_commitments"
    resource = "dmaOrganizationCommitment"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema()


class ContentRevisions(MultiFinder, OrganizationFinder):
    """Revisions of the Life page: all of them, and the published one, which may be among them.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "content_revisions"
    resource = "dmaOrganizationContentRevisions"
    finders = ("history", "published")
    params = {"q": "{finder}", "organization": "{organization}"}
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema(
        th.Property("finder", TEXT, description="Finder that listed the revision: history or published.")
    )


class LifePageTraffic(PeriodFinder, OrganizationFinder):
    """Traffic on the Life page of an organization.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "life_page_traffic"
    resource = "dmaOrganizationLifePageTrafficStatistics"
    params = {"organization": "{organization}", "timeRange": PERIOD}
    param_fallbacks = {**ORGANIZATION_FALLBACKS, **PERIOD_FALLBACKS}
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema(*period())


class OrganizationPhotos(OrganizationFinder):
    """Photos shown for an organization.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "organization_photos"
    resource = "dmaOrganizationPhotos"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema()


class RelationshipStatistics(PeriodFinder, OrganizationFinder):
    """Figures on an organization and related ones, sorted by one statistic.

    LinkedIn does not say by which statistics it can sort: the setting `stream_options` may name another.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "relationship_statistics"
    resource = "dmaOrganizationRelationshipStatistics"
    finder = "statisticSortType"
    params = {"organization": "{organization}", "statisticSortType": "FOLLOWER_COUNT", "timeRange": PERIOD}
    param_fallbacks = {
        **ORGANIZATION_FALLBACKS,
        "statisticSortType": ({"statisticSortType": "FOLLOWERS"}, {}),
        **PERIOD_FALLBACKS,
    }
    request_columns = {"statistic_sort_type": ("statisticSortType",), **PeriodFinder.request_columns}
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema(
        th.Property("statistic_sort_type", TEXT, description="Statistic by which LinkedIn was requested to sort."),
        *period(),
    )


class TargetedContents(Lookup):
    """Content for chosen audiences on the Life page, which its revisions name.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "targeted_contents"
    resource = "dmaOrganizationTargetedContents"
    urn_types = ("organizationTargetedContent",)
    source_columns = {"content_revisions": ("unmapped",)}
    params = {"ids": "{urn}"}
    param_fallbacks = {"ids": ({"ids": "{id}"},)}
    evidence = "inferred"
    identity = {"targeted_content": "{urn}"}
    primary_keys = ("targeted_content",)
    schema = columns(key("targeted_content", URN, description="URN of the content."), others=OTHERS_UNKNOWN)


class WorkplacePolicies(OrganizationFinder):
    """Workplace policies of an organization.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "workplace_policies"
    resource = "dmaOrganizationWorkplacePolicies"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema()


class TalentBrandSummaries(PeriodFinder, OrganizationFinder):
    """Summary figures on an organization as an employer, such as visitors in total.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "talent_brand_summaries"
    resource = "dmaTalentBrandAnalyticSummaries"
    finder = "organizationAndTimeRange"
    params = {"organization": "{organization}", "timeRange": PERIOD}
    param_fallbacks = {**ORGANIZATION_FALLBACKS, **PERIOD_FALLBACKS}
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema(*period())
