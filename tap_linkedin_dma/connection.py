"""What all streams of a run share: the session, the token, the pace, the workers."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

from tap_linkedin_dma.auth import BearerToken
from tap_linkedin_dma.pacing import Clock, Pace
from tap_linkedin_dma.run import Run

_T = TypeVar("_T")
_R = TypeVar("_R")


class Connection:
    """One run's way to LinkedIn.

    Args:
        config: the tap's settings.
        clock: where the time comes from.
    """

    def __init__(self, config: Mapping[str, Any], clock: Clock) -> None:
        self.clock = clock
        self.began = clock.now()
        """When the run began; a run that crosses midnight keeps its day."""
        self.max_concurrency: int = config["max_concurrency"]
        self.session = requests.Session()
        # urllib3 writes every URL into its debug log, and URLs hold the URNs of members.
        logging.getLogger("urllib3").setLevel(logging.INFO)
        self.session.mount(config["api_url"], HTTPAdapter(pool_maxsize=self.max_concurrency))
        self.token = BearerToken(config, clock)
        self.pace = Pace(config["request_intervals"], self.max_concurrency, clock)
        self.run = Run(clock)
        self._workers = ThreadPoolExecutor(self.max_concurrency, thread_name_prefix="linkedin")
        self._in_worker = threading.local()

    def map(self, func: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
        """Call a function for each item, side by side, and give the results in order.

        A few results wait at most, however many items there are. An error is raised at its item's
        turn. A worker that calls this does its items itself, or workers would wait for workers.
        """
        if self.max_concurrency == 1 or getattr(self._in_worker, "yes", False):
            yield from map(func, items)
            return
        waiting: deque[Future[_R]] = deque()
        try:
            yield from self._submit(func, items, waiting)
        finally:
            for future in waiting:
                future.cancel()

    def _submit(self, func: Callable[[_T], _R], items: Iterable[_T], waiting: deque[Future[_R]]) -> Iterator[_R]:
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
            waiting.append(self._workers.submit(self._work, func, item))
            while waiting and (len(waiting) >= 2 * self.max_concurrency or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        if error:
            raise error

    def stop(self) -> None:
        """End what is under way as soon as can be, so that a run that failed does not wait for its workers."""
        self.pace.stop()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _work(self, func: Callable[[_T], _R], item: _T) -> _R:
        self._in_worker.yes = True
        return func(item)
