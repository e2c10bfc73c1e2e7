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
