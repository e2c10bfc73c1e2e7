"""Posts that are queried on every run, because LinkedIn offers no sign of change for what is requested.

Posts of the stream's window are queried once on every run. Until a scan of the posts has ended, the state keeps
those already queried, so a run that was interrupted resumes with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from tap_linkedin_dma.api.errors import BadRequest, DmaError, ServerFault
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams.feed.coverage import PostCoverage, PostScan, strip_prefix
from tap_linkedin_dma.streams.feed.post_refusals import PostRefusals
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch


class QueriedPosts(PostCoverage):
    """The posts of a stream's window that have been queried since the last scan of the posts ended."""

    def is_due(self, post: Context) -> bool:
        """Whether a post is to be queried on this run."""
        asked = self.stream.state_of(post).get("asked", {})
        return self.must_cover(post) and (self.owed_since(post) is not None or strip_prefix(post["post"]) not in asked)

    def mark_done(self, post: Context) -> None:
        """Record that LinkedIn's whole answer about a post has been emitted."""
        self.has_paid(post)
        self.stream.state_of(post).setdefault("asked", {})[strip_prefix(post["post"])] = True

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        super().on_scan_finished(organization, scan)
        self.stream.state_of(organization).pop("asked", None)


class OneRequestPerPost(PostRefusals):
    """Reads posts one by one until LinkedIn has answered about one, then several at once.

    Args:
        stream: the stream.
        coverage: owes a post whose request fails.
        read_post: reads LinkedIn's answer about one post.
    """

    def __init__(self, stream: DmaStream, coverage: PostCoverage, read_post: Callable[[Context], RecordBatch]) -> None:
        super().__init__(stream)
        self._coverage = coverage
        self._read_post = read_post
        self._refusal: DmaError | None = None
        """LinkedIn's error if it does not accept the request, whichever post it is for."""

    def read(
        self, contexts: ContextBatch, is_due: Callable[[Context], bool], calls_per_post: int = 1
    ) -> Iterator[RecordBatch]:
        """LinkedIn's answers about those posts of one organization that are due."""
        run_context = self._stream.run_context
        posts = [post for post in contexts if is_due(post)]
        run_context.progress.plan(self._stream.name, calls=len(posts) * calls_per_post)
        due = iter(posts)
        for post in due:
            # One by one until LinkedIn has answered, since the first refusal may hold for all the others.
            yield self._page_of(post)
            if self.has_answers:
                break
        yield from run_context.workers.map(self._page_of, due)
        if self._refusal:
            self._stream.skip_organization(contexts.items[0], self._refusal)

    def should_give_up(self, organization: str, refusal: DmaError) -> bool:
        if isinstance(refusal, BadRequest) and not self.has_answers:
            self._refusal = refusal
        return self._refusal is not None or super().should_give_up(organization, refusal)

    def _page_of(self, post: Context) -> RecordBatch:
        if self._refusal or post["organization"] in self._stream.refused_organizations:
            return RecordBatch()
        try:
            with self.skip_refused(post):
                return self._read_post(post)
        except ServerFault as fault:
            if fault.status != 500:
                raise
            self._stream.skip(f"{self.called(post)}, for now", fault)
            return RecordBatch(commit=partial(self._coverage.owe, post))
        return RecordBatch()
