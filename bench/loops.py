"""A bare loop over LinkedIn's API: requests, one JSON library, one call after the other, every record printed.

It asks what comes to mind first: each page of a listing is read whole by BATCH_GET, and every post is asked for its
comments and for its reactions. It keeps no state, retries nothing and checks no type, which makes it the floor for one
connection. Followers leave as the records of the tap's stream, all columns of them; posts, comments and reactions with
their fields as they come. It runs as a script, in an environment of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CONTENT = "dmaOrganizationalPageContentAnalytics"
METRICS = ("IMPRESSIONS", "UNIQUE_IMPRESSIONS", "CLICKS", "COMMENTS", "REACTIONS", "REPOSTS", "ENGAGEMENT_RATE", "CTR")
DAY_S = 24 * 60 * 60
PAGE_SIZE = 1000
BATCH_SIZE = 35
"""Ids of one BATCH_GET: with more of a reaction's, the query would pass 4 KB."""


class Loop:
    """One connection to LinkedIn.

    Args:
        url: where its API is.
        token: a member's access token.
        codec: `json`, or a module with its `loads` and `dumps`, such as `orjson`.
        intervals: seconds between two requests to a resource, by its name.
    """

    def __init__(self, url: str, token: str, codec: Any, intervals: Mapping[str, float]) -> None:
        self.url, self.codec, self.intervals = url, codec, intervals
        self.canonical = (
            partial(json.dumps, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if codec is json
            else partial(codec.dumps, option=codec.OPT_SORT_KEYS)
        )
        self.next_start: dict[str, float] = {}
        self.session = requests.Session()
        self.session.headers.update(
            {"Authorization": f"Bearer {token}", "LinkedIn-Version": "202605", "X-Restli-Protocol-Version": "2.0.0"}
        )

    def get(self, resource: str, query: str) -> Any:
        """One answer, parsed.

        The interval counts from the last answer: one that was long under way would else be followed too soon.
        """
        interval = self.intervals.get(resource, 0.0)
        if interval:
            time.sleep(max(0.0, self.next_start.get(resource, 0.0) - time.monotonic()))
        answer = self.session.get(f"{self.url}/rest/{resource}?{query}", timeout=60)
        if interval:
            self.next_start[resource] = time.monotonic() + interval
        answer.raise_for_status()
        return self.codec.loads(answer.content)

    def pages(self, resource: str, query: str) -> Iterator[list[Any]]:
        """The elements of each page of a listing; only a missing cursor ends it."""
        cursor = ""
        while True:
            page = self.get(resource, f"{query}&maxPaginationCount={PAGE_SIZE}{cursor}")
            yield page["elements"]
            metadata = page.get("metadata") or {}
            token = (metadata.get("paginationCursorMetdata") or metadata).get("nextPaginationCursor")
            if not token:
                return
            cursor = f"&paginationCursor={quote(token, safe='')}"

    def entities(self, resource: str, urns: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """Each entity that LinkedIn gives, by its URN."""
        for start in range(0, len(urns), BATCH_SIZE):
            ids = ",".join(quote(urn, safe="") for urn in urns[start : start + BATCH_SIZE])
            yield from self.get(resource, f"ids=List({ids})")["results"].items()

    def write(self, stream: str, record: Any) -> None:
        """Print one record."""
        line = self.codec.dumps({"type": "RECORD", "stream": stream, "record": record})
        sys.stdout.buffer.write(as_bytes(line) + b"\n")

    def followers(self, organization: str, page: str) -> None:
        """Who follows an organization's page. Members whom LinkedIn withholds are told apart by digest and number."""
        alike: Counter[str] = Counter()
        for elements in self.pages("dmaOrganizationalPageFollows", f"q=followee&followee={quote(page, safe='')}"):
            for element in elements:
                key = element.get("follower")
                if key is None:
                    digest = hashlib.sha256(as_bytes(self.canonical(element))).hexdigest()
                    key = f"{digest}-{alike[digest]}"
                    alike[digest] += 1
                self.write("followers", follower(element, organization, page, key))

    def posts(self, organization: str, hanging: Sequence[str]) -> None:
        """An organization's posts, and the streams named of those that hang on them."""
        shown = {}
        query = f"q=postsByAuthor&author={quote(organization, safe='')}"
        for elements in self.pages("dmaFeedContentsExternal", query):
            listed = [element["id"] for element in elements if "instantRepost" not in element["id"]]
            for urn, entity in self.entities("dmaPosts", listed):
                self.write("posts", entity)
                content = entity.get("content") or {}
                kinds = {*content, *content.get("media", {}).get("media", {})}
                shown[urn] = bool({"article", "reference", "video"} & kinds)
        if "social_metadata" in hanging:
            for urn, entity in self.entities("dmaSocialMetadata", [*shown]):
                self.write("social_metadata", {"entity": urn, **entity})
        for post, is_for_creators in shown.items():
            for stream in hanging:
                if stream == "post_content_trend":
                    self.trend(post)
                elif stream == "creator_analytics" and is_for_creators:
                    self.creators(post)
                elif stream in ("comments", "reactions"):
                    self.on_post(post, stream)

    def trend(self, post: str) -> None:
        """The figures of a post by day, for two weeks."""
        today = int(time.time()) // DAY_S * DAY_S
        span = f"timeRange:(start:{(today - 14 * DAY_S) * 1000},end:{today * 1000})"
        query = f"q=trend&sourceEntity={quote(post, safe='')}&metricTypes=List({','.join(METRICS)})"
        answer = self.get(CONTENT, f"{query}&timeIntervals=({span},timeGranularityType:DAY)")
        for element in answer["elements"]:
            self.write("post_content_trend", {"post": post, **element})

    def creators(self, post: str) -> None:
        """The figures of a post for its creator."""
        answer = self.get("dmaCreatorAnalytics", f"q=targetEntity&targetEntity={quote(post, safe='')}")
        for element in answer["elements"]:
            self.write("creator_analytics", {"target_entity": post, **element})

    def on_post(self, post: str, stream: str) -> None:
        """The comments on a post, or its reactions."""
        query = f"q={stream}OnEntity&entity={quote(post, safe='')}"
        for elements in self.pages("dmaFeedContentsExternal", query):
            for urn, entity in self.entities(f"dma{stream.title()}", [element["id"] for element in elements]):
                self.write(stream, {"urn": urn, "post": post, **entity})


def as_bytes(text: str | bytes) -> bytes:
    """What a codec wrote: `json` gives a str, `orjson` bytes."""
    return text if isinstance(text, bytes) else text.encode()


def follower(element: dict[str, Any], organization: str, page: str, key: str) -> dict[str, Any]:
    """A record of the tap's stream `followers`; takes from the element what has a column."""
    urn = element.pop("follower", None)
    if urn is None:
        visibility = "withheld"
    elif urn.startswith("urn:li:person:"):
        visibility = "visible"
    else:
        visibility = None
    seconds = element.pop("lastModifiedAt") / 1000
    return {
        "organizational_page": page,
        "row_key": key,
        "organization": organization,
        "follower": urn,
        "followee": element.pop("followee", None),
        "edge_type": element.pop("edgeType", None),
        "last_modified_at": datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds"),
        "member_visibility": visibility,
        "unmapped": element or None,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the streams asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", default=json.__name__, choices=["json", "orjson"])
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--organizations", required=True, nargs="+")
    parser.add_argument("--page", required=True)
    parser.add_argument("--streams", required=True, nargs="+")
    parser.add_argument("--intervals", nargs="*", default=[], metavar="RESOURCE=SECONDS")
    options = parser.parse_args(arguments)
    intervals = {name: float(seconds) for name, _, seconds in (one.partition("=") for one in options.intervals)}
    loop = Loop(options.url, options.token, importlib.import_module(options.codec), intervals)
    if "followers" in options.streams:
        loop.followers(options.organizations[0], options.page)
    if "posts" in options.streams:
        for organization in options.organizations:
            loop.posts(organization, options.streams)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
