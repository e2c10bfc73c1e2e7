"""Removals at LinkedIn: which posts are gone, and when comments and reactions were last listed in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.rows.schema import TEXT, TIMESTAMP, URN, derived_columns, key
from tap_linkedin_dma.state.packing import NUMBER_BYTES, pack, unpack
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.streams.feed.coverage import (
    HTTP_GONE,
    HTTP_WITHHELD,
    PostCoverage,
    PostScan,
    add_prefix,
    created_ms,
    strip_prefix,
)
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


def _packed(posts: Iterable[str]) -> dict[str, Any]:
    """Posts as the state keeps them: the numbers of each type, and under "" the names of those without a number."""
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
        return [add_prefix(name) for name in kept]
    numbers = [(number, kind) for kind in kept if kind for number in unpack(kept[kind], NUMBER_BYTES)]
    named = [add_prefix(name) for name in kept.get("", [])]
    return [*named, *(f"urn:li:{kind}:{number}" for number, kind in sorted(numbers, reverse=True))]


def _status_of_listed(urn: str, missing: Mapping[str, int | None]) -> str | None:
    """The status of a listed post: withheld if LinkedIn does not give it, and no status either."""
    return _status(missing[urn] or HTTP_WITHHELD) if urn in missing else "available"


def _status_of_unlisted(urn: str, missing: Mapping[str, int | None], scan: PostScan) -> str | None:
    """The status of a post no longer listed: gone if LinkedIn does not give it, and no status either.

    It is unknown then if this scan resumes another, which may have met the post.
    """
    if urn in missing and missing[urn] is None and scan.newest_before:
        return None
    return _status(missing[urn] or HTTP_GONE[0]) if urn in missing else "available"


def _status(status: int) -> str | None:
    """The word for a status; None for a fault, from which nothing follows about the post."""
    return "gone" if status in HTTP_GONE else "withheld" if status == HTTP_WITHHELD else None


class _Availability(PostCoverage):
    """Notes which posts of its window each scan has met, and requests those that it no longer meets."""

    def __init__(self, stream: DmaStream) -> None:
        super().__init__(stream, backfill=False)
        self._gone: dict[str, set[str]] = {}

    def rows_of_met(self, organization: Context, scan: PostScan, posts: Sequence[str]) -> Sequence[Context]:
        """The rows of listed posts, which are emitted at once."""
        listed = {urn: _status_of_listed(urn, scan.missing) for urn in self._covered(organization, scan, posts)}
        return self._rows(organization, listed)

    def on_batch_emitted(self, organization: Context, scan: PostScan, posts: Sequence[str]) -> None:
        """Record in the state the posts whose availability is checked."""
        state = self.stream.state_of(organization)
        state["posts"] = _packed({*_unpacked(state.get("posts", [])), *self._covered(organization, scan, posts)})

    def rows_at_end(self, organization: Context, scan: PostScan) -> Sequence[Context]:
        """The rows of posts that another run listed and this one did not: they are requested by URN."""
        kept, since = _unpacked(self.stream.state_of(organization).get("posts", [])), self._since(organization, scan)
        unlisted = [urn for urn in kept if urn not in scan.times and created_ms(urn) >= since]
        stream = self.stream
        with stream.skip_refused(organization):
            found = stream.client.batch_get(stream.resource, unlisted, viewContext="READER")
            stream.skip_unanswered("posts", found)
            statuses = {urn: _status_of_unlisted(urn, found.missing, scan) for urn in unlisted}
            self._gone[organization["organization"]] = {urn for urn, status in statuses.items() if status == "gone"}
            return self._rows(organization, statuses)
        return ()

    def on_scan_finished(self, organization: Context, scan: PostScan) -> None:
        """Drop from the state the posts that are gone or too old."""
        state, since = self.stream.state_of(organization), self._since(organization, scan)
        gone = self._gone.pop(organization["organization"], set())
        kept = _unpacked(state.get("posts", []))
        state["posts"] = _packed(u for u in kept if scan.times.get(u, created_ms(u)) >= since and u not in gone)

    def _since(self, organization: Context, scan: PostScan) -> int:
        return max(scan.since, self.rescan_from(organization))

    def _covered(self, organization: Context, scan: PostScan, posts: Sequence[str]) -> Sequence[str]:
        since = self._since(organization, scan)
        return [urn for urn in posts if scan.times[urn] >= since]

    def _rows(self, organization: Context, statuses: Mapping[str, str | None]) -> Sequence[Context]:
        columns = {**organization, "checked_at": self.run_started_at}
        return [{**columns, "post": urn, "status": status} for urn, status in statuses.items() if status]


class PostAvailability(DerivedStream):
    """Whether each post of the engagement window is still there, as of the last run.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/content/posts
    """

    name = "post_availability"
    resource = "dmaPosts"
    parent_stream_type = Posts
    primary_keys = ("post",)
    schema = derived_columns(
        key("post", URN),
        th.Property("organization", URN),
        th.Property(
            "status", TEXT, description="State of the post: available, withheld (LinkedIn refuses to show it) or gone."
        ),
        th.Property("checked_at", TIMESTAMP, description="Time when the run began that checked the post, in UTC."),
    )

    @cached_property
    def coverage(self) -> PostCoverage:
        return _Availability(self)


class EngagementListings(DerivedStream):
    """When all comments, and all reactions, of each post were last listed; any with an earlier `listed_at` is removed.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "engagement_listings"
    resource = "dmaFeedContentsExternal"
    evidence = "derived"
    parent_stream_type = Posts
    primary_keys = ("post", "kind")
    schema = derived_columns(
        key("post", URN),
        key("kind", description="Stream that was listed: comments or reactions."),
        th.Property("organization", URN),
        th.Property(
            "listed_at",
            TIMESTAMP,
            description="Time when the run began that last listed all of them, in UTC; rows of the post with an "
            "earlier `listed_at` were removed.",
        ),
    )

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        run_context.run.shared.full_listings = self
