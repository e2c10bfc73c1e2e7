"""`make sentences`: every sentence that the tap can print, by module, so that someone can read them in one go.

A value is shown as `…`. SQL, columns' descriptions and docstrings other than those of commands are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import tap_linkedin_dma

PACKAGE = Path(tap_linkedin_dma.__file__).parent
_FEWEST_WORDS = 3
_VALUE = "…"
_CODE = re.compile(r"\|\||[a-z]\(|CAST\(|\(\?|\\|[a-z]\.[a-z]+\(|[a-z]{2}_[A-Z]{2} |^[A-Z]{2,} |(LIKE|IN|=) […(N]")
"""SQL, patterns, Python and lists of names."""


def sentences() -> dict[str, list[str]]:
    """The texts of each module that has any, in the order of the code."""
    files = {str(file.relative_to(PACKAGE)): file for file in sorted(PACKAGE.rglob("*.py"))}
    found = {name: list(_texts(ast.parse(file.read_text(encoding="utf-8")))) for name, file in files.items()}
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}


def _texts(node: ast.AST) -> Iterator[str]:
    for child in _printed(node):
        text = _text(child)
        if text is None:
            yield from _texts(child)
        elif len(text.replace(_VALUE, "").split()) >= _FEWEST_WORDS and not _CODE.search(text):
            yield " ".join(text.split())


def _printed(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that hold no docstring and no column's description."""
    is_command = isinstance(node, ast.FunctionDef) and any("command" in ast.unparse(one) for one in node.decorator_list)
    is_setting = isinstance(node, ast.Call) and any(keyword.arg == "title" for keyword in node.keywords)
    for child in ast.iter_child_nodes(node):
        is_alone = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        is_description = isinstance(child, ast.keyword) and child.arg == "description"
        if (is_alone and not is_command) or (is_description and not is_setting):
            continue
        yield child


def _text(node: ast.AST) -> str | None:
    """The text of a literal, with `…` for each value; None if the node is another one."""
    if isinstance(node, ast.Constant):
        return node.value.replace("%s", _VALUE).replace("%d", _VALUE) if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else _VALUE for part in node.values)
    return None


def as_text() -> str:
    """The list."""
    parts = [f"{name}\n" + "".join(f"  {text}\n" for text in texts) for name, texts in sentences().items()]
    return "\n".join(parts)


if __name__ == "__main__":
    print(as_text())  # noqa: T201
