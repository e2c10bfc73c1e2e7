"""What the member may do, for which organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .members import person
from .organizations import COMPANY, STRANGER, children

if TYPE_CHECKING:
    from . import World

# Source: https://learn.microsoft.com/en-us/linkedin/marketing/integrations/community-management/organizations/
# organization-authorizations/organization-authorizations
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "organizationRoleAuthorizationAction": ("ADMINISTRATOR_READ", "ADMINISTRATOR_WRITE", "PENDING_ADMIN_READ"),
    "organizationContentAuthorizationAction": (
        "ORGANIC_SHARE_VIEW_AS_AUTHOR",
        "ORGANIC_SHARE_CREATE",
        "ORGANIC_SHARE_EDIT",
        "ORGANIC_SHARE_DELETE",
    ),
    "organizationAnalyticsAuthorizationAction": (
        "FOLLOWER_ANALYTICS_READ",
        "VISITOR_ANALYTICS_READ",
        "UPDATE_ANALYTICS_READ",
    ),
    "organizationProfileAuthorizationAction": ("ORGANIZATION_PROFILE_EDIT",),
}
BEYOND_THE_ROLE = "ADMINISTRATOR_WRITE"


def authorizations(world: World, family: str, action: str) -> list[dict[str, Any]]:
    """Every organization that the member has a role on, approved but for the last.

    The status stands under a short name on one and under its full name on the next; only some rows repeat what they
    are about.
    """
    found: list[dict[str, Any]] = []
    own = [COMPANY, *children(COMPANY)]
    further = [organization for organization in world.truth.organizations if organization not in own]
    for place, organization in enumerate([*own, *further, STRANGER]):
        short = "denied" if organization is STRANGER else "approved"
        name = f"com.linkedin.organization.{short.capitalize()}" if place % 4 == 2 else short
        row: dict[str, Any] = {"organization": organization.urn, "status": {name: {"futureNested": place}}}
        if place % 2:
            row["impersonator"] = person(world.seed, 0)
        if place % 3:
            row["action"] = {family: {"actionType": action}}
        found.append(row)
    return found
