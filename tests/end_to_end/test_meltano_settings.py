"""What Meltano makes of the settings by the shipped definition."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from demo.meltano import PROJECT, Meltano, MeltanoError
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.end_to_end.targets import install
from tests.support.consent_page import press
from tests.support.ports import free_port

GIVEN = {
    "request_timeout": "30",
    "longest_wait": "1.5",
    "max_tries": "3",
    "request_intervals": '{"dmaPosts": 0.5}',
    "organizations": "[42]",
    "linkedin_version": "202605",
    "fail_on_skip": "true",
    "start_date": "2026-02-01",
}
"""As the environment has them, where each is text."""


def test_meltano_hands_every_kind_of_setting_to_the_tap(tmp_path: Path) -> None:
    """It makes JSON of them for the tap's file of settings; of numbers of its kind `decimal` it cannot."""
    settings = {f"TAP_LINKEDIN_DMA_{name.upper()}": value for name, value in GIVEN.items()}
    printed = tmp_path / "printed.json"
    Meltano(tmp_path, settings).call("config", "print", "tap-linkedin-dma", log=printed)
    text = printed.read_text()
    found = json.loads(text[text.index("{") : text.rindex("}") + 1])
    tap = TapLinkedInDMA(config={**found, "access_token": "invented-access-token"})
    assert {name: tap.config[name] for name in GIVEN} == {
        "request_timeout": 30,
        "longest_wait": 1.5,
        "max_tries": 3,
        "request_intervals": {"dmaPosts": 0.5},
        "organizations": [42],
        "linkedin_version": "202605",
        "fail_on_skip": True,
        "start_date": tap.config["start_date"],
    }
    assert tap.config["start_date"].startswith("2026-02-01")


def test_meltano_reads_a_date_as_america_does_unless_the_year_comes_first(tmp_path: Path) -> None:
    """As docs/meltano.md warns."""
    printed = tmp_path / "printed.json"
    Meltano(tmp_path, {"TAP_LINKEDIN_DMA_START_DATE": "01.02.2026"}).call(
        "config", "print", "tap-linkedin-dma", log=printed
    )
    assert '"start_date": "2026-01-02' in printed.read_text()


def test_a_daily_limit_is_75_by_the_tap_and_1_by_meltano(tmp_path: Path) -> None:
    """`meltano invoke` passes the tap's code on, `meltano run` does not, as docs/meltano.md says."""
    with Sandbox(World(posts=5, followers=5), faults=["429-day=dmaPosts"]) as sandbox:
        given = {f"TAP_LINKEDIN_DMA_{name.upper()}": value for name, value in sandbox.tap_settings.items()}
        meltano = Meltano(tmp_path, {**given, "TARGET_JSONL_DESTINATION_PATH": str(tmp_path)})
        install("tap-linkedin-dma", "target-jsonl")
        log = tmp_path / "run.log"
        with pytest.raises(MeltanoError, match=r"ended with 1\."):
            meltano.call("run", "tap-linkedin-dma", "target-jsonl", log=log)
        assert "daily limit" in log.read_text()
        with pytest.raises(MeltanoError, match=r"ended with 75\."):
            meltano.call("invoke", "tap-linkedin-dma", log=log)


def test_an_address_is_pasted_to_a_login_under_meltano(tmp_path: Path) -> None:
    """`meltano invoke tap-linkedin-dma:login --no-browser`, as README and docs say for a machine without a browser."""
    port = free_port()
    with Sandbox(redirect_urls=[f"http://localhost:{port}/callback"]) as sandbox:
        given = {
            "TAP_LINKEDIN_DMA_CLIENT_ID": sandbox.client_id,
            "TAP_LINKEDIN_DMA_CLIENT_SECRET": sandbox.client_secret,
            "TAP_LINKEDIN_DMA_API_URL": sandbox.url,
            "TAP_LINKEDIN_DMA_OAUTH_URL": f"{sandbox.url}/oauth/v2",
            "TAP_LINKEDIN_DMA_TOKEN_FILE": str(tmp_path / "token.json"),
        }
        meltano = Meltano(tmp_path, given)
        install("tap-linkedin-dma", "target-jsonl")
        command = meltano.command("invoke", "tap-linkedin-dma:login", "--no-browser", "--port", str(port))
        with subprocess.Popen(
            command,
            cwd=PROJECT,
            env=meltano.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout
            shown = ""
            # Meltano shows whole lines alone: what to do now must be one.
            while "After you agree" not in shown:
                shown += process.stdout.readline() or pytest.fail(shown)
            (address,) = re.findall(r"http://\S+/authorization\S*", shown)
            printed, _ = process.communicate(f"{press(address, 'allow')}\n", timeout=250)
    assert process.returncode == 0, printed
    assert json.loads((tmp_path / "token.json").read_text())["access_token"]
