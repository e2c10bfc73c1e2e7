"""Reading ahead of what leaves: a stream's pages are read in a thread of its own, so many of them at most."""

from __future__ import annotations

import pickle
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import IO, Any, Generic, TypeVar

from tap_linkedin_dma.baton import Baton
from tap_linkedin_dma.errors import DmaError

_T = TypeVar("_T")

_SECONDS_DEAF = 1.0
"""Python hears of a signal when it next runs, and a lock does not wake for one that came before it was waited for."""


@dataclass(frozen=True)
class _End:
    """The end of what was read, by a fault or without one."""

    fault: BaseException | None = None


class Ahead(Generic[_T]):
    """Reads one thing after another, in the order in which they are begun.

    Args:
        name: of the thread.
        baton: is held while reading.
        pages: how many wait at most until they are taken.
    """

    def __init__(self, name: str, baton: Baton, pages: int) -> None:
        self._name = name
        self._baton = baton
        self._room = threading.Semaphore(pages)
        self._begun: SimpleQueue[tuple[Callable[[], Iterator[_T]], SimpleQueue[_T | _End]] | None] = SimpleQueue()
        self._is_running = False
        self._is_stopped = False
        self.spool: Spool[Any] = Spool()

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
        self.spool.close()
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
                page = _next(given)
            if isinstance(page, _End):
                if page.fault:
                    raise page.fault
                return
            self._room.release()
            yield page


def _next(given: SimpleQueue[_T]) -> _T:
    """What comes next, however long it takes; a signal that came just as the wait began is heard soon all the same."""
    while True:
        with suppress(Empty):
            return given.get(timeout=_SECONDS_DEAF)


class Spool(Generic[_T]):
    """Rows that wait on disk, in a temporary file that no one else can open and that goes with the run."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._waiting = 0
        self._is_closed = False

    def put(self, rows: Iterable[_T]) -> Iterator[_T]:
        """Keep rows.

        Returns:
            The same rows, read back when the first of them is taken.

        Raises:
            DmaError: there is no room for them.
        """
        if self._is_closed:
            return iter(())
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115, it lasts as long as rows wait
            place = self._file.seek(0, 2)
            pickle.dump(list(rows), self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as fault:
            msg = (
                f"Rows cannot wait in a temporary file: {fault.strerror}. Make room, or name another folder in TMPDIR."
            )
            raise DmaError(msg) from fault
        self._waiting += 1
        return self._rows(self._file, place)

    def close(self) -> None:
        """Give the disk free: what still waits is not there any more, and nothing is kept from now on."""
        self._is_closed = True
        self._free()

    def _rows(self, file: IO[bytes], place: int) -> Iterator[_T]:
        file.seek(place)
        rows: list[_T] = pickle.load(file)  # noqa: S301, what this run has written
        self._waiting -= 1
        if not self._waiting:
            self._free()
        yield from rows

    def _free(self) -> None:
        if self._file is not None:
            # What could not be written is tried once more.
            with suppress(OSError):
                self._file.close()
            self._file = None
