"""The command line: the tap's own options, and further commands."""

from __future__ import annotations

import gc
import io
import sys
from importlib import import_module
from typing import Any, cast

import click
from singer_sdk.plugin_base import SingerCommand

from tap_linkedin_dma.output import exit_codes
from tap_linkedin_dma.tap import TapLinkedInDMA

_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""A run makes millions of objects and hardly a cycle among them: at Python's 700, 200,000 followers take 671
collections and 6 % of the CPU, at this none."""

COMMANDS = {
    "doctor": "doctor.doctor",
    "erase": "warehouse.erase",
    "find": "warehouse.find",
    "grants": "warehouse.grants",
    "inventory": "inventory",
    "login": "login.login",
    "logout": "login.logout",
    "pseudonymise": "warehouse.pseudonymise",
    "retention": "warehouse.retention",
    "subject": "warehouse.subject",
}
"""The module of each command."""


class CommandLine(SingerCommand, click.Group):
    """Runs the tap, or the command that is named; only then is the command's module imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", getattr(import_module(f"{__name__}.{COMMANDS[cmd_name]}"), cmd_name))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that the user can act on ends it with one sentence, as it ends a run of the tap."""
        with exit_codes.in_a_sentence(self.logger):
            return super().invoke(ctx)


@click.pass_context
def _run_tap(ctx: click.Context, /, **options: Any) -> None:
    if ctx.invoked_subcommand is None:
        TapLinkedInDMA.invoke(**options)


def command_line() -> CommandLine:
    """The command `tap-linkedin-dma`."""
    tap = TapLinkedInDMA.cli
    return CommandLine(
        name=tap.name,
        help=tap.help,
        params=tap.params,
        callback=_run_tap,
        context_settings=tap.context_settings,
        invoke_without_command=True,
        logger=TapLinkedInDMA.logger,
    )


def main() -> None:
    """The console script."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    # LinkedIn's texts may be in any script; a console may support few.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    command_line()()
