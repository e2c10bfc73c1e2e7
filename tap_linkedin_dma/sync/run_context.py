"""Everything that the streams of one run share, whichever token they are read with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_linkedin_dma.api.client import Client, Recorder
from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.auth.bearer import BearerToken
from tap_linkedin_dma.output.progress import Progress
from tap_linkedin_dma.sync.readers import Readers
from tap_linkedin_dma.sync.run import Run
from tap_linkedin_dma.sync.run_lock import RunLock
from tap_linkedin_dma.sync.workers import Workers


class RunContext:
    """The clock, the lock, the threads and the clients of one run.

    Args:
        config: the tap's settings.
        clock: gives the time.
        recorder: takes in each request and its answer, if a wire report is wanted.
    """

    def __init__(self, config: Mapping[str, Any], clock: Clock, recorder: Recorder | None = None) -> None:
        self.clock = clock
        self._recorder = recorder
        self.started_at = clock.now()
        """When the run began; a run that crosses midnight keeps its day."""

        self.run_lock = RunLock()
        self.readers = Readers(self.run_lock)
        self.progress = Progress(clock)
        self.workers = Workers(self.run_lock, config["max_concurrency"])
        self.run = Run(clock)
        self.clients: list[Client] = []
        """One for each token."""

    def connect(self, config: Mapping[str, Any]) -> Client:
        """A client for the token in these settings."""
        token = BearerToken(config, self.clock)
        on_missing = self.run.note_missing
        client = Client(
            config,
            token,
            self.clock,
            self.workers,
            self.progress,
            self._remember_throttled,
            on_missing,
            self._recorder,
        )
        self.clients.append(client)
        return client

    def end_after(self, seconds: float) -> None:
        """End the run after this time: each stream as soon as it cannot make its next request before that."""
        for client in self.clients:
            client.limits.end_after(seconds)

    def stop(self) -> None:
        """Make no more requests."""
        for client in self.clients:
            client.limits.stop()

    def _remember_throttled(self, resource: str) -> None:
        with self.run_lock.holding():
            self.run.remember_throttled(resource)
