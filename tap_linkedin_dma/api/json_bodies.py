"""Parses the JSON of an answer, within limits far beyond any answer of LinkedIn's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

import msgspec
import requests

Body = Mapping[str, Any]
"""The JSON object of an answer."""

_DEEPEST = 100
"""Levels of nested objects and lists; far fewer than Python's own functions can follow."""

_BEYOND = 10**100
"""A number so large has more digits than can be worked with, or written."""


def _shallow(levels: int) -> Any:
    """The type of JSON values of a few levels, and of numbers in 64 bits."""
    single: Any = str | Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)] | float | bool | None
    kind: Any = single
    for _ in range(levels):
        kind = single | list[kind] | dict[str, kind]
    return kind


_decode_shallow = msgspec.json.Decoder(_shallow(5)).decode
"""Decodes most listings, and finds them within the limits without a look at each value. Making it takes twice as long
for each level more; a deeper answer fails at its first element."""


def parsed(response: requests.Response) -> object:
    """The JSON value of a body; None if it is not JSON, or beyond the limits."""
    with suppress(ValueError):
        return _decode_shallow(response.content)
    try:
        value = _decoded(response)
    except (ValueError, RecursionError):
        return None
    return value if _is_bounded(value) else None


def _decoded(response: requests.Response) -> object:
    with suppress(ValueError):
        return msgspec.json.decode(response.content)
    # msgspec is strict; another encoding, or half of a character that was cut in two, is still read.
    try:
        return json.loads(response.content)
    except UnicodeDecodeError:
        # Only by the encoding that the answer names: guessing one takes minutes for a large body.
        return json.loads(response.text) if response.encoding else None


def _is_bounded(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        inner: list[object] = []
        for one in level:
            for child in one.values() if isinstance(one, dict) else one if isinstance(one, list) else ():
                kind = type(child)
                if kind is str:
                    continue
                if kind is dict or kind is list:
                    inner.append(child)
                elif kind is int and not -_BEYOND < child < _BEYOND:
                    return False
        if not inner:
            return True
        level = inner
    return False


def is_web_page(response: requests.Response) -> bool:
    """Whether a body is meant for a browser."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or response.content[:1024].lstrip().startswith(b"<")


def mapping(value: object) -> Body:
    """A value of an answer if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def count_or_none(value: object) -> int | None:
    """A value of an answer if it is a whole number, zero or more; else None."""
    return value if type(value) is int and value >= 0 else None
