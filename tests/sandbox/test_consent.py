"""The consent page: who is asked for what, and where the browser is sent."""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from linkedin_sandbox import Sandbox
from tests.sandbox.client import FORM, Client

STANDARD = "/oauth/v2/authorization"
NATIVE = "/oauth/native-pkce/authorization"
TOKEN = "/oauth/v2/accessToken"
REDIRECT = "http://localhost:8400/callback"
NATIVE_REDIRECT = "http://127.0.0.1:8400"
VERIFIER = "invented-verifier-of-at-least-forty-three-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")

ASKED = {
    "response_type": "code",
    "client_id": Sandbox.client_id,
    "redirect_uri": REDIRECT,
    "scope": Sandbox.scope,
    "state": "s 1&",
}
ASKED_NATIVELY = {
    **ASKED,
    "redirect_uri": NATIVE_REDIRECT,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


class Browser:
    """Asks as a browser does, and goes nowhere by itself."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._host = sandbox.url.removeprefix("http://")

    def send(self, method: str, target: str, form: Mapping[str, str] | None = None) -> tuple[int, str, dict[str, str]]:
        """Status, HTML, and the parameters of the address it is sent to."""
        connection = http.client.HTTPConnection(self._host, timeout=10)
        connection.request(method, target, urlencode(form) if form else None, FORM if form else {})
        response = connection.getresponse()
        html, location = response.read().decode(), response.headers.get("Location", "")
        connection.close()
        return response.status, html, dict(parse_qsl(urlsplit(location).query))

    def open(self, path: str = STANDARD, /, **asked: str | None) -> tuple[int, str, dict[str, str]]:
        whole = {**(ASKED_NATIVELY if path == NATIVE else ASKED), **asked}
        return self.send("GET", f"{path}?{urlencode({name: value for name, value in whole.items() if value})}")

    def press(self, answer: str, page: str) -> dict[str, str]:
        """The parameters of the address that a button leads to."""
        asked = re.search(r'name="asked" value="([^"]+)"', page)
        assert asked
        status, _, led_to = self.send("POST", f"{STANDARD}-submit", {"asked": asked[1], "answer": answer})
        assert status == 303
        return led_to


@pytest.fixture
def browser(sandbox: Sandbox) -> Browser:
    return Browser(sandbox)


def redeem(client: Client, code: str, **others: str | None) -> int:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": Sandbox.client_id,
        "client_secret": Sandbox.client_secret,
        **others,
    }
    return client.post(TOKEN, urlencode({name: value for name, value in form.items() if value})).status


def test_allow_gives_a_code_that_is_good_once(browser: Browser, client: Client) -> None:
    """The state comes back as it was sent; the page can be answered once."""
    status, page, _ = browser.open()
    assert (status, Sandbox.scope in page) == (200, True)
    led_to = browser.press("allow", page)
    assert led_to.pop("state") == "s 1&"
    assert [redeem(client, led_to["code"]) for _ in range(2)] == [200, 400]
    asked = re.search(r'name="asked" value="([^"]+)"', page)
    assert asked
    assert browser.send("POST", f"{STANDARD}-submit", {"asked": asked[1], "answer": "allow"})[0] == 400


def test_cancel_gives_an_error_and_no_code(browser: Browser) -> None:
    """With LinkedIn's word for it."""
    led_to = browser.press("cancel", browser.open()[1])
    assert (led_to["error"], led_to["state"], "code" in led_to) == ("user_cancelled_authorize", "s 1&", False)


@pytest.mark.parametrize(
    "asked",
    [
        {"client_id": "other"},
        {"client_id": None},
        {"redirect_uri": "http://localhost:8401/callback"},
        {"redirect_uri": f"{REDIRECT}#x"},
        {"state": None},
        {"code_challenge": CHALLENGE},
    ],
)
def test_nobody_is_sent_to_an_address_that_may_not_be_the_applications(
    browser: Browser, asked: dict[str, str | None]
) -> None:
    """A page says what is wrong; the browser stays."""
    status, page, led_to = browser.open(**asked)
    assert (status, led_to) == (400, {})
    assert "Bummer" in page


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "r_liteprofile"}, "unauthorized_scope_error"),
        ({"scope": f"{Sandbox.scope} r_liteprofile"}, "unauthorized_scope_error"),
    ],
)
def test_what_is_not_granted_is_told_to_the_application(browser: Browser, asked: dict[str, str], error: str) -> None:
    """At its redirect URL."""
    status, _, led_to = browser.open(**asked)
    assert (status, led_to["error"], led_to["state"]) == (303, error, "s 1&")


def test_the_token_has_the_scope_that_was_asked_for(browser: Browser, client: Client, sandbox: Sandbox) -> None:
    """A member's own data are another product."""
    led_to = browser.press("allow", browser.open(scope=Sandbox.member_scope)[1])
    redeem(client, led_to["code"])
    assert [*sandbox.tokens.scopes.values()][-1] == Sandbox.member_scope


def test_a_code_dies_after_half_an_hour(browser: Browser, client: Client, sandbox: Sandbox) -> None:
    """Its first use comes too late then."""
    now = sandbox.tokens.clock()
    codes = [browser.press("allow", browser.open()[1])["code"] for _ in range(2)]
    sandbox.tokens.clock = lambda: now + 1_790
    assert redeem(client, codes[0]) == 200
    sandbox.tokens.clock = lambda: now + 1_810
    assert redeem(client, codes[1]) == 400


def test_a_native_application_proves_itself_by_the_verifier_alone(browser: Browser, client: Client) -> None:
    """Not by another one, nor by a secret beside it, nor by a secret in its place."""
    proofs: list[dict[str, str | None]] = [
        {"code_verifier": VERIFIER, "client_secret": None},
        {"code_verifier": VERIFIER[::-1], "client_secret": None},
        {"code_verifier": VERIFIER},
        {},
    ]
    codes = [browser.press("allow", browser.open(NATIVE)[1])["code"] for _ in proofs]
    statuses = [
        redeem(client, code, redirect_uri=NATIVE_REDIRECT, **proof) for code, proof in zip(codes, proofs, strict=True)
    ]
    assert statuses == [200, 400, 400, 400]


def test_a_code_without_a_challenge_takes_no_verifier(browser: Browser, client: Client) -> None:
    """Or anyone who saw the code could redeem it without the secret."""
    code = browser.press("allow", browser.open()[1])["code"]
    assert redeem(client, code, code_verifier=VERIFIER, client_secret=None) == 400


@pytest.mark.parametrize(
    "asked", [{"code_challenge": "short"}, {"code_challenge_method": "plain"}, {"redirect_uri": REDIRECT}]
)
def test_a_native_application_needs_a_challenge_and_a_loopback_address(browser: Browser, asked: dict[str, str]) -> None:
    """LinkedIn names 127.0.0.1 and [::1], with any port."""
    assert browser.open(NATIVE, **asked)[0] == 400
