"""Token, version and protocol: what every request must carry."""

from __future__ import annotations

import pytest

from linkedin_sandbox import Sandbox
from tests.sandbox.client import HEADERS, ORGANIZATION, Answer, Client
from tests.sandbox.listings import listing


def me(client: Client, **changed: str | None) -> Answer:
    """DmaMe with some headers changed, or left out where None; underscores stand for hyphens."""
    changes = {name.replace("_", "-"): value for name, value in changed.items()}
    headers = {name: value for name, value in {**HEADERS, **changes}.items() if value is not None}
    return client.send("GET", "/rest/dmaMe", headers)


@pytest.mark.parametrize(
    ("authorization", "said"),
    [
        (None, {"message": "Empty oauth2_access_token", "serviceErrorCode": 401}),
        ("Bearer ", {"code": "EMPTY_ACCESS_TOKEN"}),
        ("Bearer", {"code": "EMPTY_ACCESS_TOKEN"}),
        ("Basic c2FuZGJveC10b2tlbg==", {"message": "Unknown authentication schema"}),
        ("Bearer sandbox-toke", {"serviceErrorCode": 65600}),
        ("Bearer Sandbox-Token", {"serviceErrorCode": 65600}),
        ("Bearer sandbox-token sandbox-token", {"serviceErrorCode": 65600}),
    ],
)
def test_a_request_needs_a_token_that_is_known(
    client: Client, authorization: str | None, said: dict[str, object]
) -> None:
    """Without one, the documented body carries no code; a cut or altered token is 65600."""
    answer = me(client, Authorization=authorization)
    assert answer.status == answer.body["status"] == 401
    assert said.items() <= answer.body.items()
    assert authorization is not None or "code" not in answer.body


@pytest.mark.parametrize(("change", "number"), [("expire", 65602), ("revoke", 65601)])
def test_a_token_ends(client: Client, sandbox: Sandbox, change: str, number: int) -> None:
    """By its own end, or because the member took it back."""
    getattr(sandbox, f"{change}_token")()
    answer = me(client)
    assert (answer.status, answer.body["serviceErrorCode"]) == (401, number)
    assert answer.code == f"{change.upper().removesuffix('E')}ED_ACCESS_TOKEN"


def test_no_version(client: Client) -> None:
    """There is no default version; the gateway marks its answer with a header."""
    answer = me(client, LinkedIn_Version=None)
    assert (answer.status, answer.code) == (400, "VERSION_MISSING")
    assert answer.headers["X-Restli-Gateway-Error"]


def test_the_versions_of_the_dma_series_are_active(client: Client) -> None:
    """Retired months, months of the Marketing series and the Member version answer 426."""
    for version in ["202405", "202408", "202411", "202502", "202505", "202508", "202511", "202604", "202605"]:
        assert me(client, LinkedIn_Version=version).status == 200, version
    for version in ["202504", "202601", "202312", "2026-05", "20260501", "latest"]:
        answer = me(client, LinkedIn_Version=version)
        message = f"Requested version {version}01 is not active"
        assert answer.status == 426
        assert answer.body == {"status": 426, "code": "NONEXISTENT_VERSION", "message": message}


@pytest.mark.parametrize(
    ("resource", "version", "status"),
    [
        ("dmaAdminContentMediaGallery", "202505", 404),
        ("dmaAdminContentMediaGallery", "202508", 200),
        ("dmaOrganizationServicesPageProviders", "202502", 404),
        ("dmaOrganizationServicesPageProviders", "202505", 200),
        ("dmaLeadAnalytics", "202508", 426),
        ("dmaLeadAnalytics", "202511", 200),
        ("dmaLeadGenFormResponse", "202405", 200),
    ],
)
def test_newer_resources_are_not_in_older_versions(client: Client, resource: str, version: str, status: int) -> None:
    """They are not there, or figures on leads are refused as too old; leads themselves are in any."""
    headers = {**HEADERS, "LinkedIn-Version": version}
    assert client.send("GET", f"/rest/{listing(resource)}", headers).status == status


@pytest.mark.parametrize(
    ("target", "right"),
    [
        (listing("dmaSkills"), "GET_ALL"),
        ("dmaMe", "GET"),
        ("dmaSkills?ids=List(5)&locale=(language:en,country:US)", "BATCH_GET"),
        (f"dmaBusinessManagerAccountOrganizations?bq=organizations&organizations=List({ORGANIZATION})", "BATCH_FINDER"),
        (listing("dmaOrganizationAcls"), "FINDER"),
    ],
)
def test_the_method_header_must_tell_the_truth(client: Client, target: str, right: str) -> None:
    """X-RestLi-Method is not needed, and refused where it names another method."""
    for method in ("GET_ALL", "GET", "BATCH_GET", "BATCH_FINDER", "FINDER"):
        answer = client.send("GET", f"/rest/{target}", {**HEADERS, "X-RestLi-Method": method})
        assert answer.status == (200 if method == right else 400)


@pytest.mark.parametrize("protocol", [None, "1.0.0", "2.0"])
def test_the_protocol_header_is_demanded(client: Client, protocol: str | None) -> None:
    """Without 2.0.0 another syntax would hold."""
    answer = me(client, X_Restli_Protocol_Version=protocol)
    assert (answer.status, answer.code) == (400, "ILLEGAL_ARGUMENT")


def test_answers_carry_linkedins_trace_headers(client: Client) -> None:
    """Good and bad answers can be traced by their headers."""
    for answer in (me(client), me(client, Authorization=None)):
        assert all(answer.headers[name] for name in ("x-li-uuid", "x-li-fabric", "x-li-request-id"))
