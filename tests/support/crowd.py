"""How many are somewhere at once."""

from __future__ import annotations

import threading


class Crowd:
    """Counts how many are inside at once; each stays until `size` are, or a moment has passed."""

    def __init__(self, size: int, patience: float) -> None:
        self._meeting = threading.Barrier(size)
        self._patience = patience
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
        with self._lock:
            self._inside -= 1
