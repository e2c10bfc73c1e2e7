"""The listings that an organization or its page owns: asked rightly, asked wrongly, and page by page."""

from __future__ import annotations

from contextlib import closing

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import HEADERS, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import (
    BY_NAME,
    LISTINGS,
    NAMES,
    Owned,
    body,
    cursor_of,
    elements,
    pages,
)

DEPRECATED = [
    "dmaOrganizationSearchAppearance",
    "dmaEmployeeBroadcastAnalytics",
    "dmaEmployeeBroadcastAudienceDemographicAnalytics",
    "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
    "dmaEmployeeBroadcastHighlights",
]
owned = pytest.mark.parametrize("listing", LISTINGS, ids=NAMES)


def refusal(client: Client, target: str) -> tuple[int, str, str]:
    """Status, code and the parameter that the refusal names."""
    answer = client.get(target)
    field = answer.body["errorDetails"]["inputErrors"][0]["input"]["inputPath"]["fieldPath"]
    assert field in answer.body["message"]
    return answer.status, answer.code, field


@owned
@pytest.mark.parametrize("owner", ["company", "showcase"])
def test_a_walk_gives_every_element_once(client: Client, listing: Owned, owner: str) -> None:
    """As many as there are, each with a field that nobody announced, and the same in the first page of all."""
    found = list(pages(client, listing.of(owner), silent=listing.paging == "count"))
    many = listing.company if owner == "company" else listing.showcase
    assert sum(len(page["elements"]) for page in found) == many
    assert all("futureField" in element for page in found for element in page["elements"])
    if many > 10:
        assert (len(found) > 1) == (listing.paging != "whole")


@owned
def test_some_element_has_something_unannounced_inside(client: Client, listing: Owned) -> None:
    """A nested field, beside the one at the top."""
    assert "futureNested" in str(elements(client, listing.resource))


def test_articles_end_with_a_short_page_and_say_nothing(client: Client) -> None:
    """Neither link nor total: asked by fives, the third page of twelve is short, the fourth empty."""
    target = BY_NAME["dmaOriginalArticles"].of()
    found = [body(client, f"{target}&start={start}&count=5") for start in (0, 5, 10, 15)]
    assert [len(page["elements"]) for page in found] == [5, 5, 2, 0]
    assert all(page["paging"]["links"] == [] and "total" not in page["paging"] for page in found)


@pytest.mark.parametrize("resource", ["dmaOrganizationalPageNotifications", "dmaPageMessagingThreads"])
def test_an_empty_page_with_a_cursor_stands_in_some(client: Client, resource: str) -> None:
    """It is not the end."""
    found = list(pages(client, BY_NAME[resource].of()))
    assert any(not page["elements"] and cursor_of(page) for page in found)


@pytest.mark.parametrize("resource", DEPRECATED)
def test_deprecated_resources_can_be_gone(resource: str) -> None:
    """On a switch they answer 426 whatever is asked; the others go on."""
    with Sandbox(World(now=NOW, deprecated_gone=True)) as sandbox, closing(Client(sandbox)) as client:
        answer = client.get(BY_NAME[resource].of())
        assert (answer.status, answer.code) == (426, "NONEXISTENT_VERSION")
        assert answer.body["message"] == "Requested version 20260501 is not active"
        assert client.get(BY_NAME["dmaContentSeries"].of()).status == 200


@pytest.mark.parametrize(
    ("resource", "before", "since"),
    [
        ("dmaAdminContentMediaGallery", "202505", "202508"),
        ("dmaOrganizationServicesPageProviders", "202502", "202505"),
    ],
)
def test_newer_resources_are_not_in_older_versions(client: Client, resource: str, before: str, since: str) -> None:
    """404 before the version that brought them."""
    target = f"/rest/{BY_NAME[resource].of()}"
    assert client.send("GET", target, {**HEADERS, "LinkedIn-Version": before}).status == 404
    assert client.send("GET", target, {**HEADERS, "LinkedIn-Version": since}).status == 200
