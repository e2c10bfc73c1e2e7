"""What stands on the Life and career pages. Every name is invented: the payloads are unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix, serial
from .media import localized
from .members import stamp, various
from .organizations import COMPANY, DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World

CONTENTS = 8
# Of the company's targeted contents one is withheld, one is answered nowhere, one is gone.
NOT_GIVEN = {2: 403, 4: None, 6: 404}
PUBLISHED = 9


def content_urn(world: World, organization: Organization, place: int) -> str:
    """The URN of a targeted content: a number on one, the organization and a number on the next."""
    number = 600 + mix(world.seed, organization.number, place, 29) % 10**6
    key = f"({organization.urn},{number})" if place % 2 else str(number)
    return f"urn:li:organizationTargetedContent:{key}"


def content_revisions(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Every revision, oldest first; of every three one has no key of its own."""
    return [revision(organization, world, place) for place in places(organization, 12)]


def published_revisions(organization: Organization, world: World) -> list[dict[str, Any]]:
    """The one that is live: the same as among all, but for its state."""
    (*_, last) = places(organization, 12)
    return [{**revision(organization, world, min(PUBLISHED, last)), "state": "PUBLISHED"}]


def revision(organization: Organization, world: World, place: int) -> dict[str, Any]:
    """One, with the contents that it shows and the benefits that it names."""
    admin, since = various(world.seed, place), world.founded_ms + place * 20 * DAY_MS
    found: dict[str, Any] = {
        "revisionNumber": place + 1,
        "state": "ARCHIVED" if place < PUBLISHED else "DRAFT",
        "targetedContents": [content_urn(world, organization, at) for at in (place % CONTENTS, (place + 1) % CONTENTS)],
        "benefitsModule": {"benefits": [f"urn:li:benefit:{801 + place % 6}"], "futureNested": place},
        "created": stamp(world.seed, admin, since),
    }
    if place % 3 != 1:
        key = ("organizationContentRevisionsUrn", "", "entityUrn")[place % 3]
        found[key] = f"urn:li:organizationContentRevision:{serial(world.seed, organization.number, place, 37)}"
    return found


def targeted_content(world: World, urn: str) -> dict[str, Any] | int | None:
    """A targeted content, or the status that stands in its place."""
    for organization in world.truth.organizations:
        for place in range(CONTENTS):
            if content_urn(world, organization, place) == urn:
                given = organization is not COMPANY or place not in NOT_GIVEN
                return content_entity(place) if given else NOT_GIVEN[place]
    return 404


def content_entity(place: int) -> dict[str, Any]:
    """A targeted content by its place; its title has two shapes."""
    title = f"Life among pumps {place}"
    return {
        "title": title if place % 3 else localized(title),
        "audience": {"functions": [f"urn:li:function:{place + 1}"], "futureNested": place},
        "visible": place % 5 != 0,
        "modules": [{"moduleType": "SPOTLIGHT", "text": "Quiet halls", "futureNested": [place]}],
    }


def career_page_settings(organization: Organization, world: World) -> dict[str, Any] | None:
    """The settings of a career page; the showcase page has none."""
    if organization is not COMPANY:
        return None
    return {
        "careerPageTier": "GOLD",
        "jobsTabEnabled": True,
        "recruiterLink": {"url": f"https://{organization.vanity}.example/jobs", "futureNested": {"level": 2}},
        "lastModified": stamp(world.seed, various(world.seed, 1), world.founded_ms + 200 * DAY_MS),
    }
