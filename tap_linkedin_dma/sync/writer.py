"""The one writer of a run: emits what all readers have read, then commits it to the state.

Records of several streams interleave, as Singer permits. The order guaranteed: the records of a batch are emitted
before its children's; its commit comes after all of its children's records, after the commits of its stream's batches
before it, and after the lookups that its records call for.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.sync.readers import Ended, QueuedBatch, Readers
from tap_linkedin_dma.sync.run import Run

_SIGNAL_POLL_SECONDS = 1.0
"""Upper bound on signal latency: a signal that arrives just before a blocking wait does not interrupt it."""

_SECONDS_BETWEEN_STATES = 5.0


class Writer:
    """Writes the batches that the readers of a run read.

    Args:
        readers: the readers whose queue it empties.
        run: the run whose lookups it makes.
        clock: gives the time.
        write_state: writes the state, unless nothing of it has changed.
    """

    def __init__(self, readers: Readers, run: Run, clock: Clock, write_state: Callable[[], None]) -> None:
        self._readers = readers
        self._run = run
        self._clock = clock
        self._write_state = write_state
        self._state_written_at = self._clock.monotonic()
        self._state_is_due = False
        self._uncommitted: defaultdict[str, deque[QueuedBatch | Ended]] = defaultdict(deque)
        """By stream, the batches that are emitted and wait until all of their children's are."""

    def write_all(self) -> None:
        """Write until every stream begun is read and emitted.

        Raises:
            DmaError: one that every stream would meet.
        """
        while self._readers.roots:
            item = self._readers.queue.get(_SIGNAL_POLL_SECONDS)
            if item is not None:
                self._take(item)
            self._run.look_up_if_due()
            now = self._clock.monotonic()
            if self._state_is_due or now - self._state_written_at >= _SECONDS_BETWEEN_STATES:
                self._state_written_at, self._state_is_due = now, False
                self._write_state()
        self._run.look_up_all()
        self._write_state()

    def _take(self, item: QueuedBatch | Ended) -> None:
        emitter = item.emitter
        if isinstance(item, QueuedBatch):
            emitter.write(item)
        elif item.fault:
            emitter.fail(item.fault)
        self._uncommitted[emitter.name].append(item)
        self._one_less(item)

    def _one_less(self, item: QueuedBatch | Ended) -> None:
        """Note that a part of a batch has been emitted, and commit the batches now complete, in order."""
        item.parts_left -= 1
        waiting = self._uncommitted[item.emitter.name]
        while waiting and not waiting[0].parts_left:
            whole = waiting.popleft()
            if isinstance(whole, QueuedBatch):
                whole.emitter.commit(whole)
                # A run that is killed repeats what is not in the state: a paced call may cost a minute.
                self._state_is_due |= whole.emitter.is_paced
            elif whole.parent:
                self._one_less(whole.parent)
            else:
                self._readers.roots -= 1
                whole.emitter.activate_tables(is_whole=True)
