"""The organizations that a run that was cut has left, in the state: the next run reads them first.

`left` has the numbers of the organizations that a stream did not read to their end. Of a table that is read whole, the
runs that together read all organizations are a round: they share a `table_version`, and `done` has the organizations
that need not be read again in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from tap_linkedin_dma.api import urns

_LONGEST_ROUND_MS = 14 * 24 * 60 * 60 * 1000

_ROUND = ("table_version", "done")


def numbers(organizations: Iterable[str]) -> list[int]:
    """The organizations as the state keeps them.

    >>> numbers(["urn:li:organization:42"])
    [42]
    """
    return [int(urns.key(organization)) for organization in organizations]


def in_turn(organizations: Sequence[str], left: Sequence[Sequence[str]]) -> Sequence[str]:
    """The organizations, those first that were left for the most streams.

    >>> in_turn(["a", "b", "c", "d"], [["d", "c"], ["d", "c", "b"]])
    ['d', 'c', 'b', 'a']

    Args:
        organizations: in their usual order.
        left: those that the last run has left for each stream, that of the stream that is to be read first.
    """
    many = Counter(chain.from_iterable(left))
    places = {organization: place for place, organization in enumerate(left[0])}
    return sorted(organizations, key=lambda one: (-many[one], places.get(one, len(places))))


def is_round(kept: Sequence[Mapping[str, Any]], now_ms: int) -> bool:
    """Whether the tables of these streams belong to one round, which is not too old to be continued.

    Args:
        kept: the parts of the state of all streams of the round, the one that has `done` first.
        now_ms: the time, epoch ms.
    """
    versions = {one.get("table_version", 0) for one in kept}
    return "done" in kept[0] and len(versions) == 1 and now_ms - _LONGEST_ROUND_MS < min(versions) <= now_ms


def end_rounds(bookmarks: Mapping[str, dict[str, Any]], besides: Collection[str] = ()) -> None:
    """End the rounds of all streams except these."""
    for name in bookmarks.keys() - set(besides):
        for key in _ROUND:
            bookmarks[name].pop(key, None)
