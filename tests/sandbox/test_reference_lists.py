"""The reference lists: all of one, page by page, in one language, and single entries of it."""

from __future__ import annotations

from typing import Any

import pytest

from linkedin_sandbox.world.analytics import DIMENSIONS
from tests.sandbox.client import Client
from tests.sandbox.listings import body, refusal, rows, serving

RECORD, PLAIN, FLAT = "locale=(language:en,country:US)", "locale=en_US", "locale.language=en&locale.country=US"
INDUSTRIES = "dmaIndustryTaxonomyVersions/DEFAULT/dmaIndustries"
LISTS = {
    "dmaDegrees": ("degree", RECORD, 60),
    "dmaFieldsOfStudy": ("fieldOfStudy", RECORD, 130),
    "dmaFunctions": ("function", PLAIN, 26),
    INDUSTRIES: ("industry", RECORD, 160),
    "dmaSkills": ("skill", RECORD, 250),
    "dmaStandardizedIndustries": ("industry", RECORD, 148),
    "dmaStandardizedSeniorities": ("seniority", RECORD, 10),
    "dmaSuperTitles": ("superTitle", PLAIN, 40),
    "dmaTitles": ("title", PLAIN, 230),
}
GET_ALONE = {"dmaFunctions", "dmaStandardizedSeniorities"}
every_list = pytest.mark.parametrize("path", LISTS)


def entries(client: Client, path: str, locale: str = "") -> list[dict[str, Any]]:
    """All entries of a list."""
    return rows(client, f"{path}?{locale or LISTS[path][1]}&start=0&count=100")


def test_a_page_may_hold_fewer_than_were_asked_for(client: Client) -> None:
    """The count is taken and capped, which the answer says; the next link goes on from there."""
    first = body(client, f"dmaStandardizedIndustries?{RECORD}&start=0&count=500")
    assert (len(first["elements"]), first["paging"]["count"]) == (100, 100)
    rest = body(client, first["paging"]["links"][0]["href"].removeprefix("/rest/"))
    assert len(rest["elements"]) == 48


@pytest.mark.parametrize("path", sorted(LISTS.keys() - {"dmaSkills"}))
def test_the_locale_may_be_left_out(client: Client, path: str) -> None:
    """But for skills."""
    assert body(client, path)["elements"][0] == body(client, f"{path}?{LISTS[path][1]}")["elements"][0]


def test_a_locale_in_parts_is_read() -> None:
    """As one in a record is."""
    with serving(guesses={"dmaDegrees": 2}) as client:
        asked = "dmaDegrees?locale.language=de&locale.country=DE"
        assert "de_DE" in body(client, asked)["elements"][0]["name"]["localized"]


@every_list
def test_names_come_in_the_one_language_asked_for(client: Client, path: str) -> None:
    """English where LinkedIn does not know it."""
    languages = []
    for language, country in (("de", "DE"), ("fr", "FR"), ("xx", "XX")):
        plain = LISTS[path][1] == PLAIN
        locale = f"locale={language}_{country}" if plain else f"locale=(language:{language},country:{country})"
        entry = entries(client, path, locale)[0]
        spoken = entry["locale"] if path == "dmaSkills" else entry["name"]["preferredLocale"]
        if path != "dmaSkills":
            assert list(entry["name"]["localized"]) == [f"{spoken['language']}_{spoken['country']}"]
        languages.append(spoken["language"])
    assert languages == ["de", "fr", "en"]


@every_list
def test_an_entry_is_the_same_in_list_batch_and_by_itself(client: Client, path: str) -> None:
    _, locale, many = LISTS[path]
    entry = entries(client, path)[many // 2]
    assert body(client, f"{path}/{entry['id']}?{locale}") == entry
    if path not in GET_ALONE:
        assert body(client, f"{path}?ids=List({entry['id']})&{locale}")["results"] == {str(entry["id"]): entry}
        urn = f"urn%3Ali%3A{LISTS[path][0]}%3A{entry['id']}"
        assert refusal(client, f"{path}?ids=List({urn})&{locale}") == (400, "PARAM_INVALID", "ids")


@pytest.mark.parametrize("path", [path for path in LISTS if path not in GET_ALONE])
def test_what_is_past_the_end_is_withheld_silent_or_not_there(client: Client, path: str) -> None:
    """By number: the first, the second, and all others."""
    last = max(entry["id"] for entry in entries(client, path))
    asked = ",".join(str(last + past) for past in (0, 1, 2, 3))
    found = body(client, f"{path}?ids=List({asked})&{LISTS[path][1]}")
    assert list(found["results"]) == [str(last)]
    assert {key: error["status"] for key, error in found["errors"].items()} == {str(last + 1): 403, str(last + 3): 404}
    assert str(last + 2) not in found["statuses"]


def test_industries_are_a_tree(client: Client) -> None:
    """Each child names its parent, and the other way round; every one is in the list."""
    rows = {f"urn:li:industry:{row['id']}": row for row in entries(client, INDUSTRIES)}
    down = {(urn, child) for urn, row in rows.items() for child in row.get("childrenIndustries", [])}
    up = {(parent, urn) for urn, row in rows.items() for parent in row.get("parentIndustries", [])}
    assert down == up
    assert {urn for pair in down for urn in pair} <= rows.keys()


def test_an_older_version_of_the_industries_has_fewer(client: Client) -> None:
    """DEFAULT is the newest; an older one has fewer and names none that it lacks; links stay within a version."""
    counts = []
    for version in ("DEFAULT", "V2_7", "V2_6", "V2_5", "V1_0"):
        found = entries(client, INDUSTRIES.replace("DEFAULT", version), RECORD)
        counts.append(len(found))
        named_in = {urn for row in found for urn in row.get("childrenIndustries", [])}
        assert named_in <= {f"urn:li:industry:{row['id']}" for row in found}
    assert counts == [160, 160, 157, 154, 148]


def test_the_log_and_set_answers_know_a_nested_path(client: Client) -> None:
    """By the last resource's name, whatever keys stand around it."""
    sandbox = client.sandbox
    for target in (f"{INDUSTRIES}?{RECORD}", f"{INDUSTRIES}/4", f"{INDUSTRIES}?ids=List(4)", "dmaSkills/5", "dmaMe"):
        client.get(target)
    kept = [(request.resource, request.finder) for request in sandbox.requests]
    assert kept == [
        ("dmaIndustries", "GET_ALL"),
        ("dmaIndustries", "GET"),
        ("dmaIndustries", "BATCH_GET"),
        ("dmaSkills", "GET"),
        ("dmaMe", "GET"),
    ]
    sandbox.answer("dmaIndustries", status=503)
    assert client.get(f"{INDUSTRIES}?{RECORD}").status == 503
    assert client.get(f"{INDUSTRIES}?{RECORD}").status == 200


def test_demographics_name_what_the_lists_hold(client: Client) -> None:
    """Functions, industries and seniorities."""
    for dimension, path in (
        ("JOB_FUNCTION", "dmaFunctions"),
        ("INDUSTRY", INDUSTRIES),
        ("INDUSTRY", "dmaStandardizedIndustries"),
        ("SENIORITY", "dmaStandardizedSeniorities"),
    ):
        there = {f"urn:li:{LISTS[path][0]}:{row['id']}" for row in entries(client, path)}
        assert set(DIMENSIONS[dimension][1]) <= there
