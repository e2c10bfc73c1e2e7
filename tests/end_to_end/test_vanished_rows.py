"""A row that LinkedIn no longer has goes from PostgreSQL, and only when the table was read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.meltano import Meltano, MeltanoError
from demo.postgres import Database, embedded_server
from demo.run import settings
from linkedin_sandbox import Sandbox, World
from tests.support.batches import batch_config

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

FOLLOWS = "dmaOrganizationalPageFollows"
MANY, FEW = 60, 45


@pytest.fixture
def database() -> Generator[Database]:
    with embedded_server() as url, Database(url, "linkedin") as opened:
        yield opened


def reading(state: Path, sandbox: Sandbox, database: Database) -> Meltano:
    """A Meltano that reads followers, a few a page, into tables from which rows are removed; rows pass in files."""
    return Meltano(
        state,
        {
            **settings(sandbox.tap_settings, database),
            "TAP_LINKEDIN_DMA__SELECT": ["followers.*"],
            "TAP_LINKEDIN_DMA_STREAM_OPTIONS": {"followers": {"page_size": 10}},
            "TAP_LINKEDIN_DMA_BATCH_CONFIG": batch_config(state / "batches", rows=15),
            "TARGET_POSTGRES_HARD_DELETE": "true",
        },
    )


def followers(database: Database) -> set[str]:
    """The keys of the rows that there are, those marked deleted too."""
    return {row["row_key"] for row in database.query("SELECT row_key FROM followers")}


def test_a_follower_who_left_goes_when_all_were_read(tmp_path: Path, database: Database) -> None:
    """A run that is cut half-way removes none; the one after it removes what LinkedIn has no more."""
    with Sandbox(World(posts=1, followers=MANY)) as sandbox:
        meltano = reading(tmp_path, sandbox, database)
        meltano.install()
        meltano.run(1)
        assert [*(tmp_path / "batches").rglob("followers-*.gz")]
        before = followers(database)
    with Sandbox(World(posts=1, followers=FEW)) as sandbox:
        meltano = reading(tmp_path, sandbox, database)
        sandbox.answer(FOLLOWS, status=429, body={"status": 429, "message": "DAY limit"}, when="paginationCursor")
        with pytest.raises(MeltanoError):
            meltano.run(2)
        assert followers(database) >= before
        meltano.run(3)
    after = followers(database)
    assert before - after
    assert len(before) - len(after) == MANY - FEW
