"""The page on which a member lets an application in: who is asked for what, and where the browser goes then.

Sources: https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow and
https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow-native
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from .oauth import Tokens

STANDARD = "/oauth/v2/authorization"
NATIVE = "/oauth/native-pkce/authorization"
SUBMIT = "/oauth/v2/authorization-submit"

REQUIRED = {"response_type", "client_id", "redirect_uri", "scope", "state"}
CHALLENGE = {"code_challenge", "code_challenge_method"}
LOOPBACK = re.compile(r"https?://(127\.0\.0\.1|\[::1\]):\d+(/\S*)?")

FRAME = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: sans-serif; max-width: 32em; margin: 4em auto">
<h1>{title}</h1>
{content}
</body>
</html>
"""
FORM = """<p>Sandbox App ({client}) would like to:</p>
<ul>{scopes}</ul>
<form method="post" action="{action}">
<input type="hidden" name="asked" value="{asked}">
<button name="answer" value="allow">Allow</button>
<button name="answer" value="cancel">Cancel</button>
</form>
<p>You will be sent to {host}.</p>"""


@dataclass(frozen=True)
class Page:
    """An answer for a browser: HTML, or a `location` to go to."""

    status: int
    html: str = ""
    location: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What it is sent with."""
        sent = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        return sent if self.location is None else {**sent, "Location": self.location}


@dataclass(frozen=True)
class Asked:
    """What an application asks a member for; without a `challenge` it has to prove itself by its secret."""

    redirect_uri: str
    scope: str
    state: str
    challenge: str | None

    def answered(self, **parameters: str) -> Page:
        """The way back to the application."""
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return Page(303, location=f"{self.redirect_uri}{joint}{urlencode({**parameters, 'state': self.state})}")


@dataclass
class Consent:
    """The page for one application, whose member is logged in.

    `redirect_urls` are those that the application has registered, `scopes` those of its products.
    """

    tokens: Tokens
    redirect_urls: Iterable[str]
    scopes: Iterable[str]
    asked: dict[str, Asked] = field(default_factory=dict)

    def answer(self, method: str, path: str, query: str, body: bytes) -> Page | None:
        """The answer at one of its addresses; None for any other."""
        if (method, path) in (("GET", STANDARD), ("GET", NATIVE)):
            return self._ask(path, query)
        if (method, path) == ("POST", SUBMIT):
            return self._take(body)
        return None

    def _ask(self, path: str, query: str) -> Page:
        try:
            given = read(query, REQUIRED | (CHALLENGE if path == NATIVE else set()))
            self._check_application(path, given)
        except ValueError as wrong:
            # Nobody is sent to an address that is not known to be the application's.
            return refused(str(wrong))
        asked = Asked(given["redirect_uri"], given["scope"], given["state"], given.get("code_challenge"))
        if given["response_type"] != "code":
            return asked.answered(error="unsupported_response_type", error_description="response_type must be code")
        unknown = [scope for scope in asked.scope.split() if scope not in self.scopes]
        if unknown or not asked.scope.split():
            text = f'Scope "{" ".join(unknown)}" is not authorized for your application'
            return asked.answered(error="unauthorized_scope_error", error_description=text)
        return self._page(asked)

    def _check_application(self, path: str, given: Mapping[str, str]) -> None:
        if given["client_id"] != self.tokens.client_id:
            raise ValueError("The passed in client_id is invalid")
        uri = given["redirect_uri"]
        plain = uri.partition("?")[0]
        fits = LOOPBACK.fullmatch(plain) if path == NATIVE else plain in self.redirect_urls
        if not fits or "#" in uri:
            raise ValueError("The redirect_uri does not match the registered value")
        if path == NATIVE and not (
            given["code_challenge_method"] == "S256" and re.fullmatch(r"[\w-]{43}", given["code_challenge"])
        ):
            raise ValueError("The code_challenge must be the S256 of a code_verifier")

    def _page(self, asked: Asked) -> Page:
        name = secrets.token_urlsafe(16)
        self.asked[name] = asked
        scopes = "".join(f"<li>{escape(scope)}</li>" for scope in asked.scope.split())
        host = escape(urlsplit(asked.redirect_uri).netloc)
        content = FORM.format(client=self.tokens.client_id, scopes=scopes, action=SUBMIT, asked=name, host=host)
        return Page(200, FRAME.format(title="Sign in to the sandbox", content=content))

    def _take(self, body: bytes) -> Page:
        try:
            form = read(body.decode("ascii", "replace"), {"asked", "answer"})
            asked = self.asked.pop(form["asked"])
        except (ValueError, KeyError):
            return refused("This page has been answered before, or never was")
        if form["answer"] == "allow":
            return asked.answered(code=self.tokens.issue_code(asked.redirect_uri, asked.scope, asked.challenge))
        text = "The user cancelled the authorization"
        return asked.answered(error="user_cancelled_authorize", error_description=text)


def refused(why: str) -> Page:
    """A page that says what is wrong with the request."""
    return Page(400, FRAME.format(title="Bummer, something went wrong.", content=f"<p>{escape(why)}.</p>"))


def read(text: str, names: set[str]) -> dict[str, str]:
    """Parameters, each of these names once and no others; a ValueError says what is missing or strange."""
    pairs = parse_qsl(text, keep_blank_values=True)
    given = dict(pairs)
    if len(given) < len(pairs):
        raise ValueError("A parameter is given twice")
    if missing := sorted(name for name in names if not given.get(name)):
        raise ValueError(f'A required parameter "{missing[0]}" is missing')
    if strange := sorted(given.keys() - names):
        raise ValueError(f'The parameter "{strange[0]}" is not known')
    return given
