"""Analytics of posts: day by day, and totals over a post's life."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.rows.conversion import parse_ms
from tap_linkedin_dma.streams.analytics.metrics import Day, day_at, day_of
from tap_linkedin_dma.streams.analytics.post_schedule import LONGEST_STEP, PostSchedule
from tap_linkedin_dma.streams.analytics.time_windows import TimeWindows, WindowRequest
from tap_linkedin_dma.streams.feed.coverage import CoversPosts, PostScan, strip_prefix
from tap_linkedin_dma.streams.feed.per_post import OneRequestPerPost
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PostTimeWindows(TimeWindows, CoversPosts):
    """Analytics of posts, each from the day it was published, and as often as its age asks for.

    A post younger than a day waits for a later run.
    """

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self.schedule = PostSchedule(self)
        self._withheld: set[str] = set()
        """Posts of whose days LinkedIn withholds figures."""

        self._refused: defaultdict[str, list[Context]] = defaultdict(list)
        """Posts that LinkedIn refuses to show, by organization."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        self.schedule.note_counts(contexts)
        asked = [ask for post in contexts for ask in self.requests(post)]
        self.run_context.progress.plan(self.name, calls=len(asked))
        yield from self.run_context.workers.map(self.read_window, asked)

    def requests(self, context: Context) -> Iterator[WindowRequest]:
        if self.coverage.must_cover(context):
            yield from super().requests(context)

    def first_day(self, context: Context) -> Day:
        when = context["post_published_at"]
        a_day_ago = int(self.run_context.started_at.subtract(days=1).timestamp() * 1000)
        if not when or parse_ms(when) > a_day_ago or not self.schedule.is_due(context):
            return self.last_day(context)
        read_to = self._read_to(context)
        if read_to is None:
            return self.not_before_start(day_of(when))
        return max(day_of(when), self.not_before_start(read_to.subtract(days=self.config["analytics_lookback_days"])))

    def last_day(self, context: Context) -> Day:
        return day_at(self.schedule.end(context))

    def also_owed(self, organization: Context) -> Iterable[str]:
        """The posts with a window that has no answer so far, or that left with days to read: however old they are."""
        failed = self.state_of(organization).get("dead_windows", ())
        return [
            *(strip_prefix(window["post"]) for window in failed if "post" in window),
            *self.schedule.leaving(organization),
        ]

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        super().on_scan_finished(organization, scan)
        for post in self._refused.pop(organization["organization"], ()):
            self.schedule.record(post)
        self.advance_bookmark(organization)
        self.schedule.on_scan_finished(organization, scan)

    def read_window(self, ask: WindowRequest) -> RecordBatch:
        organization = ask.context["organization"]
        if organization not in self.refused_organizations:
            with self.skip_refused_post(ask.context):
                return super().read_window(ask).also_commit(partial(self._note_read, ask))
        # Nothing is recorded of a refused organization: the next run reads all that is due anyway.
        return (
            RecordBatch()
            if organization in self.refused_organizations
            else RecordBatch(commit=partial(self._note_refused, ask))
        )

    def most_runs(self, ask: WindowRequest) -> int:
        """More if the look-back of the next runs does not repeat the days, and this is not the first of the post."""
        published = ask.context["post_published_at"]
        is_first = not published or ask.start <= day_of(published)
        is_repeated = (ask.end - ask.start).days <= self.config["analytics_lookback_days"] + 1
        return super().most_runs(ask) if is_first or is_repeated else LONGEST_STEP

    def withheld(self, ask: WindowRequest, metadata: object) -> RecordBatch:
        if not ask.failed_window:
            self._withheld.add(ask.context["post"])
        return super().withheld(ask, metadata)

    def _read_to(self, post: Context) -> Day | None:
        """The day up to which a post has been read; earlier releases kept one for all posts of an organization."""
        number = self.schedule.read_to(post)
        if number is not None:
            return day_at(number)
        return None if self.schedule.knows(post) else self.bookmark(post)

    def _note_read(self, ask: WindowRequest) -> None:
        is_last = not ask.failed_window and ask.end == self.last_day(ask.context)
        if is_last and ask.context["post"] not in self._withheld:
            self.schedule.record(ask.context)

    def _note_refused(self, ask: WindowRequest) -> None:
        self.keep_failed(ask)
        if not ask.failed_window:
            self._refused[ask.context["organization"]].append(ask.context)


class PostTotals(OneRequestPerPost, TimeWindows):
    """Totals over a post's life; requested again while the post is young.

    A post whose figures LinkedIn withholds is requested again on the next run, however old it is.
    """

    window = "analytics_lookback_days"

    metric_types: ClassVar[Sequence[str]] = ()
    """Each dimension is requested once for each of these; if empty, just once."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._withheld: set[str] = set()

    @property
    def calls_per_post(self) -> int:
        return len(self.columns())

    def read_post(self, post: Context) -> RecordBatch:
        pages = []
        for columns in self.columns():
            pages.append(self.read_window(WindowRequest(post, self.today, self.today, columns)))
            if post["post"] in self._withheld:
                break
        rows = [row for batch in pages for row in batch.records]
        return RecordBatch(rows, commit=partial(self._settle, post, pages), owe=partial(self.coverage.owe, post))

    def columns(self) -> Sequence[Mapping[str, str]]:
        metrics = [{"type": metric_type} for metric_type in self.metric_types] or [{}]
        dimensions = super().columns()
        return [{**metric, **dimension} for metric in metrics for dimension in dimensions]

    def rejected_value(self, ask: WindowRequest, refusal: BadRequest) -> tuple[str, str]:
        if "metricType" in refusal.named and "dimensionType" not in refusal.named:
            return "type", ask.columns["type"]
        return super().rejected_value(ask, refusal)

    def withheld(self, ask: WindowRequest, metadata: object) -> RecordBatch:
        self._withheld.add(ask.context["post"])
        return super().withheld(ask, metadata)

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        """End the scan, unless LinkedIn withholds figures: then the next run resumes with the posts not done."""
        if not self._withheld & scan.times.keys():
            super().on_scan_finished(organization, scan)

    def _note_failed(self, ask: WindowRequest, why: str) -> None:
        self.coverage.owe(ask.context)
        what = f"{self.called(ask.context)}, requested again on the next run"
        self.skip(what, why, ask.context["organization"])

    def _settle(self, post: Context, pages: Sequence[RecordBatch]) -> None:
        if post["post"] not in self._withheld:
            self.mark_done(post)
        # Last, since the commits of the windows may owe the post again.
        for batch in pages:
            if batch.commit:
                batch.commit()
