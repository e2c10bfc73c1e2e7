"""Data classes: the rules of LinkedIn's terms that a column falls under, as its schema says.

Three classes have rules of their own; data without a class are the page's own. `member` is data that identify or come
from one person (§3.1, §3.2 and §3.3 of LinkedIn's Portability API Terms), `standardized` LinkedIn's reference data
(§2.2.1 and §3.2.1), `bing_maps` the names of places (§2.2.2 and §3.2.2). A fourth, `unknown`, is that of fields in
records that LinkedIn does not document: they may be of any class.

A stream may have a class, and so may a schema at any depth: its `x-data-class` holds for everything below, until a
schema below says otherwise. A stream's class does not apply to its keys and to the page that it belongs to.

Source: https://www.linkedin.com/legal/l/portability-api-terms
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MEMBER = "member"
STANDARDIZED = "standardized"
BING_MAPS = "bing_maps"
UNKNOWN = "unknown"
NONE = "none"

_CONTEXT = ("organization", "organizational_page", "member_visibility", "retain_until")
"""Columns to which a stream's class does not apply: they name the row's page, or hold the tap's own findings."""

Path = tuple[str, ...]
"""The steps from a row to a value: names of properties, and `[]` for the items of a list."""


@dataclass(frozen=True)
class DataClassification:
    """The data class of one value.

    Args:
        data_class: one of the four classes, or `none`.
        is_sensitive: whether it may reveal something about a person that nobody needs to know.
        is_unsure: whether it may be Bing Maps data, which LinkedIn's terms leave open.
    """

    data_class: str = NONE
    is_sensitive: bool = False
    is_unsure: bool = False

    def within(self, schema: Mapping[str, Any]) -> DataClassification:
        """The classification of a value with this schema, inside a value with this classification."""
        return DataClassification(
            schema.get("x-data-class", self.data_class),
            schema.get("x-sensitive", self.is_sensitive),
            schema.get("x-unsure", self.is_unsure),
        )


def column_classification(
    name: str, of_stream: DataClassification, schema: Mapping[str, Any], keys: Collection[str]
) -> DataClassification:
    """The classification of a column.

    Args:
        name: of the column.
        of_stream: the stream's own classification.
        schema: the column's own.
        keys: the columns of the stream's primary key.
    """
    is_context = name in keys or name in _CONTEXT
    return (DataClassification() if is_context else of_stream).within(schema)


def member_columns(
    schema: Mapping[str, Any], keys: Collection[str], visibility_columns: Collection[str], of_stream: DataClassification
) -> list[str]:
    """The columns that say which member a row is of: the row is the member's own, or what the member did or wrote.

    Args:
        schema: of the stream.
        keys: the columns of its primary key.
        visibility_columns: of the stream.
        of_stream: its classification.
    """
    columns = schema["properties"]
    own = [*visibility_columns, *(name for name in keys if columns[name].get("x-data-class") == MEMBER)]
    more = ("author", "owner", "person", "provider") if of_stream.data_class == MEMBER else ("author", "provider")
    return list(dict.fromkeys([*own, *(name for name in more if columns.get(name, {}).get("x-person"))]))


def classify(
    of_stream: DataClassification, schema: Mapping[str, Any], keys: Collection[str]
) -> Iterator[tuple[Path, DataClassification]]:
    """The classification of each column, and of each value below one that differs from the value around it."""
    for name, column in schema["properties"].items():
        mark = column_classification(name, of_stream, column, keys)
        yield (name,), mark
        yield from _below((name,), mark, column)


def _below(
    path: Path, above: DataClassification, schema: Mapping[str, Any]
) -> Iterator[tuple[Path, DataClassification]]:
    inner = list(schema.get("properties", {}).items())
    inner += [
        (step, schema[name])
        for step, name in (("[]", "items"), ("{}", "additionalProperties"))
        if isinstance(schema.get(name), Mapping)
    ]
    for step, child in inner:
        where, mark = (*path, step), above.within(child)
        if mark != above:
            yield where, mark
        yield from _below(where, mark, child)
