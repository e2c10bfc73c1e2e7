"""Batch finders: a listing for each criterion, in their order, each of which may fail by itself."""

from __future__ import annotations

from typing import Any

from tests.sandbox.client import ORGANIZATION, SHOWCASE, STRANGER, Client
from tests.sandbox.listings import body

AUTHORIZATIONS = "dmaOrganizationAuthorizations?bq=authorizationActionsAndImpersonator&authorizationActions"
ACCOUNTS = "dmaBusinessManagerAccountOrganizations?bq=organizations"


def action(type_: str, family: str = "organizationAnalyticsAuthorizationAction") -> str:
    """One criterion: a family of actions, and one of its types."""
    return f"(authorizationAction:({family}:(actionType:{type_})))"


FOLLOWERS, VISITORS = action("FOLLOWER_ANALYTICS_READ"), action("VISITOR_ANALYTICS_READ")
BEYOND = action("ADMINISTRATOR_WRITE", "organizationRoleAuthorizationAction")


def inner(client: Client, target: str) -> list[dict[str, Any]]:
    """The inner results; the envelope holds nothing else."""
    found = body(client, target)
    assert found.keys() == {"elements"}
    return list(found["elements"])


def test_each_criterion_has_a_listing_in_its_place(client: Client) -> None:
    """In the order asked, whatever it is, each with paging of its own."""
    for first, second in ((ORGANIZATION, SHOWCASE), (SHOWCASE, ORGANIZATION)):
        found = inner(client, f"{ACCOUNTS}&organizations=List({first},{second})&start=0&count=100")
        counts = {ORGANIZATION: 12, SHOWCASE: 2}
        assert [len(result["elements"]) for result in found] == [counts[first], counts[second]]
        assert all(result["paging"]["count"] == 100 for result in found)
        assert all(element["futureField"] for result in found for element in result["elements"])
        assert "futureNested" in str(found)


def test_one_that_fails_leaves_the_others(client: Client) -> None:
    """Under HTTP 200, with isError and the error in its place and no elements."""
    whole, failed, other = inner(client, f"{ACCOUNTS}&organizations=List({ORGANIZATION},{STRANGER},{SHOWCASE})")
    assert (failed["isError"], failed["error"]["status"], failed["error"]["code"]) == (True, 403, "ACCESS_DENIED")
    assert "dmaBusinessManagerAccountOrganizations.BATCH_FINDER-organizations" in failed["error"]["message"]
    assert not failed.get("elements")
    assert whole["elements"]
    assert other["elements"]
    assert not {"isError", "error"} & {*whole, *other}


def test_a_failed_one_at_times_lacks_its_elements(client: Client) -> None:
    """At others they are empty."""
    strangers = [STRANGER, *(f"urn%3Ali%3Aorganization%3A{number}" for number in range(5, 20))]
    found = inner(client, f"{ACCOUNTS}&organizations=List({','.join(strangers)})")
    assert {"elements" in result for result in found} == {True, False}
    assert all(result["isError"] for result in found)


def test_start_and_count_hold_for_every_listing(client: Client) -> None:
    """Links go on with the whole request; past the end of a listing there is nothing more in it."""
    target, pages = f"{ACCOUNTS}&organizations=List({ORGANIZATION},{SHOWCASE})&start=0&count=5", []
    while target:
        pages.append(inner(client, target))
        links = [link["href"] for result in pages[-1] for link in result["paging"]["links"]]
        assert len(set(links)) <= 1
        target = links[0].removeprefix("/rest/") if links else ""
    assert [[len(result["elements"]) for result in page] for page in pages] == [[5, 2], [5, 0], [2, 0]]
    named_in = [element["businessManagerAccount"] for page in pages for element in page[0]["elements"]]
    assert len(set(named_in)) == 12


def test_some_links_have_a_key_of_their_own(client: Client) -> None:
    """The others must be hashed."""
    (found,) = inner(client, f"{ACCOUNTS}&organizations=List({ORGANIZATION})&count=100")
    keys = [element["id"] for element in found["elements"] if "id" in element]
    assert 0 < len(set(keys)) == len(keys) < 12
    assert 0 < sum("actor" in element["approval"] for element in found["elements"]) < 12


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


def test_authorizations_end_with_a_short_page(client: Client) -> None:
    """Neither link nor total."""
    pages = [inner(client, f"{AUTHORIZATIONS}=List({FOLLOWERS})&start={start}&count=5")[0] for start in (0, 5, 10, 15)]
    assert [len(page["elements"]) for page in pages] == [5, 5, 4, 0]
    assert all(page["paging"]["links"] == [] and "total" not in page["paging"] for page in pages)


def test_an_action_beyond_the_members_role_fails_alone(client: Client) -> None:
    """The others are answered, in their places."""
    failed, whole = inner(client, f"{AUTHORIZATIONS}=List({BEYOND},{FOLLOWERS})")
    assert (failed["isError"], failed["error"]["status"]) == (True, 403)
    assert len(whole["elements"]) == 10


def test_the_log_knows_a_batch_finder_by_its_name(client: Client) -> None:
    """As it knows a finder."""
    client.get(f"{ACCOUNTS}&organizations=List({ORGANIZATION})")
    client.get(f"{AUTHORIZATIONS}=List({FOLLOWERS})")
    assert [request.finder for request in client.sandbox.requests] == [
        "organizations",
        "authorizationActionsAndImpersonator",
    ]
