"""Virtual environments for what is measured beside the tap, each made from a list of pinned packages."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".bench"
REQUIREMENTS = Path(__file__).parent / "requirements"


@dataclass(frozen=True)
class Environment:
    """One of them; its packages stand in `requirements/NAME.txt`."""

    name: str

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        return str(FOLDER / self.name / "bin" / name)

    def make(self) -> None:
        """Install what is listed, where that has not been done.

        Raises:
            CalledProcessError: it could not be installed.
        """
        wanted = REQUIREMENTS / f"{self.name}.txt"
        installed = FOLDER / self.name / ".installed"
        if installed.exists() and installed.read_text() == wanted.read_text():
            return
        uv = str(Path(sys.executable).with_name("uv"))
        python = self.program("python")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, FOLDER / self.name], check=True)
        subprocess.run([uv, "pip", "sync", "--quiet", "--python", python, wanted], check=True)
        installed.write_text(wanted.read_text())
