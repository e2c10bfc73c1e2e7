"""Streams that read nothing: their records come from what other streams have read anyway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch

if TYPE_CHECKING:
    pass


class DerivedStream(DmaStream):
    """A stream that reads nothing: its rows come from others, with all of its columns and perhaps more."""

    append_only = True

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        yield from ()

    def rows_of(self, told: Sequence[Context]) -> Sequence[Row]:
        """The rows of what the others tell."""
        return [{name: one[name] for name in self.schema["properties"]} for one in told]
