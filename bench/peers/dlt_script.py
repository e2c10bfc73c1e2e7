"""What dlt's `rest_api` source reads of LinkedIn: a script that runs where dlt is installed.

Its arguments are `package` or `items`, the URL, the token, the organization, its page, and the streams. With `package`
dlt makes the files that it loads, and the rows of each table are told; with `items` each item is printed as it comes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "EXTRACT__WORKERS": "16",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}

import dlt
import orjson
from dlt.sources.rest_api import rest_api_source

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


def package(source: Any) -> None:
    """Extract and normalize, as `pipeline.run` does before it loads."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=dlt.destinations.filesystem(folder))
        pipeline.extract(source)
        rows = pipeline.normalize().row_counts
    counts = {name: count for name, count in rows.items() if name in source.resources}
    sys.stdout.buffer.write(orjson.dumps({"type": "COUNTS", "counts": counts}) + b"\n")


def items(source: Any) -> None:
    """Print what the resources give; the items themselves do not tell where they are from."""
    for name, resource in source.selected_resources.items():
        resource.add_map(partial(message, name))
    for found in source:
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n")


def message(stream: str, record: Any) -> dict[str, Any]:
    """A record beside its stream's name."""
    return {"type": "RECORD", "stream": stream, "record": record}


def main() -> None:
    """Read the streams."""
    how, url, token, organization, page, *streams = sys.argv[1:]
    headers = {"LinkedIn-Version": "202605", "X-Restli-Protocol-Version": "2.0.0"}
    source = rest_api_source(
        {
            "client": {"base_url": f"{url}/rest/", "auth": {"type": "bearer", "token": token}, "headers": headers},
            "resources": resources(organization, page, streams),
        },
        max_table_nesting=0,
    ).with_resources(*streams)
    {"package": package, "items": items}[how](source)


if __name__ == "__main__":
    main()
