"""A server on loopback to which LinkedIn's consent page sends the browser, and which accepts one answer.

Every program and every page on this machine can reach it too: other requests are ignored, and idle connections are
closed.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tap_linkedin_dma.api.errors import TokenRejected

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>tap-linkedin-dma</title></head>
<body><p>{}</p></body></html>
"""
_ANSWERED = "LinkedIn has answered. The terminal says how it ended; this window can be closed."
_STRAY = "This does not answer the login that waits. Go on in the window that it opened."

_MOST_CONNECTIONS = 32
"""Open at the same time; a browser opens a few."""


class Loopback:
    """The server, which listens inside its `with` block.

    Args:
        redirect_url: an address of this machine, such as http://localhost:8400/callback.
        is_answer: whether a request with this path and query is the awaited answer.

    Raises:
        TokenRejected: if another program has the port.
    """

    def __init__(self, redirect_url: str, is_answer: Callable[[str], bool]) -> None:
        self._url = urlsplit(redirect_url)
        try:
            self._server = _Server(("127.0.0.1", self._url.port or 0), _Handler)
        except OSError as fault:
            msg = (
                f"Nothing can listen on port {self._url.port} ({fault.strerror}). Choose another with --port, whose "
                "redirect URL must be registered with the app too."
            )
            raise TokenRejected(msg) from None
        self._server.path = self._url.path or "/"
        self._server.is_answer = is_answer
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, seconds: float) -> str:
        """The address to which the browser was sent; if no answer came in time, the last other visit.

        Raises:
            TokenRejected: if there was neither in time.
        """
        try:
            return self._server.answers.get(timeout=seconds)
        except queue.Empty:
            if self._server.stray:
                return self._server.stray
            msg = (
                f"LinkedIn's page has not answered within {seconds:.0f} seconds. Log in again; where the page says "
                f"that the redirect_uri does not match, first register {self._url.geturl()} on the Auth tab of the "
                "app at LinkedIn, and where it does not know the client_id, check that setting."
            )
            raise TokenRejected(msg) from None


class _Server(ThreadingHTTPServer):
    # A browser opens spare connections and sends nothing on them: none may keep the login waiting.
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    path: str
    is_answer: Callable[[str], bool]
    stray = ""
    """The last visit of the path that was not the answer."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.answers: queue.Queue[str] = queue.Queue()
        self._open: deque[socket.socket] = deque()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.append(request)
        if len(self._open) > _MOST_CONNECTIONS:
            with suppress(OSError):  # it has ended
                self._open.popleft().shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    timeout = 10
    server: _Server

    def do_GET(self) -> None:
        is_visit = _path(self.path) == self.server.path
        is_answer = is_visit and self.server.is_answer(self.path)
        with suppress(ConnectionError):
            self.send_response(200 if is_answer else 400 if is_visit else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_PAGE.format(_ANSWERED if is_answer else _STRAY).encode() if is_visit else b"")
            self.wfile.flush()
        if is_answer:
            self.server.answers.put(self.path)
        elif is_visit:
            self.server.stray = self.path

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the line would hold the code."""


def _path(target: str) -> str:
    try:
        return urlsplit(target).path
    except ValueError:
        return ""
