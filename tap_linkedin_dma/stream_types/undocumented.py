"""Finders whose request LinkedIn documents by name alone: a first guess, and fallbacks if it is refused.

Little is known of their rows. So request parameters that the row does not contain have columns of their own and are
part of its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.rows.conversion import ConversionError, converter
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.nested import PerItemFinder
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch

if TYPE_CHECKING:
    pass

_LONGEST_PERIOD = 360
"""Days; LinkedIn's analytics take 14 months at most."""

Forms = Mapping[str, Sequence[Mapping[str, object]]]

ORGANIZATION_FALLBACKS: Forms = {
    "organization": ({"organization": "{organizational_page}"}, {"organization": "{organization_id}"}),
}
"""Other values that may be meant by an organization."""

PAGE_FALLBACKS: Forms = {
    "organizationalPage": ({"organizationalPage": "{organization}"}, {"organizationalPage": "{page_id}"}),
}
"""Other values that may be meant by a page."""

LOCALE_FALLBACKS = (
    {"locale": "{plain_locale}"},
    {"locale.language": "{language}", "locale.country": "{country}"},
)
"""Other ways to write a locale."""

PERIOD = {"start": "{start_ms}", "end": "{today_ms}"}
"""The period of a `PeriodFinder`, as a parameter."""

PERIOD_FALLBACKS: Forms = {"timeRange": ({"timeIntervals": {"timeRange": PERIOD}}, {})}


class OrganizationFinder(Finder):
    """A finder with an organization as its parameter."""

    finder = "organization"
    params = {"organization": "{organization}"}
    param_fallbacks = ORGANIZATION_FALLBACKS
    evidence = "inferred"


class PageFinder(Finder):
    """A finder with a page of an organization as its parameter."""

    finder = "organizationalPage"
    params = {"organizationalPage": "{organizational_page}"}
    param_fallbacks = PAGE_FALLBACKS
    evidence = "inferred"


class RequestKeyedFinder(Finder):
    """A listing that depends on more parameters than the organization: its rows have columns for them."""

    composes_row_key = True

    request_columns: ClassVar[Mapping[str, Sequence[str]]]
    """Columns from the request, in the order in which they precede the row's key: dotted paths of its
    parameters, of which the first that leads to a value is used."""

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        return super().batch({**context, **self._asked_with(context)}, elements, keys)

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        row = super().row(entity, context, keys)
        if row:
            row["row_key"] = "|".join([*(str(context[name] or "") for name in self.request_columns), row["row_key"]])
        return row

    def _asked_with(self, context: Context) -> dict[str, Any]:
        params = self.request_params(context)
        columns: dict[str, Any] = dict.fromkeys(self.request_columns)
        for name, paths in self.request_columns.items():
            value = next((value for path in paths if (value := get_path(params, path)) is not None), None)
            if value is not None:
                # The setting `stream_options` may send anything.
                with suppress(ConversionError):
                    columns[name] = converter(self.schema["properties"][name])(value)
        return columns


class PeriodFinder(RequestKeyedFinder):
    """Figures of a period: the last 360 days, or the part of them since the setting `start_date`.

    The period ends today at 00:00 UTC.
    """

    request_columns = {
        "time_range_start": ("timeRange.start", "timeIntervals.timeRange.start"),
        "time_range_end": ("timeRange.end", "timeIntervals.timeRange.end"),
    }

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        today = self.run_context.started_at.start_of("day")
        start = today.subtract(days=_LONGEST_PERIOD)
        if self.start:
            start = max(start, self.start.start_of("day"))
        if start < today:
            start_ms = int(start.timestamp() * 1000)
            yield from super().read(ContextBatch([{**context, "start_ms": start_ms} for context in contexts]))


class MultiFinder(PerItemFinder, RequestKeyedFinder):
    """Several finders of a resource that list for the same organization; the row names its finder."""

    finders: ClassVar[Sequence[str]]
    request_columns = {"finder": ("q",)}
    fallbacks_by = "finder"

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        each = [{**context, "finder": finder} for context in contexts for finder in self.finders]
        # The setting `stream_options` may make several requests the same.
        requests = {restli.query(self.request_params(context)): context for context in each}
        yield from super().read(ContextBatch(list(requests.values())))

    def part(self, context: Context) -> str:
        return f"what the finder {context['finder']} lists"
