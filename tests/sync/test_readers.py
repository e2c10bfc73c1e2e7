"""Readers, their one queue and its writer: bounded, in order, never stuck; and one thread at a time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.sync.batches import NO_CONTEXT, ContextBatch
from tap_linkedin_dma.sync.readers import BoundedQueue, QueuedBatch, Readers, Stopped, StreamEmitter
from tap_linkedin_dma.sync.run import Run
from tap_linkedin_dma.sync.run_lock import RunLock
from tap_linkedin_dma.sync.writer import Writer
from tests.support.clock import FakeClock
from tests.support.waiting import LONG_ENOUGH, comes_true, no_thread_stays


class _Stream:
    """Reads batches of some rows for each context, and notes what is done with them."""

    is_paced = False

    def __init__(self, name: str, done: list[str], batches: int, *children: _Stream, rows: int = 1) -> None:
        self.name = name
        self.children: Sequence[StreamEmitter] = children
        self.read = 0
        self.has_failed = False
        self.fault: DmaError | None = None
        """What ends the reading after the batches."""

        self._done = done
        self._number, self._rows = batches, rows

    def batches(self, contexts: ContextBatch) -> Generator[QueuedBatch, None, None]:
        for context in contexts:
            whose = str(context.get("of", ""))
            for number in range(self._number):
                self.read += 1
                name = f"{whose}{self.name}{number} "
                below, commit = ContextBatch([{"of": name}]), partial(self._done.append, f"commit {name}")
                yield QueuedBatch(self, [{"of": name}] * self._rows, (), below, self.children, commit)
            if self.fault:
                raise self.fault

    def write(self, batch: QueuedBatch) -> None:
        self._done.append(f"write {batch.records[0]['of']}")

    def commit(self, batch: QueuedBatch) -> None:
        if batch.commit:
            batch.commit()

    def fail(self, fault: DmaError) -> None:
        self._done.append(f"end {self.name}: {fault}")

    def leave_unread(self, contexts: ContextBatch) -> None:
        self._done.append(f"leave {self.name}")

    def activate_tables(self, *, is_whole: bool) -> None:
        self._done.append(f"activate {self.name}")

    def emit_now(self, contexts: ContextBatch) -> None:
        raise NotImplementedError

    def write_records(self, rows: Sequence[Row], organization: str) -> bool:
        raise NotImplementedError


@pytest.fixture
def run_lock() -> RunLock:
    return RunLock()


@pytest.fixture
def readers(run_lock: RunLock) -> Iterator[Readers]:
    """Readers, stopped afterwards."""
    reading = Readers(run_lock)
    yield reading
    reading.close()


def emit(readers: Readers, run_lock: RunLock, *streams: StreamEmitter) -> None:
    """Read streams without a parent, and emit what they give."""
    with run_lock.holding():
        for stream in streams:
            readers.read(stream, NO_CONTEXT)
        Writer(readers, Run(clock := FakeClock()), clock, lambda: None).write_all()


def test_a_commit_comes_after_the_records_of_all_that_hangs_on_its_own(readers: Readers, run_lock: RunLock) -> None:
    """And after the commits before it, whichever child is the last to be read; a batch leaves before its children's."""
    done: list[str] = []
    leaf = _Stream("leaf", done, 2)
    emit(readers, run_lock, _Stream("root", done, 3, _Stream("one", done, 2, leaf), _Stream("two", done, 1)))
    names = [entry.removeprefix("write ") for entry in done if entry.startswith("write")]
    assert len(names) == len({*names}) == 3 + 6 + 12 + 3
    for name in names:
        after = done[done.index(f"write {name}") :]
        assert all(f"write {other}" in after for other in names if other.startswith(name))
        below = done[: done.index(f"commit {name}")]
        assert all(f"write {other}" in below for other in names if other.startswith(name))
    committed = [entry for entry in done if entry.startswith("commit root") and len(entry.split()) == 2]
    assert committed == ["commit root0 ", "commit root1 ", "commit root2 "]
    assert done[-1] == "activate root"


def test_a_batch_without_children_is_not_committed_before_those_that_have_some(
    readers: Readers, run_lock: RunLock
) -> None:
    """Or the end of a listing would be in the state while what hangs on its rows is still being read."""
    done: list[str] = []
    child = _Stream("child", done, 5)

    class Ending(_Stream):
        def batches(self, contexts: ContextBatch) -> Generator[QueuedBatch, None, None]:
            yield from super().batches(contexts)
            yield QueuedBatch(self, [{"of": "end"}], (), ContextBatch([]), (), partial(self._done.append, "commit end"))

    emit(readers, run_lock, Ending("root", done, 2, child))
    assert done.index("commit end") > max(done.index(entry) for entry in done if entry.startswith("write root1 child"))


