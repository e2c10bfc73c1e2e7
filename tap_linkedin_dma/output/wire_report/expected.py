"""The fields that a release expects, as a tree of the places in an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.rows.conversion import ConversionError, as_list, converter


@dataclass
class Expectation:
    """A place in an answer, and the places inside it.

    Args:
        schemas: of the columns that it may fill; none if it is known by name alone.
        fields: by LinkedIn's name.
        columns: by column, for fields whose name is that of a column.
        items: of a list.
        values: of a map, whose keys are data.
        is_open: whether nobody has documented the fields inside.
        words: of the enumeration that it holds, if it is one that has words of its own.
    """

    schemas: list[Mapping[str, Any]] = field(default_factory=list)
    fields: dict[str, Expectation] = field(default_factory=dict)
    columns: dict[str, Expectation] = field(default_factory=dict)
    items: Expectation | None = None
    values: Expectation | None = None
    is_open: bool = False
    words: Collection[str] = ()

    @property
    def is_leaf(self) -> bool:
        """Whether no place inside it is known."""
        return not (self.items or self.has_names)

    @property
    def has_names(self) -> bool:
        """Whether the place of a field inside it is known, by its name or as one of a map."""
        return bool(self.fields or self.columns or self.values)

    def inner(self, name: str) -> Expectation | None:
        """The place of a field, or None if this release does not know it."""
        return self.fields.get(name) or self.columns.get(to_snake_case(name))

    def fits(self, value: object) -> bool:
        """Whether it is a value of the type that a column's schema names; values inside it are not looked at."""
        if value is None:
            return True
        if self.schemas:
            return any(fits(value) for fits in self._schemas_fit)
        return self.is_leaf or isinstance(value, dict)

    @cached_property
    def _schemas_fit(self) -> Sequence[Callable[[Any], bool]]:
        each = (one for schema in self.schemas for one in schema.get("oneOf", (schema,)))
        return [_fits(one) for one in each if one["type"] != "null"]

    def add(self, schema: Mapping[str, Any]) -> None:
        """Expect values of a schema."""
        self.schemas.append(schema)
        for one in schema.get("oneOf", (schema,)):
            self._add_inner(one)
        if schema.get("x-count"):
            self.fields |= {"long": KNOWN_BY_NAME, "bigDecimal": KNOWN_BY_NAME}

    def _add_inner(self, schema: Mapping[str, Any]) -> None:
        for name, child in schema.get("properties", {}).items():
            self.fields.setdefault(name, Expectation()).add(child)
        if isinstance(items := schema.get("items"), Mapping):
            self.items = self.items or Expectation()
            self.items.add(items)
        others = schema.get("additionalProperties")
        if isinstance(others, Mapping):
            self.values = self.values or Expectation()
            self.values.add(others)
        is_list = "array" in as_list(schema["type"])
        self.is_open |= (others is True and not schema.get("properties")) or (is_list and "items" not in schema)

    def at(self, path: Sequence[str]) -> Expectation:
        """The place at a path of names, which are expected from now on."""
        place = self
        for name in path:
            place = place.fields.setdefault(name, Expectation())
        return place

    def names(self) -> Iterator[str]:
        """All names of fields and columns."""
        for name, child in (*self.fields.items(), *self.columns.items()):
            yield name
            yield from child.names()
        for inner in (self.items, self.values):
            if inner:
                yield from inner.names()


KNOWN_BY_NAME = Expectation()


_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def _fits(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Whether a value has the form that LinkedIn sends for a schema: times and counts have one of their own."""
    convert, kind = converter(schema), next(name for name in as_list(schema["type"]) if name != "null")
    types = (int,) if schema.get("format") == "date-time" else _JSON_TYPES[kind]
    if schema.get("x-count") or schema.get("x-urn"):
        types = (*types, dict)
    fits_bare = None
    if bare := schema.get("x-bare"):
        fits_bare = _fits(schema.get("properties", {}).get(bare, {"type": "string"}))

    def fits(value: Any) -> bool:
        if not isinstance(value, types) or (isinstance(value, bool) and kind != "boolean"):
            return fits_bare is not None and fits_bare(value)
        try:
            return isinstance(value, (dict, list)) or convert(value) is not None
        except ConversionError:
            return False

    return fits


@dataclass(frozen=True)
class ExpectedStream:
    """The requests and answers of a stream that a release expects.

    Args:
        name: of the stream.
        resource: whose entities become its rows.
        entity: the place of an entity.
        paging: as in `Finder`; "" if the stream lists nothing.
        keys: the names of fields without which a row has no key.
        names: of parameters, finders and parts of the path.
    """

    name: str
    resource: str
    entity: Expectation
    paging: str
    keys: Collection[str]
    names: Collection[str]


def expected_entity(
    schema: Mapping[str, Any],
    field_paths: Mapping[str, Sequence[str]],
    *,
    only_declared_columns: bool,
    also: Collection[str],
) -> Expectation:
    """The place of an entity whose row has this schema.

    Args:
        schema: of the stream.
        field_paths: see `RowMapper`.
        only_declared_columns: see `RowMapper`.
        also: fields that fill no column.
    """
    entity = Expectation()
    for column, columns_schema in schema["properties"].items():
        if not only_declared_columns:
            entity.columns.setdefault(column, Expectation()).add(columns_schema)
    for column, paths in field_paths.items():
        for path in as_list(paths):
            entity.at(path.split(".")).add(schema["properties"][column])
    for name, place in entity.fields.items():
        if column_place := entity.columns.get(to_snake_case(name)):
            for columns_schema in column_place.schemas:
                place.add(columns_schema)
    for name in also:
        entity.fields.setdefault(name, entity.columns.get(to_snake_case(name), Expectation()))
    return entity
