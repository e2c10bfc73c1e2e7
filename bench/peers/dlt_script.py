"""Prints what dlt's `rest_api` source reads: a script that runs where dlt is installed.

Its arguments are the URL, the token, the organization, its page, and the streams.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR", "EXTRACT__WORKERS": "16"}

import orjson
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]

FEED = "dmaFeedContentsExternal"
BATCH_SIZE = 35


def batches(page: dict[str, Any]) -> Iterator[list[dict[str, str]]]:
    """The URNs of a listing's page that BATCH_GET takes, as lists that a path can hold."""
    urns = [quote(element["id"], safe="") for element in page["elements"] if is_read_whole(element)]
    yield [{"ids": ",".join(urns[start : start + BATCH_SIZE])} for start in range(0, len(urns), BATCH_SIZE)]


def is_read_whole(element: dict[str, Any]) -> bool:
    """Whether it is not a repost without text, which stands among the posts and which dmaPosts does not take."""
    return "instantRepost" not in element["id"]


def listing(name: str, path: str, cursor: str, selector: str, **params: str) -> dict[str, Any]:
    """A resource that walks one of LinkedIn's listings."""
    return {
        "name": name,
        "parallelized": True,
        "endpoint": {
            "path": path,
            "params": {**params, "maxPaginationCount": 1000},
            "paginator": {"type": "cursor", "cursor_path": cursor, "cursor_param": "paginationCursor"},
            "data_selector": selector,
            # A post that LinkedIn does not show.
            "response_actions": [{"status_code": 403, "action": "ignore"}],
        },
    }


def entities(name: str, listed: str, resource: str) -> dict[str, Any]:
    """A resource that reads what another one listed; as a parameter, the list would be percent-encoded."""
    return {
        "name": name,
        "parallelized": True,
        "endpoint": {
            "path": f"{resource}?ids=List({{resources.{listed}.ids}})",
            "paginator": "single_page",
            "data_selector": "results.*",
        },
    }


def hanging(stream: str) -> list[dict[str, Any]]:
    """The comments on each post, or its reactions."""
    of_each_post = listing(
        f"{stream}_listed",
        FEED,
        "metadata.paginationCursorMetdata.nextPaginationCursor",
        "$",
        q=f"{stream}OnEntity",
        entity="{resources.post_urns.id}",
    )
    of_each_post["processing_steps"] = [{"yield_map": batches}]
    return [of_each_post, entities(stream, f"{stream}_listed", f"dma{stream.title()}")]


def resources(organization: str, page: str, streams: list[str]) -> list[dict[str, Any]]:
    """The resources of the source."""
    cursor = "metadata.nextPaginationCursor"
    found = []
    if "followers" in streams:
        found.append(
            listing("followers", "dmaOrganizationalPageFollows", cursor, "elements", q="followee", followee=page)
        )
    if "posts" in streams:
        feed_cursor = "metadata.paginationCursorMetdata.nextPaginationCursor"
        urns = listing("post_urns", FEED, feed_cursor, "elements", q="postsByAuthor", author=organization)
        urns["processing_steps"] = [{"filter": is_read_whole}]
        found += [urns, *hanging("comments"), *hanging("reactions")]
        # A page of URNs is one item for the entities, and many for what hangs on them: it is walked twice.
        pages = listing("posts_listed", FEED, feed_cursor, "$", q="postsByAuthor", author=organization)
        pages["processing_steps"] = [{"yield_map": batches}]
        found += [pages, entities("posts", "posts_listed", "dmaPosts")]
    return found


def main() -> None:
    """Print every record as it comes."""
    url, token, organization, page, *streams = sys.argv[1:]
    headers = {"LinkedIn-Version": "202605", "X-Restli-Protocol-Version": "2.0.0"}
    source = rest_api_source(
        {
            "client": {"base_url": f"{url}/rest/", "auth": {"type": "bearer", "token": token}, "headers": headers},
            "resources": resources(organization, page, streams),
        }
    )
    for stream in streams:
        source.resources[stream].add_map(named(stream))
    out = sys.stdout.buffer
    for message in source.with_resources(*streams):
        out.write(orjson.dumps(message) + b"\n")


def named(stream: str) -> Any:
    """What puts a record beside its stream's name; the source's items do not tell where they are from."""
    return lambda record: {"type": "RECORD", "stream": stream, "record": record}


if __name__ == "__main__":
    main()
