"""Converts values from LinkedIn to the types of their columns, without loss; pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pendulum

from tap_linkedin_dma.api.json_paths import get_path

Convert = Callable[[Any], Any]

_DIGITS = re.compile(r"-?\d{1,1000}")
"""At most 1,000 digits: more than any number of LinkedIn's has, and fewer than Python refuses to parse."""


class ConversionError(ValueError):
    """A value that its column cannot hold."""


def format_ms(value: object) -> str:
    """Epoch milliseconds as RFC 3339 in UTC, always with milliseconds, so that text order is time order.

    >>> format_ms(1731024000000)
    '2024-11-08T00:00:00.000+00:00'

    Raises:
        ConversionError: for anything except a whole number that a calendar can hold.
    """
    minutes, left = divmod(value if type(value) is int else integer(value), 60_000)
    days, minute = divmod(minutes, 24 * 60)
    # From parts, in a third of the time that a datetime takes: called for every time in every record.
    return f"{_date(days)}{_MINUTES[minute]}{_SECONDS[left // 1000]}{_MILLISECONDS[left % 1000]}"


_MINUTES = [f"T{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02}." for second in range(60)]
_MILLISECONDS = [f"{millisecond:03}+00:00" for millisecond in range(1000)]
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    try:
        return date.fromordinal(_EPOCH + days).isoformat()
    except (ValueError, OverflowError):
        raise ConversionError from None


def to_readable_json(value: object) -> str:
    """JSON for people: numbers that can only be epoch milliseconds are written as times.

    >>> to_readable_json({"refreshesAt": 1731024000000, "used": 5})
    '{"refreshesAt": "2024-11-08T00:00:00.000+00:00", "used": 5}'
    """

    def told(part: Any) -> Any:
        if isinstance(part, Mapping):
            return {name: told(child) for name, child in part.items()}
        if isinstance(part, list):
            return [told(child) for child in part]
        return format_ms(part) if isinstance(part, int) and _EARLIEST_MS <= part < _LATEST_MS else part

    return json.dumps(told(value))


_EARLIEST_MS, _LATEST_MS = 10**12, 10**13
"""From 2001 to 2286."""


def parse_ms(text: str) -> int:
    """The epoch milliseconds of an RFC 3339 text.

    >>> parse_ms("2024-11-08T00:00:00.000+00:00")
    1731024000000
    """
    moment = pendulum.parse(text)
    if not isinstance(moment, pendulum.DateTime):
        msg = f"{text} is not a point in time"
        raise TypeError(msg)
    return round(moment.astimezone(timezone.utc).timestamp() * 1000)


_LEAST, _MOST = -(2**63), 2**63 - 1
"""The range of LinkedIn's longs, the widest whole numbers for which every target has a column."""

_MOST_DIGITS = 38
"""Digits of the widest exact numbers of targets, before and after the point together."""


def integer(value: object) -> int:
    """A whole number of 64 bits, also from its digits, from a count union, or written with a point: 12.0.

    Raises:
        ConversionError: for anything else.
    """
    if type(value) is int:
        if _LEAST <= value <= _MOST:
            return value
    elif isinstance(value, str):
        if _DIGITS.fullmatch(value):
            return integer(int(value))
    elif isinstance(value, (float, Decimal)) and _LEAST <= value <= _MOST and value == int(value):
        return int(value)
    if isinstance(value, Mapping) and list(value) == ["long"]:
        return integer(value["long"])
    raise ConversionError


def int_or_none(value: object) -> int | None:
    """A whole number, or None for anything else."""
    try:
        return integer(value)
    except ConversionError:
        return None


def number(value: object) -> int | float | Decimal:
    """A number, also from its digits or from a count union, exact.

    >>> number({"bigDecimal": "0.0345"})
    Decimal('0.0345')
    """
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("long", "bigDecimal"):
        value = next(iter(value.values()))
    if isinstance(value, str):
        try:
            value = Decimal(value)
        except InvalidOperation:
            raise ConversionError from None
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and _is_loadable(value):
        return value
    raise ConversionError


