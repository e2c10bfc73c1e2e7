"""Figures on an organization over a number of days. Every name is invented: the payloads are unknown.

No element has a key of its own but those of the relationship statistics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix
from .organizations import Organization, places

if TYPE_CHECKING:
    from . import World


def figure(world: World, organization: Organization, place: int, days: int) -> int:
    """A count that grows with the days."""
    return mix(world.seed, organization.number, place, 31) % 40 * days // 7


def life_page_traffic(organization: Organization, world: World, days: int) -> list[dict[str, Any]]:
    """Views by tab of the Life page."""
    return [
        {
            "tab": f"LIFE_{place}",
            "views": {"total": figure(world, organization, place, days), "futureNested": place},
            "uniqueVisitors": figure(world, organization, place, days) * 2 // 3,
        }
        for place in places(organization, 4)
    ]


def relationship_statistics(organization: Organization, world: World, days: int) -> list[dict[str, Any]]:
    """The organization and eleven related ones, most followers first; its own element has no id."""
    rows = [
        (figure(world, organization, place, days) + 10_000 - place * 900, place) for place in places(organization, 12)
    ]
    return [
        {
            "relationship": "COMPETITOR" if place else "SELF",
            **({"id": 90_500_000 + place} if place else {}),
            "statistics": {"followerCount": followers, "followerGain": days // 7, "futureNested": {"rank": place}},
        }
        for followers, place in sorted(rows, reverse=True)
    ]


def talent_brand_summaries(organization: Organization, world: World, days: int) -> list[dict[str, Any]]:
    """Visitors in total, and those who may work there."""
    return [
        {"summaryType": kind, "value": {"count": figure(world, organization, place, days), "futureNested": days}}
        for place, kind in enumerate(("TOTAL_VISITORS", "JOB_SEEKERS"))
    ]
