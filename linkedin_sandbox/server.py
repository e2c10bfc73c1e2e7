"""The HTTP side of the sandbox: loopback only, connections kept alive, answers in one piece."""

from __future__ import annotations

import json
import random
import socket
import struct
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from zlib import crc32

from .consent import Page
from .errors import Refusal
from .faults import Manner
from .log import Request

if TYPE_CHECKING:
    from .sandbox import Sandbox

NEVER = "x-sandbox-never"
"""A header of what stands for an answer that never comes; see `Sandbox.tells_silence`."""

Answer = tuple[int, Mapping[str, Any] | bytes, Mapping[str, str]]


class Server(ThreadingHTTPServer):
    """Keeps its open connections, so that none outlives it."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, port: int) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every connection, kept alive or not; server_close then joins their threads."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client hung up first
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no error of the server's."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, has it answered, and writes the answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together: apart, the body would wait for the head's acknowledgement
    server: Server

    def handle_any(self) -> None:
        sandbox, at = self.server.sandbox, self.server.sandbox.clock()
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.startswith("/sandbox/"):
            self.leave("whole", self.settle(lambda: sandbox.administer(self.command, path, query)))
            return
        asked = query or body.decode("ascii", "replace")
        fault = sandbox.fault_for(path, asked)
        if fault is not None and fault.status:
            settled = (fault.status, fault.raw_body(), fault.sent_headers())
        else:
            settled = self.settle(
                lambda: (
                    sandbox.consent.answer(self.command, path, query, body)
                    or sandbox.reply(self.command, path, query, body, self.headers, fault)
                )
            )
        sandbox.wait()
        manner = fault.manner if fault is not None else "whole"
        status = settled[0] if manner in ("whole", "halved") else 0
        request = Request(self.command, path, query, self.headers, body, status, at, sandbox.clock(), fault is not None)
        sandbox.log.add(request)
        try:
            self.leave(manner, settled)
            self.wfile.flush()
        except ConnectionError:
            # An outage, say, that began with another request.
            sandbox.log.fail(request)
            raise

    def leave(self, manner: Manner, settled: Answer) -> None:
        """Let an answer leave in this manner."""
        status, found, headers = settled
        if manner in ("whole", "halved", "torn"):
            raw = found if isinstance(found, bytes) else written(found)
            sent = raw if manner == "whole" else raw[: len(raw) // 2]
            self.write_answer(status, sent, headers, len(raw) if manner == "torn" else len(sent))
        if manner == "never" and self.server.sandbox.tells_silence:
            self.write_answer(200, b"", {NEVER: "true", "Connection": "close"}, 0)
        elif manner == "never":
            # It ends when the client hangs up, or the server.
            self.connection.recv(1, socket.MSG_PEEK)
        if manner == "away":
            self.server.sandbox.begin_outage()
        if manner in ("reset", "torn", "away"):
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = self.close_connection or manner not in ("whole", "halved")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any  # noqa: N815, the names http.server looks for

    def settle(self, answer: Callable[[], dict[str, Any] | bytes | Page]) -> Answer:
        """Status, body and headers of an answer or a refusal."""
        try:
            found = answer()
        except Refusal as refusal:
            return refusal.status, refusal.body if refusal.raw is None else refusal.raw, refusal.headers
        if isinstance(found, Page):
            return found.status, found.html.encode(), found.headers
        return 200, found if isinstance(found, bytes) else rendered(found, self.path), {}

    def write_answer(self, status: int, raw: bytes, headers: Mapping[str, str], length: int) -> None:
        self.send_response(status)
        sent = {
            "Content-Type": "application/json",
            "x-li-uuid": uuid.uuid4().hex,
            "x-li-fabric": "sandbox",
            "x-li-request-id": uuid.uuid4().hex,
            **headers,
            "Content-Length": str(length),
        }
        for name, value in sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests are kept in the sandbox's log."""


def written(value: Mapping[str, Any]) -> bytes:
    """The value as JSON."""
    return json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace")


def rendered(value: dict[str, Any], target: str) -> bytes:
    """The body of an answer to a request for `target`, which decides on the order of the keys."""
    return written(shuffled(value, random.Random(crc32(target.encode()))))


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same value with the keys of every object in another order, which JSON does not promise."""
    if isinstance(value, dict):
        names = list(value)
        first = int(chance.random() * len(names))  # a full shuffle is slower by far
        return {name: shuffled(value[name], chance) for name in names[first:] + names[:first]}
    if isinstance(value, list):
        return [shuffled(entry, chance) for entry in value]
    return value
