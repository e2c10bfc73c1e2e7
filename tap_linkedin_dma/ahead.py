"""Reading ahead of what leaves: a stream's pages are read in a thread of its own, a few of them at most."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

from tap_linkedin_dma.baton import Baton
from tap_linkedin_dma.errors import DmaError

_T = TypeVar("_T")

_PAGES_AHEAD = 2
"""So many wait at most: the next is there when one has left, and a page may be a thousand rows."""


@dataclass(frozen=True)
class _End:
    """The end of what was read, by a fault or without one."""

    fault: BaseException | None = None


class Ahead(Generic[_T]):
    """Reads one thing after another, in the order in which they are begun.

    Args:
        name: of the thread.
        baton: is held while reading.
    """

    def __init__(self, name: str, baton: Baton) -> None:
        self._name = name
        self._baton = baton
        self._room = threading.Semaphore(_PAGES_AHEAD)
        self._begun: SimpleQueue[tuple[Callable[[], Iterator[_T]], SimpleQueue[_T | _End]] | None] = SimpleQueue()
        self._is_running = False
        self._is_stopped = False

    def begin(self, read: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """Begin to read, as soon as what was begun before is read.

        Returns:
            What is read, to be taken in the order in which it was begun; a fault is raised at its place.
        """
        given: SimpleQueue[_T | _End] = SimpleQueue()
        if self._is_stopped:
            given.put(self._read(read, given))
            return self._take(given)
        self._begun.put((read, given))
        if not self._is_running:
            self._is_running = True
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        return self._take(given)

    def stop(self) -> None:
        """Read no more."""
        self._is_stopped = True
        self._room.release()
        self._begun.put(None)

    def _run(self) -> None:
        while begun := self._begun.get():
            read, given = begun
            with self._baton.held():
                given.put(self._read(read, given))

    def _read(self, read: Callable[[], Iterator[_T]], given: SimpleQueue[_T | _End]) -> _End:
        try:
            for page in read() if not self._is_stopped else ():
                with self._baton.let_go():
                    self._room.acquire()
                if self._is_stopped:
                    break
                given.put(page)
        except BaseException as fault:  # raised again by whoever takes it
            return _End(fault)
        # What was not read to its end must not look whole.
        return _End(DmaError("The run was stopped.") if self._is_stopped else None)

    def _take(self, given: SimpleQueue[_T | _End]) -> Iterator[_T]:
        while True:
            with self._baton.let_go():
                page = given.get()
            if isinstance(page, _End):
                if page.fault:
                    raise page.fault
                return
            self._room.release()
            yield page
