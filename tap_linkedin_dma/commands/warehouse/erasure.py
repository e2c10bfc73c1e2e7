"""The SQL that removes a page or a person from a warehouse that this tap filled: one entry for each stream.

Rows of the page or the person are deleted. In other rows they are removed from every column that names them, with
the words beside them. Rows of lookups, such as people, are shared: they are deleted once no remaining row names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.commands.warehouse import entries
from tap_linkedin_dma.commands.warehouse.dialects import DialectWarehouse, Stream, Warehouse, kind_of, literal
from tap_linkedin_dma.commands.warehouse.entries import Place, named_by, names_subject, urns_of, why_not
from tap_linkedin_dma.commands.warehouse.subjects import Subject, is_shared, nested, own_columns, urn_column
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.organizations import Organizations

_ATOMIC = r"'urn:li:\w+:[\w.~=-]+'"
_COMPOSITE = r"'urn:li:\w+:\([^()]*(?:\([^()]*\)[^()]*)*\)'"

_NAMED = "tap_linkedin_dma_named"
"""A table of the URNs that remaining rows name."""

_COUNTS = "tap_linkedin_dma_counts"
"""A table of how many rows of each table are reached."""

_WORDS = (
    r"\w*[nN]ame|\w*[eE]mail\w*|[hH]eadline|[oO]ccupation|\w*[pP]icture\w*|\w*[pP]hoto\w*|[sS]ummary|[tT]ext|[bB]ody|[mM]essage"
    r"|[cC]omment|[cC]ommentary|[tT]itle|[aA]ttributes|\w*[pP]hone\w*|\w*~"
)
"""Names of properties that describe a person, or hold what a person wrote or what was written to or about one."""

_FIELD = r'"[$~*!]?[A-Za-z][\w$.~*]*" *:|"urn[^" ]*" *:'
_CONSTANT = r'"(?:urn[:%][^" ]*|[A-Z0-9_]*|[0-9a-f]{64}|\d{4}-\d\d-\d\d(?:T[^" ]*)?)"'
"""Names and texts in JSON that describe nobody: of fields, URNs, constants, hashes, times."""

_MENTIONS = (
    (("text", "commentary.text", "message.text"), ("commentary_attributes", "commentary", "message", "content")),
    (("commentary",), ("commentary_attributes",)),
)
"""Columns of plain text, and those beside them that say whom it mentions."""


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
        version: of the tap, for the register of erasures.
    """

    def __init__(self, subject: Subject, warehouse: Warehouse, version: str) -> None:
        self._subject = subject
        self._warehouse = warehouse
        self._version = version

    def entries(self) -> list[Entry]:
        """One entry for each stream, in the order in which they are to be run: children first."""
        found = [self._entry(stream) for stream in entries.in_order()]
        first = next(entry for entry in found if is_shared(entry.stream))
        own = [stream for stream in STREAMS if not is_shared(stream) and stream.data_class != STANDARDIZED]
        first.statements[:0] = self._collect_named(own)
        return found

    def begin(self) -> list[str]:
        """Statements before the entries, and before their counts."""
        begin = list(self._warehouse.begin(STREAMS))
        if not isinstance(self._warehouse, DialectWarehouse):
            return begin
        return [*begin, f"DROP TABLE IF EXISTS {_NAMED}", *entries.begin(self._warehouse, self._subject)]

    def look(self, found: Sequence[Entry]) -> list[str]:
        """A transaction that only counts the rows of each table that the statements reach."""
        tables = self._warehouse.tables_found(STREAMS)
        return [*self.begin(), *tables, _counted(self._warehouse, found), *self._warehouse.end(keeps=False)]

    def change(self, found: Sequence[Entry]) -> tuple[list[str], list[str]]:
        """The statements before those of the entries, and after them, up to the line for the register."""
        warehouse, counted = self._warehouse, _counted(self._warehouse, found)
        if not isinstance(warehouse, DialectWarehouse):
            return self.begin(), list(warehouse.end(keeps=True))
        note = literal(
            "Nothing of the subject was found. A person's id belongs to one app at LinkedIn; where persons are hashed, "
            "--member-hash-key finds them."
        )
        register = (
            f"SELECT CURRENT_TIMESTAMP AS erased_at, {literal(self._subject.in_register)} AS subject, "
            f"count(CASE WHEN many > 0 THEN 1 END) AS tables, sum(many) AS rows, {literal(self._version)} AS version, "
            f"CASE WHEN sum(many) = 0 THEN {note} END AS note FROM {_COUNTS}"
        )
        proof = warehouse.fail_if(
            f"(SELECT sum(many) FROM ({counted}) AS remaining) > 0",
            literal("Something of the subject is left, so nothing was changed. Please report it."),
        )
        before = [*self.begin(), f"DROP TABLE IF EXISTS {_COUNTS}", f"CREATE TEMPORARY TABLE {_COUNTS} AS {counted}"]
        after = [f"DROP TABLE IF EXISTS {_NAMED}", *proof, *entries.end(self._subject), *warehouse.end(keeps=True)]
        return before, [*after, register, f"DROP TABLE {_COUNTS}"]

    def _entry(self, stream: Stream) -> Entry:
        subject = self._subject
        if why := why_not(stream, subject):
            if subject.is_person or stream.data_class != STANDARDIZED:
                return Entry(stream, notes=[why])
            return self._when_last(stream, f"{why[:-1]}, shared by all pages: it goes with the last one.")
        if not subject.is_person and entries.shared_by_pages(stream):
            why = "Other rows name these by bare numbers too, so SQL cannot tell which are no longer named."
            return self._when_last(stream, why)
        if isinstance(self._warehouse, DialectWarehouse):
            return self._whole(Place(stream, subject, self._warehouse))
        return self._plain(stream)

    def _when_last(self, stream: Stream, why: str) -> Entry:
        """The entry of a table that all pages share: it is emptied with the last page."""
        warehouse = self._warehouse
        name, table = warehouse.value(Organizations, "organization"), warehouse.table(stream)
        others = f"{name} <> {literal(self._subject.urn)} OR {name} IS NULL"
        pages = f"SELECT 1 FROM {warehouse.lines(Organizations)}"
        # Without any page it is not known whose the table is.
        condition = f"EXISTS ({pages}) AND NOT EXISTS ({pages} WHERE {others})"
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
            entry.notes.append(f"Do by hand: {paths} may name {self._subject.urn}.")
        elif not whose:
            entry.notes.append("Do by hand: delete the rows that no other row names. No page or person owns them.")
        return entry

    def _is_subject(self, stream: Stream, name: str) -> str:
        """SQL for whether a column holds the subject's URN, alone or inside another one, or its id."""
        column = stream.schema["properties"][name]
        quoted = self._warehouse.name(name)
        if kind_of(column) == "number":
            return f"{quoted} = {int(urns.key(self._subject.urn))}"
        if name == "id" and not column.get("x-urn"):
            return f"{quoted} IN ({', '.join(map(literal, self._subject.ids))})"
        inside = [literal("%(" + re.sub(r"([\\%_])", r"\\\1", urn) + ",%") for urn in self._subject.names]
        equal = f"IN ({', '.join(map(literal, self._subject.names))})"
        return " OR ".join([f"{quoted} {equal}", *(f"{quoted} LIKE {form} ESCAPE '\\'" for form in inside)])

    def _whole(self, place: Place) -> Entry:
        """The entry for a known database: everything about the subject in a table."""
        stream, warehouse = place.stream, place.warehouse
        count = f"SELECT count(*) FROM {warehouse.lines(stream)} WHERE {place.reached}"
        entry = Entry(stream, ", ".join(place.key), count, notes=self._notes(stream))
        if place.own:
            entry.statements.append(f"DELETE FROM {warehouse.lines(stream)} WHERE {place.own}")
        if is_shared(stream) and not self._subject.is_person:
            entry.statements += self._orphans(stream, warehouse)
            entry.notes.append("Shared by all: rows that no remaining row names are deleted too.")
        if self._subject.is_person:
            entry.statements += self._mentions(place)
        entry.statements += warehouse.change(stream, place.named, partial(self._cell, warehouse))
        return entry

    def _cell(self, warehouse: DialectWarehouse, cell: str) -> str:
        """SQL for a cell without the subject, as JSON text; null if words of a person or about one are in it."""
        without = _strip_urns(warehouse, self._subject, cell)
        if not self._subject.is_person:
            return without
        # In a text that holds JSON, quotes are escaped.
        words = warehouse.matches(cell, literal(rf'"({_WORDS})\\*" *:'))
        expands = warehouse.matches(cell, literal(r'"\w+~\\*" *:'))
        # Whatever else is written beside a person may describe the person, whatever its property is called.
        plain = rf'{_FIELD}|{_CONSTANT}|"[^"]*(?:{self._subject.pattern})[^"]*"'
        is_nested = warehouse.matches(cell, literal(r"^[{[]"))
        others = f"{is_nested} AND {warehouse.matches(warehouse.replace(cell, literal(plain), ''), literal(chr(34)))}"
        names = names_subject(warehouse, self._subject, cell)
        is_emptied = f"({names} AND ({words} OR ({others}))) OR {expands}"
        return f"CASE WHEN {is_emptied} THEN NULL ELSE {without} END"

    def _mentions(self, place: Place) -> Iterator[str]:
        """SQL that empties the plain text of rows that mention the person elsewhere: the name stands in it."""
        stream, warehouse, properties = place.stream, place.warehouse, place.stream.schema["properties"]
        for texts, mentioning in _MENTIONS:
            columns = [name for name in mentioning if name in properties]
            if not columns or texts[0] not in properties or kind_of(properties[texts[0]]) != "text":
                continue
            # A flattened text stands in a column of its own.
            held = ", ".join(warehouse.held(stream, [name.replace(".", warehouse.separator)]) for name in texts)
            mentions = names_subject(warehouse, self._subject, warehouse.held(stream, columns))
            yield from warehouse.change(stream, mentions, partial(_emptied, held))

    def _orphans(self, stream: Stream, warehouse: DialectWarehouse) -> Iterator[str]:
        """SQL that deletes looked-up rows that nothing names any more, and then notes the URNs that the others name."""
        urn = warehouse.value(stream, urn_column(stream))
        unnamed = f"{urn} NOT IN (SELECT urn FROM {_NAMED} WHERE urn IS NOT NULL)"
        yield f"DELETE FROM {warehouse.lines(stream)} WHERE {unnamed}"
        yield from self._collect_named([stream], f"INSERT INTO {_NAMED}")

    def _collect_named(
        self, streams: Sequence[Stream], into: str = f"CREATE TEMPORARY TABLE {_NAMED} AS"
    ) -> Iterator[str]:
        """SQL that collects every URN that is left in these tables."""
        if isinstance(self._warehouse, DialectWarehouse) and not self._subject.is_person:
            yield f"{into} {all_urns(self._warehouse, streams)}"

    def _notes(self, stream: Stream) -> list[str]:
        if stream.name == "member_snapshots" and self._subject.is_person:
            return ["Snapshots of other members may name this one without a URN, as among their contacts: see find."]
        if stream.name == "member_changelog" and self._subject.is_person:
            return ["Rows of other members that name this one stay, without the name: they are those members' data."]
        return []


