"""A clock that a test moves: sleeping on it takes no time and advances it."""

from __future__ import annotations

import threading
from datetime import datetime, timezone

import pendulum

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)
START = pendulum.instance(NOW)


class FakeClock:
    """The tap's clock, where `sleep` advances both readings at once and is noted in `slept` (seconds)."""

    def __init__(self, now: pendulum.DateTime | None = None) -> None:
        self._start = now or START
        self._elapsed = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds slept since the clock was made."""
        with self._lock:
            return self._elapsed

    def now(self) -> pendulum.DateTime:
        """The moment it started at, and the seconds slept since."""
        return self._start.add(seconds=self.monotonic())

    def sleep(self, seconds: float) -> None:
        """Advance by `seconds`, at once."""
        with self._lock:
            self.slept.append(seconds)
            self._elapsed += seconds

    def wait(self, event: threading.Event, seconds: float) -> None:
        """As `sleep`: nothing lasts here for longer than a moment."""
        self.sleep(seconds)


class SideBySideClock(FakeClock):
    """A clock of which each thread has its own time, as if all of them waited side by side; `latest` is that of all."""

    def __init__(self, now: pendulum.DateTime | None = None) -> None:
        super().__init__(now)
        self._own = threading.local()
        self.latest = 0.0

    def monotonic(self) -> float:
        return getattr(self._own, "elapsed", 0.0)

    def sleep(self, seconds: float) -> None:
        self._own.elapsed = self.monotonic() + seconds
        with self._lock:
            self.latest = max(self.latest, self._own.elapsed)
