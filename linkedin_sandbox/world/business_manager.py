"""Business Manager accounts and the organizations linked to them. Every name is invented: the payloads are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix
from .members import stamp, various
from .organizations import COMPANY, DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World

ACCOUNTS = 12
# Of the company's accounts one is withheld, one is answered nowhere, one is gone.
NOT_GIVEN = {3: 403, 5: None, 7: 404}


def account_number(world: World, organization: Organization, place: int) -> int:
    """The number of an organization's account, by its place."""
    return 700_000_000 + mix(world.seed, organization.number, place, 19) % 10**8


def account_links(organization: Organization, world: World) -> list[dict[str, Any]]:
    """The accounts that an organization is linked to; every fourth link has no key of its own."""
    found: list[dict[str, Any]] = []
    for place in places(organization, ACCOUNTS):
        member = various(world.seed, place)
        row: dict[str, Any] = {
            "businessManagerAccount": f"urn:li:businessManagerAccount:{account_number(world, organization, place)}",
            "relationship": "PARTNER" if place else "OWNER",
            "approval": {**stamp(world.seed, member, world.founded_ms + place * DAY_MS), "futureNested": place},
        }
        if place % 4 != 2:
            row["id"] = mix(world.seed, organization.number, place, 23) % 10**9
        found.append(row)
    return found


def account(world: World, urn: str) -> dict[str, Any] | int | None:
    """An account as dmaBusinessManagerAccounts gives it, or the status that stands in its place."""
    number = int(urn.rpartition(":")[2])
    for organization in world.truth.organizations:
        for place in places(organization, ACCOUNTS):
            if account_number(world, organization, place) == number:
                given = organization is not COMPANY or place not in NOT_GIVEN
                return account_entity(world, organization, place, number) if given else NOT_GIVEN[place]
    return 404


def account_entity(world: World, organization: Organization, place: int, number: int) -> dict[str, Any]:
    """An account; who made it is not named without consent."""
    return {
        "id": number,
        "accountName": f"{organization.name} marketing {place}",
        "primaryOrganization": organization.urn,
        "status": "ACTIVE" if place % 3 else "PENDING",
        "settings": {"timeZone": "Europe/Berlin", "futureNested": {"level": 2}},
        "created": stamp(world.seed, various(world.seed, place), world.founded_ms + place * DAY_MS),
    }
