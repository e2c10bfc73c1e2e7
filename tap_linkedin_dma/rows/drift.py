"""Reports fields that differ from LinkedIn's documentation, once each; the row is complete."""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from tap_linkedin_dma.api.json_paths import get_path, to_snake_case
from tap_linkedin_dma.rows.conversion import ConversionError, as_list, converter
from tap_linkedin_dma.rows.mapping import Row

_NAME = re.compile(r"[\w$~]+", re.ASCII)

_NO_NEWS = ("$URN", "type")
"""Fields that need no report: an entity's own URN, and the type that analytics repeat from the request."""


class Drift:
    """The fields of one stream that its columns cannot hold, as its rows have them in `unmapped`.

    A value that does not fit its column is a warning. A field without a column is normal, since LinkedIn adds some at
    any time; it is reported if all fields should have one.

    Args:
        stream: its name.
        schema: its own schema, with its columns.
        field_paths: see `RowMapper`.
        only_declared_columns: see `RowMapper`.
        computed: columns that are not fields.
        knows_all: whether LinkedIn documents all fields.
        logger: logs the warnings.
        note_new: called with the path of each field without a column, once.
    """

    def __init__(
        self,
        stream: str,
        schema: Mapping[str, Any],
        field_paths: Mapping[str, Sequence[str]],
        *,
        only_declared_columns: bool,
        computed: Collection[str],
        knows_all: bool,
        logger: logging.Logger,
        note_new: Callable[[str], None],
    ) -> None:
        self._stream = stream
        self._columns = {name: column for name, column in schema["properties"].items() if name not in computed}
        self._inner: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for column, paths in field_paths.items():
            for path in as_list(paths):
                self._inner[path.partition(".")[0]].append((path, column))
        self._only_declared_columns = only_declared_columns
        self._knows_all = knows_all
        self._logger = logger
        self._note_new = note_new
        self.reported: set[str] = set()
        """Fields with nothing more to report."""

        self._told: set[str] = set()
        self._lock = threading.Lock()

    def observe(self, row: Row) -> None:
        """Report the fields in a row's `unmapped` that were not reported before."""
        for name, value in row["unmapped"].items():
            if name not in self.reported:
                for path, has_column in self._mismatches(row, name, value):
                    self._tell(path, has_column=has_column)

    def _mismatches(self, row: Row, name: str, value: object) -> Iterator[tuple[str, bool]]:
        """The path of each value that does not fit its column, or has none, and whether it has one."""
        column, inner = to_snake_case(name), self._inner.get(name, [])
        if column in self._columns and not self._only_declared_columns:
            # A value in the column is another field's, or one that the tap itself has set.
            if row[column] is None:
                self.reported.add(name)
                yield misfit(name, value, self._columns[column]), True
            return
        for path, filled in inner:
            if row[filled] is None and get_path({name: value}, path) is not None:
                yield path, True
        if not inner and column not in self._columns:
            self.reported.add(name)
        if self._only_declared_columns or not inner:
            yield from ((path, False) for path in _beside(name, value, [path for path, _ in inner]))

    def _tell(self, path: str, *, has_column: bool) -> None:
        with self._lock:
            is_told = path in self._told
            self._told.add(path)
        if is_told:
            return
        if has_column:
            self._logger.warning("%s: LinkedIn's %s does not fit its column; `unmapped` has it.", self._stream, path)
        elif self._knows_all and path not in _NO_NEWS:
            self._note_new(path)


def misfit(path: str, value: object, schema: Mapping[str, Any]) -> str:
    """The path of the innermost value that does not fit its schema.

    >>> misfit("sizes", [{"width": "wide"}], {"type": "array", "items": {"type": "object", "properties": {"width":
    ...     {"type": "integer"}}}})
    'sizes[].width'
    """
    for step, child, of_child in _children(value, schema):
        if child is not None and isinstance(of_child, Mapping) and not _fits(child, of_child):
            return misfit(f"{path}{step}", child, of_child)
    return path


def _children(value: object, schema: Mapping[str, Any]) -> Iterator[tuple[str, object, Any]]:
    if isinstance(value, list):
        yield from (("[]", item, schema.get("items")) for item in value)
    elif isinstance(value, Mapping):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, child in value.items():
            # The keys of a map may be members.
            yield (f".{name}", child, known[name]) if name in known else ("{}", child, others)


def _fits(value: object, schema: Mapping[str, Any]) -> bool:
    try:
        converter(schema)(value)
    except ConversionError:
        return False
    return True


def _beside(name: str, value: object, known: Sequence[str]) -> Iterator[str]:
    """The paths of the values beside these known ones."""
    if name in known:
        return
    inner = [path for path in known if path.startswith(f"{name}.")]
    if not inner or not isinstance(value, Mapping):
        yield _named(name)
        return
    for step, child in value.items():
        yield from _beside(f"{name}.{step}", child, inner)


def _named(path: str) -> str:
    """A path with `{}` for each step that is not a field name: a map's keys may be members."""
    return ".".join(step if _NAME.fullmatch(step) else "{}" for step in path.split("."))
