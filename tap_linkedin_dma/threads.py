"""Comments with their replies, to any depth: what is listed for a post, and under each comment that has some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tap_linkedin_dma import urns
from tap_linkedin_dma.engagement import UNKNOWN_COUNTS, Engagement
from tap_linkedin_dma.listings import Listed, Owed
from tap_linkedin_dma.rows import Entity, dig
from tap_linkedin_dma.values import whole


class CommentThreads(Engagement):
    """Comments on posts, and replies as far as counts tell of them."""

    def signature(self, counts: Entity) -> str:
        """Comments with replies, and without."""
        count, at_the_top = _counted(counts)
        if count is None:
            return UNKNOWN_COUNTS
        return f"{count}/{at_the_top}" if count else ""

    def listing(self, owed: Owed) -> Iterator[Listed]:
        """Replies are listed under the comment they answer; a post's own listing may hold them or not."""
        count, at_the_top = _counted(owed.counts)
        level = list(super().listing(owed))
        found = {listed.urn for listed in level}
        yield from level
        # More listed than counted tells that the counts are late, and nothing of replies.
        while level and (count is None or at_the_top is None or at_the_top < count != len(found)):
            level = [reply for reply in self._replies(owed, level) if reply.urn not in found]
            found |= {reply.urn for reply in level}
            yield from level

    def _replies(self, owed: Owed, level: Sequence[Listed]) -> Iterator[Listed]:
        """The replies to these comments, as far as their counts do not say that there are none."""
        asked = [listed.urn for listed in level if listed.urn and urns.kind(listed.urn) in self.kinds]
        counts = self.counts_of(asked) or {}
        for urn in asked:
            if self.signature(counts.get(urn, {})):
                yield from self.listed_on(urn, {**owed.parent, "parent_comment": urn})


def _counted(counts: Entity | None) -> tuple[int | None, int | None]:
    """How many comments social metadata counts, with replies and without; None where it does not say."""
    summary = (counts or {}).get("commentSummary", {})
    return whole(dig(summary, "count")), whole(dig(summary, "topLevelCount"))
