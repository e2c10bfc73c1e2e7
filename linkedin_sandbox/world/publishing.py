"""Newsletters and articles of an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrivals import arrival, growing
from .draw import mix, serial
from .media import download, localized
from .members import named, stamp, various
from .organizations import COMPANY, DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World

SERIES = 11
READERS = 31
TWINS = (9, 10)


def article_urn(organization: Organization, world: World, place: int) -> str:
    """The URN of an article, by its place."""
    return f"urn:li:linkedInArticle:{serial(world.seed, organization.number, place, 5)}"


def series_urn(organization: Organization, world: World, place: int) -> str:
    """The URN of a newsletter, by its place."""
    return f"urn:li:contentSeries:{serial(world.seed, organization.number, place, 3)}"


def content_series(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Newsletters; texts are localized on one, plain strings on the next. Every fourth has no issue yet."""
    seed, found = world.seed, []
    for place in places(organization, SERIES):
        texts = {"title": f"Quiet letters {place}", "description": "News from the workshop"}
        since = world.founded_ms + place * 10 * DAY_MS
        admin, other = various(seed, place), various(seed, place + 1)
        issues = [article_urn(organization, world, at) for at in range(place % 4)]
        row: dict[str, Any] = {
            "contentSeriesUrn": series_urn(organization, world, place),
            "owner": organization.urn,
            **{name: localized(text) if place % 2 else text for name, text in texts.items()},
            "issues": issues,
            "subscriberCount": mix(seed, organization.number, place) % 5000,
            "cadence": ("WEEKLY", "MONTHLY", "BIWEEKLY")[place % 3],
            "created": stamp(seed, admin, since, other),
            "lastModified": {**stamp(seed, other, since + 90 * DAY_MS, admin), "futureNested": place},
        }
        if issues:
            row["latestIssue"] = issues[-1]
        found.append(row)
    return found


def find_series(world: World, urn: str) -> tuple[Organization, int] | None:
    """The organization and the place of a newsletter."""
    for organization in world.truth.organizations:
        for place in places(organization, SERIES):
            if series_urn(organization, world, place) == urn:
                return organization, place
    return None


def subscribers(organization: Organization, world: World, place: int) -> list[dict[str, Any]]:
    """Who reads a newsletter; the company's first has many readers, and gets one a day. No row has a key."""
    many = organization is COMPANY and place == 0
    rows = growing(organization, world, READERS) if many else range(2 + place % 4)
    return [subscriber(organization, world, place, TWINS[0] if at in TWINS else at) for at in rows]


def subscriber(organization: Organization, world: World, place: int, at: int) -> dict[str, Any]:
    """One row; without consent nothing in it says who, and two such rows are alike."""
    since = world.founded_ms + (place * 10 + at) * DAY_MS
    if organization is COMPANY and place == 0:
        since = arrival(organization, world, at, READERS) or since
    found: dict[str, Any] = {
        "lastModifiedAt": since,
        "settings": {"notifications": at % 2 == 0, "futureNested": "DAILY"},
    }
    reader = None if at in TWINS else named(world.seed, various(world.seed, place + at))
    return found if reader is None else {**found, "subscriber": reader}


def articles(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Articles, in no order of time; some lack lastModifiedAt, some come in the sibling's names as well."""
    return [article(organization, world, place) for place in places(organization, 12)]


def article(organization: Organization, world: World, place: int) -> dict[str, Any]:
    """One; its text is a string on one, an object on the next, its author gone without consent."""
    created = world.founded_ms + place * 5 % 12 * 30 * DAY_MS
    cover = download(f"article/{organization.number}/{place}", world.asked_ms())
    title, text = f"What the river taught us, part {place}", f"<p>Part {place} &amp; the rest.</p>"
    found: dict[str, Any] = {
        "linkedInArticleUrn": article_urn(organization, world, place),
        "title": title if place % 2 else localized(title),
        "contentHtml": text if place % 2 else {"value": text, "futureNested": {"level": 2}},
        "state": "DRAFT" if place == 5 else "PUBLISHED",
        "createdAt": created,
    }
    if place != 5:
        found["publishedAt"] = created + DAY_MS
    if place % 4 != 3:
        found["lastModifiedAt"] = created + 2 * DAY_MS
    if (author := named(world.seed, various(world.seed, place))) is not None:
        found["author"] = author
    found |= (
        {"coverMediaV2": {"video": cover}} if place % 3 == 2 else {"coverImage": {"image": cover, "futureNested": 1}}
    )
    return {**found, **sibling(organization, world, place, created)} if place % 3 == 0 else found


def sibling(organization: Organization, world: World, place: int, created: int) -> dict[str, Any]:
    """The names of the resource outside this product, beside the observed ones."""
    writer = named(world.seed, various(world.seed, place + 1))
    authors: list[dict[str, Any]] = [{"author": organization.urn, "type": "ORGANIZATION"}, {"type": "MEMBER"}]
    if writer is not None:
        authors[1]["author"] = writer
    return {
        "authors": authors,
        "content": "Plain words" if place % 2 else {"blocks": [{"text": "Plain words", "futureNested": 0}]},
        "created": created,
        "lastModified": created + 2 * DAY_MS,
        "id": serial(world.seed, organization.number, place, 5),
        "version": place + 1,
    }
