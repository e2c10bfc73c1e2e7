"""An access token with its refresh token, times and scope, as one immutable value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tap_linkedin_dma.api.errors import TokenRejected

_MARGIN = 300
"""Seconds before its end at which a token is renewed; fewer for a short-lived one."""

_SENDABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Tokens:
    """Tokens that LinkedIn issued together. Times are epoch seconds, None if LinkedIn did not say.

    Args:
        access_token: the one that requests carry.
        obtained_at: when LinkedIn issued it; None for one from the settings.
        expires_at: when it ends.
        refresh_token: the one that gets a new access token.
        refresh_token_expires_at: when that ends.
        scope: the access token's scopes, in LinkedIn's words.
    """

    access_token: str | None = None
    obtained_at: int | None = None
    expires_at: int | None = None
    refresh_token: str | None = None
    refresh_token_expires_at: int | None = None
    scope: str | None = None

    @property
    def renew_at(self) -> float | None:
        """When the access token should be renewed, in epoch seconds; None if its end is not known."""
        if self.expires_at is None:
            return None
        life = self.expires_at - (self.obtained_at or 0)
        return self.expires_at - min(_MARGIN, life / 10)

    def renewed(self, reply: Mapping[str, Any], now: int) -> Tokens:
        """These tokens with the values that an answer of LinkedIn's token endpoint replaces.

        Raises:
            TokenRejected: if it has no access token.
        """
        access_token = clean_token(reply.get("access_token"))
        if access_token is None:
            msg = "LinkedIn's token host answered without an access token. Check the setting oauth_url."
            raise TokenRejected(msg)
        renewed = replace(
            self,
            access_token=access_token,
            obtained_at=now,
            expires_at=_later(now, reply.get("expires_in")),
            scope=scope if isinstance(scope := reply.get("scope"), str) else self.scope,
        )
        ends = _later(now, reply.get("refresh_token_expires_in"))
        refresh_token = clean_token(reply.get("refresh_token"))
        if refresh_token in (None, self.refresh_token):
            return replace(renewed, refresh_token_expires_at=ends or self.refresh_token_expires_at)
        return replace(renewed, refresh_token=refresh_token, refresh_token_expires_at=ends)


def clean_token(token: object) -> str | None:
    """A token without the white space around it; None if there is none, or a header cannot hold it."""
    text = token.strip() if isinstance(token, str) else ""
    return text if _SENDABLE.fullmatch(text) else None


def _later(now: int, seconds: object) -> int | None:
    """The time that many seconds from now; None unless they are a whole number, which may come as text."""
    text = str(seconds)
    return now + int(text) if re.fullmatch(r"[1-9]\d{0,9}", text) else None
