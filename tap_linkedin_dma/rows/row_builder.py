"""Builds a stream's rows from LinkedIn's entities, and redacts them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pendulum

from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.privacy.data_classes import DataClassification, member_columns
from tap_linkedin_dma.privacy.members import ForgetMembers, member_policy, visibility
from tap_linkedin_dma.privacy.redaction import Redactor, less_run
from tap_linkedin_dma.rows.conversion import text_of_locale
from tap_linkedin_dma.rows.drift import Drift
from tap_linkedin_dma.rows.keys import RowKeys, identity
from tap_linkedin_dma.rows.mapping import Row, RowMapper

KeyIsOf = Literal["all", "event", "figures"]

_LOCALIZED = "localized_"
"""The beginning of a column's name that holds the text of another one, which has it by locale."""


@dataclass(frozen=True)
class RowRules:
    """A stream's attributes for its rows; each is described where a stream sets it, in `DmaStream`."""

    name: str
    schema: Mapping[str, Any]
    primary_keys: Sequence[str]
    field_paths: Mapping[str, Sequence[str]]
    only_declared_columns: bool
    computed_columns: Collection[str]
    id_fields: Sequence[str]
    drop_repeats: bool
    key_is_of: KeyIsOf
    data_class: str
    visibility_columns: Sequence[str]
    max_retention_days: int | None
    knows_all_fields: bool
    composes_row_key: bool


