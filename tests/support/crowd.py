"""How many are somewhere at once."""

from __future__ import annotations

import threading


class Crowd:
    """Counts how many are inside at once; each stays until `size` are, or a moment has passed.

    Args:
        size: how many meet.
        patience: seconds of that moment.
        lingers: seconds that they stay then, so that others can join them who should not.
    """

    def __init__(self, size: int, patience: float, lingers: float = 0.0) -> None:
        self._meeting = threading.Barrier(size)
        self._patience, self._lingers = patience, lingers
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0

    def visit(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        try:
            self._meeting.wait(self._patience)
        except threading.BrokenBarrierError:
            self._meeting.reset()
        threading.Event().wait(self._lingers)
        with self._lock:
            self._inside -= 1
