"""The listings that an organization or its page owns: how each is asked for, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.sandbox.client import DAY, ORGANIZATION, PAGE, Client, next_cursor

SHOWCASE = "urn%3Ali%3Aorganization%3A90417391"
SHOWCASE_PAGE = "urn%3Ali%3AorganizationalPage%3A61553118"
STRANGER = "urn%3Ali%3Aorganization%3A90419977"
STRANGER_PAGE = "urn%3Ali%3AorganizationalPage%3A61557743"
OWNERS = {
    "company": (ORGANIZATION, PAGE),
    "showcase": (SHOWCASE, SHOWCASE_PAGE),
    "stranger": (STRANGER, STRANGER_PAGE),
}
START = 1_767_225_600_000  # 2026-01-01
RANGE = f"(start:{START},end:{START + 30 * DAY})"


@dataclass(frozen=True)
class Owned:
    """One listing: its owner's parameter, which takes the `page` or the organization, and what else it takes."""

    resource: str
    finder: str
    parameter: str
    paging: str
    company: int
    showcase: int = 2
    page: bool = False
    more: str = ""

    def of(self, owner: str = "company") -> str:
        """The right request for an owner."""
        return self.with_owner(f"{self.parameter}={OWNERS[owner][self.page]}")

    def with_owner(self, owner: str) -> str:
        """A request with this text for its owner."""
        return f"{self.resource}?q={self.finder}&{owner}{self.more and '&'}{self.more}"


def by_organization(resource: str, paging: str, company: int, showcase: int = 2) -> Owned:
    """A listing by organization alone."""
    return Owned(resource, "organization", "organization", paging, company, showcase)


def by_page(resource: str, paging: str, company: int, showcase: int = 2, *, name: str = "organizationalPage") -> Owned:
    """A listing by page alone."""
    return Owned(resource, name, name, paging, company, showcase, page=True)


LISTINGS = (
    by_organization("dmaOrganizationAcls", "offset", 12, 3),
    Owned(
        "dmaOrganizationalPageEmailDomainMapping",
        "organizationalPageAndUseCase",
        "organizationalPage",
        "whole",
        3,
        page=True,
        more="useCase=VERIFICATION",
    ),
    by_page("dmaVerificationAgents", "offset", 12),
    Owned("dmaOrganizations", "parentOrganization", "parentOrganization", "offset", 12),
    by_organization("dmaOrganizationSearchAppearance", "whole", 4),
    by_page("dmaOrganizationalPageNotifications", "paginationCursorMetadata", 12, 3),
    by_page("dmaPagesFeaturedContentGroups", "total", 12, name="page"),
    by_page("dmaOrganizationalPageCredibility", "whole", 3, name="page"),
    by_page("dmaOrganizationalPageContentIngestionSources", "nextPaginationCursor", 11),
    by_page("dmaOrganizationalPageVisitorOfTheDay", "whole", 1, 0),
    by_organization("dmaAdminContentMediaGallery", "paginationCursorMetdata", 12),
    Owned(
        "dmaEmployeeBroadcastAnalytics",
        "topEmployeeBroadcasts",
        "organizationalPage",
        "offset",
        11,
        3,
        page=True,
        more=f"timeRange={RANGE}",
    ),
    Owned(
        "dmaEmployeeBroadcastAudienceDemographicAnalytics",
        "organizationalPage",
        "organizationalPage",
        "whole",
        8,
        8,
        page=True,
        more="dimensionType=SENIORITY",
    ),
    Owned(
        "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
        "organizationalPage",
        "organizationalPage",
        "whole",
        30,
        30,
        page=True,
        more=f"timeIntervals=(timeRange:{RANGE},timeGranularityType:DAY)",
    ),
    Owned(
        "dmaEmployeeBroadcastHighlights",
        "organizationalPage",
        "organizationalPage",
        "whole",
        2,
        page=True,
        more=f"timeRange={RANGE}",
    ),
    by_organization("dmaOrganizationCommitment", "whole", 3),
    Owned("dmaOrganizationContentRevisions", "history", "organization", "paginationCursorMetdata", 12),
    Owned(
        "dmaOrganizationLifePageTrafficStatistics",
        "organization",
        "organization",
        "whole",
        4,
        more=f"timeRange={RANGE}",
    ),
    by_organization("dmaOrganizationPhotos", "total", 12),
    Owned(
        "dmaOrganizationRelationshipStatistics",
        "statisticSortType",
        "organization",
        "paginationCursorMetadata",
        12,
        more=f"statisticSortType=FOLLOWER_COUNT&timeRange={RANGE}",
    ),
    by_organization("dmaOrganizationWorkplacePolicies", "whole", 4, 3),
    Owned(
        "dmaTalentBrandAnalyticSummaries",
        "organizationAndTimeRange",
        "organization",
        "whole",
        2,
        more=f"timeRange={RANGE}",
    ),
    by_organization("dmaOrganizationProducts", "offset", 12, 3),
    by_organization("dmaOrganizationServicesPageProviders", "whole", 1, 1),
    by_organization("dmaOrganizationServicesPageEngagements", "paginationCursorMetdata", 12, 3),
    Owned("dmaContentSeries", "owner", "owner", "offset", 11),
    Owned("dmaOriginalArticles", "author", "author", "count", 12),
    Owned("dmaPageMessagingThreads", "pageMailboxOwner", "pageMailboxOwner", "nextPaginationCursor", 12, 3, page=True),
)
NAMES = [listing.resource for listing in LISTINGS]
BY_NAME = {listing.resource: listing for listing in LISTINGS}


def body(client: Client, target: str) -> dict[str, Any]:
    """The body of an answer that is good."""
    answer = client.get(target)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def pages(client: Client, target: str, *, silent: bool = False) -> Iterator[dict[str, Any]]:
    """Every page of a listing, by whatever its answers say of more; a `silent` one goes on until a page is short."""
    page, start = body(client, target), 0
    while True:
        yield page
        start += 10
        paging, cursor = page.get("paging", {}), cursor_of(page)
        if cursor:
            more = f"{target}&paginationCursor={quote(cursor, safe='')}"
        elif paging.get("links"):
            more = paging["links"][0]["href"].removeprefix("/rest/")
        elif paging.get("total", 0) > start or (silent and len(page["elements"]) == 10):
            more = f"{target}&start={start}&count=10"
        else:
            return
        page = body(client, more)


def cursor_of(page: dict[str, Any]) -> str | None:
    """The cursor, from any of its three places."""
    metadata = page.get("metadata") or {}
    spelt = metadata.get("paginationCursorMetadata")
    return spelt.get("nextPaginationCursor") if spelt else next_cursor(page)


def elements(client: Client, resource: str, owner: str = "company") -> list[dict[str, Any]]:
    """Everything a listing holds."""
    listing = BY_NAME[resource]
    found = pages(client, listing.of(owner), silent=listing.paging == "count")
    return [element for page in found for element in page["elements"]]
