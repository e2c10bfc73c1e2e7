"""A Meltano project as a newcomer makes it, beside which the released tap lies as a wheel."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import yaml

from demo.meltano import PROJECT, Meltano
from generate.__main__ import HUB_DEFINITION, MELTANO_YML


def readme_commands() -> list[str]:
    """What the README has a newcomer type for pages of their own, line by line."""
    section = (PROJECT / "README.md").read_text().split("\n## Your own pages\n")[1].split("\n## ")[0]
    return [line for block in re.findall(r"```\n(.*?)```", section, re.DOTALL) for line in block.splitlines() if line]


def new_project(folder: Path, wheel: Path, settings: Mapping[str, object], loader: str) -> Meltano:
    """A project with the tap, from its Hub definition, and a loader that the shipped meltano.yml has.

    Args:
        folder: where the project, its state and its logs go.
        wheel: what is installed where the definition names the tap.
        settings: as `Meltano` takes them.
        loader: its name.
    """
    outside = Meltano(folder, {**settings, "UV_CONSTRAINT": str(constraint(folder, wheel))}, project=folder)
    outside.call("init", "linkedin", log=folder / "init.log")
    meltano = Meltano(folder, outside.settings, project=folder / "linkedin")
    meltano.call("add", "--from-ref", str(HUB_DEFINITION), "tap-linkedin-dma", log=folder / "add.log")
    (select,) = (command for command in readme_commands() if " _select " in command)
    meltano.call(*shlex.split(select)[1:], log=folder / "select.log")
    meltano.call("add", "--from-ref", str(loader_definition(loader, folder)), loader, log=folder / "add-loader.log")
    return meltano


def constraint(folder: Path, wheel: Path) -> Path:
    """A file for pip and uv: the package `tap-linkedin-dma` is this wheel, and no other of that name."""
    file = folder / "constraint.txt"
    file.write_text(f"tap-linkedin-dma @ {wheel.as_uri()}\n")
    return file


def loader_definition(loader: str, folder: Path) -> Path:
    """Meltano takes a loader's definition from its Hub, which the tests cannot reach."""
    loaders = yaml.safe_load(MELTANO_YML.read_text())["plugins"]["loaders"]
    (found,) = (each for each in loaders if each["name"] == loader)
    file = folder / f"{loader}.yml"
    file.write_text(yaml.safe_dump(found))
    return file
