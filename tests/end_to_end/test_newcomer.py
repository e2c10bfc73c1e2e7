"""From nothing to rows in PostgreSQL, by what the README says and nothing else."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from demo.meltano import PROJECT, SETTING_PREFIXES
from demo.postgres import Database, embedded_server
from demo.processes import child
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.streams import STREAMS
from tests.end_to_end.new_project import constraint, loader_definition, readme_commands
from tests.support.browser import CHROMIUM, DRIVER
from tests.support.ports import free_port

BROWSER = PROJECT / "tests" / "support" / "browser.py"


@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and its driver are not installed")
def test_the_readme_leads_a_newcomer_to_rows(wheel: Path, tmp_path: Path) -> None:
    """Install, log in through a real browser, ask the doctor, add to Meltano, run into PostgreSQL.

    The commands are the README's. What differs: LinkedIn is the sandbox, a test presses the button, the tap comes from
    the wheel, and target-postgres is added by a definition of the repository's since there is no Meltano Hub here.
    """
    port = free_port()
    world = World(posts=30, followers=60)
    redirect_url = f"http://localhost:{port}/callback"
    with (
        embedded_server() as url,
        Database(url, "linkedin") as database,
        Sandbox(world, redirect_urls=[redirect_url]) as sandbox,
    ):
        instead = {
            "python3 ": f"{shlex.quote(sys.executable)} ",
            "CLIENT_ID=...": f"CLIENT_ID={sandbox.client_id}",
            "CLIENT_SECRET=...": f"CLIENT_SECRET={sandbox.client_secret}",
            "login --config=ENV": f"login --config=ENV --port {port} --timeout 60",
            "meltano add target-postgres": "meltano add --from-ref "
            f"{loader_definition('target-postgres', tmp_path)} target-postgres",
            "postgresql+psycopg://user:password@host/database": shlex.quote(database.sqlalchemy_url),
        }
        script = "\n".join(readme_commands())
        for said, done in instead.items():
            assert script.count(said) == 1, said
            script = script.replace(said, done)
        # What docs/meltano.md adds: the tap's commands with the settings of the project, all by the environment.
        script += "\nmeltano invoke tap-linkedin-dma:doctor"
        log = type_in(script, tmp_path, environment(tmp_path, wheel, sandbox))
        tables = database.snapshot()
    assert {table for table, rows in tables.items() if rows} == {
        stream.name for stream in STREAMS if stream.selected_by_default
    }
    assert {json.loads(key)[0] for key in tables["posts"]} == set(world.truth.posts)
    token = json.loads((tmp_path / "token.json").read_text())["access_token"]
    assert token not in log


def environment(folder: Path, wheel: Path, sandbox: Sandbox) -> dict[str, str]:
    """A newcomer's, and what has the tap find the sandbox, the browser its button, and the installers the wheel."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(SETTING_PREFIXES)}
    return {
        **inherited,
        "TAP_LINKEDIN_DMA_API_URL": sandbox.url,
        "TAP_LINKEDIN_DMA_OAUTH_URL": f"{sandbox.url}/oauth/v2",
        "TAP_LINKEDIN_DMA_REQUEST_INTERVALS": json.dumps(sandbox.tap_settings["request_intervals"]),
        "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": "linkedin",
        "BROWSER": f"{sys.executable} {BROWSER} allow %s",
        "PIP_CONSTRAINT": str(constraint(folder, wheel)),
        "UV_CONSTRAINT": str(constraint(folder, wheel)),
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
    }


def type_in(script: str, folder: Path, environment: dict[str, str]) -> str:
    """Run commands one after the other in a shell until one fails, and give all that was printed."""
    log = folder / "log.txt"
    command = ["bash", "-o", "errexit", "-o", "pipefail", "-o", "xtrace", "-c", script]
    with (
        log.open("w") as output,
        child(command, output, output.fileno(), folder, environment) as process,
    ):
        status = process.wait()
    printed = log.read_text()
    assert status == 0, printed[-5000:]
    return printed
