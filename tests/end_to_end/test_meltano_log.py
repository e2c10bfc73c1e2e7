"""The tap's log as Meltano shows it: nothing before the run, and the cause of a failure as the tap's last word."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.meltano import Meltano, MeltanoError
from linkedin_sandbox import Sandbox, World
from tests.end_to_end.targets import install


def test_the_cause_of_a_failure_is_the_last_line_of_the_tap(tmp_path: Path) -> None:
    """After it come only the loader's lines and Meltano's own. The tap by itself says the same, in the same order."""
    with Sandbox(World(posts=3, followers=3)) as sandbox:
        given = {"api_url": sandbox.url, "access_token": "invented-and-wrong"}
        settings = {f"TAP_LINKEDIN_DMA_{name.upper()}": value for name, value in given.items()}
        meltano = Meltano(tmp_path, {**settings, "TARGET_JSONL_DESTINATION_PATH": str(tmp_path)})
        install("tap-linkedin-dma", "target-jsonl")
        with pytest.raises(MeltanoError):
            meltano.run(1, "target-jsonl")
        (tmp_path / "config.json").write_text(json.dumps(given))
        command = [sys.executable, "-m", "tap_linkedin_dma", "--config", str(tmp_path / "config.json")]
        alone = subprocess.run(command, capture_output=True, text=True, check=False)
    own = [line.split("|", 3)[-1].strip() for line in alone.stderr.splitlines()]
    shown = [line.strip() for line in (tmp_path / "run-1.log").read_text().splitlines()]
    assert own[-1].startswith("LinkedIn does not accept the access token (401).")
    assert [line for line in shown if line in own][-1] == own[-1]
    assert not [line for line in shown if "Added '" in line or "Skipping deselected" in line or "METRIC" in line]
    assert not [line for line in shown if "unhandled" in line]
