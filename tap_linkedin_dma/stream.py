"""How what was read leaves the tap: rows, then the children, then the state; a page at a time.

The SDK syncs children once for every parent record, and writes SCHEMA, STATE and log lines each
time; with a page of a thousand posts that is thousands. Here a parent hands over a page of parents at once,
after their own rows have left and before anything of that page enters the state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pendulum
from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from tap_linkedin_dma import urns
from tap_linkedin_dma.asking import AskingStream, Parent
from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.row_keys import RowKeys, number_of
from tap_linkedin_dma.rows import Entity, Row, RowShape

if TYPE_CHECKING:
    from collections.abc import Generator

    from singer_sdk.helpers.types import Context
    from singer_sdk.tap_base import Tap

_SECONDS_BETWEEN_STATES = 1.0
_DRY_RUN_ENDS = (AbortedSyncFailedException, AbortedSyncPausedException)


@dataclass
class Parents:
    """A page of parents, and what their children read of them in common."""

    items: Sequence[Parent]
    shared: dict[str, dict[str, Entity] | None] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Parent]:
        return iter(self.items)


ROOT = Parents([{}])
"""What a stream without a parent stream is asked with."""


@dataclass
class Page:
    """What leaves together.

    Args:
        rows: in the order they leave.
        parents: what the children are asked with, each with the row it comes from: where a stream map
            filters that row, its children are not asked for. None stands for a parent without a row.
        settle: writes into the state what may enter it once all of this has left.
    """

    rows: Iterable[Row] = ()
    parents: Sequence[tuple[Parent, Row | None]] = ()
    settle: Callable[[], None] | None = None


class PagedStream(AskingStream):
    """A stream that emits pages. A way of reading gives `pages`; a stream gives the attributes."""

    sources: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Columns that are not simply a field: dotted wire paths, the first that leads to a value is taken."""

    flattened: ClassVar[bool] = False
    """The row has just its columns; what they leave of an entity goes into `unmapped`."""

    own_columns: ClassVar[Collection[str]] = ()
    """Columns that the stream works out; a field of LinkedIn's with such a name goes into `unmapped`."""

    own_keys: ClassVar[Sequence[str]] = ()
    """Fields that identify an element where its key column is not simply a field."""

    repeats_are_one: ClassVar[bool] = False
    """The same own key twice in one listing is the same record."""

    appends: ClassVar[bool] = False
    """Whether rows that a run does not give again still stand, so that no run gives the whole table."""

    schema: ClassVar[dict[str, Any]]

    state_partitioning_keys = ("organization",)

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._shape = RowShape(self.schema, self.sources, flattened=self.flattened, own=self.own_columns)
        properties = self.schema["properties"]
        self._text_keys = [name for name in self.primary_keys or () if _is_text(properties[name])]
        self._number_keys = [name for name in self.primary_keys or () if "integer" in properties[name]["type"]]
        self.refused: set[str] = set()
        """Organizations that LinkedIn does not show to this stream."""
        self._schema_is_written = False
        self._emitted = 0
        self._state_written_at = 0.0

    # What a way of reading gives, and what it uses

    def pages(self, parents: Parents) -> Iterator[Page]:
        """Read what LinkedIn has for these parents."""
        raise NotImplementedError

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of an entity, or None for a record that its listing gave before.

        Args:
            entity: as LinkedIn sent it.
            context: columns that the tap knows of itself.
            keys: the keys of the listing that the entity comes from, for a key column LinkedIn does not fill.
        """
        row = self._shape.row(entity, context)
        for name in self._text_keys:
            if row[name] is None:
                row[name] = (keys or self.new_keys()).key(entity)
                if row[name] is None:
                    return None
        for name in self._number_keys:
            if row[name] is None:
                row[name] = number_of(entity)
        return row

    def new_keys(self) -> RowKeys:
        """The keys of one listing."""
        return RowKeys(self.own_keys, repeats_are_one=self.repeats_are_one)

    @property
    def is_full_table(self) -> bool:
        """Whether the catalog asks an incremental stream for all there is, whatever the state says."""
        return isinstance(type(self).replication_key, str) and self.replication_method == REPLICATION_FULL_TABLE

    def state_of(self, parent: Parent) -> dict[str, Any]:
        """The state kept for the organization of a parent; it may be written to."""
        return self.get_context_state({"organization": parent["organization"]})

    @property
    def start(self) -> pendulum.DateTime | None:
        """The setting `start_date`."""
        text = self.config.get("start_date")
        return cast("pendulum.DateTime", pendulum.parse(text, tz="UTC")).in_timezone("UTC") if text else None

    @contextmanager
    def skipping(self, parent: Parent) -> Iterator[None]:
        """Leave out an organization that LinkedIn refuses to show, with a warning, and go on."""
        try:
            yield
        except self.refusals as refusal:
            self.give_up(parent, refusal)

    def give_up(self, parent: Parent, refusal: DmaError) -> None:
        """Leave out the organization of this parent for the rest of the run."""
        organization = parent.get("organization", "")
        if organization not in self.refused:
            whose = f": organization {urns.key(organization)}" if organization else ""
            self.logger.warning("%s%s is skipped. %s", self.name, whose, refusal)
        self.refused.add(organization)

    # How it leaves

    @property
    def emit_activate_version_messages(self) -> bool:
        # The SDK would send it before the records: a run that dies half-way would leave the table half empty.
        return False

    def _sync_records(
        self,
        context: Context | None = None,
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        self._schema_is_written = True
        try:
            yield from self._emit(self.pages(ROOT), write_messages=write_messages)
        except _DRY_RUN_ENDS:
            raise
        except BaseException as ending:
            self.connection.stop()
            if isinstance(ending, DmaError):
                # What the state holds has left; the next run need not read it once more.
                self._tap.state_writer.write_state(self.tap_state)
            raise
        self._tap.state_writer.write_state(self.tap_state)

    def sync_page(self, parents: Parents) -> None:
        """Emit what belongs to a page of parents."""
        if self.selected and not self._schema_is_written:
            self._write_schema_message()
            self._schema_is_written = True
        for _ in self._emit(self.pages(parents)):
            pass

    def _emit(self, pages: Iterator[Page], *, write_messages: bool = True) -> Iterator[Row]:
        limit = self.ABORT_AT_RECORD_COUNT
        for page in pages:
            keeps = self.stream_maps[0].get_filter_result
            parents = [parent for parent, row in page.parents if row is None or keeps(row)]
            rows = page.rows if limit is None else islice(page.rows, limit - self._emitted)
            for row in rows if self.selected else ():
                if write_messages:
                    self._write_record_message(row)
                self.connection.mentions.note(self.name, row)
                self._emitted += 1
                yield row
            self._hand_over(parents)
            if page.settle:
                page.settle()
            self._write_state_now_and_then()
            self._check_max_record_limit(self._emitted)

    def _hand_over(self, parents: Sequence[Parent]) -> None:
        if not parents:
            return
        page = Parents(parents)
        for child in self.children:
            # A child that has given as many records as a dry run wants stops alone.
            with suppress(*_DRY_RUN_ENDS):
                child.sync_page(page)

    @property
    def children(self) -> Sequence[PagedStream]:
        """The child streams that are wanted, or whose own children are."""
        children = cast("Sequence[PagedStream]", self.child_streams)
        return [child for child in children if child.selected or child.has_selected_descendents]

    def _write_state_now_and_then(self) -> None:
        now = self.connection.clock.monotonic()
        if now - self._state_written_at >= _SECONDS_BETWEEN_STATES:
            self._state_written_at = now
            self._tap.state_writer.write_state(self.tap_state)

    def log_sync_costs(self) -> None:
        if self._emitted:
            self.logger.info("%s: %d records", self.name, self._emitted)


def _is_text(schema: Mapping[str, Any]) -> bool:
    return "string" in schema["type"] and "format" not in schema
