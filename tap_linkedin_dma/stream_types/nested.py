"""Asking about an organization in parts: LinkedIn may refuse one of them and answer the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import BadRequest, DmaError
from tap_linkedin_dma.api.results import Elements
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.sync.batches import Page, Parent, Parents
from tap_linkedin_dma.sync.run_context import Connection

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PartsFinder(Finder):
    """What a finder lists for several things of an organization, each asked about by itself.

    What LinkedIn refuses is left out alone.
    """

    most_refusals: ClassVar[int | None] = None
    """So many before any answer mean that nothing of the organization is shown; None asks about each thing."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._answered: set[str] = set()
        self._refused_first: Counter[str] = Counter()

    def part(self, parent: Parent) -> str:
        """What a warning calls the thing asked about; it is no place for what may point to a member."""
        raise NotImplementedError

    @property
    def refusals(self) -> tuple[type[DmaError], ...]:
        return (*super().refusals, BadRequest)

    def elements(self, parent: Parent) -> Iterator[Elements]:
        for page in super().elements(parent):
            self._answered.add(parent["organization"])
            yield page

    @contextmanager
    def skipping(self, parent: Parent) -> Iterator[None]:
        organization = parent["organization"]
        try:
            yield
        except self.refusals as refusal:
            self._refused_first[organization] += organization not in self._answered
            if self._refused_first[organization] == self.most_refusals:
                self.give_up(parent, refusal)
            else:
                self.skip(f"{self.part(parent)} of organization {urns.key(organization)}", refusal)


class NestedFinder(PartsFinder):
    """What a finder lists for each row of another listing, in a form that nobody has documented."""

    of: ClassVar[str]
    """The column that names the row."""

    evidence = "inferred"
    most_refusals = 3

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._asked: set[str] = set()

    def pages(self, parents: Parents) -> Iterator[Page]:
        for parent in parents:
            # A listing may give a row twice.
            if parent[self.of] not in self._asked and parent["organization"] not in self.refused:
                self._asked.add(parent[self.of])
                yield from super().pages(Parents([parent]))

    def part(self, parent: Parent) -> str:
        return f"one {self.of}"
