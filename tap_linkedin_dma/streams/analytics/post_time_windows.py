"""Analytics of posts: day by day, and totals over a post's life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.rows.conversion import parse_ms
from tap_linkedin_dma.streams.analytics.metrics import Day, day_of
from tap_linkedin_dma.streams.analytics.time_windows import TimeWindows, WindowRequest
from tap_linkedin_dma.streams.feed.coverage import CoversPosts, PostScan, strip_prefix
from tap_linkedin_dma.streams.feed.per_post import OneRequestPerPost
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PostTimeWindows(TimeWindows, CoversPosts):
    """Analytics of posts, each from the day it was published; a post younger than a day waits for a later run."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        asked = [ask for post in contexts for ask in self.requests(post)]
        self.run_context.progress.plan(self.name, calls=len(asked))
        yield from self.run_context.workers.map(self.read_window, asked)

    def first_day(self, context: Context) -> Day:
        when = context["post_published_at"]
        if not when or parse_ms(when) > int(self.run_context.started_at.subtract(days=1).timestamp() * 1000):
            return self.today
        published = day_of(when)
        if self.bookmark(context) is None:
            return self.not_before_start(published)
        return max(published, super().first_day(context))

    def also_owed(self, organization: Context) -> Iterable[str]:
        """The posts with a window that has no answer so far: it is requested however old the post has become."""
        failed = self.state_of(organization).get("dead_windows", ())
        return [strip_prefix(window["post"]) for window in failed if "post" in window]

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        super().on_scan_finished(organization, scan)
        self.advance_bookmark(organization)

    def read_window(self, ask: WindowRequest) -> RecordBatch:
        organization = ask.context["organization"]
        if organization not in self.refused_organizations:
            with self.skip_refused_post(ask.context):
                return super().read_window(ask)
        # The bookmark of a refused organization does not move: the next run reads all of its posts anyway.
        return (
            RecordBatch()
            if organization in self.refused_organizations
            else RecordBatch(commit=partial(self.keep_failed, ask))
        )


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
