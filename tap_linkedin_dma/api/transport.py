"""Sends requests: limits on an answer's total time and size, and errors of certificates.

`requests` has one limit, on how long the server may be silent: an answer of a byte a second, or one that never
ends, would keep it for ever.
"""

from __future__ import annotations

import io
import ssl
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from socket import socket
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes, unpacked: more than ten times the largest page that LinkedIn's page sizes allow for."""

_SHORTEST_PATIENCE = 600.0
"""Seconds that any answer may take in total, however short its silences."""

_PIECE = 16 * 1024


class TooSlow(requests.Timeout):
    """The answer was not complete within its total time."""


class TooLarge(requests.RequestException):
    """The answer is larger than LARGEST_BODY."""


class Transport(HTTPAdapter):
    """Sends requests, and reads each answer to its end, within limits of time and size.

    Args:
        silence: seconds that the server may be silent; an answer may take ten times as long in total, and ten
            minutes at least.
        pool_size: connections that are kept open.
        now: the clock for network timeouts: seconds from some fixed point.
    """

    def __init__(self, silence: float, pool_size: int = 1, now: Callable[[], float] = time.monotonic) -> None:
        self._silence = silence
        self._longest = max(10 * silence, _SHORTEST_PATIENCE)
        self._now = now
        super().__init__(pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._watched)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _pools(self._watched)
        return manager

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Send a request.

        Raises:
            TooSlow: as above.
            TooLarge: as above.
            requests.RequestException: if there is no answer, or not all of it.
            OSError: if the file of trusted certificates cannot be read.
        """
        began = self._now()
        try:
            response = super().send(request, **{**options, "stream": True, "timeout": self._silence})
            try:
                body = b"".join(self._pieces(response.raw))
            except BaseException:
                response.close()
                raise
        except (requests.RequestException, urllib3.exceptions.HTTPError) as fault:
            if self._now() - began >= self._longest:
                raise TooSlow(request=request) from fault
            if isinstance(fault, requests.RequestException):
                raise
            if isinstance(fault, urllib3.exceptions.ReadTimeoutError):
                raise requests.ReadTimeout(fault, request=request) from fault
            raise requests.exceptions.ChunkedEncodingError(fault, request=request) from fault
        response.raw = io.BytesIO(body)
        return response

    def _pieces(self, raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        size = 0
        for piece in raw.stream(_PIECE, decode_content=True):
            size += len(piece)
            if size > LARGEST_BODY:
                raise TooLarge
            yield piece

    def _watched(self, file: io.BufferedReader, connection: socket) -> io.BufferedReader:
        return io.BufferedReader(_Watched(file, connection, self._now, self._now() + self._longest))


class _Watched(io.RawIOBase):
    """Reads an answer with a deadline: status line, headers and body alike.

    Args:
        file: the connection's file.
        connection: its timeout is the longest silence allowed.
        now: the clock.
        until: the deadline, by that clock.
    """

    def __init__(self, file: io.BufferedReader, connection: socket, now: Callable[[], float], until: float) -> None:
        self._raw = file.detach()
        self._connection = connection
        self._now = now
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left, silence = self._until - self._now(), self._connection.gettimeout()
        if left <= 0:
            raise TimeoutError
        if silence is None or left < silence:
            self._connection.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


def _pools(watched: Callable[[io.BufferedReader, socket], io.BufferedReader]) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools, by scheme, whose answers are read through `watched`."""

    class Answer(HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
            super().__init__(sock, *args, **options)
            self.fp = watched(self.fp, sock)

        def begin(self) -> None:
            super().begin()
            # urllib3 refuses such an answer too, but leaves its connection open.
            lengths = ",".join(self.headers.get_all("Content-Length", ())).split(",")
            if not self.chunked and len({length.strip() for length in lengths}) > 1:
                raise HTTPException("Content-Length has several values")

    class Plain(HTTPConnection):
        response_class = Answer

    class Secure(HTTPSConnection):
        response_class = Answer

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def new_session(transport: HTTPAdapter) -> requests.Session:
    """A session that sends everything by this transport, and keeps no cookies: LinkedIn's API needs none."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for prefix in list(session.adapters):
        session.mount(prefix, transport)
    return session


def distrust(fault: Exception) -> str | None:
    """The sentence for a certificate failure, which another try would not change; None for any other fault.

    Args:
        fault: the exception from sending the request.
    """
    causes = list(_causes(fault))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message.partition(",")[0]
            return f"LinkedIn's certificate is not trusted ({why}). {_TRUST}"
    is_tls = isinstance(fault, requests.exceptions.SSLError)
    if not isinstance(fault, requests.RequestException) or (is_tls and any(map(_is_unreadable, causes))):
        return f"The file of trusted certificates cannot be read. {_TRUST}"
    return None


def _is_unreadable(cause: BaseException) -> bool:
    """Whether the cause is a certificate file that is missing, cannot be opened or holds no certificate."""
    is_empty = isinstance(cause, ssl.SSLError) and cause.reason == "NO_CERTIFICATE_OR_CRL_FOUND"
    return is_empty or isinstance(cause, (FileNotFoundError, PermissionError))


_TRUST = (
    "If a proxy of your network decrypts the traffic, set the environment variable REQUESTS_CA_BUNDLE to its "
    "certificate file. Otherwise unset that variable, and check the machine's date."
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
