"""From an entity as LinkedIn sends it to a row as the tap emits it; pure functions.

The rules: a column is LinkedIn's field name in snake_case; times leave as RFC 3339 in UTC, wrapped
counts as numbers, at any depth; a field that no column takes goes into `unmapped` under its own
name, and so does a value that does not fit its column. Nothing LinkedIn sent is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pendulum

Row = dict[str, Any]
Entity = Mapping[str, Any]
Convert = Callable[[Any], Any]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Misfit(ValueError):
    """A value that its column cannot hold."""


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """The column for one of LinkedIn's field names.

    >>> [snake(name) for name in ("publishedAt", "logoV2", "$URN")]
    ['published_at', 'logo_v2', 'urn']
    """
    return "urn" if name == "$URN" else _HUMP.sub("_", name).lower()


def timestamp(value: object) -> str:
    """Epoch milliseconds as RFC 3339 in UTC, always with milliseconds, so that text order is time order.

    >>> timestamp(1731024000000)
    '2024-11-08T00:00:00.000+00:00'

    Raises:
        Misfit: for anything but a whole number that a calendar can hold.
    """
    seconds, milliseconds = divmod(integer(value), 1000)
    try:
        # Four times as fast as a pendulum of it, and it is done for every time of every record.
        moment = datetime.fromtimestamp(seconds, timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise Misfit from None
    return f"{moment.isoformat()[:19]}.{milliseconds:03d}+00:00"


def milliseconds(text: str) -> int:
    """The epoch milliseconds of an RFC 3339 text.

    >>> milliseconds("2024-11-08T00:00:00.000+00:00")
    1731024000000
    """
    moment = pendulum.parse(text)
    if not isinstance(moment, pendulum.DateTime):
        msg = f"{text} is not a point in time"
        raise TypeError(msg)
    return int(moment.astimezone(timezone.utc).timestamp() * 1000)


def integer(value: object) -> int:
    """A whole number, also from its digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    raise Misfit


def number(value: object) -> int | float | Decimal:
    """A number, also from its digits or out of a count union, exact.

    >>> number({"bigDecimal": "0.0345"})
    Decimal('0.0345')
    """
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("long", "bigDecimal"):
        value = next(iter(value.values()))
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            parsed = Decimal(value)
        except InvalidOperation:
            raise Misfit from None
        if parsed.is_finite():
            return parsed
    raise Misfit


def text(value: object) -> str:
    """Text; a number becomes its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Misfit


def urn(value: object) -> str:
    """A URN, also out of a union such as `{"organization": "urn:li:organization:42"}`."""
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.values()))
    return text(value)


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Misfit


_SCALARS: Mapping[str, Convert] = {"string": text, "integer": integer, "number": number, "boolean": _flag}


def converter(schema: Mapping[str, Any]) -> Convert:
    """What brings a value into the form that a schema declares; built once for a stream.

    Returns:
        A function that raises Misfit where the value cannot be brought there.
    """
    kind = next(name for name in _as_list(schema["type"]) if name != "null")
    if schema.get("format") == "date-time":
        return timestamp
    if schema.get("x-urn"):
        return urn
    if kind == "array":
        return _array_converter(schema.get("items"))
    if kind == "object":
        return _object_converter(schema)
    return _SCALARS[kind]


def _as_list(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _array_converter(items: Mapping[str, Any] | None) -> Convert:
    convert_item = converter(items) if items else None

    def convert(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise Misfit
        return [None if item is None else convert_item(item) for item in value] if convert_item else value

    return convert


def _object_converter(schema: Mapping[str, Any]) -> Convert:
    bare = schema.get("x-bare")
    known = {name: converter(child) for name, child in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties")
    convert_other = converter(others) if isinstance(others, dict) else None

    def convert(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            if bare is None:
                raise Misfit
            value = {bare: value}
        converted = {}
        for name, child in value.items():
            convert_child = known.get(name, convert_other)
            converted[name] = child if child is None or convert_child is None else convert_child(child)
        return converted

    return convert


def dig(entity: Entity, path: str) -> Any:
    """The value at a dotted path, or None where the way there ends.

    >>> dig({"created": {"time": 5}}, "created.time")
    5
    """
    value: Any = entity
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def without(entity: Entity, paths: Sequence[str]) -> dict[str, Any]:
    """The entity less the leaves at these dotted paths, and less what is empty then.

    >>> without({"value": {"totalCount": 1, "future": 2}}, ["value.totalCount"])
    {'value': {'future': 2}}
    """
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).append(rest)
    kept: dict[str, Any] = {}
    for name, value in entity.items():
        rests = heads.get(name)
        if rests is None:
            kept[name] = value
        elif "" not in rests:
            left = without(value, rests) if isinstance(value, Mapping) else value
            if left:
                kept[name] = left
    return kept


class RowShape:
    """How the entities of one stream become rows.

    Args:
        schema: the stream's own schema, with its columns.
        sources: dotted wire paths by column, for columns that are not simply a field; the first
            path that leads to a value is taken.
        flattened: the row has just its columns; what none of them took goes into `unmapped`.
    """

    def __init__(
        self, schema: Mapping[str, Any], sources: Mapping[str, Sequence[str]], *, flattened: bool = False
    ) -> None:
        properties = schema["properties"]
        self._blank: Row = dict.fromkeys(properties)
        self._converters = {name: converter(properties[name]) for name in properties if name != "unmapped"}
        self._sources = {column: _as_list(paths) for column, paths in sources.items()}
        self._flattened = flattened

    def row(self, entity: Entity, context: Mapping[str, Any]) -> Row:
        """One row.

        Args:
            entity: as LinkedIn sent it; it is not changed.
            context: columns the tap knows of itself. They hold against a field of the same name,
                which then goes into `unmapped`, except where `sources` names a path for the column.
        """
        row = self._blank.copy()
        row.update((name, value) for name, value in context.items() if name in row)
        taken = self._take_sources(row, entity)
        left = without(entity, taken) if self._flattened else self._take_fields(row, entity, taken)
        row["unmapped"] = {name: value for name, value in left.items() if context.get(snake(name)) != value} or None
        return row

    def _take_sources(self, row: Row, entity: Entity) -> list[str]:
        taken = []
        for column, paths in self._sources.items():
            for path in paths:
                value = dig(entity, path)
                if value is None:
                    continue
                try:
                    row[column] = self._converters[column](value)
                except Misfit:
                    continue
                taken.append(path)
                break
        return taken

    def _take_fields(self, row: Row, entity: Entity, taken: Sequence[str]) -> dict[str, Any]:
        left = {}
        for name, value in entity.items():
            column = snake(name)
            if value is None or (name in taken and column in self._sources):
                continue
            convert = self._converters.get(column)
            try:
                converted = convert(value) if convert else None
            except Misfit:
                converted = None
            if converted is not None and row[column] is None:
                row[column] = converted
            elif converted is None or converted != row[column]:
                left[name] = value
        return left


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
