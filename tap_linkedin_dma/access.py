"""The ways of reading: one base class for each, so that a stream is attributes only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar, Literal

from tap_linkedin_dma import answers
from tap_linkedin_dma.answers import Body
from tap_linkedin_dma.asking import Parent
from tap_linkedin_dma.errors import BadRequest
from tap_linkedin_dma.paginators import Detect, OnePage, PaginationCursor, Paginator, StartCount
from tap_linkedin_dma.row_keys import RowKeys
from tap_linkedin_dma.rows import Entity
from tap_linkedin_dma.stream import Page, PagedStream, Parents

_DEFAULT_COUNT = 100


class Get(PagedStream):
    """One entity that has an address of its own."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        for parent in parents:
            with self.skipping(parent):
                row = self.row(self.fetch(self.resource), parent)
                yield Page([row] if row else [])


class Finder(PagedStream):
    """The elements that a finder lists for each parent."""

    finder: ClassVar[str]
    """The finder's name, the `q` of the query."""

    paging: ClassVar[Literal["none", "cursor", "offset", "detect"]] = "detect"
    """How the listing is paged; `detect` tells it from the first answer."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        for parent in parents:
            with self.skipping(parent):
                yield from self.again(partial(self._pages_of, parent))

    def _pages_of(self, parent: Parent) -> Iterator[Page]:
        keys = self.new_keys()
        for elements in self.elements(parent):
            yield self.page(parent, elements, keys)

    def page(self, parent: Parent, elements: Sequence[Entity], keys: RowKeys) -> Page:
        """What leaves of one page of a listing."""
        context = {**parent, "snapshot_date": self.connection.began.to_date_string()}
        rows = (self.row(element, context, keys) for element in elements)
        return Page([row for row in rows if row is not None])

    def elements(self, parent: Parent) -> Iterator[Sequence[Entity]]:
        """The listing for one parent, a page at a time."""
        walk = self._walk_of(parent)
        try:
            first = next(walk)
        except BadRequest as refused:
            if not self.guess_again(refused):
                raise
            yield from self.elements(parent)
        else:
            yield answers.elements(first)
            yield from map(answers.elements, walk)

    def _walk_of(self, parent: Parent) -> Iterator[Body]:
        params = {"q": self.finder, **self.request_params(parent)}
        return self.walk(self.resource, params, self.new_listing(self.resource))

    def new_listing(self, resource: str) -> Paginator:
        """The paginator of one walk."""
        url = f"{self.url_base}/{resource}"
        styles: Mapping[str, Callable[[], Paginator]] = {
            "none": OnePage,
            "cursor": partial(PaginationCursor, self.wanted_page_size),
            "offset": partial(StartCount, self.wanted_page_size or _DEFAULT_COUNT, url),
            "detect": partial(Detect, url),
        }
        return styles[self.paging]()


class FindThenBatchGet(Finder):
    """Elements that the feed finder lists by their URN, each then read whole by BATCH_GET.

    The feed finder gives the URN of an element and nothing else, newest first, and answers once a
    minute; the resources behind the URNs have no such limit.
    """

    feed: ClassVar[str] = "dmaFeedContentsExternal"
    paging = "cursor"
    page_size = 1000

    batch_params: ClassVar[Mapping[str, object]] = {}
    """Parameters of the BATCH_GET beside its ids."""

    def listed(self, parent: Parent) -> Iterator[Sequence[Entity]]:
        """The elements listed for one parent, a page at a time; an empty page counts as one."""
        params = self.request_params(parent)
        params = {name: value for name, value in params.items() if name not in self.batch_params}
        for body in self.walk(self.feed, {"q": self.finder, **params}, self.new_listing(self.feed)):
            yield answers.elements(body)

    def read(self, elements: Sequence[Entity]) -> dict[str, Entity]:
        """The entities behind listed elements, by URN, in this order; see `batch_get`.

        Whatever the listing says of an element beside its URN stays with its entity.
        """
        beside = {element["id"]: _less_id(element) for element in elements if isinstance(element.get("id"), str)}
        params = {name: self.options.get(name, value) for name, value in self.batch_params.items()}
        entities = self.batch_get(self.resource, beside, **params)
        return {urn: {**beside[urn], **entity} for urn, entity in entities.items()}


def _less_id(element: Entity) -> Entity:
    return {name: value for name, value in element.items() if name != "id"}
