"""What streams hand on: a page of rows, and a page of parents for the streams below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tap_linkedin_dma.rows.mapping import Row

Parent = Mapping[str, Any]
"""What a child knows of one parent: columns that its rows carry on, and what it asks LinkedIn with."""


@dataclass
class Parents:
    """A page of parents, and what their children read of them in common."""

    items: Sequence[Parent]
    shared: dict[str, Future[Any]] = field(default_factory=dict)
    """See `Baton.once`."""

    def __iter__(self) -> Iterator[Parent]:
        return iter(self.items)


ROOT = Parents([{}])
"""What a stream without a parent stream is asked with."""


class ToldRows(Protocol):
    """A stream whose rows come from what other streams read."""

    name: str

    def rows_of(self, told: Sequence[Parent]) -> Sequence[Row]:
        """The rows of what the others tell."""


@dataclass
class Page:
    """What leaves together.

    Args:
        rows: in the order they leave.
        parents: what the children are asked with, each with the row it comes from: where a stream map
            filters that row, its children are not asked for. None stands for a parent without a row.
        settle: writes into the state what may enter it once all of this has left.
        owe: writes into the state what is asked about again, in place of `settle`, if LinkedIn gave no answer about
            somebody whom these rows name: the next run has to meet them again. None holds back the whole stream.
        others: rows that other streams of the run have through this one; they leave after `rows`.
        mentioned: what names URNs to the lookups, as a record does, and does not leave.
    """

    rows: Iterable[Row] = ()
    parents: Sequence[tuple[Parent, Row | None]] = ()
    settle: Callable[[], None] | None = None
    owe: Callable[[], None] | None = None
    others: Sequence[tuple[ToldRows, Sequence[Parent]]] = ()
    mentioned: Sequence[Row] = ()

    def then(self, settle: Callable[[], None]) -> Page:
        """The page, with something more to settle, whatever may be owed."""
        return replace(self, settle=_both(self.settle, settle), owe=self.owe and _both(self.owe, settle))


def _both(first: Callable[[], None] | None, second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        if first:
            first()
        second()

    return both
