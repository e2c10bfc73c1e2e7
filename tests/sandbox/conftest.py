"""A small world at a fixed time, served for one test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import Client

NOW = datetime(2026, 5, 20, 9, 30, tzinfo=timezone.utc)


@pytest.fixture
def world() -> World:
    """Sixty posts, 250 followers, always the same."""
    return World(posts=60, followers=250, seed=1, now=NOW)


@pytest.fixture
def sandbox(world: World) -> Iterator[Sandbox]:
    """The world, served."""
    with Sandbox(world) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    """A client of the served world."""
    asking = Client(sandbox)
    yield asking
    asking.close()


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()
