"""How what was read leaves the tap: rows, then the children, then the state; a page at a time.

The SDK syncs children once for every parent record, and writes SCHEMA, STATE and log lines each
time; with a page of a thousand posts that is thousands. Here a parent hands over a page of parents at once,
after their own rows have left and before anything of that page enters the state.

What leaves has been read ahead: as soon as a page is read, its children begin to read what is theirs, each
stream in a thread of its own. So the clocks of all paced resources run at once, while rows leave one stream after
the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException

from tap_linkedin_dma.ahead import Ahead
from tap_linkedin_dma.asking import AskingStream
from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.errors import (
    CertificateRejected,
    DailyLimit,
    DmaError,
    OutputClosed,
    TokenRejected,
    VersionRejected,
)
from tap_linkedin_dma.messages import MessageWriter
from tap_linkedin_dma.pages import ROOT, Page, Parents
from tap_linkedin_dma.records import RecordPath
from tap_linkedin_dma.rows import Row

if TYPE_CHECKING:
    from collections.abc import Generator

    from singer_sdk.helpers.types import Context
    from singer_sdk.tap_base import Tap

_SECONDS_BETWEEN_STATES = 1.0

_ROWS_AT_ONCE = 200
"""So many leave together: with more, getting the memory for their lines takes longer than filling it."""

_PAGES_AHEAD_IF_PACED = 1000
"""So many of a stream that reads one a minute, say; their rows wait on disk."""

_MET_BY_ALL = (CertificateRejected, TokenRejected, VersionRejected)
"""What every other request would meet too."""

_ENDS_OF_A_RUN = (*_MET_BY_ALL, DailyLimit, OutputClosed)

DRY_RUN_ENDS = (AbortedSyncFailedException, AbortedSyncPausedException)
"""What ends a stream that has given as many records as a dry run wants."""


_Keep = Callable[[Iterable[Row]], Iterable[Row]]


@dataclass(frozen=True)
class _Read:
    """A page that was read, and what its children read meanwhile."""

    page: Page
    children: Sequence[tuple[EmittingStream, Iterator[_Read]]]


class EmittingStream(AskingStream):
    """A stream that emits what its `pages` give."""

    reads_ahead: ClassVar[bool] = True
    """Whether LinkedIn may be asked as soon as the parents are known; else when it is the stream's turn to leave."""

    pages_ahead: ClassVar[int] = 2
    """So many wait at most until they leave: the next is there when one has left, and it may be a thousand rows."""

    appends: ClassVar[bool] = False
    """Whether rows that a run does not give again still stand, so that no run gives the whole table."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self.is_broken = False
        """Whether a fault has ended this stream, though not the run."""

        self._is_whole = True
        self._schema_is_written = False
        self._emitted = 0
        self._state_written_at = 0.0
        self._begun: Iterator[_Read] | None = None
        connection.progress.follow(self.name, lambda: self._emitted)

    def pages(self, parents: Parents) -> Iterator[Page]:
        """Read what LinkedIn has for these parents."""
        raise NotImplementedError

    def foresee(self, parents: Parents) -> None:
        """Have asked what the reading of these parents begins with, while others may still be read."""

    def disclosed(self, row: Row) -> Row:
        """What of a row leaves, by the settings."""
        raise NotImplementedError

    def all_disclosed(self, rows: Sequence[Row]) -> Sequence[Row]:
        """What of each row leaves."""
        return [self.disclosed(row) for row in rows]

    @property
    def table_version(self) -> int | None:
        """The version of the stream's table, which a run reads whole; None for one that is added to."""
        is_added_to = self.appends or isinstance(self.replication_key, str)
        return None if is_added_to else self.connection.run.table_version

    def skip(self, what: str, why: object) -> None:
        """Say that a part of the stream is left out: now, and at the end of the run.

        Args:
            what: the part, such as an organization; "" for all of it.
            why: a sentence.
        """
        self._is_whole = False
        self.connection.run.report.skip(self.name, what, str(why))
        self.logger.warning("%s%s is skipped. %s", self.name, what and f": {what}", why)

    @property
    def emit_activate_version_messages(self) -> bool:
        # The SDK would send it before the records: a run that dies half-way would leave the table half empty.
        return False

    def _write_schema_message(self) -> None:
        if not self._schema_is_written:
            super()._write_schema_message()
        self._schema_is_written = True

    @cached_property
    def _record_path(self) -> RecordPath:
        return RecordPath(self, cast("MessageWriter", self._tap.message_writer))

    def _sync_records(
        self,
        context: Context | None = None,
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        try:
            for rows in self._emit(self._begun or self._begin_reading(ROOT), write_messages=write_messages):
                yield from rows
            self.connection.run.look_up()
            self.activate_tables(is_whole=True)
        except DRY_RUN_ENDS:
            raise
        except DmaError as fault:
            self.break_off(fault)
        except BaseException:
            self.connection.stop()
            raise
        self._tap.state_writer.write_state(self.tap_state)

    def read_early(self) -> None:
        """Begin to read a stream without a parent, before it is its turn to leave."""
        self._begun = self._begin_reading(ROOT)

    def sync_page(self, parents: Parents) -> None:
        """Emit what belongs to a page of parents."""
        self._emit_all(self._begin_reading(parents))

    def _begin_reading(self, parents: Parents) -> Iterator[_Read]:
        """What is read for these parents."""
        if not self.reads_ahead or self.ABORT_AT_RECORD_COUNT is not None:
            return self._reading(parents)
        self.foresee(parents)
        # What a paced resource gives may wait for long, and so on disk.
        keep = self._ahead.spool.put if self._is_paced else None
        return self._ahead.begin(partial(self._reading, parents, keep))

    @cached_property
    def _ahead(self) -> Ahead[_Read]:
        return self.connection.ahead(self.name, _PAGES_AHEAD_IF_PACED if self._is_paced else self.pages_ahead)

    @cached_property
    def _is_paced(self) -> bool:
        """Whether the stream asks a resource that keeps it waiting: its clock goes on while others leave."""
        return self.connection.pace.interval(self.asked_resource) > 0

    @property
    def asked_resource(self) -> str:
        """The resource that the stream's listings come from."""
        return self.resource

    def _reading(self, parents: Parents, keep: _Keep | None = None) -> Iterator[_Read]:
        try:
            for page in self._guarded(self.pages(parents)):
                yield _Read(replace(page, rows=keep(page.rows)) if keep else page, self._begin_children(page))
        except _MET_BY_ALL as fault:
            self.connection.pace.stop(fault)
            raise

    def _begin_children(self, page: Page) -> Sequence[tuple[EmittingStream, Iterator[_Read]]]:
        keeps = self.stream_maps[0].get_filter_result
        parents = Parents([parent for parent, row in page.parents if row is None or keeps(self.disclosed(row))])
        return [(child, child._begin_reading(parents)) for child in self.children] if parents.items else []

    def _emit_all(self, pages: Iterator[_Read]) -> None:
        if self.is_broken:
            return
        if self.selected:
            self._write_schema_message()
        try:
            for _ in self._emit(pages):
                pass
        except DmaError as fault:
            self.break_off(fault)

    def break_off(self, fault: DmaError) -> None:
        """End this stream and go on with the others, unless the fault is one that they would meet too."""
        if isinstance(fault, _ENDS_OF_A_RUN):
            self.connection.stop()
            # What the state holds has left; the next run need not read it once more.
            self._tap.state_writer.write_state(self.tap_state)
            raise fault
        self.is_broken = True
        self._ahead.stop()
        self.connection.run.report.fail(self.name, str(fault))
        self.logger.error("%s ends here, the other streams go on. %s", self.name, fault)

    def _emit(self, pages: Iterator[_Read], *, write_messages: bool = True) -> Iterator[Sequence[Row]]:
        limit, run = self.ABORT_AT_RECORD_COUNT, self.connection.run
        self._stream_version = self.table_version
        note = run.mentions.noter(self.name)
        for read in pages:
            page = read.page
            rows = iter(page.rows if self.selected else ())
            if limit is not None:
                rows = islice(rows, limit - self._emitted)
            while some := list(islice(rows, _ROWS_AT_ONCE)):
                if write_messages:
                    self._record_path.take(self.all_disclosed(some), self._stream_version)
                if note:
                    for row in some:
                        note(row)
                self._emitted += len(some)
                yield some
            if note:
                for row in page.mentioned:
                    note(row)
            for stream, told in page.others:
                stream.tell(told)
            for child, theirs in read.children:
                # A child that has given as many records as a dry run wants stops alone.
                with suppress(*DRY_RUN_ENDS):
                    child._emit_all(theirs)
            if page.settle:
                run.settle(page.settle)
            if limit is None:
                run.look_up_now_and_then()
            self._write_state_now_and_then()
            self._check_max_record_limit(self._emitted)

    def _guarded(self, pages: Iterator[Page]) -> Iterator[Page]:
        """The pages; an error of the tap's own ends the stream, as one of LinkedIn's does."""
        try:
            yield from pages
        except (DmaError, *DRY_RUN_ENDS):
            raise
        except Exception as error:
            self.logger.exception("%s met an error of the tap's own", self.name)
            msg = f"The tap met an error of its own ({type(error).__name__}). Please report it, with the lines above."
            raise DmaError(msg) from error

    def activate_tables(self, *, is_whole: bool) -> None:
        """Tell the target where this stream's table, or a child's, holds what this version has and no more.

        Args:
            is_whole: whether all parents of this stream were read.
        """
        is_whole = is_whole and self._is_whole and not self.is_broken and self.ABORT_AT_RECORD_COUNT is None
        version = self.table_version
        if is_whole and version is not None and self.selected:
            self._write_activate_version_message(version)
        for child in self.children:
            child.activate_tables(is_whole=is_whole and version is not None)

    @property
    def is_wanted(self) -> bool:
        """Whether this stream or one below it is selected."""
        return bool(self.selected or self.has_selected_descendents)

    @property
    def children(self) -> Sequence[EmittingStream]:
        """The child streams that are wanted, and not broken."""
        children = cast("Sequence[EmittingStream]", self.child_streams)
        return [child for child in children if child.is_wanted and not child.is_broken]

    @property
    def descendants(self) -> Iterator[EmittingStream]:
        """The children, and theirs."""
        for child in self.children:
            yield child
            yield from child.descendants

    def _write_state_now_and_then(self) -> None:
        now = self.connection.clock.monotonic()
        if now - self._state_written_at >= _SECONDS_BETWEEN_STATES:
            self._state_written_at = now
            self._tap.state_writer.write_state(self.tap_state)
