"""Members as they show themselves: names, headline, picture. Every name is invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix
from .follows import FIRST_FOLLOWER, ROOM
from .media import localized
from .members import consents, member_of, person

if TYPE_CHECKING:
    from . import World

GIVEN = ("Robin", "Kim", "Sasha", "Noor", "Ida", "Élise", "Jo")
FAMILY = ("Example", "Sample", "Muster", "Specimen", "Ejemplo")
HEADLINES = ("Keeper of pages", "Pump engineer", "Reader of manuals")
MOST_MEMBERS = 2**20
# What became of a few in 41 since they were named: withheld, answered nowhere, gone.
CHANGES = {0: 403, 1: None, 2: 404}


def me(seed: int) -> dict[str, Any]:
    """The member behind the token, as dmaMe gives it."""
    return {"id": person(seed, 0).rpartition(":")[2], **profile(seed, 0)}


def people_entity(world: World, urn: str) -> dict[str, Any] | int | None:
    """A member as dmaPeople gives one: every seventh without its id.

    Whoever does not consent is refused or left out, and so are a few who no longer do; a few are gone.
    """
    member = member_of(world.seed, urn)
    if member is None or not (member < MOST_MEMBERS or follows(world, member)):
        return 404
    chance = mix(world.seed, member, 13)
    if member < MOST_MEMBERS and not consents(world.seed, member):
        return 403 if chance % 2 else None
    if member and chance % 41 in CHANGES:
        return CHANGES[chance % 41]
    shown = me(world.seed) if member == 0 else profile(world.seed, member)
    return {"id": urn.rpartition(":")[2], **shown} if chance % 7 else shown


def follows(world: World, member: int) -> bool:
    """Whether a member beyond the others is, or was, one of the followers that are listed by name."""
    page, place = divmod(member - FIRST_FOLLOWER, ROOM)
    return any(
        followers.organization.page == page
        and place < followers.places
        and followers.row(place).get("follower") == person(world.seed, member)
        for followers in world.followers.values()
    )


def profile(seed: int, member: int) -> dict[str, Any]:
    """What a member shows; the first is Robin, who keeps the pages, and some show neither headline nor picture."""
    chance = mix(seed, member, 17) if member else 0
    given, family = GIVEN[chance % len(GIVEN)], FAMILY[chance // 7 % len(FAMILY)]
    found: dict[str, Any] = {
        "firstName": localized(given),
        "lastName": {**localized(family), "futureNested": member % 9},
        "localizedFirstName": given,
        "localizedLastName": family,
    }
    if member % 5 != 4:
        headline = HEADLINES[chance % len(HEADLINES)]
        found |= {"headline": localized(headline), "localizedHeadline": headline}
    if member % 3 != 2:
        found["vanityName"] = f"{given}-{family}".lower() + f"-{member}" * bool(member)
        found["profilePicture"] = {
            "displayImage": f"urn:li:digitalmediaAsset:C{5 + member}",
            "futureNested": {"level": 2},
        }
    return found
