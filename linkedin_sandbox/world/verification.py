"""Who verifies e-mail for a page, of which domains. Every name is invented: the payloads are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix, serial
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


def email_domains(organization: Organization, world: World, use: str | None) -> list[dict[str, Any]]:
    """The domains for one use; the last has no id."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 3):
        row: dict[str, Any] = {
            "emailDomain": f"mail{place}.{organization.vanity}.example",
            "verified": place != 1,
            "mapping": {"useCase": use or "ANY", "createdAt": world.founded_ms + place * DAY_MS, "futureNested": 1},
        }
        if place + 1 < len(places(organization, 3)):
            row["id"] = mix(world.seed, organization.page, place) % 10**9
        found.append(row)
    return found


def verification_agents(organization: Organization, world: World) -> list[dict[str, Any]]:
    """The agents; every fourth has no key of its own."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 12):
        row: dict[str, Any] = {
            "agentName": f"Gatekeeper {place}",
            "status": "ACTIVE" if place % 5 else "PAUSED",
            "domains": [
                {"domain": f"mail{place}.{organization.vanity}.example", "primary": True, "futureNested": None}
            ],
        }
        if place % 4 != 3:
            row["verificationAgentsUrn"] = f"urn:li:verificationAgent:{serial(world.seed, organization.page, place)}"
        found.append(row)
    return found
