"""What is released: its version, the wheel, and the files that the image is made of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from demo.meltano import PROJECT
from generate.__main__ import MELTANO_YML
from generate.tables import own_settings

DOCKERFILE = (PROJECT / "Dockerfile").read_text()


def run(*command: str, cwd: Path, **environment: str) -> str:
    """What a command prints; the test fails with its errors where it does not end with 0."""
    # What git tells its hooks would lead it away from the folder it is run in.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ended = subprocess.run(
        command, cwd=cwd, env={**inherited, **environment}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def version(checkout: Path) -> str:
    return run(sys.executable, "-m", "hatchling", "version", cwd=checkout)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """This repository as it was last committed, without its tags."""
    run("git", "clone", "--quiet", "--no-local", "--depth=1", "--no-tags", PROJECT.as_uri(), "clone", cwd=tmp_path)
    return tmp_path / "clone"


def test_a_tag_is_the_version(clone: Path) -> None:
    """Nothing else has to be changed for a release, nor can be forgotten."""
    run("git", "tag", "v1.2.0", cwd=clone)
    assert version(clone) == version(clone / "linkedin_sandbox") == "1.2.0"


def test_without_tags_it_is_a_development_version(clone: Path) -> None:
    """So that nobody takes a checkout for a release."""
    assert re.fullmatch(r"0\.0\.1\.dev\d+\+g[0-9a-f]+", version(clone))


def test_without_git_it_builds_all_the_same(clone: Path) -> None:
    """As an archive that somebody downloaded."""
    shutil.rmtree(clone / ".git")
    assert version(clone) == version(clone / "linkedin_sandbox") == "0.0.0"


def test_the_wheels_work_where_nothing_else_is(wheel: Path, sandbox_wheel: Path) -> None:
    """The same that is run before a release."""
    uv = str(Path(sys.executable).with_name("uv"))
    told = run(
        *("bash", ".ci/check-dist", str(wheel), str(sandbox_wheel)), cwd=PROJECT, UV=uv, UV_PYTHON=sys.executable
    )
    assert re.search(r"tap-linkedin-dma \S+: \d+ records of \d+ streams$", told)


def test_the_wheels_share_no_file(wheel: Path, sandbox_wheel: Path) -> None:
    """A production tap carries no simulator, and the simulator none of the tap; both say that they are typed."""
    tap, sandbox = (set(ZipFile(file).namelist()) for file in (wheel, sandbox_wheel))
    assert {name.partition("/")[0].partition("-")[0] for name in tap} == {"tap_linkedin_dma"}
    assert {name.partition("/")[0].partition("-")[0] for name in sandbox} == {
        "linkedin_sandbox",
        "linkedin_dma_sandbox",
    }
    modules = {str(file.relative_to(PROJECT)) for file in (PROJECT / "linkedin_sandbox").rglob("*.py")}
    assert {name for name in sandbox if name.startswith("linkedin_sandbox/")} == {*modules, "linkedin_sandbox/py.typed"}


def test_the_sdist_of_the_sandbox_is_enough_to_build_it(tmp_path: Path) -> None:
    """Its version, its license and its files, without this repository around them."""
    sdist = tmp_path / "sdist"
    run(
        *(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(sdist)),
        cwd=PROJECT / "linkedin_sandbox",
        SETUPTOOLS_SCM_PRETEND_VERSION="1.2.0",
    )
    (archive,) = sdist.iterdir()
    shutil.unpack_archive(archive, tmp_path, filter="data")
    source = tmp_path / "linkedin_dma_sandbox-1.2.0"
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", cwd=source)
    (built,) = (source / "dist").iterdir()
    assert built.name.startswith("linkedin_dma_sandbox-1.2.0-")
    assert "linkedin_dma_sandbox-1.2.0.dist-info/licenses/LICENSE" in ZipFile(built).namelist()


def test_the_sandbox_has_the_license_of_the_tap() -> None:
    """A package's license file must stand in its own folder."""
    assert (PROJECT / "linkedin_sandbox" / "LICENSE").read_bytes() == (PROJECT / "LICENSE").read_bytes()


def copied() -> list[str]:
    """What the Dockerfile takes out of the repository."""
    lines = re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()]


def test_what_the_image_copies_is_enough_to_build_the_tap(tmp_path: Path) -> None:
    """And .dockerignore lets it through, but nothing that may hold a token or a table."""
    for name in copied():
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / name, tmp_path / name)
    run(
        *(sys.executable, "-m", "hatchling", "build", "--target", "wheel"),
        cwd=tmp_path,
        SETUPTOOLS_SCM_PRETEND_VERSION="1.2.0",
    )
    assert list((tmp_path / "dist").glob("tap_linkedin_dma-1.2.0-*.whl"))
    rules = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied())


def test_the_image_runs_as_a_user_without_rights() -> None:
    """A root in a container is root on a shared volume."""
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001"]
    assert re.search(r"^FROM python:3\.\d+-slim$", DOCKERFILE, re.MULTILINE)


def test_compose_sets_what_tap_and_target_know() -> None:
    """A setting that is misspelt there is ignored in silence."""
    compose = yaml.safe_load((PROJECT / "compose.yml").read_text())
    (loader,) = (
        each
        for each in yaml.safe_load(MELTANO_YML.read_text())["plugins"]["loaders"]
        if each["name"] == "target-postgres"
    )
    known = {f"TAP_LINKEDIN_DMA_{name.upper()}" for name in own_settings()}
    known |= {f"TARGET_POSTGRES_{setting['name'].upper()}" for setting in loader["settings"]}
    given = set(compose["services"]["meltano"]["environment"])
    given |= set(re.findall(r"\b(TAP_LINKEDIN_DMA_\w+)=", DOCKERFILE + (PROJECT / "compose.yml").read_text()))
    assert len(given) > 5
    assert given <= known
