"""Validates the user's catalog, and completes it.

A stream that the catalog lacks is deselected, and still read for the streams below it. Keys and replication keys are
always the tap's own, since rows are made with them: a table without its key would get every row twice, and an
incremental table would be taken for one that is read whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError
from singer_sdk.singerlib import Catalog, CatalogEntry, Metadata, MetadataMapping, Schema
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL

from tap_linkedin_dma.api.errors import InputRejected
from tap_linkedin_dma.config.json_files import is_text

ADVICE = "Make a new one with --discover, and select streams in it."
"""Advice for a catalog that cannot be used."""

_NO_COLUMNS = Schema(type="object", properties={})
"""The schema of a stream that is not selected: the SDK would remove its columns, one by one."""


class _Details(msgspec.Struct, rename="kebab"):
    selected: bool | None = None
    selected_by_default: bool | None = None
    inclusion: str | None = None
    replication_key: str | None = None
    forced_replication_method: str | None = None
    table_key_properties: list[str] | None = None


class _Metadata(msgspec.Struct):
    breadcrumb: list[str]
    metadata: _Details


class _Entry(msgspec.Struct):
    tap_stream_id: str
    schema: dict[str, Any] | None = None
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None
    metadata: list[_Metadata] | None = None


class _Catalog(msgspec.Struct):
    """The parts of a catalog on which a run depends, and their types."""

    streams: list[_Entry]


def validate(given: Mapping[str, Any]) -> Catalog:
    """The catalog in a JSON object; schemas only of the streams that are selected.

    Raises:
        InputRejected: if it is not a catalog; the sentence names the stream that is wrong.
    """
    try:
        msgspec.convert(given, _Catalog)
    except msgspec.ValidationError as error:
        place = re.search(r"\$\.streams\[(\d+)\]", str(error))
        raise _damaged(given["streams"][int(place[1])] if place else None) from None
    catalog = Catalog()
    for entry in given["streams"]:
        try:
            if not is_text(entry):
                raise ValueError
            made = CatalogEntry.from_dict({**entry, "schema": {}, "metadata": entry.get("metadata") or []})
            if is_selected(made):
                # Most of the time that a catalog takes is for schemas, of which those of other streams have no effect.
                made.schema = Schema.from_dict(entry.get("schema") or {})
                made.schema.to_dict()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise _damaged(entry) from None
        catalog[made.tap_stream_id] = made
    return catalog


def is_selected(entry: CatalogEntry) -> bool:
    """Whether a catalog selects a stream; one without metadata selects nothing."""
    root = MetadataMapping({(): entry.metadata[()]} if () in entry.metadata else {})
    return root.resolve_selection().get((), False)


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


def complete(catalog: Catalog, streams: Iterable[CataloguedStream]) -> Iterator[str]:
    """Reduce a catalog to the tap's streams, and add those that it lacks.

    Yields:
        The names of other streams that it selects.

    Raises:
        InputRejected: if the schema of a stream is not a JSON Schema.
    """
    own = {stream.name: stream for stream in streams}
    for name in [name for name in catalog if name not in own]:
        if is_selected(catalog.pop(name)):
            yield name
    for name, stream in own.items():
        if name not in catalog:
            catalog[name] = CatalogEntry(name, MetadataMapping(), _NO_COLUMNS)
            catalog[name].metadata.root.selected = False
        _mend(catalog[name], stream)
        if is_selected(catalog[name]):
            _mend_columns(catalog[name], stream)
        else:
            catalog[name].schema = _NO_COLUMNS
            catalog[name].metadata = MetadataMapping({(): catalog[name].metadata.root})


def _mend(entry: CatalogEntry, stream: CataloguedStream) -> None:
    replication_key = stream.replication_key
    entry.stream = stream.name
    entry.key_properties = list(stream.primary_keys)
    entry.replication_key = replication_key
    entry.replication_method = _method(entry.replication_method, replication_key)
    root = entry.metadata.root if () in entry.metadata else None
    if root:
        root.forced_replication_method = _method(root.forced_replication_method, replication_key)
        root.replication_key = replication_key


def _mend_columns(entry: CatalogEntry, stream: CataloguedStream) -> None:
    automatic = [*stream.primary_keys, *([stream.replication_key] if stream.replication_key else [])]
    try:
        entry.schema = _with_own(entry.schema, stream.schema, automatic)
    except SchemaError:
        raise _damaged({"tap_stream_id": stream.name}) from None
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


def _damaged(entry: object) -> InputRejected:
    """The error for a stream's part of the catalog, or for the catalog as a whole."""
    name = entry.get("tap_stream_id") if isinstance(entry, Mapping) else None
    is_name = isinstance(name, str) and name.isidentifier()
    return InputRejected(f"{f'{name}: its part of the catalog' if is_name else 'The catalog'} is damaged. {ADVICE}")
