"""Analytics: windows of whole UTC days without gap or overlap, and what the state keeps of them.

Three things are LinkedIn's own here. An old window without activity may answer 500 for good: it is
left out with a warning, asked again on the next two runs and then let go. When the privacy budget is
spent LinkedIn answers zeros with a refresh time beside them: such an answer is not kept, and the
bookmark stays before its window. And late data replace earlier ones, so the last days are asked again
on every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma.api import responses, restli, urns
from tap_linkedin_dma.api.errors import BadRequest, ServerFault
from tap_linkedin_dma.api.json_paths import dig, snake
from tap_linkedin_dma.api.responses import Body
from tap_linkedin_dma.rows.conversion import dated
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.streams.analytics.metrics import Day, day_of, ms_of, text_of
from tap_linkedin_dma.sync.batches import Page, Parent, Parents
from tap_linkedin_dma.sync.run_context import Connection

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_LONGEST_WINDOW = 360
"""Days in one window; LinkedIn refuses more than 14 months."""

_FIRST_REACH = 360
"""Days that a first run reaches back where no `start_date` is set."""

_RUNS_FOR_A_DEAD_WINDOW = 3

_TIME = frozenset({"timeIntervals", "timeRange"})
"""What LinkedIn names where it does not take the days."""


@dataclass(frozen=True)
class Ask:
    """One request to be made."""

    parent: Parent
    start: Day
    end: Day
    columns: Mapping[str, str]
    """What else it asks with, by the column that shows it."""

    dead: Mapping[str, Any] = field(default_factory=dict)
    """What the state holds of this window where earlier runs got no answer."""

    @property
    def context(self) -> dict[str, Any]:
        """All that parameters and columns may take from the request."""
        times = {
            "start": text_of(self.start),
            "end": text_of(self.end),
            "start_ms": ms_of(self.start),
            "end_ms": ms_of(self.end),
        }
        return {**self.parent, **self.columns, **times}

    @property
    def days(self) -> str:
        """What it asks about, in words."""
        return f"the days from {self.start.to_date_string()} to {self.end.to_date_string()}"

    @property
    def names(self) -> dict[str, Any]:
        """What tells this window from others of its organization, for the state."""
        post = {"post": self.parent["post"]} if "post" in self.parent else {}
        return {**post, **self.columns, "start": self.start.to_date_string(), "end": self.end.to_date_string()}


class TimeWindows(Finder):
    """Analytics of organizations, asked for window by window."""

    paging = "none"
    key_is_of = "figures"

    dimension_types: ClassVar[Sequence[str]] = ()
    """Each window is asked for once for each of these; none asks once."""

    measures: ClassVar[Sequence[str]] = ()
    """The figures of a row, as dotted columns; none stands for all columns that are numbers."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._held: dict[str, Day] = {}
        self._dropped: set[tuple[str, str]] = set()
        """Columns and values that LinkedIn does not take."""
        properties = self.schema["properties"]
        numbers = [name for name in properties if {"number", "integer"} & set(properties[name]["type"])]
        self._measures = self.measures or numbers

    def pages(self, parents: Parents) -> Iterator[Page]:
        for organization in parents:
            with self.skipping(organization):
                yield from self.connection.map(self.ask_for, self.asks(organization))
                yield Page(settle=partial(self.move_bookmark, organization))

    def asks(self, parent: Parent) -> Iterator[Ask]:
        """What to ask for one parent: the windows that got no answer on earlier runs, then those due."""
        start, end = self.reach(parent), self.today
        yield from self._dead(parent, before=start)
        for window_start, window_end in self.windows(start, end):
            for columns in self.columns():
                yield Ask(parent, window_start, window_end, columns)

    def reach(self, parent: Parent) -> Day:
        """The first day to ask about."""
        bookmark = self.bookmark(parent)
        if bookmark is None:
            return self.start.start_of("day") if self.start else self.today.subtract(days=_FIRST_REACH)
        return self.not_before_start(bookmark.subtract(days=self.config["analytics_lookback_days"]))

    def windows(self, start: Day, end: Day) -> Iterator[tuple[Day, Day]]:
        """Cut the days from `start` up to `end`, which is left out, into windows."""
        while start < end:
            window_end = min(start.add(days=_LONGEST_WINDOW), end)
            yield start, window_end
            start = window_end

    @property
    def today(self) -> Day:
        return self.connection.began.start_of("day")

    def not_before_start(self, day: Day) -> Day:
        """The day, or the setting `start_date` where that is later."""
        return max(day, self.start.start_of("day")) if self.start else day

    def bookmark(self, parent: Parent) -> Day | None:
        """Up to which day all has been emitted for an organization."""
        text = None if self.is_full_table else self.state_of(parent).get("replication_key_value")
        return day_of(text) if text else None

    def move_bookmark(self, organization: Parent) -> None:
        """Set the bookmark to today, or before the first window whose answer was withheld; never back."""
        state = self.state_of(organization)
        reached = min(self.today, self._held.pop(organization["organization"], self.today))
        state["replication_key"] = self.replication_key
        state["replication_key_value"] = max(text_of(reached), state.get("replication_key_value", ""))

    def columns(self) -> Sequence[Mapping[str, str]]:
        """What else each window is asked for with, by the column that shows it."""
        return [{"dimension_type": dimension_type} for dimension_type in self.dimension_types] or [{}]

    def ask_for(self, ask: Ask) -> Page:
        """What LinkedIn answers to one request."""
        if self._dropped & ask.columns.items():
            return Page()
        params = self.request_params(ask.context)
        try:
            body = self.fetch(self.resource, restli.query({"q": self.finder, **params}))
        except ServerFault as fault:
            if fault.status != 500:
                raise
            return Page(settle=partial(self._note_dead, ask, str(fault)))
        except BadRequest as refusal:
            if ask.columns and not refusal.named & _TIME:
                return self._drop(ask, refusal)
            raise (self._with_days(ask, refusal) if ask.start < ask.end else refusal) from None
        return self._page(ask, body, params)

    def _with_days(self, ask: Ask, refusal: BadRequest) -> BadRequest:
        msg = (
            f"{refusal} It was asked for {ask.days} of organization {urns.key(ask.parent['organization'])}: set "
            f"start_date to a later day, or have stream_options ask otherwise for {self.name}."
        )
        return BadRequest(msg, refusal.named)

    def to_blame(self, ask: Ask, refusal: BadRequest) -> tuple[str, str]:
        """The column, and its value, that LinkedIn does not take."""
        return "dimension_type", ask.columns["dimension_type"]

    def _drop(self, ask: Ask, refusal: BadRequest) -> Page:
        """Ask no more, in this run, for what LinkedIn does not take: which dimensions it has is not all documented."""
        blamed = self.to_blame(ask, refusal)
        if blamed not in self._dropped:
            self._dropped.add(blamed)
            self.skip(blamed[1], refusal)
        return Page()

    def _page(self, ask: Ask, body: Body, params: Mapping[str, Any]) -> Page:
        intervals = params.get("timeIntervals") or {}
        context = {
            **{snake(name): value for name, value in params.items()},
            **ask.context,
            "granularity": intervals.get("timeGranularityType"),
            "source_type": params.get("sourceType") or "ALL",
            "snapshot_date": self.today.to_date_string(),
        }
        keys = self.new_keys()
        if "start" in self.sources:
            # Each of several figures tells its own days; the days asked about would be the same for all of them.
            context = {name: value for name, value in context.items() if name not in ("start", "end")}
        found = [row for element in responses.elements(body) if (row := self.row(element, context, keys))]
        rows = [row for row in found if row.get("start", "") is not None]
        figures = [dig(row, name) for row in rows for name in self._measures]
        if body.get("metadata") and figures.count(None) < len(figures) and not any(figures):
            return self.withheld(ask, body["metadata"])
        if len(rows) < len(found):
            why = f"LinkedIn does not say of which days {len(found) - len(rows)} of the figures are."
            return Page(rows, settle=partial(self._note_dead, ask, why))
        return Page(rows, settle=partial(self._forget_dead, ask))

    def _dead(self, parent: Parent, before: Day) -> Iterator[Ask]:
        """Windows without an answer so far, as far as those due do not cover them."""
        for dead in list(self.state_of(parent).get("dead_windows", [])):
            if dead.get("post") != parent.get("post"):
                continue
            start, end = day_of(dead["start"]), min(day_of(dead["end"]), before)
            columns = {name: dead[name] for name in ("dimension_type",) if name in dead}
            ask = Ask(parent, start, end, columns, dead)
            if start < end:
                yield ask
            else:
                self._forget_dead(ask)

    def _note_dead(self, ask: Ask, why: str) -> None:
        self.keep_dead(ask)
        later = "asked for again on the next run" if _is_asked_again(ask) else "not asked for again"
        self.skip(f"{ask.days}, {later}", why)

    def keep_dead(self, ask: Ask) -> None:
        """Keep a window without an answer in the state, unless this was the last of its runs."""
        self._forget_dead(ask)
        if _is_asked_again(ask):
            dead = {**ask.names, "runs": ask.dead.get("runs", 0) + 1}
            self.state_of(ask.parent).setdefault("dead_windows", []).append(dead)

    def _forget_dead(self, ask: Ask) -> None:
        if ask.dead:
            self.state_of(ask.parent)["dead_windows"].remove(ask.dead)

    def withheld(self, ask: Ask, metadata: object) -> Page:
        """What leaves of an answer that tells nothing since the privacy budget is spent."""
        return Page(settle=partial(self._note_withheld, ask, metadata))

    def _note_withheld(self, ask: Ask, metadata: object) -> None:
        organization = ask.parent["organization"]
        if not ask.dead:
            self._held[organization] = min(ask.start, self._held.get(organization, ask.start))
        self.skip(
            ask.days,
            f"LinkedIn withholds them, since the privacy budget is spent: {dated(metadata)}. They are not stored, "
            "and asked for again on the next run.",
        )


