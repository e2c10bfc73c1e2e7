"""The README says what the code does: its tables are made from it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from tap_linkedin_dma.streams import STREAMS
from tests.own_settings import own_settings

README = Path(__file__).parents[2] / "README.md"


def settings_table() -> str:
    """The settings, as the README must show them."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for name, schema in own_settings().items():
        default = schema.get("default")
        shown = f"`{default if isinstance(default, str) else json.dumps(default)}`" if default else ""
        rows.append(f"| `{name}` | {shown} | {schema['description']} |")
    return "\n".join(rows)


def streams_table() -> str:
    """The streams, as the README must show them."""
    rows = [
        "| stream | key | parent | replication | default | evidence | what it is |",
        "|---|---|---|---|---|---|---|",
    ]
    for stream in cast("tuple[Any, ...]", STREAMS):
        keys = ", ".join(f"`{key}`" for key in stream.primary_keys)
        parent = f"`{stream.parent_stream_type.name}`" if stream.parent_stream_type else ""
        replication = "append" if stream.appends else "full table"
        if isinstance(stream.replication_key, str):
            replication = f"incremental, `{stream.replication_key}`"
        default = "on" if stream.selected_by_default else "off"
        about = (stream.__doc__ or "").partition("\n\n")[0].replace("\n    ", " ")
        rows.append(
            f"| `{stream.name}` | {keys} | {parent} | {replication} | {default} | {stream.evidence} | {about} |"
        )
    return "\n".join(rows)


@pytest.mark.parametrize(("name", "table"), [("settings", settings_table), ("streams", streams_table)])
def test_a_table_of_the_readme_is_the_code_s(name: str, table: object) -> None:
    """Paste what the assertion shows between the marks."""
    assert callable(table)
    found = re.search(rf"<!-- {name} -->\n(.*?)\n?<!-- /{name} -->", README.read_text(), re.DOTALL)
    assert found
    assert found[1] == table()
