"""Analytics of posts: day by day, and summed up over a post's life."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.rows.conversion import milliseconds
from tap_linkedin_dma.streams.analytics.metrics import Day, day_of
from tap_linkedin_dma.streams.analytics.time_windows import Ask, TimeWindows
from tap_linkedin_dma.streams.feed.coverage import OverPosts, Walk, short
from tap_linkedin_dma.streams.feed.per_post import AskedAlone
from tap_linkedin_dma.sync.batches import Page, Parent, Parents
from tap_linkedin_dma.sync.run_context import Connection

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PostWindows(TimeWindows, OverPosts):
    """Analytics of posts, each from the day it was published; one that is younger than a day waits for a later run."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        yield from self.connection.map(self.ask_for, (ask for post in parents for ask in self.asks(post)))

    def reach(self, parent: Parent) -> Day:
        when = parent["post_published_at"]
        if not when or milliseconds(when) > int(self.connection.began.subtract(days=1).timestamp() * 1000):
            return self.today
        published = day_of(when)
        if self.bookmark(parent) is None:
            return self.not_before_start(published)
        return max(published, super().reach(parent))

    def owed_posts(self, organization: Parent) -> Collection[str]:
        """A window without an answer so far is asked about however old its post has become."""
        dead = (window["post"] for window in self.state_of(organization).get("dead_windows", ()) if "post" in window)
        return {*super().owed_posts(organization), *map(short, dead)}

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        super().end_of_posts(organization, walk)
        self.move_bookmark(organization)

    def ask_for(self, ask: Ask) -> Page:
        organization = ask.parent["organization"]
        if organization not in self.refused:
            with self.skipping_post(ask.parent):
                return super().ask_for(ask)
        # The bookmark of a refused organization does not move: the next run asks about all of its posts anyway.
        return Page() if organization in self.refused else Page(settle=partial(self.keep_dead, ask))


class PostSums(AskedAlone, TimeWindows):
    """Analytics that sum up a post's life; asked again while the post is young.

    A post whose figures LinkedIn withholds is asked about again on the next run, however old it is.
    """

    window = "analytics_lookback_days"

    metric_types: ClassVar[Sequence[str]] = ()
    """Each dimension is asked for once for each of these; none asks once."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._withheld: set[str] = set()

    def ask(self, post: Parent) -> Page:
        pages = []
        for columns in self.columns():
            pages.append(self.ask_for(Ask(post, self.today, self.today, columns)))
            if post["post"] in self._withheld:
                break
        rows = [row for page in pages for row in page.rows]
        return Page(rows, settle=partial(self._settle, post, pages), owe=partial(self.owe, post))

    def columns(self) -> Sequence[Mapping[str, str]]:
        metrics = [{"type": metric_type} for metric_type in self.metric_types] or [{}]
        dimensions = super().columns()
        return [{**metric, **dimension} for metric in metrics for dimension in dimensions]

    def to_blame(self, ask: Ask, refusal: BadRequest) -> tuple[str, str]:
        if "metricType" in refusal.named and "dimensionType" not in refusal.named:
            return "type", ask.columns["type"]
        return super().to_blame(ask, refusal)

    def withheld(self, ask: Ask, metadata: object) -> Page:
        self._withheld.add(ask.parent["post"])
        return super().withheld(ask, metadata)

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        """The walk counts as cut where LinkedIn withholds: the next run goes on with what was not told."""
        if not self._withheld & walk.times.keys():
            super().end_of_posts(organization, walk)

    def _note_dead(self, ask: Ask, why: str) -> None:
        self.owe(ask.parent)
        self.skip("figures of a post, asked for again on the next run", why)

    def _settle(self, post: Parent, pages: Sequence[Page]) -> None:
        if post["post"] not in self._withheld:
            self.note_asked(post)
        # What is owed anew counts.
        for page in pages:
            if page.settle:
                page.settle()
