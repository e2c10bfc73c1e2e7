"""Which rules of LinkedIn's terms a column falls under, as its schema says it.

Three classes have rules of their own; what has none is the page's own. `member` is what identifies or comes from one
person (§3.1, §3.2 and §3.3 of LinkedIn's Portability API Terms), `standardized` LinkedIn's reference data (§2.2.1 and
§3.2.1), `bing_maps` the names of places (§2.2.2 and §3.2.2).

A stream may have a class, and a schema too, at any depth: `x-data-class` there holds for all below, until a schema
below says otherwise. A stream's class does not reach its keys and the page that it belongs to.

Source: https://www.linkedin.com/legal/l/portability-api-terms
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MEMBER = "member"
STANDARDIZED = "standardized"
BING_MAPS = "bing_maps"
NONE = "none"

_CONTEXT = ("organization", "organizational_page", "member_visibility", "retain_until")
"""Columns that a stream's class does not reach: they say whose page a row is of, and what the tap itself found."""

Path = tuple[str, ...]
"""The steps from a row to a value: names of properties, and `[]` for the items of a list."""


@dataclass(frozen=True)
class DataClassification:
    """What holds for one value.

    Args:
        data_class: one of the three classes, or `none`.
        is_sensitive: whether its content may tell of a person what nobody needs to know.
        is_unsure: whether it may be Bing Maps data, which LinkedIn's terms leave open.
    """

    data_class: str = NONE
    is_sensitive: bool = False
    is_unsure: bool = False

    def within(self, schema: Mapping[str, Any]) -> DataClassification:
        """What holds for a value of this schema in a place where this mark holds."""
        return DataClassification(
            schema.get("x-data-class", self.data_class),
            schema.get("x-sensitive", self.is_sensitive),
            schema.get("x-unsure", self.is_unsure),
        )


def column_classification(
    name: str, of_stream: DataClassification, schema: Mapping[str, Any], keys: Collection[str]
) -> DataClassification:
    """What holds for a column.

    Args:
        name: of the column.
        of_stream: what holds for the stream as a whole.
        schema: the column's own.
        keys: the columns of the stream's primary key.
    """
    is_context = name in keys or name in _CONTEXT
    return (DataClassification() if is_context else of_stream).within(schema)


def classify(
    of_stream: DataClassification, schema: Mapping[str, Any], keys: Collection[str]
) -> Iterator[tuple[Path, DataClassification]]:
    """What holds for each column, and for each value below one for which something else holds than above it."""
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
