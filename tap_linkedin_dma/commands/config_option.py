"""What a command knows of the settings, which it takes as the tap does: `--config FILE` or `--config ENV`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import click

from tap_linkedin_dma.output import exit_codes
from tap_linkedin_dma.tap import TapLinkedInDMA

_T = TypeVar("_T", bound="CommandTap")


class CommandTap(TapLinkedInDMA):
    """The tap as a command uses it. It emits nothing, so that a signal ends it as it ends any program."""

    answers_signals = False


@contextmanager
def quiet_logs(level: int) -> Iterator[None]:
    """Log only what is worse than this level: what a command has to say, it prints."""
    before = logging.root.manager.disable
    logging.disable(level)
    try:
        yield
    finally:
        logging.disable(before)


def configured(kind: type[_T]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the option `--config`, here or before the command's name, and the tap it makes as first argument.

    Args:
        kind: the tap to make; its validation says what the settings lack.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.option(
            "--config",
            multiple=True,
            callback=TapLinkedInDMA.cb_config,
            help="Configuration file location or 'ENV' to use environment variables.",
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
