"""The tables of README and docs, made from the settings and the streams.

Each stands between two marks, `<!-- streams -->` and `<!-- /streams -->`, wherever the prose wants it.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from generate import marts
from generate.columns import columns, diagrams, sentence, table
from generate.evidence import CONFIRMED, by_stream, level_of, load
from generate.extractor import REPOSITORY, from_code
from generate.run_report import run_report
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

EVIDENCE = {
    CONFIRMED: "answers of LinkedIn's to those who run this tap, by [their reports](docs/evidence.md)",
    "documented": "LinkedIn's documentation of this API",
    "derived": "a client that was written from that documentation, field by field",
    "observed": "programs that run against this API",
    "sibling": "LinkedIn's documentation of the same resource in another product",
    "inferred": "a guess, from names and from LinkedIn's habits",
}
"""What each level of evidence means, the surest first."""

STARTER = (
    "organizations",
    "posts",
    "post_content_trend",
    "social_metadata",
    "comments",
    "reactions",
    "followers",
    "follower_trend",
    "follower_demographics",
    "visitor_trend",
    "page_content_trend",
    "functions",
    "seniorities",
)
"""The streams to begin with: what most people want, by requests that are no guesses."""

FIGURES = (
    "organizations.localized_name",
    "posts.published_at",
    "posts.content_kind",
    "social_metadata.*",
    "post_content_trend.*",
    "page_content_trend.*",
    "follower_trend.*",
    "follower_demographics.*",
    "visitor_trend.*",
    "visitor_demographics.*",
    "functions.*",
    "industries.*",
    "seniorities.*",
)
"""What Meltano selects for figures without persons. Keys come with any column."""


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
    return _settings_table(name for name, schema in own_settings().items() if not schema.get("hidden"))


def hidden_settings() -> str:
    """Those that nobody should need."""
    return _settings_table(name for name, schema in own_settings().items() if schema.get("hidden"))


def first_settings() -> str:
    """The settings that a newcomer meets."""
    return _settings_table(FIRST_SETTINGS)


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


def evidence() -> str:
    """How many streams there are by how sure their requests are, the surest first."""
    counts = Counter((level_of(stream, load()), stream.selected_by_default) for stream in STREAMS)
    rows = [
        [f"`{level}`", meaning, str(counts[level, True]), str(counts[level, False])]
        for level, meaning in EVIDENCE.items()
    ]
    return table(["evidence", "what the request rests on", "streams that are on", "off"], rows)


def select() -> str:
    """The command that gives a Meltano project the streams that are on by default."""
    return _select_command(from_code()["select"])


def starter() -> str:
    """The command that gives it the surest and most wanted ones."""
    return _select_command([f"{name}.*" for name in STARTER])


def figures() -> str:
    """The command that gives it figures and no persons."""
    return _select_command(FIGURES)


def clone() -> str:
    """The commands of the demo, from an empty folder."""
    return _commands(f"git clone {REPOSITORY}.git", "cd tap-linkedin-dma", "make demo")


def add_tap() -> str:
    """The command that adds the tap to a Meltano project."""
    return _add("extractors", "tap-linkedin-dma")


def add_duckdb() -> str:
    """The one that adds target-duckdb, by a definition that has the DuckDB which does not lose rows."""
    return _add("loaders", "target-duckdb")


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


def evidence_by_stream() -> str:
    """The reports that confirm each stream's request."""
    return by_stream(load())


TABLES = {
    "settings": settings,
    "hidden settings": hidden_settings,
    "first settings": first_settings,
    "streams": streams,
    "areas": areas,
    "columns": columns,
    "diagrams": diagrams,
    "queries": queries,
    "marts": marts_table,
    "mart columns": mart_columns,
    "questions": questions,
    "evidence": evidence,
    "starter": starter,
    "select": select,
    "figures": figures,
    "clone": clone,
    "add tap": add_tap,
    "add duckdb": add_duckdb,
    "evidence by stream": evidence_by_stream,
    "run report": run_report,
}
"""By the name that stands in the marks."""

_MARKED = re.compile(rf"(<!-- (?P<name>{'|'.join(TABLES)}) -->)\n.*?(<!-- /(?P=name) -->)", re.DOTALL)


def names_in(markdown: str) -> list[str]:
    """The tables that a text has marks for."""
    return [found["name"] for found in _MARKED.finditer(markdown)]


def filled(markdown: str) -> str:
    """A text with its tables made anew."""
    return _MARKED.sub(lambda found: "\n".join([found[1], TABLES[found["name"]](), found[3]]), markdown)


def _commands(*lines: str) -> str:
    return "\n".join(["```sh", *lines, "```"])


def _add(kind: str, name: str) -> str:
    """The address is that of the file as it is, not of a page that shows it."""
    raw = REPOSITORY.replace("https://github.com/", "https://raw.githubusercontent.com/")
    return _commands(f"meltano add --from-ref {raw}/main/plugins/{kind}/{name}.yml {name}")


def _select_command(patterns: Iterable[str]) -> str:
    """In lines that a reader can see whole: JSON allows them."""
    rules = textwrap.wrap(", ".join(map(json.dumps, patterns)), 110)
    return _commands("meltano config set tap-linkedin-dma _select '[", *(f"  {line}" for line in rules), "]'")


def _query(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    question, *remarks = [line.removeprefix("-- ") for line in lines if line.startswith("--")]
    statement = "\n".join(lines[1 + len(remarks) :])
    return f"## {question}\n\n{' '.join(remarks)}\n\n```sql\n{statement}\n```"


def _settings_table(names: Iterable[str]) -> str:
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
