"""The listings that an organization or its page owns: asked rightly, asked wrongly, and page by page."""

from __future__ import annotations

from contextlib import closing

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import HEADERS, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import (
    BY_NAME,
    LISTINGS,
    NAMES,
    OWNERS,
    RANGE,
    START,
    Owned,
    body,
    cursor_of,
    elements,
    pages,
)

NOT_ALLOWED = "QUERY_PARAM_NOT_ALLOWED"
STYLES = {
    "whole": {"start=0", "count=10", "maxPaginationCount=10", "paginationCursor=M18%3D"},
    "offset": {"maxPaginationCount=10", "paginationCursor=M18%3D"},
    "cursor": {"start=0", "count=10"},
}
DEPRECATED = [
    "dmaOrganizationSearchAppearance",
    "dmaEmployeeBroadcastAnalytics",
    "dmaEmployeeBroadcastAudienceDemographicAnalytics",
    "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
    "dmaEmployeeBroadcastHighlights",
]
owned = pytest.mark.parametrize("listing", LISTINGS, ids=NAMES)


def refusal(client: Client, target: str) -> tuple[int, str, str]:
    """Status, code and the parameter that the refusal names."""
    answer = client.get(target)
    field = answer.body["errorDetails"]["inputErrors"][0]["input"]["inputPath"]["fieldPath"]
    assert field in answer.body["message"]
    return answer.status, answer.code, field


@owned
@pytest.mark.parametrize("owner", ["company", "showcase"])
def test_a_walk_gives_every_element_once(client: Client, listing: Owned, owner: str) -> None:
    """As many as there are, each with a field that nobody announced, and the same in the first page of all."""
    found = list(pages(client, listing.of(owner), silent=listing.paging == "count"))
    many = listing.company if owner == "company" else listing.showcase
    assert sum(len(page["elements"]) for page in found) == many
    assert all("futureField" in element for page in found for element in page["elements"])
    if many > 10:
        assert (len(found) > 1) == (listing.paging != "whole")


@owned
def test_some_element_has_something_unannounced_inside(client: Client, listing: Owned) -> None:
    """A nested field, beside the one at the top."""
    assert "futureNested" in str(elements(client, listing.resource))


@owned
def test_an_organization_that_is_not_administered_is_denied(client: Client, listing: Owned) -> None:
    """403, naming resource and finder."""
    answer = client.get(listing.of("stranger"))
    assert (answer.status, answer.code) == (403, "ACCESS_DENIED")
    assert f"{listing.resource}.FINDER-{listing.finder}" in answer.body["message"]


@owned
def test_the_first_page_shows_how_the_listing_is_paged(client: Client, listing: Owned) -> None:
    """A link, a total, a cursor in one of three places, or nothing."""
    first = body(client, listing.of())
    paging, metadata = first.get("paging", {}), first.get("metadata", {})
    assert (listing.paging == "offset") == bool(paging.get("links"))
    assert (listing.paging == "total") == (paging.get("total", 0) > len(first["elements"]) and not paging["links"])
    assert ("Cursor" in listing.paging) == bool(cursor_of(first))
    if cursor_of(first):
        assert list(metadata) == [listing.paging]


def test_paging_styles_are_spread_over_the_listings() -> None:
    """A reader that takes one for all, loses."""
    assert {listing.paging for listing in LISTINGS} == {
        "whole",
        "offset",
        "total",
        "count",
        "paginationCursorMetdata",
        "paginationCursorMetadata",
        "nextPaginationCursor",
    }


@owned
def test_the_other_paging_style_is_refused(client: Client, listing: Owned) -> None:
    """Each parameter of a style that the listing does not have, by its name."""
    style = "cursor" if "Cursor" in listing.paging else "whole" if listing.paging == "whole" else "offset"
    for text in STYLES[style]:
        named = text.partition("=")[0]
        assert refusal(client, f"{listing.of()}&{text}") == (400, NOT_ALLOWED, named)


