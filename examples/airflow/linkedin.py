"""LinkedIn pages of several clients into PostgreSQL, each in a schema of its own, and marts of them all."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException
from dotenv import dotenv_values

PROJECT = Path(os.environ["MELTANO_PROJECT_ROOT"])
CLIENTS = Path(os.environ["LINKEDIN_CLIENTS"])

# LinkedIn answers a request for follows once a minute: of many pages they are read once a week, with who they name.
FOLLOWS = ("followers", "following")
NAMED = ("people", "organization_lookup")
SELECTIONS = {
    "daily": [f"--exclude={stream}" for stream in FOLLOWS],
    "follows": [f"--select={stream}" for stream in (*FOLLOWS, *NAMED)],
}


@task
def clients() -> list[str]:
    return sorted(file.stem for file in CLIENTS.glob("*.env"))


def schema(client: str) -> str:
    return f"linkedin_{client.replace('-', '_')}"


@task(pool="linkedin_app", retries=3, retry_delay=timedelta(minutes=5), retry_exponential_backoff=True)
def load(name: str, client: str) -> None:
    """Run the tap and the target for one client, with bookmarks of its own."""
    # `meltano run` must not run twice at once in a project; `meltano el` has a folder for each state ID.
    state_id = f"prod:tap-linkedin-dma-to-target-postgres:{client}-{name}"
    command = ["meltano", "el", "--state-id", state_id, *SELECTIONS[name], "tap-linkedin-dma", "target-postgres"]
    of_client = {setting: value or "" for setting, value in dotenv_values(CLIENTS / f"{client}.env").items()}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "run.json")
        own = {"TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema(client), "TAP_LINKEDIN_DMA_RUN_REPORT": str(report)}
        code = subprocess.run(command, cwd=PROJECT, env={**os.environ, **of_client, **own}, check=False).returncode
        # There is none if Meltano did not start the tap.
        found = json.loads(report.read_text()) if report.exists() else {"outcome": "ok"}
    if found["outcome"] in ("daily_limit", "token"):
        # A token does not mend itself; LinkedIn's daily limits are reset at 00:00 UTC, before the next run.
        raise AirflowFailException(found["message"])
    if code:
        is_of_tap = found["outcome"] != "ok"
        raise RuntimeError(found["message"] if is_of_tap else "Meltano or the target has failed: see the log.")


@task(trigger_rule="all_done")
def marts(loaded: list[str]) -> None:
    """The dbt project of Meltano, over the schemas of all clients, also of one whose load has failed today."""
    settings = {**os.environ, "LINKEDIN_DMA_SCHEMAS": ",".join(map(schema, loaded))}
    command = ["meltano", "invoke", "dbt-postgres:build"]
    subprocess.run(command, cwd=PROJECT, env=settings, check=True)


@dag(schedule="10 0 * * *", start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), catchup=False, max_active_runs=1)
def linkedin() -> None:
    """All that meltano.yml selects, except follows; then the marts."""
    found = clients()
    load.partial(name="daily").expand(client=found) >> marts(found)


@dag(schedule="0 12 * * 0", start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), catchup=False, max_active_runs=1)
def linkedin_follows() -> None:
    """Followers of the pages, and whom the pages follow."""
    load.partial(name="follows").expand(client=clients())


linkedin()
linkedin_follows()
