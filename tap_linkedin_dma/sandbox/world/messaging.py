"""Conversations in the mailbox of a page; all names but membership are invented."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from .draw import mix
from .members import named, various
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


def threads(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Conversations; the member of each is not named without consent, and every sixth has no key of its own."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 12, 3):
        member = named(world.seed, various(world.seed, place))
        row: dict[str, Any] = {
            "membership": [
                {"identity": organization.page_urn, "role": "OWNER"},
                {**({"identity": member} if member else {}), "role": "PARTICIPANT", "futureNested": place},
            ],
            "lastActivityAt": world.founded_ms + place * DAY_MS,
            "unread": place % 2 == 0,
        }
        if place % 6 != 5:
            opaque = b64encode(str(mix(world.seed, organization.page, place)).encode()).decode()
            row["threadUrn"] = f"urn:li:messagingThread:2-{opaque}"
        found.append(row)
    return found
