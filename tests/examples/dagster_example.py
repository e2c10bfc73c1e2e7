"""The Dagster example in Dagster, by `make examples`: by its name, `make test` leaves it out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.environments import Environment
from demo.meltano import PROJECT, Meltano
from demo.postgres import Database, embedded_server
from demo.run import settings
from generate.tables import STARTER
from linkedin_sandbox import Sandbox, World
from tests.support.tables import Row, timeless

EXAMPLE = PROJECT / "examples" / "dagster"
PAGES = ("90417283", "90417391", "90500400", "90500401", "90500402", "90500403")
SOUTH = PAGES[4:]
CLIENTS = {
    "whole": {},
    "north": {"TAP_LINKEDIN_DMA_ORGANIZATIONS": json.dumps(PAGES[:4])},
    "south": {"TAP_LINKEDIN_DMA_ORGANIZATIONS": json.dumps(SOUTH), "LINKEDIN_BY_PAGE": "true"},
}
LIMITED = """#!/bin/sh
cat > "$TAP_LINKEDIN_DMA_RUN_REPORT" <<END
{"outcome": "daily_limit", "until": "2999-01-01T00:00:00Z", "message": "The daily limit is used up.", "rows": 0}
END
exit 1
"""
"""Meltano, where LinkedIn's daily limit is used up."""


class OfTheExample(Environment):
    """What its requirements.txt asks for, in the versions of its lock file."""

    @property
    def _requirements(self) -> Path:
        return EXAMPLE / "requirements.lock"


def rows(database: Database) -> dict[str, dict[str, Row]]:
    """Each table's rows by key, less what differs between two runs at the same time."""
    tables: dict[str, dict[str, Row]] = {}
    for table, key in database.primary_keys().items():
        found = [line["row"] for line in database.query(f"SELECT to_jsonb(line) AS row FROM {table} AS line")]
        own = [{name: value for name, value in row.items() if not name.startswith("_sdc_")} for row in found]
        tables[table] = {json.dumps([row[name] for name in key]): timeless(row) for row in own}
    return tables


@pytest.mark.timeout(1800)
def test_partitions_fill_the_tables_that_one_run_fills(tmp_path: Path) -> None:
    """Six pages as one client; and as two, of which one has four pages, and the other a partition for each of two.

    Two partitions are loaded at a time, then marts are built of all; in the end LinkedIn's daily limit is used up.
    """
    dagster = OfTheExample("dagster")
    dagster.make()
    for client, own in CLIENTS.items():
        file = tmp_path / "clients" / f"{client}.env"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f"{name}={value}\n" for name, value in own.items()))
    limited = tmp_path / "limited" / "meltano"
    limited.parent.mkdir()
    limited.write_text(LIMITED)
    limited.chmod(0o755)
    selected = [*STARTER, "following", "people", "organization_lookup"]
    with embedded_server() as url, Sandbox(World(organizations=6, posts=12, followers=30)) as sandbox:
        with Database(url, "linkedin") as database:
            meltano = Meltano(tmp_path, settings(sandbox.tap_settings, database))
        meltano.install("target-postgres")
        programs = [Path(dagster.program("python")).parent, Path(sys.executable).parent]
        environment = {
            **meltano.environment(),
            "TAP_LINKEDIN_DMA__SELECT": json.dumps([f"{stream}.*" for stream in selected]),
            "TAP_LINKEDIN_DMA_START_DATE": str(date.today() - timedelta(days=30)),
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
            "PYTHONPATH": str(EXAMPLE),
            "LINKEDIN_CLIENTS": str(tmp_path / "clients"),
            # As `dagster dev` has it: dbt's manifest is made on the way.
            "DAGSTER_IS_DEV_CLI": "1",
            "DBT_TARGET_PATH": str(tmp_path / "dbt"),
        }
        command = [dagster.program("python"), str(Path(__file__).with_name("play.py")), str(limited.parent)]
        log = tmp_path / "log.txt"
        with log.open("w") as output:
            printed = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=output, check=False)
        assert printed.returncode == 0, log.read_text()[-5000:]
        tables: dict[str, dict[str, dict[str, Row]]] = {}
        for schema in ("whole", "north", *(f"south_{page}" for page in SOUTH)):
            with Database(url, f"linkedin_{schema}") as of_client:
                tables[schema] = rows(of_client)
        with Database(url, "linkedin_marts") as marts:
            posts = marts.query(
                "SELECT loaded_schema, count(*) AS posts FROM linkedin_dma__posts GROUP BY loaded_schema"
            )
    played: dict[str, Any] = json.loads(printed.stdout.splitlines()[-1])
    partitions = ["north", *(f"south:{page}" for page in SOUTH), "whole"]
    assert played["partitions"] == partitions
    assert [run["outcome"] for run in played["runs"]] == ["ok"] * 2 * len(partitions)
    assert played["limit"] == [1, [], "north", ["linkedin"]]

    together: dict[str, dict[str, Row]] = defaultdict(dict)
    for schema in tables.keys() - {"whole"}:
        for table, found in tables[schema].items():
            together[table] |= found
    assert together == tables["whole"]
    assert tables["whole"].keys() == {*selected}
    # A page that never posted is in no mart of posts.
    of_schema = {f"linkedin_{schema}": len(found["posts"]) for schema, found in tables.items() if found["posts"]}
    assert {row["loaded_schema"]: row["posts"] for row in posts} == of_schema
