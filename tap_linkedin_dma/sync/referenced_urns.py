"""The URNs that the records of a run reference, for the streams that can only look up what other streams name.

The URNs wait in memory until they are looked up; after that only their hashes are kept, since a large page has
hundreds of thousands of followers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tap_linkedin_dma.api.json_paths import get_path
from tap_linkedin_dma.rows.keys import HashSet
from tap_linkedin_dma.rows.mapping import Row

MOST_IN_WORDS = 1000
"""The most URNs per lookup and run that count if they are in the middle of a text that somebody wrote."""

_URN = re.compile(r"(?=(urn:li:([A-Za-z]\w*):(?:\((?:[^()]|\([^()]*\))*\)|[\w.~=-]+)))")
"""A URN and its type, at each place where one begins: inside of another too."""


@dataclass(frozen=True)
class LookupSpec:
    """The URNs that one lookup seeks in the records of other streams.

    Args:
        lookup: the name of its stream.
        urn_types: types of URN; empty for any.
        is_active: whether the lookup is read in this run.
        source_columns: the streams that count, and their columns as dotted paths; empty for all columns of all.
        id_field_pattern: a pattern for the whole name of fields in these columns that hold a bare id of the first type.
        already_read_by: streams that read these entities themselves, and the column of their rows that holds the URN.
        urn_aliases: types of URN, each with another type under which the same entity of this id is looked up.
    """

    lookup: str
    urn_types: Sequence[str]
    is_active: Callable[[], bool]
    source_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    id_field_pattern: str = ""
    already_read_by: Mapping[str, str] = field(default_factory=dict)
    urn_aliases: Mapping[str, str] = field(default_factory=dict)

    def urn(self, urn: str, urn_type: str) -> str:
        """The URN under which an entity is looked up."""
        other = self.urn_aliases.get(urn_type)
        return urn.replace(f":{urn_type}:", f":{other}:", 1) if other else urn

    def columns(self, stream: str) -> tuple[str, ...] | None:
        """The columns of a stream that count, () for all of them; None if the stream does not count."""
        if stream == self.lookup or (self.source_columns and stream not in self.source_columns):
            return None
        return tuple(self.source_columns.get(stream, ()))

    def numbers(self, values: Iterable[Any]) -> Iterator[str]:
        """The URNs that bare ids stand for."""
        if self.id_field_pattern:
            for number in _numbers(values, re.compile(self.id_field_pattern, re.IGNORECASE)):
                yield f"urn:li:{self.urn_types[0]}:{number}"


class ReferencedUrns:
    """The URNs that this run's records reference, each once for each lookup that seeks it."""

    def __init__(self) -> None:
        self._sought: list[LookupSpec] = []
        self._noters: dict[str, Callable[[Row], None] | None] = {}

        self.pending = 0
        """How many URNs were referenced for the first time since this was set to 0."""

        self.has_known = False
        """Whether a stream has marked what needs no lookup; those read before the organizations may reference them."""

        self.unsure: set[str] = set()
        """The lookups for which a stream has failed that reads some of their entities itself."""

        self.left_out: set[str] = set()
        """The lookups for which texts have named more URNs than count."""

        self._in_words: defaultdict[str, set[str]] = defaultdict(set)
        self._feeders: defaultdict[str, set[str]] = defaultdict(set)
        self._seen: defaultdict[str, HashSet] = defaultdict(HashSet)
        self._to_look_up: defaultdict[str, set[str]] = defaultdict(set)

    def seek(self, sought: LookupSpec) -> None:
        """Collect the URNs that a lookup seeks, from the first record on."""
        self._sought.append(sought)

    def observe(self, stream: str, row: Row) -> None:
        """Note the URNs that a record references."""
        if note := self.observer(stream):
            note(row)

    def observer(self, stream: str) -> Callable[[Row], None] | None:
        """A function that notes the URNs of a record of this stream; None if no lookup of this run seeks there."""
        if stream not in self._noters:
            self._noters[stream] = self._new_noter(stream)
        return self._noters[stream]

    def _new_noter(self, stream: str) -> Callable[[Row], None] | None:
        # The columns of a record are read once, however many lookups seek there.
        readings: dict[tuple[str, ...], list[LookupSpec]] = {}
        for sought in self._sought:
            columns = sought.columns(stream)
            if columns is not None and sought.is_active():
                readings.setdefault(columns, []).append(sought)
        known = [
            (sought.lookup, sought.already_read_by[stream])
            for sought in self._sought
            if stream in sought.already_read_by
        ]
        if not readings and not known:
            return None

        def observe(row: Row) -> None:
            for columns, seekers in readings.items():
                values = [get_path(row, column) for column in columns] if columns else list(row.values())
                self._note(stream, seekers, values)
            for lookup, column in known:
                if column in row:
                    self._know(lookup, row[column])

        return observe

    def _note(self, stream: str, seekers: Sequence[LookupSpec], values: Sequence[Any]) -> None:
        mentioned = {mention for text in _texts(values) for mention in _mentioned_in(text)}
        for sought in seekers:
            urns = [
                sought.urn(urn, kind)
                for urn, kind, in_words in mentioned
                if (not sought.urn_types or kind in sought.urn_types)
                and (not in_words or self._counts(sought.lookup, urn))
            ]
            for urn in (*urns, *sought.numbers(values)):
                self._feeders[sought.lookup].add(stream)
                if self._seen[sought.lookup].add(urn):
                    self._to_look_up[sought.lookup].add(urn)
                    self.pending += 1

    def _counts(self, lookup: str, urn: str) -> bool:
        """Whether a URN in the middle of a text counts: a comment may name any number of them."""
        named = self._in_words[lookup]
        if len(named) < MOST_IN_WORDS:
            named.add(urn)
        elif urn not in named:
            self.left_out.add(lookup)
            return False
        return True

    def feeders(self, lookup: str) -> Collection[str]:
        """The streams whose records have referenced a URN that a lookup seeks."""
        return self._feeders[lookup]

    def has_fed(self, stream: str) -> bool:
        """Whether records of a stream have referenced a URN that any lookup seeks."""
        return any(stream in feeders for feeders in self._feeders.values())

    def mark_known(self, stream: str, urns: Iterable[str]) -> None:
        """Note the URNs that a stream has read itself, whether or not it emits a record of them."""
        self.has_known = True
        lookups = [sought.lookup for sought in self._sought if stream in sought.already_read_by]
        for urn in urns:
            for lookup in lookups:
                self._know(lookup, urn)

    def mark_failed(self, stream: str) -> None:
        """Note that a stream has not marked all that it would have read."""
        self.unsure.update(sought.lookup for sought in self._sought if stream in sought.already_read_by)

    def owe(self, lookup: str, urns: Iterable[str]) -> None:
        """Look up URNs that an earlier run got no answer about, as if a record of this run had referenced them."""
        self._to_look_up[lookup].update(urn for urn in urns if self._seen[lookup].add(urn))

    def _know(self, lookup: str, urn: str) -> None:
        self._seen[lookup].add(urn)
        self._to_look_up[lookup].discard(urn)

    def drain(self, lookup: str) -> Iterator[str]:
        """The URNs that a lookup has to look up, each once in a run; in the order of their text."""
        waiting = self._to_look_up[lookup]
        while waiting:
            for urn in sorted(waiting):
                # Another thread may have marked it known meanwhile.
                if urn in waiting:
                    waiting.discard(urn)
                    yield urn


@lru_cache(maxsize=1024)
def _mentioned_in(text: str) -> Sequence[tuple[str, str, bool]]:
    """The URNs in a text, each with its type, and whether there are words around it; most texts stand in many rows."""
    found = _URN.findall(text)
    in_words = bool(found) and found[0][0] != text
    return [(urn, kind, in_words) for urn, kind in found]


def _texts(values: Iterable[Any]) -> Iterator[str]:
    """Every text that may hold a URN, at any depth."""
    for value in values:
        if isinstance(value, str):
            if "urn:li:" in value:
                yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)


def _numbers(values: Iterable[Any], named: re.Pattern[str]) -> Iterator[str]:
    """The ids in fields with a matching name, at any depth: bare, in lists, or as the `id` of an object."""
    for value in values:
        if isinstance(value, list):
            yield from _numbers(value, named)
        elif isinstance(value, Mapping):
            for name, child in value.items():
                if named.fullmatch(name):
                    yield from _ids(child)
                yield from _numbers([child], named)


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _ids(item)
    elif isinstance(value, Mapping):
        yield from _ids(value.get("id"))
    elif isinstance(value, (int, str)) and not isinstance(value, bool) and str(value).isdecimal():
        yield str(value)
