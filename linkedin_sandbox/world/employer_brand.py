"""What the organization shows to those who may work there. Every name is invented: the payloads are unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .draw import mix, serial
from .media import download, localized
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


OWN_DESK = {"name": "Own desk", "benefit": "urn:li:benefit:801", "futureNested": True}
# How each commitment names the featured ones: by URN, by id, by objects.
FEATURED: Sequence[dict[str, Any]] = (
    {"featuredCommitment": "urn:li:featuredCommitment:901"},
    {"featuredCommitmentId": 902},
    {"featuredCommitments": [{"id": number, "futureNested": 0} for number in (903, 904, 905, 906)]},
)


def media_gallery(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Images and videos, each with a link that expires; every fourth has no key of its own."""
    asked = world.asked_ms()
    found: list[dict[str, Any]] = []
    for place in places(organization, 12):
        kind = "VIDEO" if place % 3 == 2 else "IMAGE"
        row: dict[str, Any] = {
            "mediaType": kind,
            "altText": f"Pump seen from the side, {place}",
            "uploadedAt": world.founded_ms + place * DAY_MS,
            "rendition": {**download(f"gallery/{organization.number}/{place}", asked), "futureNested": place},
        }
        if place % 4 != 3:
            asset = serial(world.seed, organization.number, place)
            row["entityUrn"] = f"urn:li:digitalmediaAsset:{asset}"
        found.append(row)
    return found


def photos(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Photos with number ids; every fourth has none."""
    asked = world.asked_ms()
    found: list[dict[str, Any]] = []
    for place in places(organization, 12):
        row: dict[str, Any] = {
            "caption": localized(f"Our workshop, {place}"),
            "order": place,
            "image": {"original": download(f"photo/{organization.number}/{place}", asked), "futureNested": [place]},
        }
        if place % 4 != 1:
            row["id"] = mix(world.seed, organization.number, place) % 10**12
        found.append(row)
    return found


def commitments(organization: Organization, world: World) -> list[dict[str, Any]]:
    """What the organization cares for; the last has no key of its own."""
    topics = ("ENVIRONMENT", "WORK_LIFE_BALANCE", "LEARNING")[: len(places(organization, 3))]
    found: list[dict[str, Any]] = [
        {
            "commitmentType": topic,
            "featured": topic == "ENVIRONMENT",
            "statement": {"text": "Less noise", "futureNested": 1},
        }
        for topic in topics
    ]
    for row, featured in zip(found, FEATURED, strict=False):
        row |= featured
    for place, row in enumerate(found[:-1]):
        urn = f"urn:li:organizationCommitment:{serial(world.seed, organization.number, place)}"
        row["organizationCommitmentUrn"] = urn
    return found


def workplace_policies(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Policies with text ids and more benefits; two have neither and are alike."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 4, 3):
        row: dict[str, Any] = {"policyType": "REMOTE_WORK", "benefits": [OWN_DESK]}
        if place > 1:
            row["benefitIds"] = [802, 803, 804, 805, 806]
            row |= {"id": f"policy-{mix(world.seed, organization.number, place) % 10**6}", "policyType": "HYBRID"}
        found.append(row)
    return found
