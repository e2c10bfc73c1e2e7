"""Waiting for what another thread does, without passing by waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable

LONG_ENOUGH = 60
"""Seconds after which a test that waits for a thread fails."""


def comes_true(is_true: Callable[[], bool]) -> bool:
    """Whether something is so, soon."""
    look = threading.Event()
    for _ in range(int(LONG_ENOUGH / 0.01)):
        if is_true():
            return True
        look.wait(0.01)
    return False


def no_thread_stays(is_meant: Callable[[str], bool]) -> None:
    """Wait until the threads of some names have ended."""
    for thread in threading.enumerate():
        if is_meant(thread.name):
            thread.join(LONG_ENOUGH)
            assert not thread.is_alive(), f"{thread.name} stays though its run has ended"
