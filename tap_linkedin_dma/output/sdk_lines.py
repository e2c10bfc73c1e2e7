"""Moves the Singer SDK's own log lines to DEBUG that say nothing of a run, or what the tap itself says better.

An environment variable shows them: TAP_LINKEDIN_DMA_LOGLEVEL=DEBUG.
"""

from __future__ import annotations

import logging

from singer_sdk.metrics import METRICS_LOGGER_NAME

from tap_linkedin_dma.privacy import log_masking

_OF_NO_NEWS = frozenset(
    (
        "Added '%s' as child stream to '%s'",
        "An unhandled error occurred while syncing '%s'",  # also before an error that the tap reports in a sentence
        "Beginning sync of '%s' in %s mode",
        "Parsing env var for settings config...",
        "Skipping deselected stream '%s'.",
        "Skipping parse of env var settings...",
    )
)


def install() -> None:
    """Move them to DEBUG, for every handler that there is."""
    for handler in log_masking.handlers():
        if _is_shown not in handler.filters:
            handler.addFilter(_is_shown)


def _is_shown(record: logging.LogRecord) -> bool:
    """A filter that moves these lines to DEBUG; returns whether that level is logged."""
    if record.msg not in _OF_NO_NEWS and record.name != METRICS_LOGGER_NAME:
        return True
    record.levelno, record.levelname = logging.DEBUG, logging.getLevelName(logging.DEBUG)
    return logging.getLogger(record.name).isEnabledFor(logging.DEBUG)
