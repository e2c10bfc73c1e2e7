"""Emitting the records of a stream: its reader puts batches into the queue, and the writer writes and commits them.

The SDK syncs children once for every parent record, and writes SCHEMA, STATE and log lines each time; with a page of a
thousand posts that is thousands. Here a parent hands over a batch of contexts at once.

In a run each stream is read in a thread of its own, see `readers`, and the main thread writes its batches, see
`writer`. A dry run, and a lookup, reads and emits one batch after the other.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import ClassVar, Protocol, cast

from singer_sdk.mapper import DefaultStreamMap, SameRecordTransform, StreamMap

from tap_linkedin_dma.api.batch_get import batched
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import (
    CertificateRejected,
    DmaError,
    OutOfThreads,
    OutputClosed,
    PaceFileRejected,
    RunCut,
    TokenRejected,
    VersionRejected,
)
from tap_linkedin_dma.output.record_pipeline import RecordPipeline
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.sync.batches import ContextBatch, RecordBatch
from tap_linkedin_dma.sync.readers import DRY_RUN_ENDS, QueuedBatch, own_errors_as_faults
from tap_linkedin_dma.sync.run_context import RunContext

_ROWS_AT_ONCE = 200
"""Rows written at once, at most: with more, getting the memory for their lines takes longer than filling it."""

_MET_BY_ALL = (CertificateRejected, PaceFileRejected, TokenRejected, VersionRejected)
"""Errors that every other request would meet too."""

_ENDS_OF_A_RUN = (*_MET_BY_ALL, OutOfThreads, OutputClosed)


class EmittedStream(Protocol):
    """A stream as its emitter knows it."""

    name: str
    client: Client
    emitter: Emitter
    feeds_lookups: ClassVar[bool]

    @property
    def logger(self) -> logging.Logger:
        """The logger for what goes wrong."""

    @property
    def selected(self) -> bool:
        """Whether its records are emitted."""

    @property
    def is_paced(self) -> bool:
        """Whether it waits between its requests."""

    @property
    def children(self) -> Sequence[EmittedStream]:
        """The child streams that are read, and have not failed."""

    @property
    def all_names(self) -> Sequence[str]:
        """Its own name and those of all streams below it."""

    @property
    def table_version(self) -> int | None:
        """The version of its table if a run reads the whole of it; None for a table that is added to."""

    @property
    def stream_maps(self) -> list[StreamMap]:
        """The user's own stream maps."""

    @property
    def most_records(self) -> int | None:
        """How many records a dry run wants at most; None in a run."""

    def skip_other_values(self) -> None:
        """Report the rows that were not requested, if LinkedIn demands a parameter that asks for a part of them."""

    def parts(self, contexts: ContextBatch) -> Sequence[ContextBatch]:
        """The contexts in the order in which they are read, an organization at a time."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """Read what LinkedIn has for these contexts."""

    @property
    def forgets_members(self) -> bool:
        """Whether there are members whose rows may not be emitted."""

    def redacted(self, row: Row) -> Row | None:
        """The row as it may be emitted; None if it may not."""

    def redact_all(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that may be emitted, as they may be."""

    def note_failure(self) -> None:
        """Record in the state that a run could not read it to its end."""

    def record_pipeline(self) -> RecordPipeline:
        """The pipeline that writes its records."""

    def write_schema(self) -> None:
        """Write the SCHEMA message, once."""

    def write_activate_version(self, version: int) -> None:
        """Write an ACTIVATE_VERSION message."""

    def check_record_limit(self, records: int) -> None:
        """End the stream if it has emitted as many records as a dry run wants."""


@dataclass
class Reading:
    """The rows emitted and the calls made of one organization."""

    rows: int = 0
    calls: int = 0


