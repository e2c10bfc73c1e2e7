"""The end of a command that cannot go on: sentences in the log and an exit code, never a traceback."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.privacy import log_masking

_SAID_OTHERWISE = "An unhandled error occurred while syncing '%s'"
"""The SDK's log line for every error that ends a run, also for those that the tap reports in a sentence."""


@contextmanager
def in_a_sentence(logger: logging.Logger) -> Iterator[None]:
    """On an error that the user can act on, log its sentence and end the process."""
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
    """Drop the SDK's line on an unhandled error: the next line reports the error itself."""
    for handler in log_masking.handlers():
        handler.addFilter(_is_no_echo)


def _is_no_echo(record: logging.LogRecord) -> bool:
    return record.msg != _SAID_OTHERWISE
