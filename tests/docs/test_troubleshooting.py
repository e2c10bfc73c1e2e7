"""The pages on logging in and on what the tap says: each message there is one that the code can say."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

import tap_linkedin_dma
from tap_linkedin_dma.commands.doctor.doctor import doctor
from tap_linkedin_dma.commands.login.login import login

PACKAGE = Path(tap_linkedin_dma.__file__).parent
DOCS = Path(__file__).parents[2] / "docs"
_FORMATS = re.compile(r"%s|%d|%\.0f|\{\w+\}")
_SHORTEST = 12
"""Characters of a literal, or a template of nothing but values would match every message."""


@cache
def templates() -> Sequence[re.Pattern[str]]:
    """Every text of the tap's code, with anything where it puts a value."""
    found = []
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts: list[str] = []
            if isinstance(node, ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else "%s" for part in node.values]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                parts = [node.value]
            text = "".join(parts)
            if len(_FORMATS.sub("", text)) >= _SHORTEST:
                found.append(re.compile("(.+)".join(map(re.escape, _FORMATS.split(text))), re.DOTALL))
    return found


def is_said(message: str) -> bool:
    """Whether the code has the message; what stands for a value is one word, or sentences that it has too."""
    for template in templates():
        found = template.fullmatch(message)
        if found and all(is_value(value) for value in found.groups()):
            return True
    return False


def is_value(text: str) -> bool:
    return len(text.split()) <= 5 or is_said(text)


MESSAGES = re.findall(r"^> (.+)$", (DOCS / "troubleshooting.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_quoted_message_is_one_that_the_code_can_say(message: str) -> None:
    """Word by word but for names, numbers and dates."""
    assert is_said(message)


def test_what_the_code_does_not_say_is_told_from_what_it_says() -> None:
    """Or the test above would pass whatever is quoted."""
    assert len(MESSAGES) > 20
    assert not is_said(MESSAGES[0].replace("Set linkedin_version", "Change linkedin_version"))
    assert not is_said(f"{MESSAGES[0]} And then some more that nobody says.")


@pytest.mark.parametrize("page", ["login.md", "troubleshooting.md"])
def test_options_and_links_of_a_page_lead_somewhere(page: str) -> None:
    """An option to a command, a link within the docs to a file."""
    text = (DOCS / page).read_text(encoding="utf-8")
    known = {option for command in (doctor, login) for one in command.params for option in one.opts}
    assert set(re.findall(r"`(?:login )?(--[a-z-]+)", text)) <= known
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (DOCS / link).exists()
