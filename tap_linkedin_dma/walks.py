"""The walk over an organization's posts: how far back it goes, and which posts leave again.

A listing of posts costs one call for a thousand of them. So the posts of the last
`engagement_window_days` are walked on every run, and those leave whose `lastModified` is not the one
that the state knows. The bookmark moves when the walk has ended, never before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import ClassVar

from tap_linkedin_dma import urns
from tap_linkedin_dma.access import FindThenBatchGet
from tap_linkedin_dma.checkpoints import Checkpoint
from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.hashes import hashed, pack, unpack
from tap_linkedin_dma.over_posts import WITHHELD, OverPosts, Walk, made, whole
from tap_linkedin_dma.pages import Page, Parent, Parents
from tap_linkedin_dma.rows import Entity, Row, dig


class PostsWalk(OverPosts, FindThenBatchGet):
    """An organization's posts: all of the engagement window, and before it those not covered yet."""

    kinds: ClassVar[Collection[str]]
    """The kinds of URN that BATCH_GET takes."""

    other_kinds: ClassVar[Collection[str]]
    """Kinds that the listing is known to hold beside them, and another stream reads."""

    kinds_with_engagement: ClassVar[Collection[str]]
    """The kinds that counts, comments, reactions and analytics may be asked for."""

    def pages(self, parents: Parents) -> Iterator[Page]:
        # Where none is read of the streams that cover posts, the others have nothing to tell.
        for organization in parents if self._covering() else ():
            for stream in self._covering():
                stream.begin_posts(organization)
            with self.skipping(organization):
                checkpoint, walk = self.checkpoint(organization), Walk(self._since(organization))
                yield from self.again(partial(self._walk, organization, walk, checkpoint), checkpoint)

    def post_context(self, organization: Parent, urn: str, entity: Entity, row: Row | None) -> Parent:
        """What children are told of a post."""
        raise NotImplementedError

    def end_of_posts(self, organization: Parent, walk: Walk) -> None:
        super().end_of_posts(organization, walk)
        state = self.state_of(organization)
        if walk.published_to:
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = max(walk.published_to, state.get("replication_key_value", ""))
        since = self.covered_before(organization)
        met = {version for urn, version in walk.versions.items() if made(urn) >= since}
        state["known"] = pack(met | self._known(organization) if walk.newest_before else met)

    def _walk(self, organization: Parent, walk: Walk, checkpoint: Checkpoint) -> Iterator[Page]:
        walk.go_on_from(checkpoint.place)
        for elements in self.listed({**organization, "cursor": checkpoint.cursor}):
            recent = [element for element in elements if made(element.get("id")) >= walk.since]
            page = self._page(organization, self._readable(recent, walk), walk)
            is_end = len(recent) < len(elements) and made(elements[-1].get("id")) < walk.since
            walk.rows += len(elements)
            now, cursor = self.connection.clock.now(), None if is_end else elements.cursor
            met = {"newest": walk.newest, "published_to": walk.published_to}
            yield page.then(partial(checkpoint.move, cursor, now, walk.rows, **met))
            if is_end:
                break
        yield Page(settle=partial(self._tell, organization, lambda stream: stream.end_of_posts(organization, walk)))

    def _since(self, organization: Parent) -> int:
        """How far back to walk, epoch ms: to where each stream has come."""
        floor = int(self.start.timestamp() * 1000) if self.start else 0
        return max(floor, min(stream.covered_before(organization) for stream in self._covering()))

    def _covering(self) -> Sequence[OverPosts]:
        children = [child for child in self.children if isinstance(child, OverPosts)]
        return [*children, self] if self.selected else children

    def _readable(self, elements: Sequence[Entity], walk: Walk) -> Sequence[Entity]:
        """Those that BATCH_GET takes and that this walk has not met."""
        readable = []
        others: Counter[str] = Counter()
        for element in elements:
            urn = str(element.get("id"))
            if urns.kind(urn) not in self.kinds:
                others[urns.kind(urn) or "no URN"] += 1
            elif urn not in walk.made:
                readable.append(element)
        if unknown := {kind: count for kind, count in others.items() if kind not in self.other_kinds}:
            self.logger.warning("%s: listed, but not of a kind that can be read: %s", self.name, unknown)
        return readable

    def _page(self, organization: Parent, elements: Sequence[Entity], walk: Walk) -> Page:
        entities = self.read(elements)
        walk.lacking.update(entities.lacking)
        withheld = [urn for urn, status in entities.lacking.items() if status == WITHHELD]
        self.connection.run.mentions.note(self.name, {"withheld": withheld})
        own = (element["id"] for element in elements if element["id"] not in withheld)
        self.connection.run.mentions.know(self.name, own)
        known = set() if self.is_full_table else self._known(organization)
        covered_before = self.covered_before(organization)
        rows: list[Row] = []
        parents: list[tuple[Parent, Row | None]] = []
        versions: set[int] = set()
        for urn in dict.fromkeys(element["id"] for element in elements):
            entity = entities.get(urn, {})
            row = self.row(entity, {"organization": organization["organization"], "id": urn}) if entity else None
            walk.made[urn] = made(urn)
            if urns.kind(urn) in self.kinds_with_engagement:
                parents.append((self.post_context(organization, urn, entity, row), row))
            if row:
                version = _version(urn, dig(entity, "lastModified.time") or entity.get("publishedAt"))
                walk.versions[urn] = version
                versions.add(version)
                walk.published_to = max(filter(None, (walk.published_to, row["published_at"])), default=None)
                if walk.made[urn] >= covered_before and version not in known:
                    rows.append(row)
        page = Page(rows, parents, partial(self._remember, organization, versions))
        met = [element["id"] for element in elements]
        return page.then(partial(self._tell, organization, lambda stream: stream.met_posts(organization, walk, met)))

    def _remember(self, organization: Parent, versions: Collection[int]) -> None:
        if self.selected:
            self.state_of(organization)["known"] = pack(self._known(organization).union(versions))

    def _known(self, organization: Parent) -> set[int]:
        """The versions of posts that have left, as the state keeps them; earlier releases kept each post's time."""
        kept = self.state_of(organization).get("known")
        if isinstance(kept, Mapping):
            return {_version(whole(name), stamp) for name, stamp in kept.items()}
        return set(unpack(kept)) if kept else set()

    def _tell(self, organization: Parent, tell: Callable[[OverPosts], None]) -> None:
        """Tell something to each stream that covers the posts, and to which LinkedIn shows them."""
        for stream in self._covering():
            if organization["organization"] not in stream.refused:
                try:
                    tell(stream)
                except DmaError as fault:
                    stream.break_off(fault)


def _version(urn: str, stamp: object) -> int:
    """A post as it was last modified."""
    return hashed(f"{urn} {stamp}")
