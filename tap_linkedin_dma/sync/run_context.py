"""What all streams of a run share: the session, the token, the pace, and what is done side by side."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import OutOfThreads
from tap_linkedin_dma.api.rate_limits import RateLimiter
from tap_linkedin_dma.api.transport import Transport, new_session
from tap_linkedin_dma.auth.bearer import BearerToken
from tap_linkedin_dma.output.progress import Progress
from tap_linkedin_dma.sync.readers import Readers
from tap_linkedin_dma.sync.run import Run
from tap_linkedin_dma.sync.run_lock import RunLock

_T = TypeVar("_T")
_R = TypeVar("_R")


class RunContext:
    """One run's way to LinkedIn.

    Args:
        config: the tap's settings.
        clock: where the time comes from.
        baton: held by the thread that runs.
        progress: told of what is asked and read.
        readers: what streams are read by.
    """

    def __init__(
        self, config: Mapping[str, Any], clock: Clock, run_lock: RunLock, progress: Progress, readers: Readers
    ) -> None:
        self.clock = clock
        self.run_lock = run_lock
        self.readers = readers
        self.progress = progress
        self.started_at = clock.now()
        """When the run began; a run that crosses midnight keeps its day."""
        self.max_concurrency: int = config["max_concurrency"]
        self.session = new_session(Transport(float(config["request_timeout"]), self.max_concurrency))
        # urllib3 writes every URL into its debug log, and URLs hold the URNs of members.
        logging.getLogger("urllib3").setLevel(logging.INFO)
        # All requests go to one host, and looking for its proxy takes as long as half of a request.
        self.request_settings = self.session.merge_environment_settings(config["api_url"], {}, None, None, None)
        """What the environment says of the way there: proxies, certificates."""

        self.token = BearerToken(config, clock)
        self.limits = RateLimiter(config["request_intervals"], self.max_concurrency, clock)
        self.run = Run(clock)
        self._thread = threading.local()

    def map_concurrently(self, func: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
        """Call a function for each item, side by side, and give the results in order.

        A few results wait at most, however many items there are. An error is raised at its item's
        turn. A worker that calls this does its items itself: it has a place of its own among the others.
        """
        is_one = isinstance(items, Sequence) and len(items) == 1
        if is_one or self.max_concurrency == 1 or getattr(self._thread, "is_worker", False):
            yield from map(func, items)
            return
        # Workers of its own: those that wait for the turn of a paced resource keep no others waiting.
        workers = ThreadPoolExecutor(self.max_concurrency, thread_name_prefix="linkedin")
        getattr(self._thread, "workers", []).append(workers)
        try:
            yield from self._submit(workers, func, items)
        finally:
            workers.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def ending_workers(self) -> Iterator[None]:
        """End with it the workers that this thread has set to work within it.

        Results that nobody takes any more end their workers only once they are cleared away, and the traceback of an
        error may hold them for as long as the run lasts.
        """
        outer = getattr(self._thread, "workers", [])
        self._thread.workers = begun = list[ThreadPoolExecutor]()
        try:
            yield
        finally:
            self._thread.workers = outer
            for workers in begun:
                workers.shutdown(wait=False, cancel_futures=True)

    def _submit(self, workers: ThreadPoolExecutor, func: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
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
                waiting.append(workers.submit(self._work, func, item))
            except RuntimeError as refused:
                raise OutOfThreads from refused
            while waiting and (len(waiting) >= 2 * self.max_concurrency or waiting[0].done()):
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())
        if error:
            raise error

    def _work(self, func: Callable[[_T], _R], item: _T) -> _R:
        self._thread.is_worker = True
        with self.run_lock.holding():
            return func(item)

    def _result(self, future: Future[_R]) -> _R:
        with self.run_lock.released():
            return future.result()
