"""A row that LinkedIn no longer has goes from PostgreSQL, and only when the table was read whole."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from demo.postgres import Database, embedded_server
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.api.errors import DailyLimit
from tests.end_to_end.targets import load
from tests.support.batches import batch_config
from tests.support.runs import make_tap

FOLLOWS = "dmaOrganizationalPageFollows"
MANY, FEW = 60, 45


def synced(folder: Path, sandbox: Sandbox, database: Database, state: dict[str, Any], *, is_cut: bool) -> Any:
    """Load followers, read a few a page and passed in files, into a table from which rows are removed.

    Returns:
        The state that the target printed.
    """
    options = {"followers": {"page_size": 10}}
    batches = batch_config(folder / "batches", rows=15)
    tap, writer = make_tap(sandbox, state, {"followers"}, stream_options=options, batch_config=batches)
    with pytest.raises(DailyLimit) if is_cut else nullcontext():
        tap.sync_all()
    (folder / "messages.jsonl").write_text(writer.lines)
    config = {"sqlalchemy_url": database.sqlalchemy_url, "default_target_schema": database.schema}
    *_, last = load("target-postgres", folder / "messages.jsonl", folder, **config, hard_delete=True)
    return last


def followers(database: Database) -> set[str]:
    """The keys of the rows that there are, those marked deleted too."""
    return {row["row_key"] for row in database.query("SELECT row_key FROM followers")}


def test_a_follower_who_left_goes_when_all_were_read(tmp_path: Path) -> None:
    """A run that is cut half-way removes none; the one after it removes what LinkedIn has no more."""
    with embedded_server() as url, Database(url, "linkedin") as database:
        with Sandbox(World(posts=1, followers=MANY)) as sandbox:
            state = synced(tmp_path, sandbox, database, {}, is_cut=False)
            assert [*(tmp_path / "batches").rglob("followers-*.gz")]
            before = followers(database)
        with Sandbox(World(posts=1, followers=FEW)) as sandbox:
            sandbox.answer(FOLLOWS, status=429, body={"status": 429, "message": "DAY limit"}, when="paginationCursor")
            state = synced(tmp_path, sandbox, database, state, is_cut=True)
            assert followers(database) >= before
            synced(tmp_path, sandbox, database, state, is_cut=False)
        after = followers(database)
    assert before - after
    assert len(before) - len(after) == MANY - FEW
