"""What a run has logged."""

from __future__ import annotations

import logging

import pytest


def warnings(caplog: pytest.LogCaptureFixture, start: str = "") -> list[str]:
    """What was logged as a warning and begins so, as with the name of a stream."""
    texts = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    return [text for text in texts if text.startswith(start)]
