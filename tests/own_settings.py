"""The tap's settings without those of every tap."""

from __future__ import annotations

from typing import Any

from tap_linkedin_dma.tap import TapLinkedInDMA


def own_settings() -> dict[str, dict[str, Any]]:
    """Each setting's schema by name; the SDK adds its own to the class once a tap is made."""
    of_every_tap: dict[str, Any] = {"properties": {}}
    TapLinkedInDMA.append_builtin_config(of_every_tap)
    settings = TapLinkedInDMA.config_jsonschema["properties"]
    return {name: schema for name, schema in settings.items() if name not in of_every_tap["properties"]}
