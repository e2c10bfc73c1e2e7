"""Notifications to a page's admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import serial
from .members import named, various
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


ACTIONS = ("LIKE", "COMMENT", "SHARE", "SHARE_MENTION", "ADMIN_COMMENT")


def notifications(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Notifications, newest first."""
    return [notification(organization, world, place) for place in places(organization, 12, 3)]


def notification(organization: Organization, world: World, place: int) -> dict[str, Any]:
    """One; its id is a number, on every third a string, and one has none. A comment's text goes with its member."""
    seed, member = world.seed, various(world.seed, place)
    post = f"urn:li:share:{serial(seed, organization.page, 1)}"
    generated = f"urn:li:comment:({post.replace('share', 'activity')},{serial(seed, organization.page, place, 2)})"
    found: dict[str, Any] = {
        "organizationalEntity": organization.urn,
        "action": ACTIONS[place % len(ACTIONS)],
        "sourcePost": post,
        "generatedActivity": generated,
        "lastModifiedAt": world.founded_ms + (400 - place) * DAY_MS,
        "decoratedSourcePost": {"entity": post, "owner": organization.urn, "text": "We shipped", "futureNested": place},
    }
    if (subscriber := named(seed, member)) is not None:
        found["subscriber"] = subscriber
        found["decoratedGeneratedActivity"] = {"comment": {"owner": subscriber, "text": "Congratulations!"}}
    if place != 7:
        number = serial(seed, organization.page, place)
        found["notificationId"] = str(number) if place % 3 == 1 else number
    return found
