"""The clock of a run, which tests replace."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import pendulum


class Clock(Protocol):
    """The source of time, and of waiting."""

    def monotonic(self) -> float:
        """Seconds from some fixed point, never going back."""

    def now(self) -> pendulum.DateTime:
        """The time of day, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Let this many seconds pass."""

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Let this many seconds pass, or fewer if the event is set."""


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
