"""Who holds which role on an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .members import named, stamp, various
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


KINDS = (
    ("ADMINISTRATOR", "APPROVED"),
    ("CONTENT_ADMINISTRATOR", "APPROVED"),
    ("ANALYST", "REQUESTED"),
    ("CURATOR", "REVOKED"),
    ("DIRECT_SPONSORED_CONTENT_POSTER", "REJECTED"),
)


def organization_roles(organization: Organization, world: World) -> list[dict[str, Any]]:
    """The roles as the organization finder gives them, their parts under `key` or, every second time, bare."""
    return [role(organization, world, place) for place in places(organization, 12, 3)]


def role(organization: Organization, world: World, place: int) -> dict[str, Any]:
    """One role; whoever holds it is not named without consent, and then nothing tells two analysts apart."""
    kind, state = KINDS[place % len(KINDS)]
    member, admin = various(world.seed, place), various(world.seed, place + 1)
    since = world.founded_ms + place * DAY_MS
    parts = {"organization": organization.urn, "role": kind}
    if (assignee := named(world.seed, member)) is not None:
        parts["roleAssignee"] = assignee
    held = {**parts, "organizationTarget": organization.urn} if place % 2 else {"key": parts}
    return {
        **held,
        "state": state,
        "created": stamp(world.seed, member, since, admin),
        "lastModified": {**stamp(world.seed, admin, since + DAY_MS, member), "futureNested": place},
    }
