"""Rows of a table as the tap's own rows, so that the rules of a run can be applied to them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tap_linkedin_dma.commands.warehouse.dialects import Warehouse, kind_of
from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.stream_types.base import DmaStream

_MADE = re.compile(r"(.*\|)?[0-9a-f]{64}-[0-9]+", re.DOTALL)
"""A key that the tap made, since LinkedIn's element has none; what it was requested with may stand before it."""


_GIVEN = ("reactions", "comment_reactions", "member_snapshots")
"""Streams whose `row_key` does not depend on what may leave of the row: it is hidden like any text."""


_AFTER_THE_KEY = {"creator_analytics": ("type", "start", "end", "total_count")}
"""Columns that a stream fills once a row has its key."""


class TableRows:
    """The rows of one table.

    Args:
        stream: of which they are, with the settings that are to hold for them.
        warehouse: where the table is.
    """

    def __init__(self, stream: DmaStream, warehouse: Warehouse) -> None:
        self._stream = stream
        self._properties: Mapping[str, Mapping[str, Any]] = stream.schema["properties"]
        self._columns = {name: warehouse.column(type(stream), name) for name in self._properties}
        self._separator = warehouse.separator
        self._keys: dict[tuple[Any, ...], RowKeys] = {}

    def hidden(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The cells of a row that change if members are hidden, by the table's own columns.

        Args:
            stored: the row as the database gives it.
        """
        row = {name: self._value(self._columns[name], schema, stored) for name, schema in self._properties.items()}
        self._make_keys(row)
        # The settings forget nobody here: every row stays.
        redacted = self._stream.redacted(row) or row
        changed: dict[str, Any] = {}
        for name, schema in self._properties.items():
            before = self._value(self._columns[name], schema, stored)
            if redacted[name] != before:
                changed.update(self._cells(self._columns[name], schema, redacted[name], stored))
        return changed

    def _make_keys(self, row: dict[str, Any]) -> None:
        """Make a row's keys anew, where the tap makes them of what may leave of the row."""
        builder = self._stream.row_builder
        keys = {name: key for name in self._stream.primary_keys if isinstance(key := row[name], str)}
        before = {
            name: made[1] or "" if made else ""
            for name, key in keys.items()
            if (made := _MADE.fullmatch(key)) or (name == "row_key" and builder.members.names_hidden(key))
        }
        if before and self._stream.name not in _GIVEN:
            listing = tuple(row[name] for name in self._stream.primary_keys if name not in before)
            later = _AFTER_THE_KEY.get(self._stream.name, ())
            left = builder.left_for_key({**row, **dict.fromkeys([*before, *later])})
            key = self._keys.setdefault(listing, builder.new_keys()).key({}, left)
            row.update({name: f"{prefix}{key}" for name, prefix in before.items()})

    def _value(self, column: str, schema: Mapping[str, Any], stored: Mapping[str, Any]) -> Any:
        """A value of the row; one that was flattened is put together again."""
        if column not in stored:
            parts = {
                name: value
                for name, child in schema.get("properties", {}).items()
                if (value := self._value(f"{column}{self._separator}{name}", child, stored)) is not None
            }
            return parts or None
        value = stored[column]
        if isinstance(value, float) and "integer" in schema["type"]:
            return int(value)
        if isinstance(value, str) and kind_of(schema) == "json":
            return _parsed(value)
        if isinstance(value, str) and schema.get("format") == "date-time":
            return format_ms(parse_ms(value))
        if isinstance(value, str) and schema.get("format") == "date":
            return value[: len("2026-01-31")]
        return value

    def _cells(self, column: str, schema: Mapping[str, Any], value: Any, stored: Mapping[str, Any]) -> dict[str, Any]:
        """The cells of a value, of one that was flattened those of its parts."""
        if column in stored:
            is_text = isinstance(stored[column], str) and kind_of(schema) == "json"
            return {column: json.dumps(value) if is_text and value is not None else value}
        parts = value if isinstance(value, Mapping) else {}
        cells: dict[str, Any] = {}
        for name, child in schema.get("properties", {}).items():
            cells |= self._cells(f"{column}{self._separator}{name}", child, parts.get(name), stored)
        return {name: cell for name, cell in cells.items() if cell != stored.get(name)}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
