"""The ways of reading: one base class for each, so that a stream is attributes only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import ClassVar, Literal, cast

from tap_linkedin_dma.api import responses, restli
from tap_linkedin_dma.api.json_paths import Entity, dig
from tap_linkedin_dma.api.pagination import Detect, OnePage, PaginationCursor, Paginator, SideBySide, StartCount
from tap_linkedin_dma.api.responses import Body
from tap_linkedin_dma.api.results import Elements, Entities
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.stream_types.base import PagedStream
from tap_linkedin_dma.sync.batches import Page, Parent, Parents

_DEFAULT_COUNT = 100


class Get(PagedStream):
    """One entity that has an address of its own."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        for parent in parents:
            with self.skipping(parent):
                row = self.row(self.asking(partial(self._entity, parent)), parent)
                yield Page([row] if row else [])

    def _entity(self, parent: Parent) -> Entity:
        path, params = self.address(self.request_params(parent))
        return self.fetch(path, restli.query(params))


class Finder(PagedStream):
    """The elements that a finder lists for each parent."""

    finder: ClassVar[str | None]

    paging: ClassVar[Literal["none", "cursor", "offset", "detect"]] = "detect"
    """How the listing is paged; `detect` tells it from the first answer."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        for parent in parents:
            with self.skipping(parent):
                checkpoint = self.checkpoint(parent)
                if not checkpoint.is_done:
                    yield from self.again(partial(self._pages_of, parent, checkpoint), checkpoint)

    def _pages_of(self, parent: Parent, checkpoint: Checkpoint) -> Iterator[Page]:
        keys = self.new_keys(parent)
        keys.remember(checkpoint.place.get("keys", {}))
        rows = checkpoint.place.get("rows", 0)
        for elements in self.elements({**parent, "cursor": checkpoint.cursor}):
            page = self.page(parent, elements, keys)
            rows += len(elements)
            now = self.connection.clock.now()
            yield page.then(partial(checkpoint.move, elements.cursor, now, rows, keys=dict(keys.memory)))

    def page(self, parent: Parent, elements: Sequence[Entity], keys: RowKeys) -> Page:
        """What leaves of one page of a listing."""
        context = {**parent, "snapshot_date": self.connection.began.to_date_string()}
        rows = [row for element in elements if (row := self.row(element, context, keys)) is not None]
        told = [(self.told(row, parent), row) for row in rows] if self.children else []
        return Page(rows, [(child, row) for child, row in told if child is not None])

    def told(self, row: Row, parent: Parent) -> Parent | None:
        """What children are told of a row; None where there is nothing to ask with."""
        return None

    def elements(self, parent: Parent) -> Iterator[Elements]:
        """The listing for one parent, a page at a time; from `cursor` on, where the parent has one."""
        first, more = self.asking(partial(self.begin, parent), parent)
        yield first
        yield from more

    def begin(self, parent: Parent) -> tuple[Elements, Iterator[Elements]]:
        """The first page of the listing for one parent, and the others to come."""
        path, params = self.address({"q": self.finder, **self.request_params(parent)})
        walk = self._elements(path, params, self.new_listing(path), parent.get("cursor"))
        return next(walk), walk

    def _elements(
        self, path: str, params: Mapping[str, object], paginator: Paginator, cursor: str | None
    ) -> Iterator[Elements]:
        if cursor:
            paginator.go_to(cursor)
        for body in self.walk(path, params, paginator):
            yield Elements(body, paginator.cursor)

    def new_listing(self, path: str) -> Paginator:
        """The paginator of one walk."""
        url = f"{self.url_base}/{path}"
        styles: Mapping[str, Callable[[], Paginator]] = {
            "none": OnePage,
            "cursor": partial(PaginationCursor, self.wanted_page_size),
            "offset": partial(StartCount, self.wanted_page_size or _DEFAULT_COUNT, url),
            "detect": partial(Detect, url, self.wanted_page_size),
        }
        return styles[self.paging]()


class GetAll(Finder):
    """All that a resource has, a page at a time."""

    finder = None
    paging = "offset"


class BatchFinder(PagedStream):
    """The elements that one request finds for several criteria, a listing for each.

    Of `params`, those that are lists hold the criteria, one for each parent; the lists of all parents are
    asked with at once. Each listing can fail by itself, which is a warning.
    """

    finder: ClassVar[str]
    """The finder's name, the `bq` of the query."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        with self.skipping({}):
            yield from self._pages_of(parents)

    def criteria(self, parents: Parents, params: Mapping[str, object]) -> Sequence[Parent]:
        """What is known of each criterion, in the order in which they are asked with."""
        return parents.items

    def _pages_of(self, parents: Parents) -> Iterator[Page]:
        params, first, more = self.asking(partial(self.begin, parents))
        criteria = [(criterion, self.new_keys()) for criterion in self.criteria(parents, params)]
        for body in chain([first], more):
            yield self._page(responses.elements(body), criteria)

    def begin(self, parents: Parents) -> tuple[Mapping[str, object], Body, Iterator[Body]]:
        path, params = self.address({"bq": self.finder, **self._params(parents)})
        walk = self.walk(path, params, SideBySide(self.wanted_page_size))
        return params, next(walk), walk

    def _page(self, listings: Sequence[Body], criteria: Sequence[tuple[Parent, RowKeys]]) -> Page:
        if len(listings) < len(criteria):
            self.skip(f"{len(criteria) - len(listings)} of the criteria", "LinkedIn gave no answer for them.")
        rows = [
            self.row(element, criterion, keys)
            for (criterion, keys), listing in zip(criteria, listings, strict=False)
            for element in self._elements(listing)
        ]
        return Page([row for row in rows if row])

    def _params(self, parents: Parents) -> Mapping[str, object]:
        asked = [self.request_params(parent) for parent in parents]
        joined = dict(asked[0])
        for name, value in joined.items():
            if isinstance(value, list) and name not in self.options:
                joined[name] = [criterion for params in asked for criterion in cast("list[object]", params[name])]
        return joined

    def _elements(self, listing: Body) -> Sequence[Entity]:
        error = listing.get("error")
        if error or listing.get("isError"):
            status = dig(error, "status")
            self.skip("one of the criteria", f"LinkedIn refused it ({status or 'no status'}).")
        elif not isinstance(listing.get("elements"), list):
            self.skip("one of the criteria", "LinkedIn gave no listing for it.")
        return [element for element in listing.get("elements") or [] if isinstance(element, Mapping)]


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

    def listed(self, parent: Parent) -> Iterator[Elements]:
        """The elements listed for one parent, a page at a time; an empty page counts as one."""
        params = {name: value for name, value in self.request_params(parent).items() if name not in self.batch_params}
        params = {"q": self.finder, **params}
        yield from self._elements(self.feed, params, self.new_listing(self.feed), parent.get("cursor"))

    def read(self, elements: Sequence[Entity]) -> Entities:
        """The entities behind listed elements, by URN, in this order; see `batch_get`.

        Whatever the listing says of an element beside its URN stays with its entity.
        """
        beside = {element["id"]: _less_id(element) for element in elements if isinstance(element.get("id"), str)}
        params = {name: self.options.get(name, value) for name, value in self.batch_params.items()}
        entities = self.batch_get(self.resource, beside, **params)
        entities.update({urn: {**beside[urn], **entity} for urn, entity in entities.items()})
        return entities


def _less_id(element: Entity) -> Entity:
    return {name: value for name, value in element.items() if name != "id"}
