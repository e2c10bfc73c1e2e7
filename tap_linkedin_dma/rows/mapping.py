"""Maps an entity as LinkedIn sends it to a row as the tap emits it; pure functions.

The rules: a column is LinkedIn's field name in snake_case; a field without a column goes into
`unmapped` under its own name, and so does a value that does not fit its column. Nothing LinkedIn sent
is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tap_linkedin_dma.api.json_paths import Entity, get_path, omit_paths, to_snake_case
from tap_linkedin_dma.rows.conversion import ConversionError, Convert, as_list, converter, loadable, passthrough_type

Row = dict[str, Any]


_MOST_PLACES = 1024

_ColumnRule = tuple[str, type | None, Convert]
"""A column, "" for none; the type whose values it holds unchanged; the converter for all others."""


class RowMapper:
    """Maps the entities of one stream to rows.

    Args:
        schema: the stream's own schema, with its columns.
        field_paths: dotted wire paths by column, for columns that are not simply a field; the first
            path with a value is used.
        only_declared_columns: whether a field fills a column only by its path in `field_paths`; all else that is not
            in the row goes into `unmapped`.
        computed: columns that are not fields; a field of that name goes into `unmapped`.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        field_paths: Mapping[str, Sequence[str]],
        *,
        only_declared_columns: bool = False,
        computed: Collection[str] = (),
    ) -> None:
        properties = schema["properties"]
        self._blank: Row = dict.fromkeys(properties)
        self._start = self._blank
        self._context: Mapping[str, Any] = {}
        fields = [name for name in properties if name not in (*computed, "unmapped")]
        self._converters = {name: converter(properties[name]) for name in fields}
        self._kept_as_is = {name: passthrough_type(properties[name]) for name in fields}
        self._field_paths = {column: as_list(paths) for column, paths in field_paths.items()}
        self._only_declared_columns = only_declared_columns
        self._places: dict[str, _ColumnRule] = {}

    def row(self, entity: Entity, context: Mapping[str, Any]) -> Row:
        """One row.

        Args:
            entity: as LinkedIn sent it; it is not changed.
            context: columns that the tap sets itself. They override a field of the same name,
                which then goes into `unmapped`, unless `field_paths` names a path for the column.
        """
        if context is not self._context:
            # All elements of a listing share one context.
            self._context = context
            self._start = {**self._blank, **{name: context[name] for name in self._blank.keys() & context.keys()}}
        row = self._start.copy()
        taken = self._take_sources(row, entity) if self._field_paths else ()
        if self._only_declared_columns:
            # A value that a column or the request already has is not repeated.
            left = {
                name: loadable(value)
                for name, value in omit_paths(entity, taken).items()
                if row.get(column := to_snake_case(name), context.get(column)) != value
            }
        else:
            left = self._take_fields(row, entity, taken)
        row["unmapped"] = left or None
        return row

    def _take_sources(self, row: Row, entity: Entity) -> list[str]:
        taken = []
        for column, paths in self._field_paths.items():
            for path in paths:
                value = get_path(entity, path)
                if value is None:
                    continue
                try:
                    row[column] = self._converters[column](value)
                except ConversionError:
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
                # Nearly all fields are like this.
                row[column] = value
                continue
            if value is None:
                continue
            if not column:
                left[name] = value if type(value) is str else loadable(value)
                continue
            if name in taken and column in self._field_paths:
                continue
            try:
                converted = convert(value)
            except ConversionError:
                converted = None
            present = row[column]
            if converted is not None and present is None:
                row[column] = converted
            elif value != present and (converted is None or converted != present):
                left[name] = loadable(value)
        return left

    def _place_of(self, name: str) -> _ColumnRule:
        """The column and converter for a field of LinkedIn's."""
        column = to_snake_case(name)
        place: _ColumnRule = ("", None, _misfit)
        if column in self._blank:
            place = (column, self._kept_as_is.get(column), self._converters.get(column, _misfit))
        if len(self._places) < _MOST_PLACES:
            self._places[name] = place
        return place


def _misfit(_: object) -> Any:
    raise ConversionError
