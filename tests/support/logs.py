"""What a run has logged."""

from __future__ import annotations

import pytest


def logged(caplog: pytest.LogCaptureFixture, level: str) -> list[str]:
    """What was logged at a level."""
    return [record.getMessage() for record in caplog.records if record.levelname == level]


def warnings(caplog: pytest.LogCaptureFixture, start: str = "") -> list[str]:
    """What was logged as a warning and begins so, as with the name of a stream."""
    return [text for text in logged(caplog, "WARNING") if text.startswith(start)]
