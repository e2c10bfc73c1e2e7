"""Writes rows as RECORD messages, skipping the SDK's selection, conformance and maps if they would change nothing.

The SDK takes every record through all three, and that takes longer than all other work of a run. The catalog and the
settings do not change during a run, so it is decided once for each stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from singer_sdk.mapper import SameRecordTransform, StreamMap
from singer_sdk.singerlib import Schema

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tap_linkedin_dma.rows.mapping import Row

if TYPE_CHECKING:
    from singer_sdk.streams import Stream


class RecordPipeline:
    """Writes the rows of one stream.

    Args:
        stream: with its catalog and its stream maps.
        writer: writes the messages.
        conform: the SDK's conformance of a record, for a stream whose schema the catalog changes.
    """

    def __init__(self, stream: Stream, writer: MessageWriter, conform: Callable[..., Row]) -> None:
        self._stream = stream
        self._writer = writer
        self._conform = conform
        self._deselected = [crumb[1::2] for crumb, selected in stream.mask.items() if crumb and not selected]
        self._is_conform = _has_own_schema(stream)
        self._maps: Sequence[tuple[str, Callable[[Row], Row | None] | None, Sequence[str]]] = [
            (
                step.stream_alias,
                None if _changes_nothing(step) else step.transform,
                step.transformed_key_properties or (),
            )
            for step in stream.stream_maps
        ]

    def write(self, rows: Sequence[Row], version: int | None, extracted: datetime) -> None:
        """Write the records of rows, from which deselected columns are removed.

        Args:
            rows: of the stream.
            version: of its table; None if it has none.
            extracted: when they were read.
        """
        for path in self._deselected:
            _remove(rows, path)
        records = rows if self._is_conform else [self._conformed(row) for row in rows]
        for name, transform, keys in self._maps:
            mapped = _mapped(transform, records) if transform else records
            if mapped:
                self._writer.write_records(name, mapped, version, extracted, keys)

    def _conformed(self, row: Row) -> Row:
        stream = self._stream
        return self._conform(stream.name, row, stream.effective_schema, stream.TYPE_CONFORMANCE_LEVEL, stream.logger)


def _mapped(transform: Callable[[Row], Row | None], records: Sequence[Row]) -> Sequence[Row]:
    try:
        return [left for row in records if (left := transform(row)) is not None]
    except Exception as error:  # an expression of the user's may fail with any
        msg = f"An expression of stream_maps fails on a record ({type(error).__name__}). Check the setting."
        raise DmaError(msg) from error


def _has_own_schema(stream: Stream) -> bool:
    """Whether the catalog has the stream's own schema, to which its rows already conform."""
    # The catalog drops keys that JSON Schema does not know.
    return stream.effective_schema in (stream.schema, Schema.from_dict(stream.schema).to_dict())


def _changes_nothing(step: StreamMap) -> bool:
    return type(step) is SameRecordTransform and not step.flattening_enabled


def _remove(rows: Sequence[Row], path: Sequence[str]) -> None:
    *heads, last = path
    if not heads:
        for row in rows:
            row.pop(last, None)
        return
    for row in rows:
        inner: Any = row
        for head in heads:
            inner = inner.get(head)
            if not isinstance(inner, Mapping):
                break
        else:
            inner.pop(last, None)
