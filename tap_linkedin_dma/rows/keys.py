"""Keys for rows to which LinkedIn gives none; pure functions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, cast

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.canonical_json import EXPIRING, digest, exact_digest
from tap_linkedin_dma.api.json_paths import to_snake_case

_SHORT = 16
"""Hex digits that are enough to tell digests apart."""

_MOST_SINGLE = 1000

_LAST_BUCKET = 2**14 - 1
_as_entry = Struct("q").pack


_IN_SPANS = frozenset(
    ["start", "end", "date", "range", "interval", "intervals", "year", "quarter", "month", "week", "day", "hour", "id"]
)
"""Last words of names whose number identifies an element, as ids and the ends of a range do, and is not a metric."""

_COUNTS = ("long", "bigDecimal")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT.*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_EARLIEST_MS, _LATEST_MS = 10**12, 10**13
"""Whole numbers between these are epoch milliseconds, from 2001 to 2286."""


def identity(element: Mapping[str, Any], *, keeps_times: bool = False) -> Mapping[str, Any]:
    """The part of an element of metrics that identifies it: all except the metrics and the times of measuring.

    >>> identity({"metric": "VIEWS", "count": 5, "at": 1731024000000, "timeRange": {"start": 1, "end": 2}})
    {'metric': 'VIEWS', 'timeRange': {'start': 1, 'end': 2}}

    Args:
        element: as LinkedIn sent it, or redacted.
        keeps_times: whether its times identify it too, as those of an event do.
    """
    return cast("Mapping[str, Any]", _less_figures(element, keeps_times=keeps_times, in_span=False) or {})


def _less_figures(value: Any, *, keeps_times: bool, in_span: bool) -> Any:
    """A value without its metrics; None if nothing is left of it."""
    if isinstance(value, Mapping):
        kept = {
            name: left
            for name, child in value.items()
            if (name not in _COUNTS or in_span)
            and name not in EXPIRING
            and (left := _less_figures(child, keeps_times=keeps_times, in_span=in_span or _tells_apart(name)))
            is not None
        }
        return kept or None
    if isinstance(value, list):
        items = [_less_figures(item, keeps_times=keeps_times, in_span=in_span) for item in value]
        return [item for item in items if item is not None] or None
    if in_span or isinstance(value, bool):
        return value
    if isinstance(value, str):
        is_time = _STAMP.fullmatch(value) is not None
        return None if (is_time and not keeps_times) or _NUMBER.fullmatch(value) else value
    is_time = isinstance(value, int) and _EARLIEST_MS <= value < _LATEST_MS
    return value if is_time and keeps_times else None


@lru_cache(maxsize=4096)
def _tells_apart(name: str) -> bool:
    return to_snake_case(name).rpartition("_")[2] in _IN_SPANS


class RowKeys:
    """Keys for the elements of one listing to which LinkedIn gives none.

    Args:
        id_fields: fields that identify an element; the first that it has is used.
        drop_repeats: whether the same id twice is the same record.
        scope: columns that tell this listing from others of the stream, if its primary key does not.
        hidden: whether an element's own id may not be emitted, so that its key is a digest.
        identity: the part of an element that its digest is made of; all of it if omitted.
    """

    def __init__(
        self,
        id_fields: Sequence[str],
        *,
        drop_repeats: bool = False,
        scope: Mapping[str, Any] | None = None,
        hidden: Callable[[str], bool] = lambda _: False,
        identity: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    ) -> None:
        self._identity = identity
        self._id_fields = id_fields
        self._drop_repeats = drop_repeats
        self._scope = scope
        self._hidden = hidden
        self._given = HashSet()
        self._ordinals: dict[str, int] = {}
        """The highest ordinal of each name that came more than once."""

        self._before: Mapping[str, int] = {}
        self.resume_counts: dict[str, int] = {}
        """How often elements without an id of their own came, by the beginning of their digests, for a later run that
        resumes this listing: all that came twice, and the first of the others, since there may be millions."""

    def key(self, element: Mapping[str, Any], left: Mapping[str, Any] | None = None) -> str | None:
        """The element's key, or None for a repeat of a record that this listing gave before.

        Args:
            element: as LinkedIn sent it.
            left: the element redacted, if that differs.
        """
        for name in self._id_fields:
            value = element.get(name)
            if (type(value) is str and value) or identifies(value):
                own = str(value)
                is_new = self._given.add(own)
                if not is_new and self._drop_repeats:
                    return None
                if left is not None and self._hidden(own):
                    break
                return own if is_new else self._next(own, 1)[0]
        return self._digest_key(self._digest(element if left is None else left))

    def numeric_key(self, element: Mapping[str, Any], left: Mapping[str, Any] | None = None) -> int:
        """A number for an element without one: its URN's, else one below zero, which LinkedIn never uses."""
        of_urn = urns.key(str(element.get("$URN", "")))
        if of_urn.isdecimal():
            return int(of_urn)
        name = self._digest(element if left is None else left)
        key = self._digest_key(name)
        return -int((name if key == f"{name}-0" else exact_digest(key))[:15], 16)

    def resume(self, resume_counts: Mapping[str, int]) -> None:
        """Resume the listing of an earlier run."""
        self._before = resume_counts
        self.resume_counts = dict(resume_counts)

    def _digest(self, element: Mapping[str, Any]) -> str:
        element = self._identity(element) if self._identity else element
        return digest({"whose": self._scope, "element": element} if self._scope else element)

    def numbered(self, name: str) -> str:
        """The name with the lowest number that makes a key not given yet."""
        return self._next(name, 0)[0]

    def _digest_key(self, name: str) -> str:
        short = name[:_SHORT]
        key, ordinal = self._next(name, self._before.get(short, 0))
        if ordinal or len(self.resume_counts) < _MOST_SINGLE:
            self.resume_counts[short] = ordinal + 1
        return key

    def _next(self, name: str, first: int) -> tuple[str, int]:
        """The name with the lowest ordinal that makes a key not given yet, and that ordinal."""
        ordinal = self._ordinals.get(name, first)
        while not self._given.add(key := f"{name}-{ordinal}"):
            ordinal += 1
            self._ordinals[name] = ordinal
        return key, ordinal


class HashSet:
    """A set of texts by their hashes: a million of them take 12 MB, instead of 140 in a set of texts.

    The chance that two of a million share a hash of 64 bits is one in forty million.
    """

    def __init__(self) -> None:
        self._buckets: defaultdict[int, bytearray] = defaultdict(bytearray)

    def add(self, text: str) -> bool:
        """Add a text.

        Returns:
            Whether it is new.
        """
        number = hash(text)
        bucket, entry = self._buckets[number & _LAST_BUCKET], _as_entry(number)
        if entry not in bucket:
            bucket += entry
            return True
        place = bucket.find(entry)
        # The bytes may also match across the end of one entry and the beginning of the next.
        while place > 0 and place % len(entry):
            place = bucket.find(entry, place + 1)
        if place < 0:
            bucket += entry
            return True
        return False


def identifies(value: object) -> bool:
    """Whether a value can be a key."""
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
