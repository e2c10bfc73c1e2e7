"""What comes to the company one a day, for as long as world time goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .organizations import COMPANY, DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World


def growing(organization: Organization, world: World, company: int, other: int = 2) -> range:
    """Room for as many records as `places` gives, and for one more of the company's for each day that passed."""
    arrived = world.ticks if organization is COMPANY else 0
    return range(len(places(organization, company, other)) + arrived)


def arrival(organization: Organization, world: World, place: int, company: int, other: int = 2) -> int | None:
    """When the record at a place came, in ms; None for those that the world began with."""
    day = place - len(places(organization, company, other)) + 1
    return world.born_ms + day * DAY_MS - DAY_MS // 24 if day > 0 else None
