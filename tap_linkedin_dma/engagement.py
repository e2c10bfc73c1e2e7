"""What people do on posts and on comments: listed only where the counts of these have changed.

The feed finder answers once a minute; the counts of 50 posts cost one unpaced call. The state keeps for
each post, or comment, the counts at which all that was listed for it has left the tap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.listings import Listed, Lot, Owed, PostListings
from tap_linkedin_dma.over_posts import UNKNOWN, OverPosts, Walk, made, short
from tap_linkedin_dma.pages import Parent, Parents
from tap_linkedin_dma.removals import FullListings
from tap_linkedin_dma.rows import Entity

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

UNKNOWN_COUNTS = "unknown"
"""Kept where LinkedIn does not give the counts: it is listed once, and again when they are given."""


class Engagement(PostListings):
    """What hangs on posts or comments and is counted there."""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._unread: set[Owed] = set()
        """Listings of which LinkedIn did not give all."""

    def foresee(self, parents: Parents) -> None:
        self.social_metadata_soon(parents)

    def signature(self, counts: Entity) -> str:
        """The counts as the state keeps them; "" for none, which costs no listing."""
        raise NotImplementedError

    def owed(self, parents: Parents) -> Sequence[Owed]:
        metadata = self.social_metadata(parents) or {}
        owed = []
        for parent in parents:
            counts = metadata.get(parent[self.about])
            signature = UNKNOWN_COUNTS if counts is None else self.signature(counts)
            due = Owed(parent, counts, signature, once=counts is None)
            if self._is_owed(due):
                owed.append(due)
        return owed

    def listing(self, owed: Owed) -> Iterable[Listed]:
        return super().listing(owed) if owed.signature else []

    def settle(self, owed: Owed) -> None:
        kept = self._kept(owed.parent)
        if owed.signature:
            kept[self._name(owed.parent)] = owed.signature
        else:
            kept.pop(self._name(owed.parent), None)

    def begin_posts(self, organization: Parent) -> None:
        """What was not read on earlier runs, the stream itself or a child, needs all listed anew."""
        state = self.state_of(organization)
        read = [stream.name for stream in (self, *self.children) if stream.selected]
        if not {*read} <= {*state.pop("read", [self.name])}:
            state.pop("counts", None)
            state.pop("posts_to", None)
        if read != [self.name]:
            state["read"] = read

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        super().end_of_posts(organization, walk)
        state = self.state_of(organization)
        kept = self.of_next_walk(organization, walk, state.get("counts", {}))
        state["counts"] = {name: counts for name, counts in kept.items() if counts}
        for child in self.children:
            if isinstance(child, OverPosts) and organization["organization"] not in child.refused:
                child.end_of_posts(organization, walk)

    def end(self, lot: Lot, unread: Collection[Owed]) -> None:
        """Say which posts are listed in full, before the state takes note that they are."""
        self._unread |= {*unread}
        full = [owed for owed in lot.ended if owed not in lot.skipped and owed not in self._unread]
        if self.selected and self.about == "post":
            listings = next(stream for stream in self._tap.streams.values() if isinstance(stream, FullListings))
            told = {"kind": self.name, "listed_at": self.run_began}
            listings.tell([{**owed.parent, **told} for owed in full])
        super().end(lot, unread)
        self._unread -= {*lot.ended}

    def _is_owed(self, due: Owed) -> bool:
        when = made(due.parent["post"])
        if when < self.covered_before(due.parent):
            return False
        kept = self._kept(due.parent).get(self._name(due.parent), "")
        return bool(kept != due.signature or (not kept and self._is_new(due.parent, when)))

    def _is_new(self, parent: Parent, when: int) -> bool:
        """Whether a post without any is met for the first time, which tells that there is none."""
        to = self.posts_to(parent)
        return self.about == "post" and (to is None or to < when < UNKNOWN)

    def _kept(self, parent: Parent) -> dict[str, Any]:
        """The counts that the state keeps: of posts, or of the comments on one."""
        kept: dict[str, Any] = self.state_of(parent).setdefault("counts", {})
        return kept if self.about == "post" else kept.setdefault(short(parent["post"]), {})

    def _name(self, parent: Parent) -> str:
        """The name of a post or comment among the counts; a comment's number is its own, whatever it is on."""
        about = parent[self.about]
        return short(about) if self.about == "post" else about.rpartition(",")[2].rstrip(")")
