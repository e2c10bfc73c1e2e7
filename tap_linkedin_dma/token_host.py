"""Asking LinkedIn's token endpoint for another access token.

The client's secret and the refresh token go there in the body of a POST, and nowhere else.

Source: https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import requests

from tap_linkedin_dma.errors import Passing, ServerFault, TokenRejected
from tap_linkedin_dma.pacing import Clock, retry

_TRIES = 4


def refresh(config: Mapping[str, Any], refresh_token: str, clock: Clock) -> Mapping[str, Any]:
    """LinkedIn's answer to a refresh token.

    Args:
        config: the tap's settings: `oauth_url`, `client_id`, `client_secret`, `request_timeout`, `longest_wait`.
        refresh_token: as it came last.
        clock: what is waited by between two tries.

    Raises:
        TokenRejected: where none could be had, or it is a no; the message says which setting to look at.
    """
    form = {
        "client_id": config["client_id"],
        "client_secret": config["client_secret"],
        "refresh_token": refresh_token,
        "grant_type": "refresh_token",
    }
    url = f"{config['oauth_url']}/accessToken"
    seconds, longest_wait = float(config["request_timeout"]), float(config["longest_wait"])

    def wait(_: Passing, tries: int) -> None:
        clock.sleep(min(2.0**tries, longest_wait))

    ask = retry(partial(_post, url, form, seconds), ServerFault, tries=_TRIES, wait=wait)
    try:
        return ask()
    except ServerFault as fault:
        raise TokenRejected(str(fault)) from None


def _post(url: str, form: Mapping[str, str], seconds: float) -> Mapping[str, Any]:
    try:
        response = requests.post(url, data=form, auth=_no_auth, timeout=seconds, allow_redirects=False)
    except requests.RequestException as fault:
        msg = f"LinkedIn's token host did not answer ({type(fault).__name__}). Try again later."
        raise ServerFault(msg) from None
    if response.status_code >= 500 or response.status_code == requests.codes.too_many_requests:
        msg = f"LinkedIn's token host failed ({response.status_code}). Try again later."
        raise ServerFault(msg, response.status_code)
    try:
        reply = response.json()
    except ValueError:
        reply = None
    if isinstance(reply, Mapping) and response.status_code == requests.codes.ok and reply.get("access_token"):
        return reply
    if not isinstance(reply, Mapping) or "error" not in reply:
        msg = f"LinkedIn's token host answered without a token ({response.status_code}). Check the setting oauth_url."
        raise TokenRejected(msg)
    raise TokenRejected(_refusal(reply))


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from adding what a .netrc file may hold for this host."""
    return request


def _refusal(reply: Mapping[str, Any]) -> str:
    """What a refused refresh means, told from LinkedIn's own words for it."""
    words = f"{reply['error']} {reply.get('error_description', '')}".lower()
    # The standard's words for a dead grant speak of "another client" too.
    if "client" in words and "invalid_grant" not in words:
        return "LinkedIn does not know this client. Check the settings client_id and client_secret."
    return "LinkedIn refused the refresh token. Log in again and set a new refresh_token, or an access_token."
