"""Batch finders: a listing for each criterion, in their order, each of which may fail by itself."""

from __future__ import annotations

from typing import Any

from tests.sandbox.client import ORGANIZATION, SHOWCASE, STRANGER, Client
from tests.sandbox.listings import body

AUTHORIZATIONS = "dmaOrganizationAuthorizations?bq=authorizationActionsAndImpersonator&authorizationActions"
ACCOUNTS = "dmaBusinessManagerAccountOrganizations?bq=organizations"


def action(type_: str) -> str:
    """One criterion."""
    return f"(authorizationAction:(organizationAnalyticsAuthorizationAction:(actionType:{type_})))"


FOLLOWERS, VISITORS = action("FOLLOWER_ANALYTICS_READ"), action("VISITOR_ANALYTICS_READ")


def inner(client: Client, target: str) -> list[dict[str, Any]]:
    """The inner results; the envelope holds nothing else."""
    found = body(client, target)
    assert found.keys() == {"elements"}
    return list(found["elements"])


def test_a_failed_one_at_times_lacks_its_elements(client: Client) -> None:
    """At others they are empty."""
    strangers = [STRANGER, *(f"urn%3Ali%3Aorganization%3A{number}" for number in range(5, 20))]
    found = inner(client, f"{ACCOUNTS}&organizations=List({','.join(strangers)})")
    assert {"elements" in result for result in found} == {True, False}
    assert all(result["isError"] for result in found)


def test_start_and_count_hold_for_every_listing(client: Client) -> None:
    """Links go on with the whole request."""
    target, pages = f"{ACCOUNTS}&organizations=List({ORGANIZATION},{SHOWCASE})&start=0&count=5", []
    while target:
        pages.append(inner(client, target))
        links = [link["href"] for result in pages[-1] for link in result["paging"]["links"]]
        assert len(set(links)) <= 1
        target = links[0].removeprefix("/rest/") if links else ""
    assert {result["paging"]["count"] for page in pages for result in page} == {5}
    named_in = [element["businessManagerAccount"] for page in pages for element in page[0]["elements"]]
    assert len(set(named_in)) == 12


def test_some_links_have_a_key_of_their_own(client: Client) -> None:
    """The others must be hashed."""
    (found,) = inner(client, f"{ACCOUNTS}&organizations=List({ORGANIZATION})&count=100")
    keys = [element["id"] for element in found["elements"] if "id" in element]
    assert 0 < len(set(keys)) == len(keys) < 12
    assert 0 < sum("actor" in element["approval"] for element in found["elements"]) < 12
    assert "futureNested" in str(found)


def test_authorizations_say_what_is_approved_for_which_organization(client: Client) -> None:
    """Each organization once for each action; the last is denied, and the status stands under one of two names."""
    found = inner(client, f"{AUTHORIZATIONS}=List({FOLLOWERS},{VISITORS})&start=0&count=100")
    for result, type_ in zip(found, ("FOLLOWER_ANALYTICS_READ", "VISITOR_ANALYTICS_READ"), strict=True):
        rows = result["elements"]
        assert len({row["organization"] for row in rows}) == len(rows) == 14
        statuses = [status for row in rows for status in row["status"]]
        assert set(statuses) == {"approved", "com.linkedin.organization.Approved", "denied"}
        assert (rows[-1]["organization"], statuses[-1]) == ("urn:li:organization:90419977", "denied")
        said = {
            row["action"]["organizationAnalyticsAuthorizationAction"]["actionType"] for row in rows if "action" in row
        }
        assert said == {type_}
        assert 0 < sum("action" in row for row in rows) < len(rows)
        assert {row["impersonator"] for row in rows if "impersonator" in row} == {
            f"urn:li:person:{body(client, 'dmaMe')['id']}"
        }


def test_the_log_knows_a_batch_finder_by_its_name(client: Client) -> None:
    """As it knows a finder."""
    client.get(f"{ACCOUNTS}&organizations=List({ORGANIZATION})")
    assert client.sandbox.requests[0].finder == "organizations"