@owned
def test_the_owner_has_one_form(client: Client, listing: Owned) -> None:
    """The other kind of URN, a bare number, a record and a list are refused by the parameter's name."""
    own, other = (OWNERS["company"][page] for page in (listing.page, not listing.page))
    number = own.rpartition("%3A")[2]
    for text in (other, number, f"(organization:{own})", f"(value:{own})", f"List({own})"):
        target = listing.with_owner(f"{listing.parameter}={text}")
        assert refusal(client, target) == (400, "PARAM_INVALID", listing.parameter), text


@owned
def test_the_owner_is_required_and_escaped(client: Client, listing: Owned) -> None:
    """Left out, misnamed, or with bare colons: 400 that names it."""
    right = listing.of()
    left_out = right.replace(f"&{listing.parameter}={OWNERS['company'][listing.page]}", "")
    assert refusal(client, left_out) == (400, "PARAM_INVALID", listing.parameter)
    assert refusal(client, right.replace("%3A", ":")) == (400, "ILLEGAL_ARGUMENT", listing.parameter)
    misnamed = right.replace(f"&{listing.parameter}=", "&holder=")
    assert refusal(client, misnamed) == (400, NOT_ALLOWED, "holder")


@owned
def test_another_finder_is_refused(client: Client, listing: Owned) -> None:
    """So is a parameter that the finder lacks."""
    assert client.get(listing.of().replace(f"q={listing.finder}&", "q=nearest&")).code == "ILLEGAL_ARGUMENT"
    assert client.get(f"{listing.of()}&sort=NEWEST").code == NOT_ALLOWED


@pytest.mark.parametrize(
    ("resource", "text", "code", "field"),
    [
        ("dmaOrganizationalPageEmailDomainMapping", "", "PARAM_INVALID", "useCase"),
        ("dmaOrganizationalPageEmailDomainMapping", "useCase=WORK_EMAIL_VERIFICATION", "PARAM_INVALID", "useCase"),
        ("dmaTalentBrandAnalyticSummaries", "", "PARAM_INVALID", "timeRange"),
        (
            "dmaTalentBrandAnalyticSummaries",
            f"timeIntervals=(timeRange:{RANGE})",
            NOT_ALLOWED,
            "timeIntervals",
        ),
        ("dmaOrganizationRelationshipStatistics", f"timeRange={RANGE}", "PARAM_INVALID", "statisticSortType"),
        ("dmaOrganizationRelationshipStatistics", "statisticSortType=FOLLOWERS", "PARAM_INVALID", "statisticSortType"),
        ("dmaOrganizationLifePageTrafficStatistics", f"timeRange=(timeRange:{RANGE})", "PARAM_INVALID", "timeRange"),
        (
            "dmaOrganizationLifePageTrafficStatistics",
            f"timeRange=(start:{START},end:{START})",
            "PARAM_INVALID",
            "timeRange",
        ),
        (
            "dmaOrganizationLifePageTrafficStatistics",
            f"timeRange=(start:{START},end:{START + 1})",
            "PARAM_INVALID",
            "timeRange",
        ),
        ("dmaEmployeeBroadcastAnalytics", f"timeRange=(start:{START})", "PARAM_INVALID", "timeRange"),
        ("dmaEmployeeBroadcastHighlights", "timeRange=List(1,2)", "PARAM_INVALID", "timeRange"),
        (
            "dmaEmployeeBroadcastAudienceDemographicAnalytics",
            "dimensionType=STAFF_COUNT_RANGE",
            "PARAM_INVALID",
            "dimensionType",
        ),
        (
            "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
            f"timeIntervals=(timeRange:{RANGE})",
            "PARAM_INVALID",
            "timeIntervals",
        ),
        (
            "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
            f"timeRange={RANGE}",
            NOT_ALLOWED,
            "timeRange",
        ),
        ("dmaOrganizationAcls", "role=ADMINISTRATOR", "PARAM_INVALID", "role"),
        ("dmaOrganizationAcls", "state=(value:MAYBE)", "PARAM_INVALID", "state"),
        ("dmaOrganizationAcls", "scopeFilter=(enabled:false)", NOT_ALLOWED, "scopeFilter"),
    ],
)
def test_the_other_parameters_have_one_form(client: Client, resource: str, text: str, code: str, field: str) -> None:
    """Alternatives and malformed values are refused by the parameter's name; required ones may not be left out."""
    listing = BY_NAME[resource]
    bare = listing.of().removesuffix(f"&{listing.more}") if listing.more else listing.of()
    status, said, named = refusal(client, f"{bare}{text and '&'}{text}")
    assert (status, said, named.partition(".")[0]) == (400, code, field)


