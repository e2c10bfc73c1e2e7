"""Threads that ask LinkedIn side by side, and give what came in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from tap_linkedin_dma.api.errors import OutOfThreads
from tap_linkedin_dma.sync.run_lock import RunLock

_T = TypeVar("_T")
_R = TypeVar("_R")


class Workers:
    """The threads of a run that do several things at once.

    Args:
        run_lock: is held by the one that runs.
        most: how many there are at most.
    """

    def __init__(self, run_lock: RunLock, most: int) -> None:
        self._run_lock = run_lock
        self._most = most
        self._thread = threading.local()

    def released(self) -> AbstractContextManager[None]:
        """Let others run while this thread waits."""
        return self._run_lock.released()

    def map(self, function: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
        """Call a function for each item, side by side, and give the results in order.

        A few results wait at most, however many items there are. An error is raised at its item's
        turn. A worker that calls this does its items itself: it has a place of its own among the others.
        """
        is_one = isinstance(items, Sequence) and len(items) == 1
        if is_one or self._most == 1 or getattr(self._thread, "is_worker", False):
            yield from map(function, items)
            return
        # A pool of its own: those that wait for the slot of a paced resource keep no others waiting.
        pool = ThreadPoolExecutor(self._most, thread_name_prefix="linkedin")
        getattr(self._thread, "pools", []).append(pool)
        try:
            yield from self._submit(pool, function, items)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def ending(self) -> Iterator[None]:
        """End with it the threads that this one has set to work within it.

        Results that nobody takes any more end their threads only once they are cleared away, and the traceback of an
        error may hold them for as long as the run lasts.
        """
        outer = getattr(self._thread, "pools", [])
        self._thread.pools = begun = list[ThreadPoolExecutor]()
        try:
            yield
        finally:
            self._thread.pools = outer
            for pool in begun:
                pool.shutdown(wait=False, cancel_futures=True)

    def _submit(self, pool: ThreadPoolExecutor, function: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
        waiting: deque[Future[_R]] = deque()
        source = iter(items)
        error: Exception | None = None
        while error is None:
            try:
                item = next(source)
            except StopIteration:
                break
            except Exception as raised:  # raised again below: what the items gave before is not lost with it
                error = raised
                break
            try:
                waiting.append(pool.submit(self._work, function, item))
            except RuntimeError as refused:
                raise OutOfThreads from refused
            while waiting and (len(waiting) >= 2 * self._most or waiting[0].done()):
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())
        if error:
            raise error

    def _work(self, function: Callable[[_T], _R], item: _T) -> _R:
        self._thread.is_worker = True
        with self._run_lock.holding():
            return function(item)

    def _result(self, future: Future[_R]) -> _R:
        with self._run_lock.released():
            return future.result()