def _is_loadable(value: float | Decimal) -> bool:
    """Whether targets accept a number: finite, and of at most 38 digits, or 64 bits if it is whole."""
    if isinstance(value, int):
        return _LEAST <= value <= _MOST
    exact = Decimal(value) if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        return False
    digits, exponent = exact.as_tuple()[1:]
    return len(digits) <= _MOST_DIGITS and isinstance(exponent, int) and abs(exponent) <= _MOST_DIGITS


def loadable(value: Any) -> Any:
    """A JSON value with numbers that no target has a type for as texts; the value itself if there are none.

    >>> loadable({"count": 2**64, "of": [1]})
    {'count': '18446744073709551616', 'of': [1]}
    """
    if isinstance(value, dict):
        changed = {
            name: new
            for name, child in value.items()
            # Most are texts, which a call would only give back.
            if type(child) is not str and (new := loadable(child)) is not child
        }
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [loadable(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and not _is_loadable(value):
        return str(value)
    return value


def text(value: object) -> str:
    """Text; a number becomes its digits."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ConversionError


def urn(value: object) -> str:
    """A URN, also from a union such as `{"organization": "urn:li:organization:42"}`."""
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return text(value)


def text_of_locale(localized: Mapping[str, Any], locale: str) -> str | None:
    """The text in one language of a text by locale: in this one, else in that of its author, else in any.

    >>> text_of_locale({"localized": {"nl_NL": "Hoi", "de_DE": "Hallo"}}, "de_DE")
    'Hallo'
    """
    texts = localized.get("localized")
    texts = texts if isinstance(texts, Mapping) else {}
    language, country = (get_path(localized, f"preferredLocale.{part}") for part in ("language", "country"))
    wanted = next((name for name in (locale, f"{language}_{country}", language) if name in texts), None)
    found = texts[wanted] if wanted else next(iter(texts.values()), localized.get("value"))
    # The text of an event's description is in an object.
    found = found.get("rawText") if isinstance(found, Mapping) else found
    return found if isinstance(found, str) else None


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ConversionError


_SCALARS: Mapping[str, Convert] = {"string": text, "integer": integer, "number": number, "boolean": _flag}


def converter(schema: Mapping[str, Any]) -> Convert:
    """A function that converts a value to the type of a schema; built once for a stream.

    Returns:
        A function that raises ConversionError if the value cannot be converted.
    """
    kind = next(name for name in as_list(schema["type"]) if name != "null")
    if schema.get("format") == "date-time":
        return format_ms
    if schema.get("x-urn"):
        return urn
    if kind == "array":
        return _array_converter(schema.get("items"))
    if kind == "object":
        return _object_converter(schema)
    return _SCALARS[kind]


_KINDS: Mapping[str, type] = {"string": str, "boolean": bool}
"""Types whose values need no conversion. Not numbers: one may be too large for its column."""


def passthrough_type(schema: Mapping[str, Any]) -> type | None:
    """The type whose values a schema's converter returns unchanged; None if there is none."""
    first = next(name for name in as_list(schema["type"]) if name != "null")
    return None if schema.get("format") == "date-time" else _KINDS.get(first)


def as_list(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _array_converter(items: Mapping[str, Any] | None) -> Convert:
    convert_item = converter(items) if items else None

    def convert(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise ConversionError
        return [None if item is None else convert_item(item) for item in value] if convert_item else loadable(value)

    return convert


def _object_converter(schema: Mapping[str, Any]) -> Convert:
    bare = schema.get("x-bare")
    known = {name: converter(child) for name, child in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties")
    convert_other = converter(others) if isinstance(others, dict) else None

    def convert(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            if bare is None:
                raise ConversionError
            value = {bare: value}
        converted = {}
        for name, child in value.items():
            convert_child = known.get(name, convert_other)
            converted[name] = loadable(child) if child is None or convert_child is None else convert_child(child)
        return converted

    return convert
