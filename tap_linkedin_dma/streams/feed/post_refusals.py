"""Posts that LinkedIn refuses to show to a stream: skipped one by one, and soon with all others of the organization."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.refusals import RefusalCounter
from tap_linkedin_dma.sync.batches import Context

_REFUSALS_TO_GIVE_UP = 3


class PostRefusals(RefusalCounter):
    """Skips the posts that LinkedIn refuses to show to a stream.

    After several refusals before any answer, the organization is skipped: a request for each post, once a minute,
    would take hours.

    Args:
        stream: the stream.
        entity_column: the column of a context with the entity that is requested: a post, or a comment on one.
    """

    def __init__(self, stream: DmaStream, entity_column: str = "post") -> None:
        super().__init__(_REFUSALS_TO_GIVE_UP)
        self._stream = stream
        self._on = "" if entity_column == "post" else "a comment on "

    @contextmanager
    def skip_refused(self, post: Context) -> Iterator[None]:
        """Skip a post that is refused, with a warning, and continue; without one if LinkedIn hides the post."""
        organization, stream = post["organization"], self._stream
        try:
            yield
        except stream.skippable_errors as refusal:
            if self.should_give_up(organization, refusal):
                stream.skip_organization(post, refusal)
            elif post.get("is_shown", True):
                stream.skip(self.called(post), self.sentence(organization, refusal, "posts"))
            else:
                stream.note_missing()
        else:
            self.note_answer(organization)

    def called(self, post: Context) -> str:
        """The name of a post, or of the comments on it, in the log."""
        return f"{self._on}the post {post['post']} of organization {urns.key(post['organization'])}"

    def should_give_up(self, organization: str, refusal: DmaError) -> bool:
        """Count a refusal; returns whether to skip the organization."""
        return self.is_enough(organization)
