"""A Meltano project as a newcomer makes it, beside which the released tap lies as a wheel."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from demo.meltano import Meltano
from generate.__main__ import HUB_DEFINITION, MELTANO_YML
from generate.extractor import from_code


def new_project(folder: Path, wheel: Path, settings: Mapping[str, object], loader: str) -> Meltano:
    """A project with the tap, from its Hub definition, and a loader that the shipped meltano.yml has.

    Args:
        folder: where the project, its state and its logs go.
        wheel: what is installed where the definition names the tap.
        settings: as `Meltano` takes them.
        loader: its name.
    """
    outside = Meltano(folder, {**settings, **as_on_pypi(folder, wheel)}, project=folder)
    outside.call("init", "linkedin", log=folder / "init.log")
    meltano = Meltano(folder, outside.settings, project=folder / "linkedin")
    meltano.call("add", "--from-ref", str(HUB_DEFINITION), "tap-linkedin-dma", log=folder / "add.log")
    select = json.dumps(from_code()["select"])
    meltano.call("config", "set", "tap-linkedin-dma", "_select", select, log=folder / "select.log")
    meltano.call("add", "--from-ref", str(loader_definition(loader, folder)), loader, log=folder / "add-loader.log")
    return meltano


def as_on_pypi(folder: Path, *wheels: Path) -> dict[str, str]:
    """Environment variables by which pip and uv find our packages, as if they were on PyPI: these wheels and no others.

    The loaders are those of meltano.yml, so that a new release of one does not end the tests.
    """
    shelf = folder / "pypi"
    shelf.mkdir()
    ours = []
    for wheel in wheels:
        shutil.copy(wheel, shelf)
        name, version, *_ = wheel.name.split("-")
        ours.append(f"{name}=={version}")
    pinned = (loader["pip_url"] for loader in yaml.safe_load(MELTANO_YML.read_text())["plugins"]["loaders"])
    pins = shelf / "constraint.txt"
    pins.write_text("\n".join([*ours, *(pin for pin in pinned if " " not in pin)]))
    links = " ".join([str(shelf), *os.environ.get("PIP_FIND_LINKS", "").split()])
    return {
        "PIP_CONSTRAINT": str(pins),
        "PIP_FIND_LINKS": links,
        "UV_CONSTRAINT": str(pins),
        "UV_FIND_LINKS": str(shelf),
    }


def loader_definition(loader: str, folder: Path) -> Path:
    """Meltano takes a loader's definition from its Hub, which the tests cannot reach."""
    loaders = yaml.safe_load(MELTANO_YML.read_text())["plugins"]["loaders"]
    (found,) = (each for each in loaders if each["name"] == loader)
    file = folder / f"{loader}.yml"
    file.write_text(yaml.safe_dump(found))
    return file
