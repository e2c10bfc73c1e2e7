"""Profiles of selection: what leaves, and how persons do, by the data classes in the code.

`figures` has no persons, `pseudonymous` has hashes in their place, and `all` has everybody as LinkedIn sends them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_linkedin_dma.privacy.data_classes import MEMBER, UNKNOWN, DataClassification, classify
from tap_linkedin_dma.streams import STREAMS


@dataclass(frozen=True)
class Profile:
    """A selection, and the settings that go with it.

    Args:
        select: patterns as Meltano takes them.
        settings: of the tap.
    """

    select: Sequence[str]
    settings: Mapping[str, str]


def profiles() -> dict[str, Profile]:
    """The profiles by name, the most sparing first."""
    streams: Sequence[Any] = [stream for stream in STREAMS if stream.selected_by_default]
    whole = [f"{stream.name}.*" for stream in streams]
    return {
        # Texts of the page's own may mention members, so that these are omitted too.
        "figures": Profile([pattern for stream in streams for pattern in _nobody_s(stream)], {"member_data": "omit"}),
        "pseudonymous": Profile(whole, {"member_data": "hash", "member_hash_key": "${MEMBER_HASH_KEY}"}),
        "all": Profile(whole, {"member_data": "include"}),
    }


def columns_of_persons(stream: Any) -> set[str]:
    """The columns of a stream that are about persons, or in which nobody knows what is, as a whole or in part."""
    marks = classify(DataClassification(stream.data_class), stream.schema, stream.primary_keys)
    return {path[0] for path, mark in marks if mark.data_class in (MEMBER, UNKNOWN)}


def _nobody_s(stream: Any) -> list[str]:
    """The patterns for what of a stream is about no person; none if its rows are."""
    of_persons = columns_of_persons(stream)
    if stream.data_class == MEMBER or stream.visibility_columns or of_persons & {*stream.primary_keys}:
        return []
    others = [name for name in stream.schema["properties"] if name not in of_persons]
    return [f"{stream.name}.{name}" for name in others] if of_persons else [f"{stream.name}.*"]
