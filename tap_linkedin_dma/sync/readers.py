"""Reading: a thread for each stream that is read, and one bounded queue for the batches of all of them.

A reader takes contexts from its inbox, reads what LinkedIn has for them, and puts it into the queue a batch at a time,
then the contexts of that batch into the inboxes of its child streams. One writer, the main thread, empties the queue.
There can be no deadlock: the writer waits for no inbox, and streams depend on one another as a tree.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException

from tap_linkedin_dma.api.errors import DmaError, OutOfThreads
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.sync.batches import ContextBatch
from tap_linkedin_dma.sync.run_lock import RunLock

_T = TypeVar("_T")

DRY_RUN_ENDS = (AbortedSyncFailedException, AbortedSyncPausedException)
"""Exceptions that end a stream once it has emitted as many records as a dry run wants."""

_BATCHES, _ROWS = 16, 4000
"""At this many, of all streams together, nothing more is put into the queue; a batch has at most a thousand rows."""

_CONTEXTS = 2
"""Batches of contexts in an inbox, at most: they may be a thousand posts each."""


class Stopped(DmaError):
    """The run ended while this was under way."""


class BoundedQueue(Generic[_T]):
    """A first-in, first-out queue with room for a limited number of items and rows.

    Args:
        run_lock: released while a thread waits.
        items: with this many in the queue, `put` waits.
        rows: likewise; `put` gives the rows of each item.
    """

    def __init__(self, run_lock: RunLock, items: int, rows: int = sys.maxsize) -> None:
        self._run_lock = run_lock
        self._room = (items, rows)
        self._waiting: deque[tuple[_T, int]] = deque()
        self._rows = 0
        self._is_closed = False
        self._changed = threading.Condition()

    def put(self, item: _T, rows: int = 0) -> None:
        """Put an item in, once there is room.

        Raises:
            Stopped: the queue is closed.
        """
        with self._run_lock.released(), self._changed:
            self._changed.wait_for(self._has_room)
            if self._is_closed:
                msg = "The run was stopped."
                raise Stopped(msg)
            self._waiting.append((item, rows))
            self._rows += rows
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> _T | None:
        """Take the next item out, once there is one; None if the queue is closed, or after this many seconds."""
        with self._run_lock.released(), self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed, timeout)
            if not self._waiting:
                return None
            item, rows = self._waiting.popleft()
            self._rows -= rows
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Drop all items, and let no thread wait any more."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def _has_room(self) -> bool:
        items, rows = self._room
        return self._is_closed or (len(self._waiting) < items and self._rows < rows)


class StreamEmitter(Protocol):
    """The emitter of a stream, as its reader and the writer know it."""

    name: str

    @property
    def is_paced(self) -> bool:
        """Whether its stream waits between its requests."""

    def batches(self, contexts: ContextBatch) -> Generator[QueuedBatch, None, None]:
        """Read what LinkedIn has for these contexts; nothing if the stream has failed."""

    def leave_unread(self, contexts: ContextBatch) -> None:
        """Note that the stream is not read for these contexts."""

    def write(self, batch: QueuedBatch) -> None:
        """Write the records of a batch; if the stream has failed, drop them and the commit."""

    def commit(self, batch: QueuedBatch) -> None:
        """Make the commit of a batch once what it depends on has been looked up."""

    def fail(self, fault: DmaError) -> None:
        """End the stream, or the run if every other stream would meet the fault too."""

    def emit_now(self, contexts: ContextBatch) -> None:
        """Read and emit at once what LinkedIn has for these contexts."""

    def activate_tables(self, *, is_whole: bool) -> None:
        """Write ACTIVATE_VERSION for the tables that are complete, of this stream and of those below it."""

    def write_records(self, rows: Sequence[Row], organization: str) -> bool:
        """Write records of one organization, unless the stream has failed; whether they were written."""


@dataclass(eq=False)
class QueuedBatch:
    """Records that are emitted together, redacted.

    Args:
        emitter: of the stream that was read.
        records: in the order in which they are emitted.
        others: records that this stream makes for others.
        contexts: the contexts of the children.
        children: the emitters of the streams that read for these contexts.
        commit: writes to the state what belongs there once this batch and all of the children's have been emitted.
        owe: called in its place if an answer about a URN that the records reference is missing.
        look_ups: `Run.look_ups` before these records referenced anything.
        organization: the URN of the one that they are of; "" for none.
    """

    emitter: StreamEmitter
    records: Sequence[Row]
    others: Sequence[tuple[StreamEmitter, Sequence[Row]]]
    contexts: ContextBatch
    children: Sequence[StreamEmitter]
    commit: Callable[[], None] | None
    owe: Callable[[], None] | None = None
    look_ups: int = 0
    organization: str = ""

    def __post_init__(self) -> None:
        self.parts_left = 1 + len(self.children)
        """The records, and each child that has not read and emitted all for these contexts."""

    @property
    def size(self) -> int:
        """How many records there are."""
        return len(self.records) + sum(len(rows) for _, rows in self.others)


@dataclass(eq=False)
class Ended:
    """The end of the reading for some contexts, by a fault or because all was read.

    Args:
        emitter: of the stream that was read.
        parent: the batch that the contexts come from; None for a stream without a parent.
        fault: the error that ended it.
    """

    emitter: StreamEmitter
    parent: QueuedBatch | None
    fault: DmaError | None = None
    parts_left: int = 1


class Readers:
    """The readers of a run, and their queue.

    Args:
        run_lock: held while reading.
    """

    def __init__(self, run_lock: RunLock) -> None:
        self._run_lock = run_lock
        self.queue: BoundedQueue[QueuedBatch | Ended] = BoundedQueue(run_lock, _BATCHES, _ROWS)
        self._inboxes: dict[str, BoundedQueue[tuple[ContextBatch, QueuedBatch | None]]] = {}
        self._is_closed = False
        self.roots = 0
        """How many streams without a parent have not yet been read and emitted completely."""

    def read(self, emitter: StreamEmitter, contexts: ContextBatch, parent: QueuedBatch | None = None) -> None:
        """Have a stream read for these contexts, after those that came before; waits while its inbox is full.

        Raises:
            Stopped: nothing is read any more.
            OutOfThreads: no thread can be started; the run has to end, since its writer would wait for this stream.
        """
        self.roots += parent is None
        if emitter.name not in self._inboxes:
            inbox = self._inboxes[emitter.name] = BoundedQueue(self._run_lock, _CONTEXTS)
            if self._is_closed:
                inbox.close()
            try:
                threading.Thread(target=self._run, args=(emitter, inbox), name=emitter.name, daemon=True).start()
            except RuntimeError as refused:
                raise OutOfThreads from refused
        self._inboxes[emitter.name].put((contexts, parent))

    def close(self) -> None:
        """Read no more."""
        self._is_closed = True
        self.queue.close()
        # A copy: a reader may just be adding another inbox, which it closes then.
        for inbox in list(self._inboxes.values()):
            inbox.close()

    def _run(self, emitter: StreamEmitter, inbox: BoundedQueue[tuple[ContextBatch, QueuedBatch | None]]) -> None:
        has_failed = False
        with self._run_lock.holding():
            while (job := inbox.get()) is not None:
                contexts, parent = job
                if has_failed:
                    emitter.leave_unread(contexts)
                fault = None if has_failed else self._read(emitter, contexts)
                has_failed = has_failed or fault is not None
                try:
                    self.queue.put(Ended(emitter, parent, fault))
                except Stopped:
                    return

    def _read(self, emitter: StreamEmitter, contexts: ContextBatch) -> DmaError | None:
        """Read all for these contexts.

        Returns:
            The error that ended it before all was read.
        """
        try:
            with closing(emitter.batches(contexts)) as batches:
                for batch in batches:
                    below, children = batch.contexts, batch.children
                    # The writer empties a batch as soon as it is written.
                    self.queue.put(batch, batch.size)
                    for child in children:
                        self.read(child, below, batch)
        except DmaError as fault:
            return fault
        return None


@contextmanager
def own_errors_as_faults(stream: str, logger: logging.Logger) -> Iterator[None]:
    """Turn an error in the tap itself into a `DmaError`, so that it ends one stream alone.

    Args:
        stream: its name.
        logger: logs the error, with the traceback.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (DmaError, *DRY_RUN_ENDS)):
            raise
        logger.exception("%s met a bug in the tap", stream)
        msg = f"This is a bug in the tap ({type(error).__name__}). Please report it, with the lines above."
        raise DmaError(msg) from error
