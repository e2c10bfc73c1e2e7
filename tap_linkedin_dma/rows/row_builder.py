"""Builds a stream's rows from LinkedIn's entities, and redacts them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import pendulum

from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.privacy.data_classes import DataClassification
from tap_linkedin_dma.privacy.members import visibility
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


class RowBuilder:
    """Builds the rows of one stream.

    Args:
        rules: of the stream.
        config: the tap's settings.
        started_at: when the run began.
        is_selected: whether the stream's records are emitted.
        logger: logs a warning for each field that is not as LinkedIn documents it.
    """

    def __init__(
        self,
        rules: RowRules,
        config: Mapping[str, Any],
        started_at: pendulum.DateTime,
        is_selected: Callable[[], bool],
        logger: logging.Logger,
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
        )
        numbered = RowKeys(()).numbered
        of_stream = DataClassification(rules.data_class)
        self._redactor = Redactor(rules.schema, of_stream, rules.primary_keys, config, numbered)
        self.members = self._redactor.members
        """The policy for members."""

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
        for name in self._text_keys:
            if row[name] is None:
                # A digest of the whole element would let anyone confirm a guess about a member.
                left = less_run(self._redactor.beside_keys(row)) if self.members.hides else None
                row[name] = key = (keys or self.new_keys()).key(entity, left)
                if key is None:
                    return None
        for name in self._number_keys:
            if row[name] is None:
                row[name] = (keys or self.new_keys()).numeric_key(entity)
        for column, source in self._localized:
            if row[column] is None and row[source]:
                row[column] = text_of_locale(row[source], self._locale)
        if unmapped:
            row["unmapped"] = self._less_keys(row) or None
        if self._retain_until:
            row["retain_until"] = self._retain_until
        return row

    def _less_keys(self, row: Row) -> Row:
        """The fields in `unmapped` except those that only repeat a key of the row, such as the post requested."""
        keys = {str(row[name]) for name in self._rules.primary_keys}
        return {
            name: value
            for name, value in row["unmapped"].items()
            if not (
                isinstance(value, (str, int))
                and str(value) in keys
                and (name in self._rules.id_fields or str(value).startswith("urn:"))
            )
        }

    def new_keys(self, context: Mapping[str, Any] | None = None) -> RowKeys:
        """The keys of the listing of this context."""
        rules = self._rules
        columns = {name: value for name, value in (context or {}).items() if name in rules.schema["properties"]}
        return RowKeys(
            rules.id_fields,
            drop_repeats=rules.drop_repeats,
            # A key of one column does not say which organization a row belongs to.
            scope=columns if len(rules.primary_keys) == 1 else None,
            hidden=self.members.hides_key,
            identity=None if rules.key_is_of == "all" else partial(identity, keeps_times=rules.key_is_of == "event"),
        )

    def key_without_id(self, row: Row, keys: RowKeys) -> str | None:
        """The key of a row to whose element LinkedIn gives none, if members are hidden.

        Args:
            row: not redacted, and without its key.
            keys: of the element's listing.
        """
        return keys.key({}, less_run(self._redactor.beside_keys(row)))

    def redacted(self, row: Row) -> Row:
        """The redacted row; the row itself if nothing is to be redacted."""
        return self._redactor.row(row)

    def nothing_to_redact(self, rows: Sequence[Row]) -> bool:
        """Whether these rows plainly need no redaction."""
        return self._redactor.nothing_to_redact(rows)


def _is_text(schema: Mapping[str, Any]) -> bool:
    return "string" in schema["type"] and "format" not in schema
