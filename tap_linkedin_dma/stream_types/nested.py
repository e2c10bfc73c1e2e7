"""Finders that read an organization in parts: LinkedIn may refuse one of them and answer the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import AccessDenied, BadRequest, DmaError
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.refusals import RefusalCounter
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PerItemFinder(Finder):
    """A finder with a request for each of several items of an organization.

    An item that LinkedIn refuses is skipped alone.
    """

    max_refusals: ClassVar[int | None] = None
    """Refusals before any answer after which an organization is given up; None to ask about each item."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self.refusals = RefusalCounter(self.max_refusals)

    def part(self, context: Context) -> str:
        """The name of the item in warnings; it must not hold anything that may point to a member."""
        raise NotImplementedError

    def is_often_refused(self, context: Context) -> bool:
        """Whether LinkedIn refuses this item to most."""
        return False

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
            elif isinstance(refusal, AccessDenied) and self.is_often_refused(context):
                self.note_missing()
            else:
                why = self.refusals.sentence(organization, refusal, "parts of the organization")
                self.skip(f"{self.part(context)} of organization {urns.key(organization)}", why)


class NestedFinder(PerItemFinder):
    """A finder with a request for each row of another listing, in a form that is not documented."""

    of: ClassVar[str]
    """The column that identifies the row."""

    evidence = "inferred"
    max_refusals = 3

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._asked: set[str] = set()

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        for context in contexts:
            # A listing may give the same row twice.
            if context[self.of] not in self._asked and context["organization"] not in self.refused_organizations:
                self._asked.add(context[self.of])
                yield from super().read(ContextBatch([context]))

    def part(self, context: Context) -> str:
        return f"one {self.of}"
