"""The tables of requests and shapes, and how a listing of them is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import DAY, ORGANIZATION, PAGE, SHOWCASE, STRANGER, Client, next_cursor
from tests.sandbox.conftest import NOW

SHOWCASE_PAGE = "urn%3Ali%3AorganizationalPage%3A61553118"
STRANGER_PAGE = "urn%3Ali%3AorganizationalPage%3A61557743"
START = 1_767_225_600_000  # 2026-01-01
RANGE = f"(start:{START},end:{START + 30 * DAY})"
SHORT = {
    "{company}": ORGANIZATION,
    "{page}": PAGE,
    "{showcase}": SHOWCASE,
    "{showcase_page}": SHOWCASE_PAGE,
    "{stranger}": STRANGER,
    "{stranger_page}": STRANGER_PAGE,
    "{range}": RANGE,
    "{daily}": "(timeRange:(start:1772323200000,end:1772409600000),timeGranularityType:DAY)",
    "{day}": "(start:1772323200000,end:1772409600000)",
    "{post}": "urn%3Ali%3Ashare%3A7314360382506663936",
    "{refused_post}": "urn%3Ali%3Ashare%3A7383012674755362836",
    "{no_post}": "urn%3Ali%3Ashare%3A7200000000000000001",
    "{repost}": "urn%3Ali%3AinstantRepost%3A%28urn%3Ali%3Ashare%3A71%2C72%29",
    "{analytics}": "organizationAnalyticsAuthorizationAction",
}


def table(name: str) -> list[str]:
    """The lines of a table, without comments, its short names written out."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8").replace("\n    ", " ")
    for short, written in SHORT.items():
        text = text.replace(short, written)
    return [line for line in text.splitlines() if line and not line.startswith("#")]


class Shape(NamedTuple):
    """A request, how many elements stand on each page (the company's / the showcase page's), and their fields."""

    target: str
    sizes: str
    fields: str


SHAPES = [Shape(*line.split(" | ", 2)) for line in table("shapes.txt")]


def of_showcase(target: str) -> str:
    """The same request for the other organization."""
    return target.replace(ORGANIZATION, SHOWCASE).replace(PAGE, SHOWCASE_PAGE)


def body(client: Client, target: str) -> dict[str, Any]:
    """The body of an answer that is good."""
    answer = client.get(target)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def pages(client: Client, target: str) -> Iterator[dict[str, Any]]:
    """Every page of a listing, by whatever its answers say of more, or until a page is short where they say nothing."""
    page, start = body(client, target), 0
    while True:
        yield page
        paging, cursor = page.get("paging", {}), cursor_of(page)
        start += paging.get("count", 0)
        if cursor:
            more = f"{target}&paginationCursor={quote(cursor, safe='')}"
        elif paging.get("links"):
            assert paging["links"][0]["rel"] == "next"
            more = paging["links"][0]["href"].removeprefix("/rest/")
        elif paging.get("total", start + 1) > start and len(page["elements"]) == paging.get("count"):
            more = f"{target.partition('&start=')[0]}&start={start}&count={paging['count']}"
        else:
            return
        page = body(client, more)


def rows(client: Client, target: str) -> list[dict[str, Any]]:
    """Everything a listing holds."""
    return [row for page in pages(client, target) for row in page["elements"]]


def cursor_of(page: dict[str, Any]) -> str | None:
    """The cursor, from any of its three places."""
    metadata = page.get("metadata") or {}
    spelt = metadata.get("paginationCursorMetadata")
    return spelt.get("nextPaginationCursor") if spelt else next_cursor(page)


def listing(resource: str, owner: str = "company") -> str:
    """The request of the table for a resource's listing, of the company or its showcase page."""
    target = next(shape.target for shape in SHAPES if shape.target.partition("?")[0] == resource)
    return target if owner == "company" else of_showcase(target)


def elements(client: Client, resource: str, owner: str = "company") -> list[dict[str, Any]]:
    """Everything that the listing of a resource holds."""
    return rows(client, listing(resource, owner))


def refusal(client: Client, target: str) -> tuple[int, str, str]:
    """Status, code and the parameter that a refusal names, in its details and in its words."""
    answer = client.get(target)
    field = str(answer.body["errorDetails"]["inputErrors"][0]["input"]["inputPath"]["fieldPath"])
    assert field in answer.body["message"]
    return answer.status, answer.code, field


@contextmanager
def serving(world: World | None = None, **options: Any) -> Iterator[Client]:
    """A client of this world, or of one with these options."""
    with Sandbox(world or World(now=NOW, **options)) as sandbox, closing(Client(sandbox)) as client:
        yield client


def without_links(found: object) -> str:
    """As canonical text, without what changes on each call."""
    return re.sub(r'"downloadUrl(?:ExpiresAt)?": [^,}]+', "", json.dumps(found, sort_keys=True))
