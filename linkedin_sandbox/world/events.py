"""Events of an organization and who takes part in them. The names of the roles' fields are invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrivals import arrival, growing
from .draw import mix, serial
from .media import localized
from .members import named, stamp, various
from .organizations import COMPANY, DAY_MS, Organization

if TYPE_CHECKING:
    from . import World

EVENTS = 13
LIVE_VIDEOS = 6
CROWD = 23
HOUR_MS = DAY_MS // 24
ADDRESS = {"country": "AT", "city": "Graz", "line1": "Mühlgang 7", "postalCode": "8010", "futureNested": "door 2"}
ROLES = ("ATTENDEE", "ATTENDEE", "ATTENDEE", "SPEAKER")
TWINS = (2, 11)


def event_urn(organization: Organization, seed: int, place: int) -> str:
    """The URN of an event, by its place."""
    return f"urn:li:event:{serial(seed, organization.number, place, 8)}"


def live_video_urn(organization: Organization, seed: int, place: int) -> str:
    """The URN of a live video, by its place."""
    return f"urn:li:liveVideo:{serial(seed, organization.number, place, 9)}"


def events(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Events; to the company's comes one a day."""
    return [event(organization, world, place) for place in growing(organization, world, EVENTS)]


def event(organization: Organization, world: World, place: int) -> dict[str, Any]:
    """One: of every four one is a live video, one at a place, one on another site, and one says nothing of its type."""
    seed, urn = world.seed, event_urn(organization, world.seed, place)
    made = arrival(organization, world, place, EVENTS) or world.founded_ms + place * 30 * DAY_MS
    starts, ends = made + 12 * DAY_MS, made + 12 * DAY_MS + 2 * HOUR_MS
    admin, other = various(seed, place), various(seed, place + 1)
    found: dict[str, Any] = {
        "id": int(urn.rpartition(":")[2]),
        **words(place),
        "vanityName": f"open-workshop-{place}",
        "timeRangeV2": {
            "startAt" if place % 5 == 4 else "startsAt": starts,
            **({"endsAt": ends} if place % 4 != 3 else {}),
        },
        "eventTimezone": "Europe/Vienna",
        "lifeCycleState": "CANCELLED" if place == 6 else "COMPLETED" if ends < world.now_ms else "SCHEDULED",
        "settings": settings(place),
        **organizer(organization, seed, place),
        **event_type(organization, seed, place, ends),
        **rarities(urn, seed, place, starts),
    }
    if place % 3:
        found["created"] = stamp(seed, admin, made, other)
        found["lastModified"] = stamp(seed, other, made + HOUR_MS // 2, admin)
    return found


def words(place: int) -> dict[str, Any]:
    """Name and description; the text of the latter is a string on one event, an object on the next."""
    text = f"Part {place} of the open workshop"
    in_english = text if place % 2 else {"rawText": text, "futureNested": place}
    return {
        "name": localized(f"Open workshop {place}"),
        "description": {**localized(text), "localized": {"en_US": in_english}},
    }


def settings(place: int) -> dict[str, Any]:
    """Who may come, and how."""
    return {
        "entryCriteria": "REQUEST" if place % 5 == 2 else "PUBLIC",
        "discoveryMode": "LISTED",
        "attendanceMode": "IN_PERSON" if place % 4 == 1 else "ONLINE",
        "premiumGated": place % 7 == 5,
        "futureNested": {"level": 2},
    }


def organizer(organization: Organization, seed: int, place: int) -> dict[str, str]:
    """The organization; of every sixth event a person, who is left out without consent."""
    organizing = named(seed, various(seed, place // 6 + 1)) if place % 6 == 5 else organization.urn
    return {"organizer": organizing} if organizing else {}


def event_type(organization: Organization, seed: int, place: int, ends: int) -> dict[str, Any]:
    """The `type` of an event, and what stands beside it."""
    if place % 4 == 0:
        video = live_video_urn(organization, seed, place // 4 % LIVE_VIDEOS)
        return {
            "type": {"online": {"format": {"liveVideo": {"liveVideo": video, "endsAt": ends}}}},
            "broadcastTool": "CUSTOM_RTMP",
            "ugcPost": f"urn:li:ugcPost:{serial(seed, organization.number, place, 10)}",
        }
    if place % 4 == 1:
        return {
            "type": {"inPerson": {"address": ADDRESS, "url": "https://murmel-pumps.example/map", "endsAt": ends}},
            "address": ADDRESS,
            "venueDetails": {"name": "Old mill", "address": ADDRESS},
            "location": "Graz" if place % 8 == 5 else {"city": "Graz", "futureNested": [15.4, 47.1]},
        }
    if place % 4 == 2:
        url = f"https://stream.example/{place}"
        return {"type": {"online": {"format": {"external": {"url": url, "endsAt": ends}}}}, "externalUrl": url}
    return {}


def rarities(urn: str, seed: int, place: int, starts: int) -> dict[str, Any]:
    """What a few events have."""
    found: dict[str, Any] = {}
    if place % 3 == 1:
        found |= {"$URN": urn, "registrationCount": mix(seed, place, 8) % 400, "startsAt": starts}
    if place % 3 == 2:
        found |= {"backgroundImage": f"urn:li:image:E{place}", "hashtags": ["pumps", "river"], "closed": place % 2 == 0}
    return found


def find_event(world: World, urn: str) -> tuple[Organization, int] | None:
    """The organization and the place of an event."""
    for organization in world.truth.organizations:
        for place in growing(organization, world, EVENTS):
            if event_urn(organization, world.seed, place) == urn:
                return organization, place
    return None


def role_assignments(organization: Organization, world: World, place: int) -> list[dict[str, Any]]:
    """Who takes part: many in the company's first event. Without consent rows have no key, and two are alike."""
    many = CROWD if organization is COMPANY and place == 0 else place % 4
    return [role_assignment(organization, world, place, TWINS[0] if at in TWINS else at) for at in range(many)]


def role_assignment(organization: Organization, world: World, place: int, at: int) -> dict[str, Any]:
    """One member's role."""
    urn = event_urn(organization, world.seed, place)
    found: dict[str, Any] = {
        "role": ROLES[at % len(ROLES)],
        "status": "GOING",
        "assignedAt": world.founded_ms + (place * 30 + at) * DAY_MS // 4,
        "source": {"kind": "INVITATION", "futureNested": at},
    }
    if (member := named(world.seed, various(world.seed, at))) is not None:
        number = serial(world.seed, organization.number, place, at, 12)
        found |= {"eventRoleAssignmentsUrn": f"urn:li:eventRoleAssignment:({urn},{number})", "member": member}
    return found
