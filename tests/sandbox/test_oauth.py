"""The token endpoints."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from linkedin_sandbox import Sandbox
from tests.sandbox.client import FORM, HEADERS, Client
from tests.sandbox.conftest import Clock

TOKEN = "/oauth/v2/accessToken"
REFRESH = {
    "grant_type": "refresh_token",
    "refresh_token": Sandbox.refresh_token,
    "client_id": Sandbox.client_id,
    "client_secret": Sandbox.client_secret,
}


def status_with(client: Client, token: str) -> int:
    """What dmaMe answers to a token."""
    return client.send("GET", "/rest/dmaMe", {**HEADERS, "Authorization": f"Bearer {token}"}).status


def test_a_refresh_gives_a_token_that_is_good(client: Client, sandbox: Sandbox) -> None:
    """After the old token expired, a refreshed one is accepted; it is as long as LinkedIn's."""
    sandbox.expire_token()
    answer = client.post(TOKEN, urlencode(REFRESH))
    assert answer.status == 200
    assert answer.body.keys() == {"access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "scope"}
    assert answer.body["expires_in"] == 5_184_000
    assert len(answer.body["access_token"]) >= 450
    assert status_with(client, answer.body["access_token"]) == 200
    assert status_with(client, sandbox.token) == 401


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"refresh_token": "other"}, 400, "invalid_grant"),
        ({"client_id": "other"}, 400, "invalid_client_id"),
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"refresh_token": None}, 400, "invalid_grant"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
    ],
)
def test_a_bad_refresh_is_refused(client: Client, changed: dict[str, str | None], status: int, error: str) -> None:
    """Errors have the token host's own shape."""
    form = {name: value for name, value in {**REFRESH, **changed}.items() if value is not None}
    answer = client.post(TOKEN, urlencode(form))
    assert (answer.status, answer.body["error"]) == (status, error)
    assert answer.body.keys() == {"error", "error_description"}


def test_only_a_form_in_the_body_of_a_post_is_read(client: Client) -> None:
    """No log keeps it; neither a GET, nor JSON, nor a secret in the query."""
    assert client.send("GET", TOKEN, {}).status == 405
    for query, body, kind in (
        (urlencode(REFRESH), "", FORM),
        ("client_secret=x", urlencode(REFRESH), FORM),
        ("", "{}", {"Content-Type": "application/json"}),
    ):
        assert client.post(f"{TOKEN}?{query}", body, kind).body["error"] == "invalid_request"


def test_a_code_works_once_and_for_its_redirect_uri(client: Client, sandbox: Sandbox) -> None:
    """The code of a login is spent by its first use."""
    uri = "http://127.0.0.1:9/callback"
    form = {**REFRESH, "grant_type": "authorization_code", "code": sandbox.authorization_code(uri), "redirect_uri": uri}
    good = client.post(TOKEN, urlencode(form))
    assert status_with(client, good.body["access_token"]) == 200
    assert client.post(TOKEN, urlencode(form)).body["error"] == "invalid_request"
    other = {**form, "code": sandbox.authorization_code(uri), "redirect_uri": "http://127.0.0.1:9/other"}
    assert client.post(TOKEN, urlencode(other)).body["error"] == "invalid_request"


def test_introspection_tells_what_became_of_a_token(client: Client, sandbox: Sandbox) -> None:
    """Active, then expired; a token of another application is just not active."""
    form = {"client_id": Sandbox.client_id, "client_secret": Sandbox.client_secret, "token": sandbox.token}
    asked = client.post("/oauth/v2/introspectToken", urlencode(form)).body
    assert (asked["active"], asked["status"], asked["auth_type"]) == (True, "active", "3L")
    assert asked["expires_at"] - asked["created_at"] == 5_184_000
    member = client.post("/oauth/v2/introspectToken", urlencode({**form, "token": sandbox.member_token})).body
    assert (asked["scope"], member["scope"]) == ("r_dma_admin_pages_content", "r_dma_portability_self_serve")
    sandbox.expire_token()
    asked = client.post("/oauth/v2/introspectToken", urlencode(form)).body
    assert (asked["active"], asked["status"]) == (False, "expired")
    other = client.post("/oauth/v2/introspectToken", urlencode({**form, "token": "other"}))
    assert (other.status, other.body) == (200, {"active": False})


def test_the_token_endpoint_is_logged_and_can_be_set(client: Client, sandbox: Sandbox) -> None:
    """Requests to accessToken are kept with their body, and faults can stand in for it."""
    sandbox.answer("accessToken", status=503)
    assert client.post(TOKEN, urlencode(REFRESH)).status == 503
    assert client.post(TOKEN, urlencode(REFRESH)).status == 200
    assert [request.status for request in sandbox.requests_to("accessToken")] == [503, 200]
    assert sandbox.requests_to("accessToken")[0].body == urlencode(REFRESH).encode()


def test_a_refresh_may_give_a_new_refresh_token(client: Client, sandbox: Sandbox) -> None:
    """With `rotates`, and the one before is dead."""
    sandbox.tokens.rotates = True
    new = client.post(TOKEN, urlencode(REFRESH)).body["refresh_token"]
    assert new != Sandbox.refresh_token
    assert client.post(TOKEN, urlencode(REFRESH)).body["error"] == "invalid_grant"
    assert client.post(TOKEN, urlencode({**REFRESH, "refresh_token": new})).status == 200


def test_a_token_ends_when_its_life_is_over(client: Client, sandbox: Sandbox, clock: Clock) -> None:
    """By the sandbox's clock; it then answers as one that was made to expire."""
    sandbox.tokens.clock = clock
    sandbox.tokens.access_life_s = 60
    answer = client.post(TOKEN, urlencode(REFRESH)).body
    assert answer["expires_in"] == 60
    clock.now += 59
    assert status_with(client, answer["access_token"]) == 200
    clock.now += 1
    assert status_with(client, answer["access_token"]) == 401
    form = {**REFRESH, "token": answer["access_token"]}
    assert client.post("/oauth/v2/introspectToken", urlencode(form)).body["status"] == "expired"


def test_a_new_token_may_not_be_known_everywhere_yet(client: Client, sandbox: Sandbox, clock: Clock) -> None:
    """For `settling_s` it answers 401, as if it had been revoked; tokens known before do not."""
    sandbox.tokens.clock = clock
    sandbox.tokens.settling_s = 10
    new = client.post(TOKEN, urlencode(REFRESH)).body["access_token"]
    assert (status_with(client, new), status_with(client, sandbox.token)) == (401, 200)
    clock.now += 10
    assert status_with(client, new) == 200


def test_the_refresh_tokens_end_stays_and_caps_the_access_token(client: Client, sandbox: Sandbox, clock: Clock) -> None:
    """It counts down from the member's consent, whatever is refreshed; after it nothing can be refreshed."""
    sandbox.tokens.clock = clock
    sandbox.tokens.refresh_ends_at = clock.now + 100 * 86_400
    lives = []
    for _ in range(2):
        answer = client.post(TOKEN, urlencode(REFRESH)).body
        lives.append((answer["expires_in"] // 86_400, answer["refresh_token_expires_in"] // 86_400))
        clock.now += 50 * 86_400
    assert lives == [(60, 100), (50, 50)]
    assert client.post(TOKEN, urlencode(REFRESH)).body["error"] == "invalid_grant"
