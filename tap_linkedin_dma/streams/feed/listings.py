"""Listings of comments, reactions or reposts, context by context, read whole in batches of 50.

The feed finder answers once a minute and gives URNs alone; one unpaced call reads 50 of them whole, whichever
listings they come from. The state records a listing when all of it has been emitted, so a run that was interrupted
resumes with the listings still owed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, ClassVar, TypeVar

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import CursorRefused, DmaError
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.api.pagination import PaginationCursor
from tap_linkedin_dma.api.results import SILENT, BatchResult, ListingPage, is_answer
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import TIMESTAMP
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.streams.feed.counts import UNKNOWN_COUNTS, read_counts_once
from tap_linkedin_dma.streams.feed.coverage import HTTP_GONE, HTTP_WITHHELD, PostCoverage
from tap_linkedin_dma.streams.feed.listed_counts import ListedCounts
from tap_linkedin_dma.streams.feed.post_refusals import PostRefusals
from tap_linkedin_dma.sync.batches import Context, ContextBatch, DerivedRows, RecordBatch

_T = TypeVar("_T")
_R = TypeVar("_R")

LISTED_AT = th.Property("listed_at", TIMESTAMP)
"""A column for rows whose whole listing is read again."""

_BATCH_SIZE = 50
"""Elements that one BATCH_GET reads whole, whichever listings they come from."""

_LONG_INTERVAL = 30.0
"""Seconds between two listings from which on each has a BATCH_GET of its own, at the cost of one unpaced call."""

MAX_BATCH_AGE = 60.0
"""Seconds after which a batch is read even if it is not full: at one listing a minute, rows would wait for hours."""


@dataclass(frozen=True, eq=False)
class ListingTask:
    """A listing still to be read, such as the comments on one post."""

    context: Context
    counts: Entity | None = None
    """The social metadata of the entity, None if LinkedIn does not give it."""

    signature: str = ""
    """The counts that the state keeps once all has been emitted."""

    once: bool = False
    """Whether they are kept even if LinkedIn refuses the listing, so that it is not requested on every run."""


@dataclass(frozen=True)
class ListedElement:
    """A listed element, and the columns that its row gets from the context of the listing."""

    element: Entity
    context: Mapping[str, Any]

    @property
    def urn(self) -> str | None:
        urn = self.element.get("id")
        return urn if isinstance(urn, str) else None


@dataclass
class Listing:
    """The result of one listing."""

    owed: ListingTask
    number: int | None = None
    """How many elements were listed, each once; None if LinkedIn refuses to list them."""

    is_shown: bool = True
    """Whether LinkedIn has given every element that it lists."""

    is_answered: bool = True
    """Whether LinkedIn has answered about every element that it lists."""


@dataclass
class HydrationBatch:
    """The elements that one BATCH_GET reads, each with its row's key and its listing; and the listings it completes."""

    began: float
    listed: list[tuple[str, ListedElement, Listing]] = field(default_factory=list)
    ended: list[Listing] = field(default_factory=list)


class FindThenBatchGet(DmaStream):
    """Elements that the feed finder lists by their URN, and that BATCH_GET then reads whole.

    The feed finder gives the URN of an element and nothing else, newest first, and answers once a
    minute; the resources behind the URNs have no such limit.
    """

    feed: ClassVar[str] = "dmaFeedContentsExternal"
    paging = "cursor"
    page_size = 1000

    batch_params: ClassVar[Mapping[str, object]] = {}
    """Parameters of the BATCH_GET in addition to its ids."""

    @property
    def is_paced(self) -> bool:
        return self.client.limits.interval(self.feed) > 0

    def list_urns(self, context: Context) -> Iterator[ListingPage]:
        """The elements listed for one context, a page at a time, from `cursor` on if it has one."""
        params = {name: value for name, value in self.request_params(context).items() if name not in self.batch_params}
        paginator = PaginationCursor(self.request.page_size)
        if cursor := context.get("cursor"):
            paginator.start_at(cursor)
        for body in self.client.fetch_pages(self.feed, {"q": self.finder, **params}, paginator):
            yield ListingPage(body, paginator.cursor)

    def hydrate(self, elements: Sequence[Entity]) -> BatchResult:
        """The entities behind listed elements, by URN, in this order; see `batch_get`.

        Other fields that the listing gives of an element are added to its entity.
        """
        beside = {element["id"]: _without_id(element) for element in elements if isinstance(element.get("id"), str)}
        params = {name: self.request.options.get(name, value) for name, value in self.batch_params.items()}
        entities = self.client.batch_get(self.resource, beside, **params)
        entities.update({urn: {**beside[urn], **entity} for urn, entity in entities.items()})
        return entities


