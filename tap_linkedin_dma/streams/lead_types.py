"""The answers to lead forms, which LinkedIn gives for one type of lead at a time and keeps for a year.

Each type has a bookmark of its own in the state, so that one that is refused for now is read whole later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.stream_types.changed_since import ModifiedSince
from tap_linkedin_dma.stream_types.nested import PerItemFinder
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch

_KEPT_DAYS = 365

_ALL = "ALL"
"""Stands for the type where LinkedIn does not take one, and answers for all."""


class LeadTypesFinder(PerItemFinder, ModifiedSince):
    """What a finder lists for each type of lead, from the bookmark of the type up to when the run began."""

    lead_types: ClassVar[Sequence[str]]

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        for organization in contexts:
            asked: set[str] = set()
            for lead_type in self.lead_types:
                context = {**organization, "lead_type": lead_type}
                # `stream_options`, or a form that LinkedIn takes, may ask for more than this type.
                if self._asked(context) not in asked:
                    yield from super().read(ContextBatch([context]))
                    asked.add(self._asked(context))

    def elements(self, context: Context) -> Iterator[ListingPage]:
        start_ms, end_ms = self._range(context)
        if start_ms < end_ms:
            yield from super().elements(context)

    def first_page(self, context: Context) -> tuple[ListingPage, Iterator[ListingPage]]:
        # The form that LinkedIn takes says whose bookmark holds.
        start_ms, end_ms = self._range(context)
        return super().first_page({**context, "start_ms": start_ms, "end_ms": end_ms})

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        asked = self._asked(context)
        return super().batch({**context, "lead_type": None if asked == _ALL else asked}, elements, keys)

    def part(self, context: Context) -> str:
        return f"the lead type {context['lead_type']}"

    def bookmark(self, context: Context) -> str | None:
        return None if self.is_full_table else self._bookmarks(context).get(self._asked(context))

    def advance_bookmark(self, context: Context, newest: str) -> None:
        super().advance_bookmark(context, newest)
        asked, bookmarks = self._asked(context), self._bookmarks(context)
        self.state_of(context)["lead_types"] = {**bookmarks, asked: max(newest, bookmarks.get(asked, ""))}

    def _bookmarks(self, organization: Context) -> Mapping[str, str]:
        bookmarks: Mapping[str, str] = self.state_of(organization).get("lead_types", {})
        return bookmarks

    def _range(self, context: Context) -> tuple[int, int]:
        """What to ask about, epoch ms; the end is left out."""
        began = self.run_context.started_at
        reach = began.subtract(days=_KEPT_DAYS)
        reach = max(reach, self.start) if self.start else reach
        return max(int(reach.timestamp() * 1000), self.since_ms(context)), int(began.timestamp() * 1000)

    def _asked(self, context: Context) -> str:
        """The type that LinkedIn is asked for."""
        params: Mapping[str, Any] = self.request_params({**context, "start_ms": 0, "end_ms": 0})
        sent = params.get("leadType")
        named = get_path(sent, "leadType") or sent
        return restli.encode(named) if named else _ALL
