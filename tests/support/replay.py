"""LinkedIn's answers again, after a run and without a server: changed as a test likes, on the way of every answer."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import requests
from requests.adapters import BaseAdapter

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.output.wire_report.document import Report, new_report
from tap_linkedin_dma.output.wire_report.recorder import WireRecorder
from tap_linkedin_dma.streams.expected import WORDS, expected_streams
from tap_linkedin_dma.sync.run_context import RunContext
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.clock import FakeClock


@dataclass(frozen=True)
class Exchange:
    """One request of a stream, and its answer: the status, and the JSON value or the bytes of the body."""

    stream: str
    path: str
    query: str
    version: str
    status: int
    body: Any

    @property
    def request(self) -> str:
        """The resource, and the finder, or the method without one."""
        name, _, value = self.query.partition("&")[0].partition("=")
        finder = {"q": value, "bq": value, "ids": "BATCH_GET", "": "GET"}.get(name, "GET_ALL")
        resources = [part for part in self.path.split("/") if part.startswith(("dma", "member"))]
        return f"{resources[-1]} {finder}"


class Keeping(WireRecorder):
    """Keeps what it records, too."""

    exchanges: list[Exchange]

    def record(
        self,
        stream: str,
        resource: str,
        request: requests.PreparedRequest,
        status: int,
        body: object,
        *,
        is_answer: bool,
    ) -> None:
        super().record(stream, resource, request, status, body, is_answer=is_answer)
        path, _, query = (request.url or "").partition("/rest/")[2].partition("?")
        asked = request.body.decode() if isinstance(request.body, bytes) else request.body or query
        self.exchanges.append(Exchange(stream, path, str(asked), request.headers["LinkedIn-Version"], status, body))


class _Answers(BaseAdapter):
    """Answers each request with what is to come next."""

    next: Exchange

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        response = requests.Response()
        response.status_code, response.request, response.url = self.next.status, request, str(request.url)
        body = self.next.body
        response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        response.headers["Content-Type"] = "application/json"
        return response

    def close(self) -> None:
        """Nothing is open."""


URL = "https://linkedin.invalid"
_SILENT = logging.Logger("silent", logging.CRITICAL)


def report_of(exchanges: Iterable[Exchange]) -> Report:
    """The wire report of a client that gets these answers."""
    recorder = WireRecorder(expected_streams(), WORDS)
    given = {"access_token": "invented", "api_url": URL, "linkedin_version": "202605", "max_tries": 1}
    config = TapLinkedInDMA(config={**given, "request_intervals": {}}, setup_mapper=False).config
    client = RunContext(config, FakeClock(), recorder).connect(config)
    answers = _Answers()
    client.session.mount(URL, answers)
    clients: dict[tuple[str, str], Any] = {}
    for exchange in exchanges:
        answers.next = exchange
        asking = exchange.stream, exchange.version
        if asking not in clients:
            clients[asking] = client.for_stream(*asking, _SILENT)
        with suppress(DmaError):
            clients[asking].fetch(exchange.path, exchange.query)
    return new_report(recorder.entries({}))


def samples(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """One exchange of each kind and status, with few entities: as odd as all, and replayed in a tenth of a second."""
    first: dict[object, Exchange] = {}
    for exchange in exchanges:
        first.setdefault((exchange.stream, exchange.request, exchange.status), exchange)
    return [replace(exchange, body=_less(exchange.body)) for exchange in first.values()]


def _less(body: Any) -> Any:
    few: dict[str, Any] = {name: inner[:_FEW] for name, inner in body.items() if isinstance(inner, list)}
    if isinstance(body.get("results"), dict):
        few["results"] = dict(list(body["results"].items())[:_FEW])
    return {**body, **few}


_FEW = 2
