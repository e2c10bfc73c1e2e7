"""The shipped meltano.yml says the same of the tap as the tap itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from demo.meltano import PROJECT
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.own_settings import own_settings


@pytest.fixture
def extractor() -> dict[str, Any]:
    extractors = yaml.safe_load((PROJECT / "meltano.yml").read_text())["plugins"]["extractors"]
    (plugin,) = extractors
    return dict(plugin)


def kind(schema: dict[str, Any]) -> str:
    """Meltano's word for a setting's type, which is JSON's but for dates and fractions."""
    if schema.get("format") in ("date", "date-time"):
        return "date_iso8601"
    (name,) = [name for name in schema["type"] if name != "null"]
    return {"number": "decimal"}.get(str(name), str(name))


def test_every_setting_is_offered_as_the_tap_describes_it(extractor: dict[str, Any]) -> None:
    """Meltano casts by the kind, prints what is not sensitive, and passes the value on where the user gives none."""
    settings = {setting.pop("name"): setting for setting in extractor["settings"]}
    assert settings == {
        name: {
            "label": schema["title"],
            "kind": kind(schema),
            "description": schema["description"],
            **({"sensitive": True} if schema.get("secret") else {}),
            **({"value": schema["default"]} if "default" in schema else {}),
        }
        for name, schema in own_settings().items()
    }


def test_capabilities_are_those_of_the_tap(extractor: dict[str, Any]) -> None:
    """Meltano passes a catalog and state only to a tap that it is told can read them."""
    assert set(extractor["capabilities"]) == {capability.value for capability in TapLinkedInDMA.capabilities}


def test_streams_that_are_off_by_default_stay_off(extractor: dict[str, Any]) -> None:
    """Meltano's own default would select everything."""
    off = [stream.name for stream in STREAMS if not stream.selected_by_default]
    assert extractor["select"][0] == "*.*"
    assert sorted(extractor["select"][1:]) == sorted(f"!{name}.*" for name in off)
