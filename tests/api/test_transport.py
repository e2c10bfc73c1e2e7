"""Sending a request: an answer that drips, never ends or explodes, certificates, cookies, and odd HTTP."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType

import pytest
import requests

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import CertificateRejected, DmaError, InvalidResponse, TokenRejected
from tap_linkedin_dma.api.transport import LARGEST_BODY, TooLarge, TooSlow, Transport, new_session
from tap_linkedin_dma.auth.bearer import BearerToken
from tap_linkedin_dma.stream_types.base import DmaStream
from tests.auth.test_bearer import header, refreshing
from tests.support.answering import GOOD, Answering, Asked, Reply, stream_asking
from tests.support.clock import FakeClock
from tests.support.runs import make_tap

LONG_ENOUGH = 10
OK = b"HTTP/1.1 200 OK\r\n"


class Raw:
    """A server on loopback that sends these bytes as they are to whoever asks, and hangs up at their end."""

    def __init__(self, sent: Callable[[], Iterator[bytes]]) -> None:
        self._sent = sent
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.asked = 0
        self.bytes = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Raw:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A connection of its own ends the wait for the next one.
        self._sent = lambda: iter(())
        self._is_over = True
        socket.create_connection(self._listening.getsockname()).close()
        self._thread.join(LONG_ENOUGH)
        self._listening.close()

    _is_over = False

    def _serve(self) -> None:
        while not self._is_over:
            connection, _ = self._listening.accept()
            # Whoever asked may hang up at any moment.
            with connection, suppress(OSError):
                connection.settimeout(LONG_ENOUGH)
                if not connection.recv(65536):
                    continue
                self.asked += 1
                for piece in self._sent():
                    connection.sendall(piece)
                    self.bytes += len(piece)


class Ticking:
    """A clock for the network that moves half a minute at each look, and lets one more byte come."""

    def __init__(self) -> None:
        self.at = 0.0
        self.looked = threading.Semaphore(0)

    def __call__(self) -> float:
        self.at += 30
        self.looked.release()
        return self.at

    def dripping(self, whole: bytes, drops: bytes) -> Iterator[bytes]:
        """These bytes at once, then one at each look, over and over again."""
        yield whole
        while True:
            for place in range(len(drops)):
                assert self.looked.acquire(timeout=LONG_ENOUGH)
                yield drops[place : place + 1]


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("whole", "drops"),
    [
        pytest.param(b"HTTP/1.1 200 ", b"O", id="status line"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="100 and 100 again"),
        pytest.param(OK, b"X", id="one header"),
        pytest.param(OK, b"X: a\r\n", id="many headers"),
        pytest.param(OK + b"Content-Length: 100000\r\n\r\n", b"[", id="body"),
        pytest.param(OK + b"\r\n", b"[", id="body without a length"),
        pytest.param(CHUNKED, b"1\r\n[\r\n", id="chunks"),
        pytest.param(CHUNKED, b"0", id="the length of a chunk"),
        pytest.param(CHUNKED + b"0\r\n", b"X: a\r\n", id="what comes after the chunks"),
        pytest.param(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"[", mtime=0)[:10], b"\0", id="gzip"),
    ],
)
def test_an_answer_that_drips_is_given_up(whole: bytes, drops: bytes) -> None:
    """In ten minutes, though it is never silent: wherever in it that happens."""
    clock = Ticking()
    with Raw(lambda: clock.dripping(whole, drops)) as server, new_session(Transport(60, now=clock)) as session:
        with pytest.raises(TooSlow):
            session.get(server.url)
        assert 600 <= clock.at < 1500


def test_an_answer_may_take_ten_times_its_longest_silence() -> None:
    """If that is more than ten minutes."""
    clock = Ticking()
    with Raw(lambda: clock.dripping(OK + b"\r\n", b"[")) as server:
        with new_session(Transport(600, now=clock)) as session, pytest.raises(TooSlow):
            session.get(server.url)
        assert 6000 <= clock.at < 7000


def by(transport: Transport, url: str) -> DmaStream:
    """A stream that sends by this transport."""
    stream = stream_asking(url)
    stream.client.session = new_session(transport)
    return stream


def test_an_answer_that_drips_ends_in_a_sentence() -> None:
    """After a few tries, since it may be so for good."""
    clock = Ticking()
    with Raw(lambda: clock.dripping(OK + b"\r\n", b"[")) as server:
        with pytest.raises(
            InvalidResponse, match="answer from dmaPosts came too slowly, and the tap stopped waiting for it"
        ):
            by(Transport(60, now=clock), server.url).client.fetch("dmaPosts", "q=author")
        assert server.asked == 4


def endless() -> Iterator[bytes]:
    yield OK + b"\r\n["
    while True:
        yield b'{"id":1},' * 10_000


@cache
def packed() -> bytes:
    return gzip.compress(b" " * (2 * LARGEST_BODY), compresslevel=1)


def bomb() -> Iterator[bytes]:
    yield OK + b"Content-Encoding: gzip\r\n\r\n"
    yield packed()


def endless_chunks() -> Iterator[bytes]:
    yield CHUNKED
    while True:
        yield b"FFFF\r\n" + b" " * 0xFFFF + b"\r\n"


@pytest.mark.parametrize("sent", [endless, bomb, endless_chunks])
def test_an_answer_that_never_ends_or_explodes_is_stopped(sent: Callable[[], Iterator[bytes]]) -> None:
    """At 64 MB of what it is unpacked; the rest is not waited for."""
    with Raw(sent) as server, new_session(Transport(60)) as session:
        with pytest.raises(TooLarge):
            session.get(server.url)
        assert server.bytes < 2 * LARGEST_BODY


def test_an_answer_that_never_ends_ends_in_a_sentence() -> None:
    """Of one stream alone; memory lasts."""
    with Raw(bomb) as server:
        with pytest.raises(InvalidResponse, match=r"dmaPosts is larger than 64 MB, .* smaller page_size"):
            stream_asking(server.url, max_tries=2).client.fetch("dmaPosts", "q=author")
        assert server.asked == 2


def test_a_page_of_fifty_megabytes_is_read() -> None:
    """It is far larger than any of LinkedIn's."""
    text = b"x" * 1_000_000
    body = b'{"elements":[' + b",".join([b'{"a":"' + text + b'"}'] * 50) + b"]}"
    with Answering(lambda _: Reply(body)) as server:
        assert len(stream_asking(server.url).client.fetch("dmaPosts", "q=author")["elements"]) == 50


