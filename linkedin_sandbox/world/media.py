"""What a post holds besides its text, in every kind LinkedIn has, and the download links that expire."""

from __future__ import annotations

from typing import Any

from .draw import mix

KINDS = (
    "image",
    "none",
    "video",
    "article",
    "multiImage",
    "poll",
    "document",
    "none",
    "article",
    "carousel",
    "reference",
    "celebration",
)
LINK_LIFE_MS = 3_600_000


def localized(text: str, language: str = "en", country: str = "US") -> dict[str, Any]:
    """A text in one locale, by default the one that the company writes in."""
    locale = {"country": country, "language": language}
    return {"localized": {f"{language}_{country}": text}, "preferredLocale": locale}


def download(path: str, now: int) -> dict[str, Any]:
    """A link that carries the time it ends, so that each call gives another one; `now` in ms."""
    expires = now + LINK_LIFE_MS
    url = f"https://media.example/dms/{path}?e={expires}"
    return {"downloadUrl": url, "downloadUrlExpiresAt": expires, "status": "AVAILABLE"}


def content(kind: str, ordinal: int, tagged: str | None, reference: str, now: int) -> dict[str, Any] | None:
    """The `content` union of a post; `tagged` is the person in its pictures, None without consent."""
    if kind in ("image", "video", "document"):
        return {"media": medium(kind, ordinal, now)}
    if kind == "multiImage":
        return {"multiImage": {"images": [tagged_image(ordinal, tagged, now), image(ordinal, now)]}}
    if kind == "article":
        return {"article": article(ordinal, now)}
    if kind == "poll":
        return {"poll": poll(ordinal)}
    if kind == "carousel":
        card = {"media": {"id": f"urn:li:image:C{ordinal}"}, "landingPage": "https://murmel-pumps.example/card"}
        return {"carousel": {"cards": [card, card]}}
    if kind == "celebration":
        return {"celebration": {"recipient": [], "taxonomy": f"urn:li:taxonomy:{ordinal}", "text": "Ten years"}}
    if kind == "reference":
        return {"reference": {"id": reference}}
    return None


def medium(kind: str, ordinal: int, now: int) -> dict[str, Any]:
    """An image, video or document."""
    file = download(f"{kind}/{ordinal}", now)
    if kind == "video":
        file["thumbnails"] = [link(f"thumbnail/{ordinal}", now)]
        file["captions"] = [link(f"captions/{ordinal}", now)]
    return {"title": f"{kind} {ordinal}", "altText": "A pump", "media": {kind: file}, "futureNested": {"level": 2}}


def link(path: str, now: int) -> dict[str, Any]:
    """A download link without a status."""
    file = download(path, now)
    del file["status"]
    return file


def image(ordinal: int, now: int) -> dict[str, Any]:
    """One picture of several."""
    return {"altText": "Another pump", "media": {"image": download(f"image/{ordinal}", now)}}


def tagged_image(ordinal: int, tagged: str | None, now: int) -> dict[str, Any]:
    """A picture with a page and a member marked in it; without consent the mark has no entity."""
    corners = ("firstCorner", "secondCorner", "thirdCorner", "fourthCorner")
    position = {
        corner: {"xOffsetPercentage": 12.5 * place, "yOffsetPercentage": 8.25 * place}
        for place, corner in enumerate(corners, 1)
    }
    page = {"type": "ORGANIZATION", "entity": "urn:li:organization:77", "position": position}
    member: dict[str, Any] = {"type": "PERSON", "position": position}
    if tagged is not None:
        member["entity"] = tagged
    return {**image(ordinal, now), "taggedEntities": [page, member]}


def article(ordinal: int, now: int) -> dict[str, Any]:
    """A shared web page; its thumbnail is an object on one, a bare URN on another."""
    return {
        "title": f"Field notes {ordinal}",
        "description": "What the river taught us",
        "source": f"https://murmel-pumps.example/notes/{ordinal}",
        "thumbnail": f"urn:li:image:T{ordinal}" if ordinal % 12 == 8 else download(f"thumbnail/{ordinal}", now),
    }


def poll(ordinal: int) -> dict[str, Any]:
    """A question with its votes."""
    votes = [mix(ordinal, choice) % 90 for choice in range(3)]
    options = [{"text": text, "voteCount": count} for text, count in zip(("Yes", "No", "Later"), votes, strict=True)]
    settings = {"duration": "THREE_DAYS", "voteSelectionType": "SINGLE_VOTE", "isVoterVisibleToAuthor": True}
    return {
        "question": "Should it be quieter?",
        "options": options,
        "uniqueVotersCount": sum(votes),
        "settings": settings,
    }
