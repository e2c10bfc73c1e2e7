"""What is asked for each post, since nothing tells beforehand whether it has changed.

Posts of the stream's window are asked about once on every run. While a walk over the posts has not ended
the state keeps those that were, so a run that is cut goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import BadRequest, DmaError, ServerFault
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.streams.feed.coverage import OverPosts, Walk, short
from tap_linkedin_dma.sync.batches import Page, Parent, Parents
from tap_linkedin_dma.sync.run_context import Connection

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class EachPost(OverPosts):
    """A stream that asks about each post of its window."""

    content_kinds: ClassVar[Collection[str]] = ()
    """The kinds of content that a post must have to be asked about; none stands for any."""

    def is_due(self, post: Parent) -> bool:
        """Whether a post is to be asked about on this run."""
        return (
            self.must_cover(post)
            and (self.owed_since(post) is not None or short(post["post"]) not in self.state_of(post).get("asked", {}))
            and (not self.content_kinds or post["post_content_kind"] in self.content_kinds)
        )

    def note_asked(self, post: Parent) -> None:
        """Take note that all LinkedIn answered about a post has left."""
        self.has_paid(post)
        self.state_of(post).setdefault("asked", {})[short(post["post"])] = True

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        super().end_of_posts(organization, walk)
        self.state_of(organization).pop("asked", None)


class AskedAlone(EachPost):
    """A stream that asks about a post by requests of its own."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._refusal: DmaError | None = None
        """What LinkedIn said where it does not take the request, whatever post it is about."""

    def ask(self, post: Parent) -> Page:
        """What LinkedIn answers about one post."""
        raise NotImplementedError

    def pages(self, parents: Parents) -> Iterator[Page]:
        due = iter([post for post in parents if self.is_due(post)])
        for post in due:
            # One by one until LinkedIn has answered, since a first refusal may tell of all the others.
            yield self._page_of(post)
            if self._answered:
                break
        yield from self.connection.map(self._page_of, due)
        if self._refusal:
            self.give_up(parents.items[0], self._refusal)

    def is_hopeless(self, organization: str, refusal: DmaError) -> bool:
        if isinstance(refusal, BadRequest) and not self._answered:
            self._refusal = refusal
        return self._refusal is not None or super().is_hopeless(organization, refusal)

    def _page_of(self, post: Parent) -> Page:
        if self._refusal or post["organization"] in self.refused:
            return Page()
        try:
            with self.skipping_post(post):
                return self.ask(post)
        except ServerFault as fault:
            if fault.status != 500:
                raise
            self.skip(f"a post of organization {urns.key(post['organization'])}, for now", fault)
            return Page(settle=partial(self.owe, post))
        return Page()


class PostFinder(AskedAlone, Finder):
    """What a finder lists for each post, page by page."""

    def ask(self, post: Parent) -> Page:
        keys = self.new_keys()
        context = {**post, "target_entity": post["post"]}
        pages = [self.page(context, elements, keys) for elements in self.elements(context)]
        rows = [row for page in pages for row in page.rows]
        return Page(rows, settle=partial(self.note_asked, post), owe=partial(self.owe, post))
