"""The same run into DuckDB in the shipped project, and into JSON lines in a project of one's own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import pytest

from demo.meltano import Meltano
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.streams import STREAMS
from tests.end_to_end.new_project import new_project

SELECTED = {stream.name for stream in STREAMS if stream.selected_by_default}


def settings(sandbox: Sandbox) -> dict[str, object]:
    return {f"TAP_LINKEDIN_DMA_{name.upper()}": value for name, value in sandbox.tap_settings.items()}


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the DuckDB that target-duckdb needs has no wheels for it")
def test_a_company_arrives_whole_in_duckdb_and_a_second_run_adds_to_it(tmp_path: Path) -> None:
    """DuckDB has a table for each stream, in lower case as the names are, and upserts by the same keys."""
    file = tmp_path / "linkedin.duckdb"
    with Sandbox(World(posts=30, followers=60)) as sandbox:
        meltano = Meltano(tmp_path, {**settings(sandbox), "TARGET_DUCKDB_PATH": str(file)})
        meltano.install("target-duckdb")
        meltano.run(1, "target-duckdb")
        before = set(sandbox.world.truth.posts)
        assert posts(file) == sorted(before)
        with duckdb.connect(str(file), read_only=True) as connection:
            tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
            empty = [name for name in tables if not connection.execute(f"FROM {name} LIMIT 1").fetchall()]
        assert tables == SELECTED
        assert empty == []
        assert sandbox.tick().posts
        meltano.run(2, "target-duckdb")
        assert posts(file) == sorted(before | set(sandbox.world.truth.posts))


def posts(file: Path) -> list[str]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return [key for (key,) in connection.execute("SELECT id FROM posts ORDER BY id").fetchall()]


def test_a_fresh_project_adds_the_tap_by_its_definition_and_runs(wheel: Path, tmp_path: Path) -> None:
    """Nothing but the definition and the wheel is of this repository: what either lacks, the run would miss."""
    with Sandbox(World(posts=30, followers=60)) as sandbox:
        given = {**settings(sandbox), "TARGET_JSONL_DESTINATION_PATH": str(tmp_path / "output")}
        meltano = new_project(tmp_path, wheel, given, "target-jsonl")
        meltano.run(1, "target-jsonl")
        expected = sorted(sandbox.world.truth.posts)
    files = {file.stem.rpartition("-")[0]: file for file in (tmp_path / "output").glob("*.jsonl")}
    assert files.keys() == SELECTED
    assert sorted(json.loads(line)["id"] for line in files["posts"].read_text().splitlines()) == expected
