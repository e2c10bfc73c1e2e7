"""A LinkedIn that says what a test sets as its `answer`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.answering import Answering


@pytest.fixture
def server() -> Iterator[Answering]:
    """It runs for one test."""
    with Answering() as serving:
        yield serving
