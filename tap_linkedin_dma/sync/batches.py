"""A batch of records, and a batch of contexts for the child streams, as streams hand them on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tap_linkedin_dma.rows.mapping import Row

Context = Mapping[str, Any]
"""What a child stream knows of one record of its parent: columns that its own records carry, and parameters."""


@dataclass
class ContextBatch:
    """Contexts that a stream is read for at once, and what the streams that read for them have in common."""

    items: Sequence[Context]
    shared: dict[str, Future[Any]] = field(default_factory=dict)
    """See `Baton.compute_once`."""

    def __iter__(self) -> Iterator[Context]:
        return iter(self.items)


NO_CONTEXT = ContextBatch([{}])
"""What a stream without a parent stream is asked with."""


class DerivedRows(Protocol):
    """A stream whose rows come from what other streams read."""

    name: str

    def rows_of(self, told: Sequence[Context]) -> Sequence[Row]:
        """The rows of what the others tell."""


@dataclass
class RecordBatch:
    """What leaves together.

    Args:
        records: in the order they leave.
        child_contexts: what the children are asked with, each with the row it comes from: where a stream map
            filters that row, its children are not asked for. None stands for a parent without a row.
        commit: writes into the state what may enter it once all of this has left.
        owe: writes into the state what is asked about again, in place of `commit`, if LinkedIn gave no answer about
            somebody whom these records name: the next run has to meet them again. None holds back the whole stream.
        others: rows that other streams of the run have through this one; they leave after `records`.
        mentioned: what names URNs to the lookups, as a record does, and does not leave.
    """

    records: Iterable[Row] = ()
    child_contexts: Sequence[tuple[Context, Row | None]] = ()
    commit: Callable[[], None] | None = None
    owe: Callable[[], None] | None = None
    others: Sequence[tuple[DerivedRows, Sequence[Context]]] = ()
    mentioned: Sequence[Row] = ()

    def also_commit(self, commit: Callable[[], None]) -> RecordBatch:
        """The batch, with something more to commit, whatever may be owed."""
        return replace(self, commit=_both(self.commit, commit), owe=self.owe and _both(self.owe, commit))


def _both(first: Callable[[], None] | None, second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        if first:
            first()
        second()

    return both
