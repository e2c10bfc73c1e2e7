"""A client that sends what it is given, byte for byte: no library stands between a test and the request line."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import quote

from linkedin_sandbox import Sandbox

HEADERS = {
    "Authorization": "Bearer sandbox-token",
    "LinkedIn-Version": "202605",
    "X-Restli-Protocol-Version": "2.0.0",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ORGANIZATION = "urn%3Ali%3Aorganization%3A90417283"
PAGE = "urn%3Ali%3AorganizationalPage%3A61552904"
SHOWCASE = "urn%3Ali%3Aorganization%3A90417391"
STRANGER = "urn%3Ali%3Aorganization%3A90419977"
DAY = 86_400_000


@dataclass(frozen=True)
class Answer:
    """Status, headers and parsed JSON body."""

    status: int
    headers: Message
    body: Any

    @property
    def code(self) -> Any:
        """LinkedIn's word for the error."""
        return self.body.get("code")


class Client:
    """Asks a sandbox over one kept-alive connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=10)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def send(self, method: str, target: str, headers: Mapping[str, str], body: str | None = None) -> Answer:
        """One request, its target and headers as given."""
        self._connection.request(method, target, body, dict(headers))
        response = self._connection.getresponse()
        raw = response.read()
        return Answer(response.status, response.headers, json.loads(raw))

    def get(self, target: str) -> Answer:
        """A GET below /rest with the headers LinkedIn asks for."""
        return self.send("GET", f"/rest/{target}", HEADERS)

    def post(self, target: str, body: str = "", headers: Mapping[str, str] = FORM) -> Answer:
        """A POST, by default of a form."""
        return self.send("POST", target, headers, body)

    def batch(self, resource: str, keys: list[str]) -> dict[str, Any]:
        """A BATCH_GET of these keys; the whole envelope."""
        answer = self.get(f"{resource}?ids=List({','.join(quote(key, safe='') for key in keys)})")
        assert answer.status == 200, answer.body
        return dict(answer.body)

    def pages(self, finder: str, count: int) -> Iterator[dict[str, Any]]:
        """Every page of a cursor listing, until no cursor comes."""
        cursor: str | None = ""
        while cursor is not None:
            sent = f"&paginationCursor={quote(cursor, safe='')}" if cursor else ""
            answer = self.get(f"{finder}&maxPaginationCount={count}{sent}")
            assert answer.status == 200, answer.body
            yield answer.body
            cursor = next_cursor(answer.body)

    def listing(self, finder: str, count: int = 1000) -> list[dict[str, Any]]:
        """All elements of a cursor listing."""
        return [element for page in self.pages(finder, count) for element in page["elements"]]

    def urns(self, finder: str, entity: str, count: int = 1000) -> list[str]:
        """The ids that a feed finder lists for an entity."""
        target = f"dmaFeedContentsExternal?q={finder}&entity={quote(entity, safe='')}"
        return [element["id"] for element in self.listing(target, count)]


def next_cursor(body: Mapping[str, Any]) -> str | None:
    """The cursor for the next page, in either of the places the sandbox puts it."""
    metadata = body.get("metadata") or {}
    found = (metadata.get("paginationCursorMetdata") or metadata).get("nextPaginationCursor")
    assert found is None or isinstance(found, str)
    return found


def window(start: int, end: int, granularity: str | None = "DAY") -> str:
    """The record of a trend's timeIntervals."""
    kind = f",timeGranularityType:{granularity}" if granularity else ""
    return f"timeIntervals=(timeRange:(start:{start},end:{end}){kind})"
