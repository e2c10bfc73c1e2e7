"""What tells of things removed at LinkedIn: rows that come from what other streams have read anyway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.state.packing import NUMBER_BYTES, pack, unpack
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams.feed.coverage import (
    HTTP_GONE,
    HTTP_WITHHELD,
    OverPosts,
    PostScan,
    created_ms,
    strip_prefix,
    whole,
)
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class DerivedStream(DmaStream):
    """A stream that reads nothing: its rows come from others, with all of its columns and perhaps more."""

    append_only = True

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        yield from ()

    def rows_of(self, told: Sequence[Context]) -> Sequence[Row]:
        """The rows of what the others tell."""
        return [{name: one[name] for name in self.schema["properties"]} for one in told]


class FullListings(DerivedStream):
    """When what hangs on a post was last listed in full; those who list it tell."""


class Availability(OverPosts, DerivedStream):
    """Whether posts are still there, told from the walk over them and asked about those it does not meet any more."""

    backfill = False

    batch_params: ClassVar[Mapping[str, object]] = {}
    """Parameters of the BATCH_GET beside its ids."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._gone: dict[str, set[str]] = {}

    def rows_of_met(self, organization: Context, walk: PostScan, posts: Sequence[str]) -> Sequence[Context]:
        """A post that is listed is told of at once."""
        listed = {urn: _status_of_listed(urn, walk.missing) for urn in self._covered(organization, walk, posts)}
        return self._rows(organization, listed)

    def on_batch_emitted(self, organization: Context, walk: PostScan, posts: Sequence[str]) -> None:
        """The state keeps which posts there are to ask about."""
        state = self.state_of(organization)
        state["posts"] = _packed({*_unpacked(state.get("posts", [])), *self._covered(organization, walk, posts)})

    def rows_at_end(self, organization: Context, walk: PostScan) -> Sequence[Context]:
        """A post that was listed by another run, and not by this one, is asked about."""
        kept, since = _unpacked(self.state_of(organization).get("posts", [])), self._since(organization, walk)
        unlisted = [urn for urn in kept if urn not in walk.times and created_ms(urn) >= since]
        with self.skip_refused(organization):
            found = self.client.batch_get(self.resource, unlisted, **self.batch_params)
            self.skip_unanswered("posts", found)
            statuses = {urn: _status_of_unlisted(urn, found.missing, walk) for urn in unlisted}
            self._gone[organization["organization"]] = {urn for urn, status in statuses.items() if status == "gone"}
            return self._rows(organization, statuses)
        return ()

    def on_scan_finished(self, organization: Context, walk: PostScan) -> None:
        """A post that is gone for good is kept no longer, nor one that is too old."""
        state, since = self.state_of(organization), self._since(organization, walk)
        gone = self._gone.pop(organization["organization"], set())
        kept = _unpacked(state.get("posts", []))
        state["posts"] = _packed(u for u in kept if walk.times.get(u, created_ms(u)) >= since and u not in gone)

    def _since(self, organization: Context, walk: PostScan) -> int:
        return max(walk.since, self.rescan_from(organization))

    def _covered(self, organization: Context, walk: PostScan, posts: Sequence[str]) -> Sequence[str]:
        since = self._since(organization, walk)
        return [urn for urn in posts if walk.times[urn] >= since]

    def _rows(self, organization: Context, statuses: Mapping[str, str | None]) -> Sequence[Context]:
        told = {**organization, "checked_at": self.run_started_at}
        return [{**told, "post": urn, "status": status} for urn, status in statuses.items() if status]


def _packed(posts: Iterable[str]) -> dict[str, Any]:
    """Posts as the state keeps them: the numbers of each kind, and under "" the names of those that have none."""
    numbers: dict[str, list[int]] = {}
    names = []
    for urn in sorted(posts):
        key = urns.key(urn)
        if key.isdecimal() and key == str(int(key)) and int(key) < 1 << 8 * NUMBER_BYTES:
            numbers.setdefault(urns.urn_type(urn), []).append(int(key))
        else:
            names.append(strip_prefix(urn))
    return {kind: pack(found, NUMBER_BYTES) for kind, found in numbers.items()} | ({"": names} if names else {})


def _unpacked(kept: Any) -> list[str]:
    """The posts in the state, newest first; earlier releases kept a list of names."""
    if isinstance(kept, list):
        return [whole(name) for name in kept]
    numbers = [(number, kind) for kind in kept if kind for number in unpack(kept[kind], NUMBER_BYTES)]
    named = [whole(name) for name in kept.get("", [])]
    return [*named, *(f"urn:li:{kind}:{number}" for number, kind in sorted(numbers, reverse=True))]


def _status_of_listed(urn: str, missing: Mapping[str, int | None]) -> str | None:
    """What is listed and not given, without a word, is withheld."""
    return _status(missing[urn] or HTTP_WITHHELD) if urn in missing else "available"


def _status_of_unlisted(urn: str, missing: Mapping[str, int | None], walk: PostScan) -> str | None:
    """What is listed no more and not given, without a word, is gone; unless the run before this one may have met it."""
    if urn in missing and missing[urn] is None and walk.newest_before:
        return None
    return _status(missing[urn] or HTTP_GONE[0]) if urn in missing else "available"


def _status(status: int) -> str | None:
    """The word for a status; None for a fault, which tells nothing of the post."""
    return "gone" if status in HTTP_GONE else "withheld" if status == HTTP_WITHHELD else None
