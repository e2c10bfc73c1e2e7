"""The tables of README and docs, made from the settings and the streams.

Each stands between two marks, `<!-- streams -->` and `<!-- /streams -->`, wherever the prose wants it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from generate import evidence, marts
from generate.columns import columns, diagrams, sentence, table
from generate.extractor import from_code
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA

FIRST_SETTINGS = (
    "access_token",
    "client_id",
    "client_secret",
    "refresh_token",
    "token_file",
    "organizations",
    "start_date",
    "linkedin_version",
    "engagement_window_days",
    "fail_on_skip",
)
"""Those that a newcomer meets; the rest are for the day they are needed."""


QUERIES = Path(__file__).parent.parent / "docs" / "queries"
"""A file for each question: the question, remarks, and the SQL."""


def own_settings() -> dict[str, dict[str, Any]]:
    """Each setting's schema by name, without those of every tap, which the SDK adds once a tap is made."""
    of_every_tap: dict[str, Any] = {"properties": {}}
    TapLinkedInDMA.append_builtin_config(of_every_tap)
    settings = TapLinkedInDMA.config_jsonschema["properties"]
    return {name: schema for name, schema in settings.items() if name not in of_every_tap["properties"]}


def settings() -> str:
    """The settings of the tap's own that somebody may change."""
    return _settingstable(name for name, schema in own_settings().items() if not schema.get("hidden"))


def hidden_settings() -> str:
    """Those that nobody should need."""
    return _settingstable(name for name, schema in own_settings().items() if schema.get("hidden"))


def first_settings() -> str:
    """The settings that a newcomer meets."""
    return _settingstable(FIRST_SETTINGS)


def streams() -> str:
    """Every stream, in reading order."""
    heads = ["stream", "key", "parent", "replication", "default", "evidence", "what it is"]
    return table(heads, map(_stream_row, cast("tuple[Any, ...]", STREAMS)))


def areas() -> str:
    """The names of the streams by LinkedIn's area; those in brackets are off by default."""
    rooms = defaultdict(list)
    for stream in cast("tuple[Any, ...]", STREAMS):
        room = stream.__module__.split(".")[2].replace("_", " ")
        name = f"`{stream.name}`"
        rooms[room].append(name if stream.selected_by_default else f"({name})")
    return table(["area", "streams"], ([room, ", ".join(names)] for room, names in rooms.items()))


def select() -> str:
    """The command that gives a Meltano project the streams that are on by default."""
    rules = json.dumps(from_code()["select"])
    return f"```\nmeltano config set tap-linkedin-dma _select '{rules}'\n```"


def queries() -> str:
    """The questions of `docs/queries`, each with its SQL."""
    return "\n\n".join(_query(file) for file in sorted(QUERIES.glob("*.sql")))


def marts_table() -> str:
    """The marts of the dbt project."""
    return table(["mart", "a row for each", "persons", "what it is"], marts.marts())


def mart_columns() -> str:
    """The columns of each mart."""
    parts = (
        f"### {model['name']}\n\n{table(['column', 'what it is'], marts.columns(model))}" for model in marts.models()
    )
    return "\n\n".join(parts)


def questions() -> str:
    """Questions that the marts answer, each with its query."""
    return "\n\n".join(map(marts.question, marts.QUESTIONS))


def evidence_levels() -> str:
    """How many streams there are of each level of evidence."""
    return evidence.levels(evidence.load())


def evidence_by_stream() -> str:
    """The reports that confirm each stream's request."""
    return evidence.by_stream(evidence.load())


TABLES = {
    "settings": settings,
    "hidden settings": hidden_settings,
    "first settings": first_settings,
    "streams": streams,
    "areas": areas,
    "columns": columns,
    "diagrams": diagrams,
    "queries": queries,
    "select": select,
    "marts": marts_table,
    "mart columns": mart_columns,
    "questions": questions,
    "evidence levels": evidence_levels,
    "evidence by stream": evidence_by_stream,
}
"""By the name that stands in the marks."""

_MARKED = re.compile(rf"(<!-- (?P<name>{'|'.join(TABLES)}) -->)\n.*?(<!-- /(?P=name) -->)", re.DOTALL)


def names_in(markdown: str) -> list[str]:
    """The tables that a text has marks for."""
    return [found["name"] for found in _MARKED.finditer(markdown)]


def filled(markdown: str) -> str:
    """A text with its tables made anew."""
    return _MARKED.sub(lambda found: "\n".join([found[1], TABLES[found["name"]](), found[3]]), markdown)


def _query(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    question, *remarks = [line.removeprefix("-- ") for line in lines if line.startswith("--")]
    statement = "\n".join(lines[1 + len(remarks) :])
    return f"## {question}\n\n{' '.join(remarks)}\n\n```sql\n{statement}\n```"


def _settingstable(names: Iterable[str]) -> str:
    schemas = own_settings()
    return table(["setting", "default", "what it is"], (_setting_row(name, schemas[name]) for name in names))


def _setting_row(name: str, schema: dict[str, Any]) -> list[str]:
    default = schema.get("default")
    shown = f"`{default if isinstance(default, str) else json.dumps(default)}`" if default else ""
    return [f"`{name}`", shown, schema["description"]]


def _stream_row(stream: Any) -> list[str]:
    replication = "append" if stream.append_only else "full table"
    if isinstance(stream.replication_key, str):
        replication = f"incremental, `{stream.replication_key}`"
    return [
        f"`{stream.name}`",
        ", ".join(f"`{key}`" for key in stream.primary_keys),
        f"`{stream.parent_stream_type.name}`" if stream.parent_stream_type else "",
        replication,
        "on" if stream.selected_by_default else "off",
        stream.evidence,
        sentence(stream),
    ]
