"""A world that takes another form of a parameter than the first; `requests.txt` has the requests for each."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import ORGANIZATION, PAGE
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import body, rows, serving


def test_what_comes_is_the_same_by_any_form() -> None:
    """A page and a record, too, stand for the organization."""
    found = []
    for guess, form in enumerate((ORGANIZATION, PAGE, f"(organization:{ORGANIZATION})")):
        with serving(guesses={"dmaContentSeries": guess}) as client:
            found.append({row["contentSeriesUrn"] for row in rows(client, f"dmaContentSeries?q=owner&owner={form}")})
    assert found[0] == found[1] == found[2]


def test_a_lookup_is_keyed_as_it_was_asked() -> None:
    """And says the same in any form."""
    found = []
    for guess, form in enumerate(("(id:--xMfCposgM)", "urn%3Ali%3Aperson%3A--xMfCposgM", "--xMfCposgM")):
        with serving(guesses={"dmaPeople.ids": guess}) as client:
            ((key, entity),) = body(client, f"dmaPeople?ids=List({form})")["results"].items()
        assert key == unquote(form)
        found.append(entity)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("guesses", [{"dmaContentSeries": 3}, {"dmaContentSerie": 1}, {"dmaContentSeries.author": 1}])
def test_a_guess_that_does_not_exist_is_an_error(guesses: dict[str, int]) -> None:
    """A misspelt resource or parameter, or a form beyond the last."""
    with pytest.raises(ValueError, match="guesses"):
        Sandbox(World(now=NOW, guesses=guesses))
