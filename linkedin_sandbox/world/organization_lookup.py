"""The organizations that the world mentions, as anyone may look them up."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .media import download, localized
from .organizations import COMPANY, PARTNER_PAGE, SHOWCASE, Organization, children
from .profiles import locations

if TYPE_CHECKING:
    from . import World

GUILD = Organization(77, 61559077, "Quiet Pumps Guild", "quiet-pumps-guild", "NON_PROFIT", administered=False)
ARCHIVE = Organization(PARTNER_PAGE + 5, PARTNER_PAGE, "Murmel Open Archive", "murmel-open-archive", "NON_PROFIT")
# Of the company's children one is withheld, one is answered nowhere, one is gone.
NOT_GIVEN = {children(COMPANY)[place].number: status for place, status in ((4, None), (8, 403), (10, 404))}


@lru_cache
def mentioned(organizations: tuple[Organization, ...]) -> dict[int, Organization]:
    """By number: these organizations, those below the ones that are administered, and two more."""
    below = [child for parent in organizations if parent.administered for child in children(parent)]
    return {organization.number: organization for organization in (*organizations, GUILD, ARCHIVE, *below)}


def looked_up_organization(world: World, urn: str) -> dict[str, Any] | int | None:
    """An organization as dmaOrganizationLookup gives one, or the status that stands in its place.

    Every third shows little more than its name, and the company's archive lacks its id.
    """
    number = int(urn.rpartition(":")[2])
    organization = mentioned(world.organizations).get(number)
    if organization is None or number in NOT_GIVEN:
        return NOT_GIVEN.get(number, 404)
    logo = download(f"logo/{organization.number}/cropped", world.asked_ms())
    found: dict[str, Any] = {
        "id": organization.number,
        "localizedName": organization.name,
        "logoV2": {"cropped": logo, "futureNested": organization.number % 5},
    }
    if organization is ARCHIVE:
        del found["id"]
    if organization.number % 3:
        found |= {
            "name": localized(organization.name),
            "vanityName": organization.vanity,
            "primaryOrganizationType": "BRAND" if organization is SHOWCASE else "NONE",
            "locations": locations(),
            "localizedWebsite": f"https://{organization.vanity}.example",
        }
    return found
