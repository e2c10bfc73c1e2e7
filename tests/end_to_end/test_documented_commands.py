"""Every command of README and docs, as it stands there and from an empty folder."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from demo.postgres import Database, embedded_server
from generate.__main__ import DOCS
from generate.extractor import PROJECT
from generate.tables import STARTER
from linkedin_sandbox import Sandbox, World
from tests.end_to_end.hub import hub
from tests.end_to_end.pypi_page import metadata, page, rendered
from tests.end_to_end.shelf import as_on_pypi
from tests.end_to_end.test_newcomer import files_on_github, needs_a_browser, play, settings
from tests.support.ports import free_port

HERE = "test_documented_commands.py::"
PLAYED = {
    "README.md": {
        "See it work": f"{HERE}test_a_clone_runs_the_demo",
        "Try your database before LinkedIn approves you": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "In Meltano": "test_newcomer.py::test_the_page_leads_a_newcomer_to_rows",
        "Without Meltano": f"{HERE}test_without_meltano_a_second_run_goes_on_from_the_first",
    },
    # The demo installs and runs the same, in the project that the page is about.
    "marts.md": {
        "From tables to answers": f"{HERE}test_a_clone_runs_the_demo",
        "A report and an app": "test_report.py::test_the_app_shows_what_sql_gives_at_two_widths",
    },
    "meltano.md": {
        "Settings and secrets": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "A job and a schedule": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "A quieter log": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "Many organizations and clients": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "Follows once a week": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "An upgrade": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "DuckDB": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "CSV": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "JSON lines": f"{HERE}test_meltano_with_every_target_on_the_sandbox",
        "Container": "none: there is no Docker where the tests run; test_release.py looks at the files",
    },
    "run-report.md": {
        "An alert": "../output/test_run_report.py::test_the_alert_of_the_docs_tells_a_good_run_from_others",
    },
    # The same command as the README's.
    "privacy.md": {"Which data": "test_newcomer.py::test_the_page_leads_a_newcomer_to_rows"},
}
"""By page and heading, the test that plays the commands below it."""


def commands(name: str) -> dict[str, list[str]]:
    """The blocks of commands of a page of the docs, by heading."""
    (file,) = (file for file in DOCS if file.name == name)
    return rendered(file.read_text()).commands


def test_every_command_is_played() -> None:
    """By a test that is there, or it says why not; a block that is no command says what it is."""
    found = {file.name: sorted(commands(file.name)) for file in DOCS}
    assert {name: headings for name, headings in found.items() if headings} == {
        name: sorted(played) for name, played in PLAYED.items()
    }
    for by in (by for played in PLAYED.values() for by in played.values()):
        module, _, test = by.partition("::")
        assert by.startswith("none: ") or f"def {test}(" in (Path(__file__).parent / module).read_text()
    for file in DOCS:
        blocks = re.findall(r"^```(.*)\n(?:.*\n)*?```$", file.read_text(), re.MULTILINE)
        assert set(blocks) <= {"sh", "sql", "python", "json", "yaml", "mermaid"}, file


@pytest.mark.timeout(1800)
def test_a_clone_runs_the_demo(wheel: Path) -> None:
    """From the repository as it was last committed, in an environment that `make` installs."""
    (script,) = page(wheel).commands["See it work"]
    address = script.split()[2]
    # git takes the checkout for what stands at the repository's address.
    given = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{PROJECT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }
    # Not in pytest's own folder, which each session of it closes again to the user that PostgreSQL runs as.
    with TemporaryDirectory(prefix="linkedin-clone-") as folder:
        play([script], {}, Path(folder), given)
        assert "<html" in (Path(folder) / "tap-linkedin-dma" / "demo" / "report.html").read_text()


@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the DuckDB that target-duckdb needs has no wheels for it")
def test_meltano_with_every_target_on_the_sandbox(wheel: Path, sandbox_wheel: Path, tmp_path: Path) -> None:
    """The sandbox serves while the reader's own project loads it into PostgreSQL and each target of docs/meltano.md.

    The commands are the page's on PyPI and then those of docs/meltano.md, in their order.
    """
    front = page(wheel).commands
    serve, runs = front["Try your database before LinkedIn approves you"]
    install, add_tap, add_target, env_file, _, starter = front["In Meltano"][:6]
    own_lines = "\n".join(line for line in env_file.splitlines() if "LINKEDIN_DMA" not in line)
    docs = commands("meltano.md")
    script = [
        serve,
        *(install, add_tap, add_target, own_lines),
        *(starter, runs),
        *(block for heading, blocks in docs.items() if heading != "Container" for block in blocks),
    ]
    with embedded_server() as url, Database(url, "linkedin_sandbox") as database, hub() as hub_url:
        smaller = "linkedin-sandbox --organizations 3 --posts 12 --followers 30"
        two_shells = f"{smaller} >exports & until grep -qs API_URL exports; do sleep 0.1; done; . ./exports"
        instead = {
            "linkedin-sandbox --organizations 30": two_shells,
            "postgresql+psycopg://user:password@host/database": f"'{database.sqlalchemy_url}'",
            **files_on_github(f"v{metadata(wheel)['Version']}"),
            **files_on_github("main"),
        }
        given = {
            "MELTANO_HUB_URL": hub_url,
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            # Of figures, a few weeks will do.
            "TAP_LINKEDIN_DMA_START_DATE": str(date.today() - timedelta(days=60)),
        }
        log = play(script, instead, tmp_path, {**given, **as_on_pypi(tmp_path, wheel, sandbox_wheel)})
        loaded = database.snapshot()
        of_client = {}
        for schema in ("acme", "zenith", "linkedin_90417283", "linkedin_90417391"):
            with Database(url, schema) as client:
                of_client[schema] = client.snapshot()
    assert loaded.keys() == set(STARTER)
    assert len(loaded["organizations"]) == 3
    # Two at once, by either way; no page is in the schema of another.
    for one, other in (("acme", "zenith"), ("linkedin_90417283", "linkedin_90417391")):
        assert of_client[one].keys() == of_client[other].keys() == set(STARTER)
        pages = {*of_client[one]["organizations"], *of_client[other]["organizations"]}
        assert (len(of_client[one]["organizations"]), len(pages)) == (1, 2)
    # By then the project leaves followers to a run of their own.
    streams = {*STARTER} - {"followers"}
    project = tmp_path / "linkedin"
    with duckdb.connect(str(project / "linkedin.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM organizations").fetchall() == [(3,)]
        assert {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()} == streams
    for kind in ("csv", "jsonl"):
        assert {file.stem.partition("-")[0] for file in (project / "output").glob(f"*.{kind}")} == streams
    (organizations,) = (project / "output").glob("organizations-*.csv")
    with organizations.open() as rows:
        assert len(list(csv.DictReader(rows))) == 3
    (organizations,) = (project / "output").glob("organizations-*.jsonl")
    assert len(organizations.read_text().splitlines()) == 3
    assert "Unknown message type" not in log
    assert "INSERT INTO" not in log.partition("mkdir clients")[2]


def installers(folder: Path) -> dict[str, str]:
    """Has pipx and uv, which our environment has, install into a folder, and the shell find what they install."""
    folders = {"PIPX_HOME": "pipx", "PIPX_BIN_DIR": "bin", "UV_TOOL_DIR": "tools", "UV_TOOL_BIN_DIR": "bin"}
    own = {name: str(folder / where) for name, where in folders.items()}
    path = os.pathsep.join([own["PIPX_BIN_DIR"], str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**own, "PATH": path}


@pytest.mark.timeout(900)
def test_uv_installs_what_the_page_installs_by_pipx(wheel: Path, tmp_path: Path) -> None:
    """And either installs Meltano."""
    setup, _ = page(wheel).commands["Without Meltano"]
    install = [line.replace("pipx", "uv tool") for line in setup.splitlines() if line.startswith("pipx install")]
    script = [*install, "uv tool install meltano", "tap-linkedin-dma --version", "target-csv --version"]
    script += ["meltano --version", "pipx install --force meltano", "meltano --version"]
    play(script, {}, tmp_path, {**as_on_pypi(tmp_path, wheel), **installers(tmp_path)})


@needs_a_browser
@pytest.mark.timeout(900)
def test_without_meltano_a_second_run_goes_on_from_the_first(wheel: Path, tmp_path: Path) -> None:
    """The three lines of a run are the same each time: the second reads what is new, and the state stands in a file."""
    setup, run = page(wheel).commands["Without Meltano"]
    port = free_port()
    with Sandbox(World(posts=20, followers=40), redirect_urls=[f"http://localhost:{port}/callback"]) as sandbox:
        given = settings(tmp_path, wheel, sandbox, **installers(tmp_path))
        only_here = ("TAP_LINKEDIN_DMA_API_URL", "TAP_LINKEDIN_DMA_OAUTH_URL", "TAP_LINKEDIN_DMA_REQUEST_INTERVALS")
        where = {name.removeprefix("TAP_LINKEDIN_DMA_").lower(): given.pop(name) for name in only_here}
        where["request_intervals"] = json.loads(where["request_intervals"])
        instead = {
            '"client_id": "..."': f'"client_id": "{sandbox.client_id}"',
            '"client_secret": "..."}'[:-1]: f'"client_secret": "{sandbox.client_secret}"',
            '"token_file": "token.json"': f'"token_file": "token.json", {json.dumps(where)[1:-1]}',
            "login --config": f"login --port {port} --timeout 60 --config",
        }
        play([setup, run], instead, tmp_path, given)
        first = posts(tmp_path / "output")
        assert first == set(sandbox.world.truth.posts)
        fresh = set(sandbox.tick().posts)
        play([run], {}, tmp_path, given)
    files = sorted((tmp_path / "output").glob("posts-*.csv"))
    assert len(files) == 2
    assert posts(tmp_path / "output") == first | fresh
    assert len(files[1].read_text().splitlines()) < len(files[0].read_text().splitlines())
    assert "bookmarks" in json.loads((tmp_path / "state.json").read_text())


def posts(folder: Path) -> set[str]:
    """The posts of all runs."""
    found = set()
    for file in folder.glob("posts-*.csv"):
        with file.open(newline="") as rows:
            found |= {row["id"] for row in csv.DictReader(rows)}
    return found
