"""Settings from the environment: unreadable variables are named, and empty ones count as not set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from typing import Any

from dotenv import find_dotenv, load_dotenv
from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_dma.config.json_files import parsed

_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
UNSUPPORTED = ("batch_config",)
"""Settings of the SDK's that the tap refuses, whatever their value."""


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
    for name, one in [*((name, {}) for name in UNSUPPORTED), *schema["properties"].items()]:
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


def unknown_settings(known: Collection[str], prefix: str) -> dict[str, str]:
    """The variables that look like settings and are none, by the setting's name.

    Those of Meltano are left out: `PREFIX_SELECT` is one of its extras, and `PREFIXACME_LOCALE` a setting of another
    extractor, which inherits from this one.
    """
    found = {}
    for variable, text in os.environ.items():
        name = variable.removeprefix(prefix).lower()
        is_of_meltano = name.startswith("_") or name.endswith(tuple(f"_{one}" for one in known))
        if variable.startswith(prefix) and name not in known and text.strip() and not is_of_meltano:
            found[name] = text
    return found


def is_under_meltano() -> bool:
    """Whether Meltano runs the tap: it gives it a file of the settings that it knows, and all of the environment."""
    return "MELTANO_EXTRACTOR_NAME" in os.environ


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
        return 'an object in JSON, such as {"name": 1}', lambda text: parsed("variable", text.encode())
    return "text", str


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
