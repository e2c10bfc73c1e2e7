"""The stream base class: a way of reading gives `read`, and a stream the attributes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

import pendulum
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import (
    AccessDenied,
    BadRequest,
    CursorRefused,
    DmaError,
    NotFound,
    ShortListing,
    VersionRejected,
)
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.api.results import BatchResult, in_words
from tap_linkedin_dma.privacy.catalog_metadata import add_classification
from tap_linkedin_dma.privacy.data_classes import NONE, DataClassification, classify
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.row_builder import KeyIsOf, RowBuilder, RowRules
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.stream_types.request_templates import RequestRules, RequestTemplate
from tap_linkedin_dma.sync.batches import NO_CONTEXT, Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.emitter import Emitter
from tap_linkedin_dma.sync.readers import DRY_RUN_ENDS
from tap_linkedin_dma.sync.run_context import RunContext
from tap_linkedin_dma.sync.sdk_adapter import SdkStream

if TYPE_CHECKING:
    from singer_sdk.singerlib.catalog import MetadataMapping
    from singer_sdk.tap_base import Tap

_T = TypeVar("_T")


class DmaStream(SdkStream):
    """A stream of LinkedIn's DMA APIs.

    It holds a `client` that asks, a `request` with the parameters, a `row_builder` that makes records and an `emitter`
    that lets them leave.

    Args:
        tap: that the stream is of.
        run_context: of the run.
        client: asks with the token that the stream is read with.
    """

    name: str = ""

    resource: ClassVar[str]
    """The name in the URL of what the stream's rows come from; "{parameter}" stands in it for one of `params`."""

    version: ClassVar[str | None] = None
    """The only version this product has; None goes by the setting `linkedin_version`."""

    evidence: ClassVar[str] = "documented"
    """How sure the stream's request is: documented, derived, observed, sibling or inferred."""

    finder: ClassVar[str | None] = None
    """The finder's name, the `q` of the query."""

    params: ClassVar[Mapping[str, object]] = {}
    """Request parameters; "{organization}" stands for that column of the context.

    One that `resource` has in braces stands there, not in the query.
    """

    param_fallbacks: ClassVar[Mapping[str, Sequence[Mapping[str, object]]]] = {}
    """By parameter: what to send in its place, in this order, where LinkedIn names it as wrong."""

    fallbacks_by: ClassVar[str] = ""
    """The column of the context by which requests differ so much that each has fallbacks of its own."""

    page_size: ClassVar[int | None] = None
    """Elements in a page of a listing; None leaves that to LinkedIn."""

    schema: ClassVar[dict[str, Any]]

    field_paths: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Columns that are not simply a field: dotted wire paths, the first that leads to a value is taken."""

    only_declared_columns: ClassVar[bool] = False
    """The row has just its columns; what they leave of an entity goes into `unmapped`."""

    computed_columns: ClassVar[Collection[str]] = ()
    """Columns that the stream works out; a field of LinkedIn's with such a name goes into `unmapped`."""

    id_fields: ClassVar[Sequence[str] | None] = None
    """Fields that identify an element whose key column is not simply a field; None for those of its resource."""

    drop_repeats: ClassVar[bool] = False
    """The same key twice in one listing is the same record."""

    key_is_of: ClassVar[KeyIsOf] = "all"
    """What a key that LinkedIn does not give is made of: all of an element; all but the figures of an event;
    all but figures and times of measuring. A table that is added to would keep a row for each change of them."""

    append_only: ClassVar[bool] = False
    """Whether rows that a run does not give again still stand, so that no run gives the whole table."""

    feeds_lookups: ClassVar[bool] = True
    """Whether those whom its records name are looked up."""

    data_class: ClassVar[str] = NONE
    """The class of all that the schema gives no other; see `data_classes`."""

    visibility_columns: ClassVar[Sequence[str]] = ()
    """Where LinkedIn shows the member whom a row is of; the first column that has a value tells."""

    max_retention_days: ClassVar[int | None] = None
    """Days for which LinkedIn's terms let a row be kept; None where they do not say."""

    state_partitioning_keys = ("organization",)

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap)
        self.run_context = run_context
        self.client = client.for_stream(self.name, self.version, self.logger)
        self.request = RequestTemplate(
            RequestRules(
                self.name,
                self.resource,
                self.finder,
                self.params,
                self.param_fallbacks,
                self.fallbacks_by,
                self.page_size,
            ),
            self.config,
            run_context.started_at,
            run_context.workers,
            self.logger,
        )
        self.row_builder = RowBuilder(
            RowRules(
                self.name,
                self.schema,
                self.primary_keys or (),
                self.field_paths,
                self.only_declared_columns,
                self.computed_columns,
                self._id_fields(),
                self.drop_repeats,
                self.key_is_of,
                self.data_class,
                self.visibility_columns,
                self.max_retention_days,
                knows_all_fields=self.evidence in ("documented", "derived"),
            ),
            self.config,
            run_context.started_at,
            lambda: self.selected,
            self.logger,
        )
        self.emitter = Emitter(self, run_context)
        self.refused_organizations: set[str] = set()
        """Organizations that LinkedIn does not show to this stream."""

        self._computed: dict[str, Future[Any]] = {}

    # Reading

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """Read what LinkedIn has for these contexts."""
        raise NotImplementedError

    def request_params(self, context: Context, **more: object) -> dict[str, object]:
        """The request's parameters for one context, with what `stream_options` overrides."""
        return self.request.params(context, **more)

    def compute_once(self, name: str, compute: Callable[[], _T]) -> _T:
        """What this stream asks for once a run, whichever streams want it; see `RunLock.compute_once`."""
        return self.run_context.run_lock.compute_once(self._computed, name, compute)

    def restart_if_cursor_refused(self, read: Callable[[], Iterator[_T]], checkpoint: Checkpoint) -> Iterator[_T]:
        """What a listing gives; it is read from its start again, once, if LinkedIn does not take its cursor."""
        try:
            yield from read()
        except CursorRefused as refused:
            self.logger.warning("%s: the listing is read again from its start. %s", self.name, refused)
            checkpoint.reset()
            yield from read()

    # Rows

    def _id_fields(self) -> Sequence[str]:
        if self.id_fields is not None or "row_key" not in (self.primary_keys or ()):
            return self.id_fields or ()
        own = f"{self.resource[3].lower()}{self.resource[4:]}Urn"  # dmaOrganizationPhotos: organizationPhotosUrn
        return ("entityUrn", "$URN", "urn", own, "id")

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of an entity, or None for a record that its listing gave before; see `RowBuilder.row`."""
        return self.row_builder.row(entity, context, keys)

    def redacted(self, row: Row) -> Row:
        """What of a row leaves, by the settings."""
        return self.row_builder.redacted(row)

    def redact_all(self, rows: Sequence[Row]) -> Sequence[Row]:
        """What of each row leaves."""
        return rows if self.row_builder.nothing_to_redact(rows) else [self.redacted(row) for row in rows]

    # What is left out

    @property
    def skippable_errors(self) -> tuple[type[DmaError], ...]:
        """What LinkedIn may answer without ending the run; a guess may be wrong in more ways."""
        always = (AccessDenied, NotFound, ShortListing)
        return (*always, BadRequest, VersionRejected) if self.evidence == "inferred" else always

    @contextmanager
    def skip_refused(self, context: Context) -> Iterator[None]:
        """Leave out an organization that LinkedIn refuses to show, with a warning, and go on."""
        try:
            yield
        except self.skippable_errors as refusal:
            self.skip_organization(context, refusal)

    def skip_organization(self, context: Context, refusal: DmaError) -> None:
        """Leave out the organization of this context for the rest of the run."""
        organization = context.get("organization", "")
        if organization not in self.refused_organizations:
            self.skip(f"organization {urns.key(organization)}" if organization else "", refusal)
        self.refused_organizations.add(organization)

    def skip_unanswered(self, what: str, entities: BatchResult) -> None:
        """Say how many of these LinkedIn gave no answer about, if any.

        Args:
            what: they are, in the plural.
            entities: as they were read.
        """
        if unanswered := entities.unanswered:
            why = f"LinkedIn gave no answer about them ({in_words(unanswered)}): they are asked for on the next run."
            self.skip(f"{len(unanswered)} {what}", why)

    def skip(self, what: str, why: object) -> None:
        """Say that a part of the stream is left out; see `Emitter.skip`."""
        self.emitter.skip(what, why)

    def note_failure(self) -> None:
        """Take note in the state that this run could not read the stream to its end."""

    @property
    def has_failed(self) -> bool:
        """Whether a fault has ended this stream, though not the run."""
        return self.emitter.has_failed

    @property
    def has_failed_child(self) -> bool:
        """Whether a stream that hangs on this one has failed: it must meet again what this one has given it."""
        children = cast("Sequence[DmaStream]", self.child_streams)
        return any(child.has_failed and child.is_active for child in children)

    # State

    @property
    def table_version(self) -> int | None:
        """The version of the stream's table, which a run reads whole; None for one that is added to."""
        is_added_to = self.append_only or isinstance(self.replication_key, str)
        return None if is_added_to else self.run_context.run.table_version

    @property
    def is_full_table(self) -> bool:
        """Whether the catalog asks an incremental stream for all there is, whatever the state says."""
        return isinstance(type(self).replication_key, str) and self.replication_method == REPLICATION_FULL_TABLE

    def state_of(self, context: Context) -> dict[str, Any]:
        """The state kept for the organization of a context; it may be written to."""
        return self.get_context_state({"organization": context["organization"]})

    def checkpoint(self, context: Context) -> Checkpoint:
        """Where the listing for a context stands."""
        partitions = self.tap_state.get("bookmarks", {}).get(self.name, {}).get("partitions", [])
        whose = {"organization": context.get("organization")}
        kept: dict[str, Any] = next((part for part in partitions if part.get("context") == whose), {})
        checkpoint = Checkpoint(kept, partial(self.state_of, context), context, self.table_version, self._names_below)
        if checkpoint.is_stale(self.run_context.clock.now()):
            self.logger.info("%s: a listing that was cut off is read again from its start", self.name)
            checkpoint.reset()
        return checkpoint

    @property
    def start(self) -> pendulum.DateTime | None:
        """The setting `start_date`."""
        text = self.config.get("start_date")
        return cast("pendulum.DateTime", pendulum.parse(text, tz="UTC")).in_timezone("UTC") if text else None

    # Catalog

    @property
    def metadata(self) -> MetadataMapping:
        """The catalog's metadata, which say the class of each column too."""
        is_new = self.has_new_metadata
        mapping = super().metadata
        if is_new:
            classification = DataClassification(self.data_class)
            add_classification(mapping, classify(classification, self.schema, self.primary_keys or ()), self.data_class)
        return mapping

    @property
    def is_active(self) -> bool:
        """Whether this stream or one below it is selected."""
        return bool(self.selected or self.has_selected_descendents)

    @property
    def children(self) -> Sequence[DmaStream]:
        """The child streams that are active, and have not failed."""
        children = cast("Sequence[DmaStream]", self.child_streams)
        return [child for child in children if child.is_active and not child.has_failed]

    @property
    def descendants(self) -> Iterator[DmaStream]:
        """The children, and theirs."""
        for child in self.children:
            yield child
            yield from child.descendants

    @cached_property
    def all_names(self) -> Sequence[str]:
        """The stream's name and those of all below it, active or not."""
        below = cast("Sequence[DmaStream]", self.child_streams)
        return [self.name, *(name for child in below for name in child.all_names)]

    def _names_below(self) -> Sequence[str]:
        return [stream.name for stream in self.descendants]

    # What the SDK begins

    def begin(self) -> None:
        """Have a stream without a parent read, and all that hangs on it; the run's writer lets leave what is read."""
        for stream in self.descendants:
            stream.write_schema()
        self.run_context.readers.read(self.emitter, NO_CONTEXT)

    def try_out(self, *, write_messages: bool) -> Iterable[Sequence[Row]]:
        try:
            yield from self.emitter.emit(NO_CONTEXT, write_messages=write_messages)
            self.run_context.run.look_up()
            self.emitter.activate_tables(is_whole=True)
        except DRY_RUN_ENDS:
            raise
        except DmaError as fault:
            self.emitter.fail(fault)
