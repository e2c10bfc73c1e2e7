"""Our packages as an installer finds them once they are released."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import yaml

from generate.__main__ import MELTANO_YML


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
        # pip takes a no for this option; most of what it would compile is never imported.
        "PIP_NO_COMPILE": "no",
        "UV_CONSTRAINT": str(pins),
        "UV_FIND_LINKS": str(shelf),
    }
