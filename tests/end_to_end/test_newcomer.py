"""From nothing to rows, by what the project's page on PyPI says and nothing else."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from demo.meltano import SETTING_PREFIXES
from demo.postgres import Database, embedded_server
from demo.processes import child
from generate.extractor import PROJECT, REPOSITORY, from_code
from generate.tables import FIGURES
from linkedin_sandbox import Sandbox, World
from tests.end_to_end.hub import hub
from tests.end_to_end.pypi_page import metadata, page
from tests.end_to_end.shelf import as_on_pypi
from tests.support.browser import CHROMIUM, DRIVER
from tests.support.ports import free_port

BROWSER = PROJECT / "tests" / "support" / "browser.py"
needs_a_browser = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and its driver are not installed")
DEFAULT = {pattern.partition(".")[0] for pattern in from_code()["select"]}


@needs_a_browser
@pytest.mark.timeout(1800)
def test_the_page_leads_a_newcomer_to_rows(wheel: Path, tmp_path: Path) -> None:
    """Install Meltano, add tap and target, log in through a real browser, ask the doctor, select, run into PostgreSQL.

    The commands are the page's, in its order, from an empty folder. What differs: LinkedIn is the sandbox, a test
    presses the button, the tap is a wheel, the repository's files are the checkout's, and Meltano Hub is a stand-in.
    """
    commands = page(wheel).commands["In Meltano"]
    # Figures go to another schema, to see what is in it, and with a state of their own.
    figures_alone = "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA=figures meltano run --state-id-suffix=figures"
    script = [*commands, f"{figures_alone} tap-linkedin-dma target-postgres"]
    port = free_port()
    world = World(posts=12, followers=20)
    with (
        embedded_server() as url,
        Database(url, "linkedin") as database,
        Database(url, "figures") as persons_left_out,
        Sandbox(world, redirect_urls=[f"http://localhost:{port}/callback"]) as sandbox,
        hub() as hub_url,
    ):
        instead = {
            "CLIENT_ID=...": f"CLIENT_ID={sandbox.client_id}",
            "CLIENT_SECRET=...": f"CLIENT_SECRET={sandbox.client_secret}",
            "postgresql+psycopg://user:password@host/database": shlex.quote(database.sqlalchemy_url),
            # Port 8400 may be taken here.
            "tap-linkedin-dma:login": f"tap-linkedin-dma:login --port {port} --timeout 60",
            **files_on_github(f"v{metadata(wheel)['Version']}"),
        }
        log = play(script, instead, tmp_path, settings(tmp_path, wheel, sandbox, MELTANO_HUB_URL=hub_url))
        tables, figures = database.snapshot(), persons_left_out.snapshot()
        rows = [persons_left_out.query(f"SELECT to_jsonb(t)::text AS row FROM {table} t") for table in figures]
    assert {table for table, rows in tables.items() if rows} == DEFAULT
    assert {json.loads(key)[0] for key in tables["posts"]} == set(world.truth.posts)
    assert figures.keys() == {pattern.partition(".")[0] for pattern in FIGURES}
    assert "urn:li:person:" not in json.dumps(rows)
    project = tmp_path / "linkedin"
    assert json.loads((project / "token.json").read_text())["access_token"] not in log
    assert {"/token.json", ".env"} <= set((project / ".gitignore").read_text().splitlines())
    assert [line for line in log.splitlines() if "was not found in the catalog" in line] == []


def files_on_github(version: str) -> dict[str, str]:
    """The address of the repository's files in a version, and where they are here."""
    raw = REPOSITORY.replace("https://github.com/", "https://raw.githubusercontent.com/")
    return {f"{raw}/{version}": str(PROJECT)}


def settings(folder: Path, wheel: Path, sandbox: Sandbox, **others: str) -> dict[str, str]:
    """What has the tap find the sandbox, the browser its button, and the installers the wheel."""
    return {
        "TAP_LINKEDIN_DMA_API_URL": sandbox.url,
        "TAP_LINKEDIN_DMA_OAUTH_URL": f"{sandbox.url}/oauth/v2",
        "TAP_LINKEDIN_DMA_REQUEST_INTERVALS": json.dumps(sandbox.tap_settings["request_intervals"]),
        "BROWSER": f"{sys.executable} {BROWSER} allow %s",
        **as_on_pypi(folder, wheel),
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        **others,
    }


def play(blocks: Iterable[str], instead: Mapping[str, str], folder: Path, given: Mapping[str, str]) -> str:
    """Type commands one after the other into a shell until one fails, and give all that was printed.

    Args:
        blocks: the commands.
        instead: what each of these texts in them is replaced by.
        folder: where the shell starts.
        given: environment variables, beside those of the caller that are no settings.
    """
    script = "\n".join(blocks)
    for said, done in instead.items():
        assert said in script, said
        script = script.replace(said, done)
    log = folder / "log.txt"
    command = ["bash", "-o", "errexit", "-o", "pipefail", "-o", "xtrace", "-c", script]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(SETTING_PREFIXES)}
    with (
        log.open("w") as output,
        child(command, output, output.fileno(), folder, {**inherited, **given}) as process,
    ):
        status = process.wait()
    printed = log.read_text()
    assert status == 0, printed[-5000:]
    return printed
