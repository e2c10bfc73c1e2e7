"""Validates the user's catalog, and completes it.

A stream that the catalog lacks is deselected, and still read for the streams below it. Keys and replication keys are
always the tap's own, since rows are made with them: a table without its key would get every row twice, and an
incremental table would be taken for one that is read whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError
from singer_sdk.singerlib import Catalog, CatalogEntry, Metadata, Schema
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL

from tap_linkedin_dma.api.errors import InputRejected
from tap_linkedin_dma.config.json_files import is_text

ADVICE = "Make a new one with --discover, and select streams in it."
"""Advice for a catalog that cannot be used."""

_TEXT, _NAMES = {"type": ["string", "null"]}, {"type": ["array", "null"], "items": {"type": "string"}}
_CHOICE = {"type": ["boolean", "null"]}
_METADATA = {
    "type": "object",
    "required": ["breadcrumb", "metadata"],
    "properties": {
        "breadcrumb": {"type": "array", "items": {"type": "string"}},
        "metadata": {
            "type": "object",
            "properties": {
                "selected": _CHOICE,
                "selected-by-default": _CHOICE,
                "inclusion": _TEXT,
                "replication-key": _TEXT,
                "forced-replication-method": _TEXT,
                "table-key-properties": _NAMES,
            },
        },
    },
}
_ENTRY = {
    "type": "object",
    "required": ["tap_stream_id"],
    "properties": {
        "tap_stream_id": {"type": "string"},
        "schema": {"type": ["object", "null"]},
        "key_properties": _NAMES,
        "replication_key": _TEXT,
        "replication_method": _TEXT,
        "metadata": {"type": ["array", "null"], "items": _METADATA},
    },
}
_CATALOG = Draft7Validator(
    {"type": "object", "required": ["streams"], "properties": {"streams": {"type": "array", "items": _ENTRY}}}
)


def validate(given: Mapping[str, Any]) -> Catalog:
    """The catalog in a JSON object.

    Raises:
        InputRejected: if it is not a catalog; the sentence names the stream that is wrong.
    """
    for error in _CATALOG.iter_errors(given):
        raise _damaged(_name(given, list(error.absolute_path)))
    catalog = Catalog()
    for place, entry in enumerate(given["streams"]):
        try:
            if not is_text(entry):
                raise ValueError
            told = {**entry, "schema": entry.get("schema") or {}, "metadata": entry.get("metadata") or []}
            made = CatalogEntry.from_dict(told)
            made.schema.to_dict()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise _damaged(_name(given, ["streams", place])) from None
        catalog[made.tap_stream_id] = made
    return catalog


class CataloguedStream(Protocol):
    """A stream that a catalog may name."""

    name: str

    @property
    def schema(self) -> dict[str, Any]:
        """Its own schema, whatever a catalog says."""

    @property
    def primary_keys(self) -> Sequence[str]:
        """The columns of its key."""

    @property
    def replication_key(self) -> str | None:
        """The column of its bookmark; None if it has none."""

    @property
    def catalog_entry(self) -> CatalogEntry:
        """Its entry in a newly discovered catalog."""


def complete(catalog: Catalog, streams: Iterable[CataloguedStream]) -> Iterator[str]:
    """Reduce a catalog to the tap's streams, and add those that it lacks.

    Yields:
        The names of other streams that it selects.

    Raises:
        InputRejected: if the schema of a stream is not a JSON Schema.
    """
    own = {stream.name: stream for stream in streams}
    for name in [name for name in catalog if name not in own]:
        if catalog.pop(name).metadata.resolve_selection().get((), False):
            yield name
    for name, stream in own.items():
        if name in catalog:
            _mend(catalog[name], stream)
        else:
            catalog[name] = stream.catalog_entry
            catalog[name].metadata.root.selected = False


def _mend(entry: CatalogEntry, stream: CataloguedStream) -> None:
    keys, replication_key = list(stream.primary_keys), stream.replication_key
    entry.stream = stream.name
    entry.key_properties = keys
    entry.replication_key = replication_key
    entry.replication_method = _method(entry.replication_method, replication_key)
    root = entry.metadata.root if () in entry.metadata else None
    if root:
        root.forced_replication_method = _method(root.forced_replication_method, replication_key)
        root.replication_key = replication_key
    automatic = [*keys, *([replication_key] if replication_key else [])]
    try:
        entry.schema = _with_own(entry.schema, stream.schema, automatic)
    except SchemaError:
        raise _damaged(stream.name) from None
    for column in automatic:
        crumb = ("properties", column)
        entry.metadata.setdefault(crumb, Metadata()).inclusion = Metadata.InclusionType.AUTOMATIC


def _method(asked: str | None, replication_key: str | None) -> str | None:
    """The replication method asked for, if the stream has it; None for the stream's own."""
    known = (REPLICATION_FULL_TABLE, *([REPLICATION_INCREMENTAL] if replication_key else []))
    return asked if asked in known else None


def _with_own(schema: Schema, whole: Mapping[str, Any], columns: Collection[str]) -> Schema:
    """The schema with these columns as the stream has them; the stream's own if it has no columns at all.

    Raises:
        SchemaError: if it is not a JSON Schema. It is nearly always the stream's own, which is not checked.
    """
    given, stream_schema = schema.to_dict(), Schema.from_dict(dict(whole))
    if not given.get("properties") or given == stream_schema.to_dict():
        return stream_schema
    Draft7Validator.check_schema(given)
    own, properties = whole["properties"], dict(given["properties"])
    # The SDK cannot conform a value to a column without a type.
    for name in [name for name, one in properties.items() if name in columns or not _has_type(one)]:
        if name in own:
            properties[name] = own[name]
        else:
            del properties[name]
    for name in columns:
        properties.setdefault(name, own[name])
    return Schema.from_dict({**given, "type": "object", "properties": properties})


def _has_type(schema: object) -> bool:
    return isinstance(schema, Mapping) and bool({"type", "anyOf"} & schema.keys())


def _name(given: Mapping[str, Any], path: Sequence[Any]) -> str:
    """The name of the stream at a path in a catalog; "" for none."""
    entry = given["streams"][path[1]] if len(path) > 1 else None
    name = entry.get("tap_stream_id") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) and name.isidentifier() else ""


def _damaged(name: str) -> InputRejected:
    what = f"{name}: its part of the catalog" if name else "The catalog"
    return InputRejected(f"{what} is damaged. {ADVICE}")
