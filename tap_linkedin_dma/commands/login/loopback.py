"""A server on loopback to which LinkedIn's consent page sends the browser, and which accepts one answer.

The browser that brings it waits until the login has ended, and is shown how.

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
from tap_linkedin_dma.commands.login.consent import ConsentRefused

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>tap-linkedin-dma</title>
<meta name="viewport" content="width=device-width"><style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 20vh auto; max-width: 30rem; padding: 0 1.5rem; color: #222; }}
h1 {{ font-size: 1.5rem; border-left: .4rem solid {color}; padding-left: 1rem; }}
</style></head><body><h1>{title}</h1><p>{text}</p></body></html>
"""
DONE = _PAGE.format(color="#1a7f37", title="Logged in", text="The tap has its token. You can close this window.")
REFUSED = _PAGE.format(
    color="#9a6700",
    title="Not logged in",
    text="You did not agree, so the tap has no token. To try again, run <code>login</code> again.",
)
FAILED = _PAGE.format(
    color="#cf222e", title="Login failed", text="The tap has no token. The terminal says why, and what to do."
)
_STRAY = _PAGE.format(
    color="#9a6700",
    title="Another login",
    text="This page does not belong to the login that is waiting. Continue in the window that it opened.",
)

_MOST_CONNECTIONS = 32
"""Open at the same time; a browser opens a few."""

_PATIENCE_S = 2
"""Seconds that the end of a login waits, at most, for the browser to take its page."""


class Loopback:
    """The server, which listens inside its `with` block; the end of the block is shown in the browser.

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
                f"Port {self._url.port} cannot be used ({fault.strerror}). Choose another with --port, and register "
                "its redirect URL on the Auth tab of your app at LinkedIn."
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
        self._server.show(DONE if error is None else REFUSED if isinstance(error, ConsentRefused) else FAILED)
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
                f"LinkedIn's page has not answered within {seconds:.0f} seconds. If it says that the redirect_uri does "
                f"not match, register {self._url.geturl()} on the Auth tab of your app at LinkedIn. If it does not "
                "know the client_id, correct that setting. Then log in again."
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
        self.is_answered = threading.Event()
        self.page: queue.Queue[str] = queue.Queue()
        """The page for the browser that brought the answer."""

        self.is_shown = threading.Event()
        self._open: deque[socket.socket] = deque()
        super().__init__(address, handler)

    def show(self, page: str) -> None:
        """Answer the browser that brought the answer, if one did."""
        self.page.put(page)
        if self.is_answered.is_set():
            self.is_shown.wait(_PATIENCE_S)

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
        if is_visit and self.server.is_answer(self.path):
            # A browser may ask twice for what takes long.
            if not self.server.is_answered.is_set():
                self.server.is_answered.set()
                self.server.answers.put(self.path)
            page = self.server.page.get()
            self.server.page.put(page)
            self._send(200, page)
            self.server.is_shown.set()
        elif is_visit:
            self.server.stray = self.path
            self._send(400, _STRAY)
        else:
            self._send(404, "")

    def _send(self, status: int, page: str) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the line would hold the code."""


def _path(target: str) -> str:
    try:
        return urlsplit(target).path
    except ValueError:
        return ""
