"""One clock for several processes, on which waiting takes no time.

Time stands still until every process waits, and then moves to where the first of them wakes. So a request arrives at
the very moment at which it leaves, however busy the machine is.
"""

from __future__ import annotations

import os
import socket
import socketserver
import sys
import threading
from collections import defaultdict

import pendulum

from tap_linkedin_dma.commands import main
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.clock import START


class SharedClock(socketserver.ThreadingTCPServer):
    """The clock, served to processes that pause at one resource each.

    Args:
        processes: how many will read it; time stands still until all do.
    """

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, processes: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.port: int = self.server_address[1]
        self._elapsed = 0.0
        self._processes = processes
        self._waking: dict[str, list[float]] = defaultdict(list)
        self._changed = threading.Condition()
        self._serving = threading.Thread(target=self.serve_forever, args=(0.01,))

    def __enter__(self) -> SharedClock:
        self._serving.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self._serving.join()
        self.server_close()

    def monotonic(self) -> float:
        """Seconds that have passed."""
        return self._elapsed

    def leave(self) -> None:
        """One process less, which time need not wait for."""
        with self._changed:
            self._processes -= 1
            self._move_on()

    def wait(self, process: str, until: float) -> None:
        """Let a process wait; it counts as busy again from the moment at which it may wake."""
        with self._changed:
            self._waking[process].append(until)
            self._move_on()
            self._changed.wait_for(lambda: self._elapsed >= until)

    def _move_on(self) -> None:
        waiting = {process: min(untils) for process, untils in self._waking.items() if untils}
        if waiting and len(waiting) == self._processes:
            self._elapsed = max(self._elapsed, min(waiting.values()))
            for process, untils in self._waking.items():
                self._waking[process] = [until for until in untils if until > self._elapsed]
            self._changed.notify_all()


class _Connection(socketserver.StreamRequestHandler):
    server: SharedClock

    def handle(self) -> None:
        process, _, until = self.rfile.readline().decode().strip().partition(" ")
        if until:
            self.server.wait(process, float(until))
        self.wfile.write(f"{self.server.monotonic()!r}\n".encode())
        if not until:
            self.rfile.read()
            self.server.leave()


class _Reader:
    """The tap's clock in one of the processes."""

    def __init__(self, port: int) -> None:
        self._port = port
        # Open until the process ends.
        self._connection = self._ask("")
        self._elapsed = self._answer(self._connection)

    def monotonic(self) -> float:
        return self._elapsed

    def now(self) -> pendulum.DateTime:
        return START.add(seconds=self._elapsed)

    def sleep(self, seconds: float) -> None:
        with self._ask(repr(self._elapsed + max(0.0, seconds))) as connection:
            self._elapsed = self._answer(connection)

    def wait(self, event: threading.Event, seconds: float) -> None:
        self.sleep(seconds)

    def _ask(self, until: str) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.sendall(f"{os.getpid()} {until}\n".encode())
        return connection

    def _answer(self, connection: socket.socket) -> float:
        with connection.makefile() as answer:
            return float(answer.readline())


def run_tap() -> None:
    """The tap's command line on the clock that is served at the port given first."""
    TapLinkedInDMA.clock = _Reader(int(sys.argv.pop(1)))
    main()
