"""Threads that make requests concurrently, and give the results in order."""

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
    """The worker threads of a run.

    Args:
        run_lock: held by the thread that runs.
        most: how many there are at most.
    """

    def __init__(self, run_lock: RunLock, most: int) -> None:
        self._run_lock = run_lock
        self._most = most
        self._thread = threading.local()

    def released(self) -> AbstractContextManager[None]:
        """Release the run lock while this thread waits."""
        return self._run_lock.released()

    def map(self, function: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
        """Call a function for each item concurrently, and give the results in order.

        At most a few results wait, however many items there are. An error is raised at its item's
        turn. A worker that calls this does its items itself, since it already is one of the threads.
        """
        is_one = isinstance(items, Sequence) and len(items) == 1
        if is_one or self._most == 1 or getattr(self._thread, "is_worker", False):
            yield from map(function, items)
            return
        # A pool for each call: threads that wait for the slot of a paced resource block no other call.
        pool = ThreadPoolExecutor(self._most, thread_name_prefix="linkedin")
        getattr(self._thread, "pools", []).append(pool)
        try:
            yield from self._submit(pool, function, items)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def ending(self) -> Iterator[None]:
        """End, on exit, the threads that this thread has started inside it.

        An abandoned `map` ends its threads only once it is garbage-collected, and the traceback of an error may keep
        it alive for as long as the run lasts.
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
            except Exception as raised:  # raised again below: the results before it are not lost
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
