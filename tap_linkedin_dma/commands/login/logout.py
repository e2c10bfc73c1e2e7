"""`tap-linkedin-dma logout`: ends the tap's access to LinkedIn."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tap_linkedin_dma.api.errors import TokenRejected
from tap_linkedin_dma.auth import oauth
from tap_linkedin_dma.auth.token_file import TokenFile
from tap_linkedin_dma.auth.tokens import Tokens
from tap_linkedin_dma.commands.config_option import CommandTap, TokenlessTap, configured

_BY_HAND = (
    "The member can: at linkedin.com, in Settings, under Data privacy, Permitted services. A new client_secret does "
    "the same for every token of the app."
)


@click.command(short_help="End the access: revoke the tokens, remove the token_file.")
@configured(TokenlessTap)
def logout(tap: CommandTap) -> None:
    """End the tap's access: LinkedIn is asked to revoke the tokens, and the token_file is removed.

    LinkedIn documents no way for an app to revoke a token: the command says whether it worked, and what to do if not;
    it then exits with 1.
    What was read stays where it is; the commands erase and retention need no token.
    """
    file = TokenFile(tap.config, tap.clock) if tap.config.get("token_file") else None
    lives_on = False
    for what, token in _tokens(tap, file):
        fault = _fault(tap, token)
        lives_on = lives_on or fault is not None
        click.echo(f"{what}: {fault or 'LinkedIn has revoked it.'}", err=True)
    if file:
        _remove(file)
    if held := [name for name in ("access_token", "refresh_token", "member_access_token") if tap.config.get(name)]:
        click.echo(f"Remove from your settings too: {', '.join(held)}.", err=True)
    click.echo("The tap's state stays, and holds no token: remove it if you will not read these pages again.", err=True)
    if lives_on:
        raise click.exceptions.Exit(1)


def _tokens(tap: CommandTap, file: TokenFile | None) -> Iterator[tuple[str, str]]:
    """The tokens that are known, each once."""
    kept = file.tokens() if file else Tokens()
    known = {
        "access_token": (tap.config.get("access_token"), kept.access_token),
        "refresh_token": (tap.config.get("refresh_token"), kept.refresh_token),
        "member_access_token": (tap.config.get("member_access_token"),),
    }
    for name, tokens in known.items():
        for token in dict.fromkeys(filter(None, tokens)):
            yield name, token


def _fault(tap: CommandTap, token: str) -> str | None:
    """Why a token is not revoked, and what to do; None if it is."""
    if not (tap.config.get("client_id") and tap.config.get("client_secret")):
        return f"not revoked, since client_id and client_secret are not set. {_BY_HAND}"
    try:
        oauth.revoke(tap.config, token, tap.clock)
    except TokenRejected as refused:
        return f"{refused} {_BY_HAND}"
    return None


def _remove(file: TokenFile) -> None:
    try:
        with file.locked():
            was_there = file.remove()
    except OSError as fault:
        msg = f"The token_file {file.path} cannot be removed ({fault.strerror}). Remove it yourself."
        raise TokenRejected(msg) from None
    click.echo(f"The token_file {file.path} is removed." if was_there else "There is no token_file.", err=True)
