"""The option `--config` of commands, which take settings as the tap does: `--config FILE` or `--config ENV`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import click

from tap_linkedin_dma.commands import CONFIG_HELP
from tap_linkedin_dma.output import exit_codes
from tap_linkedin_dma.tap import TapLinkedInDMA

_T = TypeVar("_T", bound="CommandTap")


class CommandTap(TapLinkedInDMA):
    """The tap as a command uses it. It emits nothing, so a signal ends it like any program."""

    answers_signals = False


class TokenlessTap(CommandTap):
    """The tap for commands that ask LinkedIn for nothing, or for a first token."""

    def token_problems(self, config: Mapping[str, Any]) -> Iterator[str]:
        yield from ()


@contextmanager
def quiet_logs(level: int) -> Iterator[None]:
    """Log only messages above this level, since a command prints its results."""
    before = logging.root.manager.disable
    logging.disable(level)
    try:
        yield
    finally:
        logging.disable(before)


def configured(kind: type[_T]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the option `--config`, also accepted before the command's name, and pass the tap made with it first.

    Args:
        kind: the tap to make; its validation reports missing settings.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.option(
            "--config",
            multiple=True,
            callback=TapLinkedInDMA.cb_config,
            help=CONFIG_HELP,
        )
        @wraps(command)
        def run(config: Any, **options: Any) -> None:
            above = click.get_current_context().parent
            given = [above.params["config"], config] if above else [config]
            merged = {name: value for one in given for name, value in one.config.items()}
            from_env = any(one.parse_env for one in given)
            with quiet_logs(logging.INFO), exit_codes.in_a_sentence(TapLinkedInDMA.logger):
                command(kind(config=merged, parse_env_config=from_env, setup_mapper=False), **options)

        return run

    return decorate
