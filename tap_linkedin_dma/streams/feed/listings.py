"""What the feed finder lists for one parent after the other, read and emitted a batch at a time.

The feed finder answers once a minute and gives URNs alone; 50 of them, whichever listings they come from,
are read whole by one unpaced call. The state takes note of a listing when all of it has left the tap, so a
run that is cut goes on with the listings still owed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, TypeVar

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import CursorRefused, DmaError
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.api.results import SILENT, BatchResult, is_answer
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import TIMESTAMP
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.stream_types.finders import FindThenBatchGet
from tap_linkedin_dma.streams.feed.coverage import HTTP_GONE, HTTP_WITHHELD, CoversPosts
from tap_linkedin_dma.sync.batches import Context, ContextBatch, DerivedRows, RecordBatch

_T = TypeVar("_T")
_R = TypeVar("_R")

LISTED_AT = th.Property(
    "listed_at", TIMESTAMP, description="When the run began that listed it last; all of one listing have the same."
)
"""A column of what is listed again as a whole."""

_BATCH_SIZE = 50
"""Elements read whole by one BATCH_GET, whichever listings they come from."""

_LONG_INTERVAL = 30.0
"""Seconds between two listings from which on each is read by itself, at an unpaced call more."""

MAX_BATCH_AGE = 60.0
"""Seconds after which a lot is read as full as it is: at one listing a minute, rows would wait for hours."""


@dataclass(frozen=True, eq=False)
class ListingTask:
    """What must be listed: what hangs on one parent."""

    context: Context
    counts: Entity | None = None
    """Its social metadata, None where LinkedIn does not give it."""

    signature: str = ""
    """What the state keeps once all has left."""

    once: bool = False
    """Whether that is kept too where LinkedIn refuses to list it, so that it is not asked for on every run."""


@dataclass(frozen=True)
class ListedElement:
    """A listed element, and the columns its row has from where it was listed."""

    element: Entity
    context: Mapping[str, Any]

    @property
    def urn(self) -> str | None:
        urn = self.element.get("id")
        return urn if isinstance(urn, str) else None


@dataclass
class Listing:
    """What became of one listing."""

    owed: ListingTask
    number: int | None = None
    """How many elements were listed, each once; None where LinkedIn refuses to list them."""

    is_shown: bool = True
    """Whether LinkedIn has given every element that it lists."""

    is_answered: bool = True
    """Whether LinkedIn has answered about every element that it lists."""


@dataclass
class HydrationBatch:
    """What one BATCH_GET reads, by the key of its row and the listing it is of; and the listings that end with it."""

    began: float
    listed: list[tuple[str, ListedElement, Listing]] = field(default_factory=list)
    ended: list[Listing] = field(default_factory=list)


class FeedListings(FindThenBatchGet):
    """What hangs on others, found by listing it for each."""

    append_only = True

    id_fields = ("id",)
    drop_repeats = True

    urn_types: ClassVar[Collection[str]]
    """The kinds of URN that BATCH_GET takes; what is listed under another has just the listing's row."""

    key_column: ClassVar[str]
    """The column that holds an element's URN, or where the listing gives none the key in its place."""

    names_withheld: ClassVar[bool] = False
    """Whether lookups are told of elements that LinkedIn refuses to show."""

    emit_unhydrated: ClassVar[bool] = False
    """Whether what LinkedIn lists and then does not give has the listing's row too."""

    def owed(self, contexts: ContextBatch) -> Sequence[ListingTask]:
        """What must be listed for these parents, which are of one organization."""
        raise NotImplementedError

    def mark_listed(self, owed: ListingTask) -> None:
        """Take note in the state that all of a listing has left."""
        raise NotImplementedError

    def is_silent_for_good(self, owed: ListingTask) -> bool:
        """Whether LinkedIn's silence about all that was read at once has to be taken for an answer."""
        return True

    def owe_again(self, owed: ListingTask) -> None:
        """Take note in the state that LinkedIn has not answered about all that it lists."""

    def skipping_one(self, context: Context) -> AbstractContextManager[None]:
        """Leave out what LinkedIn refuses to list for one parent, and go on."""
        return self.skip_refused(context)

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        with self.skip_refused(contexts.items[0]):
            read = self.side_by_side(self._read, self._lots(self.listings(self.owed(contexts))))
            for lot, entities in read:
                yield self._page(lot, entities)

    def side_by_side(self, read: Callable[[_T], _R], found: Iterable[_T]) -> Iterator[_R]:
        """Read each thing that a listing finds, in order: several at once, unless each takes long to be found.

        Then it is read at once, and leaves before the next is found.
        """
        is_paced = self.client.limits.interval(self.feed) > 0
        return map(read, found) if is_paced else self.run_context.workers.map(read, found)

    @property
    def is_slow(self) -> bool:
        """Whether one listing comes so long after the other that each is read by itself."""
        return self.client.limits.interval(self.feed) >= _LONG_INTERVAL

    def listings(self, owed: Sequence[ListingTask]) -> Iterator[tuple[ListingTask, Sequence[ListedElement] | None]]:
        """What is listed for each parent, in their order; None where LinkedIn refuses."""
        # Several that wait for their turn would get it in any order, and what came first would wait for the others.
        listed = (
            map(self.listing_or_none, owed)
            if self.is_slow
            else self.run_context.workers.map(self.listing_or_none, owed)
        )
        return zip(owed, listed, strict=True)

    def listing(self, owed: ListingTask) -> Iterable[ListedElement]:
        """All that hangs on one parent."""
        raise NotImplementedError

    def listed_whole(self, context: Mapping[str, Any]) -> list[ListedElement]:
        """All that the finder lists where it is asked with this context."""
        try:
            pages = list(self.list_urns(context))
        except CursorRefused:
            # Not by `again`: what the first scan gave is dropped here, or elements without an id would stand twice.
            pages = list(self.list_urns(context))
        return [ListedElement(element, context) for elements in pages for element in elements]

    def end(self, listings: Sequence[Listing]) -> None:
        """Take note in the state of listings whose rows have all left."""
        for listing in listings:
            if listing.is_answered:
                self.mark_listed(listing.owed)
            else:
                self.owe_again(listing.owed)

    def others(self, listings: Sequence[Listing]) -> Sequence[tuple[DerivedRows, Sequence[Context]]]:
        """The rows that other streams have of listings that have ended."""
        return ()

    def listing_or_none(self, owed: ListingTask) -> Sequence[ListedElement] | None:
        """All that hangs on one parent; None where LinkedIn refuses to list it."""
        if owed.context["organization"] not in self.refused_organizations:
            with self.skipping_one(owed.context):
                return list(self.listing(owed))
        return None

    def _lots(self, listings: Iterable[tuple[ListingTask, Sequence[ListedElement] | None]]) -> Iterator[HydrationBatch]:
        now = self.run_context.clock.monotonic
        is_slow = self.is_slow
        lot = HydrationBatch(now())
        try:
            for owed, listing in listings:
                if listing is None and (not owed.once or owed.context["organization"] in self.refused_organizations):
                    continue
                one = Listing(owed, None if listing is None else 0)
                for key, listed in self._keyed(owed.context, listing or ()):
                    if len(lot.listed) == _BATCH_SIZE:
                        full, lot = lot, HydrationBatch(now())
                        yield full
                    lot.listed.append((key, listed, one))
                    one.number = (one.number or 0) + 1
                lot.ended.append(one)
                if is_slow or now() - lot.began > MAX_BATCH_AGE:
                    full, lot = lot, HydrationBatch(now())
                    yield full
        except DmaError:
            # The listings before the one that failed are whole.
            yield lot
            raise
        yield lot

    def _keyed(self, context: Context, listing: Sequence[ListedElement]) -> Iterator[tuple[str, ListedElement]]:
        """The elements listed for one parent with the keys of their rows, each once."""
        keys = self.row_builder.new_keys(context)
        for listed in listing:
            if (key := keys.key(listed.element)) is not None:
                yield key, listed

    def _read(self, lot: HydrationBatch) -> tuple[HydrationBatch, BatchResult]:
        return lot, self.hydrate([listed.element for _, listed, _ in lot.listed if self._is_readable(listed)])

    def _page(self, lot: HydrationBatch, entities: BatchResult) -> RecordBatch:
        self.skip_unanswered("of those listed", entities)
        rows: list[tuple[Row, Context]] = []
        for key, listed, listing in lot.listed:
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
        told = [(self.child_context(row, context), row) for row, context in rows] if self.children else []
        return RecordBatch(
            [row for row, _ in rows],
            [(child, row) for child, row in told if child is not None],
            partial(self.end, lot.ended),
            partial(self._owe, lot),
            self.others(lot.ended),
            [{"withheld": _withheld(entities)}] if self.names_withheld else (),
        )

    def _owe(self, lot: HydrationBatch) -> None:
        """Take note that what is in a lot has to be listed again."""
        for _, _, listing in lot.listed:
            listing.is_answered = False
        self.end(lot.ended)

    def _is_readable(self, listed: ListedElement) -> bool:
        return listed.urn is not None and urns.urn_type(listed.urn) in self.urn_types


def _withheld(entities: BatchResult) -> Sequence[str]:
    return [urn for urn, status in entities.missing.items() if status == HTTP_WITHHELD]


class PostListings(CoversPosts, FeedListings):
    """What hangs on posts, or on the comments on them."""

    def listing(self, owed: ListingTask) -> Iterable[ListedElement]:
        return self.listed_on(owed.context[self.entity_column], owed.context)

    def listed_on(self, entity: str, context: Mapping[str, Any]) -> list[ListedElement]:
        """What the finder lists for one entity: the post, or a comment on it."""
        return self.listed_whole({**context, "entity": entity, "listed_at": self.coverage.run_started_at})

    def is_silent_for_good(self, owed: ListingTask) -> bool:
        since = self.coverage.owed_since(owed.context)
        return since is not None and self.coverage.now_s - since >= FEED_LAG_MS // 1000

    def skipping_one(self, context: Context) -> AbstractContextManager[None]:
        return self.skip_refused_post(context)
