"""Fixtures of the tap's tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from tap_linkedin_dma.sandbox import Sandbox, World

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A small company, served."""
    with Sandbox(World(posts=24, followers=40, seed=3, now=NOW)) as serving:
        yield serving
