"""The answers to lead forms, which LinkedIn gives for one type of lead at a time and keeps for a year.

Each type has a bookmark of its own in the state, so that one that is refused for now is read whole later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.json_paths import Entity, dig
from tap_linkedin_dma.api.results import Elements
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.stream_types.changed_since import ChangedSince
from tap_linkedin_dma.stream_types.nested import PartsFinder
from tap_linkedin_dma.sync.batches import Page, Parent, Parents

_KEPT_DAYS = 365

_ALL = "ALL"
"""Stands for the type where LinkedIn does not take one, and answers for all."""


class LeadTypesFinder(PartsFinder, ChangedSince):
    """What a finder lists for each type of lead, from the bookmark of the type up to when the run began."""

    lead_types: ClassVar[Sequence[str]]

    def pages(self, parents: Parents) -> Iterator[Page]:
        for organization in parents:
            asked: set[str] = set()
            for lead_type in self.lead_types:
                parent = {**organization, "lead_type": lead_type}
                # `stream_options`, or a form that LinkedIn takes, may ask for more than this type.
                if self._asked(parent) not in asked:
                    yield from super().pages(Parents([parent]))
                    asked.add(self._asked(parent))

    def elements(self, parent: Parent) -> Iterator[Elements]:
        start_ms, end_ms = self._range(parent)
        if start_ms < end_ms:
            yield from super().elements(parent)

    def begin(self, parent: Parent) -> tuple[Elements, Iterator[Elements]]:
        # The form that LinkedIn takes says whose bookmark holds.
        start_ms, end_ms = self._range(parent)
        return super().begin({**parent, "start_ms": start_ms, "end_ms": end_ms})

    def page(self, parent: Parent, elements: Sequence[Entity], keys: RowKeys) -> Page:
        asked = self._asked(parent)
        return super().page({**parent, "lead_type": None if asked == _ALL else asked}, elements, keys)

    def part(self, parent: Parent) -> str:
        return f"the lead type {parent['lead_type']}"

    def bookmark(self, parent: Parent) -> str | None:
        return None if self.is_full_table else self._bookmarks(parent).get(self._asked(parent))

    def move_bookmark(self, parent: Parent, newest: str) -> None:
        super().move_bookmark(parent, newest)
        asked, bookmarks = self._asked(parent), self._bookmarks(parent)
        self.state_of(parent)["lead_types"] = {**bookmarks, asked: max(newest, bookmarks.get(asked, ""))}

    def _bookmarks(self, organization: Parent) -> Mapping[str, str]:
        bookmarks: Mapping[str, str] = self.state_of(organization).get("lead_types", {})
        return bookmarks

    def _range(self, parent: Parent) -> tuple[int, int]:
        """What to ask about, epoch ms; the end is left out."""
        began = self.connection.began
        reach = began.subtract(days=_KEPT_DAYS)
        reach = max(reach, self.start) if self.start else reach
        return max(int(reach.timestamp() * 1000), self.since_ms(parent)), int(began.timestamp() * 1000)

    def _asked(self, parent: Parent) -> str:
        """The type that LinkedIn is asked for."""
        params: Mapping[str, Any] = self.request_params({**parent, "start_ms": 0, "end_ms": 0})
        sent = params.get("leadType")
        named = dig(sent, "leadType") or sent
        return restli.encode(named) if named else _ALL
