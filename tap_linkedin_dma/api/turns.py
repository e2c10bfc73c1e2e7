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
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._waiting: list[_Waiting] = []
        self._last: dict[str, int] = {}
        self._is_taken = False

    @contextmanager
    def of(self, stream: str) -> Iterator[None]:
        """Wait for a turn of this stream, and have it inside."""
        thread = _Waiting(stream)
        with self._lock:
            self._waiting.append(thread)
            self._give()
        try:
            thread.has_turn.wait()
            yield
        finally:
            with self._lock:
                if thread in self._waiting:  # a signal ended the wait
                    self._waiting.remove(thread)
                else:
                    self._is_taken = False
                    self._give()

    @property
    def waiting(self) -> int:
        """How many threads wait for a turn."""
        return len(self._waiting)

    def _give(self) -> None:
        """Give the turn, if nobody has it, to the thread that is next, and wake no other."""
        if self._waiting and not self._is_taken:
            thread = min(self._waiting, key=lambda one: self._last.get(one.stream, 0))
            self._waiting.remove(thread)
            self._is_taken = True
            self._last[thread.stream] = next(self._numbers)
            thread.has_turn.set()


class _Waiting:
    """A thread that waits for a turn of a stream."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.has_turn = threading.Event()
