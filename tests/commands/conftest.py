"""Databases for the commands that print SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.postgres import embedded_server
from tests.support.warehouses import Tables


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with embedded_server() as url:
        yield url


@pytest.fixture(params=["postgres", "duckdb"])
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> Tables:
    """A real database, without tables."""
    is_file = request.param == "duckdb"
    return Tables(request.param, str(tmp_path / "x.duckdb") if is_file else request.getfixturevalue("postgres_url"))
