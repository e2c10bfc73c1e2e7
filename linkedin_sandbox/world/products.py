"""Products and services of an organization. Every name is invented: the payloads are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix, serial
from .media import download, localized
from .members import named, various
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


# Services page engagements by members who do not consent; they stand on two pages of ten.
TWINS = (9, 10)


CATEGORIES = ("standardizedProductCategory", "productCategory")


def products(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Products; of every three one has an entityUrn, one a $URN, and one no key; so too their categories.

    These stand as a URN, as an id, or as several ids. The name has two shapes.
    """
    asked = world.asked_ms()
    found: list[dict[str, Any]] = []
    for place in places(organization, 12, 3):
        name = f"Silent Pump {place}"
        row: dict[str, Any] = {
            "name": localized(name) if place % 2 else name,
            "websiteUrl": f"https://{organization.vanity}.example/pump/{place}",
            "logo": {"cropped": download(f"product/{organization.number}/{place}", asked), "futureNested": place},
            "callToAction": {"ctaType": "REQUEST_DEMO", "leadForm": f"urn:li:leadGenForm:{place + 1}"},
        }
        row |= (
            {"productCategory": f"urn:li:{CATEGORIES[place % 2]}:{11 + place % 6}"},
            {"productCategory": 11 + place % 6},
            {"productCategoryIds": [11 + place % 6, 11 + (place + 1) % 6]},
        )[place % 3]
        if place % 3 != 2:
            key = ("entityUrn", "$URN")[place % 3]
            row[key] = f"urn:li:organizationProduct:{serial(world.seed, organization.number, place)}"
        found.append(row)
    return found


def services_page_providers(organization: Organization, world: World) -> list[dict[str, Any]]:
    """The one configuration of the organization's services page."""
    return [
        {
            "organizationServicesPageProvidersUrn": f"urn:li:servicesPage:{serial(world.seed, organization.number)}",
            "services": ["Pump tuning", "Noise surveys"],
            "settings": {
                "acceptsMessages": True,
                "radiusKm": mix(world.seed, organization.number) % 90,
                "futureNested": 1,
            },
        }
    ]


def services_page_engagements(organization: Organization, world: World) -> list[dict[str, Any]]:
    """What members asked for; without consent nothing says who, and two such elements are alike."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 12, 3):
        row: dict[str, Any] = {
            "engagementType": "MESSAGE",
            "time": world.founded_ms + (0 if place in TWINS else place) * DAY_MS,
            "detail": {"service": "Noise surveys", "futureNested": False},
        }
        member = named(world.seed, various(world.seed, place))
        if member is not None and place not in TWINS:
            row |= {"id": serial(world.seed, organization.number, place), "member": member}
        found.append(row)
    return found
