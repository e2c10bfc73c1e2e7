"""`tap-linkedin-dma login`: a member gives consent in a browser, and the token is kept."""

from __future__ import annotations

import webbrowser

import click
import pendulum

from tap_linkedin_dma.api.errors import TokenRejected
from tap_linkedin_dma.api.products import MEMBER, PAGES
from tap_linkedin_dma.auth import oauth
from tap_linkedin_dma.auth.token_file import TokenFile
from tap_linkedin_dma.auth.tokens import Tokens
from tap_linkedin_dma.commands.config_option import CommandTap, TokenlessTap, configured
from tap_linkedin_dma.commands.login.consent import Consent
from tap_linkedin_dma.commands.login.loopback import Loopback
from tap_linkedin_dma.privacy import log_masking


@click.command(short_help="Get an access token, in a browser.")
@click.option("--scope", help=f"Scopes to ask for, separated by spaces. [default: {PAGES.scope}]")
@click.option("--member", is_flag=True, help=f"Ask for a member's own data instead: {MEMBER.scope}.")
@click.option("--port", type=click.IntRange(1, 65535), default=8400, show_default=True, help="Where to wait for it.")
@click.option("--pkce", is_flag=True, help="For an app that LinkedIn has enabled for PKCE: no client_secret is needed.")
@click.option("--no-browser", is_flag=True, help="Print the page's address, and take the address that it leads to.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=300,
    show_default=True,
    help="Seconds to wait for the browser.",
)
@configured(TokenlessTap)
def login(
    tap: CommandTap, *, scope: str | None, member: bool, port: int, pkce: bool, no_browser: bool, timeout: float
) -> None:
    """Get an access token: LinkedIn asks a member in the browser, and the answer comes back to this machine.

    The settings client_id and client_secret say for which app. LinkedIn wants to know the redirect URL beforehand:
    put http://localhost:8400/callback, with the port of --port, on the Auth tab of the app.

    The token goes into the file of the setting token_file, where one is set. Otherwise, and always with --member, it
    is printed to stdout as lines for an .env file, and all else to stderr:

        tap-linkedin-dma login --config=ENV >> .env

    No LinkedIn password is asked for here: LinkedIn's own page does that, in your own browser.
    """
    _check_client(tap, is_native=pkce)
    consent = Consent(
        oauth_url=tap.config["oauth_url"],
        client_id=tap.config["client_id"],
        scope=" ".join((scope or (MEMBER.scope if member else PAGES.scope)).replace(",", " ").split()),
        redirect_url=f"http://127.0.0.1:{port}" if pkce else f"http://localhost:{port}/callback",
        is_native=pkce,
    )
    kept_in = None if _is_of_member(consent.scope) else _file(tap)
    _tell(f"LinkedIn is asked for: {consent.scope}")
    _tell("A token with other scopes than before ends the earlier tokens of this member and app.")
    code = consent.code(_paste(consent) if no_browser else _browse(consent, timeout))
    reply = oauth.exchange_code(tap.config, code, consent.redirect_url, consent.verifier, tap.clock)
    tokens = Tokens(scope=consent.scope).renewed(reply, int(tap.clock.now().timestamp()))
    log_masking.register_secret(tokens.access_token, tokens.refresh_token)
    if kept_in:
        _keep(kept_in, tokens)
    else:
        _print(tokens)
    _tell_ends(tokens)


def _check_client(tap: CommandTap, *, is_native: bool) -> None:
    needed = ("client_id",) if is_native else ("client_id", "client_secret")
    if missing := [name for name in needed if not tap.config.get(name)]:
        msg = f"Set {' and '.join(missing)}: the Auth tab of your app at LinkedIn shows client_id and client_secret."
        raise TokenRejected(msg)


def _is_of_member(scope: str) -> bool:
    return all(name.startswith(MEMBER.scopes) for name in scope.split())


def _file(tap: CommandTap) -> TokenFile | None:
    """The token file, locked once to check that it can be written before there is a token to lose."""
    if not tap.config.get("token_file"):
        return None
    file = TokenFile(tap.config, tap.clock)
    with file.locked():
        return file


def _browse(consent: Consent, seconds: float) -> str:
    """The address to which LinkedIn's page sends the system's browser."""
    with Loopback(consent.redirect_url, consent.is_answered_by) as loopback:
        _tell_redirect_url(consent)
        _tell(f"Where no browser opens, open this page in one on this machine:\n{consent.url}")
        webbrowser.open(consent.url)
        return loopback.wait(seconds)


def _paste(consent: Consent) -> str:
    _tell(f"Open this page in a browser:\n{consent.url}")
    _tell_redirect_url(consent)
    return str(click.prompt("Paste the address that it comes back to, even if it shows nothing there", err=True))


def _tell_redirect_url(consent: Consent) -> None:
    registered = "" if consent.is_native else ", which must be on the Auth tab of the app at LinkedIn"
    _tell(f"The browser comes back to {consent.redirect_url}{registered}.")


def _keep(file: TokenFile, tokens: Tokens) -> None:
    try:
        with file.locked():
            file.write(tokens)
    except OSError as fault:
        msg = f"The token_file {file.path} cannot be written ({fault.strerror}). Name another path, and log in again."
        raise TokenRejected(msg) from None
    _tell(f"The token is in {file.path}.")


def _print(tokens: Tokens) -> None:
    """Print the settings as lines of an .env file; nothing else shows a token."""
    prefix = "member_" if _is_of_member(tokens.scope or "") else ""
    given = {f"{prefix}access_token": tokens.access_token, "refresh_token": None if prefix else tokens.refresh_token}
    _tell("Put these lines where the tap finds its settings, such as the .env of your Meltano project:")
    for name, value in given.items():
        if value:
            click.echo(f"TAP_LINKEDIN_DMA_{name.upper()}='{value}'")


def _tell_ends(tokens: Tokens) -> None:
    if tokens.expires_at:
        _tell(f"The access token ends on {_day(tokens.expires_at)}.")
    if tokens.refresh_token_expires_at:
        _tell(f"LinkedIn renews it until {_day(tokens.refresh_token_expires_at)}: log in again before.")
    elif not tokens.refresh_token:
        _tell("LinkedIn gave no refresh token, since this app is not enabled for it: log in again before.")


def _day(moment: int) -> str:
    return pendulum.from_timestamp(moment).to_date_string()


def _tell(text: str) -> None:
    click.echo(text, err=True)