class Months(TimeWindows):
    """Analytics whose answer sums up the days asked about, so that a window is a month of the calendar.

    The running month ends today; it and the one before are asked for again on every run.
    """

    def reach(self, parent: Parent) -> Day:
        bookmark = self.bookmark(parent)
        reach = super().reach(parent) if bookmark is None else bookmark.start_of("month").subtract(months=1)
        return self.not_before_start(reach).start_of("month")

    def windows(self, start: Day, end: Day) -> Iterator[tuple[Day, Day]]:
        while start < end:
            month_end = min(start.add(months=1), end)
            yield start, month_end
            start = month_end


class Today(TimeWindows):
    """Analytics as they stand now, whatever days are asked about; the day of the run is part of the key.

    What got no answer today cannot be asked for tomorrow, so the state keeps nothing of it.
    """

    appends = True

    def pages(self, parents: Parents) -> Iterator[Page]:
        for organization in parents:
            with self.skipping(organization):
                today = (Ask(organization, self.today, self.today, columns) for columns in self.columns())
                yield from self.connection.map(self.ask_for, today)


def _is_asked_again(ask: Ask) -> bool:
    return ask.start < ask.end and int(ask.dead.get("runs", 0)) + 1 < _RUNS_FOR_A_DEAD_WINDOW
