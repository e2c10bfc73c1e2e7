"""A lock for the tap's own code: one thread at a time runs it, and releases it to wait for LinkedIn or a thread.

So everything that the threads share, the state above all, changes as it would in a single thread, and only the waiting
is concurrent. Python runs one thread at a time anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

_T = TypeVar("_T")


class RunLock:
    """The lock that the running thread holds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder = threading.local()

    @contextmanager
    def holding(self, patience: float = -1) -> Iterator[None]:
        """Hold the run lock, which this thread may hold already.

        Args:
            patience: seconds after which to continue without it; wait forever if negative.
        """
        if self._is_mine:
            yield
            return
        is_taken = self._lock.acquire(timeout=patience)
        self._holder.is_me = True
        try:
            yield
        finally:
            self._holder.is_me = False
            if is_taken:
                self._lock.release()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Release the run lock while this thread waits for something; does nothing if it does not hold it."""
        if not self._is_mine:
            yield
            return
        self._holder.is_me = False
        self._lock.release()
        try:
            yield
        finally:
            self._lock.acquire()
            self._holder.is_me = True

    def compute_once(self, made: dict[str, Future[Any]], name: str, make: Callable[[], _T]) -> _T:
        """A result that several threads want, made by the first of them; an error is the same for all too.

        Args:
            made: keeps the results.
            name: of the result in `made`.
            make: makes it.
        """
        if name not in made:
            made[name] = Future()
            try:
                made[name].set_result(make())
            except BaseException as error:  # raised again in each thread that wants it
                made[name].set_exception(error)
        with self.released():
            result: _T = made[name].result()
        return result

    @property
    def _is_mine(self) -> bool:
        return getattr(self._holder, "is_me", False)
