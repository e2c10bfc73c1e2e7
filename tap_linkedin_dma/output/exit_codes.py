"""How a command ends that cannot go on: with sentences in the log and an exit code, never with a traceback."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.privacy import log_masking

_SAID_OTHERWISE = "An unhandled error occurred while syncing '%s'"
"""What the SDK logs of every error that ends a run, those too that the run ends with in a sentence."""


@contextmanager
def in_a_sentence(logger: logging.Logger) -> Iterator[None]:
    """End the process on an error that the user can act on, with what it says."""
    try:
        yield
    except ConfigValidationError as error:
        for problem in error.errors:
            logger.error("%s", problem)
        sys.exit(1)
    except DmaError as error:
        logger.critical("%s", error)
        sys.exit(error.exit_code)


def install() -> None:
    """Keep out of the log that an error was unhandled: the line after it says which, in a sentence or a traceback."""
    for handler in log_masking.handlers():
        handler.addFilter(_is_no_echo)


def _is_no_echo(record: logging.LogRecord) -> bool:
    return record.msg != _SAID_OTHERWISE
