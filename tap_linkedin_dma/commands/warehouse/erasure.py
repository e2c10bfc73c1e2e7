"""The SQL that removes a page or a person from a warehouse that this tap filled: one entry for each stream.

Rows of the page or the person are deleted. In other rows they are removed from every column that names them.
Rows of lookups, such as people, are shared: they are deleted once no remaining row names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.commands.warehouse.dialects import DialectWarehouse, Stream, Warehouse, keys, kind_of, literal
from tap_linkedin_dma.commands.warehouse.subject import Subject, is_shared, may_name, nested, own_columns, urn_column
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.streams.messaging import Messages, MessageThreads
from tap_linkedin_dma.streams.organizations import Organizations

_ATOMIC = r"'urn:li:\w+:[\w.~=-]+'"
_COMPOSITE = r"'urn:li:\w+:\([^()]*(?:\([^()]*\)[^()]*)*\)'"
_ERASED = "tap_linkedin_dma_erased"
"""A table of one row: a pattern of the URNs that are erased."""

_NAMED = "tap_linkedin_dma_named"
"""A table of the URNs that remaining rows name."""

_URNS = f"(SELECT urns FROM {_ERASED})"

_POST_TEXT = ("text", "commentary", "commentary_attributes")


@dataclass
class Entry:
    """The erasure in one stream's table.

    Args:
        stream: the stream.
        key: the columns that say which rows are the subject's; "" for none.
        count: a query that counts the rows that the statements reach.
        statements: in the order in which they are to be run.
        notes: further remarks, or steps to do by hand.
    """

    stream: Stream
    key: str = ""
    count: str = ""
    statements: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Erasure:
    """The erasure of one subject from one warehouse.

    Args:
        subject: the page or the person.
        warehouse: where the tables are.
    """

    def __init__(self, subject: Subject, warehouse: Warehouse) -> None:
        self._subject = subject
        self._warehouse = warehouse

    def entries(self) -> list[Entry]:
        """One entry for each stream, in the order in which they are to be run: children first."""
        order = [stream for stream in reversed(STREAMS) if not is_shared(stream)]
        order += [stream for stream in STREAMS if is_shared(stream)]
        # The other entries look up pages in this table, so it goes last.
        order.remove(Organizations)
        order.append(Organizations)
        return [self._entry(stream) for stream in order]

    def begin(self) -> list[str]:
        """Statements before the entries, which store the URNs to erase."""
        warehouse = self._warehouse
        if not isinstance(warehouse, DialectWarehouse):
            return []
        in_links = [quote(name, safe="") for name in self._subject.names]
        subject = literal("|".join(dict.fromkeys([*self._subject.names, *in_links])))
        if not self._subject.is_person:
            table, page, urn = warehouse.table(Organizations), warehouse.name("organizational_page"), self._equal()
            pages = f"SELECT string_agg({page}, '|') FROM {table} WHERE {warehouse.name('organization')} {urn}"
            subject = f"{subject} || coalesce('|' || ({pages}), '')"
        return [
            *(f"DROP TABLE IF EXISTS {table}" for table in (_ERASED, _NAMED)),
            f"CREATE TEMPORARY TABLE {_ERASED} AS SELECT {subject} AS urns",
        ]

    def end(self) -> list[str]:
        """Statements after the entries."""
        if not isinstance(self._warehouse, DialectWarehouse):
            return []
        return [f"DROP TABLE IF EXISTS {table}" for table in (_ERASED, _NAMED)]

    def counted(self, entries: Sequence[Entry]) -> str:
        """One query that counts the rows of each table that the statements reach."""
        lines = [
            f"SELECT {literal(self._warehouse.table_name(entry.stream))} AS name, ({entry.count}) AS many"
            for entry in entries
            if entry.count
        ]
        return "\nUNION ALL ".join(lines)

    def _entry(self, stream: Stream) -> Entry:
        if stream.data_class == STANDARDIZED:
            return self._taxonomy(stream)
        if not self._subject.is_person and issubclass(stream, MemberStream):
            return Entry(stream, notes=["A member's own data: no page's. Use --member where the member asks."])
        if not self._subject.is_person and stream.name == "me":
            return Entry(stream, notes=["The member behind the token, no page: use --member where that one asks."])
        if not self._subject.is_person and issubclass(stream, Lookup) and stream.id_field_pattern:
            return self._when_last(stream, "Named by bare numbers too, so that none can be told to be named no more.")
        if isinstance(self._warehouse, DialectWarehouse):
            return self._whole(stream, self._warehouse)
        return self._plain(stream)

    def _taxonomy(self, stream: Stream) -> Entry:
        if self._subject.is_person:
            return Entry(stream, notes=["LinkedIn's reference data: no person's."])
        return self._when_last(stream, "LinkedIn's reference data, shared by all pages: it goes with the last one.")

    def _when_last(self, stream: Stream, why: str) -> Entry:
        """The entry of a table that all pages share: it is emptied with the last page."""
        organizations, name = self._warehouse.table(Organizations), self._warehouse.name("organization")
        condition = (
            f"NOT EXISTS (SELECT 1 FROM {organizations} WHERE {name} <> {literal(self._subject.urn)} OR {name} IS NULL)"
        )
        table = self._warehouse.table(stream)
        count = f"SELECT count(*) FROM {table} WHERE {condition}"
        return Entry(stream, "", count, [f"DELETE FROM {table} WHERE {condition}"], [why])

    def _plain(self, stream: Stream) -> Entry:
        """The entry for any database: rows and columns by their text; notes name the rest."""
        properties, table = stream.schema["properties"], self._warehouse.table(stream)
        entry = Entry(stream)
        whose = [name for name in own_columns(stream, self._subject) if kind_of(properties[name]) != "json"]
        named = [name for name in properties if name not in whose and properties[name].get("x-person")]
        holds = {name: self._is_subject(stream, name) for name in [*whose, *(named if self._subject.is_person else [])]}
        if holds:
            entry.count = f"SELECT count(*) FROM {table} WHERE {' OR '.join(holds.values())}"
        if whose:
            condition = " OR ".join(holds[name] for name in whose)
            entry.key = ", ".join(whose)
            entry.statements.append(f"DELETE FROM {table} WHERE {condition}")
        if self._subject.is_person:
            for name in named:
                entry.statements.append(f"UPDATE {table} SET {self._warehouse.name(name)} = NULL WHERE {holds[name]}")
            paths = ", ".join(nested(stream)) or "nothing"
            entry.notes.append(f"To be done by hand: {paths} may name {self._subject.urn}.")
        elif not whose:
            entry.notes.append("To be done by hand: rows that nothing else names any more, for they are everybody's.")
        return entry

    def _whole(self, stream: Stream, warehouse: DialectWarehouse) -> Entry:
        """The entry for a known database: everything about the subject in a table."""
        table, named = warehouse.table(stream), warehouse.matches(warehouse.json("line"), _pattern())
        columns = own_columns(stream, self._subject)
        conditions = [self._holds(stream, name, warehouse) for name in columns]
        entry = Entry(stream, ", ".join(columns), f"SELECT count(*) FROM {table} AS line WHERE {named}")
        if stream is Messages and self._subject.is_person:
            conditions.append(self._in_their_threads(warehouse))
        if conditions:
            condition = " OR ".join(conditions)
            entry.count += f" OR {condition}"
            entry.statements.append(f"DELETE FROM {table} AS line WHERE {condition}")
        if is_shared(stream) and not self._subject.is_person:
            entry.statements += self._orphans(stream, warehouse)
            entry.notes.append("Everybody's: what nothing that is left names goes too.")
        properties = stream.schema["properties"]
        others = [name for name in properties if name not in keys(stream) and may_name(properties[name], self._subject)]
        if self._subject.is_person and {*_POST_TEXT} <= {*properties}:
            entry.statements.append(self._without_name(stream, warehouse))
        if others:
            entry.statements.append(warehouse.without(stream, _URNS, others, named))
        entry.notes += self._notes(stream)
        if not entry.statements:
            entry.notes.append("No column of it can name a person.")
        return entry

    def _holds(self, stream: Stream, name: str, warehouse: DialectWarehouse) -> str:
        """SQL for whether a column says that the row is the subject's."""
        if name == "id" and not stream.schema["properties"][name].get("x-urn"):
            return self._is_subject(stream, name)
        return warehouse.matches(warehouse.json(f"line.{warehouse.name(name)}"), _pattern())

    def _is_subject(self, stream: Stream, name: str) -> str:
        """SQL for whether a column holds the subject's URN, alone or inside another one, or its id."""
        column = stream.schema["properties"][name]
        quoted = self._warehouse.name(name)
        if kind_of(column) == "number":
            return f"{quoted} = {int(urns.key(self._subject.urn))}"
        if name == "id" and not column.get("x-urn"):
            return f"{quoted} IN ({', '.join(map(literal, self._subject.ids))})"
        inside = [literal("%(" + re.sub(r"([\\%_])", r"\\\1", urn) + ",%") for urn in self._subject.names]
        return " OR ".join([f"{quoted} {self._equal()}", *(f"{quoted} LIKE {form} ESCAPE '\\'" for form in inside)])

    def _equal(self) -> str:
        return f"IN ({', '.join(map(literal, self._subject.names))})"

    def _in_their_threads(self, warehouse: DialectWarehouse) -> str:
        """SQL for whether a message belongs to a conversation with the person; its key may be a bare id."""
        key, table = warehouse.name("row_key"), warehouse.table(MessageThreads)
        condition = " OR ".join(
            warehouse.matches(warehouse.json(f"talk.{warehouse.name(name)}"), _pattern())
            for name in ("membership", "unmapped")
        )
        threads = f"SELECT {{}} FROM {table} AS talk WHERE {condition}"
        thread, bare = f"line.{warehouse.name('thread')}", f"'urn:li:messagingThread:' || {key}"
        return f"{thread} IN ({threads.format(key)}) OR {thread} IN ({threads.format(bare)})"

    def _without_name(self, stream: Stream, warehouse: DialectWarehouse) -> str:
        """SQL that clears the text of posts that mention the person, since it holds the name as plain words."""
        text, commentary, attributes = map(warehouse.name, _POST_TEXT)
        in_attributes = warehouse.matches(warehouse.json(f"line.{attributes}"), _pattern())
        in_text = warehouse.matches(warehouse.json(f"line.{commentary}"), _pattern())
        less = f"CASE WHEN {in_attributes} THEN NULL ELSE {commentary} END"
        changes = f"{text} = NULL, {commentary} = {less}"
        return f"UPDATE {warehouse.table(stream)} AS line SET {changes} WHERE {in_attributes} OR {in_text}"

    def _orphans(self, stream: Stream, warehouse: DialectWarehouse) -> Iterator[str]:
        """SQL that deletes looked-up rows that nothing names any more, and then notes the URNs that the others name."""
        table = warehouse.table(stream)
        urn = f"line.{warehouse.name(urn_column(stream))}"
        yield f"DELETE FROM {table} AS line WHERE {urn} NOT IN (SELECT urn FROM {_NAMED} WHERE urn IS NOT NULL)"
        yield from self.collect_referenced([stream], f"INSERT INTO {_NAMED}")

    def collect_referenced(
        self, streams: Sequence[Stream], into: str = f"CREATE TEMPORARY TABLE {_NAMED} AS"
    ) -> list[str]:
        """SQL that collects every URN that is left in these tables."""
        warehouse = self._warehouse
        if not isinstance(warehouse, DialectWarehouse) or self._subject.is_person:
            return []
        lines = "\n  UNION ALL ".join(
            f"SELECT {warehouse.json('line')} AS text FROM {warehouse.table(stream)} AS line" for stream in streams
        )
        found = " UNION ".join(
            f"SELECT {warehouse.found('text', form)} AS urn FROM lines" for form in (_ATOMIC, _COMPOSITE)
        )
        return [f"{into} WITH lines AS (\n  {lines}\n) {found}"]

    def _notes(self, stream: Stream) -> list[str]:
        if stream.name == "member_snapshots":
            table, member = self._warehouse.table(stream), self._warehouse.name("member")
            return [
                "Rows whose member LinkedIn did not tell match nobody; how many they are: "
                f"SELECT count(*) FROM {table} WHERE {member} = ''"
            ]
        if stream.name == "member_changelog":
            return ["Rows of other members that name this one stay, without the name: they are those members' data."]
        return []


def own_streams() -> list[Stream]:
    """The streams whose rows are neither shared lookups nor reference data."""
    return [stream for stream in STREAMS if not is_shared(stream) and stream.data_class != STANDARDIZED]


def is_first_shared(entry: Entry) -> bool:
    """Whether an entry is the first of a shared stream."""
    return entry.stream is next(stream for stream in STREAMS if is_shared(stream))


def _pattern() -> str:
    """A pattern that finds the subject in JSON text, and nobody whose URN only begins alike."""
    return f"('(' || {_URNS} || ')([^A-Za-z0-9_-]|$)')"
