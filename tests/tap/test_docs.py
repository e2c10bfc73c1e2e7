"""README and docs say what the code does: their tables are made from it, and what they name is there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from generate import tables
from generate.__main__ import DOCS, PROJECT

MARKDOWN = sorted(
    file for file in PROJECT.rglob("*.md") if not any(part.startswith(".") for part in file.relative_to(PROJECT).parts)
)


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_the_tables_are_what_the_code_says(file: Path) -> None:
    """`make tables` writes them."""
    assert file.read_text() == tables.filled(file.read_text())


def test_every_table_has_its_place() -> None:
    """Marks that are misspelt would keep an old table for ever."""
    assert sorted(name for file in DOCS for name in tables.names_in(file.read_text())) == sorted(tables.TABLES)


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


def test_what_readers_are_told_to_make_can_be_made() -> None:
    """A target that was renamed leaves its old name in prose."""
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = {name for file in MARKDOWN for name in re.findall(r"(?:^|`)make ([a-z-]+)", file.read_text(), re.MULTILINE)}
    assert {"demo", "test"} <= named <= targets
