"""Names of places, which are Bing Maps data: LinkedIn's terms, §2.2.2 and §3.2.2, forbid storing them.

The URN of a place is kept. LinkedIn may send the name beside it: as an expansion (`geo~`), as text in the same object
or below it, as the value of a property that is named by the URN, or in a text that is JSON itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import product
from typing import Any

_COLON = "(?::|%(?:25)*3A)"
_GEO = re.compile(rf"urn{_COLON}li{_COLON}geo{_COLON}", re.IGNORECASE)

_NAMES_A_PLACE = re.compile(r"geo\w*(~|(display|localized)?(name|text|label)s?)", re.IGNORECASE)
_IS_A_PLACE = re.compile(r"geo(Location|Urn)?s?|\w*(?<=[a-z])Geo(Location)?s?|\w*_geo", re.ASCII)
"""Names of properties whose object is a place."""

_NAMES = re.compile(r"(default|full|short)?(display|localized)?(name|text|label)s?", re.IGNORECASE)
"""Names of texts that name a place if the object around them has one."""

_MORE_NAMES = re.compile(
    r"\w*(name|text|label|title|description|city|country|region|state|province|area|county|district|locality|address)s?"
    r"|full|short|value|localized|display",
    re.IGNORECASE,
)
"""Names of texts that name a place if the object around them is about one: it does not have fields of its own."""

_ABOUT_A_PLACE = re.compile(r"\w*(geo|place|location|city|region|country|area|locality|market)s?", re.IGNORECASE)
"""Names of objects beside a place that may describe it."""

_LONGEST_CODE = 3
"""Characters of a country's code; a longer text in capitals is a constant such as `ACTIVE`."""

_BEGIN_LIKE_PLACES = frozenset(map("".join, product("gG", "eE", "oO")))
_JSON_BEGINNINGS = frozenset('{[" \t\r\n')
_BEGINNINGS = _JSON_BEGINNINGS | frozenset("uU")
"""The first characters of URNs and of JSON, which may be a text in JSON itself."""

_MOST_HARMLESS = 10_000
_HARMLESS: set[str] = set()
"""Names of properties that are not those of places."""


def is_place(value: object) -> bool:
    """Whether a value is the URN of a place, also percent-encoded."""
    return isinstance(value, str) and _GEO.match(value) is not None


def without_names(value: Any, *, is_entity: bool = False, is_typed: bool = False) -> Any:
    """A value without the names of places in it, at any depth; the value itself if there are none.

    >>> without_names({"geo": "urn:li:geo:1", "geo~": {"name": "Utrecht"}, "at": 5})
    {'geo': 'urn:li:geo:1', 'at': 5}

    Args:
        value: of a record.
        is_entity: whether it has the fields of an entity, whose own title may stand beside its place.
        is_typed: whether people have typed what stands beside a place in it.
    """
    if not may_name_a_place(value):
        return value
    if isinstance(value, str):
        return _less_json(value)
    if isinstance(value, list):
        items = [without_names(item, is_entity=is_typed, is_typed=is_typed) for item in value]
        if any(map(is_place, value)):
            items = [item for item in items if not isinstance(item, str) or is_place(item)]
        return value if len(items) == len(value) and all(map(_is, items, value)) else items
    if not isinstance(value, Mapping):
        return value
    geos = [name for name, child in value.items() if _refers(child)]
    kept: dict[str, Any] = {}
    for name, child in value.items():
        if _is_name(name, child, geos):
            continue
        if is_place(name) or (_IS_A_PLACE.fullmatch(name) and isinstance(child, Mapping)):
            kept[name] = _less_texts(child)
        elif not geos or is_typed or _refers(child):
            kept[name] = without_names(child, is_entity=is_typed, is_typed=is_typed)
        elif not is_entity and _MORE_NAMES.fullmatch(name):
            if (left := _less_texts(child)) is not None:
                kept[name] = left
        elif not is_entity or _ABOUT_A_PLACE.fullmatch(name):
            kept[name] = _less_names(child)
        else:
            kept[name] = without_names(child)
    return value if len(kept) == len(value) and all(map(_is, kept.values(), value.values())) else kept


def may_name_a_place(value: object) -> bool:
    """Whether a value holds a place, an expansion, or a property named like a place; hardly any does."""
    # Called for nearly every object: the most common cases come first, and without a call.
    if isinstance(value, dict):
        for name, child in value.items():
            if name not in _HARMLESS and _is_telling(name):
                return True
            if isinstance(child, str):
                if child[:1] in _BEGINNINGS and _tells(child):
                    return True
            elif may_name_a_place(child):
                return True
        return False
    if isinstance(value, list):
        return any(is_place(item) or may_name_a_place(item) for item in value)
    return isinstance(value, str) and value[:1] in _JSON_BEGINNINGS and _tells(value)


def _is_telling(name: str) -> bool:
    """Whether a property may hold the name of a place, by its own name; if not, that is remembered."""
    if name[-1:] == "~" or name[:3] in _BEGIN_LIKE_PLACES or name[-3:] in _BEGIN_LIKE_PLACES or is_place(name):
        return True
    if len(_HARMLESS) < _MOST_HARMLESS:
        _HARMLESS.add(name)
    return False


def _tells(text: str) -> bool:
    """Whether a text is the URN of a place, or JSON that holds one."""
    return (_GEO.match if text[0] in "uU" else _GEO.search)(text) is not None


def _refers(value: object) -> bool:
    """Whether a value is the URN of a place, alone or in a list, or an object of nothing else."""
    if isinstance(value, list):
        return any(map(_refers, value))
    if isinstance(value, Mapping):
        return len(value) == 1 and _refers(next(iter(value.values())))
    return is_place(value)


def _is_name(name: str, value: object, geos: list[str]) -> bool:
    if _NAMES_A_PLACE.fullmatch(name):
        return not is_place(value)
    is_expansion = name.endswith("~") and name[:-1] in geos
    is_beside = bool(geos) and not _refers(value) and _NAMES.fullmatch(name) is not None
    return is_expansion or is_beside


def _less_texts(value: Any) -> Any:
    """A place without all its texts except URNs and constants; None if it is a text."""
    if isinstance(value, str):
        return value if value.startswith("urn:") or (value.isupper() and len(value) > _LONGEST_CODE) else None
    if isinstance(value, list):
        return [left for item in value if (left := _less_texts(item)) is not None]
    if isinstance(value, Mapping):
        return {name: left for name, child in value.items() if (left := _less_texts(child)) is not None}
    return value


def _less_names(value: Any) -> Any:
    """An object beside a place, without what names the place."""
    if isinstance(value, list):
        return [_less_names(item) for item in value]
    if isinstance(value, Mapping):
        left = {
            name: _less_texts(child) if _MORE_NAMES.fullmatch(name) else _less_names(child)
            for name, child in value.items()
        }
        return {name: child for name, child in left.items() if child is not None or value[name] is None}
    return without_names(value)


def _less_json(text: str) -> str:
    """A text that is JSON, without the names of places in it."""
    if text[:1] not in _JSON_BEGINNINGS or not _GEO.search(text):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    left = without_names(value)
    return text if left is value else json.dumps(left, ensure_ascii=False)


def _is(one: object, other: object) -> bool:
    return one is other
