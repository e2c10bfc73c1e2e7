"""Names and values in LinkedIn's JSON; pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

Entity = Mapping[str, Any]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=4096)
def to_snake_case(name: str) -> str:
    """The column for one of LinkedIn's field names.

    >>> [to_snake_case(name) for name in ("publishedAt", "logoV2", "$URN")]
    ['published_at', 'logo_v2', 'urn']
    """
    return "urn" if name == "$URN" else _HUMP.sub("_", name).lower()


def get_path(entity: object, path: str) -> Any:
    """The value at a dotted path, or None if there is none.

    >>> get_path({"created": {"time": 5}}, "created.time")
    5
    """
    value: Any = entity
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def omit_paths(entity: Entity, paths: Sequence[str]) -> dict[str, Any]:
    """The entity without the values at these dotted paths, and without objects that are empty then.

    >>> omit_paths({"value": {"totalCount": 1, "future": 2}}, ["value.totalCount"])
    {'value': {'future': 2}}
    """
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).append(rest)
    kept: dict[str, Any] = {}
    for name, value in entity.items():
        rests = heads.get(name)
        if rests is None:
            kept[name] = value
        elif "" not in rests:
            left = omit_paths(value, rests) if isinstance(value, Mapping) else value
            if left:
                kept[name] = left
    return kept
