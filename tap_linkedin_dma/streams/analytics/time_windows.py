"""Analytics: windows of whole UTC days without gap or overlap, and their state.

LinkedIn has three peculiarities here. An old window without activity may always answer 500: it is skipped
with a warning, requested again on the next two runs and then dropped. When the privacy budget is spent,
LinkedIn answers zeros with a refresh time: such an answer is not kept, and the bookmark stays before its
window. And late data replaces earlier data, so the last days are requested again on every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma.api import responses, restli, urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import BadRequest, ServerFault
from tap_linkedin_dma.api.json_bodies import Body
from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.rows.conversion import to_readable_json
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams.analytics.metrics import Day, day_of, ms_of, text_of
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_LONGEST_WINDOW = 360
"""Days in one window; LinkedIn refuses more than 14 months."""

_FIRST_REACH = 360
"""Days that a first run reaches back if no `start_date` is set."""

_RUNS_FOR_A_DEAD_WINDOW = 3

_TIME = frozenset({"timeIntervals", "timeRange"})
"""The parameters that LinkedIn names if it does not accept the days."""


@dataclass(frozen=True)
class WindowRequest:
    """One request to be made."""

    context: Context
    start: Day
    end: Day
    columns: Mapping[str, str]
    """Its other parameters, by the column that shows them."""

    failed_window: Mapping[str, Any] = field(default_factory=dict)
    """The entry of this window in the state, if earlier runs got no answer."""

    @property
    def known(self) -> dict[str, Any]:
        """The values of the request for parameters and columns."""
        times = {
            "start": text_of(self.start),
            "end": text_of(self.end),
            "start_ms": ms_of(self.start),
            "end_ms": ms_of(self.end),
        }
        return {**self.context, **self.columns, **times}

    @property
    def days(self) -> str:
        """The days requested, in words."""
        return f"the days from {self.start.to_date_string()} to {self.end.to_date_string()}"

    @property
    def names(self) -> dict[str, Any]:
        """The key of this window among those of its organization, for the state."""
        post = {"post": self.context["post"]} if "post" in self.context else {}
        return {**post, **self.columns, "start": self.start.to_date_string(), "end": self.end.to_date_string()}


class TimeWindows(DmaStream):
    """Analytics of organizations, requested window by window."""

    paging = "none"
    key_is_of = "figures"

    dimension_types: ClassVar[Sequence[str]] = ()
    """Each window is requested once for each of these; if empty, just once."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._held: dict[str, Day] = {}
        self._dropped: set[tuple[str, str]] = set()
        """Columns with the values that LinkedIn does not accept."""
        properties = self.schema["properties"]
        self._measures = [name for name in properties if {"number", "integer"} & set(properties[name]["type"])]

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        asked = [(organization, [*self.requests(organization)]) for organization in contexts]
        self.run_context.progress.plan(self.name, calls=sum(len(requests) for _, requests in asked))
        for organization, requests in asked:
            with self.skip_refused(organization):
                yield from self.run_context.workers.map(self.read_window, requests)
                yield RecordBatch(commit=partial(self.advance_bookmark, organization))

    def requests(self, context: Context) -> Iterator[WindowRequest]:
        """The requests for one context: the windows that got no answer on earlier runs, then those due."""
        start, end = self.first_day(context), self.last_day(context)
        yield from self._dead(context, before=start)
        for window_start, window_end in self.windows(start, end):
            for columns in self.columns():
                yield WindowRequest(context, window_start, window_end, columns)

    def first_day(self, context: Context) -> Day:
        """The first day to request."""
        bookmark = self.bookmark(context)
        if bookmark is None:
            return self.start.start_of("day") if self.start else self.today.subtract(days=_FIRST_REACH)
        return self.not_before_start(bookmark.subtract(days=self.config["analytics_lookback_days"]))

    def last_day(self, context: Context) -> Day:
        """The day up to which to request."""
        return self.today

    def windows(self, start: Day, end: Day) -> Iterator[tuple[Day, Day]]:
        """Split the days from `start` up to `end`, which is excluded, into windows."""
        while start < end:
            window_end = min(start.add(days=_LONGEST_WINDOW), end)
            yield start, window_end
            start = window_end

    @property
    def today(self) -> Day:
        return self.run_context.started_at.start_of("day")

    def not_before_start(self, day: Day) -> Day:
        """The day, or the setting `start_date` if that is later."""
        return max(day, self.start.start_of("day")) if self.start else day

    def bookmark(self, context: Context) -> Day | None:
        """The day up to which all has been emitted for an organization."""
        text = None if self.is_full_table else self.state_of(context).get("replication_key_value")
        return day_of(text) if text else None

    def advance_bookmark(self, organization: Context) -> None:
        """Move the bookmark to today, or before the first window whose answer was withheld; never back."""
        state = self.state_of(organization)
        reached = min(self.today, self._held.pop(organization["organization"], self.today))
        state["replication_key"] = self.replication_key
        state["replication_key_value"] = max(text_of(reached), state.get("replication_key_value", ""))

    def columns(self) -> Sequence[Mapping[str, str]]:
        """The other parameters of each window's requests, by the column that shows them."""
        return [{"dimension_type": dimension_type} for dimension_type in self.dimension_types] or [{}]

    def read_window(self, ask: WindowRequest) -> RecordBatch:
        """Read LinkedIn's answer to one request."""
        if self._dropped & ask.columns.items():
            return RecordBatch()
        params = self.request_params(ask.known)
        try:
            body = self.client.fetch(self.resource, restli.query({"q": self.finder, **params}))
        except ServerFault as fault:
            if fault.status != 500:
                raise
            return RecordBatch(commit=partial(self._note_failed, ask, str(fault)))
        except BadRequest as refusal:
            if ask.columns and not refusal.named & _TIME:
                return self._drop(ask, refusal)
            raise (self._with_days(ask, refusal) if ask.start < ask.end else refusal) from None
        return self._page(ask, body, params)

    def _with_days(self, ask: WindowRequest, refusal: BadRequest) -> BadRequest:
        msg = (
            f"{refusal} The request was for {ask.days} of organization {urns.key(ask.context['organization'])}: set "
            f"start_date to a later day, or change in stream_options the request of {self.name}."
        )
        return BadRequest(msg, refusal.named)

    def rejected_value(self, ask: WindowRequest, refusal: BadRequest) -> tuple[str, str]:
        """The column, and its value, that LinkedIn does not accept."""
        return "dimension_type", ask.columns["dimension_type"]

    def _drop(self, ask: WindowRequest, refusal: BadRequest) -> RecordBatch:
        """Drop, for this run, a value that LinkedIn does not accept: not all of its dimensions are documented."""
        blamed = self.rejected_value(ask, refusal)
        if blamed not in self._dropped:
            self._dropped.add(blamed)
            self.skip(blamed[1], refusal)
        return RecordBatch()

    def _page(self, ask: WindowRequest, body: Body, params: Mapping[str, Any]) -> RecordBatch:
        intervals = params.get("timeIntervals") or {}
        context = {
            **{to_snake_case(name): value for name, value in params.items()},
            "type": params.get("analyticsType"),
            **ask.known,
            "granularity": intervals.get("timeGranularityType"),
            "source_type": params.get("sourceType") or "ALL",
            "snapshot_date": self.today.to_date_string(),
        }
        keys = self.row_builder.new_keys()
        if "start" in self.field_paths:
            # Each figure has its own days; those requested would be the same for all of them.
            context = {name: value for name, value in context.items() if name not in ("start", "end")}
        found = [row for element in responses.elements(body) if (row := self.row(element, context, keys))]
        is_dated = "start" in (self.primary_keys or ())
        rows = [row for row in found if not is_dated or row["start"] is not None]
        figures = [row[name] for row in rows for name in self._measures]
        if body.get("metadata") and figures.count(None) < len(figures) and not any(figures):
            return self.withheld(ask, body["metadata"])
        if len(rows) < len(found):
            why = f"LinkedIn does not say of which days {len(found) - len(rows)} of the figures are."
            return RecordBatch(rows, commit=partial(self._note_failed, ask, why))
        return RecordBatch(rows, commit=partial(self._forget_failed, ask))

    def _dead(self, context: Context, before: Day) -> Iterator[WindowRequest]:
        """Windows without an answer so far, unless those due cover them."""
        for failed_window in list(self.state_of(context).get("dead_windows", [])):
            if failed_window.get("post") != context.get("post"):
                continue
            start, end = day_of(failed_window["start"]), min(day_of(failed_window["end"]), before)
            columns = {name: failed_window[name] for name in ("dimension_type",) if name in failed_window}
            ask = WindowRequest(context, start, end, columns, failed_window)
            if start < end:
                yield ask
            else:
                self._forget_failed(ask)

    def _note_failed(self, ask: WindowRequest, why: str) -> None:
        self.keep_failed(ask, self.most_runs(ask))
        is_asked_again = _is_asked_again(ask, self.most_runs(ask))
        later = "requested again on the next run" if is_asked_again else "not asked for again"
        self.skip(f"{ask.days}, {later}", why, ask.context["organization"])

    def most_runs(self, ask: WindowRequest) -> int:
        """On how many runs a window without an answer is requested."""
        return _RUNS_FOR_A_DEAD_WINDOW

    def keep_failed(self, ask: WindowRequest, most_runs: int = _RUNS_FOR_A_DEAD_WINDOW) -> None:
        """Keep a window without an answer in the state, unless this was the last of its runs."""
        self._forget_failed(ask)
        if _is_asked_again(ask, most_runs):
            failed_window = {**ask.names, "runs": ask.failed_window.get("runs", 0) + 1}
            self.state_of(ask.context).setdefault("dead_windows", []).append(failed_window)

    def _forget_failed(self, ask: WindowRequest) -> None:
        if ask.failed_window:
            self.state_of(ask.context)["dead_windows"].remove(ask.failed_window)

    def withheld(self, ask: WindowRequest, metadata: object) -> RecordBatch:
        """The batch for an answer without figures, since the privacy budget is spent."""
        return RecordBatch(commit=partial(self._note_withheld, ask, metadata))

    def _note_withheld(self, ask: WindowRequest, metadata: object) -> None:
        organization = ask.context["organization"]
        if not ask.failed_window:
            self._held[organization] = min(ask.start, self._held.get(organization, ask.start))
        why = f"LinkedIn withholds them, since the privacy budget is spent: {to_readable_json(metadata)}."
        self.skip(ask.days, f"{why} They are not stored, and requested again on the next run.", organization)