@pytest.mark.parametrize(
    ("resource", "most"), [("dmaContentSeries", 10), ("dmaOriginalArticles", 50), ("dmaOrganizationAcls", 100)]
)
def test_a_page_has_a_largest_size(client: Client, resource: str, most: int) -> None:
    """As the contract says; one more is refused."""
    target = BY_NAME[resource].of()
    assert client.get(f"{target}&start=0&count={most}").status == 200
    assert refusal(client, f"{target}&start=0&count={most + 1}") == (400, "PARAM_INVALID", "count")


def test_articles_end_with_a_short_page_and_say_nothing(client: Client) -> None:
    """Neither link nor total: asked by fives, the third page of twelve is short, the fourth empty."""
    target = BY_NAME["dmaOriginalArticles"].of()
    found = [body(client, f"{target}&start={start}&count=5") for start in (0, 5, 10, 15)]
    assert [len(page["elements"]) for page in found] == [5, 5, 2, 0]
    assert all(page["paging"]["links"] == [] and "total" not in page["paging"] for page in found)


@pytest.mark.parametrize("resource", ["dmaOrganizationalPageNotifications", "dmaPageMessagingThreads"])
def test_an_empty_page_with_a_cursor_stands_in_some(client: Client, resource: str) -> None:
    """It is not the end."""
    found = list(pages(client, BY_NAME[resource].of()))
    assert any(not page["elements"] and cursor_of(page) for page in found)


def test_filters_narrow_an_organizations_roles(client: Client) -> None:
    """By role, by state, and by both."""
    roles = BY_NAME["dmaOrganizationAcls"].of()
    assert len(body(client, f"{roles}&role=(value:ADMINISTRATOR)")["elements"]) == 3
    assert len(body(client, f"{roles}&state=(value:APPROVED)")["elements"]) == 6
    assert body(client, f"{roles}&role=(value:ADMINISTRATOR)&state=(value:REVOKED)")["elements"] == []


@pytest.mark.parametrize("resource", DEPRECATED)
def test_deprecated_resources_can_be_gone(resource: str) -> None:
    """On a switch they answer 426 whatever is asked; the others go on."""
    with Sandbox(World(now=NOW, deprecated_gone=True)) as sandbox, closing(Client(sandbox)) as client:
        answer = client.get(BY_NAME[resource].of())
        assert (answer.status, answer.code) == (426, "NONEXISTENT_VERSION")
        assert answer.body["message"] == "Requested version 20260501 is not active"
        assert client.get(BY_NAME["dmaContentSeries"].of()).status == 200


@pytest.mark.parametrize(
    ("resource", "before", "since"),
    [
        ("dmaAdminContentMediaGallery", "202505", "202508"),
        ("dmaOrganizationServicesPageProviders", "202502", "202505"),
    ],
)
def test_newer_resources_are_not_in_older_versions(client: Client, resource: str, before: str, since: str) -> None:
    """404 before the version that brought them."""
    target = f"/rest/{BY_NAME[resource].of()}"
    assert client.send("GET", target, {**HEADERS, "LinkedIn-Version": before}).status == 404
    assert client.send("GET", target, {**HEADERS, "LinkedIn-Version": since}).status == 200
