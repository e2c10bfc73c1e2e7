"""Targets of the shipped project, run by themselves on a file of messages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import psycopg

from demo.meltano import PROJECT, Meltano, plugins
from demo.postgres import embedded_server

Execute = Callable[[str], list[tuple[Any, ...]]]
"""Runs SQL, and gives the rows of the last statement."""


@cache
def install(*names: str) -> None:
    """Install plugins of the project; Meltano takes seconds to find that nothing is to be done."""
    with TemporaryDirectory() as folder:
        Meltano(Path(folder), {}).call("install", *names, log=Path(folder) / "install.log")


def command_of(target: str) -> Path:
    """The command of a target of the project, once it is installed."""
    install(target)
    return plugins(PROJECT) / "loaders" / target / "venv/bin" / target


def load(target: str, messages: Path, folder: Path, **config: object) -> list[Any]:
    """Let a target of the project write these messages.

    Returns:
        The states that it printed.
    """
    settings = folder / "config.json"
    settings.write_text(json.dumps(config))
    command = [str(command_of(target)), "--config", str(settings)]
    with messages.open() as lines:
        loaded = subprocess.run(command, stdin=lines, capture_output=True, check=True, timeout=300)
    return [json.loads(line) for line in loaded.stdout.splitlines()]


@contextmanager
def loaded_postgres(messages: Path, folder: Path, schema: str) -> Iterator[Execute]:
    """A PostgreSQL into which target-postgres has loaded these messages."""
    with embedded_server() as url, psycopg.connect(url, autocommit=True) as connection:
        psycopg_url = "postgresql+psycopg://" + url.split("://", 1)[1]
        load("target-postgres", messages, folder, sqlalchemy_url=psycopg_url, default_target_schema=schema)
        connection.execute("SELECT set_config('search_path', quote_ident(%s), false)", [schema])

        def execute(script: str) -> list[tuple[Any, ...]]:
            cursor = connection.execute(script.encode())
            return cursor.fetchall() if cursor.description else []

        yield execute


@contextmanager
def loaded_duckdb(messages: Path, folder: Path, schema: str) -> Iterator[Execute]:
    """A DuckDB file into which target-duckdb has loaded these messages."""
    file = folder / "linkedin.duckdb"
    load("target-duckdb", messages, folder, path=str(file), default_target_schema=schema, add_metadata_columns=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"SET search_path = '{schema}'")
        yield lambda script: connection.execute(script).fetchall()
