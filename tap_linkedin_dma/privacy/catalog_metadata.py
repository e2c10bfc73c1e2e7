"""Data classes in the catalog: as metadata, since the SDK drops keys from schemas that JSON Schema does not know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from singer_sdk.singerlib.catalog import Metadata, MetadataMapping, StreamMetadata

from tap_linkedin_dma.privacy.data_classes import DataClassification, Path


@dataclass
class MarkedMetadata(Metadata):
    """Metadata of a value; written as `data-class` and so on."""

    data_class: str | None = None
    sensitive: bool | None = None
    unsure: bool | None = None


@dataclass
class MarkedStreamMetadata(StreamMetadata):
    """Metadata of a stream."""

    data_class: str | None = None


def add_classification(
    mapping: MetadataMapping, marks: Iterable[tuple[Path, DataClassification]], of_stream: str
) -> None:
    """Add the data classes of a stream to its metadata."""
    root = mapping.root
    mapping[()] = MarkedStreamMetadata(**_fields(root), data_class=of_stream)
    for path, mark in marks:
        there = mapping.get(_breadcrumb(path), Metadata())
        mapping[_breadcrumb(path)] = MarkedMetadata(
            **_fields(there),
            data_class=mark.data_class,
            sensitive=mark.is_sensitive or None,
            unsure=mark.is_unsure or None,
        )


def _fields(metadata: Metadata) -> dict[str, Any]:
    return {name: getattr(metadata, name) for name in type(metadata).__dataclass_fields__}


def _breadcrumb(path: Path) -> tuple[str, ...]:
    """A path as a breadcrumb of the catalog.

    >>> _breadcrumb(("membership", "[]", "identity"))
    ('properties', 'membership', 'items', 'properties', 'identity')
    """
    words = {"[]": ("items",), "{}": ("additionalProperties",)}
    return tuple(word for step in path for word in words.get(step, ("properties", step)))
