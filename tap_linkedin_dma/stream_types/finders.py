"""Base classes for the ways of reading, one for each, so that a stream consists of attributes only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import ClassVar, Literal, cast

from tap_linkedin_dma.api import responses, restli
from tap_linkedin_dma.api.errors import NotFound
from tap_linkedin_dma.api.json_bodies import Body
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.pagination import (
    AutoPaginator,
    BatchFinderPaginator,
    OffsetPaginator,
    PaginationCursor,
    Paginator,
    SinglePage,
)
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch

_DEFAULT_COUNT = 100


class Get(DmaStream):
    """One entity with an address of its own."""

    may_be_absent: ClassVar[bool] = False
    """Whether it is normal that LinkedIn has none for an organization."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        for context in contexts:
            with self.skip_refused(context):
                try:
                    entity = self.request.with_fallbacks(partial(self._entity, context))
                except NotFound:
                    if not self.may_be_absent:
                        raise
                    self.note_missing()
                    continue
                row = self.row(entity, context)
                yield RecordBatch([row] if row else [])

    def _entity(self, context: Context) -> Entity:
        path, params = self.request.address(self.request_params(context))
        return self.client.fetch(path, restli.query(params))


class Finder(DmaStream):
    """The elements that a finder lists for each context."""

    finder: ClassVar[str | None]

    paging: ClassVar[Literal["none", "cursor", "offset", "detect"]] = "detect"
    """How the listing is paged; `detect` finds out from the first answer."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        for context in contexts:
            with self.skip_refused(context):
                checkpoint = self.checkpoint(context)
                if not checkpoint.is_done:
                    yield from self.restart_if_cursor_refused(
                        partial(self._read_listing, context, checkpoint), checkpoint
                    )

    def _read_listing(self, context: Context, checkpoint: Checkpoint) -> Iterator[RecordBatch]:
        keys = self.row_builder.new_keys(context)
        keys.resume(checkpoint.place.get("keys", {}))
        rows = checkpoint.place.get("rows", 0)
        for elements in self.elements({**context, "cursor": checkpoint.cursor}):
            batch = self.batch(context, elements, keys)
            rows += len(elements)
            now = self.run_context.clock.now()
            yield batch.also_commit(
                partial(checkpoint.advance, elements.cursor, now, rows, keys=dict(keys.resume_counts))
            )

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        """The batch to emit for one page of a listing."""
        known = {**context, "snapshot_date": self.run_context.started_at.to_date_string()}
        rows = [row for element in elements if (row := self.row(element, known, keys)) is not None]
        children = [(self.child_context(row, context), row) for row in rows] if self.children else []
        return RecordBatch(rows, [(child, row) for child, row in children if child is not None])

    def elements(self, context: Context) -> Iterator[ListingPage]:
        """The listing for one context, a page at a time; from `cursor` on, if the context has one."""
        first, more = self.request.with_fallbacks(partial(self.first_page, context), context)
        yield first
        yield from more

    def first_page(self, context: Context) -> tuple[ListingPage, Iterator[ListingPage]]:
        """The first page of the listing for one context, and an iterator over the others."""
        path, params = self.request.address({"q": self.finder, **self.request_params(context)})
        fetch_pages = self._elements(path, params, self.new_paginator(path), context.get("cursor"))
        return next(fetch_pages), fetch_pages

    def _elements(
        self, path: str, params: Mapping[str, object], paginator: Paginator, cursor: str | None
    ) -> Iterator[ListingPage]:
        if cursor:
            paginator.start_at(cursor)
        for body in self.client.fetch_pages(path, params, paginator):
            yield ListingPage(body, paginator.cursor)

    def new_paginator(self, path: str) -> Paginator:
        """The paginator for one listing."""
        url = self.client.url(path)
        styles: Mapping[str, Callable[[], Paginator]] = {
            "none": SinglePage,
            "cursor": partial(PaginationCursor, self.request.page_size),
            "offset": partial(OffsetPaginator, self.request.page_size or _DEFAULT_COUNT, url),
            "detect": partial(AutoPaginator, url, self.request.page_size),
        }
        return styles[self.paging]()


class GetAll(Finder):
    """All elements of a resource, a page at a time."""

    finder = None
    paging = "offset"


class BatchFinder(DmaStream):
    """The elements that one request finds for several criteria, a listing for each.

    Those of `params` that are lists hold the criteria, one for each context; one request sends the lists of all
    contexts together. Each listing can fail by itself, which is a warning.
    """

    finder: ClassVar[str]
    """The finder's name, the `bq` of the query."""

    def parts(self, contexts: ContextBatch) -> Sequence[ContextBatch]:
        return [contexts]

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        with self.skip_refused({}):
            yield from self._read_listing(contexts)

    def criteria(self, contexts: ContextBatch, params: Mapping[str, object]) -> Sequence[Context]:
        """The context of each criterion, in the order in which they are sent."""
        return contexts.items

    def _read_listing(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        params, first, more = self.request.with_fallbacks(partial(self.first_page, contexts))
        criteria = [(criterion, self.row_builder.new_keys()) for criterion in self.criteria(contexts, params)]
        for body in chain([first], more):
            yield self._page(responses.elements(body), criteria)

    def first_page(self, contexts: ContextBatch) -> tuple[Mapping[str, object], Body, Iterator[Body]]:
        path, params = self.request.address({"bq": self.finder, **self._params(contexts)})
        fetch_pages = self.client.fetch_pages(path, params, BatchFinderPaginator(self.request.page_size))
        return params, next(fetch_pages), fetch_pages

    def _page(self, listings: Sequence[Body], criteria: Sequence[tuple[Context, RowKeys]]) -> RecordBatch:
        if len(listings) < len(criteria):
            self.skip(f"{len(criteria) - len(listings)} of the criteria", "LinkedIn gave no answer for them.")
        rows = [
            self.row(element, criterion, keys)
            for (criterion, keys), listing in zip(criteria, listings, strict=False)
            for element in self._elements(listing)
        ]
        return RecordBatch([row for row in rows if row])

    def _params(self, contexts: ContextBatch) -> Mapping[str, object]:
        asked = [self.request_params(context) for context in contexts]
        joined = dict(asked[0])
        for name, value in joined.items():
            if isinstance(value, list) and name not in self.request.options:
                joined[name] = [criterion for params in asked for criterion in cast("list[object]", params[name])]
        return joined

    def _elements(self, listing: Body) -> Sequence[Entity]:
        error = listing.get("error")
        if error or listing.get("isError"):
            status = get_path(error, "status")
            self.skip("one of the criteria", f"LinkedIn refused it ({status or 'no status'}).")
        elif not isinstance(listing.get("elements"), list):
            self.skip("one of the criteria", "LinkedIn gave no listing for it.")
        return [element for element in listing.get("elements") or [] if isinstance(element, Mapping)]