class Emitter:
    """Emits the records of one stream.

    Args:
        stream: the stream that is read.
        run_context: of the run.
    """

    def __init__(self, stream: EmittedStream, run_context: RunContext) -> None:
        self.stream = stream
        self.name = stream.name
        self.has_failed = False
        """Whether this stream was not read to its end, because of a fault or a cut; the run continues."""

        self.unread: dict[str, None] = {}
        """The organizations that were not read to their end, in the order in which they would have been read."""

        self.readings: defaultdict[str, Reading] = defaultdict(Reading)
        """By the URN of the organization; under "" what is of none."""

        self._organization = ""
        """The organization that is being read."""

        self.is_whole = True
        """Whether nothing of it was skipped."""

        self._commits = True
        """Whether what has been emitted may be committed to the state."""

        self._run_context = run_context
        self._run = run_context.run
        self._emitted = 0
        self._began_at: float | None = None
        self._last_at = 0.0
        run_context.progress.follow(self.name, lambda: self._emitted)

    @property
    def has_begun(self) -> bool:
        """Whether reading the stream has begun."""
        return self._began_at is not None

    @property
    def is_paced(self) -> bool:
        """Whether the stream waits between its requests."""
        return self.stream.is_paced

    @property
    def emitted(self) -> int:
        """How many records have been emitted."""
        return self._emitted

    @property
    def seconds(self) -> float:
        """From the beginning of its reading to the last record emitted."""
        return 0.0 if self._began_at is None else max(0.0, self._last_at - self._began_at)

    def skip(self, what: str, why: object, organization: str | None = None) -> None:
        """Report that a part of the stream is skipped: now, and at the end of the run.

        Args:
            what: the part, such as an organization; "" for all of it.
            why: a sentence.
            organization: the URN of the one that the part is of; None for the one that is being read.
        """
        self.is_whole = False
        self._run.summary.skip(self.name, what, str(why), self._organization if organization is None else organization)
        self.stream.logger.warning("%s: skipped%s. %s", self.name, what and f" {what}", why)

    def fail(self, fault: DmaError) -> None:
        """End this stream and continue with the others, unless they would meet the fault too."""
        if isinstance(fault, _ENDS_OF_A_RUN):
            raise fault
        self.has_failed = True
        self._run.referenced_urns.mark_failed(self.name)
        if isinstance(fault, RunCut):
            self._run.summary.add_cut(self.name, fault)
            self.stream.logger.info("%s ends here; the next run continues with it. %s", self.name, fault)
            return
        self._run.summary.add_failure(self.name, str(fault))
        self.stream.logger.error("%s ends here; the other streams continue. %s", self.name, fault)
        self.stream.note_failure()

    def leave_unread(self, contexts: ContextBatch) -> None:
        """Note that the stream is not read for these contexts."""
        self.unread.update((context["organization"], None) for context in contexts if "organization" in context)

    def batches(self, contexts: ContextBatch) -> Generator[QueuedBatch, None, None]:
        """Read what LinkedIn has for these contexts; nothing if the stream has failed.

        Raises:
            DmaError: the stream cannot be read to its end.
        """
        if self._began_at is None:
            self._began_at = self._last_at = self._run_context.clock.monotonic()
        parts: deque[ContextBatch] = deque()
        try:
            with own_errors_as_faults(self.name, self.stream.logger), self._run_context.workers.ending():
                parts += self.stream.parts(contexts)
                while parts and not self.has_failed:
                    with self._counting_calls(parts[0]):
                        for batch in self.stream.read(parts[0]):
                            yield self._queued(batch)
                            if self.has_failed:
                                return
                    parts.popleft()
        except _MET_BY_ALL as fault:
            self.stream.client.limits.stop(fault)
            raise
        finally:
            for part in parts:
                self.leave_unread(part)

    @contextmanager
    def _counting_calls(self, part: ContextBatch) -> Iterator[None]:
        """Count the calls as those of the organization of these contexts, if they are of one."""
        organizations = {context.get("organization", "") for context in part}
        self._organization = organizations.pop() if len(organizations) == 1 else ""
        calls_of = self._run_context.progress.calls_of
        before = calls_of(self.name)
        try:
            yield
        finally:
            self.readings[self._organization].calls += calls_of(self.name) - before
            self._organization = ""

    def write(self, batch: QueuedBatch) -> None:
        """Write the records of a batch, and those for other streams; nothing if the stream has failed.

        This empties the batch: it may then wait long for the streams that depend on it.
        """
        has_left = self.write_records(batch.records, batch.organization)
        for emitter, records in batch.others if has_left else ():
            emitter.write_records(records, batch.organization)
        if not has_left:
            batch.commit = None
        batch.records, batch.others, batch.contexts = (), (), ContextBatch(())

    def commit(self, batch: QueuedBatch) -> None:
        """Make the commit of a batch once every URN referenced by this stream and those below has been looked up."""
        if batch.commit:
            owe = partial(self._commit, batch.owe) if batch.owe else None
            commit = partial(self._commit, batch.commit)
            self._run.commit_after_lookups(self.stream.all_names, commit, owe, batch.look_ups)

    def emit_now(self, contexts: ContextBatch) -> None:
        """Read and emit at once what LinkedIn has for these contexts."""
        if self.has_failed:
            return
        try:
            for _ in self.emit(contexts):
                pass
        except DmaError as fault:
            self.fail(fault)

    def emit(self, contexts: ContextBatch, *, write_messages: bool = True) -> Iterator[Sequence[Row]]:
        """Read and emit batch by batch, each before the next is read; yields the records of each."""
        with closing(self.batches(contexts)) as batches:
            for batch in batches:
                records, below, children = batch.records, batch.contexts, batch.children
                if write_messages:
                    self.write(batch)
                else:
                    self._emitted += len(records)
                yield records
                for child in children:
                    # A child that has emitted as many records as a dry run wants stops alone.
                    with suppress(*DRY_RUN_ENDS):
                        child.emit_now(below)
                self.commit(batch)
                self.stream.check_record_limit(self._emitted)

    def activate_tables(self, *, is_whole: bool) -> None:
        """Write ACTIVATE_VERSION for this stream's table, and each child's, if all of its version was emitted.

        Args:
            is_whole: whether all contexts of this stream were read.
        """
        stream, version = self.stream, self.stream.table_version
        stream.skip_other_values()
        is_whole = is_whole and self.is_whole and not self.has_failed and stream.most_records is None
        if is_whole and version is not None and stream.selected:
            stream.write_activate_version(version)
        for child in stream.children:
            child.emitter.activate_tables(is_whole=is_whole and version is not None)

    @cached_property
    def _pipeline(self) -> RecordPipeline:
        return self.stream.record_pipeline()

    def _queued(self, batch: RecordBatch) -> QueuedBatch:
        """The batch for the queue: redacted, so that nothing waits anywhere as LinkedIn gave it.

        This empties the batch: its reader still holds it, and may then wait long for the streams that depend on it.
        """
        look_ups = self._run.look_ups
        others = [
            (emitter := cast("EmittedStream", stream).emitter, emitter._leaving(stream.rows_of(rows)))
            for stream, rows in batch.others
        ]
        for row in batch.mentioned:
            self._run.referenced_urns.observe(self.name, row)
        contexts = self._contexts(batch)
        children = [child.emitter for child in self.stream.children] if contexts.items else []
        records = self._leaving(batch.records)
        batch.records, batch.child_contexts, batch.others, batch.mentioned = (), (), (), ()
        # A table that is read whole references all its URNs again when it is read anew; the lookup owes them till then.
        owe = batch.owe or (None if self.stream.table_version is None else batch.commit)
        return QueuedBatch(self, records, others, contexts, children, batch.commit, owe, look_ups, self._organization)

    def _leaving(self, rows: Iterable[Row]) -> Sequence[Row]:
        """The rows as they are emitted; the URNs that they reference are noted first."""
        if not self.stream.selected:
            return ()
        limit = self.stream.most_records
        found = list(rows if limit is None else islice(rows, max(0, limit - self._emitted)))
        if self.stream.feeds_lookups and (observe := self._run.referenced_urns.observer(self.name)):
            for row in found:
                observe(row)
        return self.stream.redact_all(found)

    def _contexts(self, batch: RecordBatch) -> ContextBatch:
        """The contexts of the children, without those of rows that may not leave, or that a stream map filters."""
        stream = self.stream
        if not stream.children:
            return ContextBatch([])
        stream_map = stream.stream_maps[0]
        # A map that leaves out a whole stream has no effect on one that is not selected: those below it are read.
        filters = not isinstance(stream_map, SameRecordTransform if stream.selected else DefaultStreamMap)
        if not filters and not stream.forgets_members:
            return ContextBatch([context for context, _ in batch.child_contexts])
        keeps, redacted = stream_map.get_filter_result, stream.redacted
        return ContextBatch(
            [
                context
                for context, row in batch.child_contexts
                if row is None or ((left := redacted(row)) is not None and (not filters or keeps(left)))
            ]
        )

    def write_records(self, rows: Sequence[Row], organization: str) -> bool:
        """Write records of one organization, unless the stream has failed.

        Returns:
            Whether they have been written.
        """
        if not self.has_failed:
            try:
                with own_errors_as_faults(self.name, self.stream.logger):
                    self.stream.write_schema()
                    for some in batched(rows, _ROWS_AT_ONCE):
                        self._pipeline.write(some, self.stream.table_version, self._run_context.clock.now())
                        self._emitted += len(some)
                        self.readings[organization].rows += len(some)
                    self._last_at = self._run_context.clock.monotonic()
            except DmaError as fault:
                self.fail(fault)
        return not self.has_failed

    def _commit(self, commit: Callable[[], None]) -> None:
        if not self._commits:
            return
        try:
            with own_errors_as_faults(self.name, self.stream.logger):
                commit()
        except DmaError as fault:
            self._commits = False
            self.fail(fault)
