"""The command `linkedin-sandbox`: in a process of its own where it serves."""

from __future__ import annotations

import ast
import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import linkedin_sandbox
from linkedin_sandbox.__main__ import main
from tests.sandbox.client import HEADERS, ORGANIZATION

FOLDER = Path(linkedin_sandbox.__file__).parent
COMMAND = [sys.executable, "-W", "error", "-m", "linkedin_sandbox"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(FOLDER.parent)}
POSTS = f"dmaFeedContentsExternal?q=postsByAuthor&author={ORGANIZATION}"
SMALL = ["--posts", "12", "--followers", "9"]


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, which is killed if the test has not ended it."""
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str | int | None]:
    """What the command exits with when it does not begin to serve: a status, or a sentence."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def end(*options: str) -> str | int | None:
        with pytest.raises(SystemExit) as caught:
            main(options)
        return caught.value.code

    return end


def status_of(url: str, target: str, token: str) -> int:
    """The status of one GET."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", target, headers={**HEADERS, "Authorization": f"Bearer {token}"})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(number: signal.Signals) -> None:
    """`--json` prints one line, a config file of the tap's; it ends with status 0 and nothing more was printed."""
    options = ["--seed", "3", "--latency", "1", "--tick", "--json", "--interval", "dmaFeedContentsExternal=60"]
    with running(*SMALL, *options) as process:
        settings = json.loads(first_line(process))
        url, token = settings["api_url"], settings["access_token"]
        assert [status_of(url, f"/rest/{POSTS}", token) for _ in range(2)] == [200, 429]
        process.send_signal(number)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0
    assert settings["oauth_url"] == f"{url}/oauth/v2"
    assert settings["request_intervals"] == {
        "dmaOrganizationalPageFollows": 0,
        "dmaFeedContentsExternal": 60,
        "dmaOrganizationalPageContentAnalytics": 0,
        "dmaOrganizationalPageEdgeAnalytics": 0,
    }
    assert "member_access_token" not in settings


def test_it_prints_lines_that_a_shell_takes() -> None:
    """Nothing else stands on stdout, so that a file of it can be read in; how to use them is said on stderr."""
    with running(*SMALL, "--member") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [first_line(process)]
        process.terminate()
        lines += list(process.stdout)
        said = process.stderr.read()
    assert all(re.fullmatch(r"export TAP_LINKEDIN_DMA_[A-Z_]+=\S.*\s*", line) for line in lines)
    given = dict(word.split("=", 1) for line in lines for word in shlex.split(line) if word != "export")
    assert {name.removeprefix("TAP_LINKEDIN_DMA_") for name in given} == {
        *("API_URL", "OAUTH_URL", "ACCESS_TOKEN", "MEMBER_ACCESS_TOKEN"),
        *("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "REQUEST_INTERVALS"),
    }
    assert set(json.loads(given["TAP_LINKEDIN_DMA_REQUEST_INTERVALS"]).values()) == {0}
    assert said.strip() == "Paste these lines into the shell that the tap runs in. Ctrl-C here ends the sandbox."


def test_a_port_that_is_taken_is_said_in_a_sentence(ended: Callable[..., object]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert ended("--port", str(port), *SMALL) == (
            f"linkedin-sandbox: Port {port} is taken: name another with --port, or none to get a free one."
        )


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--interval", "dmaMe"], "RESOURCE=SECONDS"),
        (["--interval", "dmaMe=soon"], "RESOURCE=SECONDS"),
        (["--faults", "429,418"], "there is no fault 418"),
        (["--organizations", "0"], "from 1 to 500"),
        (["--port", "65536"], "from 0 to 65535"),
        (["--posts", "-1"], "a whole number"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    ended: Callable[..., object], capsys: pytest.CaptureFixture[str], options: list[str], why: str
) -> None:
    """In a line that says what is taken."""
    assert ended(*options) == 2
    assert why in capsys.readouterr().err


def test_help_names_every_option_and_the_command(
    ended: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Under the name by which it is installed."""
    assert ended("--help") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: linkedin-sandbox [OPTION ...]\n")
    defined = re.findall(r'add_argument\(\s*"(--[a-z-]+)"', (FOLDER / "__main__.py").read_text(encoding="utf-8"))
    assert len(defined) > 15
    assert not [option for option in defined if option not in shown]


def test_it_plays_faults() -> None:
    """Those of `--faults`, and it ends as it should in the middle of an outage."""
    with running("--json", "--faults", "connection-refused", "--fault-rate", "1", *SMALL) as process:
        url = json.loads(first_line(process))["api_url"]
        with pytest.raises(ConnectionError):
            status_of(url, "/rest/dmaMe", "")
        process.terminate()
        assert process.wait(60) == 0


def test_it_needs_the_standard_library_alone() -> None:
    """And nothing of the tap: so that it fits beside whatever is installed, and shares no mistake."""
    for module in FOLDER.rglob("*.py"):
        depth = len(module.relative_to(FOLDER).parts)
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert all(name.name.split(".")[0] in sys.stdlib_module_names for name in node.names), module
            elif isinstance(node, ast.ImportFrom):
                own = 0 < node.level <= depth
                assert own or (node.level == 0 and str(node.module).split(".")[0] in sys.stdlib_module_names), module


def test_a_file_that_is_no_wire_report_is_refused(ended: Callable[..., str], tmp_path: Path) -> None:
    """In a sentence, as is one that is missing."""
    (tmp_path / "none.json").write_text("{}")
    assert "none.json is no wire report" in ended("--as-reported", str(tmp_path / "none.json"), *SMALL)
    assert "No such file" in ended("--as-reported", str(tmp_path / "missing.json"), *SMALL)
