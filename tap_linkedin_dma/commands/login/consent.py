"""A member's consent: the address of LinkedIn's consent page, and the code that it sends back.

Sources: https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow and
https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow-native
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from tap_linkedin_dma.api.errors import TokenRejected


class ConsentRefused(TokenRejected):
    """The member did not agree."""


@dataclass(frozen=True)
class Consent:
    """One request for consent.

    Args:
        oauth_url: the setting.
        client_id: the setting.
        scope: the scopes asked for, separated by spaces; LinkedIn grants all or none.
        redirect_url: where LinkedIn's page sends the browser; registered with the app, unless it is a native one.
        is_native: whether LinkedIn has enabled the app for PKCE, which needs no secret.
    """

    oauth_url: str
    client_id: str
    scope: str
    redirect_url: str
    is_native: bool = False
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64))

    @property
    def verifier(self) -> str | None:
        """The PKCE verifier with which a native app exchanges its code."""
        return self._verifier if self.is_native else None

    @property
    def url(self) -> str:
        """The address of LinkedIn's consent page."""
        params = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_url,
            "scope": self.scope,
            "state": self.state,
        }
        address = f"{self.oauth_url}/authorization"
        if self.is_native:
            address = urljoin(self.oauth_url, "native-pkce/authorization")
            digest = hashlib.sha256(self._verifier.encode()).digest()
            params["code_challenge"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            params["code_challenge_method"] = "S256"
        return f"{address}?{urlencode(params, quote_via=quote)}"

    def is_answered_by(self, address: str) -> bool:
        """Whether an address answers this request, by its state: any other page could lead there too.

        The address of LinkedIn's page, which people paste, has the state too, and no answer.
        """
        given = _given(address)
        return self._is_ours(given.get("state", "")) and not given.keys().isdisjoint(("code", "error"))

    def _is_ours(self, state: str) -> bool:
        return secrets.compare_digest(state.encode(errors="surrogatepass"), self.state.encode())

    def code(self, address: str) -> str:
        """The code in the address that the browser was sent to.

        Raises:
            TokenRejected: if there is none; the sentence says what to do.
        """
        given = _given(address)
        if "state" not in given:
            msg = "The browser came back without LinkedIn's answer. Log in again, and agree on the page that opens."
            raise TokenRejected(msg)
        if not self._is_ours(given["state"]):
            msg = "The answer belongs to another login (its state differs). Close older tabs of it and log in again."
            raise TokenRejected(msg)
        if not re.fullmatch(r"[!-~]+", given.get("code", "")):
            raise self._refusal(given.get("error", ""))
        return given["code"]

    def _refusal(self, error: str) -> TokenRejected:
        if error in ("user_cancelled_login", "user_cancelled_authorize", "access_denied"):
            return ConsentRefused(
                "The member did not agree. Log in again and allow it: LinkedIn grants all of the scopes, or none."
            )
        if "scope" in error:
            return TokenRejected(
                f"LinkedIn does not let this app ask for {self.scope}. On the Products tab of your app at LinkedIn, "
                "request the product that has this scope, or ask for another scope with --scope."
            )
        said = error if re.fullmatch(r"[a-z_]+", error) else "no code"
        return TokenRejected(
            f"LinkedIn's page did not accept the app ({said}). Check the Auth tab of your app at LinkedIn, and log in "
            "again."
        )


def _given(address: str) -> dict[str, str]:
    """The parameters in an address; none if the text is not an address."""
    try:
        return dict(parse_qsl(urlsplit(address.strip()).query))
    except ValueError:
        return {}
