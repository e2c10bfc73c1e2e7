"""The counts of comments and reactions on posts and comments, which LinkedIn calls social metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.rows.conversion import int_or_none
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.sync.batches import ContextBatch

_RESOURCE = "dmaSocialMetadata"

UNKNOWN_COUNTS = "unknown"
"""Kept if LinkedIn does not give the counts: the entity is listed once, and again when they are given."""


def read_counts(stream: DmaStream, entities: Sequence[str]) -> BatchResult | None:
    """The counts of posts or comments; None if LinkedIn refuses them, which ends no stream."""
    try:
        return stream.client.batch_get(_RESOURCE, entities)
    except stream.skippable_errors as refusal:
        stream.skip("the counts", refusal)
        return None


def read_counts_once(stream: DmaStream, contexts: ContextBatch, entity_column: str) -> BatchResult | None:
    """The counts of the posts or comments of these contexts, read once for all streams that want them.

    Args:
        stream: reads them, if no other has done so.
        contexts: those that have `counts` already are not requested.
        entity_column: their column with the post or comment.

    Returns:
        None if LinkedIn refuses them.
    """
    read = partial(_read_unknown, stream, contexts, entity_column)
    return stream.run_context.run_lock.compute_once(contexts.shared, _RESOURCE, read)


def _read_unknown(stream: DmaStream, contexts: ContextBatch, entity_column: str) -> BatchResult | None:
    read = read_counts(stream, [context[entity_column] for context in contexts if "counts" not in context])
    if read is not None:
        known = {context[entity_column]: context.get("counts") for context in contexts}
        read.update({entity: counts for entity, counts in known.items() if counts})
    return read


def comment_counts(counts: Entity | None) -> tuple[int | None, int | None]:
    """How many comments social metadata counts, with replies and without; None if it does not say."""
    summary = (counts or {}).get("commentSummary", {})
    return int_or_none(get_path(summary, "count")), int_or_none(get_path(summary, "topLevelCount"))


def reaction_counts(counts: Entity) -> dict[str, int | None]:
    """How many reactions of each type social metadata counts; None if the count cannot be read.

    >>> reaction_counts({"reactionSummaries": {"LIKE": {"reactionType": "LIKE", "count": 2}}})
    {'LIKE': 2}
    """
    summaries = counts.get("reactionSummaries")
    if not isinstance(summaries, Mapping):
        return {}
    counted = {name: int_or_none(get_path(summary, "count")) for name, summary in summaries.items()}
    return {name: count for name, count in counted.items() if count != 0}
