"""What employees broadcast, and who saw it. Every name is invented: the payloads are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .analytics import DIMENSIONS, buckets
from .draw import mix, serial
from .life_page import figure
from .members import named, various
from .organizations import Organization, places

if TYPE_CHECKING:
    from . import World


def top_broadcasts(organization: Organization, world: World, days: int) -> list[dict[str, Any]]:
    """The broadcasts with the most views; an employee who does not consent is left out, the URN of the share too."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 11, 3):
        row: dict[str, Any] = {
            "impressions": figure(world, organization, place, days),
            "engagement": {"reactions": place, "futureNested": place % 2 == 0},
        }
        if (employee := named(world.seed, various(world.seed, place))) is not None:
            row["employee"] = employee
            row["$URN"] = f"urn:li:share:{serial(world.seed, organization.page, place)}"
        found.append(row)
    return found


def broadcast_demographics(organization: Organization, world: World, dimension: str | None) -> list[dict[str, Any]]:
    """The audience by one dimension; left out, by seniority."""
    kind = dimension or "SENIORITY"
    member, values = DIMENSIONS[kind]
    return [
        {
            "dimension": {"type": kind, "value": {member: value}, "futureNested": 0},
            "audienceCount": mix(world.seed, organization.page, place) % 90,
        }
        for place, value in enumerate(values)
    ]


def broadcast_trend(
    organization: Organization, world: World, window: dict[str, int], granularity: str | None
) -> list[dict[str, Any]]:
    """The audience by interval, from the page's founding to today; without a window in one sum."""
    start = max(window.get("start", 0), world.founded_ms)
    end = min(window.get("end", world.today_ms), world.today_ms)
    return [
        {
            "timeRange": {"start": first, "end": stop, "futureNested": "UTC"},
            "audienceCount": mix(world.seed, organization.page, first) % 90,
        }
        for first, stop in buckets(start, end, granularity)
    ]


def broadcast_highlights(organization: Organization, world: World, days: int) -> list[dict[str, Any]]:
    """Two highlights, without a key."""
    return [
        {
            "highlightType": kind,
            "value": {"count": figure(world, organization, place, days), "futureNested": kind.lower()},
        }
        for place, kind in enumerate(("ACTIVE_EMPLOYEES", "REACH"))
    ]
