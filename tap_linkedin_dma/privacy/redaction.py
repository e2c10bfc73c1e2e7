"""Redaction: drops place names, and hashes or drops member data according to `member_data`.

The redaction of each column is derived once for a stream, from the data classes in its schema. Times and dates stay,
whosever they are; of a member's other values, texts are hashed or dropped, and numbers and flags are dropped.
Elsewhere every text, and every property name, is searched for the URNs of members; see `values` for what goes with one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from tap_linkedin_dma.api.canonical_json import digest
from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.privacy import places
from tap_linkedin_dma.privacy.data_classes import BING_MAPS, MEMBER, UNKNOWN, DataClassification, column_classification
from tap_linkedin_dma.privacy.members import OMITTED, IncludeMembers
from tap_linkedin_dma.privacy.mentions import mentioned, replace_words
from tap_linkedin_dma.privacy.places import may_name_a_place
from tap_linkedin_dma.privacy.values import Transform, ValueRedactor

_Row = dict[str, Any]

_OF_THE_RUN = ("listed_at", "retain_until")
"""Columns whose values differ between runs."""


def less_run(row: _Row) -> _Row:
    """A row without the columns whose values differ between runs: no key is made of them."""
    return {name: value for name, value in row.items() if name not in _OF_THE_RUN}


_MOST_GIVEN = 10_000
"""Keys that are remembered: a row that is emitted twice in a run is repeated soon."""


class Redactor:
    """Redacts the rows of one stream.

    Args:
        schema: of the stream, with its columns and their data classes.
        of_stream: the stream's own classification.
        keys: the columns of the primary key.
        policy: for members.
        numbered: makes a key from a digest, a new one each time it gets the same digest.
        drops_unsure: the setting `drop_unsure_locations`.
        keeps_place_names: the setting `geo_names`.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        of_stream: DataClassification,
        keys: Collection[str],
        policy: IncludeMembers,
        numbered: Callable[[str], str],
        *,
        drops_unsure: bool = False,
        keeps_place_names: bool = False,
    ) -> None:
        self.members = policy
        self._drops_unsure = drops_unsure
        self._keeps_place_names = keeps_place_names
        self._drops_places_alone = not self.members.hides and not self._drops_unsure
        self._keeps_texts = not self._hides(of_stream)
        self._acts: dict[str, Transform] = {}
        self._keys: dict[str, Transform] = {}
        for name, column in schema["properties"].items():
            mark = column_classification(name, of_stream, column, keys)
            values = ValueRedactor(policy, drops_unsure=drops_unsure, drop_names=_place_rule(name, mark))
            act = self._key_act(column, mark) if name in keys else self._act(column, mark, values)
            if act:
                (self._keys if name in keys else self._acts)[name] = act
        others = schema["properties"].get("unmapped", {})
        is_hidden = self._hides(column_classification("unmapped", of_stream, others, keys))
        self._urn_columns = [
            name
            for name, column in schema["properties"].items()
            if not is_hidden and (column.get("x-urn") or column.get("x-person"))
        ]
        """Columns that may name the person whom the fields in `unmapped` describe; none if those are hidden anyway."""

        self._given: dict[tuple[object, ...], str] = {}
        self._numbered = numbered

    def nothing_to_redact(self, rows: Sequence[_Row]) -> bool:
        """Whether these rows plainly need no redaction: only place names are to be dropped, and there are none."""
        return self._drops_places_alone and not any(
            act is _nothing or any(map(may_name_a_place, [value for row in rows if (value := row.get(name))]))
            for name, act in self._acts.items()
        )

    def row(self, row: _Row) -> _Row:
        """The redacted row; the row itself if nothing is to be redacted. The row is not modified."""
        left = self._less_names(row, self.beside_keys(row))
        if not self._keys:
            return left
        keys = {
            name: new
            for name, act in self._keys.items()
            if (value := row[name]) is not None and (new := act(value)) is not value
        }
        return {**left, **keys, **self._keys_instead(row, left, keys)} if keys else left

    def beside_keys(self, row: _Row) -> _Row:
        """The row with its columns redacted, except its keys, which may not be known yet."""
        left = row
        for name, act in self._acts.items():
            value = row.get(name)
            if value is None:
                continue
            new = self._others(act, value, row) if name == "unmapped" else act(value)
            if new is not value:
                left = {**row} if left is row else left
                left[name] = new
        return left

    def _others(self, act: Transform, others: Mapping[str, Any], row: _Row) -> Any:
        """Fields without a column, redacted; some may describe the person in a column: `author~` that in `author`."""
        if not self.members.hides and not any(name[-1:] == "~" for name in others):
            return act(others)
        more: dict[str, Any] = {
            name: value
            for name in self._urn_columns
            if isinstance(value := row[name], str) and self.members.names_hidden(value)
        }
        more |= {name[:-1]: row.get(to_snake_case(name[:-1])) for name in others if name[-1:] == "~"}
        if self._is_of_a_stamp(row):
            more.pop("actor", None)
        left = act({**more, **others})
        return left and {name: value for name, value in left.items() if name in others or name not in more}

    @staticmethod
    def _is_of_a_stamp(row: _Row) -> bool:
        """Whether the column `actor` is that of the stamp in `created`."""
        created = row.get("created")
        return isinstance(created, Mapping) and created.get("actor") == row.get("actor")

    def _less_names(self, row: _Row, left: _Row) -> _Row:
        """The redacted row without the names by which its texts mention members, which are plain words."""
        if left is row or not self.members.hides or not self._keeps_texts:
            return left
        names = {
            name: self.members.person(id_) or OMITTED for name, id_ in mentioned(row) if self.members.is_hidden(id_)
        }
        if not names:
            return left
        return {name: value if name in self._keys else replace_words(value, names) for name, value in left.items()}

    def _keys_instead(self, row: _Row, left: _Row, keys: Mapping[str, str | None]) -> Mapping[str, str]:
        """Values for key columns that were dropped: a digest of the redacted row, with a number."""
        missing = [name for name, key in keys.items() if key is None]
        if not missing:
            return {}
        name = digest({column: value for column, value in less_run(left).items() if column not in keys})
        # The same row may be emitted twice in a run.
        known = (name, *(row[column] for column in missing))
        if known not in self._given:
            if len(self._given) >= _MOST_GIVEN:
                self._given.pop(next(iter(self._given)))
            self._given[known] = self._numbered(name)
        return dict.fromkeys(missing, self._given[known])

    def _key_act(self, schema: Mapping[str, Any], mark: DataClassification) -> Transform | None:
        if not self.members.hides or "string" not in schema["type"] or "format" in schema:
            return None
        return self.members.text if _is_told_of(schema, mark) else self.members.redact_text

    def _hides(self, mark: DataClassification) -> bool:
        """Whether all values of a class are hidden."""
        return self.members.hides_all and mark.data_class == MEMBER

    def _act(self, schema: Mapping[str, Any], mark: DataClassification, values: ValueRedactor) -> Transform | None:
        """The transformation for values of a schema; None for no change."""
        kinds = set(schema["type"]) - {"null"}
        is_dropped = self._drops_unsure if mark.is_unsure else not self._keeps_place_names
        if mark.data_class == BING_MAPS and is_dropped:
            return _nothing
        if "format" in schema:
            return None
        if kinds == {"string"}:
            if self._drops_places_alone:
                return None
            return self.members.text if _is_told_of(schema, mark) else values.text
        if kinds & {"object", "array"}:
            return values.drop_names if self._drops_places_alone else self._nested_act(schema, mark, values)
        return _nothing if self._hides(mark) else None

    def _nested_act(self, schema: Mapping[str, Any], mark: DataClassification, values: ValueRedactor) -> Transform:
        if mark.data_class == UNKNOWN and self.members.drops_unknown:
            return _nothing
        inner = {
            name: self._act(child, mark.within(child), values) or _same
            for name, child in schema.get("properties", {}).items()
        }
        free, of_object = values.free, partial(values.object, declared=inner)
        if self._hides(mark):
            free = values.hidden
            of_object = partial(values.hidden_object, declared=inner, headings=bool(schema.get("x-headings")))
        if isinstance(more := schema.get("additionalProperties"), Mapping):
            of_object = partial(self._mapping, values, self._act(more, mark.within(more), values) or _same)
        items = schema.get("items")
        of_items = (self._act(items, mark.within(items), values) or _same) if items else None
        return partial(_nested, of_object, of_items, free)

    @staticmethod
    def _mapping(values: ValueRedactor, act: Transform, value: Mapping[str, Any]) -> Any:
        return values.object(value, dict.fromkeys(value, act))


def _nested(of_object: Transform, of_items: Transform | None, free: Transform, value: Any) -> Any:
    if isinstance(value, list) and of_items:
        items = [None if item is None else of_items(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return of_object(value) if isinstance(value, Mapping) else free(value)


def _place_rule(name: str, mark: DataClassification) -> Transform:
    """How the names of places are dropped from a column."""
    if mark.data_class == BING_MAPS:
        return partial(places.without_names, is_entity=True, is_typed=True) if mark.is_unsure else _same
    return partial(places.without_names, is_entity=name == "unmapped")


def _is_told_of(schema: Mapping[str, Any], mark: DataClassification) -> bool:
    """Whether a text belongs to a member as a whole; a URN that may be a page's instead does not."""
    return mark.data_class == MEMBER and not schema.get("x-person")


def _same(value: Any) -> Any:
    return value


def _nothing(_: Any) -> None:
    return None
