"""What several of these tests stand on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from demo.meltano import PROJECT

_LONGEST = ("test_marts", "test_documented_commands", "test_erase", "test_report", "test_newcomer")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take minutes, so that no worker is left alone with one at the end."""
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def built(project: Path, target: str, folder: Path) -> Path:
    """A wheel or an sdist of a project, as it would be released."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tap's wheel."""
    return built(PROJECT, "wheel", tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def sandbox_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's wheel."""
    return built(PROJECT / "linkedin_sandbox", "wheel", tmp_path_factory.mktemp("dist"))
