"""Names of places, which are Bing Maps data: LinkedIn's terms, §2.2.2 and §3.2.2, forbid storing them.

The URN of a place is kept. LinkedIn may send the name beside it: as an expansion (`geo~`), or as text in the same
object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

GEO = "urn:li:geo:"

_NAMES_A_PLACE = re.compile(r"geo\w*(~|(display|localized)?(name|text|label)s?)", re.IGNORECASE)
_NAMES = re.compile(r"(default)?(display|localized)?(name|text|label)s?", re.IGNORECASE)


_BEGIN_LIKE_PLACES = frozenset(map("".join, product("gG", "eE", "oO")))


def without_names(value: Any) -> Any:
    """A value without the names of places in it, at any depth; the value itself if there are none.

    >>> without_names({"geo": "urn:li:geo:1", "geo~": {"name": "Utrecht"}, "at": 5})
    {'geo': 'urn:li:geo:1', 'at': 5}
    """
    if not may_name_a_place(value):
        return value
    if isinstance(value, list):
        items = [without_names(item) for item in value]
        return value if all(map(_is, items, value)) else items
    if not isinstance(value, Mapping):
        return value
    geos = [name for name, child in value.items() if _is_place(child)]
    kept = {name: without_names(child) for name, child in value.items() if not _is_name(name, child, geos)}
    return value if len(kept) == len(value) and all(map(_is, kept.values(), value.values())) else kept


def may_name_a_place(value: object) -> bool:
    """Whether a value holds a place, an expansion, or a property named like a place; hardly any does."""
    # Called for nearly every object: the most common cases come first, and without a call.
    if isinstance(value, dict):
        for name, child in value.items():
            if name[-1:] == "~" or name[:3] in _BEGIN_LIKE_PLACES:
                return True
            if child.startswith(GEO) if isinstance(child, str) else may_name_a_place(child):
                return True
        return False
    return isinstance(value, list) and any(_is_place(item) or may_name_a_place(item) for item in value)


def _is_place(value: object) -> bool:
    return isinstance(value, str) and value.startswith(GEO)


def _is_name(name: str, value: object, geos: list[str]) -> bool:
    if _NAMES_A_PLACE.fullmatch(name):
        return not _is_place(value)
    is_expansion = name.endswith("~") and name[:-1] in geos
    is_beside = bool(geos) and _NAMES.fullmatch(name) is not None
    return is_expansion or is_beside


def _is(one: object, other: object) -> bool:
    return one is other
