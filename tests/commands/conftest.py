"""Databases for the commands that print SQL."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from demo.postgres import embedded_server
from tests.support.warehouses import Tables


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with embedded_server() as url:
        yield url


@pytest.fixture(params=["postgres", "duckdb"])
def tables(request: pytest.FixtureRequest) -> Tables:
    """A real database, without tables."""
    at = duckdb.connect() if request.param == "duckdb" else request.getfixturevalue("postgres_url")
    return Tables(request.param, at)
