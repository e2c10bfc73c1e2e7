"""Up to which day each post has been read, and at which counts, in little state: about nine characters a post."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.state.packing import NUMBER_BYTES, pack, unpack

_DAY_BITS = 16
_COUNTS_BITS = 16
ENTRY_BYTES = NUMBER_BYTES + (_DAY_BITS + _COUNTS_BITS) // 8
"""Bytes of a post's number, day and counts."""

MOST_COUNTS = (1 << _COUNTS_BITS) - 1
"""The largest number that may stand for counts."""

_LARGEST_PART = 100


class PostDays:
    """Day and counts by post, in parts in the state: adding to a part costs little, however many posts there are.

    A day is a number of days since 1970; 0 stands for unknown counts. A post whose URN ends in no number is not kept.

    Args:
        state: the part of the state that holds them; it is written to.
        name: their key in it.
    """

    def __init__(self, state: dict[str, Any], name: str) -> None:
        self._state = state
        self._name = name
        self._days: dict[str, tuple[int, int]] = {}
        kept: Mapping[str, Sequence[str]] = state.get(name, {})
        for kind, parts in kept.items():
            # A later part holds what is newer.
            for entry in (entry for part in parts for entry in unpack(part, ENTRY_BYTES)):
                number, day = entry >> _DAY_BITS + _COUNTS_BITS, entry >> _COUNTS_BITS & (1 << _DAY_BITS) - 1
                self._days[f"urn:li:{kind}:{number}"] = day, entry & MOST_COUNTS
        self._parts = {kind: list(parts) for kind, parts in kept.items()}
        self._open: dict[str, dict[int, int]] = {}

    def items(self) -> Iterable[tuple[str, tuple[int, int]]]:
        """Each post with its day and counts."""
        return self._days.items()

    def get(self, urn: str) -> tuple[int, int] | None:
        """The day and the counts of a post; None if it is not kept."""
        return self._days.get(urn)

    @staticmethod
    def can_keep(urn: str) -> bool:
        """Whether a post's URN ends in a number."""
        number = urns.key(urn)
        return number.isdecimal() and number == str(int(number)) and int(number) < 1 << 8 * NUMBER_BYTES

    def put(self, urn: str, day: int, counts: int) -> None:
        """Keep the day and the counts of a post in place of earlier ones."""
        if not self.can_keep(urn):
            return
        self._days[urn] = day, counts
        kind, number = urns.urn_type(urn), int(urns.key(urn))
        newest = self._open.setdefault(kind, {})
        newest[number] = _entry(urn, day, counts)
        parts = [*self._parts.get(kind, ()), pack(newest.values(), ENTRY_BYTES)]
        self._state[self._name] = {**self._state.get(self._name, {}), kind: parts}
        if len(newest) >= _LARGEST_PART:
            self._parts[kind], self._open[kind] = parts, {}

    def keep_only(self, is_kept: Callable[[str, int], bool]) -> None:
        """Remove the posts for which a function of URN and day is false, and make one part of all others."""
        self._days = {urn: kept for urn, kept in self._days.items() if is_kept(urn, kept[0])}
        entries: dict[str, list[int]] = {}
        for urn, kept in self._days.items():
            entries.setdefault(urns.urn_type(urn), []).append(_entry(urn, *kept))
        self._parts = {kind: [pack(found, ENTRY_BYTES)] for kind, found in entries.items()}
        self._open = {}
        self._state[self._name] = dict(self._parts)


def _entry(urn: str, day: int, counts: int) -> int:
    return (int(urns.key(urn)) << _DAY_BITS | day) << _COUNTS_BITS | counts
