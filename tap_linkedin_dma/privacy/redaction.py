"""Redaction: drops place names, and hashes or drops member data according to `member_data`.

The redaction of each column is derived once for a stream, from the data classes in its schema. Times and dates stay,
whosever they are; of a member's other values, texts are hashed or dropped, and numbers and flags are dropped.
Elsewhere every text, and every property name, is searched for the URNs of members.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from tap_linkedin_dma.api.canonical_json import digest
from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.privacy import members, places
from tap_linkedin_dma.privacy.data_classes import BING_MAPS, MEMBER, DataClassification, column_classification
from tap_linkedin_dma.privacy.members import PERSON_URN
from tap_linkedin_dma.privacy.places import may_name_a_place

Transform = Callable[[Any], Any]
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
        config: the tap's settings: `member_data`, `member_hash_key` and `drop_unsure_locations`.
        numbered: makes a key from a digest, a new one each time it gets the same digest.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        of_stream: DataClassification,
        keys: Collection[str],
        config: Mapping[str, Any],
        numbered: Callable[[str], str],
    ) -> None:
        self.members = members.member_policy(config)
        self._drops_unsure: bool = config["drop_unsure_locations"]
        self._drops_places_alone = not self.members.hides and not self._drops_unsure
        self._acts: dict[str, Transform] = {}
        self._keys: dict[str, Transform] = {}
        for name, column in schema["properties"].items():
            mark = column_classification(name, of_stream, column, keys)
            act = self._key_act(column, mark) if name in keys else self._act(column, mark)
            if act:
                (self._keys if name in keys else self._acts)[name] = act
        self._given: dict[tuple[object, ...], str] = {}
        self._numbered = numbered

    def nothing_to_redact(self, rows: Sequence[_Row]) -> bool:
        """Whether these rows plainly need no redaction: only place names are to be dropped, and there are none."""
        return self._drops_places_alone and not any(
            any(map(may_name_a_place, [value for row in rows if (value := row.get(name))])) for name in self._acts
        )

    def row(self, row: _Row) -> _Row:
        """The redacted row; the row itself if nothing is to be redacted. The row is not modified."""
        left = self.beside_keys(row)
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
            if value is None or (self._drops_places_alone and not may_name_a_place(value)):
                continue
            new = self._others(act, value, row) if name == "unmapped" else act(value)
            if new is not value:
                left = {**row} if left is row else left
                left[name] = new
        return left

    def _others(self, act: Transform, others: Mapping[str, Any], row: _Row) -> Any:
        """Fields without a column, redacted; some may describe the value of a column: `author~` that of `author`."""
        more = {name[:-1]: row.get(to_snake_case(name[:-1])) for name in others if name.endswith("~")}
        if not more:
            return act(others)
        left = act({**more, **others})
        return {name: value for name, value in left.items() if name in others or name not in more}

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

    def _act(self, schema: Mapping[str, Any], mark: DataClassification) -> Transform | None:
        """The transformation for values of a schema; None for no change."""
        kinds = set(schema["type"]) - {"null"}
        if self._drops_unsure and mark.is_unsure:
            return _nothing
        if "format" in schema:
            return None
        if kinds == {"string"}:
            if self._drops_places_alone:
                return None
            return self.members.text if _is_told_of(schema, mark) else self._scan
        if kinds & {"object", "array"}:
            return self._nested_act(schema, mark)
        return _nothing if self.members.hides and mark.data_class == MEMBER else None

    def _nested_act(self, schema: Mapping[str, Any], mark: DataClassification) -> Transform | None:
        hides = self.members.hides and mark.data_class == MEMBER
        if mark.data_class == BING_MAPS and not mark.is_unsure:
            return None
        if self._drops_places_alone:
            return places.without_names
        others: Transform = self._redact_member_value if hides else self._redact_free_value
        if isinstance(schema.get("additionalProperties"), Mapping):
            others = self._act(schema["additionalProperties"], mark.within(schema["additionalProperties"])) or _same
        of_items = self._act(items, mark.within(items)) if (items := schema.get("items")) else None
        inner = {
            name: self._act(child, mark.within(child)) or _same for name, child in schema.get("properties", {}).items()
        }
        return partial(self._nested, inner, others, of_items or (_same if items else others))

    def _nested(self, inner: Mapping[str, Transform], others: Transform, of_items: Transform, value: Any) -> Any:
        if isinstance(value, list):
            items = [None if item is None else of_items(item) for item in value]
            return items if any(map(_differs, items, value)) else value
        if not isinstance(value, Mapping):
            return others(value)
        return self._each(value, lambda name: inner.get(name, others))

    def _each(self, value: Mapping[str, Any], act_of: Callable[[str], Transform]) -> Any:
        """An object with each value transformed; the object itself if that changes nothing."""
        named = places.without_names(value)
        left: dict[str, Any] = {}
        for name, child in named.items():
            act = self._redact_member_value if self.members.hides and _is_of_a_person(name, named) else act_of(name)
            left[self._name(name, len(left))] = None if child is None else act(child)
        is_same = len(left) == len(value) and all(name in value and left[name] is value[name] for name in left)
        return value if is_same else left

    def _redact_free_value(self, value: Any) -> Any:
        """A value of nobody in particular, with the members in it redacted."""
        if isinstance(value, str):
            return self._scan(value)
        if isinstance(value, list):
            items = [self._redact_free_value(item) for item in value]
            return items if any(map(_differs, items, value)) else value
        return self._each(value, lambda _: self._redact_free_value) if isinstance(value, Mapping) else value

    def _redact_member_value(self, value: Any) -> Any:
        """A member's value, reduced to hashes and the names of its properties."""
        if isinstance(value, str):
            return self.members.text(value)
        if isinstance(value, list):
            return [left for item in value if (left := self._redact_member_value(item)) is not None] or None
        if isinstance(value, Mapping):
            left = {
                self._name(name, place): self._redact_member_value(child)
                for place, (name, child) in enumerate(value.items())
            }
            return {name: child for name, child in left.items() if child is not None} or None
        return None

    def _scan(self, text: str) -> str | None:
        if self._drops_unsure and text.startswith(places.GEO):
            return None
        return self.members.redact_text(text)

    def _name(self, name: str, place: int) -> str:
        """The redacted name of a property, which may hold a member's URN."""
        if "urn" not in name or not self.members.hides:
            return name
        left = self.members.redact_text(name)
        return f"member {place}" if left is None else left


def _is_told_of(schema: Mapping[str, Any], mark: DataClassification) -> bool:
    """Whether a text belongs to a member as a whole; a URN that may be a page's instead does not."""
    return mark.data_class == MEMBER and not schema.get("x-person")


def _is_of_a_person(name: str, value: Mapping[str, Any]) -> bool:
    """Whether a property describes the person whom another one names: `author~` beside `author`."""
    beside = value.get(name[:-1]) if name.endswith("~") else None
    return isinstance(beside, str) and PERSON_URN.search(beside) is not None


def _same(value: Any) -> Any:
    return value


def _nothing(_: Any) -> None:
    return None


def _differs(one: object, other: object) -> bool:
    return one is not other
