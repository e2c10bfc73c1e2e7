"""Web pages and other content from elsewhere that posts and comments point to, by a URN of their own."""

from __future__ import annotations

from typing import Any

from .draw import serial

POOL = 40
WITHHELD, GONE, SILENT = 13, 26, 39


def ingested_urn(seed: int, place: int) -> str:
    """The URN of one; every second is of the kind ingestedContent."""
    kind = "ingestedContent" if place % 2 else "article"
    return f"urn:li:{kind}:{serial(seed, place % POOL, 11)}"


def ingested_places(seed: int) -> dict[str, int]:
    """Every one's place by its URN."""
    return {ingested_urn(seed, place): place for place in range(POOL)}


def ingested_summary(place: int) -> dict[str, Any]:
    """Where one leads to, as dmaIngestedContentSummaries gives it; every name is invented."""
    return {
        "resolvedUrl": f"https://elsewhere.example/rivers/{place}",
        "title": f"Rivers, part {place}",
        "source": {"domain": "elsewhere.example", "futureNested": place},
    }
