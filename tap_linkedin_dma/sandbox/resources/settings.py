"""Settings: who holds which role on which organization."""

from __future__ import annotations

from typing import Any

from ..forms import Enum, Record
from ..methods import Call, Finder, Resource
from ..paging import OFFSET, Listing
from ..world.members import person, stamp, willing
from ..world.organizations import COMPANY, SHOWCASE, STRANGER, Organization

ROLES = ("ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "ANALYST", "CURATOR", "DIRECT_SPONSORED_CONTENT_POSTER")
STATES = ("APPROVED", "REQUESTED", "REJECTED", "REVOKED")
HELD = (
    (COMPANY, "ADMINISTRATOR", "APPROVED"),
    (SHOWCASE, "ADMINISTRATOR", "APPROVED"),
    (STRANGER, "ANALYST", "REQUESTED"),
)


def roles_of_member(call: Call) -> Listing:
    """The member's roles, those of the role and state asked for."""
    role, state = (call.get(name)["value"] if call.get(name) else None for name in ("role", "state"))
    rows = [row for row in HELD if role in (None, row[1]) and state in (None, row[2])]
    return Listing(rows, lambda row: acl(call, *row))


def acl(call: Call, organization: Organization, role: str, state: str) -> dict[str, Any]:
    """One role; the showcase page's stands without `key`, its parts beside the state."""
    seed, founded = call.world.seed, call.world.founded_ms
    founder, admin = willing(seed, 1, wants=organization is COMPANY), willing(seed, 20)
    parts = {"organization": organization.urn, "role": role, "roleAssignee": person(seed, 0)}
    stamps = {
        "created": stamp(seed, founder, founded, admin),
        "lastModified": {**stamp(seed, admin, founded, founder), "futureNested": 0},
    }
    held = {**parts, "organizationTarget": organization.urn} if organization is SHOWCASE else {"key": parts}
    return {**held, "state": state, **stamps}


RESOURCES = (
    Resource(
        "dmaOrganizationAcls",
        (
            Finder(
                "roleAssignee",
                {},
                roles_of_member,
                may_take={
                    "role": Record({"value": Enum(*ROLES)}),
                    "state": Record({"value": Enum(*STATES)}),
                    "scopeFilter": Record({"enabled": Enum("true", "false")}),
                },
                paging=OFFSET,
            ),
        ),
    ),
)
