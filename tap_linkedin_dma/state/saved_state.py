"""Validates the state of an earlier run.

A state that was cut, or changed by hand, is refused before anything is read: to restart silently would read
everything again, and to resume from a wrong bookmark would lose rows. A wrapper or an unambiguous duplicate entry is
accepted, and a time in the future is not believed.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pendulum
from jsonschema import Draft202012Validator, FormatChecker

from tap_linkedin_dma.api.errors import StateRejected
from tap_linkedin_dma.config.json_files import is_text
from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.state.packing import NUMBER_BYTES, unpack
from tap_linkedin_dma.state.post_days import ENTRY_BYTES

_DO = "Give the tap the state that its last run wrote"
ADVICE = f"{_DO}, or none, to read everything again."
"""Advice for a state that cannot be used."""

_A_DAY_MS = 24 * 60 * 60 * 1000
_LAST_MS = int(pendulum.datetime(9000, 1, 1).timestamp() * 1000)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?")

_TEXT, _WHOLE, _MAP = {"type": "string"}, {"type": "integer"}, {"type": "object"}
_SECONDS, _MILLISECONDS = {"type": "integer", "format": "seconds"}, {"type": "integer", "format": "milliseconds"}
"""Points in time, since 1970."""

_MOMENT = {"type": "string", "format": "moment"}
_PACKED = {"type": "string", "format": "packed"}
_NAMES = {"type": "array", "items": _TEXT}
_PARTS = {"type": "array", "items": _PACKED}


def _map(of: Mapping[str, Any]) -> dict[str, Any]:
    return {**_MAP, "additionalProperties": of}


def _record(*required: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    return {**_MAP, "properties": properties, "required": required}


_PLACE = _record(
    cursor=_TEXT,
    done={"type": "boolean"},
    rows=_WHOLE,
    at=_SECONDS,
    table_version=_WHOLE,
    children=_NAMES,
    keys=_map(_WHOLE),
    newest=_MILLISECONDS,
    published_to={"anyOf": [_MOMENT, {"type": "null"}]},
)

_LOTS = {"type": "array", "items": _record("on", "urns", on=_MOMENT, urns=_PACKED)}
"""URNs by the day of their answer; see `RecentLookups`."""

KEPT = {
    "context": _MAP,
    "replication_key_value": _MOMENT,  # up to where all has been emitted
    "listings": _map(_PLACE),  # the places at which listings were cut
    "table_version": _MILLISECONDS,  # of a table that several cut runs read as a whole
    "left": {"type": "array", "items": _WHOLE},  # the organizations that a cut run did not come to
    "done": {"type": "array", "items": _WHOLE},  # those that it had read
    "slow_since": _map(_SECONDS),  # the resources that LinkedIn has throttled
    "request_forms": _map(_map(_MAP)),  # the forms of parameters that LinkedIn has accepted
    "members": _TEXT,  # a mark of the settings that hide members
    "locations_dropped": {"type": "boolean"},  # whether names of places are left out
    "batch_files": {"type": "string", "pattern": "^[0-9a-f]{8}$"},  # in the names of this pipeline's files
    "posts_to": _MOMENT,  # up to where all posts of an organization are covered
    "reposts_to": _MOMENT,  # up to where its reposts are
    "owed": _map({"anyOf": [_WHOLE, _map(_WHOLE)]}),  # since when posts, or comments on them, must be read again
    "asked": _MAP,  # the posts that have been queried in a scan that has not ended
    "read": _NAMES,  # the streams for which comments or reactions have been listed
    # The counts at which they were listed; earlier releases kept the counts themselves.
    "counts": {"anyOf": [_PARTS, _map({"anyOf": [_PARTS, _TEXT, _map(_TEXT)]})]},
    # The versions of posts that have been emitted, and the posts whose availability is checked; earlier releases kept
    # both by the names of posts.
    "known": {"anyOf": [_PACKED, _MAP]},
    "posts": {
        "anyOf": [_NAMES, {**_map({"type": "string", "format": "packed numbers"}), "properties": {"": _NAMES}}],
    },
    "read_to": _map({"type": "array", "items": {"type": "string", "format": "packed days"}}),  # see `PostDays`
    "scanned_on": _MOMENT,  # the day of the last scan of the posts that ended
    "dead_windows": {  # the days of analytics that LinkedIn has not answered about
        "type": "array",
        "items": _record("start", "end", start=_MOMENT, end=_MOMENT, runs=_WHOLE),
    },
    "listed": _PACKED,  # the keys of a listing that gives no time of creation
    "lead_types": _map(_MOMENT),  # a bookmark for each type of lead
    "answered": _LOTS,  # what a lookup has read
    "not_returned": _LOTS,  # what LinkedIn left out of its answer to a lookup without a word
    "failed_runs": _WHOLE,  # runs in a row that could not read a lookup
    "lacking_runs": _WHOLE,  # runs in a row on which LinkedIn gave no answer about some members
    "read_since": _MOMENT,  # the day of the first run that looked up what records name
}
"""The keys in the state of a stream, or of one of its organizations, and their schemas."""

_STREAM = {
    **_MAP,
    "properties": {**KEPT, "partitions": {"type": "array", "items": _record("context", **KEPT)}},
}

_FORMATS = FormatChecker(formats=())


def taken(given: Mapping[str, Any]) -> dict[str, Any]:
    """The validated state, without its wrapper, and with each partition once.

    Args:
        given: the state as a run wrote it, as `meltano state get` prints it, or a whole STATE message.

    Raises:
        StateRejected: if it cannot be resumed from; the sentence names the stream and the key that are wrong.
    """
    state = _unwrapped(given)
    bookmarks = state.get("bookmarks", None if state else {})
    if not isinstance(bookmarks, Mapping):
        msg = f"The state was not written by tap-linkedin-dma. {ADVICE}"
        raise StateRejected(msg)
    validator = Draft202012Validator(_STREAM, format_checker=_FORMATS)
    for stream, kept in bookmarks.items():
        for error in validator.iter_errors(kept):
            # Deeper names are those of posts.
            raise _damaged(stream, [step for step in error.absolute_path if step in KEPT])
        if not is_text([stream, kept]):
            raise _damaged(stream, [])
    return {**state, "bookmarks": {stream: _merged(stream, kept) for stream, kept in bookmarks.items()}}


def _unwrapped(given: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = given.get("value") if given.get("type") == "STATE" else given.get("singer_state")
    return inner if isinstance(inner, Mapping) and "bookmarks" not in given else given


def _damaged(stream: str, keys: Sequence[object]) -> StateRejected:
    where = f" at {keys[0]}" if keys else ""
    return StateRejected(
        f"{stream}: its part of the state is damaged{where}. {_DO}, or take {stream} out of it: the stream is then "
        "read from its start."
    )


def _merged(stream: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A stream's part of the state; duplicate entries for an organization become one, if they do not contradict."""
    partitions: dict[str, dict[str, Any]] = {}
    for partition in kept.get("partitions", ()):
        one = partitions.setdefault(json.dumps(partition["context"], sort_keys=True), {})
        if any(one.get(key, value) != value for key, value in partition.items()):
            msg = (
                f"{stream}: its part of the state contains an organization twice, with different contents. {_DO}, or "
                "take "
                f"{stream} out of it: the stream is then read from its start."
            )
            raise StateRejected(msg)
        one.update(partition)
    return {**kept, "partitions": list(partitions.values())} if "partitions" in kept else dict(kept)