def _without_id(element: Entity) -> Entity:
    return {name: value for name, value in element.items() if name != "id"}


class FeedListings(FindThenBatchGet):
    """Elements that the feed finder lists for each of several contexts."""

    append_only = True

    id_fields = ("id",)
    drop_repeats = True

    urn_types: ClassVar[Collection[str]]
    """The types of URN that BATCH_GET accepts; an element of another type has only the listing's row."""

    key_column: ClassVar[str]
    """The column that holds an element's URN, or a key in its place if the listing gives none."""

    names_withheld: ClassVar[bool] = False
    """Whether the URNs of elements that LinkedIn refuses to show are passed to lookups."""

    emit_unhydrated: ClassVar[bool] = False
    """Whether an element that LinkedIn lists but then does not give has the listing's row."""

    def owed(self, contexts: ContextBatch) -> Sequence[ListingTask]:
        """The listings to read for these contexts, which are of one organization."""
        raise NotImplementedError

    def mark_listed(self, owed: ListingTask) -> None:
        """Record in the state that all of a listing has been emitted."""
        raise NotImplementedError

    def is_silent_for_good(self, owed: ListingTask) -> bool:
        """Whether LinkedIn's silence about all elements of a batch has to be taken as an answer."""
        return True

    def owe_again(self, owed: ListingTask) -> None:
        """Record in the state that LinkedIn has not answered about all elements of a listing."""

    def skipping_one(self, context: Context) -> AbstractContextManager[None]:
        """Skip a listing that LinkedIn refuses, and continue."""
        return self.skip_refused(context)

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        with self.skip_refused(contexts.items[0]):
            owed = self.owed(contexts)
            self.run_context.progress.plan(self.name, listings=len(owed))
            read = self.side_by_side(self._read, self._hydration_batches(self.listings(owed)))
            for batch, entities in read:
                yield self._page(batch, entities)

    def side_by_side(self, read: Callable[[_T], _R], found: Iterable[_T]) -> Iterator[_R]:
        """Read each item found, in order: several concurrently, unless each takes long to find.

        If it does, each is read and emitted before the next is found.
        """
        return map(read, found) if self.is_paced else self.run_context.workers.map(read, found)

    @property
    def is_slow(self) -> bool:
        """Whether the time between two listings is so long that each is read by itself."""
        return self.client.limits.interval(self.feed) >= _LONG_INTERVAL

    def listings(self, owed: Sequence[ListingTask]) -> Iterator[tuple[ListingTask, Sequence[ListedElement] | None]]:
        """The elements listed for each task, in their order; None if LinkedIn refuses."""
        # Concurrent listings would get their slots in any order, and the first results would wait for the others.
        listed = (
            map(self.listing_or_none, owed)
            if self.is_slow
            else self.run_context.workers.map(self.listing_or_none, owed)
        )
        return zip(owed, listed, strict=True)

    def listing(self, owed: ListingTask) -> Iterable[ListedElement]:
        """All elements of one listing."""
        raise NotImplementedError

    def listed_whole(self, context: Mapping[str, Any]) -> list[ListedElement]:
        """All elements that the finder lists for this context."""
        try:
            pages = list(self.list_urns(context))
        except CursorRefused:
            # The pages before the error are dropped, or elements without an id would appear twice.
            pages = list(self.list_urns(context))
        return [ListedElement(element, context) for elements in pages for element in elements]

    def end(self, listings: Sequence[Listing]) -> None:
        """Record in the state the listings whose rows have all been emitted."""
        for listing in listings:
            if listing.is_answered:
                self.mark_listed(listing.owed)
            else:
                self.owe_again(listing.owed)

    def others(self, listings: Sequence[Listing]) -> Sequence[tuple[DerivedRows, Sequence[Context]]]:
        """The rows that other streams get from completed listings."""
        return ()

    def listing_or_none(self, owed: ListingTask) -> Sequence[ListedElement] | None:
        """All elements of one listing; None if LinkedIn refuses it."""
        if owed.context["organization"] not in self.refused_organizations:
            with self.skipping_one(owed.context):
                return list(self.listing(owed))
        return None

    def _hydration_batches(
        self, listings: Iterable[tuple[ListingTask, Sequence[ListedElement] | None]]
    ) -> Iterator[HydrationBatch]:
        now = self.run_context.clock.monotonic
        is_slow = self.is_slow
        batch = HydrationBatch(now())
        try:
            for owed, listing in listings:
                if listing is None and (not owed.once or owed.context["organization"] in self.refused_organizations):
                    continue
                one = Listing(owed, None if listing is None else 0)
                for key, listed in self._keyed(owed.context, listing or ()):
                    if len(batch.listed) == _BATCH_SIZE:
                        full, batch = batch, HydrationBatch(now())
                        yield full
                    batch.listed.append((key, listed, one))
                    one.number = (one.number or 0) + 1
                batch.ended.append(one)
                if is_slow or now() - batch.began > MAX_BATCH_AGE:
                    full, batch = batch, HydrationBatch(now())
                    yield full
        except DmaError:
            # The listings before the one that failed are complete.
            yield batch
            raise
        yield batch

    def _keyed(self, context: Context, listing: Sequence[ListedElement]) -> Iterator[tuple[str, ListedElement]]:
        """The elements of one listing with the keys of their rows, each once."""
        keys = self.row_builder.new_keys(context)
        for listed in listing:
            if (key := keys.key(listed.element)) is not None:
                yield key, listed

    def _read(self, batch: HydrationBatch) -> tuple[HydrationBatch, BatchResult]:
        return batch, self.hydrate([listed.element for _, listed, _ in batch.listed if self._is_readable(listed)])

    def _page(self, batch: HydrationBatch, entities: BatchResult) -> RecordBatch:
        self.skip_unanswered("of those listed", entities)
        rows: list[tuple[Row, Context]] = []
        for key, listed, listing in batch.listed:
            urn = listed.urn or ""
            entity = entities.get(urn) if self._is_readable(listed) else listed.element
            if entity is None:
                status = entities.missing[urn]
                is_answered = is_answer(status) or (status == SILENT and self.is_silent_for_good(listing.owed))
                listing.is_answered &= is_answered
                listing.is_shown &= status in HTTP_GONE
                if self.emit_unhydrated and is_answered:
                    entity = listed.element
            context = {**listed.context, "urn": listed.urn, self.key_column: key}
            if entity is not None and (row := self.row(entity, context)):
                rows.append((row, listed.context))
        children = [(self.child_context(row, context), row) for row, context in rows] if self.children else []
        return RecordBatch(
            [row for row, _ in rows],
            [(child, row) for child, row in children if child is not None],
            partial(self.end, batch.ended),
            partial(self._owe, [listing for _, _, listing in batch.listed], batch.ended),
            self.others(batch.ended),
            [{"withheld": _withheld(entities)}] if self.names_withheld else (),
        )

    def _owe(self, listings: Iterable[Listing], ended: Sequence[Listing]) -> None:
        """Record that these listings, of which some have come to their end, have to be read again."""
        for listing in listings:
            listing.is_answered = False
        self.end(ended)

    def _is_readable(self, listed: ListedElement) -> bool:
        return listed.urn is not None and urns.urn_type(listed.urn) in self.urn_types


