"""Batch finders: one request for several criteria, each answered by a listing that can fail alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import IncompleteRun
from tests.support.logs import warnings
from tests.support.runs import Run, run

LINKS = "dmaBusinessManagerAccountOrganizations"
RIGHTS = "dmaOrganizationAuthorizations"
ACCOUNTS, ACTIONS = "business_manager_account_organizations", "organization_authorizations"
ORGANIZATION = "urn:li:organization:42"


def answer(sandbox: Sandbox, resource: str, *listings: Any) -> None:
    """Have the next request answered with these inner results."""
    sandbox.answer(resource, 200, body={"elements": list(listings)})


def asked(sandbox: Sandbox, resource: str) -> list[str]:
    """The decoded queries, in order."""
    return [unquote(request.asked) for request in sandbox.requests_to(resource)]


def links(sandbox: Sandbox) -> Run:
    """A run over the links of two organizations with Business Manager accounts."""
    return run(sandbox, select={ACCOUNTS})


@pytest.fixture
def two(sandbox: Sandbox) -> list[str]:
    """The organizations that are read."""
    organizations = [organization.urn for organization in sandbox.world.truth.organizations]
    assert len(organizations) == 2
    return organizations


def test_all_organizations_are_asked_about_at_once(sandbox: Sandbox, two: list[str]) -> None:
    """The order of the answers says which is whose."""
    answer(sandbox, LINKS, {"elements": [{"id": 1}]}, {"elements": [{"id": 1}, {"id": 2}]})
    rows = links(sandbox).records[ACCOUNTS]
    assert [(row["organization"], row["row_key"]) for row in rows] == [(two[0], "1"), (two[1], "1"), (two[1], "2")]
    assert asked(sandbox, LINKS) == [f"bq=organizations&organizations=List({','.join(two)})"]


@pytest.mark.parametrize(
    ("inner", "says"),
    [
        ({"isError": True, "error": {"status": 403}}, "LinkedIn refused it (403)."),
        ({"error": {"status": 403}}, "LinkedIn refused it (403)."),
        *((inner, "") for inner in ({}, {"elements": None}, {"status": 500, "message": "Internal service error"})),
    ],
)
def test_what_is_no_listing_of_a_criterion_is_left_out_alone(
    sandbox: Sandbox, two: list[str], inner: dict[str, Any], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not an empty one, and a warning says so; the others are emitted."""
    answer(sandbox, LINKS, inner, {"elements": [{"id": 1}]})
    assert links(sandbox).values(ACCOUNTS, "organization") == [two[1]]
    assert warnings(caplog, f"{ACCOUNTS}: skipped one of the criteria. {says}")


def test_a_criterion_without_an_answer_is_warned_of(
    sandbox: Sandbox, two: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """What is whose is known by order alone."""
    answer(sandbox, LINKS, {"elements": [{"id": 1}]})
    assert links(sandbox).values(ACCOUNTS, "organization") == [two[0]]
    assert any("skipped 1 of the criteria" in text for text in warnings(caplog))


def test_another_name_for_the_criteria_is_tried(sandbox: Sandbox, two: list[str]) -> None:
    """In the order of the guesses."""
    for parameter in ("organizations", "organizations"):
        sandbox.answer(LINKS, 400, body={"status": 400, "message": f"Invalid parameter {parameter}"})
    answer(sandbox, LINKS, {"elements": []}, {"elements": [{"id": 7}]})
    assert links(sandbox).values(ACCOUNTS, "organization") == [two[1]]
    wrapped = ",".join(f"(organization:{urn})" for urn in two)
    assert asked(sandbox, LINKS)[1:] == [
        f"bq=organizations&organizations=List({wrapped})",
        f"bq=organizations&criteria=List({wrapped})",
    ]


def rights(sandbox: Sandbox, **config: Any) -> Run:
    """A run over what the member may do."""
    return run(sandbox, select={ACTIONS}, **config)


def test_a_row_names_the_action_it_answers(sandbox: Sandbox) -> None:
    """LinkedIn's rows do not."""
    row = {"organization": ORGANIZATION, "status": {"approved": {}}}
    answer(sandbox, RIGHTS, {"elements": []}, {"elements": [row]})
    (row,) = rights(sandbox).records[ACTIONS]
    assert row["authorization_action"] == "organizationContentAuthorizationAction.ORGANIC_SHARE_CREATE"
    assert (row["organization"], row["status"]) == (ORGANIZATION, {"approved": {}})


def test_the_settings_may_name_other_actions(sandbox: Sandbox) -> None:
    """LinkedIn has more of them than are known."""
    action = {"authorizationAction": {"organizationRoleAuthorizationAction": {"actionType": "ADMINISTRATOR_READ"}}}
    answer(sandbox, RIGHTS, {"elements": [{"organization": ORGANIZATION}]})
    options = {ACTIONS: {"authorizationActions": [action]}}
    run = rights(sandbox, stream_options=options)
    assert run.values(ACTIONS, "authorization_action") == ["organizationRoleAuthorizationAction.ADMINISTRATOR_READ"]
    (query,) = asked(sandbox, RIGHTS)
    assert "List((authorizationAction:(organizationRoleAuthorizationAction:(actionType:ADMINISTRATOR_READ))))" in query


def test_listings_go_on_together_until_none_is_full(sandbox: Sandbox) -> None:
    """The short one is asked along: it has no more."""
    full = [{"organization": f"urn:li:organization:{number}"} for number in range(1, 3)]
    options = {ACTIONS: {"page_size": 2}}
    answer(sandbox, RIGHTS, {"elements": full}, {"elements": full[:1]})
    answer(sandbox, RIGHTS, {"elements": [{"organization": "urn:li:organization:9"}]}, {"elements": []})
    run = rights(sandbox, stream_options=options)
    assert len(run.records[ACTIONS]) == 4
    assert [query.rpartition("&start=")[2] for query in asked(sandbox, RIGHTS)] == ["0&count=2", "2&count=2"]


def test_the_member_is_named_only_where_linkedin_asks_for_it(sandbox: Sandbox) -> None:
    """It costs a call to know who that is."""
    sandbox.answer(RIGHTS, 400, body={"status": 400, "message": "Parameter impersonator is required"})
    answer(sandbox, RIGHTS, {"elements": []}, {"elements": []})
    rights(sandbox)
    first, second = asked(sandbox, RIGHTS)
    assert "impersonator" not in first
    assert "&impersonator=urn:li:person:" in second
    assert len(sandbox.requests_to("dmaMe")) == 1


def test_a_member_who_cannot_be_named_is_said_in_a_sentence(sandbox: Sandbox) -> None:
    """With what to do about it."""
    sandbox.answer(RIGHTS, 400, body={"status": 400, "message": "Parameter impersonator is required"})
    sandbox.answer("dmaMe", 200, body={"localizedFirstName": "Ann"})
    says = r"organization_authorizations: .* \(dmaMe has no id\)\. Set `impersonator`"
    with pytest.raises(IncompleteRun, match=says):
        rights(sandbox)
