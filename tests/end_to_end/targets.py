"""Targets of the shipped project, run by themselves on a file of messages."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from demo.meltano import Meltano


def load(target: str, messages: Path, folder: Path, **config: object) -> None:
    """Let a target of the project write these messages."""
    meltano = Meltano(folder, {})
    meltano.call("install", target, log=folder / "install.log")
    command = Path(meltano.environment()["MELTANO_SYS_DIR_ROOT"]) / "loaders" / target / "venv/bin" / target
    settings = folder / "config.json"
    settings.write_text(json.dumps(config))
    with messages.open() as lines:
        subprocess.run([command, "--config", settings], stdin=lines, capture_output=True, check=True, timeout=300)