def _withheld(entities: BatchResult) -> Sequence[str]:
    return [urn for urn, status in entities.missing.items() if status == HTTP_WITHHELD]


class PostListings(FeedListings):
    """Listings for posts, or for the comments on them."""

    entity_column: ClassVar[str] = "post"
    """The column of a context with the entity that is listed: a post, or a comment on one."""

    @cached_property
    def coverage(self) -> PostCoverage:
        """How far the posts are covered; it says which of them are due."""
        raise NotImplementedError

    @cached_property
    def refusals(self) -> PostRefusals:
        return PostRefusals(self, self.entity_column)

    def listing(self, owed: ListingTask) -> Iterable[ListedElement]:
        return self.listed_on(owed.context[self.entity_column], owed.context)

    def listed_on(self, entity: str, context: Mapping[str, Any]) -> list[ListedElement]:
        """The elements that the finder lists for one entity: the post, or a comment on it."""
        return self.listed_whole({**context, "entity": entity, "listed_at": self.coverage.run_started_at})

    def is_silent_for_good(self, owed: ListingTask) -> bool:
        since = self.coverage.owed_since(owed.context)
        return since is not None and self.coverage.now_s - since >= FEED_LAG_MS // 1000

    def skipping_one(self, context: Context) -> AbstractContextManager[None]:
        return self.refusals.skip_refused(context)


