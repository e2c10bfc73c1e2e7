"""Streams that make no requests: their records come from what other streams have read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch


class DerivedStream(DmaStream):
    """A stream that makes no requests: other streams pass it contexts with all of its columns, and perhaps more."""

    append_only = True

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        yield from ()

    def rows_of(self, contexts: Sequence[Context]) -> Sequence[Row]:
        """The rows made from what the other streams pass on."""
        return [{name: context[name] for name in self.schema["properties"]} for context in contexts]


class ParentRows(DerivedStream):
    """A stream whose rows are the contexts that its parent gives it: they keep what the parent's next rows replace."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        today = self.run_context.started_at.to_date_string()
        yield RecordBatch(self.rows_of([{"snapshot_date": today, **context} for context in contexts]))
