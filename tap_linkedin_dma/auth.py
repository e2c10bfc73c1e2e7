"""The access token: sending it, and getting another one.

Only the Authorization header of a request is set. The SDK's own authenticators rewrite the query
string on the way, and LinkedIn refuses `List(a,b)` once its parentheses are encoded.

Source: https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import requests
from requests.auth import AuthBase

from tap_linkedin_dma.errors import ServerFault, TokenRejected
from tap_linkedin_dma.pacing import Clock, retry

_FRESH_FOR = 60
"""Seconds in which a new token may still be unknown to some of LinkedIn's servers."""

_TIMEOUT = 60


class BearerToken(AuthBase):
    """Sets the Authorization header; renews the token at most once in a run.

    Args:
        config: the tap's settings: `access_token`, or `client_id`, `client_secret` and `refresh_token`.
        clock: where the time comes from.
    """

    def __init__(self, config: Mapping[str, Any], clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._token: str | None = config.get("access_token") or None
        self._issued_at: float | None = None
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        with self._lock:
            if self._token is None:
                self._refresh()
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    @property
    def is_fresh(self) -> bool:
        """Whether the token was issued so lately that a refusal of it need not be true."""
        return self._issued_at is not None and self._clock.monotonic() - self._issued_at < _FRESH_FOR

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Get another token in place of the one that this request was refused with.

        Returns:
            Whether there is another token now, perhaps since another thread has got it already.

        Raises:
            TokenRejected: where LinkedIn does not give one.
        """
        with self._lock:
            if refused.headers.get("Authorization") != f"Bearer {self._token}":
                return True
            if self._issued_at is not None or not self._config.get("refresh_token"):
                return False
            self._refresh()
            return True

    def _refresh(self) -> None:
        reply = self._ask_for_token()
        self._token = str(reply["access_token"]).strip()
        self._issued_at = self._clock.monotonic()

    def _ask_for_token(self) -> Mapping[str, Any]:
        ask = retry(self._post, ServerFault, tries=4, wait=lambda _, tries: self._clock.sleep(2.0**tries))
        return ask()

    def _post(self) -> Mapping[str, Any]:
        form = {name: self._config[name] for name in ("client_id", "client_secret", "refresh_token")}
        form["grant_type"] = "refresh_token"
        url = f"{self._config['oauth_url']}/accessToken"
        try:
            response = requests.post(url, data=form, auth=_no_auth, timeout=_TIMEOUT, allow_redirects=False)
        except requests.RequestException as fault:
            msg = f"LinkedIn's token host did not answer ({type(fault).__name__}). Try again later."
            raise ServerFault(msg) from None
        if response.status_code >= 500:
            msg = f"LinkedIn's token host failed ({response.status_code}). Try again later."
            raise ServerFault(msg, response.status_code)
        try:
            reply = response.json()
        except ValueError:
            reply = None
        if isinstance(reply, Mapping) and response.status_code == requests.codes.ok and reply.get("access_token"):
            return reply
        raise TokenRejected(_refusal(reply if isinstance(reply, Mapping) else {}))


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding what a .netrc file may hold for this host."""
    return request


def _refusal(reply: Mapping[str, Any]) -> str:
    """What a refused refresh means, told from LinkedIn's own words for it."""
    words = f"{reply.get('error', '')} {reply.get('error_description', '')}".lower()
    # The standard's words for a dead grant speak of "another client" too.
    if "client" in words and "invalid_grant" not in words:
        return "LinkedIn does not know this client. Check the settings client_id and client_secret."
    return "LinkedIn refused the refresh token. Log in again and set a new refresh_token, or an access_token."
