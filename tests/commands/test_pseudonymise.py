"""`pseudonymise`: what stood in clear stands as a run with `hash` or `omit` would have written it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from click.testing import CliRunner

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.commands.warehouse.dialects import kind_of
from tap_linkedin_dma.commands.warehouse.pseudonymise import pseudonymise
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.runs import Run, run
from tests.support.warehouses import Tables

KEY = "an invented key of 32 characters."
LEFT_OUT = {
    *("geos", "titles", "skills", "degrees", "fields_of_study", "super_titles", "standardized_industries"),
    *("follower_demographics", "visitor_demographics", "post_demographics"),
}
"""Reference data, and figures that take a third of all requests."""

FLAT: dict[str, Any] = {"flattening_enabled": True, "flattening_max_depth": 2}


@pytest.fixture(scope="module")
def sandbox() -> Iterable[Sandbox]:
    with Sandbox(World(posts=3, followers=6, seed=3, now=NOW)) as serving:
        yield serving


Read = Callable[[Mapping[str, Any]], Run]
"""A run of the tap with these settings, the same one if it is asked for again."""


@pytest.fixture(scope="module")
def read(sandbox: Sandbox) -> Read:
    runs: dict[str, Run] = {}
    select = {str(stream.name) for stream in STREAMS if stream.data_class != "standardized"} - LEFT_OUT
    # Of the other figures, some days will do.
    own = {
        "member_access_token": sandbox.member_token,
        "start_date": "2026-02-27",
        "stream_options": {"series_subscribers": {"page_size": 50}},
    }

    def read(config: Mapping[str, Any]) -> Run:
        name = json.dumps(config)
        if name not in runs:
            runs[name] = run(sandbox, None, select, **own, **config)
        return runs[name]

    return read


@pytest.fixture(scope="module")
def in_clear(read: Read) -> Run:
    return read({})


def plain(schema: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], left_out: str = "") -> list[str]:
    """Rows in an order of their own, without times, which a database writes otherwise, and without nulls."""
    texts = (json.dumps(_plain(schema, row), sort_keys=True) for row in rows)
    # Links expire, each run has others; names of properties that were a member's are numbered, in any order.
    return sorted(re.sub(rf"member \d+|\?e=\d+|ExpiresAt\": [^,}}]+{left_out}", "", text) for text in texts)


def _plain(schema: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(schema[name], value) for name, value in row.items() if name in schema and value is not None}


def _value(schema: Mapping[str, Any], value: Any) -> Any:
    kind = kind_of(schema)
    if kind == "time":
        return "a time"
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return float(value) if kind == "number" else value


def settings(folder: Path, way: str, **config: Any) -> str:
    file = folder / "config.json"
    file.write_text(json.dumps({"member_data": way, "member_hash_key": KEY, **config}))
    return str(file)


def rewritten(tables: Tables, config: str) -> str:
    """The second script, made of what the first one reads."""
    lines = "\n".join(line for (line,) in tables.run(pseudonymise, "--config", config))
    return tables.printed(pseudonymise, "--config", config, "--rows", "-", input=lines)


@pytest.mark.parametrize(("way", "config"), [("hash", {}), ("omit", {}), ("hash", FLAT)])
def test_every_row_is_what_a_run_would_have_written(
    tables: Tables, read: Read, tmp_path: Path, way: str, config: dict[str, Any]
) -> None:
    """Also its key, so that no row comes twice; of flattened rows, what made the key is not all there."""
    stored, expected = read(config), read({"member_data": way, "member_hash_key": KEY, **config})
    schemas = {stream: one[0]["schema"]["properties"] for stream, one in stored.schemas.items()}
    tables.fill(stored.records, schemas=schemas)
    tables.execute(rewritten(tables, settings(tmp_path, way, **config)))
    left_out = r"|[0-9a-f]{64}-[0-9]+" if config else ""
    wrong = [
        stream
        for stream, schema in schemas.items()
        if plain(schema, tables.rows(stream) if stored.records[stream] else (), left_out)
        != plain(schema, expected.records[stream], left_out)
        and (way, stream) != ("omit", "people")  # nobody is looked up, if nobody is to be stored
    ]
    assert wrong == []


def test_if_a_run_came_between_nothing_is_changed(tables: Tables, in_clear: Run, tmp_path: Path) -> None:
    """Its rows would stay in clear."""
    tables.fill({"comments": in_clear.records["comments"], "reactions": []})
    script = rewritten(tables, settings(tmp_path, "omit"))
    tables.execute("INSERT INTO tap_linkedin_dma.reactions (row_key) VALUES ('new')")
    before = tables.rows("comments")
    with pytest.raises((psycopg.Error, duckdb.Error), match="The tables have changed since their rows were read"):
        tables.execute(script)
    assert tables.rows("comments") == before


def test_the_state_is_then_of_the_new_settings(tmp_path: Path, sandbox: Sandbox, in_clear: Run) -> None:
    """A run with them goes on from it, which it would refuse otherwise."""
    file = tmp_path / "state.json"
    file.write_text(json.dumps(in_clear.state))
    arguments = ["--dialect", "postgres", "--config", settings(tmp_path, "omit"), "--state", str(file)]
    assert CliRunner().invoke(pseudonymise, arguments).exit_code == 0
    run(sandbox, json.loads(file.read_text()), {"organizations"}, member_data="omit")


@pytest.mark.parametrize("rows", ["no JSON", '{"stream": "pots", "digest": "", "row": {}}'])
def test_other_input_is_refused(tmp_path: Path, rows: str) -> None:
    arguments = ["--dialect", "postgres", "--rows", "-", "--config"]
    refused = CliRunner().invoke(pseudonymise, [*arguments, settings(tmp_path, "hash")], input=rows)
    assert refused.exit_code == 2
    assert CliRunner().invoke(pseudonymise, [*arguments, settings(tmp_path, "include")], input=rows).exit_code == 2
