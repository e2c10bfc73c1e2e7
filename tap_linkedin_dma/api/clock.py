"""What the tap knows of time, so that tests can say how it passes."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import pendulum


class Clock(Protocol):
    """What the tap knows of time."""

    def monotonic(self) -> float:
        """Seconds from some fixed point, never going back."""

    def now(self) -> pendulum.DateTime:
        """The time of day, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let this many seconds pass."""

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Let this many seconds pass, fewer where the event is set meanwhile or was before."""


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> pendulum.DateTime:
        return pendulum.now("UTC")

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))

    def wait(self, event: threading.Event, seconds: float) -> None:
        event.wait(seconds)