def test_connections_are_kept_open() -> None:
    """An answer that is read whole leaves its connection to the next request."""
    opened = []

    class Counting(Transport):
        def _watched(self, file, connection):  # type: ignore[no-untyped-def]
            opened.append(connection.getsockname())
            return super()._watched(file, connection)

    def answer() -> Iterator[bytes]:
        yield OK + b"Content-Length: 2\r\n\r\n{}"

    class Keeping(Raw):
        def _serve(self) -> None:
            connection, _ = self._listening.accept()
            with connection:
                while connection.recv(65536):
                    self.asked += 1
                    connection.sendall(b"".join(self._sent()))

    with Keeping(answer) as server:
        with new_session(Counting(60)) as session:
            assert [session.get(server.url).json() for _ in range(3)] == [{}, {}, {}]
        assert server.asked == 3
    assert len(opened) == 3
    assert len(set(opened)) == 1


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\n", id="no status line"),
        pytest.param(b"HTTP/1.1 20x OK\r\n\r\n", id="a status that is no number"),
        pytest.param(b"HTTP/1.1 99 Low\r\n\r\n", id="a status below 100"),
        pytest.param(b"HTTP/1.1 102 Processing\r\n\r\n", id="102"),
        pytest.param(OK + b"Content-Length: 5, 6\r\n\r\n{}", id="two lengths"),
        pytest.param(OK + b"Content-Length: -1\r\n\r\n", id="a length below 0 and no body"),
        pytest.param(OK + b"X: " + b"a" * 100_000 + b"\r\n\r\n{}", id="a long header"),
        pytest.param(OK + b"X: a\r\n" * 200 + b"\r\n{}", id="many headers"),
        pytest.param(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", id="a chunk without a length"),
        pytest.param(CHUNKED + b"5\r\n{}", id="a chunk that is cut"),
        pytest.param(CHUNKED + b"1" * 100_000, id="a length of a chunk without end"),
        pytest.param(OK + b"Content-Encoding: gzip, gzip\r\n\r\n{}", id="what is packed twice, and is not"),
        pytest.param(OK + b"Content-Encoding: deflate\r\n\r\n\xff\xff{}", id="what is not packed"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", id="204"),
        pytest.param(b"HTTP/1.1 304 Not Modified\r\n\r\n", id="304"),
    ],
)
def test_odd_http_is_asked_for_again_and_ends_in_a_sentence(sent: bytes) -> None:
    """Never an empty result, never an error of the tap's own."""
    with Raw(lambda: iter([sent])) as server:
        with pytest.raises(DmaError, match="dmaPosts") as caught:
            stream_asking(server.url, max_tries=2).client.fetch("dmaPosts", "q=author")
        assert server.asked == 2
    assert "redirect" not in str(caught.value)


def test_a_length_below_0_is_none() -> None:
    """The body ends with the connection."""
    with Raw(lambda: iter([OK + b'Content-Length: -1\r\n\r\n{"elements":[{"id":1}]}'])) as server:
        assert stream_asking(server.url).client.fetch("dmaPosts", "q=author") == {"elements": [{"id": 1}]}


