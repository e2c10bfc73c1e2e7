"""`login` as a person meets it: the command, the system's browser, LinkedIn's page, a button."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from linkedin_sandbox import Sandbox
from tests.support.browser import CHROMIUM, DRIVER
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="Chromium and its driver are not installed (apt-get install chromium-driver)"
)


def login(folder: Path, button: str, *options: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The command with a token_file, where somebody presses this button of the page that it opens."""
    port, file = free_port(), folder / "tokens" / "linkedin.json"
    with Sandbox(redirect_urls=[f"http://localhost:{port}/callback"]) as sandbox:
        config = {
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "oauth_url": f"{sandbox.url}/oauth/v2",
            "api_url": sandbox.url,
            "token_file": str(file),
        }
        (folder / "config.json").write_text(json.dumps(config))
        command = [sys.executable, "-m", "tap_linkedin_dma", "login", "--config", str(folder / "config.json")]
        ended = subprocess.run(
            [*command, "--port", str(port), "--timeout", "60", *options],
            cwd=ROOT,
            env={**os.environ, "BROWSER": f"{sys.executable} -m tests.support.browser {button} %s"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if file.exists():
            assert json.loads(file.read_text())["access_token"] in sandbox.tokens.states
    return ended, file


@pytest.mark.parametrize("options", [(), ("--pkce",)])
def test_who_allows_it_in_a_browser_has_a_token_in_the_file(tmp_path: Path, options: tuple[str, ...]) -> None:
    """One that LinkedIn has issued, and nobody has seen."""
    ended, file = login(tmp_path, "allow", *options)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    kept = json.loads(file.read_text())
    assert kept["scope"] == Sandbox.scope
    assert kept["access_token"] not in ended.stderr
    assert f"The token is in {file}." in ended.stderr
    assert "\nLogged in\n" in ended.stderr


def test_who_cancels_it_in_a_browser_is_told_what_to_do(tmp_path: Path) -> None:
    ended, file = login(tmp_path, "cancel")
    assert (ended.returncode, file.exists()) == (1, False)
    assert "The member did not agree. Log in again and allow it" in ended.stderr
    assert "\nNot logged in\n" in ended.stderr
