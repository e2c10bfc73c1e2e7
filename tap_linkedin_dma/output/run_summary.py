"""What a run leaves out, and why: the summary at its end."""

from __future__ import annotations

import threading
from collections.abc import Sequence


class RunSummary:
    """What was left out of a run, by stream, in the order in which it happened."""

    def __init__(self) -> None:
        self._skips: dict[tuple[str, str], str] = {}
        self._faults: dict[str, str] = {}
        self._lock = threading.Lock()

    def skip(self, stream: str, what: str, why: str) -> None:
        """Take note that a part of a stream was left out.

        Args:
            stream: its name.
            what: the part, such as an organization; "" for all of it.
            why: a sentence.
        """
        with self._lock:
            self._skips.setdefault((stream, what), why)

    def add_failure(self, stream: str, why: str) -> None:
        """Take note that a stream could not be read to its end."""
        with self._lock:
            self._faults.setdefault(stream, why)

    @property
    def skipped(self) -> Sequence[str]:
        """A line for each part that was left out."""
        return [f"{stream}{what and f', {what}'}: {why}" for (stream, what), why in self._skips.items()]

    @property
    def failed(self) -> Sequence[str]:
        """A line for each stream that was not read to its end."""
        return [f"{stream}: {why}" for stream, why in self._faults.items()]
