"""What a page shows beside its posts, and who sees it. Every name is invented: the payloads are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix, serial
from .media import localized
from .members import named, various
from .organizations import COMPANY, DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


def featured_content_groups(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Groups of posts by topic; every third has no key of its own."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 12):
        posts = [f"urn:li:share:{serial(world.seed, organization.page, place, post)}" for post in range(place % 3)]
        row: dict[str, Any] = {
            "topic": {"name": localized(f"Quiet {place}"), "futureNested": place},
            "contents": [{"entity": post, "position": at} for at, post in enumerate(posts)],
        }
        if place % 3 != 2:
            row["$URN"] = f"urn:li:pagesFeaturedContentGroup:{serial(world.seed, organization.page, place)}"
        found.append(row)
    return found


def page_credibility(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Awards and the like; the last has no key of its own."""
    founded = world.founded_ms
    awards = (("Quietest pump", 2024), ("Best manual", 2025), ("Fewest screws", 2026))[: len(places(organization, 3))]
    found: list[dict[str, Any]] = [
        {
            "title": title,
            "year": year,
            "issuer": {"name": "Pump Review", "futureNested": True},
            "addedAt": founded + year,
        }
        for title, year in awards
    ]
    for place, row in enumerate(found[:-1]):
        row["urn"] = f"urn:li:organizationalPageCredibility:{serial(world.seed, organization.page, place)}"
    return found


def content_ingestion_sources(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Feeds that the page takes content from, with text ids; every fifth has none."""
    found: list[dict[str, Any]] = []
    for place in places(organization, 11):
        row: dict[str, Any] = {
            "sourceUrl": f"https://{organization.vanity}.example/feed/{place}",
            "format": ("RSS", "ATOM", "SITEMAP")[place % 3],
            "lastFetch": {"time": world.founded_ms + place * DAY_MS, "items": place, "futureNested": {"level": 2}},
        }
        if place % 5 != 4:
            row["id"] = f"source-{mix(world.seed, organization.page, place) % 10**6}"
        found.append(row)
    return found


def search_appearance(organization: Organization, world: World) -> list[dict[str, Any]]:
    """How often the page came up in searches, by the searchers' trade; nothing has a key."""
    figures = [mix(world.seed, organization.number, place) % 500 for place in places(organization, 4)]
    return [
        {"searcherFunction": f"urn:li:function:{place + 4}", "appearances": {"count": many, "futureNested": many % 7}}
        for place, many in enumerate(figures)
    ]


def visitor_of_the_day(organization: Organization, world: World) -> list[dict[str, Any]]:
    """The company's visitor, who consents; the showcase page is no Premium Page and has none."""
    if organization is not COMPANY:
        return []
    visitor = named(world.seed, various(world.seed, 0))
    profile = {"headline": "Pump engineer", "futureNested": "Springfield"}
    return [{"visitor": visitor, "visitorProfile": profile, "visitedAt": world.founded_ms + 430 * DAY_MS}]