class Engagement(PostListings):
    """Comments on a post, or reactions to a post or comment, which are listed if the counts of these have changed."""

    @cached_property
    def coverage(self) -> ListedCounts:
        return ListedCounts(self, self.entity_column)

    def counts_fingerprint(self, counts: Entity) -> str:
        """The counts as the state keeps them; "" if there is nothing to list."""
        raise NotImplementedError

    def counted(self, counts: Entity) -> int | None:
        """How many there are according to the counts; None if LinkedIn does not say."""
        raise NotImplementedError

    def owed(self, contexts: ContextBatch) -> Sequence[ListingTask]:
        metadata = read_counts_once(self, contexts, self.entity_column)
        owed = []
        for context in contexts:
            counts = None if metadata is None else metadata.get(context[self.entity_column])
            signature = UNKNOWN_COUNTS if counts is None else self.counts_fingerprint(counts)
            once = counts is None or self.coverage.is_owed_again(context)
            if self.coverage.is_due(context, signature):
                owed.append(ListingTask(context, counts, signature, once))
        return owed

    def listing(self, owed: ListingTask) -> Iterable[ListedElement]:
        return super().listing(owed) if owed.signature else []

    def end(self, listings: Sequence[Listing]) -> None:
        if self.has_failed_child:
            return
        answered = [(one.owed.context, one.owed.signature, self._is_short(one)) for one in listings if one.is_answered]
        self.coverage.record(answered)
        for listing in listings:
            if not listing.is_answered:
                self.coverage.owe(listing.owed.context)

    def others(self, listings: Sequence[Listing]) -> Sequence[tuple[DerivedRows, Sequence[Context]]]:
        """The posts that are listed in full, for the stream that records them."""
        if not self.selected or self.entity_column != "post":
            return ()
        columns = {"kind": self.name, "listed_at": self.coverage.run_started_at}
        full = [one for one in listings if one.is_shown and one.number is not None and not self._lags(one)]
        rows = [{**one.owed.context, **columns} for one in full]
        stream = self.run_context.run.shared.full_listings
        return [(stream, rows)] if rows and stream else []

    def _is_short(self, listing: Listing) -> bool:
        """Whether more are counted than listed."""
        counted = None if listing.owed.counts is None else self.counted(listing.owed.counts)
        return counted is not None and listing.number is not None and counted > listing.number

    def _lags(self, listing: Listing) -> bool:
        """Whether more are counted than listed, and may still come."""
        owed = listing.owed
        return self._is_short(listing) and self.coverage.lags_since(owed.context, owed.signature) is not None
