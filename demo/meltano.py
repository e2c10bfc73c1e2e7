"""Meltano as a user runs it: the shipped meltano.yml, and settings from the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import fasteners  # type: ignore[import-untyped]

from demo.processes import child

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).parent.parent
SETTING_PREFIXES = ("MELTANO_", "TAP_LINKEDIN_DMA_", "TARGET_", "DBT_", "LINKEDIN_DMA_")
LAST_LINES = 30


def plugins(project: Path) -> Path:
    """Where a project's plugins are: apart from the user's own `.meltano`, so that none of a demo mix with theirs."""
    return project / ".meltano" / "demo"


class MeltanoError(Exception):
    """A meltano command did not end with 0. The message holds the last lines it printed."""


@dataclass(frozen=True)
class Meltano:
    """A project's Meltano with settings and state of its own.

    Args:
        state: a folder that outlives the runs that belong together: it holds the bookmarks and the logs.
        settings: environment variables, `TAP_LINKEDIN_DMA_<SETTING>` and so on. What is not a string is passed as JSON.
        project: the folder of its meltano.yml, by default the shipped one.
    """

    state: Path
    settings: Mapping[str, object]
    project: Path = PROJECT

    def environment(self) -> dict[str, str]:
        """The caller's environment, in which no setting of the plugins is left but those given."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(SETTING_PREFIXES)}
        given = {name: value if isinstance(value, str) else json.dumps(value) for name, value in self.settings.items()}
        return {
            **inherited,
            **given,
            "MELTANO_SYS_DIR_ROOT": str(plugins(self.project)),
            "MELTANO_DATABASE_URI": f"sqlite:///{self.state / 'meltano.db'}",
            # Without one, Meltano writes one into the shipped meltano.yml.
            "MELTANO_PROJECT_ID": str(uuid.UUID(int=0)),
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        }

    def command(self, *arguments: str) -> list[str]:
        """The command line of a meltano command, to be run in the project's folder."""
        # A .env file of the user's would be read otherwise, and their token sent to the sandbox.
        own_env_file = self.state / ".env"
        own_env_file.touch()
        meltano = Path(sys.executable).with_name("meltano")
        return [str(meltano), "--log-format", "plain", "--env-file", str(own_env_file), *arguments]

    def call(self, *arguments: str, log: Path) -> None:
        """Run one meltano command, its output going into a file.

        Raises:
            MeltanoError: it did not end with 0.
        """
        command, settings = self.command(*arguments), self.environment()
        alone = plugins(self.project) / "alone.lock"
        alone.parent.mkdir(parents=True, exist_ok=True)
        # Meltano writes a run's catalog into the project, and takes it away at the end, whoever else is at it.
        with (
            fasteners.InterProcessLock(alone),
            log.open("w") as output,
            child(command, output, subprocess.STDOUT, self.project, settings) as process,
        ):
            status = process.wait()
        if status:
            last_lines = "\n".join(log.read_text().splitlines()[-LAST_LINES:])
            message = f"`meltano {' '.join(arguments)}` ended with {status}. The last it printed:\n{last_lines}"
            raise MeltanoError(message)

    def install(self, target: str = "target-postgres", *utilities: str) -> None:
        """Install the tap, a target and utilities, each into an environment of its own; quick if they are installed."""
        self.call("install", "tap-linkedin-dma", target, *utilities, log=self.state / "install.log")

    def run(self, number: int, target: str = "target-postgres", *utilities: str) -> None:
        """Run the tap into a target, going on where the last run with this state folder ended; then utilities."""
        self.call("run", "tap-linkedin-dma", target, *utilities, log=self.state / f"run-{number}.log")
