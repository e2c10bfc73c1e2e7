"""Conversations in the mailbox of a page; of a conversation all names but membership are invented."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from .arrivals import arrival, growing
from .draw import mix
from .members import named, various
from .organizations import COMPANY, DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World

THREADS = (12, 3)
LONG_THREAD = 23
TWINS = (3, 14)


def opaque(*key: int) -> str:
    """An id as messaging has them, with equals signs at its end or not."""
    return f"2-{b64encode(str(mix(*key)).encode()).decode()}"


def thread_urn(organization: Organization, world: World, place: int) -> str | None:
    """The URN of a conversation; every sixth has no key of its own."""
    return f"urn:li:messagingThread:{opaque(world.seed, organization.page, place)}" if place % 6 != 5 else None


def threads(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Conversations; the member of each is not named without consent."""
    found: list[dict[str, Any]] = []
    for place in places(organization, *THREADS):
        member = named(world.seed, various(world.seed, place))
        row: dict[str, Any] = {
            "membership": [
                {"identity": organization.page_urn, "role": "OWNER"},
                {**({"identity": member} if member else {}), "role": "PARTICIPANT", "futureNested": place},
            ],
            "lastActivityAt": world.founded_ms + place * DAY_MS,
            "unread": place % 2 == 0,
        }
        if (urn := thread_urn(organization, world, place)) is not None:
            row["threadUrn"] = urn
        found.append(row)
    return found


def find_thread(world: World, urn: str) -> tuple[Organization, int] | None:
    """The organization and the place of a conversation."""
    for organization in world.truth.organizations:
        for place in places(organization, *THREADS):
            if thread_urn(organization, world, place) == urn:
                return organization, place
    return None


def messages(organization: Organization, world: World, place: int) -> list[dict[str, Any]]:
    """The messages of a conversation; the company's first is long, gets one a day, and holds two that are alike."""
    if organization is not COMPANY or place:
        return [message(organization, world, place, at) for at in range(1 + place % 3)]
    rows = growing(organization, world, LONG_THREAD)
    return [message(organization, world, place, TWINS[0] if at in TWINS else at) for at in rows]


def message(organization: Organization, world: World, place: int, at: int) -> dict[str, Any]:
    """One, by the page or a member in turn; of every eight one was edited, and one deleted: it has no content."""
    seed = world.seed
    sent = world.founded_ms + place * DAY_MS + at * DAY_MS // 24
    if organization is COMPANY and place == 0:
        sent = arrival(organization, world, at, LONG_THREAD) or sent
    author = named(seed, various(seed, place)) if at % 2 else organization.page_urn
    found: dict[str, Any] = {
        "owner": organization.page_urn,
        "createdAt": sent,
        "deliveredAt": sent + 900,
        **({"author": author} if author else {}),
        **({"id": opaque(seed, organization.page, place, at)} if at not in TWINS else {}),
    }
    if at % 3 == 0:
        found["readAt"] = sent + 60_000
    if at % 8 == 4:
        return found
    if at % 8 == 6:
        found["lastEditedAt"] = sent + 30_000
    return found | words(seed, at)


def words(seed: int, at: int) -> dict[str, Any]:
    """What a message holds; its text stands in `fallback` and, in one of two shapes, in `content`."""
    text = "How loud is it, please?" if at % 2 else "Quieter than the river."
    found: dict[str, Any] = {
        "content": {
            "format": "TEXT" if at % 5 else "LITTLE",
            "formatVersion": 1,
            "fallback": text,
            "content": {"string": text, "futureNested": at} if at % 4 else text,
        }
    }
    if at % 5 == 0:
        found["attachments"] = [f"urn:li:digitalmediaAsset:{mix(seed, at) % 10**12}"]
        found["contentUrns"] = [f"urn:li:share:{7 * 10**18 + at}"]
    if at % 7 == 0:
        found["extensionContent"] = {"extensionContentType": "GIF", "externalMedia": {"id": f"gif-{at}"}}
    return found
