"""From an entity as LinkedIn sends it to a row as the tap emits it; pure functions.

The rules: a column is LinkedIn's field name in snake_case; a field that no column takes goes into
`unmapped` under its own name, and so does a value that does not fit its column. Nothing LinkedIn sent
is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tap_linkedin_dma.values import Convert, Misfit, as_list, converter, kept_as_is, loadable

Row = dict[str, Any]
Entity = Mapping[str, Any]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """The column for one of LinkedIn's field names.

    >>> [snake(name) for name in ("publishedAt", "logoV2", "$URN")]
    ['published_at', 'logo_v2', 'urn']
    """
    return "urn" if name == "$URN" else _HUMP.sub("_", name).lower()


def dig(entity: object, path: str) -> Any:
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


_MOST_PLACES = 1024

_Place = tuple[str, type | None, Convert]
"""A column, "" where there is none; the type of values that it takes as they are; what converts all."""


class RowShape:
    """How the entities of one stream become rows.

    Args:
        schema: the stream's own schema, with its columns.
        sources: dotted wire paths by column, for columns that are not simply a field; the first
            path that leads to a value is taken.
        flattened: the row has just its columns; what none of them took goes into `unmapped`.
        own: columns that are no field; one of that name goes into `unmapped`.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        sources: Mapping[str, Sequence[str]],
        *,
        flattened: bool = False,
        own: Collection[str] = (),
    ) -> None:
        properties = schema["properties"]
        self._blank: Row = dict.fromkeys(properties)
        self._start = self._blank
        self._context: Mapping[str, Any] = {}
        fields = [name for name in properties if name not in (*own, "unmapped")]
        self._converters = {name: converter(properties[name]) for name in fields}
        self._kept_as_is = {name: kept_as_is(properties[name]) for name in fields}
        self._sources = {column: as_list(paths) for column, paths in sources.items()}
        self._flattened = flattened
        self._places: dict[str, _Place] = {}

    def row(self, entity: Entity, context: Mapping[str, Any]) -> Row:
        """One row.

        Args:
            entity: as LinkedIn sent it; it is not changed.
            context: columns the tap knows of itself. They hold against a field of the same name,
                which then goes into `unmapped`, except where `sources` names a path for the column.
        """
        if context is not self._context:
            # A listing has one for all of its elements.
            self._context = context
            self._start = {**self._blank, **{name: context[name] for name in self._blank.keys() & context.keys()}}
        row = self._start.copy()
        taken = self._take_sources(row, entity) if self._sources else ()
        if self._flattened:
            # What stands in a column already, as its context, is no news.
            left = {name: value for name, value in without(entity, taken).items() if row.get(snake(name)) != value}
        else:
            left = self._take_fields(row, entity, taken)
        row["unmapped"] = loadable(left) if left else None
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
        places = self._places
        for name, value in entity.items():
            try:
                column, fitting, convert = places[name]
            except KeyError:
                column, fitting, convert = self._place_of(name)
            if type(value) is fitting and row[column] is None and name not in taken:
                # Nearly all are like this.
                row[column] = value
                continue
            if value is None:
                continue
            if not column:
                left[name] = value
                continue
            if name in taken and column in self._sources:
                continue
            try:
                converted = convert(value)
            except Misfit:
                converted = None
            present = row[column]
            if converted is not None and present is None:
                row[column] = converted
            elif value != present and (converted is None or converted != present):
                left[name] = value
        return left

    def _place_of(self, name: str) -> _Place:
        """Where a field of LinkedIn's goes."""
        column = snake(name)
        place: _Place = ("", None, _misfit)
        if column in self._blank:
            place = (column, self._kept_as_is.get(column), self._converters.get(column, _misfit))
        if len(self._places) < _MOST_PLACES:
            self._places[name] = place
        return place


def _misfit(_: object) -> Any:
    raise Misfit


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
