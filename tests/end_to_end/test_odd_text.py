"""Text that databases cannot hold, NUL and halves of characters, is loaded by real targets, and keys stay apart."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from demo.postgres import embedded_server
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tests.end_to_end.targets import load

SCHEMA = {
    "type": "SCHEMA",
    "stream": "posts",
    "key_properties": ["id"],
    "schema": {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "text": {"type": ["string", "null"]},
            "unmapped": {"type": ["object", "null"], "additionalProperties": True},
        },
    },
}

ROWS: list[dict[str, Any]] = [
    {"id": "urn:li:share:1", "text": "a\0b", "unmapped": {"n\0": ["\ud83d"], "whole": "\U0001f600"}},
    {"id": "urn:li:share:\0", "text": "\udc00 at the end \ud83d", "unmapped": None},
    {"id": "urn:li:share:\ud83d", "text": "é, 漢字 and \U0001f600", "unmapped": {"deep": {"er": "\0"}}},
]


@pytest.fixture
def messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The rows as the tap writes them."""
    MessageWriter().write_records("posts", ROWS, None, datetime(2026, 3, 2, tzinfo=timezone.utc), ["id"])
    path = tmp_path / "messages.jsonl"
    path.write_text(json.dumps(SCHEMA) + "\n" + capsys.readouterr().out)
    return path


def check(rows: list[tuple[Any, ...]]) -> None:
    """Each row is there, under a key of its own, and what can be held of its text."""
    assert len({id_ for id_, _ in rows}) == len(ROWS)
    texts = {text for _, text in rows}
    assert texts == {"a\ufffdb", "\ufffd at the end \ufffd", "é, 漢字 and \U0001f600"}


def test_postgresql_holds_it(messages: Path, tmp_path: Path) -> None:
    """By target-postgres."""
    with embedded_server() as url, psycopg.connect(url, autocommit=True) as connection:
        address = "postgresql+psycopg://" + url.split("://", 1)[1]
        load("target-postgres", messages, tmp_path, sqlalchemy_url=address, default_target_schema="odd")
        check(connection.execute('SELECT id, text FROM "odd".posts').fetchall())


def test_duckdb_holds_it(messages: Path, tmp_path: Path) -> None:
    """By target-duckdb."""
    file = tmp_path / "warehouse.duckdb"
    load("target-duckdb", messages, tmp_path, path=str(file), default_target_schema="odd")
    with duckdb.connect(str(file)) as connection:
        check(connection.execute("SELECT id, text FROM odd.posts").fetchall())
