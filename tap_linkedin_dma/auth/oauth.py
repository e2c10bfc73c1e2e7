"""Requests to LinkedIn's token endpoints: for an access token, and for its status and scopes.

The client secret, tokens and codes are sent there in the body of a POST, and nowhere else.

Sources: https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens,
https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow and
https://learn.microsoft.com/en-us/linkedin/shared/authentication/token-introspection
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import backoff
import requests

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import LOG_IN, ServerFault, TokenRejected
from tap_linkedin_dma.api.json_bodies import parsed
from tap_linkedin_dma.api.transport import Transport, distrust, new_session

_TRIES = 4

_REFRESH_REFUSED = f"LinkedIn refused the refresh token. {LOG_IN}, or set a new refresh_token or access_token."
_CODE_REFUSED = (
    "LinkedIn gave no token for the code that it sent to {redirect_url}: a code works once, for 30 minutes, and only "
    "for this redirect URL. Log in again."
)
_NOT_REVOKED = "LinkedIn did not revoke the token."
_TOKEN_REFUSED = "LinkedIn's token host does not say if the access token is valid."  # noqa: S105, no token


def refresh(config: Mapping[str, Any], refresh_token: str, clock: Clock) -> Mapping[str, Any]:
    """LinkedIn's answer to a refresh token.

    Args:
        config: the tap's settings: `oauth_url`, `client_id`, `client_secret`, `request_timeout`, `longest_wait`.
        refresh_token: the latest one.
        clock: for the waits between tries.

    Raises:
        TokenRejected: if LinkedIn did not answer, or refused; the message names the setting to check.
    """
    form = {**_client(config), "refresh_token": refresh_token, "grant_type": "refresh_token"}
    return _with_token(_ask(config, "accessToken", form, clock, _REFRESH_REFUSED))


def exchange_code(
    config: Mapping[str, Any], code: str, redirect_url: str, verifier: str | None, clock: Clock
) -> Mapping[str, Any]:
    """LinkedIn's answer to the code that a member's consent gave.

    Args:
        config: as above.
        code: it works once.
        redirect_url: where LinkedIn sent the code.
        verifier: proves a native application in place of the secret; None for any other.
        clock: as above.

    Raises:
        TokenRejected: as above.
    """
    native = {"client_id": config["client_id"], "code_verifier": verifier}
    form = {
        **(_client(config) if verifier is None else native),
        "code": code,
        "redirect_uri": redirect_url,
        "grant_type": "authorization_code",
    }
    refused = _CODE_REFUSED.format(redirect_url=redirect_url)
    return _with_token(_ask(config, "accessToken", form, clock, refused))


def introspect(config: Mapping[str, Any], token: str, clock: Clock) -> Mapping[str, Any]:
    """LinkedIn's report on an access token: `active`, and for one of this client `status`, `scope`, `expires_at`.

    Args:
        config: as above.
        token: an access token.
        clock: as above.

    Raises:
        TokenRejected: if LinkedIn does not give one.
    """
    return _ask(config, "introspectToken", {**_client(config), "token": token}, clock, _TOKEN_REFUSED)


def revoke(config: Mapping[str, Any], token: str, clock: Clock) -> None:
    """Ask LinkedIn to make a token worthless.

    LinkedIn documents no such endpoint; public clients of its API use this one.

    Args:
        config: as above.
        token: an access token or a refresh token.
        clock: as above.

    Raises:
        TokenRejected: if LinkedIn does not say that it did.
    """
    _ask(config, "revoke", {**_client(config), "token": token}, clock, _NOT_REVOKED)


def has_client(config: Mapping[str, Any]) -> bool:
    """Whether the settings have what LinkedIn asks for before it reports on a token."""
    return bool(config.get("client_id") and config.get("client_secret"))


def _client(config: Mapping[str, Any]) -> dict[str, str]:
    return {name: config[name] for name in ("client_id", "client_secret")}


def _ask(
    config: Mapping[str, Any], endpoint: str, form: Mapping[str, str], clock: Clock, refused: str
) -> Mapping[str, Any]:
    post = partial(_post, f"{config['oauth_url']}/{endpoint}", form, float(config["request_timeout"]), refused)
    lengths = backoff.expo(factor=2, max_value=float(config["longest_wait"]))
    next(lengths)  # the first item is for backoff itself

    def wait(_: Exception) -> float:
        clock.sleep(next(lengths))
        return 0.0  # for backoff, which would sleep by the machine's clock

    retrying = backoff.on_exception(
        backoff.runtime, ServerFault, value=wait, jitter=None, max_tries=_TRIES, logger=None
    )
    try:
        return retrying(post)()
    except ServerFault as fault:
        raise TokenRejected(str(fault)) from None


def _post(url: str, form: Mapping[str, str], seconds: float, refused: str) -> Mapping[str, Any]:
    try:
        with new_session(Transport(seconds)) as session:
            response = session.post(url, data=form, auth=_no_auth, allow_redirects=False)
    except OSError as fault:  # the errors of requests too
        if sentence := distrust(fault):
            raise TokenRejected(sentence) from None
        msg = f"LinkedIn's token host did not answer ({type(fault).__name__}). Try again later."
        raise ServerFault(msg) from None
    if response.status_code >= 500 or response.status_code == requests.codes.too_many_requests:
        msg = f"LinkedIn's token host failed ({response.status_code}). Try again later."
        raise ServerFault(msg, response.status_code)
    if response.status_code == requests.codes.ok and not response.content:
        return {}
    reply = parsed(response)
    if isinstance(reply, dict) and response.status_code == requests.codes.ok:
        return reply
    is_refusal = isinstance(reply, dict) and "error" in reply
    raise (
        TokenRejected(_refusal(cast("dict[str, Any]", reply), refused))
        if is_refusal
        else _no_token(response.status_code)
    )


def _with_token(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    if not reply.get("access_token"):
        raise _no_token(requests.codes.ok)
    return reply


def _no_token(status: int) -> TokenRejected:
    return TokenRejected(f"LinkedIn's token host answered without a token ({status}). Check the setting oauth_url.")


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding a password that a .netrc file may hold for this host."""
    return request


def _refusal(reply: Mapping[str, Any], refused: str) -> str:
    """The sentence for a refusal, by LinkedIn's own words."""
    words = f"{reply['error']} {reply.get('error_description', '')}".lower()
    # The standard's words for a dead grant speak of "another client" too.
    if "client" in words and "invalid_grant" not in words:
        return "LinkedIn does not know this client. Check the settings client_id and client_secret."
    return refused
