"""The stream base class: how an entity becomes a record, and what the state keeps by organization."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import pendulum
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.api.results import BatchResult, in_words
from tap_linkedin_dma.privacy.catalog_metadata import add_classification
from tap_linkedin_dma.privacy.data_classes import NONE, DataClassification, classify
from tap_linkedin_dma.privacy.members import visibility
from tap_linkedin_dma.privacy.redaction import Redactor, less_run
from tap_linkedin_dma.rows.drift import Drift
from tap_linkedin_dma.rows.keys import RowKeys, identity
from tap_linkedin_dma.rows.mapping import Row, RowMapper
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.stream_types.emitting import EmittingStream
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.singerlib.catalog import MetadataMapping
    from singer_sdk.tap_base import Tap


class PagedStream(EmittingStream):
    """A stream whose records come from entities. A way of reading gives `pages`; a stream gives the attributes."""

    field_paths: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Columns that are not simply a field: dotted wire paths, the first that leads to a value is taken."""

    only_declared_columns: ClassVar[bool] = False
    """The row has just its columns; what they leave of an entity goes into `unmapped`."""

    computed_columns: ClassVar[Collection[str]] = ()
    """Columns that the stream works out; a field of LinkedIn's with such a name goes into `unmapped`."""

    id_fields: ClassVar[Sequence[str]] = ()
    """Fields that identify an element where its key column is not simply a field."""

    drop_repeats: ClassVar[bool] = False
    """The same own key twice in one listing is the same record."""

    key_is_of: ClassVar[Literal["all", "event", "figures"]] = "all"
    """What a key that LinkedIn does not give is made of: all of an element; all but the figures of an event;
    all but figures and times of measuring. A table that is added to would keep a row for each change of them."""

    schema: ClassVar[dict[str, Any]]

    data_class: ClassVar[str] = NONE
    """The class of all that the schema gives no other; see `data_classes`."""

    visibility_columns: ClassVar[Sequence[str]] = ()
    """Where LinkedIn shows the member whom a row is of; the first column that has a value tells."""

    max_retention_days: ClassVar[int | None] = None
    """Days for which LinkedIn's terms let a row be kept; None where they do not say."""

    state_partitioning_keys = ("organization",)

    def __init__(self, tap: Tap, connection: RunContext) -> None:
        super().__init__(tap, connection)
        # What LinkedIn calls by this name does not tell rows apart.
        own = (*self.computed_columns, "row_key", "member_visibility", "retain_until")
        self._shape = RowMapper(
            self.schema, self.field_paths, only_declared_columns=self.only_declared_columns, own=own
        )
        self._drift = Drift(
            self.name,
            self.schema,
            self.field_paths,
            only_declared_columns=self.only_declared_columns,
            own=own,
            knows_all=self.evidence in ("documented", "derived"),
            logger=self.logger,
        )
        numbered = RowKeys(()).numbered
        self._redactor = Redactor(
            self.schema, DataClassification(self.data_class), self.primary_keys or (), self.config, numbered
        )
        self._hides_members = self._redactor.members.hides
        days = self.max_retention_days
        self._retain_until = None if days is None else connection.started_at.add(days=days).to_date_string()
        properties = self.schema["properties"]
        self._text_keys = [name for name in self.primary_keys or () if _is_text(properties[name])]
        self._number_keys = [name for name in self.primary_keys or () if "integer" in properties[name]["type"]]
        self.refused: set[str] = set()
        """Organizations that LinkedIn does not show to this stream."""

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of an entity, or None for a record that its listing gave before.

        Args:
            entity: as LinkedIn sent it.
            context: columns that the tap knows of itself.
            keys: the keys of the listing that the entity comes from, for a key column LinkedIn does not fill.
        """
        row = self._shape.row(entity, context)
        unmapped = row["unmapped"]
        if unmapped and not self._drift.reported.issuperset(unmapped) and self.selected:
            self._drift.observe(row)
        if self.visibility_columns:
            row["member_visibility"] = visibility(row, self.visibility_columns)
        for name in self._text_keys:
            if row[name] is None:
                # A digest of all would tell of a member to whoever guesses what it is of.
                left = less_run(self._redactor.beside_keys(row)) if self._hides_members else None
                row[name] = key = (keys or self.new_keys()).key(entity, left)
                if key is None:
                    return None
        for name in self._number_keys:
            if row[name] is None:
                row[name] = (keys or self.new_keys()).numeric_key(entity)
        if self._retain_until:
            row["retain_until"] = self._retain_until
        return row

    def new_keys(self, context: Context | None = None) -> RowKeys:
        """The keys of one listing, which is of this parent."""
        columns = {name: value for name, value in (context or {}).items() if name in self.schema["properties"]}
        # A key of one column does not say of which organization the row is.
        whose = columns if len(self.primary_keys or ()) == 1 else None
        return RowKeys(
            self.id_fields,
            drop_repeats=self.drop_repeats,
            scope=whose,
            hidden=self._redactor.members.hides_key,
            identity=None if self.key_is_of == "all" else partial(identity, keeps_times=self.key_is_of == "event"),
        )

    def redacted(self, row: Row) -> Row:
        return self._redactor.row(row)

    def redact_all(self, rows: Sequence[Row]) -> Sequence[Row]:
        return rows if self._redactor.nothing_to_redact(rows) else super().redact_all(rows)

    @property
    def metadata(self) -> MetadataMapping:
        """The catalog's metadata, which tells the class of each column too."""
        is_new = self._metadata is None
        mapping = super().metadata
        if is_new:
            add_classification(
                mapping,
                classify(DataClassification(self.data_class), self.schema, self.primary_keys or ()),
                self.data_class,
            )
        return mapping

    @property
    def is_full_table(self) -> bool:
        """Whether the catalog asks an incremental stream for all there is, whatever the state says."""
        return isinstance(type(self).replication_key, str) and self.replication_method == REPLICATION_FULL_TABLE

    def state_of(self, context: Context) -> dict[str, Any]:
        """The state kept for the organization of a parent; it may be written to."""
        return self.get_context_state({"organization": context["organization"]})

    def checkpoint(self, context: Context) -> Checkpoint:
        """Where the listing for a parent stands."""
        partitions = self.tap_state.get("bookmarks", {}).get(self.name, {}).get("partitions", [])
        whose = {"organization": context.get("organization")}
        kept: dict[str, Any] = next((part for part in partitions if part.get("context") == whose), {})
        checkpoint = Checkpoint(kept, partial(self.state_of, context), context, self.table_version, self._read_along)
        if checkpoint.is_stale(self.connection.clock.now()):
            self.logger.info("%s: a listing that was cut off is walked again from its start", self.name)
            checkpoint.reset()
        return checkpoint

    def _read_along(self) -> Sequence[str]:
        return [stream.name for stream in self.descendants]

    @property
    def start(self) -> pendulum.DateTime | None:
        """The setting `start_date`."""
        text = self.config.get("start_date")
        return cast("pendulum.DateTime", pendulum.parse(text, tz="UTC")).in_timezone("UTC") if text else None

    @property
    def has_failed_child(self) -> bool:
        """Whether a stream that hangs on this one has failed: it must meet again what this one has given it."""
        children = cast("Sequence[EmittingStream]", self.child_streams)
        return any(child.has_failed and child.is_active for child in children)

    def skip_unanswered(self, what: str, entities: BatchResult) -> None:
        """Say how many of these LinkedIn gave no answer about, if any.

        Args:
            what: they are, in the plural.
            entities: as they were read.
        """
        if unanswered := entities.unanswered:
            why = f"LinkedIn gave no answer about them ({in_words(unanswered)}): they are asked for on the next run."
            self.skip(f"{len(unanswered)} {what}", why)

    @contextmanager
    def skip_refused(self, context: Context) -> Iterator[None]:
        """Leave out an organization that LinkedIn refuses to show, with a warning, and go on."""
        try:
            yield
        except self.skippable_errors as refusal:
            self.skip_organization(context, refusal)

    def skip_organization(self, context: Context, refusal: DmaError) -> None:
        """Leave out the organization of this parent for the rest of the run."""
        organization = context.get("organization", "")
        if organization not in self.refused:
            self.skip(f"organization {urns.key(organization)}" if organization else "", refusal)
        self.refused.add(organization)


def _is_text(schema: Mapping[str, Any]) -> bool:
    return "string" in schema["type"] and "format" not in schema
