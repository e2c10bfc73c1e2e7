"""Asking about an organization in parts: LinkedIn may refuse one of them and answer the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import BadRequest, DmaError
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.refusals import RefusalCounter
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PerItemFinder(Finder):
    """What a finder lists for several things of an organization, each asked about by itself.

    What LinkedIn refuses is left out alone.
    """

    max_refusals: ClassVar[int | None] = None
    """So many before any answer mean that nothing of the organization is shown; None asks about each thing."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self.refusals = RefusalCounter(self.max_refusals)

    def part(self, context: Context) -> str:
        """What a warning calls the thing asked about; it is no place for what may point to a member."""
        raise NotImplementedError

    @property
    def skippable_errors(self) -> tuple[type[DmaError], ...]:
        return (*super().skippable_errors, BadRequest)

    def elements(self, context: Context) -> Iterator[ListingPage]:
        for batch in super().elements(context):
            self.refusals.note_answer(context["organization"])
            yield batch

    @contextmanager
    def skip_refused(self, context: Context) -> Iterator[None]:
        organization = context["organization"]
        try:
            yield
        except self.skippable_errors as refusal:
            if self.refusals.is_enough(organization):
                self.skip_organization(context, refusal)
            else:
                self.skip(f"{self.part(context)} of organization {urns.key(organization)}", refusal)


class NestedFinder(PerItemFinder):
    """What a finder lists for each row of another listing, in a form that nobody has documented."""

    of: ClassVar[str]
    """The column that names the row."""

    evidence = "inferred"
    max_refusals = 3

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._asked: set[str] = set()

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        for context in contexts:
            # A listing may give a row twice.
            if context[self.of] not in self._asked and context["organization"] not in self.refused_organizations:
                self._asked.add(context[self.of])
                yield from super().read(ContextBatch([context]))

    def part(self, context: Context) -> str:
        return f"one {self.of}"
