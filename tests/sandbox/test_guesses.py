"""A world that takes another form of a parameter than the first, so that a reader's guessing can be tested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import ORGANIZATION, PAGE, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import BY_NAME, LISTINGS, RANGE, body

INTERVALS = f"timeIntervals=(timeRange:{RANGE})"
NUMBER, PAGE_NUMBER = "90417283", "61552904"
FORMS = {
    "organization": (ORGANIZATION, PAGE, NUMBER),
    "organizationalPage": (PAGE, ORGANIZATION, PAGE_NUMBER),
    "owner": (ORGANIZATION, PAGE, f"(organization:{ORGANIZATION})"),
    "author": (ORGANIZATION, PAGE, f"(organization:{ORGANIZATION})"),
    "pageMailboxOwner": (PAGE, ORGANIZATION, f"(organizationalPage:{PAGE})"),
}
UNGUESSED = {
    "dmaOrganizationSearchAppearance",
    "dmaOrganizationalPageNotifications",
    "dmaPagesFeaturedContentGroups",
    "dmaOrganizationalPageCredibility",
    "dmaOrganizationalPageContentIngestionSources",
    "dmaOrganizationalPageVisitorOfTheDay",
}
RENAMED = {"dmaOrganizationAcls", "dmaOrganizations"}
GUESSED = [row.resource for row in LISTINGS if row.resource not in UNGUESSED | RENAMED]


@contextmanager
def guessing(guesses: dict[str, int]) -> Iterator[Client]:
    """A client of a world with these guesses."""
    with Sandbox(World(now=NOW, guesses=guesses)) as sandbox, closing(Client(sandbox)) as client:
        yield client


def named(client: Client, target: str) -> str:
    """The parameter that a refusal names, in its details and in its words."""
    answer = client.get(target)
    assert answer.status == 400, answer.body
    field = answer.body["errorDetails"]["inputErrors"][0]["input"]["inputPath"]["fieldPath"]
    assert field in answer.body["message"]
    return str(field)


@pytest.mark.parametrize("guess", [0, 1, 2])
@pytest.mark.parametrize("resource", GUESSED)
def test_only_the_form_named_is_taken(resource: str, guess: int) -> None:
    """It finds what the first form finds elsewhere; the others, the first among them, are refused by name."""
    listing = BY_NAME[resource]
    with guessing({resource: guess}) as client:
        for place, form in enumerate(FORMS[listing.parameter]):
            target = listing.with_owner(f"{listing.parameter}={form}")
            if place == guess:
                assert body(client, target)["elements"]
            else:
                assert named(client, target) == listing.parameter


@pytest.mark.parametrize(
    ("resource", "forms"),
    [
        (
            "dmaOrganizationAcls",
            (
                f"organization={ORGANIZATION}",
                f"organization=(value:{ORGANIZATION})",
                f"organizationTarget={ORGANIZATION}",
            ),
        ),
        ("dmaOrganizations", (f"parentOrganization={ORGANIZATION}", f"parent={ORGANIZATION}")),
    ],
)
def test_another_form_may_have_another_name(resource: str, forms: tuple[str, ...]) -> None:
    """Then the first name is no parameter at all."""
    for guess in range(len(forms)):
        with guessing({resource: guess}) as client:
            for place, form in enumerate(forms):
                target = BY_NAME[resource].with_owner(form)
                if place == guess:
                    assert len(body(client, target)["elements"]) == 10
                else:
                    assert named(client, target) == form.partition("=")[0]


@pytest.mark.parametrize(
    ("resource", "parameter", "forms"),
    [
        (
            "dmaTalentBrandAnalyticSummaries",
            "timeRange",
            (f"timeRange={RANGE}", INTERVALS, ""),
        ),
        ("dmaEmployeeBroadcastHighlights", "timeRange", (f"timeRange={RANGE}", INTERVALS)),
        (
            "dmaOrganizationalPageEmailDomainMapping",
            "useCase",
            ("useCase=VERIFICATION", "useCase=WORK_EMAIL_VERIFICATION", ""),
        ),
        (
            "dmaEmployeeBroadcastAudienceDemographicAnalytics",
            "dimensionType",
            ("dimensionType=SENIORITY", "dimensionType=STAFF_COUNT_RANGE"),
        ),
        (
            "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
            "timeIntervals",
            (
                f"timeIntervals=(timeRange:{RANGE},timeGranularityType:DAY)",
                INTERVALS,
                f"timeRange={RANGE}",
            ),
        ),
    ],
)
def test_any_parameter_can_be_guessed(resource: str, parameter: str, forms: tuple[str, ...]) -> None:
    """By resource.parameter; what a form leaves out is refused where it is sent, and missed where it is required."""
    listing = BY_NAME[resource]
    owner = listing.of().removesuffix(f"&{listing.more}")
    for guess in range(len(forms)):
        with guessing({f"{resource}.{parameter}": guess}) as client:
            for place, form in enumerate(forms):
                target = f"{owner}&{form}".rstrip("&")
                if place == guess:
                    assert body(client, target)["elements"]
                else:
                    assert named(client, target).partition(".")[0] in (parameter, "timeRange", "timeIntervals")


def test_what_comes_is_the_same_by_any_form() -> None:
    """The bare number, too, stands for the organization."""
    found = []
    for guess, form in enumerate(FORMS["owner"]):
        with guessing({"dmaContentSeries": guess}) as client:
            page = body(client, f"dmaContentSeries?q=owner&owner={form}")
            found.append(sorted(row["contentSeriesUrn"] for row in page["elements"]))
    assert found[0] == found[1] == found[2]


def test_one_numbers_kind_is_not_the_others() -> None:
    """The page's number is no organization's: 403."""
    with guessing({"dmaOrganizationProducts": 2}) as client:
        assert client.get(f"dmaOrganizationProducts?q=organization&organization={PAGE_NUMBER}").status == 403


@pytest.mark.parametrize("guesses", [{"dmaContentSeries": 3}, {"dmaContentSerie": 1}, {"dmaContentSeries.author": 1}])
def test_a_guess_that_does_not_exist_is_an_error(guesses: dict[str, int]) -> None:
    """A misspelt resource or parameter, or a form beyond the last."""
    with pytest.raises(ValueError, match="guesses"):
        Sandbox(World(now=NOW, guesses=guesses))
