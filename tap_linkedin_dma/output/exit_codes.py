"""The end of a command that cannot go on: sentences in the log and an exit code, never a traceback."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_dma.api.errors import DmaError


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
