"""Whether the state of an earlier run can be gone on from: what is in it, and of which form.

A state that was cut, or changed by hand, is refused before anything is read: to begin anew in silence would read all
again, and to go on from a wrong bookmark would lose rows.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tap_linkedin_dma.errors import StateRejected
from tap_linkedin_dma.hashes import NUMBER, unpack
from tap_linkedin_dma.values import milliseconds

_TEXT, _WHOLE, _MAP = {"type": "string"}, {"type": "integer"}, {"type": "object"}
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
    at=_WHOLE,
    table_version=_WHOLE,
    children=_NAMES,
    keys=_map(_WHOLE),
    newest=_WHOLE,
    published_to={"anyOf": [_MOMENT, {"type": "null"}]},
)

_KEPT = {
    "context": _MAP,
    "replication_key_value": _MOMENT,
    "posts_to": _MOMENT,
    "reposts_to": _MOMENT,
    "table_version": _WHOLE,
    "listings": _map(_PLACE),
    "read": _NAMES,
    # Earlier releases kept the counts themselves.
    "counts": {"anyOf": [_PARTS, _map({"anyOf": [_PARTS, _TEXT, _map(_TEXT)]})]},
    "owed": _map({"anyOf": [_WHOLE, _map(_WHOLE)]}),
    # Earlier releases kept the first two by the names of posts.
    "known": {"anyOf": [_PACKED, _MAP]},
    "posts": {
        "anyOf": [_NAMES, {**_map({"type": "string", "format": "packed numbers"}), "properties": {"": _NAMES}}],
    },
    "asked": _MAP,
    "listed": _PACKED,
    "lead_types": _map(_MOMENT),
    "dead_windows": {"type": "array", "items": _record("start", "end", start=_MOMENT, end=_MOMENT, runs=_WHOLE)},
    "answered": {"type": "array", "items": _record("on", "urns", on=_MOMENT, urns=_PACKED)},
}
"""By key, what the state of a stream holds, or that of one of its organizations."""

_STREAM = {
    **_MAP,
    "properties": {**_KEPT, "partitions": {"type": "array", "items": _record("context", **_KEPT)}},
}

_FORMATS = FormatChecker(formats=())


def checked(text: str) -> str:
    """The same text.

    Args:
        text: the state as the last run wrote it, JSON.

    Raises:
        StateRejected: where it cannot be gone on from, with the stream and the key that are wrong.
    """
    try:
        state = json.loads(text)
    except ValueError:
        msg = "The state is no JSON. Give the tap the state that its last run wrote, or none to read all anew."
        raise StateRejected(msg) from None
    bookmarks = state.get("bookmarks", {}) if isinstance(state, Mapping) else None
    if not isinstance(bookmarks, Mapping):
        msg = "The state is none of this tap's. Give it the state that its last run wrote, or none to read all anew."
        raise StateRejected(msg)
    validator = Draft202012Validator(_STREAM, format_checker=_FORMATS)
    for stream, kept in bookmarks.items():
        for error in validator.iter_errors(kept):
            # Deeper names are of posts.
            keys = [step for step in error.absolute_path if step in _KEPT]
            where = f" at {keys[0]}" if keys else ""
            msg = (
                f"{stream}: its part of the state is damaged{where}. Give the tap the state that its last run wrote, "
                f"or take {stream} out of it: the stream is then read from its start."
            )
            raise StateRejected(msg)
    return text


def _format(name: str, look: Callable[[str], object], *errors: type[Exception]) -> None:
    @_FORMATS.checks(name, raises=errors)
    def is_fine(value: object) -> bool:
        if isinstance(value, str):
            look(value)
        return True


_format("moment", milliseconds, ValueError, TypeError, OverflowError)
_format("packed", unpack, ValueError, zlib.error)
_format("packed numbers", lambda text: unpack(text, NUMBER), ValueError, zlib.error)