def bring_back(bookmarks: Mapping[str, Any], now: pendulum.DateTime) -> Iterator[str]:
    """Correct times in the future, which a run with a wrong clock leaves in a state.

    A bookmark by which days or changes are requested is removed: how far was read is unknown. Any other time
    becomes the present one.

    Args:
        bookmarks: of all streams; changed while the generator runs.
        now: the time; up to a day more is accepted, since clocks differ.

    Yields:
        A sentence for each stream.
    """
    validator = Draft202012Validator(_STREAM, format_checker=_future(int(now.timestamp() * 1000) + _A_DAY_MS))
    for stream, kept in bookmarks.items():
        ahead = {tuple(error.absolute_path) for error in validator.iter_errors(kept)}
        for path in sorted(ahead, key=str):
            if "dead_windows" not in path:  # they are compared with the bookmark
                _bring_back(kept, path, now)
        if ahead:
            keys = sorted({next(str(step) for step in path if step in KEPT) for path in ahead})
            yield (
                f"{stream}: its state contains a time in the future ({', '.join(keys)}), as a run with a wrong clock "
                "leaves it. The tap ignores it, and reads more again."
            )


def _bring_back(kept: Any, path: Sequence[Any], now: pendulum.DateTime) -> None:
    *heads, last = path
    for head in heads:
        kept = kept[head]
    if last == "replication_key_value" or "lead_types" in heads:
        del kept[last]
    elif isinstance(kept[last], str):
        text = format_ms(int(now.timestamp() * 1000))
        kept[last] = text[: len(kept[last])] if len(kept[last]) == len("2024-01-01") else text
    elif last == "newest":
        kept[last] = int(now.timestamp() * 1000)
    else:
        kept[last] = 0  # too old to resume from


def _future(limit: int) -> FormatChecker:
    """Formats that fail for times after a limit in epoch milliseconds."""
    checker = FormatChecker(formats=())
    units: dict[str, Callable[[Any], float]] = {
        "moment": parse_ms,
        "seconds": lambda at: at * 1000,
        "milliseconds": lambda at: at,
    }
    for name, of in units.items():
        checker.checks(name)(lambda value, of=of: isinstance(value, bool | None) or of(value) <= limit)
    return checker


def _format(name: str, look: Callable[[str], object], *errors: type[Exception]) -> None:
    @_FORMATS.checks(name, raises=errors)
    def is_fine(value: object) -> bool:
        if isinstance(value, str):
            look(value)
        return True


def _look_at_moment(text: str) -> None:
    if not _DATE.fullmatch(text) or not 0 <= parse_ms(text) <= _LAST_MS:
        raise ValueError


_format("moment", _look_at_moment, ValueError, TypeError, OverflowError)
_format("packed", unpack, ValueError, zlib.error)
_format("packed numbers", lambda text: unpack(text, NUMBER_BYTES), ValueError, zlib.error)
_format("packed days", lambda text: unpack(text, ENTRY_BYTES), ValueError, zlib.error)
