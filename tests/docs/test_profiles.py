"""The selection of figures that README and docs show: no column of a person's is in it."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from typing import Any

from generate.tables import FIGURES
from tap_linkedin_dma.privacy.data_classes import MEMBER, UNKNOWN, DataClassification, classify
from tap_linkedin_dma.streams import STREAMS


def test_figures_have_no_column_of_a_person() -> None:
    """Nor keys or rows that are one's, nor a column in which nobody knows what is; each pattern names something."""
    met = set()
    streams: Sequence[Any] = STREAMS
    for stream in streams:
        columns = {name: f"{stream.name}.{name}" for name in stream.schema["properties"]}
        met |= {pattern for pattern in FIGURES for column in columns.values() if fnmatch(column, pattern)}
        chosen = {name for name, column in columns.items() if any(fnmatch(column, pattern) for pattern in FIGURES)}
        if not chosen:
            continue
        assert stream.data_class != MEMBER, stream.name
        marks = classify(DataClassification(stream.data_class), stream.schema, stream.primary_keys)
        of_persons = {path[0] for path, mark in marks if path and mark.data_class in (MEMBER, UNKNOWN)}
        assert not of_persons & {*chosen, *stream.primary_keys}, stream.name
    assert met == {*FIGURES}
