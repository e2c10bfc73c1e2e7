"""The page on PyPI leads somewhere: nobody there has a checkout, so every link is an address."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from demo.meltano import PROJECT
from generate.extractor import REPOSITORY
from tests.docs.test_docs import headings
from tests.end_to_end.pypi_page import metadata, page

RAW = REPOSITORY.replace("https://github.com/", "https://raw.githubusercontent.com/")


def own_file(link: str, version: str) -> tuple[Path, str] | None:
    """The file, and the heading in it, that an address in the repository names; None if it is not of the repository."""
    for start in (f"{REPOSITORY}/blob/v{version}/", f"{RAW}/v{version}/"):
        if link.startswith(start):
            path, _, heading = link.removeprefix(start).partition("#")
            return PROJECT / path, heading
    return None


def test_no_link_on_the_page_is_dead(wheel: Path) -> None:
    """A file of the repository is there, in the version that the page is about, and so is the heading."""
    version, shown = metadata(wheel)["Version"], page(wheel)
    links = [link for link in shown.links if not link.startswith("#user-content-")]
    own = {link: found for link in links if (found := own_file(link, version))}
    assert len(own) > 15
    for link, (file, heading) in own.items():
        assert file.is_file(), link
        assert not heading or heading in headings(file), link
    for link in set(links) - own.keys():
        assert urlsplit(link).scheme == "https", link
        assert not link.startswith((RAW, f"{REPOSITORY}/blob")), link


def test_the_sandbox_s_page_has_no_relative_link(sandbox_wheel: Path) -> None:
    """Its README is its page as it stands."""
    links = [link for link in page(sandbox_wheel).links if not link.startswith("#user-content-")]
    assert links
    assert {urlsplit(link).scheme for link in links} == {"https"}


def test_files_that_a_command_on_the_page_fetches_are_there(wheel: Path) -> None:
    """Of the page's own version, whose settings they hold."""
    version, shown = metadata(wheel)["Version"], page(wheel)
    text = "\n".join(block for blocks in shown.commands.values() for block in blocks)
    fetched = re.findall(rf"{re.escape(RAW)}/\S+", text)
    assert fetched
    for address in fetched:
        found = own_file(address, version)
        assert found, address
        assert found[0].is_file(), address


def test_pypi_names_the_repository(wheel: Path, sandbox_wheel: Path) -> None:
    """Beside the page, for those who look for the code or want to report something."""
    for released in (wheel, sandbox_wheel):
        named = dict(url.split(", ") for url in metadata(released).get_all("Project-URL", []))
        assert named.keys() == {"Repository", "Documentation", "Changelog", "Issues"}
        for address in named.values():
            assert address.startswith(REPOSITORY)
            assert (PROJECT / urlsplit(address).path.partition("/main/")[2]).exists()


def test_the_repository_has_one_address() -> None:
    """Wherever it stands, so that a move is one search and replacement."""
    search = [
        "git",
        "grep",
        "-I",
        "-h",
        "--only-matching",
        "-E",
        r"https://[a-z.]*github[a-z]*\.com/[^/ ]+/tap-linkedin-dma",
    ]
    found = subprocess.run(search, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert set(found) == {REPOSITORY, RAW}