class MonthlyWindows(TimeWindows):
    """Analytics whose answer is a total over the days requested, so that a window is a calendar month.

    The current month ends today; it and the one before are requested again on every run.
    """

    def first_day(self, context: Context) -> Day:
        bookmark = self.bookmark(context)
        first_day = super().first_day(context) if bookmark is None else bookmark.start_of("month").subtract(months=1)
        return self.not_before_start(first_day).start_of("month")

    def windows(self, start: Day, end: Day) -> Iterator[tuple[Day, Day]]:
        while start < end:
            month_end = min(start.add(months=1), end)
            yield start, month_end
            start = month_end


class CurrentTotals(TimeWindows):
    """Analytics as they are now, whatever days are requested; the day of the run is part of the key.

    A request without an answer today cannot be repeated tomorrow, so the state does not keep it.
    """

    append_only = True

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        self.run_context.progress.plan(self.name, calls=len(contexts.items) * len(self.columns()))
        for organization in contexts:
            with self.skip_refused(organization):
                today = (WindowRequest(organization, self.today, self.today, columns) for columns in self.columns())
                yield from self.run_context.workers.map(self.read_window, today)


def _is_asked_again(ask: WindowRequest, most_runs: int) -> bool:
    return ask.start < ask.end and int(ask.failed_window.get("runs", 0)) + 1 < most_runs