def all_urns(warehouse: DialectWarehouse, streams: Sequence[Stream], condition: str = "") -> str:
    """A query for every URN in these tables, in the rows `line` of a condition."""
    where = f" WHERE {condition}" if condition else ""
    lines = "\n  UNION ALL ".join(
        f"SELECT {warehouse.row()} AS text FROM {warehouse.lines(stream)}{where}" for stream in streams
    )
    found = " UNION ".join(
        f"SELECT {warehouse.found('text', form)} AS urn FROM lines" for form in (_ATOMIC, _COMPOSITE)
    )
    return f"WITH lines AS (\n  {lines}\n) {found}"


def _counted(warehouse: Warehouse, found: Sequence[Entry]) -> str:
    """One query that counts the rows of each table that the statements reach."""
    return "\nUNION ALL ".join(
        f"SELECT {literal(warehouse.table_name(entry.stream))} AS name, ({entry.count}) AS many"
        for entry in found
        if entry.count
    )


def _emptied(held: str, cell: str) -> str:
    """SQL for a cell, null if it is one of some values."""
    return f"CASE WHEN {cell} IN ({held}) THEN NULL ELSE {cell} END"


def _strip_urns(warehouse: DialectWarehouse, subject: Subject, json: str) -> str:
    """SQL for a JSON text without the subject, also in property names and in mentions, whose name goes too."""
    urns_there = urns_of(subject)
    left = warehouse.replace(json, f"'\"(' || {urns_there} || ')\" *:'", '"":')
    left = warehouse.replace(left, f"'\"(' || {urns_there} || ')\"'", "null")
    left = warehouse.replace(left, f"'@\\[([^\\]\\\\]|\\\\.)*\\]\\((' || {urns_there} || ')\\)'", "")
    return warehouse.replace(left, named_by(subject), r"\2")
