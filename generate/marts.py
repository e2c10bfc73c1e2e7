"""The tables and queries of docs/marts.md, made from the dbt project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TRANSFORM = Path(__file__).parent.parent / "transform"
QUESTIONS = sorted((TRANSFORM / "analyses").glob("*.sql"))
"""The queries, each with its question in the first line and remarks in further comments."""


def models() -> list[dict[str, Any]]:
    """The marts as the project describes them."""
    described: list[dict[str, Any]] = yaml.safe_load((TRANSFORM / "models/marts/_marts.yml").read_text())["models"]
    return described


def marts() -> list[list[str]]:
    """Each mart's name, grain, the persons in it, and what it is."""
    return [[f"`{model['name']}`", *model["config"]["meta"].values(), model["description"]] for model in models()]


def columns(model: dict[str, Any]) -> list[list[str]]:
    """The columns of a mart, and what they are."""
    return [[f"`{column['name']}`", column["description"]] for column in model["columns"]]


def question(file: Path) -> str:
    """A question, remarks and the query, as Markdown."""
    lines = file.read_text().splitlines()
    comments = [line.removeprefix("-- ") for line in lines if line.startswith("--")]
    query = "\n".join(line for line in lines if not line.startswith("--"))
    remarks = f"{' '.join(comments[1:])}\n\n" if comments[1:] else ""
    return f"### {comments[0]}\n\n{remarks}```sql\n{query}\n```"
