"""Fixtures of the tap's tests."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from tap_linkedin_dma.sandbox import Sandbox, World

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _hooks() -> Iterator[None]:
    """A command of the tap says what becomes of errors that end Python or a thread; after it pytest does again."""
    kept = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = kept


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A small company, served."""
    with Sandbox(World(posts=24, followers=40, seed=3, now=NOW)) as serving:
        yield serving
