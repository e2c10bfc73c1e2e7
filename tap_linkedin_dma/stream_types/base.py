"""The base class of all streams: a subclass for each way of reading gives `read`, and a stream the attributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
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
from tap_linkedin_dma.state import rotation
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.state.request_forms import RequestForms
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

    It holds a `client` that makes requests, a `request` with their parameters, a `row_builder` that makes records and
    an `emitter` that emits them.

    Args:
        tap: the tap that the stream belongs to.
        run_context: of the run.
        client: makes requests with the token for this stream.
    """

    name: str = ""

    resource: ClassVar[str]
    """The resource's name in the URL; "{parameter}" in it stands for one of `params`."""

    version: ClassVar[str | None] = None
    """The only version this product has; None for that of the setting `linkedin_version`."""

    evidence: ClassVar[str] = "documented"
    """How sure the stream's request is: documented, derived, observed, sibling or inferred."""

    finder: ClassVar[str | None] = None
    """The finder's name, the `q` of the query."""

    params: ClassVar[Mapping[str, object]] = {}
    """Request parameters; "{organization}" stands for that column of the context.

    A parameter that `resource` has in braces goes into the path, not into the query.
    """

    param_fallbacks: ClassVar[Mapping[str, Sequence[Mapping[str, object]]]] = {}
    """By parameter: what to send in its place, in this order, if LinkedIn names it as wrong."""

    fallbacks_by: ClassVar[str] = ""
    """The column of the context by which requests differ so much that each value has fallbacks of its own."""

    narrowing_params: ClassVar[Sequence[str]] = ()
    """Parameters of `param_fallbacks` that are sent only if LinkedIn demands them: they ask for a part of the rows."""

    page_size: ClassVar[int | None] = None
    """Elements in a page of a listing; None leaves that to LinkedIn."""

    schema: ClassVar[dict[str, Any]]

    field_paths: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Columns that are not simply a field: dotted wire paths, of which the first that leads to a value is used."""

    only_declared_columns: ClassVar[bool] = False
    """Whether the row has only its declared columns; all other fields of an entity go into `unmapped`."""

    computed_columns: ClassVar[Collection[str]] = ()
    """Columns that the stream computes; a field of LinkedIn's with such a name goes into `unmapped`."""

    id_fields: ClassVar[Sequence[str] | None] = None
    """Fields that identify an element whose key column is not simply a field; None for those of its resource."""

    composes_row_key: ClassVar[bool] = False
    """Whether `row_key` begins with what was requested, so that it is not the element's own key as LinkedIn sent it."""

    drop_repeats: ClassVar[bool] = False
    """Whether the same key twice in one listing is the same record."""

    key_is_of: ClassVar[KeyIsOf] = "all"
    """The parts of an element from which a key is made if LinkedIn gives none: all of it; all except the figures of an
    event; all except figures and times of measuring. Otherwise a table that is added to would keep a row for each
    change of these."""

    append_only: ClassVar[bool] = False
    """Whether rows that a run does not emit again are still valid, so that no run emits the whole table."""

    feeds_lookups: ClassVar[bool] = True
    """Whether the URNs that its records reference are looked up."""

    data_class: ClassVar[str] = NONE
    """The data class of every column for which the schema gives no other; see `data_classes`."""

    visibility_columns: ClassVar[Sequence[str]] = ()
    """Columns from which it follows whether LinkedIn shows a row's member; the first with a value counts."""

    max_retention_days: ClassVar[int | None] = None
    """Days for which LinkedIn's terms let a row be kept; None if they do not say."""

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
            RequestForms(lambda: run_context.run.saved, self.name),
            self.logger,
        )
        self.emitter = Emitter(self, run_context)
        self.refused_organizations: set[str] = set()
        """Organizations that LinkedIn does not show to this stream."""

        self.later_organizations: set[str] = set()
        """Organizations that this run does not read: the last one has read them, and was cut before others."""

        self._computed: dict[str, Future[Any]] = {}

    # Reading

    def parts(self, contexts: ContextBatch) -> Sequence[ContextBatch]:
        """The contexts an organization at a time, those first that the last run has left; without those for later."""
        by_organization: defaultdict[str, list[Context]] = defaultdict(list)
        for context in contexts:
            by_organization[context.get("organization", "")].append(context)
        for organization in by_organization:
            if self.is_for_later(organization):
                self.later_organizations.add(organization)
        if len(by_organization) == 1 and not self.later_organizations:
            return [contexts]
        return [
            replace(contexts, items=by_organization[organization])
            for organization in rotation.in_turn(list(by_organization), [stream.left for stream in self.branch])
            if organization not in self.later_organizations
        ]

    def is_for_later(self, organization: str) -> bool:
        """Whether the next run is to read an organization, since the last one has read it and was cut before others."""
        done = self.kept.get("done", ())
        return organization in self.later_organizations or (bool(done) and rotation.numbers([organization])[0] in done)

    def reads(self, organization: str) -> bool:
        """Whether the stream reads an organization in this run, as far as is known."""
        return organization not in self.refused_organizations and organization not in self.later_organizations

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """Read what LinkedIn has for these contexts."""
        raise NotImplementedError

    def child_context(self, row: Row, context: Context) -> Context | None:
        """The context that children get from a row; None if they cannot be read for it."""
        return None

    def request_params(self, context: Context, **more: object) -> dict[str, object]:
        """The request's parameters for one context, with what `stream_options` overrides."""
        return self.request.params(context, **more)

    def compute_once(self, name: str, compute: Callable[[], _T]) -> _T:
        """A result that this stream computes once a run for all streams that want it; see `RunLock.compute_once`."""
        return self.run_context.run_lock.compute_once(self._computed, name, compute)

    def restart_if_cursor_refused(self, read: Callable[[], Iterator[_T]], checkpoint: Checkpoint) -> Iterator[_T]:
        """The batches of a listing, which restarts from its beginning, once, if LinkedIn refuses its cursor."""
        try:
            yield from read()
        except CursorRefused as refused:
            self.logger.warning("%s: the listing is read again from its start. %s", self.name, refused)
            checkpoint.reset()
            yield from read()

    # Rows

    @cached_property
    def row_builder(self) -> RowBuilder:
        """Builds and redacts its rows; made for the few streams that a run reads, of the many that there are."""
        return RowBuilder(
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
                composes_row_key=self.composes_row_key,
            ),
            self.config,
            self.run_context.started_at,
            lambda: self.selected,
            self.logger,
            lambda field: self.run_context.run.summary.add_new_field(self.name, field),
        )

    def _id_fields(self) -> Sequence[str]:
        if self.id_fields is not None or "row_key" not in (self.primary_keys or ()):
            return self.id_fields or ()
        own = f"{self.resource[3].lower()}{self.resource[4:]}Urn"  # dmaOrganizationPhotos: organizationPhotosUrn
        return ("entityUrn", "$URN", "urn", own, "id")

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of an entity, or None for a record that its listing has given already; see `RowBuilder.row`."""
        return self.row_builder.row(entity, context, keys)

    @property
    def forgets_members(self) -> bool:
        """Whether there are members whose rows may not be emitted: the setting `forget_members`."""
        return bool(self.config["forget_members"])

    def redacted(self, row: Row) -> Row | None:
        """The row as it may be emitted, according to the settings; None if it may not."""
        return self.row_builder.redacted(row)

    def redact_all(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows that may be emitted, as they may be."""
        if self.row_builder.nothing_to_redact(rows):
            return rows
        return [left for row in rows if (left := self.redacted(row)) is not None]

    # Skipping

    @property
    def skippable_errors(self) -> tuple[type[DmaError], ...]:
        """Errors that do not end the stream; a guess may be wrong in more ways."""
        always = (AccessDenied, NotFound, ShortListing)
        return (*always, BadRequest, VersionRejected) if self.evidence == "inferred" else always

    @contextmanager
    def skip_refused(self, context: Context) -> Iterator[None]:
        """Skip an organization that LinkedIn refuses to show, with a warning, and continue."""
        try:
            yield
        except self.skippable_errors as refusal:
            self.skip_organization(context, refusal)

    def skip_organization(self, context: Context, refusal: DmaError) -> None:
        """Skip the organization of this context for the rest of the run."""
        organization = context.get("organization", "")
        if organization not in self.refused_organizations:
            self.skip(f"organization {urns.key(organization)}" if organization else "", refusal, organization)
        self.refused_organizations.add(organization)

    def skip_unanswered(self, what: str, entities: BatchResult) -> None:
        """Report how many of these entities LinkedIn gave no answer about, if any.

        Args:
            what: the word for them, in the plural.
            entities: the result of reading them.
        """
        if unanswered := entities.unanswered:
            why = f"LinkedIn gave no answer about them ({in_words(unanswered)}): the next run requests them again."
            self.skip(f"{len(unanswered)} {what}", why)

    def skip(self, what: str, why: object, organization: str | None = None) -> None:
        """Report that a part of the stream is skipped; see `Emitter.skip`."""
        self.emitter.skip(what, why, organization)

    def skip_other_values(self) -> None:
        """Report the rows that were not requested, if LinkedIn demands a parameter that asks for a part of them."""
        if demanded := [name for name in self.narrowing_params if self.request.uses_fallback(name)]:
            why = (
                "LinkedIn demands a value: stream_options may name it. Rows with others stay as earlier runs read them."
            )
            self.skip(f"other values of {' and '.join(demanded)}", why)

    def note_missing(self) -> None:
        """Count something that LinkedIn does not return as normal, rather than as skipped."""
        self.run_context.run.note_missing(self.resource.partition("/")[0], 1)

    def note_failure(self) -> None:
        """Record in the state that this run could not read the stream to its end."""

    @property
    def is_paced(self) -> bool:
        """Whether the settings demand an interval between its requests."""
        return self.client.limits.interval(self.resource) > 0

    @property
    def has_failed(self) -> bool:
        """Whether a fault has ended this stream, though not the run."""
        return self.emitter.has_failed

    @property
    def has_failed_child(self) -> bool:
        """Whether a child stream has failed: it must be given the same contexts again."""
        children = cast("Sequence[DmaStream]", self.child_streams)
        return any(child.has_failed and child.is_active for child in children)

    # State

    @property
    def table_version(self) -> int | None:
        """The version of the stream's table if a run reads the whole of it; None for a table that is added to.

        Runs that were cut share one, until they have read the whole together.
        """
        is_added_to = self.append_only or isinstance(self.replication_key, str)
        version = None if is_added_to else self.run_context.run.table_version
        return version and self.kept.get("table_version", version)

    @property
    def kept(self) -> Mapping[str, Any]:
        """The part of the state about the stream as a whole."""
        kept: Mapping[str, Any] = self.tap_state.get("bookmarks", {}).get(self.name, {})
        return kept

    @property
    def left(self) -> Sequence[str]:
        """The organizations of this run that the last one did not read to their end, since it was cut."""
        left: Sequence[int] = self.kept.get("left", ())
        known = self.run_context.run.organizations if left else ()
        by_number = dict(zip(rotation.numbers(known), known, strict=True))
        return [by_number[number] for number in left if number in by_number]

    def remember_left(self) -> None:
        """Record in the state what the run has left of this stream and of those below it, since it was cut."""
        run, branch = self.run_context.run, list(self.branch)
        cut = [stream for stream in branch if stream.name in run.summary.cuts]
        for stream in branch:
            unread = stream.emitter.unread if stream in cut else ()
            old = [organization for organization in stream.left if organization in unread]
            _keep(stream, "left", rotation.numbers(old or unread) or None)
        left = {organization for stream in cut for organization in stream.emitter.unread}
        is_round = (
            bool(left)
            and self.table_version is not None
            and all(stream.emitter.is_whole and (stream in cut or not stream.has_failed) for stream in branch)
        )
        versions = {stream: stream.table_version if is_round else None for stream in branch}
        for stream, version in versions.items():
            _keep(stream, "table_version", version)
        done = rotation.numbers(organization for organization in run.organizations if organization not in left)
        _keep(self, "done", done if is_round else None)

    @property
    def is_full_table(self) -> bool:
        """Whether the catalog wants all records of an incremental stream, whatever the state says."""
        return isinstance(type(self).replication_key, str) and self.replication_method == REPLICATION_FULL_TABLE

    def state_of(self, context: Context) -> dict[str, Any]:
        """The state kept for the organization of a context; it may be written to."""
        return self.get_context_state({"organization": context["organization"]})

    def checkpoint(self, context: Context) -> Checkpoint:
        """The checkpoint of the listing for a context."""
        partitions = self.tap_state.get("bookmarks", {}).get(self.name, {}).get("partitions", [])
        whose = {"organization": context.get("organization")}
        kept: dict[str, Any] = next((part for part in partitions if part.get("context") == whose), {})
        organization = context.get("organization", "")
        lacking_nothing = partial(self._names_lacking_nothing, organization)
        checkpoint = Checkpoint(kept, partial(self.state_of, context), context, self.table_version, lacking_nothing)
        below = [stream.name for stream in self._read_below(organization)]
        if checkpoint.is_stale(below, self.run_context.clock.now()):
            self.logger.info("%s: a listing that was cut off is read again from its start", self.name)
            checkpoint.reset()
        return checkpoint

    @property
    def start(self) -> pendulum.DateTime | None:
        """The setting `start_date`."""
        text = self.config.get("start_date")
        return cast("pendulum.DateTime", pendulum.parse(text, tz="UTC")).in_timezone("UTC") if text else None

    @property
    def start_ms(self) -> int:
        """The setting `start_date`, epoch ms; 0 if it is not set."""
        return int(self.start.timestamp() * 1000) if self.start else 0

    # Catalog

    @property
    def metadata(self) -> MetadataMapping:
        """The catalog's metadata, with the data class of each column."""
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

    @property
    def branch(self) -> Iterator[DmaStream]:
        """This stream and all below it that are active, whether or not they have failed."""
        yield self
        for child in cast("Sequence[DmaStream]", self.child_streams):
            if child.is_active:
                yield from child.branch

    @cached_property
    def all_names(self) -> Sequence[str]:
        """The stream's name and those of all below it, active or not."""
        below = cast("Sequence[DmaStream]", self.child_streams)
        return [self.name, *(name for child in below for name in child.all_names)]

    def _read_below(self, organization: str) -> Sequence[DmaStream]:
        """The child streams, to any depth, that are read along with this one."""
        return [stream for stream in self.descendants if organization not in stream.later_organizations]

    def _names_lacking_nothing(self, organization: str) -> Sequence[str]:
        # A table whose rows may be removed must not lack a skipped part that a resumed listing never comes to again.
        below = self._read_below(organization)
        return [stream.name for stream in below if stream.emitter.is_whole or stream.table_version is None]

    # What the SDK begins

    def begin(self) -> None:
        """Have a stream without a parent read, and all below it; the run's writer emits the batches."""
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


def _keep(stream: DmaStream, name: str, value: object) -> None:
    """Write a value to the part of the state about a stream as a whole; remove it if there is none."""
    if value is not None:
        stream.get_context_state(None)[name] = value
    elif name in stream.kept:
        del stream.get_context_state(None)[name]
