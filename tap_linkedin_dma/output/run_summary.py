"""The summary of a run: skipped, failed and unread parts, and why; and what is normal, counted."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tap_linkedin_dma.api.errors import RunCut


class Skip(NamedTuple):
    """A part of a stream that was skipped; see `RunSummary.skip`."""

    stream: str
    what: str
    why: str
    organization: str


class RunSummary:
    """Everything that a run did not get, in the order in which it happened."""

    def __init__(self) -> None:
        self._skips: dict[tuple[str, str, str], Skip] = {}
        self._faults: dict[str, str] = {}
        self._cuts: dict[str, RunCut] = {}
        self._last: dict[str, None] = {}
        self._missing: Counter[str] = Counter()
        self._new_fields: defaultdict[str, list[str]] = defaultdict(list)
        self._lock = threading.Lock()

    def skip(self, stream: str, what: str, why: str, organization: str = "") -> None:
        """Record that a part of a stream was skipped.

        Args:
            stream: its name.
            what: the part, such as an organization; "" for the whole stream.
            why: a sentence.
            organization: the URN of the one that the part is of; "" for none, or for several.
        """
        with self._lock:
            self._skips.setdefault((stream, what, organization), Skip(stream, what, why, organization))

    def add_failure(self, stream: str, why: str) -> None:
        """Record that a stream could not be read to its end."""
        with self._lock:
            self._faults.setdefault(stream, why)

    def add_cut(self, stream: str, cut: RunCut) -> None:
        """Record that a stream was not read to its end, which is for the next run."""
        with self._lock:
            self._cuts.setdefault(stream, cut)

    def end_with(self, sentence: str) -> None:
        """Have the run end with this sentence, once."""
        with self._lock:
            self._last[sentence] = None

    @property
    def last_sentences(self) -> Sequence[str]:
        """The sentences with which the run ends."""
        return list(self._last)

    def add_missing(self, resource: str, number: int) -> None:
        """Count entities of a resource that LinkedIn does not return, which is normal."""
        with self._lock:
            self._missing[resource] += number

    def add_new_field(self, stream: str, path: str) -> None:
        """Record that LinkedIn has a field for which a stream has no column."""
        with self._lock:
            self._new_fields[path].append(stream)

    @property
    def skips(self) -> Sequence[Skip]:
        """The parts that were skipped."""
        return list(self._skips.values())

    @property
    def skipped(self) -> Sequence[str]:
        """A line for each part that was skipped."""
        return [
            f"{stream}{what and f', {what}'}: {why}"
            for (stream, what), why in {(skip.stream, skip.what): skip.why for skip in reversed(self.skips)}.items()
        ][::-1]

    @property
    def faults(self) -> Mapping[str, str]:
        """The streams that a fault has ended, and why."""
        return dict(self._faults)

    @property
    def failed(self) -> Sequence[str]:
        """The streams that a fault has ended."""
        return list(self._faults)

    @property
    def cuts(self) -> Mapping[str, RunCut]:
        """The streams that are for the next run to continue, and why this one did not."""
        return dict(self._cuts)

    @property
    def causes(self) -> Sequence[str]:
        """Why streams were not read to their end: a line for each cause, with the streams that met it."""
        streams: defaultdict[str, list[str]] = defaultdict(list)
        for stream, why in self._faults.items():
            streams[why].append(stream)
        return [f"{', '.join(sorted(met))}: {why}" for why, met in streams.items()]

    @property
    def remarks(self) -> Iterator[str]:
        """A sentence for each kind of thing that is normal, and worth knowing."""
        if self._new_fields:
            fields = "; ".join(f"{path} ({', '.join(streams)})" for path, streams in self._new_fields.items())
            yield f"New fields from LinkedIn, kept in `unmapped`: {fields}."
        if missing := +self._missing:
            counts = ", ".join(f"{number:,} of {resource}" for resource, number in missing.most_common())
            yield (
                f"Not returned by LinkedIn: {counts}. That is normal for members who have not agreed to be shown, and "
                "for what was deleted or is restricted."
            )
