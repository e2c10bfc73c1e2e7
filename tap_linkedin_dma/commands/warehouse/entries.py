"""Where a page or a person stands in each stream's table: the one list that `erase` and `subject` are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.commands.warehouse.dialects import DialectWarehouse, Stream, kind_of, literal
from tap_linkedin_dma.commands.warehouse.subjects import AFTER, COLON, Subject, is_shared, own_columns
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.streams.messaging import Messages, MessageThreads
from tap_linkedin_dma.streams.organizations import Organizations

_SUBJECT = "tap_linkedin_dma_subject"
"""A temporary table of one row: a pattern of a page's URNs, alone and with what may follow it."""


def urns_of(subject: Subject) -> str:
    """SQL for a pattern of the subject's URNs and hashes."""
    return literal(subject.pattern) if subject.is_person else f"(SELECT urns FROM {_SUBJECT})"


def named_by(subject: Subject) -> str:
    """SQL for the same pattern, in a group, with what may follow it in another."""
    # A database compiles a pattern once if it is a literal.
    return literal(f"({subject.pattern}){AFTER}") if subject.is_person else f"(SELECT named FROM {_SUBJECT})"


def in_order() -> list[Stream]:
    """All streams, children first, in the order in which their tables may be emptied."""
    order = [stream for stream in reversed(STREAMS) if not is_shared(stream)]
    order += [stream for stream in STREAMS if is_shared(stream)]
    # The other entries look up pages in this table, so it goes last.
    order.remove(Organizations)
    order.append(Organizations)
    return order


def why_not(stream: Stream, subject: Subject) -> str:
    """The reason why a stream's table holds nothing of the subject's own; "" if it may."""
    if stream.data_class == STANDARDIZED:
        return "LinkedIn's reference data: no person's." if subject.is_person else "LinkedIn's reference data."
    if subject.is_person:
        return ""
    if issubclass(stream, MemberStream) or stream.name == "me":
        return "A member's own data, no page's: use --member if the member asks."
    return ""


@dataclass(frozen=True)
class Place:
    """A subject's rows in one stream's table, as conditions on the row `line`.

    Args:
        stream: the stream.
        subject: the page or the person.
        warehouse: where the tables are.
    """

    stream: Stream
    subject: Subject
    warehouse: DialectWarehouse

    @cached_property
    def key(self) -> Sequence[str]:
        """The columns that say whose a row is."""
        return own_columns(self.stream, self.subject)

    @property
    def named(self) -> str:
        """SQL for whether a row names the subject anywhere."""
        return names_subject(self.warehouse, self.subject, self.warehouse.row())

    @cached_property
    def own(self) -> str:
        """SQL for whether a row is the subject's own; "" if none can be."""
        conditions = []
        if columns := [name for name in self.key if not self._is_bare(name)]:
            conditions.append(names_subject(self.warehouse, self.subject, self.warehouse.held(self.stream, columns)))
        for name in filter(self._is_bare, self.key):
            ids = self.subject.ids if self.subject.is_person else [urns.key(self.subject.urn)]
            conditions.append(f"{self.warehouse.value(self.stream, name)} IN ({', '.join(map(literal, ids))})")
        if self.stream is Messages and self.subject.is_person:
            conditions.append(self._in_their_threads())
        return " OR ".join(conditions)

    @property
    def reached(self) -> str:
        """SQL for whether a row is the subject's or names it."""
        return f"{self.named} OR {self.own}" if self.own else self.named

    def _is_bare(self, name: str) -> bool:
        """Whether a column holds an id, and no URN."""
        column = self.stream.schema["properties"][name]
        return kind_of(column) == "number" or (name == "id" and not column.get("x-urn"))

    def _in_their_threads(self) -> str:
        """SQL for whether a message belongs to a conversation with the person; its key may be a bare id."""
        warehouse = self.warehouse
        key = warehouse.value(MessageThreads, "row_key", "talk")
        told = names_subject(
            warehouse, self.subject, warehouse.held(MessageThreads, ("membership", "unmapped"), "talk")
        )
        thread = warehouse.value(self.stream, "thread")
        keys = f"SELECT {{}} FROM {warehouse.table(MessageThreads)} AS talk WHERE {told}"
        bare = f"'urn:li:messagingThread:' || {key}"
        return f"{thread} IN ({keys.format(key)}) OR {thread} IN ({keys.format(bare)})"


def names_subject(warehouse: DialectWarehouse, subject: Subject, text: str) -> str:
    """SQL for whether a JSON text names the subject, and nobody whose id only begins alike."""
    return warehouse.matches(text, named_by(subject))


def begin(warehouse: DialectWarehouse, subject: Subject) -> Iterator[str]:
    """Statements before those that look for the subject: a page is named by its organizational page too."""
    if subject.is_person:
        return
    name, page = (warehouse.value(Organizations, column) for column in ("organization", "organizational_page"))
    lines, own = warehouse.lines(Organizations), f"{name} = {literal(subject.urn)}"
    pages = f"replace((SELECT string_agg({page}, '|') FROM {lines} WHERE {own}), ':', {literal(COLON)})"
    forms = f"SELECT {literal(subject.pattern)} || coalesce('|' || {pages}, '') AS urns"
    yield f"DROP TABLE IF EXISTS {_SUBJECT}"
    named = f"'(' || urns || '){AFTER}'"
    yield f"CREATE TEMPORARY TABLE {_SUBJECT} AS SELECT urns, {named} AS named FROM ({forms}) AS forms"


def end(subject: Subject) -> Iterator[str]:
    """Statements after those that look for the subject."""
    if not subject.is_person:
        yield f"DROP TABLE {_SUBJECT}"


def shared_by_pages(stream: Stream) -> bool:
    """Whether rows of a table are named by bare numbers too, so that none can be said to be named no more."""
    return issubclass(stream, Lookup) and bool(stream.id_field_pattern)
