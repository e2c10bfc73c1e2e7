"""The summary at the end of a run: skipped and failed parts, and why."""

from __future__ import annotations

import threading
from collections.abc import Sequence


class RunSummary:
    """Skipped and failed parts of a run, by stream, in the order in which it happened."""

    def __init__(self) -> None:
        self._skips: dict[tuple[str, str], str] = {}
        self._faults: dict[str, str] = {}
        self._last: dict[str, None] = {}
        self._lock = threading.Lock()

    def skip(self, stream: str, what: str, why: str) -> None:
        """Record that a part of a stream was skipped.

        Args:
            stream: its name.
            what: the part, such as an organization; "" for the whole stream.
            why: a sentence.
        """
        with self._lock:
            self._skips.setdefault((stream, what), why)

    def add_failure(self, stream: str, why: str) -> None:
        """Record that a stream could not be read to its end."""
        with self._lock:
            self._faults.setdefault(stream, why)

    def end_with(self, sentence: str) -> None:
        """Have the run end with this sentence, once."""
        with self._lock:
            self._last[sentence] = None

    @property
    def last_sentences(self) -> Sequence[str]:
        """The sentences with which the run ends."""
        return list(self._last)

    @property
    def skipped(self) -> Sequence[str]:
        """A line for each part that was skipped."""
        return [f"{stream}{what and f', {what}'}: {why}" for (stream, what), why in self._skips.items()]

    @property
    def failed(self) -> Sequence[str]:
        """A line for each stream that was not read to its end."""
        return [f"{stream}: {why}" for stream, why in self._faults.items()]
