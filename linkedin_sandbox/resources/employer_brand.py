"""Employer brand: the Life page, photos, commitments, policies, and what employees broadcast."""

from __future__ import annotations

from typing import Any

from ..errors import not_found
from ..forms import RANGE, BareId, Enum, Record, Urn, Wrapped
from ..methods import Call, Finder, Get, Resource
from ..paging import DOCUMENTED_CURSOR, FEED_CURSOR, OFFSET, TOTAL_ONLY, Listing
from ..world.broadcasts import broadcast_demographics, broadcast_highlights, broadcast_trend, top_broadcasts
from ..world.employer_brand import commitments, media_gallery, photos, workplace_policies
from ..world.life_content import career_page_settings, content_revisions, published_revisions, targeted_content
from ..world.life_page import life_page_traffic, relationship_statistics, talent_brand_summaries
from .looked_up import looked_up
from .owned import (
    BY_ORGANIZATION,
    BY_PAGE,
    ORGANIZATION,
    PAGE,
    RANGES,
    administered,
    check_days,
    figures,
    others,
    owned,
)

GRANULARITY = Enum("DAY", "WEEK", "MONTH")
OF_ORGANIZATION = others("organization", BY_ORGANIZATION)
OF_PAGE = others("organizationalPage", BY_PAGE)


def demographics(call: Call) -> Listing:
    """The audience by the dimension asked for."""
    organization = administered(call, call["organizationalPage"])
    return Listing(broadcast_demographics(organization, call.world, call.get("dimensionType")), dict)


def trend(call: Call) -> Listing:
    """The audience interval by interval, or in one sum."""
    organization = administered(call, call["organizationalPage"])
    asked: dict[str, Any] = call.get("timeIntervals") or {}
    # Where the world takes a bare range in its place, that is what comes.
    window = asked.get("timeRange", asked)
    if window:
        check_days("timeIntervals.timeRange", window)
    return Listing(broadcast_trend(organization, call.world, window, asked.get("timeGranularityType")), dict)


def career_settings(call: Call) -> dict[str, Any]:
    """The settings of a career page; 404 where there are none."""
    organization = administered(call, call["organization"])
    found = career_page_settings(organization, call.world)
    if found is None:
        raise not_found(f"the career page settings of {organization.urn}")
    return found


OWN_SETTINGS = (ORGANIZATION, BareId("organization"), Wrapped("organization", ORGANIZATION))
CONTENT = "organizationTargetedContent"
LIFE_PAGE = (
    Resource(
        "dmaCareerPageSettings",
        (
            Get(
                career_settings,
                key=ORGANIZATION,
                parameter="organization",
                others=others("organization", OWN_SETTINGS),
            ),
        ),
    ),
    Resource(
        "dmaOrganizationContentRevisions",
        (
            owned("organization", BY_ORGANIZATION, content_revisions, finder="history", paging=FEED_CURSOR),
            owned("organization", BY_ORGANIZATION, published_revisions, finder="published", paging=FEED_CURSOR),
        ),
    ),
    Resource(
        "dmaOrganizationTargetedContents",
        looked_up(
            (Urn(CONTENT), BareId(CONTENT)),
            lambda call, urn: targeted_content(call.world, urn),
            key=f"{CONTENT}Urn",
            keys=(Urn(CONTENT), BareId(CONTENT)),
        ),
    ),
)
BROADCASTS = (
    Resource(
        "dmaEmployeeBroadcastAnalytics",
        (
            Finder(
                "topEmployeeBroadcasts",
                {"organizationalPage": PAGE},
                figures(top_broadcasts, "organizationalPage"),
                may_take={"timeRange": RANGE},
                paging=OFFSET,
                others={**OF_PAGE, **RANGES},
            ),
        ),
        deprecated=True,
    ),
    Resource(
        "dmaEmployeeBroadcastAudienceDemographicAnalytics",
        (
            Finder(
                "organizationalPage",
                {"organizationalPage": PAGE},
                demographics,
                may_take={"dimensionType": Enum("SENIORITY")},
                others={**OF_PAGE, "dimensionType": (("dimensionType", Enum("STAFF_COUNT_RANGE")), None)},
            ),
        ),
        deprecated=True,
    ),
    Resource(
        "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
        (
            Finder(
                "organizationalPage",
                {"organizationalPage": PAGE},
                trend,
                may_take={"timeIntervals": Record({"timeRange": RANGE, "timeGranularityType": GRANULARITY})},
                others={
                    **OF_PAGE,
                    "timeIntervals": (("timeIntervals", Wrapped("timeRange", RANGE)), ("timeRange", RANGE), None),
                },
            ),
        ),
        deprecated=True,
    ),
    Resource(
        "dmaEmployeeBroadcastHighlights",
        (
            Finder(
                "organizationalPage",
                {"organizationalPage": PAGE},
                figures(broadcast_highlights, "organizationalPage"),
                may_take={"timeRange": RANGE},
                others={**OF_PAGE, **RANGES},
            ),
        ),
        deprecated=True,
    ),
)
RESOURCES = (
    *BROADCASTS,
    *LIFE_PAGE,
    Resource(
        "dmaAdminContentMediaGallery",
        (owned("organization", BY_ORGANIZATION, media_gallery, paging=FEED_CURSOR, gap=True),),
        since="202508",
    ),
    Resource("dmaOrganizationCommitment", (owned("organization", BY_ORGANIZATION, commitments),)),
    Resource(
        "dmaOrganizationLifePageTrafficStatistics",
        (
            Finder(
                "organization",
                {"organization": ORGANIZATION},
                figures(life_page_traffic, "organization"),
                may_take={"timeRange": RANGE},
                others={**OF_ORGANIZATION, **RANGES},
            ),
        ),
    ),
    Resource("dmaOrganizationPhotos", (owned("organization", BY_ORGANIZATION, photos, paging=TOTAL_ONLY),)),
    Resource(
        "dmaOrganizationRelationshipStatistics",
        (
            Finder(
                "statisticSortType",
                {"organization": ORGANIZATION, "statisticSortType": Enum("FOLLOWER_COUNT")},
                figures(relationship_statistics, "organization"),
                may_take={"timeRange": RANGE},
                paging=DOCUMENTED_CURSOR,
                others={
                    **OF_ORGANIZATION,
                    "statisticSortType": (("statisticSortType", Enum("FOLLOWERS")), None),
                    **RANGES,
                },
            ),
        ),
    ),
    Resource("dmaOrganizationWorkplacePolicies", (owned("organization", BY_ORGANIZATION, workplace_policies),)),
    Resource(
        "dmaTalentBrandAnalyticSummaries",
        (
            Finder(
                "organizationAndTimeRange",
                {"organization": ORGANIZATION, "timeRange": RANGE},
                figures(talent_brand_summaries, "organization"),
                others={**OF_ORGANIZATION, **RANGES},
            ),
        ),
    ),
)
