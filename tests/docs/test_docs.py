"""README and docs say what the code does: their tables are made from it, and what they name is there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from generate import tables
from generate.__main__ import DOCS
from generate.extractor import PROJECT

MARKDOWN = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("[!.]*/*.md")])


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_the_tables_are_what_the_code_says(file: Path) -> None:
    """`make tables` writes them."""
    assert file.read_text() == tables.filled(file.read_text())


def test_every_table_has_its_place() -> None:
    """Marks that are misspelt would keep an old table for ever."""
    assert {name for file in DOCS for name in tables.names_in(file.read_text())} == {*tables.TABLES}


def headings(file: Path) -> set[str]:
    """The places in a document that a link can name."""
    titles = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("file", MARKDOWN, ids=lambda file: str(file.relative_to(PROJECT)))
def test_links_within_the_repository_lead_somewhere(file: Path) -> None:
    """To a file that is there, and to a heading in it."""
    for link in re.findall(r"\]\(([^)\s]+)\)", file.read_text()):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = file.parent / unquote(parts.path) if parts.path else file
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in headings(target), link


def test_every_document_is_linked_from_the_readme() -> None:
    """What no reader finds is not written."""
    readme = (PROJECT / "README.md").read_text()
    assert [file.name for file in DOCS[1:] if f"](docs/{file.name}" not in readme] == []


def code(file: Path) -> list[str]:
    """What a document shows as code, in blocks or within a sentence, line by line."""
    prose = re.split(r"^```.*\n", file.read_text(), flags=re.MULTILINE)
    inline = [found for text in prose[::2] for found in re.findall(r"`([^`]+)`", text)]
    return [*inline, *(line for block in prose[1::2] for line in block.splitlines())]


def test_what_readers_are_told_to_make_can_be_made() -> None:
    """A target that was renamed leaves its old name in prose."""
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = {line.split()[1] for file in MARKDOWN for line in code(file) if line.startswith("make ")}
    assert {"demo", "test", "hub"} <= named <= targets


def test_settings_that_readers_are_told_of_exist() -> None:
    """As the environment names them; a misspelt one is ignored in silence."""
    names = {f"TAP_LINKEDIN_DMA_{name.upper()}" for name in tables.own_settings()}
    told = {found for file in MARKDOWN for found in re.findall(r"TAP_LINKEDIN_DMA_[A-Z_]*[A-Z]", file.read_text())}
    assert "TAP_LINKEDIN_DMA_CLIENT_ID" in told
    # A placeholder, and one of the Singer SDK's.
    assert told - names <= {"TAP_LINKEDIN_DMA_NAME", "TAP_LINKEDIN_DMA_LOGLEVEL"}
