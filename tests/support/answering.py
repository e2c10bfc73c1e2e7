"""A server on loopback that answers as it is told, also in ways the sandbox cannot, and keeps what it was asked.

And a stream of the tap that asks it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.clock import FakeClock

TOKEN = "invented-access-token"
REFRESH: Mapping[str, Any] = {
    "client_id": Sandbox.client_id,
    "client_secret": Sandbox.client_secret,
    "refresh_token": Sandbox.refresh_token,
}
"""Settings with which the tap gets a token."""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived: the target raw, path and query in one."""

    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


GOOD: Mapping[str, Any] = {"id": 0, "elements": [], "results": {"0": {"id": 0}}}
"""An answer to whatever is asked: an entity, an empty listing, and a batch of which other ids are missing."""


@dataclass(frozen=True)
class Reply:
    """What to answer; `promised` is a Content-Length that the body does not keep."""

    body: Mapping[str, Any] | bytes = field(default_factory=lambda: GOOD)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int | None = None

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def saying(*replies: Reply) -> Callable[[Asked], Reply]:
    """These answers one after the other, the last one for ever."""
    waiting = list(replies)
    return lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


class Answering:
    """Serves while it is entered.

    Args:
        answer: what to answer each request; what is good for all if left out.
    """

    def __init__(self, answer: Callable[[Asked], Reply] | None = None) -> None:
        self.answer = answer or (lambda _: Reply())
        self.asked: list[Asked] = []
        self.leaving = threading.Event()
        """Set when the server stops: what an answer that never comes may wait for."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.answering = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Answering:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leaving.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    answering: Answering


class _Handler(BaseHTTPRequestHandler):
    # One connection a request: none is left open when the server stops.
    protocol_version = "HTTP/1.0"
    server: _Server

    def do_GET(self) -> None:
        asked = Asked(
            self.command, self.path, self.headers, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        )
        self.server.answering.asked.append(asked)
        reply = self.server.answering.answer(asked)
        # The one who asked may have hung up meanwhile.
        with suppress(ConnectionError):
            (self.send_response_only if "Date" in reply.headers else self.send_response)(reply.status)
            length = len(reply.raw) if reply.promised is None else reply.promised
            for name, value in {"Content-Length": str(length), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.raw)
            self.wfile.flush()

    do_POST = do_GET  # noqa: N815, the name http.server looks for

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is kept."""


def stream_asking(url: str, clock: FakeClock | None = None, **config: Any) -> DmaStream:
    """A stream of a tap whose LinkedIn is at this address, paced by a clock that takes no time."""
    tap = TapLinkedInDMA(
        config={"access_token": TOKEN, "api_url": url, "oauth_url": f"{url}/oauth/v2", **config}, setup_mapper=False
    )
    tap.clock = clock or FakeClock()
    stream = tap.streams["posts"]
    assert isinstance(stream, DmaStream)
    return stream