def test_a_fault_comes_after_what_was_read_before_it(readers: Readers, run_lock: RunLock) -> None:
    """The others go on, nothing more is read of that stream, and its parent is committed all the same."""
    done: list[str] = []
    failing, other = _Stream("failing", done, 1), _Stream("other", done, 1)
    failing.fault = DmaError("at its place")
    emit(readers, run_lock, _Stream("root", done, 3, failing, other))
    assert failing.read == 1
    assert other.read == 3
    assert done.index("end failing: at its place") > done.index("write root0 failing0 ")
    assert {"commit root0 failing0 ", "commit root2 ", "write root2 other0 "} <= {*done}


@pytest.mark.parametrize(("rows", "waiting"), [(1000, 4), (1, 16), (4000, 1)])
def test_what_waits_is_bounded_in_rows_and_in_batches(readers: Readers, rows: int, waiting: int) -> None:
    """However many streams are faster than what leaves: each has one batch more in hand."""
    streams = [_Stream(f"s{number}", [], 100, rows=rows) for number in range(3)]

    def has_read(batches: int) -> bool:
        return comes_true(lambda: sum(stream.read for stream in streams) >= batches)

    for stream in streams:
        readers.read(stream, NO_CONTEXT)
    most = waiting + len(streams)
    assert has_read(most)
    for taken in range(1, 20):
        assert readers.queue.get() is not None
        assert has_read(most + taken)
        assert sum(stream.read for stream in streams) == most + taken


def test_what_is_put_in_is_taken_out_in_its_order(run_lock: RunLock) -> None:
    """And who waits for something gets nothing after a while."""
    queue: BoundedQueue[int] = BoundedQueue(run_lock, 5)
    for number in range(5):
        queue.put(number)
    assert [queue.get() for _ in range(5)] == [0, 1, 2, 3, 4]
    assert queue.get(0.001) is None


def test_who_waits_goes_on_when_all_is_closed(run_lock: RunLock) -> None:
    """What a stopped run had under way never looks whole, and no thread stays."""
    readers, stream = Readers(run_lock), _Stream("stopped", [], 100, _Stream("below", [], 100))
    readers.read(stream, NO_CONTEXT)
    assert readers.queue.get(LONG_ENOUGH)
    readers.close()
    no_thread_stays(("stopped", "below").__contains__)
    with pytest.raises(Stopped, match="stopped"):
        readers.read(_Stream("late", [], 1), NO_CONTEXT)
    assert readers.queue.get() is None


def test_a_signal_is_heard_that_does_not_wake_who_waits(
    readers: Readers, run_lock: RunLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that comes just before the wait begins: here it comes to another thread."""
    monkeypatch.setattr("tap_linkedin_dma.sync.writer._SIGNAL_POLL_SECONDS", 0.01)
    is_heard = threading.Event()
    heard: list[bool] = []

    class Signalling(_Stream):
        def batches(self, contexts: ContextBatch) -> Generator[QueuedBatch, None, None]:
            with run_lock.released():
                signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
                heard.append(is_heard.wait(LONG_ENOUGH))
            return super().batches(contexts)

    before = signal.signal(signal.SIGUSR1, lambda *_: is_heard.set())
    try:
        emit(readers, run_lock, Signalling("signalling", [], 1))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard == [True]


def test_one_thread_runs_at_a_time(run_lock: RunLock) -> None:
    """Unless it waits: then another one does."""
    inside = 0

    def work(_: int) -> int:
        nonlocal inside
        most = 0
        with run_lock.holding():
            for _ in range(50):
                inside += 1
                most = max(most, inside)
                inside -= 1
                with run_lock.released():
                    pass
        return most

    with ThreadPoolExecutor(4) as workers:
        assert set(workers.map(work, range(4))) == {1}


@pytest.mark.parametrize("fails", [False, True])
def test_what_several_want_is_made_once(run_lock: RunLock, fails: bool) -> None:
    """By the first of them; the others wait for it, and an error is the same for all."""
    made: dict[str, Future[Any]] = {}
    calls: list[int] = []
    all_there = threading.Barrier(3)

    def make() -> int:
        calls.append(1)
        with run_lock.released():
            all_there.wait(LONG_ENOUGH)
        if fails:
            raise DmaError("for all")
        return 5

    def want(_: int) -> object:
        with run_lock.holding():
            if made:
                with run_lock.released():
                    all_there.wait(LONG_ENOUGH)
            try:
                return run_lock.compute_once(made, "it", make)
            except DmaError as error:
                return str(error)

    with ThreadPoolExecutor(3) as workers:
        assert set(workers.map(want, range(3))) == ({"for all"} if fails else {5})
    assert calls == [1]
