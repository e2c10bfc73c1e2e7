"""What Meltano makes of the settings by the shipped definition."""

from __future__ import annotations

import json
from pathlib import Path

from demo.meltano import Meltano
from tap_linkedin_dma.tap import TapLinkedInDMA

GIVEN = {
    "request_timeout": "30",
    "longest_wait": "1.5",
    "max_tries": "3",
    "request_intervals": '{"dmaPosts": 0.5}',
    "organizations": "[42]",
    "linkedin_version": "202605",
    "fail_on_skip": "true",
    "start_date": "2026-01-01",
}
"""As the environment has them, where each is text."""


def test_meltano_hands_every_kind_of_setting_to_the_tap(tmp_path: Path) -> None:
    """It makes JSON of them for the tap's file of settings; of numbers of its kind `decimal` it cannot."""
    settings = {f"TAP_LINKEDIN_DMA_{name.upper()}": value for name, value in GIVEN.items()}
    printed = tmp_path / "printed.json"
    Meltano(tmp_path, settings).call("config", "print", "tap-linkedin-dma", log=printed)
    text = printed.read_text()
    found = json.loads(text[text.index("{") : text.rindex("}") + 1])
    tap = TapLinkedInDMA(config={**found, "access_token": "invented-access-token"})
    assert {name: tap.config[name] for name in GIVEN} == {
        "request_timeout": 30,
        "longest_wait": 1.5,
        "max_tries": 3,
        "request_intervals": {"dmaPosts": 0.5},
        "organizations": [42],
        "linkedin_version": "202605",
        "fail_on_skip": True,
        "start_date": tap.config["start_date"],
    }
    assert tap.config["start_date"].startswith("2026-01-01")
