"""The scan of an organization's posts: how far back it goes, and which posts are emitted again.

A listing of posts costs one call for a thousand of them. So the posts of the last `engagement_window_days`
are scanned on every run, and those are emitted whose `lastModified` is not the one in the state. The
bookmark moves when the scan has ended, never before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.rows.conversion import ConversionError, format_ms, int_or_none
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    URN,
    columns,
    key,
)
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.state.packing import pack, short_hash, unpack
from tap_linkedin_dma.stream_types.changed_since import FEED_LAG_MS
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.streams.feed.coverage import (
    HTTP_WITHHELD,
    CoversPosts,
    PostCoverage,
    PostScan,
    add_prefix,
    created_ms,
    strip_prefix,
)
from tap_linkedin_dma.streams.feed.listings import FindThenBatchGet
from tap_linkedin_dma.streams.feed.post_rows import POST_COLUMNS, PostRows, content_kind
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context, ContextBatch, DerivedRows, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_OLD_IN_A_ROW = 20
"""Old posts in a row after which a listing is taken to have only old ones: a single one may be out of order."""

_SCHEDULED_AHEAD_MS = 92 * 24 * 60 * 60 * 1000
"""A post may be scheduled at most three months ahead, and its URN contains the time when it was made."""


def _time_of(urn: str, entity: Entity) -> int:
    """When a post was published, epoch ms; else when it was made."""
    published = int_or_none(entity.get("publishedAt"))
    with suppress(ConversionError):
        if published is not None and format_ms(published):
            return published
    return created_ms(urn)


def _version(urn: str, stamp: object) -> int:
    """A hash of a post with the time of its last modification."""
    return short_hash(f"{urn} {stamp}")


class Posts(PostRows, FindThenBatchGet):
    """Posts that an organization wrote or reshared.

    LinkedIn lists them as bare URNs, newest first, so each page of URNs is read whole by BATCH_GET.
    People are missing if they have not agreed to be shown.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/content/posts
    """

    name = "posts"
    finder = "postsByAuthor"
    params = {"author": "{organization}"}
    resource = "dmaPosts"
    batch_params = {"viewContext": "READER"}
    urn_types = ("share", "ugcPost", "groupPost")
    ignored_urn_types = ("instantRepost",)
    engagement_urn_types = ("share", "ugcPost")
    evidence = "documented"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    replication_key = "published_at"
    append_only = True
    schema = columns(
        key("id", URN, description="URN of the post: urn:li:share:NUMBER or urn:li:ugcPost:NUMBER."),
        th.Property("organization", URN),
        *POST_COLUMNS,
    )

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self.coverage = PostCoverage(self)
        self._begun: set[str] = set()
        """The organizations whose posts have been scanned in this run, or are being scanned."""

    def post_context(self, organization: Context, urn: str, entity: Entity, row: Row | None) -> Context:
        """The context of a post, even if LinkedIn does not show it; its URN contains the time when it was made."""
        made = urns.created_ms(urn)
        published = (row and row["published_at"]) or (format_ms(made) if made is not None else None)
        root = get_path(entity, "reshareContext.root")
        return {
            **organization,
            "post": urn,
            "root_post": root or urn,
            "post_published_at": published,
            "post_content_kind": content_kind(entity.get("content")),
            "is_shown": bool(entity),
        }

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        # If no stream that covers posts is read, the other children get no rows either.
        for organization in contexts if self._covering() else ():
            self._leave_for_later(organization["organization"])
            for coverage in self._covering():
                coverage.on_scan_started(organization)
            with self.skip_refused(organization):
                checkpoint, since = self.checkpoint(organization), self._since(organization)
                scan = PostScan(since, self._made_since(organization, since))
                yield from self.restart_if_cursor_refused(
                    partial(self._scan, organization, scan, checkpoint), checkpoint
                )

    def _leave_for_later(self, organization: str) -> None:
        """Have the streams below leave out an organization if the last run has left them others, not begun so far."""
        self._begun.add(organization)
        for child in self.children:
            left = {one for stream in child.branch for one in stream.left}
            if organization not in left and not left <= self._begun:
                child.later_organizations.add(organization)

    def _scan(self, organization: Context, scan: PostScan, checkpoint: Checkpoint) -> Iterator[RecordBatch]:
        scan.go_on_from(checkpoint.place)
        owed = self._owed(organization)
        for elements in self.list_urns({**organization, "cursor": checkpoint.cursor}):
            listed = [*self._recent(elements, scan), *({"id": urn} for urn in owed)]
            batch = self._page(organization, self._readable(listed, scan), scan, owed)
            owed = ()
            is_end = scan.old_in_a_row >= _OLD_IN_A_ROW
            scan.rows += len(elements)
            now, cursor = self.run_context.clock.now(), None if is_end else elements.cursor
            met = {"newest": scan.newest, "published_to": scan.published_to}
            yield batch.also_commit(partial(checkpoint.advance, cursor, now, scan.rows, **met))
            if is_end:
                break
        yield RecordBatch(
            others=self._rows_of(organization, lambda coverage: coverage.rows_at_end(organization, scan)),
            commit=partial(self._end, organization, scan),
        )

    def _end(self, organization: Context, scan: PostScan) -> None:
        """Record in the state that a scan, and all streams below its posts, have been emitted."""
        self._notify(organization, lambda coverage: coverage.on_scan_finished(organization, scan))
        if not self.selected or not self.reads(organization["organization"]):
            return
        state = self.state_of(organization)
        if scan.published_to:
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = max(scan.published_to, state.get("replication_key_value", ""))
        since = self.coverage.rescan_from(organization)
        met = {version for urn, version in scan.versions.items() if scan.times[urn] >= since}
        state["known"] = pack(met | self._known(organization) if scan.newest_before else met)

    def _since(self, organization: Context) -> int:
        """How far back to scan, epoch ms: as far as any of the streams needs."""
        return max(self.start_ms, min(coverage.rescan_from(organization) for coverage in self._covering()))

    def _covering(self) -> Sequence[PostCoverage]:
        """How far each stream that depends on the posts has covered them, and this one if it is selected."""
        children = [child.coverage for child in self.children if isinstance(child, CoversPosts)]
        return [*children, self.coverage] if self.selected else children

    def _owed(self, organization: Context) -> Sequence[str]:
        """The posts that this stream, or a child, has to read again."""
        covering = [self.coverage, *self._covering()]
        return list(dict.fromkeys(add_prefix(name) for one in covering for name in one.owed_posts(organization)))

    def _recent(self, elements: Sequence[Entity], scan: PostScan) -> Sequence[Entity]:
        """The elements of a listing's page that may be young enough, judging by their URNs.

        A URN contains the time when a post was made; a post that was scheduled, or long a draft, was published later.
        So posts made some months earlier count too, and any that is listed between younger ones.
        """
        recent: list[Entity] = []
        old: list[Entity] = []
        for element in elements:
            when = created_ms(element.get("id"))
            if when < scan.made_since:
                old.append(element)
                scan.old_in_a_row += 1
                continue
            if when >= scan.since:
                recent += old
            old, scan.old_in_a_row = [], 0
            recent.append(element)
        return recent

    def _made_since(self, organization: Context, since: int) -> int:
        """The earliest time of creation of a post published after `since`, or after the last scan: epoch ms."""
        covered = [
            coverage.newest_post(organization) or FEED_LAG_MS for coverage in self._covering() if coverage.backfill
        ]
        new_since = max(self.start_ms, min(covered) - FEED_LAG_MS) if covered else since
        return min(since, new_since - _SCHEDULED_AHEAD_MS)

    def _readable(self, elements: Sequence[Entity], scan: PostScan) -> Sequence[Entity]:
        """The elements that BATCH_GET accepts and that this scan has not met."""
        readable = []
        others: Counter[str] = Counter()
        for element in elements:
            urn = str(element.get("id"))
            if urns.urn_type(urn) not in self.urn_types:
                others[urns.urn_type(urn) or "no URN"] += 1
            elif urn not in scan.times:
                readable.append(element)
        if unknown := {kind: count for kind, count in others.items() if kind not in self.ignored_urn_types}:
            self.logger.warning("%s: listed, but not of a kind that can be read: %s", self.name, unknown)
        return readable

    def _page(
        self, organization: Context, elements: Sequence[Entity], scan: PostScan, owed: Collection[str]
    ) -> RecordBatch:
        entities = self.hydrate(elements)
        scan.missing.update(entities.missing)
        self.skip_unanswered(f"posts of organization {urns.key(organization['organization'])}", entities)
        # URNs alone: a batch waits for all that is read of its posts, and a thousand posts whole are many megabytes.
        asked, unanswered = [*entities, *entities.missing], {*entities.unanswered}
        withheld = [urn for urn, status in entities.missing.items() if status == HTTP_WITHHELD]
        own = (element["id"] for element in elements if element["id"] not in withheld)
        self.run_context.run.referenced_urns.mark_known(self.name, own)
        known = set() if self.is_full_table else self._known(organization)
        rescan_from, ours = self.coverage.rescan_from(organization), self.coverage.owed_posts(organization)
        rows: list[Row] = []
        contexts: list[tuple[Context, Row | None]] = []
        versions: set[int] = set()
        for urn in dict.fromkeys(element["id"] for element in elements):
            entity = entities.pop(urn, {})
            when = scan.times[urn] = _time_of(urn, entity)
            if when < (self.start_ms if urn in owed else scan.since):
                continue
            is_ours = strip_prefix(urn) in ours
            row = self.row(entity, {"organization": organization["organization"], "id": urn}) if entity else None
            context = self.post_context(organization, urn, entity, row)
            if urns.urn_type(urn) in self.engagement_urn_types and not (urn in unanswered and self._may_wait(context)):
                contexts.append(({**context, "post_time": when, "is_owed": is_ours}, row))
            if row:
                version = _version(urn, get_path(entity, "lastModified.time") or entity.get("publishedAt"))
                scan.versions[urn] = version
                versions.add(version)
                scan.published_to = max(filter(None, (scan.published_to, row["published_at"])), default=None)
                if (when >= rescan_from or is_ours) and version not in known:
                    rows.append(row)
        met = [element["id"] for element in elements if scan.times[element["id"]] >= scan.since]
        return RecordBatch(
            rows,
            contexts,
            partial(self._page_has_left, organization, scan, met, versions, asked, unanswered),
            partial(
                self._page_has_left, organization, scan, met, (), asked, unanswered.union(row["id"] for row in rows)
            ),
            self._rows_of(organization, lambda coverage: coverage.rows_of_met(organization, scan, met)),
            [{"withheld": withheld}],
        )

    def _may_wait(self, post: Context) -> bool:
        """Whether the children wait until LinkedIn answers about a post: not forever, since it may never do so."""
        now_s = self.coverage.now_s
        return now_s - (self.coverage.owed_since(post) or now_s) < FEED_LAG_MS // 1000

    def _page_has_left(
        self,
        organization: Context,
        scan: PostScan,
        met: Sequence[str],
        versions: Collection[int],
        asked: Sequence[str],
        owed: Collection[str],
    ) -> None:
        for urn in asked:
            post = {**organization, "post": urn}
            if urn in owed:
                self.coverage.owe(post)
            else:
                self.coverage.has_paid(post)
        if self.selected:
            self.state_of(organization)["known"] = pack(self._known(organization).union(versions))
        self._notify(organization, lambda coverage: coverage.on_batch_emitted(organization, scan, met))

    def _known(self, organization: Context) -> set[int]:
        """The versions of posts that have been emitted, from the state; earlier releases kept each post's time."""
        kept = self.state_of(organization).get("known")
        if isinstance(kept, Mapping):
            return {_version(add_prefix(name), stamp) for name, stamp in kept.items()}
        return set(unpack(kept)) if kept else set()

    def _rows_of(
        self, organization: Context, rows: Callable[[PostCoverage], Sequence[Context]]
    ) -> Sequence[tuple[DerivedRows, Sequence[Context]]]:
        """The rows that each derived stream that covers the posts gets from them."""
        found: list[tuple[DerivedRows, Sequence[Context]]] = []

        def ask(coverage: PostCoverage) -> None:
            if (its := rows(coverage)) and isinstance(coverage.stream, DerivedStream):
                found.append((coverage.stream, its))

        self._notify(organization, ask)
        return found

    def _notify(self, organization: Context, tell: Callable[[PostCoverage], None]) -> None:
        """Call a function for each stream that covers the posts, unless LinkedIn refuses to show them to it."""
        for coverage in self._covering():
            if coverage.stream.reads(organization["organization"]):
                try:
                    tell(coverage)
                except DmaError as fault:
                    coverage.stream.emitter.fail(fault)
