"""Turns: one request to a resource departs at a time, and the streams that wait for it alternate.

So a stream that needs few requests is through soon, and none waits until another has read thousands of posts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


class Turns:
    """A lock that goes to the stream whose last turn is longest ago, and within a stream to who came first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = count(1)
        self._waiting: dict[int, str] = {}
        """The stream of each thread that waits, by the number of its arrival."""

        self._last: dict[str, int] = {}
        self._is_taken = False

    @contextmanager
    def of(self, stream: str) -> Iterator[None]:
        """Wait for a turn of this stream, and have it inside."""
        with self._changed:
            arrival = next(self._numbers)
            self._waiting[arrival] = stream
            try:
                self._changed.wait_for(lambda: not self._is_taken and self._next() == arrival)
            finally:
                # If a signal ended the wait, the turn is another thread's.
                del self._waiting[arrival]
                self._changed.notify_all()
            self._is_taken = True
            self._last[stream] = next(self._numbers)
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many threads wait for a turn."""
        return len(self._waiting)

    def _next(self) -> int:
        return min(self._waiting, key=lambda arrival: (self._last.get(self._waiting[arrival], 0), arrival))
