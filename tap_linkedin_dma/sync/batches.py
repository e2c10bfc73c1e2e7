"""Batches of records, and batches of contexts for the child streams, as streams hand them on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tap_linkedin_dma.rows.mapping import Row

Context = Mapping[str, Any]
"""A record of a parent stream, as its child streams know it: columns for their own records, and request parameters."""


@dataclass
class ContextBatch:
    """Contexts that a stream is read for at once, and results shared by the streams that read for them."""

    items: Sequence[Context]
    shared: dict[str, Future[Any]] = field(default_factory=dict)
    """See `RunLock.compute_once`."""

    def __iter__(self) -> Iterator[Context]:
        return iter(self.items)


NO_CONTEXT = ContextBatch([{}])
"""The contexts of a stream without a parent stream."""


class DerivedRows(Protocol):
    """A stream whose rows come from what other streams read."""

    name: str

    def rows_of(self, contexts: Sequence[Context]) -> Sequence[Row]:
        """The rows made from what the other streams pass on."""


@dataclass
class RecordBatch:
    """Records that are emitted together.

    Args:
        records: in the order in which they are emitted.
        child_contexts: the contexts of the children, each with the row it comes from: if a stream map filters that
            row, its children are not read. None stands for a parent without a row.
        commit: writes to the state what belongs there once all of this batch has been emitted.
        owe: called in place of `commit` if LinkedIn gave no answer about somebody whom these records name: writes to
            the state what the next run must read again. None holds back the whole stream.
        others: rows that other streams of the run get from this one; they are emitted after `records`.
        mentioned: rows that reference URNs for the lookups, as a record does, and are not emitted.
    """

    records: Iterable[Row] = ()
    child_contexts: Sequence[tuple[Context, Row | None]] = ()
    commit: Callable[[], None] | None = None
    owe: Callable[[], None] | None = None
    others: Sequence[tuple[DerivedRows, Sequence[Context]]] = ()
    mentioned: Sequence[Row] = ()

    def also_commit(self, commit: Callable[[], None]) -> RecordBatch:
        """The batch with one more commit, which is made after `owe` too."""
        return replace(self, commit=_both(self.commit, commit), owe=self.owe and _both(self.owe, commit))


def _both(first: Callable[[], None] | None, second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        if first:
            first()
        second()

    return both
