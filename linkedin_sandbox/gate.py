"""What every request must pass before a resource sees it: sizes, token, version, protocol, pace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from email.message import Message

from . import errors

VERSIONS = (
    "202405",
    "202408",
    "202411",
    "202502",
    "202505",
    "202508",
    "202511",
    "202604",
    "202605",
)
MEMBER_VERSIONS = ("202312",)
MOST_QUERY = 4 * 1024
MOST_SEGMENT = 4 * 1024
MOST_URL = 8 * 1024
MOST_HEAD = 28 * 1024
FORM = "application/x-www-form-urlencoded"
PACED = (
    "dmaOrganizationalPageFollows",
    "dmaFeedContentsExternal",
    "dmaOrganizationalPageContentAnalytics",
    "dmaOrganizationalPageEdgeAnalytics",
)
"""The resources between whose requests LinkedIn wants a pause."""

# How much sooner than its interval a request may arrive: the time that one may have been under way longer.
TRAVEL_S = 0.02


def check_sizes(path: str, query: str, headers: Message) -> None:
    """414 for what is too long; the query of a tunnelled request is its body, and is not measured."""
    head = sum(len(name) + len(value) + 4 for name, value in headers.items())
    if len(query) > MOST_QUERY:
        raise errors.too_long("The query string")
    if len(path) + len(query) + 1 > MOST_URL:
        raise errors.too_long("The URL")
    if max(map(len, path.split("/"))) > MOST_SEGMENT:
        raise errors.too_long("A path segment")
    if len(path) + len(query) + head > MOST_HEAD:
        raise errors.too_long("The request head")


def check_version(headers: Message, versions: Collection[str] = VERSIONS, *, of_member: bool = False) -> None:
    """The version, which has no default, and the protocol, without which other rules would hold.

    A member's own data have a version of their own, and get by without the protocol.
    """
    version = headers.get("LinkedIn-Version")
    if not version:
        raise errors.version_missing()
    if version not in versions:
        raise errors.nonexistent_version(version)
    if not of_member and headers.get("X-Restli-Protocol-Version") != "2.0.0":
        raise errors.illegal("X-Restli-Protocol-Version must be 2.0.0")


def untunnel(method: str, query: str, body: bytes, headers: Message) -> str:
    """The query of a GET, or of the GET that a POST carries in its body."""
    if method == "GET":
        return query
    if method != "POST" or headers.get("X-HTTP-Method-Override") != "GET":
        raise errors.Refusal(405, f"Method {method} is not allowed", code="METHOD_NOT_ALLOWED")
    if query:
        raise errors.illegal("A tunnelled request has its query in the body, not in the URL")
    if headers.get_content_type() != FORM or "Content-Type" not in headers:
        raise errors.Refusal(415, f"The body of a tunnelled request must be {FORM}")
    return body.decode("ascii", "replace")


class Pace:
    """Requests to a resource must be an interval apart; each one counts, the refused ones too."""

    def __init__(self, intervals: Mapping[str, float], clock: Callable[[], float]) -> None:
        self.intervals = dict(intervals)
        self._clock = clock
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, resource: str) -> None:
        """429 if the last request to the resource is too near; intervals are in seconds."""
        interval = self.intervals.get(resource, 0.0)
        with self._lock:
            now = self._clock()
            last = self._last.get(resource)
            self._last[resource] = now
        if last is not None and interval and now - last < interval - TRAVEL_S:
            raise errors.too_many_requests()
