"""Pages: organizations, page profiles, who follows whom, notifications, and appearance in searches."""

from __future__ import annotations

from typing import Any

from ..errors import denied, not_found
from ..forms import LOCALE, BareId, Decimal, Enum, Record, Urn
from ..methods import BatchGet, Call, Finder, Get, Resource
from ..paging import DOCUMENTED_CURSOR, FOLLOWS_CURSOR, OFFSET, Listing
from ..world.follows import MEMBER_EDGE, PAGE_EDGE, following
from ..world.notices import notifications
from ..world.organization_lookup import looked_up_organization
from ..world.organizations import children
from ..world.page_content import search_appearance
from ..world.profiles import child_organization, organization_entity, page_profile, page_profiles
from .looked_up import looked_up
from .owned import ORGANIZATION, PAGE, administered, owned


def organization_by_number(call: Call, number: str) -> dict[str, Any]:
    """One organization; 403 in its place if it is not administered, 404 if there is none."""
    organization = call.world.organization(f"urn:li:organization:{number}")
    if organization is None:
        raise not_found(f"organization {number}")
    if not organization.administered:
        raise denied(f"{call.action} for urn:li:organization:{number}")
    return organization_entity(organization, *described(call))


def children_of(call: Call) -> Listing:
    """The organizations below one."""
    parent = administered(call, call["parentOrganization"])
    return Listing(children(parent), lambda child: child_organization(parent, child, *described(call)))


def described(call: Call) -> tuple[int, int, int]:
    """What an organization's or page's description depends on: seed, founding, and when it was asked for."""
    return call.world.seed, call.world.founded_ms, call.world.asked_ms()


def profiles_of(call: Call) -> Listing:
    """The profiles LinkedIn finds for an organization, its own not always alone."""
    organization = administered(call, call["pageEntity"]["organization"])
    return Listing(page_profiles(organization, *described(call)), dict)


def profile_by_page(call: Call) -> dict[str, Any]:
    """The profile of the page in the path."""
    return page_profile(administered(call, call["key"]), *described(call))


def followers(call: Call) -> Listing:
    """Who follows a page."""
    rows = call.world.followers[administered(call, call["followee"]).number]
    return Listing(rows.of_edge(call.get("edgeType")), dict, gap=True)


def followed(call: Call) -> Listing:
    """Which pages a page follows."""
    return Listing(following(administered(call, call["follower"]), call.world.now_ms), dict)


RESOURCES = (
    Resource(
        "dmaOrganizations",
        (
            BatchGet(Decimal(), organization_by_number, may_take={"locale": LOCALE}),
            Get(lambda call: organization_by_number(call, call["key"]), key=Decimal(), may_take={"locale": LOCALE}),
            Finder(
                "parentOrganization",
                {"parentOrganization": ORGANIZATION},
                children_of,
                paging=OFFSET,
                others={"parentOrganization": (("parent", ORGANIZATION),)},
            ),
        ),
    ),
    Resource(
        "dmaOrganizationalPageProfiles",
        (
            Finder(
                "pageEntity",
                {"pageEntity": Record({"organization": Urn("organization")})},
                profiles_of,
                may_take={"locale": LOCALE},
            ),
            Get(profile_by_page, key=PAGE),
        ),
    ),
    Resource(
        "dmaOrganizationalPageFollows",
        (
            Finder(
                "followee",
                {"followee": PAGE},
                followers,
                may_take={"edgeType": Enum(MEMBER_EDGE, PAGE_EDGE)},
                paging=FOLLOWS_CURSOR,
            ),
            Finder("follower", {"follower": PAGE}, followed, paging=FOLLOWS_CURSOR),
        ),
    ),
    Resource(
        "dmaOrganizationLookup",
        looked_up((BareId("organization"),), lambda call, urn: looked_up_organization(call.world, urn))[:1],
    ),
    Resource(
        "dmaOrganizationSearchAppearance", (owned("organization", (ORGANIZATION,), search_appearance),), deprecated=True
    ),
    Resource(
        "dmaOrganizationalPageNotifications",
        (owned("organizationalPage", (PAGE,), notifications, paging=DOCUMENTED_CURSOR, gap=True),),
    ),
)
