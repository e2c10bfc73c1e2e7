"""Virtual environments for what is measured, each with nothing but what it needs, in versions that are pinned."""

from __future__ import annotations

import hashlib
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
        """Install what it is to have, where that has not been done.

        Raises:
            CalledProcessError: it could not be installed.
        """
        wanted = self.fingerprint()
        installed = FOLDER / self.name / ".installed"
        if installed.exists() and installed.read_text() == wanted:
            return
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, FOLDER / self.name], check=True)
        # Compiled, or else the first run that is measured would do it.
        how = ["--quiet", "--compile-bytecode", "--python", self.program("python")]
        subprocess.run([uv, "pip", *self.packages(), *how], check=True)
        installed.write_text(wanted)

    def packages(self) -> list[str]:
        """What `uv pip` is told of them."""
        return ["sync", str(self._requirements)]

    def fingerprint(self) -> str:
        """Another one wherever the environment has to be made anew."""
        return self._requirements.read_text()

    @property
    def _requirements(self) -> Path:
        return REQUIREMENTS / f"{self.name}.txt"


@dataclass(frozen=True)
class OfThisTap(Environment):
    """This checkout, as a user installs it.

    The SDK imports some packages where it finds them, and the development environment has more of those than a user.
    """

    checkout: Path = ROOT

    def packages(self) -> list[str]:
        """The checkout; what it needs, in the versions of the lock file."""
        constraints = ["--constraints", str(self._lock), "--build-constraints", str(self._lock)]
        # uv would take a wheel that it built before from its cache, where only the code has changed.
        return ["install", *constraints, "--refresh-package", "tap-linkedin-dma", str(self.checkout)]

    def fingerprint(self) -> str:
        """Of the code, what it says it needs, and the lock file."""
        code = sorted((self.checkout / "tap_linkedin_dma").rglob("*.py"))
        digest = hashlib.sha256()
        for file in (*code, self.checkout / "pyproject.toml", self._lock):
            digest.update(f"{file.relative_to(self.checkout)}\n".encode() + file.read_bytes())
        return digest.hexdigest()

    @property
    def _lock(self) -> Path:
        return self.checkout / "requirements-dev.lock"


TAP = OfThisTap("tap")
