"""Token, version and protocol: what every request must carry."""

from __future__ import annotations

import pytest

from linkedin_sandbox import Sandbox
from tests.sandbox.client import HEADERS, Answer, Client


def me(client: Client, **changed: str | None) -> Answer:
    """DmaMe with some headers changed, or left out where None; underscores stand for hyphens."""
    changes = {name.replace("_", "-"): value for name, value in changed.items()}
    headers = {name: value for name, value in {**HEADERS, **changes}.items() if value is not None}
    return client.send("GET", "/rest/dmaMe", headers)


def test_no_authorization_header(client: Client) -> None:
    """The documented body, which carries no code."""
    answer = me(client, Authorization=None)
    assert answer.body == {"message": "Empty oauth2_access_token", "serviceErrorCode": 401, "status": 401}
    assert answer.status == 401


def test_an_empty_bearer(client: Client) -> None:
    """A Bearer with nothing behind it is EMPTY_ACCESS_TOKEN."""
    assert (me(client, Authorization="Bearer ").status, me(client, Authorization="Bearer").code) == (
        401,
        "EMPTY_ACCESS_TOKEN",
    )


def test_another_scheme(client: Client) -> None:
    """Only Bearer is known."""
    answer = me(client, Authorization="Basic c2FuZGJveC10b2tlbg==")
    assert (answer.status, answer.body["message"]) == (401, "Unknown authentication schema")


@pytest.mark.parametrize("token", ["sandbox-toke", "Sandbox-Token", "sandbox-token sandbox-token"])
def test_an_unknown_token(client: Client, token: str) -> None:
    """A cut or altered token is invalid, 65600."""
    answer = me(client, Authorization=f"Bearer {token}")
    assert (answer.status, answer.body["serviceErrorCode"]) == (401, 65600)


def test_an_expired_token(client: Client, sandbox: Sandbox) -> None:
    """After expire_token the present token answers EXPIRED_ACCESS_TOKEN, 65602."""
    sandbox.expire_token()
    assert (me(client).status, me(client).code, me(client).body["serviceErrorCode"]) == (
        401,
        "EXPIRED_ACCESS_TOKEN",
        65602,
    )


def test_a_revoked_token(client: Client, sandbox: Sandbox) -> None:
    """After revoke_token the present token answers REVOKED_ACCESS_TOKEN, 65601."""
    sandbox.revoke_token()
    assert (me(client).code, me(client).body["serviceErrorCode"]) == ("REVOKED_ACCESS_TOKEN", 65601)


def test_no_version(client: Client) -> None:
    """There is no default version; the gateway marks its answer with a header."""
    answer = me(client, LinkedIn_Version=None)
    assert (answer.status, answer.code) == (400, "VERSION_MISSING")
    assert answer.headers["X-Restli-Gateway-Error"]


@pytest.mark.parametrize("version", ["202504", "202601", "202312", "2026-05", "20260501", "latest"])
def test_a_version_of_another_series(client: Client, version: str) -> None:
    """Retired months, months of the Marketing series and the Member version answer 426."""
    answer = me(client, LinkedIn_Version=version)
    assert answer.status == 426
    assert answer.body == {
        "status": 426,
        "code": "NONEXISTENT_VERSION",
        "message": f"Requested version {version}01 is not active",
    }


@pytest.mark.parametrize(
    "version",
    ["202405", "202408", "202411", "202502", "202505", "202508", "202511", "202604", "202605"],
)
def test_the_versions_of_the_dma_series(client: Client, version: str) -> None:
    """Each documented version is active."""
    assert me(client, LinkedIn_Version=version).status == 200


@pytest.mark.parametrize("protocol", [None, "1.0.0", "2.0"])
def test_the_protocol_header_is_demanded(client: Client, protocol: str | None) -> None:
    """Without 2.0.0 another syntax would hold."""
    answer = me(client, X_Restli_Protocol_Version=protocol)
    assert (answer.status, answer.code) == (400, "ILLEGAL_ARGUMENT")


def test_answers_carry_linkedins_trace_headers(client: Client) -> None:
    """Good and bad answers can be traced by their headers."""
    for answer in (me(client), me(client, Authorization=None)):
        assert all(answer.headers[name] for name in ("x-li-uuid", "x-li-fabric", "x-li-request-id"))
