"""The access token: sends it, and renews it in time.

Only the Authorization header of a request is set. The SDK's own authenticators rewrite the query
string on the way, and LinkedIn refuses `List(a,b)` once its parentheses are encoded.

Source: https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import pendulum
import requests
from requests.auth import AuthBase

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import LOG_IN, TokenRejected
from tap_linkedin_dma.auth import oauth
from tap_linkedin_dma.auth.scopes import reject_mixed_scopes
from tap_linkedin_dma.auth.token_file import TokenFile
from tap_linkedin_dma.auth.tokens import Tokens
from tap_linkedin_dma.privacy import log_masking

_FRESH_FOR = 60
"""Seconds during which some of LinkedIn's servers may not know a new token."""

_WARN_BEFORE = 30 * 24 * 60 * 60
"""Seconds before a token ends at which a run begins to warn."""

logger = logging.getLogger("tap-linkedin-dma.auth")


class BearerToken(AuthBase):
    """Sets the Authorization header, and renews the token: shortly before it ends, or when it is refused.

    All threads of a run share it. While one gets a new token, the others wait, and then use it.

    Args:
        config: the tap's settings: `access_token`, or `client_id`, `client_secret` and `refresh_token`, or a
            `token_file` that has them.
        clock: where the time comes from.
    """

    def __init__(self, config: Mapping[str, Any], clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._file = TokenFile(config, clock) if config.get("token_file") else None
        self._tokens = Tokens(config.get("access_token") or None, refresh_token=config.get("refresh_token") or None)
        self._is_begun = False
        self._is_own = False
        """Whether the token was issued to this run."""
        self._is_proven = False
        """Whether LinkedIn has answered a request with this run's own token."""
        self._not_before = 0.0
        self._renewed_for: WeakSet[requests.PreparedRequest] = WeakSet()
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # A request that gets no token must not look as if it had been refused with one.
        request.headers.pop("Authorization", None)
        with self._lock:
            self._begin()
            if self._tokens.access_token is None:
                self._renew()
            elif self._is_due():
                self._renew_early()
            request.headers["Authorization"] = self._header
        if self._look not in request.hooks["response"]:
            request.hooks["response"].append(self._look)
        return request

    @property
    def is_fresh(self) -> bool:
        """Whether the token was issued so recently that a refusal of it may be wrong."""
        issued = self._tokens.obtained_at
        return issued is not None and 0 <= self._now() - issued < _FRESH_FOR

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Replace the token that this request was refused with.

        A request gets at most one new token, and a token of this run that LinkedIn has never accepted is not
        replaced: a refusal that persists must end the run.

        Returns:
            Whether there is a new token now, perhaps because another thread has already got it.

        Raises:
            TokenRejected: if LinkedIn does not give one.
        """
        sent = refused.headers.get("Authorization")
        with self._lock:
            if sent is None or refused in self._renewed_for:
                return False
            if sent != self._header:
                return True
            if (self._is_own and not self._is_proven) or not self.can_renew:
                return False
            if self._renew():
                self._renewed_for.add(refused)
            return True

    @property
    def _header(self) -> str:
        return f"Bearer {self._tokens.access_token}"

    @property
    def tokens(self) -> Tokens:
        """The tokens in use: those of the settings, or of the file if that has newer ones."""
        with self._lock:
            self._begin()
            return self._tokens

    def ask_for_scopes(self) -> None:
        """Ask LinkedIn for the scopes of a token that was pasted into the settings, if it would say.

        Raises:
            MixedScopes: see `reject_mixed_scopes`.
        """
        tokens = self.tokens
        if not tokens.access_token or tokens.scope or not oauth.has_client(self._config):
            return
        try:
            told = oauth.introspect(self._config, tokens.access_token, self._clock)
        except TokenRejected as refused:
            logger.info("The scopes of the access token are not known. %s", refused)
            return
        reject_mixed_scopes(told.get("scope"), self._config)

    @property
    def can_renew(self) -> bool:
        """Whether a new token can be had without a login."""
        return bool(self._tokens.refresh_token and self._config.get("client_id") and self._config.get("client_secret"))

    def _look(self, response: requests.Response, **_: Any) -> None:
        if response.ok and response.request.headers.get("Authorization") == self._header:
            self._is_proven = True

    def _begin(self) -> None:
        if self._file and not self._is_begun:
            self._use(self._file.tokens())
        self._is_begun = True

    def _is_due(self) -> bool:
        renew_at = self._tokens.renew_at
        return renew_at is not None and self.can_renew and self._now() >= max(renew_at, self._not_before)

    def _renew_early(self) -> None:
        """Renew a token that is still valid; if that fails, the run goes on until the token ends."""
        try:
            self._renew()
        except TokenRejected as rejected:
            ends = self._tokens.expires_at or 0
            if self._now() >= ends:
                raise
            logger.warning("The access token could not be renewed: the tap uses it until it expires. %s", rejected)
            self._not_before = ends

    def _renew(self) -> bool:
        """Get a new token; whether it was issued to this run, and not to another one that uses the same file."""
        with self._alone():
            if self._file and self._has_newer(stored := self._file.tokens()):
                # The refresh token that this run knows may no longer be valid.
                self._is_own = False
                self._use(stored)
                return False
            if not self.can_renew:
                held = f"The token_file {self._file.path} holds" if self._file else "The settings hold"
                msg = f"{held} no access token, and nothing to get one with. {LOG_IN}, or set an access_token."
                raise TokenRejected(msg)
            reply = oauth.refresh(self._config, str(self._tokens.refresh_token), self._clock)
            renewed = self._tokens.renewed(reply, int(self._now()))
            self._is_own, self._is_proven = True, False
            self._use(renewed)
            self._keep()
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._file is None:
            yield
            return
        with self._file.locked():
            yield

    def _has_newer(self, stored: Tokens) -> bool:
        is_newer = (stored.obtained_at or 0) > (self._tokens.obtained_at or 0)
        return bool(stored.access_token) and is_newer and self._now() < (stored.renew_at or float("inf"))

    def _keep(self) -> None:
        if self._file is None:
            return
        try:
            self._file.write(self._tokens)
        except OSError as fault:
            logger.warning(
                "The new tokens could not be written to the token_file %s (%s). If LinkedIn gave a new refresh token, "
                "it is lost when this run ends. %s after the run.",
                self._file.path,
                fault.strerror,
                LOG_IN,
            )

    def _use(self, tokens: Tokens) -> None:
        log_masking.register_secret(tokens.access_token, tokens.refresh_token)
        reject_mixed_scopes(tokens.scope, self._config)
        self._tokens = tokens
        if self.can_renew:
            self._warn("refresh token", tokens.refresh_token_expires_at, "set the new refresh_token")
        else:
            self._warn("access token", tokens.expires_at, "set the new access_token")

    def _warn(self, what: str, ends_at: int | None, then: str) -> None:
        """Warn once a run that a token which is not renewed will end."""
        if ends_at is None or ends_at - self._now() > _WARN_BEFORE or what in self._warned:
            return
        self._warned.add(what)
        day = pendulum.from_timestamp(ends_at).to_date_string()
        logger.warning(
            "LinkedIn's %s expires on %s, and nothing renews it. %s before that day, or %s.", what, day, LOG_IN, then
        )

    def _now(self) -> float:
        return self._clock.now().timestamp()
