"""LinkedIn's token endpoints, for one application and one member.

Source: https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qs

from . import errors
from .gate import FORM

ACCESS_LIFE_S = 5_184_000
REFRESH_LIFE_S = 31_536_000
SECRETS = {"client_secret", "refresh_token", "access_token", "token", "code", "client_id", "grant_type"}


class TokenRefusal(errors.Refusal):
    """A refusal of the token host, whose bodies have a shape of their own."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status, description)
        self.body = {"error": error, "error_description": description}


@dataclass
class Tokens:
    """Which tokens were issued, with which scope, and what became of each: active, expired or revoked."""

    client_id: str
    client_secret: str
    scope: str
    refresh_token: str | None
    states: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, str] = field(default_factory=dict)
    issued_at: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def accept(self, token: str, scope: str | None = None) -> str:
        """Let a token in, with this scope or the application's first."""
        with self._lock:
            self.states[token] = "active"
            self.scopes[token] = scope or self.scope
            self.issued_at[token] = int(time.time())
        return token

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
        state = self.states.get(token)
        if state == "expired":
            raise errors.expired_token()
        if state == "revoked":
            raise errors.revoked_token()
        if state is None:
            raise errors.invalid_token()
        return self.scopes[token]

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
        for name in ("client_id", "client_secret"):
            if name not in form:
                raise TokenRefusal(400, "invalid_request", f'A required parameter "{name}" is missing')
        if form["client_id"] != self.client_id:
            raise TokenRefusal(400, "invalid_client_id", "The passed in client_id is invalid")
        if form["client_secret"] != self.client_secret:
            raise TokenRefusal(401, "invalid_client", "Client authentication failed")

    def _grant(self, form: dict[str, str]) -> dict[str, Any]:
        kind = form.get("grant_type")
        if kind == "refresh_token":
            if self.refresh_token is None or form.get("refresh_token") != self.refresh_token:
                message = "The provided authorization grant or refresh token is invalid, expired or revoked."
                raise TokenRefusal(400, "invalid_grant", message)
        elif kind == "authorization_code":
            if self.codes.pop(form.get("code", ""), None) != form.get("redirect_uri", ""):
                message = "Unable to retrieve access token: redirect uri does not match, or code not found"
                raise TokenRefusal(400, "invalid_request", message)
        else:
            raise TokenRefusal(400, "unsupported_grant_type", "The grant type is not supported")
        return {
            "access_token": self.accept("AQ" + secrets.token_urlsafe(366)),
            "expires_in": ACCESS_LIFE_S,
            "refresh_token": self.refresh_token,
            "refresh_token_expires_in": REFRESH_LIFE_S,
            "scope": self.scope,
        }

    def _introspect(self, form: dict[str, str]) -> dict[str, Any]:
        token = form.get("token", "")
        if not token:
            raise TokenRefusal(400, "invalid_request", 'A required parameter "token" is missing')
        state, issued = self.states.get(token), self.issued_at.get(token, 0)
        if state is None:
            return {"active": False}
        return {
            "active": state == "active",
            "status": state,
            "scope": self.scopes[token],
            "client_id": self.client_id,
            "created_at": issued,
            "authorized_at": issued,
            "expires_at": issued + ACCESS_LIFE_S,
            "auth_type": "3L",
        }
