"""Streams that query each recent post on every run, because LinkedIn offers no sign of change for them.

Posts of the stream's window are queried once on every run. Until a scan of the posts has ended, the state keeps
those already queried, so a run that was interrupted resumes with the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import BadRequest, DmaError, ServerFault
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.streams.feed.coverage import CoversPosts, PostScan, strip_prefix
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PerPostStream(CoversPosts):
    """A stream that queries each post of its window."""

    content_kinds: ClassVar[Collection[str]] = ()
    """The kinds of content that a post must have to be queried; empty for any."""

    def is_due(self, post: Context) -> bool:
        """Whether a post is to be queried on this run."""
        return (
            self.coverage.must_cover(post)
            and (
                self.coverage.owed_since(post) is not None
                or strip_prefix(post["post"]) not in self.state_of(post).get("asked", {})
            )
            and (not self.content_kinds or post["post_content_kind"] in self.content_kinds)
        )

    def mark_done(self, post: Context) -> None:
        """Record that LinkedIn's whole answer about a post has been emitted."""
        self.coverage.has_paid(post)
        self.state_of(post).setdefault("asked", {})[strip_prefix(post["post"])] = True

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        super().on_scan_finished(organization, scan)
        self.state_of(organization).pop("asked", None)


class OneRequestPerPost(PerPostStream):
    """A stream that makes requests for one post at a time."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._refusal: DmaError | None = None
        """LinkedIn's error if it does not accept the request, whichever post it is for."""

    def read_post(self, post: Context) -> RecordBatch:
        """Read LinkedIn's answer about one post."""
        raise NotImplementedError

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        due = iter([post for post in contexts if self.is_due(post)])
        for post in due:
            # One by one until LinkedIn has answered, since the first refusal may hold for all the others.
            yield self._page_of(post)
            if self.refusals.has_answers:
                break
        yield from self.run_context.workers.map(self._page_of, due)
        if self._refusal:
            self.skip_organization(contexts.items[0], self._refusal)

    def should_give_up(self, organization: str, refusal: DmaError) -> bool:
        if isinstance(refusal, BadRequest) and not self.refusals.has_answers:
            self._refusal = refusal
        return self._refusal is not None or super().should_give_up(organization, refusal)

    def _page_of(self, post: Context) -> RecordBatch:
        if self._refusal or post["organization"] in self.refused_organizations:
            return RecordBatch()
        try:
            with self.skip_refused_post(post):
                return self.read_post(post)
        except ServerFault as fault:
            if fault.status != 500:
                raise
            self.skip(f"a post of organization {urns.key(post['organization'])}, for now", fault)
            return RecordBatch(commit=partial(self.coverage.owe, post))
        return RecordBatch()


class PostFinder(OneRequestPerPost, Finder):
    """The elements that a finder lists for each post, page by page."""

    def read_post(self, post: Context) -> RecordBatch:
        keys = self.row_builder.new_keys()
        rows = [
            row
            for context in self.requests_for(post)
            for elements in self.elements(context)
            for row in self.batch(context, elements, keys).records
        ]
        return RecordBatch(rows, commit=partial(self.mark_done, post), owe=partial(self.coverage.owe, post))

    def requests_for(self, post: Context) -> Iterator[Context]:
        """The contexts of the requests that one post takes; each is requested before the next one is asked for."""
        yield {**post, "target_entity": post["post"]}
