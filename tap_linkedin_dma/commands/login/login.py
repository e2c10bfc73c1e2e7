"""`tap-linkedin-dma login`: a member gives consent in a browser, and the token is kept."""

from __future__ import annotations

import subprocess
import sys
import threading

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
from tap_linkedin_dma.config.validation import NO_SETTINGS
from tap_linkedin_dma.privacy import log_masking

_STDERR = 2
_OPEN = "import sys, webbrowser; webbrowser.open(sys.argv[1])"


@click.command(short_help="Get an access token in your browser.")
@click.option("--scope", help=f"Scopes to ask for, separated by spaces. [default: {PAGES.scope}]")
@click.option("--member", is_flag=True, help=f"Ask for a member's own data instead: {MEMBER.scope}.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8400, show_default=True, help="Where the browser comes back to."
)
@click.option("--pkce", is_flag=True, help="For an app that LinkedIn has enabled for PKCE: no client_secret is needed.")
@click.option("--no-browser", is_flag=True, help="Print the page's address, and ask for the one that it leads to.")
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
    """Get an access token: LinkedIn's page in your browser asks you to agree.

    The settings client_id and client_secret name your app at LinkedIn. Before the first login, put the redirect URL
    http://localhost:8400/callback (with the port of --port) on the app's Auth tab.

    The token goes into the file of the setting token_file. Without that setting, and always with --member, it is
    printed as lines for an .env file, and everything else goes to stderr:

        tap-linkedin-dma login --config=ENV >> .env

    The tap never sees your LinkedIn password: you enter it on LinkedIn's own page.
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
    _say(f"Asking for the scope {consent.scope}.")
    if consent.scope != PAGES.scope:
        _say("If you ask for other scopes than last time, LinkedIn revokes your earlier tokens for this app.")
    if no_browser:
        _keep_token(tap, consent, _paste(consent), kept_in)
        return
    with Loopback(consent.redirect_url, consent.is_answered_by) as loopback:
        _open(consent)
        _keep_token(tap, consent, loopback.wait(timeout), kept_in)


def _check_client(tap: CommandTap, *, is_native: bool) -> None:
    if tap.has_no_settings:
        raise TokenRejected(NO_SETTINGS)
    needed = ("client_id",) if is_native else ("client_id", "client_secret")
    if missing := [name for name in needed if not tap.config.get(name)]:
        shows = "it" if len(missing) == 1 else "both"
        msg = f"Set {' and '.join(missing)}. The Auth tab of your app at LinkedIn shows {shows}."
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


def _open(consent: Consent) -> None:
    """Show LinkedIn's page in the system's browser."""
    _say(f"If no browser opens, open this address on this machine:\n{consent.url}")
    open_browser(consent.url)
    _say(f"Waiting for the browser (Ctrl-C ends it).{_redirect_hint(consent)}")


def open_browser(url: str) -> None:
    """Open the system's browser, which may print to stdout, or run in the terminal until it is closed."""
    command = [sys.executable, "-I", "-c", _OPEN, url]
    options = {"stdout": _STDERR, "check": False}
    threading.Thread(target=subprocess.run, args=(command,), kwargs=options, daemon=True).start()


def _paste(consent: Consent) -> str:
    """The address to which LinkedIn's page sends a browser somewhere; another one is asked for again."""
    _say(f"Open this address in a browser:\n{consent.url}")
    _say(
        "After you agree, the browser may show an error page. Copy the whole address from its address bar and paste it "
        f"here.{_redirect_hint(consent)}"
    )
    while True:
        try:
            # A prompt without a line's end is not shown by Meltano.
            address = str(click.prompt("", prompt_suffix="", err=True))
        except click.Abort:
            if sys.stdin.isatty():
                raise
            msg = "Nothing was pasted. Run login in a terminal; in a container, keep its input open (docker run -it)."
            raise TokenRejected(msg) from None
        if consent.is_answered_by(address):
            return address
        _say(
            f"That is not the address. It begins with {consent.redirect_url} and is long: copy all of it, and paste it "
            "here."
        )


def _redirect_hint(consent: Consent) -> str:
    if consent.is_native:
        return ""
    return (
        " If LinkedIn says that the redirect_uri does not match, put this one on the Auth tab of your app: "
        f"{consent.redirect_url}"
    )


def _keep_token(tap: CommandTap, consent: Consent, address: str, file: TokenFile | None) -> None:
    """Get the token for the code in an address, and keep it in the file or print it."""
    reply = oauth.exchange_code(tap.config, consent.code(address), consent.redirect_url, consent.verifier, tap.clock)
    tokens = Tokens(scope=consent.scope).renewed(reply, int(tap.clock.now().timestamp()))
    log_masking.register_secret(tokens.access_token, tokens.refresh_token)
    if file:
        _write(file, tokens)
    else:
        _print(tokens)
    _say_ends(tokens)


def _write(file: TokenFile, tokens: Tokens) -> None:
    try:
        with file.locked():
            file.write(tokens)
    except OSError as fault:
        msg = f"The token_file {file.path} cannot be written ({fault.strerror}). Name another path, and log in again."
        raise TokenRejected(msg) from None
    _say(f"The token is in {file.path}.")


def _print(tokens: Tokens) -> None:
    """Print the settings as lines of an .env file; nothing else shows a token."""
    prefix = "member_" if _is_of_member(tokens.scope or "") else ""
    given = {f"{prefix}access_token": tokens.access_token, "refresh_token": None if prefix else tokens.refresh_token}
    _say("Put these lines into the environment of the tap, for example into the .env of your Meltano project:")
    for name, value in given.items():
        if value:
            click.echo(f"TAP_LINKEDIN_DMA_{name.upper()}='{value}'")


def _say_ends(tokens: Tokens) -> None:
    if tokens.expires_at:
        _say(f"The access token expires on {_day(tokens.expires_at)}.")
    if tokens.refresh_token_expires_at:
        _say(f"The tap renews it until {_day(tokens.refresh_token_expires_at)}. Log in again before that day.")
    elif not tokens.refresh_token:
        _say("The tap cannot renew it, since LinkedIn has not enabled your app for that. Log in again before that day.")


def _day(moment: int) -> str:
    return pendulum.from_timestamp(moment).to_date_string()


def _say(text: str) -> None:
    click.echo(text, err=True)
