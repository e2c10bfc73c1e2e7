"""The URNs that a lookup has recently asked for, in little state and without any member's URN."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

import pendulum

from tap_linkedin_dma.state.packing import pack, short_hash, unpack

_URNS_OF_A_LOT = 5000

ANSWERED = "answered"
NOT_RETURNED = "not_returned"
NAMES = (ANSWERED, NOT_RETURNED)
"""In the state: the URNs that LinkedIn has answered, and those that it left out of its answer without a word."""


class RecentLookups:
    """The URNs with one kind of answer, in the state as batches of hashes: {"on": date, "urns": text}.

    Args:
        state: the stream's own; it is written to.
        name: one of `NAMES`.
        now: the day of the run.
        days: how long an answer is valid.
        key: of the hashes, so that the state does not say who is a member; "" for none.
    """

    def __init__(self, state: dict[str, Any], name: str, now: pendulum.DateTime, days: int, key: str = "") -> None:
        self._key = key
        self._state = state
        self._name = name
        self._today = now.to_date_string()
        until = now.subtract(days=days).to_date_string()
        self._lots = [lot for lot in state.get(name, []) if lot["on"] > until]
        self._hashes = array("Q", sorted(number for lot in self._lots for number in unpack(lot["urns"])))
        self._open: list[int] = []

    def __contains__(self, urn: object) -> bool:
        number = short_hash(str(urn), self._key)
        place = bisect_left(self._hashes, number)
        return place < len(self._hashes) and self._hashes[place] == number

    def add(self, urns: Iterable[str]) -> None:
        """Record in the state that these had such an answer today."""
        self._open += (short_hash(urn, self._key) for urn in urns)
        lots = [*self._lots, *([{"on": self._today, "urns": pack(self._open)}] if self._open else [])]
        self._state[self._name] = lots
        if len(self._open) >= _URNS_OF_A_LOT:
            self._lots, self._open = lots, []