def test_no_cookie_is_kept() -> None:
    """Nor sent back: a session with them may be another member's."""

    def answer(_: Asked) -> Reply:
        return Reply(GOOD, headers={"Set-Cookie": "lidc=invented; Path=/"})

    with Answering(answer) as server:
        stream = stream_asking(server.url)
        for _ in range(2):
            stream.client.fetch("dmaPosts")
        assert [asked.headers["Cookie"] for asked in server.asked] == [None, None]
    assert not stream.client.session.cookies


def test_no_token_is_got_while_others_wait_to_run() -> None:
    """A token host that takes minutes would stop every stream."""
    with Answering() as server:
        stream = stream_asking(server.url, **refreshing(f"{server.url}/oauth/v2", access_token=None))
        run_lock, ran = stream.run_context.run_lock, threading.Event()

        def run() -> None:
            with run_lock.holding():
                ran.set()

        def answer(asked: Asked) -> Reply:
            if asked.method == "GET":
                return Reply()
            other = threading.Thread(target=run)
            other.start()
            assert ran.wait(LONG_ENOUGH)
            other.join()
            return Reply({"access_token": "invented-new-token"})

        server.answer = answer
        with run_lock.holding():
            stream.client.fetch("dmaPosts")
    assert ran.is_set()
    assert [asked.method for asked in server.asked] == ["POST", "GET"]


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody has signed, and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("certificate") / "own.pem"
    options = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", *options, "-days", "2", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def inspecting(certificate: Path) -> Iterator[Answering]:
    """A server that answers for LinkedIn with that certificate, as a proxy that looks into TLS does."""
    server = Answering()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = server._server
    listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
    listening.handle_error = lambda *_: None  # type: ignore[method-assign]  # who does not trust it hangs up
    with server:
        yield server


def https(server: Answering) -> str:
    return server.url.replace("http:", "https:")


@pytest.fixture(autouse=True)
def _no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


UNTRUSTED = r"is not trusted \(self.signed certificate\)\. .*REQUESTS_CA_BUNDLE"


def test_a_certificate_that_is_not_trusted_is_told_at_once(inspecting: Answering) -> None:
    """No other try would change it, and the sentence names what would."""
    clock = FakeClock()
    with pytest.raises(CertificateRejected, match=UNTRUSTED):
        stream_asking(https(inspecting), clock).client.fetch("dmaPosts")
    assert clock.monotonic() == 0
    assert inspecting.asked == []


def test_a_certificate_that_is_not_trusted_ends_the_run(sandbox: Sandbox, inspecting: Answering) -> None:
    """All streams would meet it."""
    tap, _ = make_tap(sandbox, select={"me", "posts", "followers"}, api_url=https(inspecting))
    with pytest.raises(CertificateRejected):
        tap.sync_all()
    assert tap.run_context.run.summary.failed == []


def test_the_token_host_is_held_to_its_certificate_too(inspecting: Answering) -> None:
    """At once as well."""
    clock = FakeClock()
    with pytest.raises(TokenRejected, match=UNTRUSTED):
        header(BearerToken(refreshing(f"{https(inspecting)}/oauth/v2"), clock))
    assert clock.slept == []


def test_the_bundle_of_the_environment_is_heeded(
    inspecting: Answering, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names whom to trust."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert stream_asking(https(inspecting)).client.fetch("dmaPosts") == GOOD


@pytest.mark.parametrize("kind", ["nowhere", "no certificate", "empty", "a folder", "closed"])
def test_certificates_that_cannot_be_read_are_told_at_once(
    inspecting: Answering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """With the setting that names them; for LinkedIn and for its token host."""
    path = tmp_path / "ca.pem"
    if kind == "a folder":
        path.mkdir()
    elif kind != "nowhere":
        path.write_text("" if kind == "empty" else "no certificate")
    if kind == "closed":
        if os.name == "nt" or os.geteuid() == 0:
            pytest.skip("whoever may read everything reads this too")
        path.chmod(0)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    says = (
        "REQUESTS_CA_BUNDLE"
        if kind == "a folder"
        else r"file of trusted certificates cannot be read\. .*REQUESTS_CA_BUNDLE"
    )
    clock = FakeClock()
    with pytest.raises(CertificateRejected, match=says):
        stream_asking(https(inspecting), clock).client.fetch("dmaPosts")
    with pytest.raises(TokenRejected, match=says):
        header(BearerToken(refreshing(f"{https(inspecting)}/oauth/v2"), clock))
    assert clock.slept == []


def test_a_server_without_tls_is_no_matter_of_trust() -> None:
    """It may pass, and certificates do not help."""
    with Answering() as server, pytest.raises(requests.exceptions.SSLError):
        new_session(Transport(60)).get(https(server))
    with Answering() as server, pytest.raises(DmaError, match="did not answer"):
        stream_asking(https(server), max_tries=2).client.fetch("dmaPosts")
