"""Settings from the environment: unreadable variables are named, and empty ones count as not set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dotenv import find_dotenv, load_dotenv
from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_dma.config.json_files import parsed

_EXTRACTOR = "MELTANO_EXTRACTOR_NAME"
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
_NO_SETTINGS = ("loglevel",)
"""Of the variables that the SDK reads."""


def settings(schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The settings in the environment, or in a file .env beside the tap.

    Args:
        schema: of the settings.
        prefix: the beginning of a variable's name; the setting's name follows in capitals.

    Raises:
        ConfigValidationError: if some cannot be read, with a sentence for each.
    """
    load_dotenv(find_dotenv())
    found, problems = {}, []
    for name, one in schema["properties"].items():
        variable = prefix + name.upper()
        text = os.environ.get(variable, "").strip()
        if not text:
            continue
        what, read = _reader(one)
        try:
            found[name] = read(text)
        except Exception:  # whatever the error, the text may be a secret
            problems.append(f"{name}: the environment variable {variable} cannot be read. It must be {what}.")
    if problems:
        msg = f"Config validation failed: {' '.join(problems)}"
        raise ConfigValidationError(msg, errors=problems, schema=dict(schema))
    return found


def unknown_settings(schema: Mapping[str, Any], known: Collection[str], prefix: str) -> dict[str, str]:
    """The variables that look like settings and are none, by the setting's name.

    Meltano makes others: `PREFIX_SELECT` is one of its extras, `PREFIXSTREAM_OPTIONS_POSTS_PAGE_SIZE` a part of a
    setting, and `PREFIXACME_LOCALE` a setting of an extractor that inherits from this one.

    Args:
        schema: of the settings.
        known: the names of all settings.
        prefix: as above; the name of Meltano's extractor is another one.
    """
    extractor = os.environ.get(_EXTRACTOR, "").upper().replace("-", "_")
    prefixes = sorted({prefix, *([f"{extractor}_"] if extractor else [])}, key=len, reverse=True)
    parts = [f"_{name}_" for name, one in schema["properties"].items() if "object" in one.get("type", ())]
    found = {}
    for variable, text in os.environ.items():
        own = next((one for one in prefixes if variable.startswith(one)), None)
        name = variable.removeprefix(own or "").lower()
        is_part = "__" in f"_{name}" or any(part in f"_{name}" for part in parts)
        is_of_another = f"_{name}".endswith(tuple(f"_{one}" for one in (*known, *_NO_SETTINGS)))
        if own and text.strip() and not is_part and not is_of_another:
            found[name] = text
    return found


def is_under_meltano() -> bool:
    """Whether Meltano runs the tap: it gives it a file of the settings that it knows, and all of the environment."""
    return _EXTRACTOR in os.environ


def _reader(schema: Mapping[str, Any]) -> tuple[str, Callable[[str], Any]]:
    """The form of a setting in words, and the function that reads it."""
    types = schema.get("type", ())
    if "integer" in types:
        return "a whole number", int
    if "number" in types:
        return "a number", float
    if "boolean" in types:
        return "true or false", _boolean
    if "array" in types:
        return 'a list in JSON, such as ["a", "b"]', _list
    if "object" in types:
        return 'an object in JSON, such as {"name": 1}', lambda text: _nested(parsed("variable", text.encode()))
    return "text", str


def _nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """An object in which Meltano has put the names of nested ones together.

    >>> _nested({"posts.page_size": 3, "posts.author": None, "comments": {}})
    {'posts': {'page_size': 3, 'author': None}, 'comments': {}}
    """
    nested: dict[str, Any] = {}
    for name, value in given.items():
        first, dot, rest = name.partition(".")
        if dot:
            nested[first] = {**nested.get(first, {}), rest: value}
        else:
            nested[name] = value
    return {name: _nested(value) if isinstance(value, dict) else value for name, value in nested.items()}


def _boolean(text: str) -> bool:
    if (word := text.lower()) not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _list(text: str) -> list[Any]:
    """A JSON list; any other text is split at its commas, as the SDK does."""
    if not text.startswith("["):
        return [part.strip() for part in text.split(",")]
    found: list[Any] = json.loads(text)
    return found
