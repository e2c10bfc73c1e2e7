"""A world that takes another form of a parameter than the first, so that a reader's guessing can be tested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import ORGANIZATION, PAGE, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import body

NUMBER, PAGE_NUMBER = "90417283", "61552904"
FORMS = {
    "organization": (ORGANIZATION, PAGE, NUMBER),
    "organizationalPage": (PAGE, ORGANIZATION, PAGE_NUMBER),
    "owner": (ORGANIZATION, PAGE, f"(organization:{ORGANIZATION})"),
    "author": (ORGANIZATION, PAGE, f"(organization:{ORGANIZATION})"),
    "pageMailboxOwner": (PAGE, ORGANIZATION, f"(organizationalPage:{PAGE})"),
}


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


def test_what_comes_is_the_same_by_any_form() -> None:
    """The bare number, too, stands for the organization."""
    found = []
    for guess, form in enumerate(FORMS["owner"]):
        with guessing({"dmaContentSeries": guess}) as client:
            page = body(client, f"dmaContentSeries?q=owner&owner={form}")
            found.append(sorted(row["contentSeriesUrn"] for row in page["elements"]))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("guesses", [{"dmaContentSeries": 3}, {"dmaContentSerie": 1}, {"dmaContentSeries.author": 1}])
def test_a_guess_that_does_not_exist_is_an_error(guesses: dict[str, int]) -> None:
    """A misspelt resource or parameter, or a form beyond the last."""
    with pytest.raises(ValueError, match="guesses"):
        Sandbox(World(now=NOW, guesses=guesses))
