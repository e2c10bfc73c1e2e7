"""The command line: the tap's own options, and further commands."""

from __future__ import annotations

import ctypes
import gc
import io
import sys
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, cast

import click
from singer_sdk.plugin_base import SingerCommand

from tap_linkedin_dma.output import exit_codes
from tap_linkedin_dma.privacy import log_masking
from tap_linkedin_dma.tap import TapLinkedInDMA

_OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""A run makes millions of objects and hardly a cycle among them: at Python's 700, 200,000 followers take 671
collections and 6 % of the CPU, at this none."""

_M_ARENA_MAX = -8
"""The number by which glibc's `mallopt` knows how many arenas there may be."""

COMMANDS = {
    "comments": "warehouse.comments",
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

CONFIG_HELP = "Read settings from this JSON file, or from environment variables: --config=ENV. It may be repeated."

_HELP = {
    "version": "Print the version.",
    "about": "Print the settings and what the tap can do.",
    "about_format": "The format of --about.",
    "config": CONFIG_HELP,
    "discover": "Print the catalog: every stream and its columns.",
    "catalog": "Read only the streams and columns that this catalog selects.",
    "state": "Continue from this state, which an earlier run wrote. Leave it out in the first run.",
}
"""The SDK's options in plain words."""


class _StateFile(click.File):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value != "-" and not Path(value).exists():
            self.fail(f"there is no file {value}. Leave --state out in the first run.", param, ctx)
        return super().convert(value, param, ctx)


class CommandLine(SingerCommand, click.Group):
    """Runs the tap, or the command that is named; only then is the command's module imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = cast("click.Command", getattr(import_module(f"{__name__}.{COMMANDS[cmd_name]}"), cmd_name))
        command.epilog = _address_of_docs()
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Of a command people read the log, not machines; already the settings may end it with a sentence.
        if not COMMANDS.keys().isdisjoint(args) or "--test" in args:
            log_masking.use_plain_lines()
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.epilog = _address_of_docs()
        super().format_epilog(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error that the user can act on ends it with one sentence, as it ends a run of the tap."""
        with exit_codes.in_a_sentence(self.logger):
            return super().invoke(ctx)


def _address_of_docs() -> str | None:
    urls = dict(line.split(", ", 1) for line in metadata.metadata(TapLinkedInDMA.name).get_all("Project-URL") or ())
    return f"Docs: {urls['Documentation']}" if "Documentation" in urls else None


@click.pass_context
def _run_tap(ctx: click.Context, /, *, test: str | None, **options: Any) -> None:
    if ctx.invoked_subcommand is not None:
        return
    if test == "schema":
        TapLinkedInDMA.cb_test(ctx, cast("click.Option", None), test)
    elif test:
        doctor = cast("CommandLine", ctx.command).get_command(ctx, "doctor")
        ctx.invoke(cast("click.Command", doctor), config=options["config"], catalog=options["catalog"])
    else:
        TapLinkedInDMA.invoke(**options)


_TEST = click.Option(
    ["--test"],
    is_flag=False,
    flag_value="all",
    type=click.Choice(["all", "schema"]),
    help="Check token, roles and streams, as doctor does. --test=schema prints the SCHEMA messages.",
)


def command_line() -> CommandLine:
    """The command `tap-linkedin-dma`."""
    tap = TapLinkedInDMA.cli
    params = [_TEST if param.name == "test" else param for param in tap.params]
    for param in params:
        if param.name == "state":
            param.type = _StateFile()
        if param.name in _HELP:
            cast("click.Option", param).help = _HELP[param.name]
    return CommandLine(
        name=tap.name,
        help="Read the data of your LinkedIn pages as Singer messages.",
        params=params,
        callback=_run_tap,
        context_settings=tap.context_settings,
        invoke_without_command=True,
        logger=TapLinkedInDMA.logger,
    )


def _take_memory_from_one_arena() -> None:
    """Have glibc serve all threads from one arena; other C libraries know no such setting.

    Each thread would get an arena of its own, and each arena keeps what answers have left free. One thread runs at a
    time, so none waits for another here.
    """
    with suppress(AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def main() -> None:
    """The console script."""
    # What is loaded by now stays. At its end Python would search it for cycles, for a quarter of the time of a start.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    _take_memory_from_one_arena()
    # LinkedIn's texts may be in any script; a console may support few.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    command_line()()
