"""What was asked."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, replace
from email.message import Message
from typing import Any
from urllib.parse import unquote

from .resources import RESOURCES


@dataclass(frozen=True)
class Request:
    """One request as it stood on the request line: path and query raw.

    `at` and `until` are the clock's times of arrival and of answer, `headers` ignores case in names, `status` is 0
    where the connection was cut, `has_failed` tells that a fault was played in place of LinkedIn's answer, or that the
    connection had ended before the answer left.
    """

    method: str
    path: str
    query: str
    headers: Message
    body: bytes
    status: int
    at: float
    until: float
    has_failed: bool = False

    @property
    def resource(self) -> str:
        """The name after ``/rest/``, or the last of several; for other paths the last segment, such as accessToken."""
        return resource_of(self.path)

    @property
    def asked(self) -> str:
        """The raw query, of a tunnelled request the one in its body."""
        return self.query or self.body.decode("ascii", "replace")

    @property
    def finder(self) -> str:
        """The finder's name, or the method where there is none: BATCH_GET, GET_ALL, GET."""
        return finder_of(self.path, self.asked)


def finder_of(path: str, query: str) -> str:
    """The finder that a raw path and query name, or the method if there is none; see `Request.finder`."""
    asked = dict(part.partition("=")[::2] for part in query.split("&"))
    if named := asked.get("q") or asked.get("bq"):
        return unquote(named)
    if "ids" in asked:
        return "BATCH_GET"
    resource = resource_of(path)
    listed = resource in RESOURCES and RESOURCES[resource].lists_all
    return "GET_ALL" if listed and not key_stands_in(path) else "GET"


def resource_of(path: str) -> str:
    """The resource a path names: of one below another the last, whatever keys stand around it."""
    segments = path.strip("/").split("/")
    return segments[1::2][-1] if segments[0] == "rest" and len(segments) > 1 else segments[-1]


def key_stands_in(path: str) -> bool:
    """Whether a path ends in a key: names of resources and keys take turns."""
    return len(path.strip("/").split("/")) % 2 == 1


class Log:
    """Requests in the order in which they were answered."""

    def __init__(self) -> None:
        self._requests: list[Request] = []
        self._lock = threading.Lock()

    def add(self, request: Request) -> None:
        """Keep one more."""
        with self._lock:
            self._requests.append(request)

    def fail(self, request: Request) -> None:
        """Keep that the answer to one has not left, though it would have."""
        with self._lock:
            self._requests = [replace(one, has_failed=True) if one is request else one for one in self._requests]

    def all(self) -> list[Request]:
        """A copy of what is kept."""
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._requests.clear()

    def summary(self) -> dict[str, Any]:
        """Counts by resource and finder, and the raw lines."""
        requests = self.all()
        counts = Counter(f"{request.resource} {request.finder}" for request in requests)
        lines = [f"{request.method} {request.path}?{request.asked} {request.status}" for request in requests]
        return {"counts": dict(sorted(counts.items())), "requests": lines}
