"""Where LinkedIn's consent page sends the browser back to: a server on loopback that takes one answer."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from tap_linkedin_dma.errors import TokenRejected

_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>tap-linkedin-dma</title></head>
<body><p>LinkedIn has answered. The terminal says how it ended; this window can be closed.</p></body></html>
"""


class Loopback:
    """Listens while it is entered.

    Args:
        redirect_url: an address of this machine, such as http://localhost:8400/callback.

    Raises:
        TokenRejected: where another program has the port.
    """

    def __init__(self, redirect_url: str) -> None:
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
        """The address that the browser was sent to.

        Raises:
            TokenRejected: where none came in time.
        """
        try:
            return self._server.answers.get(timeout=seconds)
        except queue.Empty:
            msg = (
                f"LinkedIn's page has not answered within {seconds:.0f} seconds. Log in again; where the page says "
                f"that the redirect_uri does not match, first register {self._url.geturl()} on the Auth tab of the "
                "app at LinkedIn, and where it does not know the client_id, check that setting."
            )
            raise TokenRejected(msg) from None


class _Server(ThreadingHTTPServer):
    # A browser opens connections ahead of need and sends nothing on them: none of these may keep the login waiting.
    daemon_threads = True
    block_on_close = False
    path: str

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.answers: queue.Queue[str] = queue.Queue()
        super().__init__(address, handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = 10
    server: _Server

    def do_GET(self) -> None:
        is_answer = urlsplit(self.path).path == self.server.path
        with suppress(ConnectionError):
            self.send_response(200 if is_answer else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_PAGE if is_answer else b"")
            self.wfile.flush()
        if is_answer:
            self.server.answers.put(self.path)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the line would hold the code."""
