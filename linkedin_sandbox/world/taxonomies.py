"""Names that LinkedIn lists nowhere and gives by id alone: benefits, commitments, product categories, places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .media import localized

Locale = tuple[str, str]
"""Language and country."""

ENGLISH: Locale = ("en", "US")
SPOKEN: Mapping[Locale, str] = {ENGLISH: "", ("de", "DE"): " (deutsch)", ("fr", "FR"): " (français)"}
"""What a name has behind it in a language that LinkedIn knows."""


def spoken(asked: Mapping[str, str] | None) -> Locale:
    """The locale asked for, or where there is none or LinkedIn does not know it, English."""
    locale = (asked["language"], asked["country"]) if asked else ENGLISH
    return locale if locale in SPOKEN else ENGLISH


def name_in(locale: Locale, text: str) -> dict[str, Any]:
    """A name in one language and no other."""
    return localized(text + SPOKEN[locale], *locale)


@dataclass(frozen=True)
class Taxonomy:
    """Names by number; in place of a name the status that is answered, None for no answer at all."""

    kind: str
    names: Mapping[int, str | int | None]
    describe: Callable[[int, str, Locale], dict[str, Any]]

    def entity(self, urn: str, locale: Locale) -> dict[str, Any] | int | None:
        """What stands behind a URN, or the status that stands in its place."""
        number = int(urn.rpartition(":")[2])
        name = self.names.get(number, 404)
        return self.describe(number, name, locale) if isinstance(name, str) else name


def term(number: int, name: str, locale: Locale) -> dict[str, Any]:
    """A benefit or commitment. Every name but the first two is invented: the payloads are unknown."""
    icon = {"icon": f"urn:li:digitalmediaAsset:T{number}", "futureNested": number % 7}
    return {"id": number, "name": name_in(locale, name), "display": icon}


def category(number: int, name: str, locale: Locale) -> dict[str, Any]:
    """A product category; only those below another name it."""
    above = {"parentCategory": f"urn:li:standardizedProductCategory:{number - 1}"} if number % 2 == 0 else {}
    return {**term(number, name, locale), **above}


def place(number: int, name: str, locale: Locale) -> dict[str, Any]:
    """A place: no localized name, but one text and its locale; France lacks its id."""
    language, country = locale
    text = {"value": name + SPOKEN[locale], "locale": {"language": language, "country": country}, "futureNested": 0}
    return {"defaultLocalizedName": text, **({} if name == "France" else {"id": number})}


BENEFITS = Taxonomy(
    "benefit",
    {801: "Own desk", 802: "Remote work", 803: "Free tea", 804: 403, 805: None, 806: 404},
    term,
)
FEATURED_COMMITMENTS = Taxonomy(
    "featuredCommitment",
    {901: "Environment", 902: "Work and life", 903: "Learning", 904: 403, 905: None, 906: 404},
    term,
)
PRODUCT_CATEGORIES = Taxonomy(
    "standardizedProductCategory",
    {11: "Pumps", 12: "Silent pumps", 13: "Tools", 14: 403, 15: None, 16: 404},
    category,
)
GEOS = Taxonomy(
    "geo",
    {
        101282230: "Germany",
        103644278: "United States",
        105015875: "France",
        90009706: "Greater Springfield",
        90009712: 403,
        90000070: None,
    },
    place,
)
