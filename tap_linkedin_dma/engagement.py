"""What people do on posts: comments and reactions, listed only where the counts of a post have changed.

The feed finder answers once a minute; the counts of 50 posts cost one unpaced call. A post's counts
enter the state when all that was listed for it has left the tap, so a run that is cut goes on with
the posts still owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from tap_linkedin_dma import urns
from tap_linkedin_dma.access import FindThenBatchGet
from tap_linkedin_dma.asking import Parent
from tap_linkedin_dma.errors import CursorRefused, DmaError
from tap_linkedin_dma.rows import Entity
from tap_linkedin_dma.stream import Page, Parents
from tap_linkedin_dma.walks import OverPosts, Walk, made, short

UNKNOWN_COUNTS = "unknown"
"""Kept of a post whose counts LinkedIn does not give: it is listed once, and again when they are given."""

_LOT = 50
"""Elements read whole by one BATCH_GET, whichever posts they come from."""

_LONGEST_FILLING = 60.0
"""Seconds after which a lot is read as full as it is: at one listing a minute, rows would wait for hours."""


@dataclass(frozen=True)
class Owed:
    """A post whose comments or reactions must be listed."""

    post: Parent
    counts: Entity | None
    """Its social metadata, None where LinkedIn does not give it."""

    signature: str
    """What the state keeps once all has left."""


@dataclass(frozen=True)
class Listed:
    """A listed element, and the columns its row has from where it was listed."""

    element: Entity
    context: Mapping[str, Any]

    @property
    def urn(self) -> str | None:
        urn = self.element.get("id")
        return urn if isinstance(urn, str) else None


@dataclass
class _Lot:
    """What one BATCH_GET reads, by the key of its row, and the posts whose listing ends within."""

    began: float
    listed: list[tuple[str, Listed]] = field(default_factory=list)
    ended: list[Owed] = field(default_factory=list)


class Engagement(OverPosts, FindThenBatchGet):
    """What hangs on posts, found by listing it for each."""

    own_keys = ("id",)
    repeats_are_one = True

    kind: ClassVar[str]
    """The kind of URN that BATCH_GET takes; what is listed under another has just the listing's row."""

    key_column: ClassVar[str]
    """The column that holds an element's URN, or where the listing gives none the key in its place."""

    def signature(self, counts: Entity) -> str:
        """The counts of a post as the state keeps them; "" for none, which costs no listing."""
        raise NotImplementedError

    def pages(self, parents: Parents) -> Iterator[Page]:
        # A page of posts is of one organization.
        with self.skipping(parents.items[0]):
            owed = self._owed(parents)
            listings = self.connection.map(self._listing, owed)
            yield from self.connection.map(self._page, self._lots(zip(owed, listings, strict=True)))

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        super().end_of_posts(organization, walk)
        state = self.state_of(organization)
        state["counts"] = self.of_next_walk(organization, walk, state.get("counts", {}))

    def listing(self, owed: Owed) -> Iterable[Listed]:
        """All that hangs on one post."""
        return self.listed_on(owed.post["post"], owed.post)

    def listed_on(self, entity: str, context: Mapping[str, Any]) -> list[Listed]:
        """What the finder lists for one entity: the post, or a comment on it."""
        context = {**context, "entity": entity}
        try:
            pages = list(self.listed(context))
        except CursorRefused:
            # Not by `again`: what the first walk gave is dropped here, or elements without an id would stand twice.
            pages = list(self.listed(context))
        return [Listed(element, context) for elements in pages for element in elements]

    def _owed(self, posts: Parents) -> Sequence[Owed]:
        metadata = self.social_metadata(posts) or {}
        owed = []
        for post in posts:
            counts = metadata.get(post["post"])
            due = Owed(post, counts, UNKNOWN_COUNTS if counts is None else self.signature(counts))
            if not due.signature:
                self._settle([due])
            elif not self._is_settled(due):
                owed.append(due)
        return owed

    def _is_settled(self, due: Owed) -> bool:
        urn = due.post["post"]
        kept = self.state_of(due.post).get("counts", {})
        return made(urn) < self.covered_before(due.post) or kept.get(short(urn)) == due.signature

    def _settle(self, settled: Sequence[Owed]) -> None:
        for due in settled:
            kept = self.state_of(due.post).setdefault("counts", {})
            if due.signature:
                kept[short(due.post["post"])] = due.signature
            else:
                kept.pop(short(due.post["post"]), None)

    def _listing(self, owed: Owed) -> Sequence[Listed] | None:
        if owed.post["organization"] not in self.refused:
            with self.skipping_post(owed.post):
                return list(self.listing(owed))
        return None

    def _lots(self, listings: Iterable[tuple[Owed, Sequence[Listed] | None]]) -> Iterator[_Lot]:
        now = self.connection.clock.monotonic
        lot = _Lot(now())
        try:
            for owed, listing in listings:
                if listing is None and (owed.counts is not None or owed.post["organization"] in self.refused):
                    continue
                for keyed in self._keyed(listing or ()):
                    if len(lot.listed) == _LOT:
                        yield lot
                        lot = _Lot(now())
                    lot.listed.append(keyed)
                lot.ended.append(owed)
                if now() - lot.began > _LONGEST_FILLING:
                    yield lot
                    lot = _Lot(now())
        except DmaError:
            # The posts before the one that failed are whole.
            yield lot
            raise
        yield lot

    def _keyed(self, listing: Sequence[Listed]) -> Iterator[tuple[str, Listed]]:
        """The elements listed for one post with the keys of their rows, each once."""
        keys = self.new_keys()
        for listed in listing:
            if (key := keys.key(listed.element)) is not None:
                yield key, listed

    def _page(self, lot: _Lot) -> Page:
        entities = self.read([listed.element for _, listed in lot.listed if self._is_readable(listed)])
        rows = []
        for key, listed in lot.listed:
            entity = entities.get(listed.urn or "") if self._is_readable(listed) else listed.element
            if entity is not None:
                rows.append(self.row(entity, {**listed.context, "urn": listed.urn, self.key_column: key}))
        return Page([row for row in rows if row], settle=partial(self._settle, lot.ended))

    def _is_readable(self, listed: Listed) -> bool:
        return listed.urn is not None and urns.kind(listed.urn) == self.kind
