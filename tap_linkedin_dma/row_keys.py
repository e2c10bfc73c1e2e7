"""Keys for rows that LinkedIn gives none: the rule `rowKey` of the contract; pure functions."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tap_linkedin_dma import urns

_SHORT = 16
"""Hex digits that tell digests apart."""

_MOST_SINGLE = 1000

_EXPIRING = ("downloadUrl", "downloadUrlExpiresAt")


class RowKeys:
    """Keys for the elements of one listing where LinkedIn gives none.

    Args:
        own_keys: fields that identify an element, the first that it carries is taken.
        repeats_are_one: the same own key twice is the same record.
        whose: columns that tell this listing from others of the stream, where its primary key does not.
    """

    def __init__(
        self, own_keys: Sequence[str], *, repeats_are_one: bool = False, whose: Mapping[str, Any] | None = None
    ) -> None:
        self._own_keys = own_keys
        self._repeats_are_one = repeats_are_one
        self._whose = whose
        self._given: set[str] = set()
        self._ordinals: Counter[str] = Counter()
        self._before: Mapping[str, int] = {}
        self._keyless: Counter[str] = Counter()
        self.memory: dict[str, int] = {}
        """How often elements without a key of their own came, by the beginning of their digests, for a later run that
        goes on with this listing: all that came twice, and the first of the others, since there may be millions."""

    def key(self, element: Mapping[str, Any]) -> str | None:
        """The element's key, or None for a repeat of a record that this listing gave before."""
        own = next((str(element[name]) for name in self._own_keys if identifies(element.get(name))), None)
        if own is None:
            return self._digest_key(self._digest(element))
        if own not in self._given:
            self._given.add(own)
            return own
        return None if self._repeats_are_one else self._next(own, 1)

    def number(self, element: Mapping[str, Any]) -> int:
        """A number for an element whose own is missing: its URN's, else one below zero, where LinkedIn has none."""
        of_urn = urns.key(str(element.get("$URN", "")))
        if of_urn.isdecimal():
            return int(of_urn)
        name = self._digest(element)
        key = self._digest_key(name)
        return -int((name if key == f"{name}-0" else exact_digest(key))[:15], 16)

    def remember(self, memory: Mapping[str, int]) -> None:
        """Go on with the listing of an earlier run."""
        self._before = memory
        self.memory = dict(memory)

    def _digest(self, element: Mapping[str, Any]) -> str:
        return digest({"whose": self._whose, "element": element} if self._whose else element)

    def _digest_key(self, name: str) -> str:
        short = name[:_SHORT]
        before = self._before.get(short, 0)
        self._keyless[short] += 1
        times = before + self._keyless[short]
        if times > 1 or len(self.memory) < _MOST_SINGLE:
            self.memory[short] = times
        return self._next(name, before)

    def _next(self, name: str, first: int = 0) -> str:
        """The name with the lowest ordinal that makes a key not given yet."""
        while (key := f"{name}-{first + self._ordinals[name]}") in self._given:
            self._ordinals[name] += 1
        self._given.add(key)
        return key


def identifies(value: object) -> bool:
    """Whether a value can be a key."""
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


def digest(element: Mapping[str, Any]) -> str:
    """The SHA-256 of an element's canonical JSON, in hex; expiring links do not count.

    >>> digest({"b": 1, "a": {"downloadUrl": "x"}}) == digest({"a": {"downloadUrl": "y"}, "b": 1})
    True
    """
    return exact_digest(_lasting(element))


def exact_digest(value: object) -> str:
    """The SHA-256 of a value's canonical JSON, in hex; all of it counts."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # JSON may hold half of a character that was cut in two.
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _lasting(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _lasting(child) for name, child in value.items() if name not in _EXPIRING}
    if isinstance(value, list):
        return [_lasting(child) for child in value]
    return value
