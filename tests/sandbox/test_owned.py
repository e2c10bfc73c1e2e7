"""The listings that an organization or its page owns: what the tables of requests and shapes cannot say of them."""

from __future__ import annotations

import pytest

from tests.sandbox.client import DAY, Client
from tests.sandbox.listings import SHAPES, START, elements, listing, of_showcase, rows, serving, without_links

DEPRECATED = (
    "dmaOrganizationSearchAppearance",
    "dmaEmployeeBroadcastAnalytics",
    "dmaEmployeeBroadcastAudienceDemographicAnalytics",
    "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
    "dmaEmployeeBroadcastHighlights",
)
OWNED = [shape.target for shape in SHAPES if of_showcase(shape.target) != shape.target]
GROWING = {"dmaEvents", "dmaFeedContentsExternal", "dmaLeadGenFormResponse"}
GROWING |= {"dmaOrganizationalPageEdgeAnalytics", "dmaOrganizationalPageFollows"}


def test_deprecated_resources_can_be_gone() -> None:
    """On a switch they answer 426 whatever is asked; the others go on."""
    with serving(deprecated_gone=True) as client:
        for resource in DEPRECATED:
            answer = client.get(listing(resource))
            assert (answer.status, answer.code) == (426, "NONEXISTENT_VERSION")
            assert answer.body["message"] == "Requested version 20260501 is not active"
        assert client.get(listing("dmaContentSeries")).status == 200


def test_a_member_of_a_conversation_without_consent_has_no_identity(client: Client) -> None:
    """The page's own identity is always there."""
    found = elements(client, "dmaPageMessagingThreads")
    assert {sum("identity" in member for member in row["membership"]) for row in found} == {1, 2}
    assert {row["membership"][0]["identity"] for row in found} == {"urn:li:organizationalPage:61552904"}


@pytest.mark.parametrize("resource", ["dmaEvents", "dmaLeadGenForm"])
def test_some_ids_have_19_digits(client: Client, resource: str) -> None:
    """More than a float holds."""
    assert {len(str(row["id"])) for row in elements(client, resource)} == {19}


def test_roles_stand_under_key_or_bare(client: Client) -> None:
    """Never both; who holds one is the same in either place."""
    found = elements(client, "dmaOrganizationAcls")
    assert {("key" in row, "role" in row) for row in found} == {(True, False), (False, True)}
    assert {row.get("key", row)["organization"] for row in found} == {"urn:li:organization:90417283"}


def test_articles_are_in_no_order_of_time(client: Client) -> None:
    """A draft was never published."""
    found = elements(client, "dmaOriginalArticles")
    times = [row["lastModifiedAt"] for row in found if "lastModifiedAt" in row]
    assert times not in (sorted(times), sorted(times, reverse=True))
    assert [row["state"] for row in found if "publishedAt" not in row] == ["DRAFT"]


def test_the_showcase_page_is_a_child_of_the_company(client: Client) -> None:
    """Each child names the organization asked about as its parent."""
    found = elements(client, "dmaOrganizations")
    assert 90417391 in [row["id"] for row in found]
    assert {row["parentRelationship"]["parent"] for row in found} == {"urn:li:organization:90417283"}


def test_figures_grow_with_the_range(client: Client) -> None:
    """More days, more visitors; without a range, those of the page's whole life."""
    target = listing("dmaOrganizationLifePageTrafficStatistics").partition("&timeRange=")[0]
    ranges = (*(f"&timeRange=(start:{START},end:{START + days * DAY})" for days in (7, 70)), "")
    week, months, life = (sum(row["views"]["total"] for row in rows(client, target + more)) for more in ranges)
    assert week < months < life


def test_a_broadcast_trend_has_one_element_per_interval(client: Client) -> None:
    """Without an interval there is one, for all the page's life."""
    target = listing("dmaEmployeeBroadcastAudienceTimeSeriesAnalytics")
    assert [row["timeRange"]["start"] for row in rows(client, target)] == [START + day * DAY for day in range(30)]
    assert len(rows(client, target.partition("&timeIntervals=")[0])) == 1


def test_the_same_seed_gives_the_same_and_a_tick_changes_nothing() -> None:
    """Apart from links that expire, and from what grows by the day."""
    found: list[dict[str, str]] = []
    for ticks in (0, 3):
        with serving(posts=0, followers=0) as client:
            client.sandbox.world.tick(ticks)
            found.append({target: without_links(rows(client, target)) for target in OWNED})
    grown = {target.partition("?")[0] for target in OWNED if found[0][target] != found[1][target]}
    assert grown == GROWING
