"""The description of each column: what an analyst reads in the catalog, the docs and the database."""

from __future__ import annotations

import re

import pytest

from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams import STREAMS

AGAINST_THE_HOUSE = re.compile(
    r"\b(walk|told|tells?|[Ww]hether|null|where|that which|of (its|their) own|asked|and the like)\b|^(What|Who|When)\b"
)


def misfits(stream: type[DmaStream]) -> dict[str, str | None]:
    """The columns of a stream whose description is missing, or not in the form of all others."""
    described = {name: column.get("description") for name, column in stream.schema["properties"].items()}
    return {
        name: text
        for name, text in described.items()
        if not text or not text[0].isupper() or text[-1] != "." or AGAINST_THE_HOUSE.search(text)
    }


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_every_column_is_described(stream: type[DmaStream]) -> None:
    """In whole sentences, the noun first, and NULL as databases write it."""
    assert misfits(stream) == {}