class RowBuilder:
    """Builds the rows of one stream.

    Args:
        rules: of the stream.
        config: the tap's settings.
        started_at: when the run began.
        is_selected: whether the stream's records are emitted.
        logger: logs a warning for each field that does not fit its column.
        note_new_field: called with the path of each field without a column, once.
    """

    def __init__(
        self,
        rules: RowRules,
        config: Mapping[str, Any],
        started_at: pendulum.DateTime,
        is_selected: Callable[[], bool],
        logger: logging.Logger,
        note_new_field: Callable[[str], None],
    ) -> None:
        self._rules = rules
        self._is_selected = is_selected
        # LinkedIn's field of such a name does not tell rows apart.
        computed = (*rules.computed_columns, "row_key", "member_visibility", "retain_until")
        only = rules.only_declared_columns
        self._mapper = RowMapper(rules.schema, rules.field_paths, only_declared_columns=only, computed=computed)
        self._drift = Drift(
            rules.name,
            rules.schema,
            rules.field_paths,
            only_declared_columns=only,
            computed=computed,
            knows_all=rules.knows_all_fields,
            logger=logger,
            note_new=note_new_field,
        )
        numbered = RowKeys(()).numbered
        of_stream = DataClassification(rules.data_class)
        redactor = partial(
            Redactor,
            rules.schema,
            of_stream,
            rules.primary_keys,
            numbered=numbered,
            drops_unsure=config["drop_unsure_locations"],
            keeps_place_names=config["geo_names"],
        )
        self.members = member_policy(config)
        """The policy for members."""

        self._redactor = redactor(self.members)
        self._forgotten = ForgetMembers(config["forget_members"], config.get("member_hash_key"))
        self._forgetting = redactor(self._forgotten) if config["forget_members"] else None
        self._member_columns = member_columns(rules.schema, rules.primary_keys, rules.visibility_columns, of_stream)

        days = rules.max_retention_days
        self._retain_until = None if days is None else started_at.add(days=days).to_date_string()
        columns = rules.schema["properties"]
        self._text_keys = [name for name in rules.primary_keys if _is_text(columns[name])]
        self._localized = [
            (name, source)
            for name in columns
            if name.startswith(_LOCALIZED)
            and "object" in columns.get(source := name.removeprefix(_LOCALIZED), {"type": ()})["type"]
        ]
        self._locale: str = config["locale"]
        composed = ("row_key",) if rules.composes_row_key else ()
        self._id_fields = frozenset(rules.id_fields)
        self._repeated_keys = [name for name in rules.primary_keys if name not in composed]
        self._number_keys = [name for name in rules.primary_keys if "integer" in columns[name]["type"]]

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of an entity, or None for a repeat within its listing.

        Args:
            entity: as LinkedIn sent it.
            context: columns that the tap sets itself.
            keys: the keys of the entity's listing, for a key column that LinkedIn does not fill.
        """
        row = self._mapper.row(entity, context)
        unmapped = row["unmapped"]
        if unmapped and not self._drift.reported.issuperset(unmapped) and self._is_selected():
            self._drift.observe(row)
        if self._rules.visibility_columns:
            row["member_visibility"] = visibility(row, self._rules.visibility_columns)
        for column, source in self._localized:
            if row[column] is None and row[source]:
                row[column] = text_of_locale(row[source], self._locale)
        for name in self._text_keys:
            if row[name] is None:
                row[name] = key = (keys or self.new_keys()).key(entity, self._left(row))
                if key is None:
                    return None
        for name in self._number_keys:
            if row[name] is None:
                row[name] = (keys or self.new_keys()).numeric_key(entity, self._left(row))
        if unmapped:
            row["unmapped"] = self._less_keys(row)
        if self._retain_until:
            row["retain_until"] = self._retain_until
        return row

    def _less_keys(self, row: Row) -> Row | None:
        """The fields in `unmapped` except those that only repeat a key of the row, such as the post requested."""
        unmapped: Row = row["unmapped"] or {}
        left = unmapped
        for name, value in unmapped.items():
            # Hardly any field is a URN or an id, and the keys need not be looked at for the others.
            is_urn = type(value) is str and value[:4] == "urn:"
            if (is_urn or name in self._id_fields) and self._repeats_key(value, row):
                left = {**left} if left is unmapped else left
                del left[name]
        return left or None

    def _repeats_key(self, value: object, row: Row) -> bool:
        return isinstance(value, (str, int)) and any(str(value) == str(row[name]) for name in self._repeated_keys)

    def _left(self, row: Row) -> Row | None:
        """The row of which a key may be made; None if that is all that LinkedIn sent.

        A digest of the whole element would let anyone confirm a guess about a member.
        """
        return self.left_for_key({**row, "unmapped": self._less_keys(row)}) if self.members.hides else None

    def left_for_key(self, row: Row) -> Row:
        """The part of a row without its key of which its key is made, if members are hidden."""
        return less_run(self._redactor.beside_keys(row))

    def new_keys(self, context: Mapping[str, Any] | None = None) -> RowKeys:
        """The keys of the listing of this context."""
        rules = self._rules
        columns = {name: value for name, value in (context or {}).items() if name in rules.schema["properties"]}
        return RowKeys(
            rules.id_fields,
            drop_repeats=rules.drop_repeats,
            # A key of one column does not say which organization a row belongs to.
            scope=columns if len(rules.primary_keys) == 1 else None,
            hidden=self.members.names_hidden,
            identity=None if rules.key_is_of == "all" else partial(identity, keeps_times=rules.key_is_of == "event"),
        )

    def redacted(self, row: Row) -> Row | None:
        """The redacted row, or None if it is a forgotten member's; the row itself if nothing is to be redacted."""
        if self._forgetting:
            if any(self._forgotten.is_of_hidden(row[name]) for name in self._member_columns):
                return None
            row = self._forgetting.row(row)
        return self._redactor.row(row)

    def forgets(self, id_: str) -> bool:
        """Whether the rows of a member do not leave, given the bare id."""
        return self._forgetting is not None and self._forgotten.is_hidden(id_)

    def nothing_to_redact(self, rows: Sequence[Row]) -> bool:
        """Whether these rows plainly need no redaction."""
        return self._forgetting is None and self._redactor.nothing_to_redact(rows)


def _is_text(schema: Mapping[str, Any]) -> bool:
    return "string" in schema["type"] and "format" not in schema
