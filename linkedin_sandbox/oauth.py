"""LinkedIn's token endpoints, for one application and one member.

Sources: https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens and
https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qs

from . import errors
from .gate import FORM

ACCESS_LIFE_S = 5_184_000
REFRESH_LIFE_S = 31_536_000
CODE_LIFE_S = 1_800
SECRETS = {
    "client_secret",
    "refresh_token",
    "access_token",
    "token",
    "code",
    "code_verifier",
    "client_id",
    "grant_type",
}
CODE_REFUSED = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. "
    "Or authorization code expired."
)


class TokenRefusal(errors.Refusal):
    """A refusal of the token host, whose bodies have a shape of their own."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status, description)
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True)
class Code:
    """What a member agreed to: a token of this scope, for the application that can prove itself."""

    redirect_uri: str
    scope: str
    challenge: str | None
    issued_at: float

    def fits(self, form: dict[str, str], now: float) -> bool:
        """Whether a form may redeem it; with a challenge by the verifier, else by the secret, checked before."""
        proof = challenge_of(form["code_verifier"]) if "code_verifier" in form else None
        is_young = now < self.issued_at + CODE_LIFE_S
        return is_young and form.get("redirect_uri") == self.redirect_uri and proof == self.challenge


@dataclass
class Tokens:
    """Which tokens were issued, with which scope, and what became of each: active, expired or revoked.

    `clock` tells epoch seconds. Tokens issued from then on live `access_life_s`, and for `settling_s` are not known
    yet; with `rotates` every refresh gives a new refresh token, and the one before is dead.
    """

    client_id: str
    client_secret: str
    scope: str
    refresh_token: str | None
    clock: Callable[[], float] = time.time
    access_life_s: int = ACCESS_LIFE_S
    settling_s: int = 0
    rotates: bool = False
    refresh_ends_at: float | None = None
    states: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, str] = field(default_factory=dict)
    issued_at: dict[str, int] = field(default_factory=dict)
    known_from: dict[str, int] = field(default_factory=dict)
    ends_at: dict[str, int] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def accept(self, token: str, scope: str | None = None) -> str:
        """Let a token in, with this scope or the application's first."""
        with self._lock:
            self.states[token] = "active"
            self.scopes[token] = scope or self.scope
            self._date(token, int(self.clock()), ACCESS_LIFE_S)
        return token

    def _date(self, token: str, now: int, life_s: int) -> None:
        self.issued_at[token] = now
        self.ends_at[token] = now + life_s

    def issue_code(self, redirect_uri: str, scope: str, challenge: str | None = None) -> str:
        """A code such as a member's consent sends to the application; it works once."""
        code = "AQ" + secrets.token_urlsafe(66)
        self.codes[code] = Code(redirect_uri, scope, challenge, self.clock())
        return code

    def end_all(self, state: str) -> None:
        """Make every access token issued so far expired or revoked."""
        with self._lock:
            self.states = dict.fromkeys(self.states, state)

    def check(self, authorization: str | None) -> str:
        """The scope of the token that the Authorization header carries; 401 unless it is good now."""
        if authorization is None:
            raise errors.empty_token()
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer":
            raise errors.unknown_scheme()
        if not token.strip():
            raise errors.empty_bearer()
        state = self._state(token)
        if state == "expired":
            raise errors.expired_token()
        if state == "revoked" or self.clock() < self.known_from.get(token, 0):
            raise errors.revoked_token()
        if state is None:
            raise errors.invalid_token()
        return self.scopes[token]

    def _state(self, token: str) -> str | None:
        state = self.states.get(token)
        return "expired" if state == "active" and self.clock() >= self.ends_at[token] else state

    def answer(self, endpoint: str, method: str, query: str, body: bytes, headers: Message) -> dict[str, Any]:
        """The answer of ``accessToken`` or ``introspectToken``."""
        if endpoint not in ("accessToken", "introspectToken"):
            raise errors.not_found(f"/oauth/v2/{endpoint}")
        if method != "POST":
            raise TokenRefusal(405, "invalid_request", "Only POST is allowed")
        if SECRETS & parse_qs(query, keep_blank_values=True).keys():
            raise TokenRefusal(400, "invalid_request", "Parameters belong in the body, not in the URL")
        if "Content-Type" not in headers or headers.get_content_type() != FORM:
            raise TokenRefusal(400, "invalid_request", f"The body must be {FORM}")
        form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        self._check_client(form)
        if endpoint == "introspectToken":
            return self._introspect(form)
        return self._grant(form)

    def _check_client(self, form: dict[str, str]) -> None:
        # A native application has no secret: the verifier of its code stands in for it.
        is_native = form.get("grant_type") == "authorization_code" and "code_verifier" in form
        for name in ("client_id",) if is_native else ("client_id", "client_secret"):
            if name not in form:
                raise TokenRefusal(400, "invalid_request", f'A required parameter "{name}" is missing')
        if form["client_id"] != self.client_id:
            raise TokenRefusal(400, "invalid_client_id", "The passed in client_id is invalid")
        if is_native and "client_secret" in form:
            raise TokenRefusal(400, "invalid_request", "A native application has no client_secret")
        if not is_native and form["client_secret"] != self.client_secret:
            raise TokenRefusal(401, "invalid_client", "Client authentication failed")

    def _grant(self, form: dict[str, str]) -> dict[str, Any]:
        kind, scope = form.get("grant_type"), self.scope
        if kind == "refresh_token":
            if (
                self.refresh_token is None
                or form.get("refresh_token") != self.refresh_token
                or self._refresh_life() <= 0
            ):
                message = "The provided authorization grant or refresh token is invalid, expired or revoked."
                raise TokenRefusal(400, "invalid_grant", message)
        elif kind == "authorization_code":
            code = self.codes.pop(form.get("code", ""), None)
            if code is None or not code.fits(form, self.clock()):
                raise TokenRefusal(400, "invalid_request", CODE_REFUSED)
            scope = code.scope
        else:
            raise TokenRefusal(400, "unsupported_grant_type", "The grant type is not supported")
        if self.rotates:
            self.refresh_token = "AQ" + secrets.token_urlsafe(366)
        return self._issue(scope)

    def _issue(self, scope: str) -> dict[str, Any]:
        token, refresh_life_s = self.accept("AQ" + secrets.token_urlsafe(366), scope), self._refresh_life()
        life_s = min(self.access_life_s, refresh_life_s)
        with self._lock:
            self._date(token, self.issued_at[token], life_s)
            self.known_from[token] = self.issued_at[token] + self.settling_s
        given = {"access_token": token, "expires_in": life_s, "scope": scope}
        if self.refresh_token is None:
            return given
        return {**given, "refresh_token": self.refresh_token, "refresh_token_expires_in": refresh_life_s}

    def _refresh_life(self) -> int:
        """Seconds that the refresh token has left; they run from the member's consent, whatever is refreshed."""
        return REFRESH_LIFE_S if self.refresh_ends_at is None else int(self.refresh_ends_at - self.clock())

    def _introspect(self, form: dict[str, str]) -> dict[str, Any]:
        token = form.get("token", "")
        if not token:
            raise TokenRefusal(400, "invalid_request", 'A required parameter "token" is missing')
        state = self._state(token)
        if state is None:
            return {"active": False}
        return {
            "active": state == "active",
            "status": state,
            "scope": self.scopes[token],
            "client_id": self.client_id,
            "created_at": self.issued_at[token],
            "authorized_at": self.issued_at[token],
            "expires_at": self.ends_at[token],
            "auth_type": "3L",
        }


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a code verifier; see RFC 7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
