"""How what was read leaves the tap: rows, then the children's, then the commit to the state; a batch at a time.

The SDK syncs children once for every parent record, and writes SCHEMA, STATE and log lines each
time; with a page of a thousand posts that is thousands. Here a parent hands over a page of contexts at once.

In a run the pages of each stream are read in a thread of its own, see `readers`, and leave by the main thread, see
`emitter`. A dry run, and a lookup, reads and emits one page after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk.mapper import SameRecordTransform

from tap_linkedin_dma.api.batch_get import batched
from tap_linkedin_dma.api.errors import (
    CertificateRejected,
    DailyLimit,
    DmaError,
    OutOfThreads,
    OutputClosed,
    TokenRejected,
    VersionRejected,
)
from tap_linkedin_dma.output.record_pipeline import RecordPipeline
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.stream_types.request_templates import AskingStream
from tap_linkedin_dma.sync.batches import NO_CONTEXT, Context, ContextBatch, DerivedRows, RecordBatch
from tap_linkedin_dma.sync.readers import DRY_RUN_ENDS, QueuedBatch, own_errors_as_faults
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context
    from singer_sdk.tap_base import Tap

_ROWS_AT_ONCE = 200
"""So many leave together: with more, getting the memory for their lines takes longer than filling it."""

_MET_BY_ALL = (CertificateRejected, TokenRejected, VersionRejected)
"""What every other request would meet too."""

_ENDS_OF_A_RUN = (*_MET_BY_ALL, DailyLimit, OutOfThreads, OutputClosed)


class EmittingStream(AskingStream):
    """A stream that emits what its `pages` give."""

    append_only: ClassVar[bool] = False
    """Whether rows that a run does not give again still stand, so that no run gives the whole table."""

    def __init__(self, tap: Tap, connection: RunContext) -> None:
        super().__init__(tap, connection)
        self.has_failed = False
        """Whether a fault has ended this stream, though not the run."""

        self._commits = True
        """Whether what has left may enter the state."""

        self._is_whole = True
        self._schema_is_written = False
        self._emitted = 0
        connection.progress.follow(self.name, lambda: self._emitted)

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """Read what LinkedIn has for these parents."""
        raise NotImplementedError

    def redacted(self, row: Row) -> Row:
        """What of a row leaves, by the settings."""
        raise NotImplementedError

    def redact_all(self, rows: Sequence[Row]) -> Sequence[Row]:
        """What of each row leaves."""
        return [self.redacted(row) for row in rows]

    @property
    def table_version(self) -> int | None:
        """The version of the stream's table, which a run reads whole; None for one that is added to."""
        is_added_to = self.append_only or isinstance(self.replication_key, str)
        return None if is_added_to else self.connection.run.table_version

    def skip(self, what: str, why: object) -> None:
        """Say that a part of the stream is left out: now, and at the end of the run.

        Args:
            what: the part, such as an organization; "" for all of it.
            why: a sentence.
        """
        self._is_whole = False
        self.connection.run.summary.skip(self.name, what, str(why))
        self.logger.warning("%s%s is skipped. %s", self.name, what and f": {what}", why)

    @property
    def emit_activate_version_messages(self) -> bool:
        # The SDK would send it before the records: a run that dies half-way would leave the table half empty.
        return False

    def _write_schema_message(self) -> None:
        if self.selected and not self._schema_is_written:
            super()._write_schema_message()
        self._schema_is_written = True

    @cached_property
    def _record_pipeline(self) -> RecordPipeline:
        return RecordPipeline(self, cast("MessageWriter", self._tap.message_writer))

    def _sync_records(
        self,
        context: Context | None = None,
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        if write_messages and self.ABORT_AT_RECORD_COUNT is None:
            self.start_reading()
            return
        try:
            for rows in self._emit(NO_CONTEXT, write_messages=write_messages):
                yield from rows
            self.connection.run.look_up()
            self.activate_tables(is_whole=True)
        except DRY_RUN_ENDS:
            raise
        except DmaError as fault:
            self.break_off(fault)
        self._tap.state_writer.write_state(self.tap_state)

    def start_reading(self) -> None:
        """Have a stream without a parent read, and all that hangs on it; the run's emitter lets leave what is read."""
        for stream in self.descendants:
            stream._write_schema_message()
        self.connection.readers.read(self, NO_CONTEXT)

    def sync_page(self, contexts: ContextBatch) -> None:
        """Read and emit at once what belongs to these parents."""
        if self.has_failed:
            return
        try:
            for _ in self._emit(contexts):
                pass
        except DmaError as fault:
            self.break_off(fault)

    def batches_of(self, contexts: ContextBatch) -> Generator[QueuedBatch, None, None]:
        """Read what LinkedIn has for these contexts; nothing if the stream is broken.

        Raises:
            DmaError: the stream cannot be read to its end.
        """
        try:
            with own_errors_as_faults(self.name, self.logger), self.connection.ending_workers():
                for batch in self.read(contexts) if not self.has_failed else ():
                    yield self._batch(batch)
                    if self.has_failed:
                        return
        except _MET_BY_ALL as fault:
            self.connection.limits.stop(fault)
            raise

    def _batch(self, batch: RecordBatch) -> QueuedBatch:
        """What leaves of a page: redacted here, so that nothing waits anywhere as LinkedIn gave it."""
        look_ups = self.connection.run.look_ups
        told = cast("Sequence[tuple[EmittingStream, Sequence[Context]]]", batch.others)
        others = [(stream, stream._leaving(cast("DerivedRows", stream).rows_of(rows))) for stream, rows in told]
        for row in batch.mentioned:
            self.connection.run.referenced_urns.observe(self.name, row)
        contexts, children = self._contexts(batch), self.children
        rows, children = self._leaving(batch.records), children if contexts.items else ()
        # What is read whole names all again on the next run.
        owe = batch.owe or (None if self.table_version is None else batch.commit)
        return QueuedBatch(self, rows, others, contexts, children, batch.commit, owe, look_ups)

    def _leaving(self, rows: Iterable[Row]) -> Sequence[Row]:
        """What of rows leaves; what they mention is noted before."""
        if not self.selected:
            return ()
        limit = self.ABORT_AT_RECORD_COUNT
        found = list(rows if limit is None else islice(rows, max(0, limit - self._emitted)))
        if note := self.connection.run.referenced_urns.observer(self.name):
            for row in found:
                note(row)
        return self.redact_all(found)

    def _contexts(self, batch: RecordBatch) -> ContextBatch:
        """What the children are asked with, less what a stream map filters."""
        stream_map = self.stream_maps[0]
        if not self.children or isinstance(stream_map, SameRecordTransform):
            return ContextBatch([context for context, _ in batch.child_contexts] if self.children else [])
        keeps = stream_map.get_filter_result
        return ContextBatch(
            [context for context, row in batch.child_contexts if row is None or keeps(self.redacted(row))]
        )

    def write(self, batch: QueuedBatch) -> None:
        """Write the records of a batch, and those for other streams; of a stream that is broken, nothing leaves.

        A batch is emptied by it: it may have to wait long for what hangs on it.
        """
        has_left = self._write_rows(batch.rows)
        for stream, rows in cast("Sequence[tuple[EmittingStream, Sequence[Row]]]", batch.others) if has_left else ():
            stream._write_rows(rows)
        if not has_left:
            batch.commit = None
        batch.rows, batch.others, batch.contexts = (), (), ContextBatch(())

    def _write_rows(self, rows: Sequence[Row]) -> bool:
        """Write records, unless the stream is broken.

        Returns:
            Whether they have left.
        """
        if not self.has_failed:
            try:
                with own_errors_as_faults(self.name, self.logger):
                    self._write_schema_message()
                    for some in batched(rows, _ROWS_AT_ONCE):
                        self._record_pipeline.write(some, self.table_version, self.connection.clock.now())
                        self._emitted += len(some)
            except DmaError as fault:
                self.break_off(fault)
        return not self.has_failed

    def commit(self, batch: QueuedBatch) -> None:
        """Have the commit of a batch made, once all that this stream and those below have named has been looked up."""
        if batch.commit:
            owe = partial(self._commit, batch.owe) if batch.owe else None
            self.connection.run.commit_after_lookups(
                self._family, partial(self._commit, batch.commit), owe, batch.look_ups
            )

    @cached_property
    def _family(self) -> Sequence[str]:
        below = cast("Sequence[EmittingStream]", self.child_streams)
        return [self.name, *(name for child in below for name in child._family)]

    def _commit(self, commit: Callable[[], None]) -> None:
        if not self._commits:
            return
        try:
            with own_errors_as_faults(self.name, self.logger):
                commit()
        except DmaError as fault:
            self._commits = False
            self.break_off(fault)

    def break_off(self, fault: DmaError) -> None:
        """End this stream and go on with the others, unless the fault is one that they would meet too."""
        if isinstance(fault, _ENDS_OF_A_RUN):
            raise fault
        self.has_failed = True
        self.connection.run.referenced_urns.mark_failed(self.name)
        self.connection.run.summary.add_failure(self.name, str(fault))
        self.logger.error("%s ends here, the other streams go on. %s", self.name, fault)

    def _emit(self, contexts: ContextBatch, *, write_messages: bool = True) -> Iterator[Sequence[Row]]:
        """Read and emit page by page, each before the next is read."""
        with closing(self.batches_of(contexts)) as batches:
            for batch in batches:
                rows = batch.rows
                below, children = batch.contexts, cast("Sequence[EmittingStream]", batch.children)
                if write_messages:
                    self.write(batch)
                else:
                    self._emitted += len(rows)
                yield rows
                for child in children:
                    # A child that has given as many records as a dry run wants stops alone.
                    with suppress(*DRY_RUN_ENDS):
                        child.sync_page(below)
                self.commit(batch)
                self._check_max_record_limit(self._emitted)

    def activate_tables(self, *, is_whole: bool) -> None:
        """Tell the target where this stream's table, or a child's, holds what this version has and no more.

        Args:
            is_whole: whether all parents of this stream were read.
        """
        is_whole = is_whole and self._is_whole and not self.has_failed and self.ABORT_AT_RECORD_COUNT is None
        version = self.table_version
        if is_whole and version is not None and self.selected:
            self._write_activate_version_message(version)
        for child in self.children:
            child.activate_tables(is_whole=is_whole and version is not None)

    @property
    def is_active(self) -> bool:
        """Whether this stream or one below it is selected."""
        return bool(self.selected or self.has_selected_descendents)

    @property
    def children(self) -> Sequence[EmittingStream]:
        """The child streams that are wanted, and not broken."""
        children = cast("Sequence[EmittingStream]", self.child_streams)
        return [child for child in children if child.is_active and not child.has_failed]

    @property
    def descendants(self) -> Iterator[EmittingStream]:
        """The children, and theirs."""
        for child in self.children:
            yield child
            yield from child.descendants
