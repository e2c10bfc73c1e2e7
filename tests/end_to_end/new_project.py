"""A Meltano project as a newcomer makes it, beside which the released tap lies as a wheel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from demo.meltano import Meltano
from generate.__main__ import HUB_DEFINITION, MELTANO_YML


def new_project(folder: Path, wheel: Path, settings: Mapping[str, object], loader: str) -> Meltano:
    """A project with the tap, from its Hub definition, and a loader that the shipped meltano.yml has.

    Args:
        folder: where the project, its state and its logs go.
        wheel: what is installed where the definition names the tap.
        settings: as `Meltano` takes them.
        loader: its name.
    """
    # The definition says `tap-linkedin-dma`, and the package of that name is this wheel and no other.
    constraint = folder / "constraint.txt"
    constraint.write_text(f"tap-linkedin-dma @ {wheel.as_uri()}\n")
    outside = Meltano(folder, {**settings, "UV_CONSTRAINT": str(constraint)}, project=folder)
    outside.call("init", "linkedin", log=folder / "init.log")
    meltano = Meltano(folder, outside.settings, project=folder / "linkedin")
    meltano.call("add", "--from-ref", str(HUB_DEFINITION), "tap-linkedin-dma", log=folder / "add.log")
    meltano.call("add", "--from-ref", str(_definition(loader, folder)), loader, log=folder / "add-loader.log")
    return meltano


def _definition(loader: str, folder: Path) -> Path:
    """Meltano takes a loader's definition from its Hub, which the tests cannot reach."""
    loaders = yaml.safe_load(MELTANO_YML.read_text())["plugins"]["loaders"]
    (found,) = (each for each in loaders if each["name"] == loader)
    file = folder / f"{loader}.yml"
    file.write_text(yaml.safe_dump(found))
    return file
