"""The project's page on PyPI, as PyPI makes it of a wheel, and what a reader finds there."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

from readme_renderer import markdown


def metadata(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


@dataclass
class Page(HTMLParser):
    """A rendered page.

    Attributes:
        commands: by heading, the blocks of shell commands that stand below it.
        links: where the page leads to, and where its pictures are.
    """

    commands: dict[str, list[str]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    _heading: str = ""
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [link for name in ("href", "src") if (link := given.get(name))]
        if tag in ("h1", "h2", "h3"):
            self._inside, self._heading = tag, ""
        elif tag == "pre" and given.get("lang") == "sh":
            self._inside = tag
            self.commands.setdefault(self._heading, []).append("")

    def handle_data(self, data: str) -> None:
        if self._inside == "pre":
            self.commands[self._heading][-1] += data
        elif self._inside:
            self._heading += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""


def page(wheel: Path) -> Page:
    """The page that PyPI would show for this wheel."""
    described = metadata(wheel)
    assert described["Description-Content-Type"] == "text/markdown"
    return rendered(str(described.get_payload()))


def rendered(text: str) -> Page:
    """What PyPI, and much the same GitHub, makes of Markdown."""
    html = markdown.render(text)
    assert html is not None
    shown = Page()
    shown.feed(html)
    return shown
