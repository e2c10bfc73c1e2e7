"""Live videos, scheduled or broadcast, and how many watched. The names of the counts' fields are invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix, serial
from .events import HOUR_MS, LIVE_VIDEOS, live_video_urn
from .members import named, various
from .organizations import DAY_MS, Organization

if TYPE_CHECKING:
    from . import World

WITHHELD, GONE, SILENT = 1, 3, 5
MINUTES = 14
MINUTE_MS = HOUR_MS // 60


def find_live_video(world: World, urn: str) -> tuple[Organization, int] | None:
    """The organization and the place of a live video."""
    for organization in world.truth.organizations:
        for place in range(LIVE_VIDEOS):
            if live_video_urn(organization, world.seed, place) == urn:
                return organization, place
    return None


def starts_ms(world: World, place: int) -> int:
    """When a live video begins."""
    return world.founded_ms + (12 + 120 * place) * DAY_MS


def live_video(organization: Organization, world: World, place: int) -> dict[str, Any]:
    """One; on every second most fields are left out. A member who is its author may be left out too."""
    seed = world.seed
    found: dict[str, Any] = {
        "id": int(live_video_urn(organization, seed, place).rpartition(":")[2]),
        "state": ("ENDED", "ENDED", "SCHEDULED")[place % 3],
    }
    if place % 2:
        return found
    title: dict[str, Any] = {"text": f"Live from the river {place}", "inferredLocale": "en_US"}
    if place % 4:
        title["inferredLocale"] = {"language": "en", "country": "US", "futureNested": "posix"}
    member = named(seed, various(seed, place))
    author = {"organization": organization.urn} if place % 4 else {"member": member} if member else {}
    return {
        **found,
        "name": f"Live from the river {place}",
        "scheduledAt": starts_ms(world, place),
        "author": {**author, "futureNested": place},
        "liveVideoAsset": {"media": f"urn:li:digitalmediaAsset:{serial(seed, organization.number, place, 13)}"},
        "announcementImage": {"media": f"urn:li:image:L{place}", "title": title},
    }


def viewer_counts(
    organization: Organization, world: World, place: int, asked: dict[str, int] | None
) -> list[dict[str, Any]]:
    """Viewers minute by minute, within a range of ms if one is asked for; of every three minutes one has no key."""
    start, seed = starts_ms(world, place), world.seed
    asked = asked or {"start": start, "end": start + HOUR_MS}
    found: list[dict[str, Any]] = []
    for minute in range(MINUTES):
        first = start + minute * MINUTE_MS
        viewers = mix(seed, organization.number, place, minute) % 300
        row: dict[str, Any] = {
            "timeRange": {"start": first, "end": first + MINUTE_MS},
            "viewers": {"concurrent": {"long": viewers}, "peak": {"long": viewers + 5}, "futureNested": "LIVE"},
        }
        if minute % 3:
            row["id"] = f"{place}-{minute}"
        if asked["start"] <= first < asked["end"]:
            found.append(row)
    return found
