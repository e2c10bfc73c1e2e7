"""LinkedIn's reference lists: functions, titles, industries and the like, in the language asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .taxonomies import Locale, name_in

WORDS = ("Water", "Sound", "Metal", "Paper", "Steam", "Wood", "Glass")
VERSIONS = {"DEFAULT": 161, "V1_0": 149, "V2_5": 155, "V2_6": 158, "V2_7": 161}
"""Where the industries of each version of their taxonomy end; DEFAULT is the newest."""


@dataclass(frozen=True)
class ReferenceList:
    """A list by number; every `lacks_urn`-th entry lacks its $URN."""

    kind: str
    numbers: range
    describe: Callable[[int, Locale], dict[str, Any]]
    lacks_urn: int = 3

    def entity(self, number: int, locale: Locale) -> dict[str, Any]:
        """One entry."""
        urn = {"$URN": f"urn:li:{self.kind}:{number}"} if number % self.lacks_urn else {}
        return {"id": number, **self.describe(number, locale), **urn}


def named(number: int, locale: Locale) -> dict[str, Any]:
    """An entry with just a name, which has something unannounced in it on every fifth."""
    name = name_in(locale, f"{WORDS[number % len(WORDS)]} {number}")
    return {"name": name if number % 5 else {**name, "futureNested": number}}


def degree(number: int, locale: Locale) -> dict[str, Any]:
    """A degree; some have other names, some are rolled up into another."""
    found = named(number, locale)
    if number % 2:
        found["alias"] = [name_in(locale, f"{WORDS[number % len(WORDS)]}, or {number}")]
    return {**found, "rollup": f"urn:li:degree:{number // 4 * 4}"} if number % 4 else found


def field_of_study(number: int, locale: Locale) -> dict[str, Any]:
    """A field of study; some are rolled up into others."""
    above = [f"urn:li:fieldOfStudy:{number - back}" for back in range(1, number % 3 + 1)]
    return {**named(number, locale), **({"rollupIds": above} if above else {})}


def industry(number: int, locale: Locale, end: int = VERSIONS["DEFAULT"]) -> dict[str, Any]:
    """An industry in a tree of six below each: roots have no parents, leaves no children."""
    found, below = named(number, locale), range(number * 6, min(number * 6 + 6, end))
    if number >= 6:
        found["parentIndustries"] = [f"urn:li:industry:{number // 6}"]
    return {**found, "childrenIndustries": [f"urn:li:industry:{child}" for child in below]} if below else found


def skill(number: int, locale: Locale) -> dict[str, Any]:
    """A skill, whose name is plain text beside its locale."""
    language, country = locale
    spelt = {"language": language, "country": country}
    return {
        "standardizedName": f"{WORDS[number % len(WORDS)]} tuning {number}",
        "locale": spelt if number % 5 else {**spelt, "futureNested": number},
    }


def title(number: int, locale: Locale) -> dict[str, Any]:
    """A job title; some belong to no group of titles."""
    found = {**named(number, locale), "function": f"urn:li:function:{number % 26 + 1}"}
    return {**found, "superTitle": f"urn:li:superTitle:{401 + number % 40}"} if number % 4 else found


def industries(version: str) -> ReferenceList:
    """The industries of one version of their taxonomy."""
    end = VERSIONS[version]
    return ReferenceList("industry", range(1, end), lambda number, locale: industry(number, locale, end))


DEGREES = ReferenceList("degree", range(200, 260), degree)
FIELDS_OF_STUDY = ReferenceList("fieldOfStudy", range(100_990, 101_120), field_of_study)
FUNCTIONS = ReferenceList("function", range(1, 27), named)
SKILLS = ReferenceList("skill", range(1, 251), skill)
STANDARDIZED_INDUSTRIES = ReferenceList("industry", range(1, 149), named, lacks_urn=2)
SENIORITIES = ReferenceList("seniority", range(1, 11), named)
SUPER_TITLES = ReferenceList("superTitle", range(401, 441), named)
TITLES = ReferenceList("title", range(1, 231), title)
