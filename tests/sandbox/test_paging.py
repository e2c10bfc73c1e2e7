"""How listings are handed out."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import ORGANIZATION, PAGE, SHOWCASE, Client, next_cursor

POSTS = f"dmaFeedContentsExternal?q=postsByAuthor&author={ORGANIZATION}"
FOLLOWERS = f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}"


@pytest.mark.parametrize("count", [1, 7, 10, 41, 62, 1000])
@pytest.mark.parametrize(("listing", "many"), [(POSTS, 62), (FOLLOWERS, 250)])
def test_every_row_comes_once_and_in_order_around_an_empty_page(
    client: Client, listing: str, many: int, count: int
) -> None:
    """Whatever the page size: one page is empty and has a cursor, another than the one that led to it."""
    pages = list(client.pages(listing, count))
    assert [row for page in pages for row in page["elements"]] == client.listing(listing, 1000)
    assert sum(len(page["elements"]) for page in pages) == many
    empty = [place for place, page in enumerate(pages) if not page["elements"]]
    assert len(empty) == 1
    assert next_cursor(pages[empty[0]])
    assert sum(len(page["elements"]) for page in pages[empty[0] :]) > 0
    assert len({next_cursor(page) for page in pages}) == len(pages)


def test_cursors_must_be_percent_encoded(client: Client) -> None:
    """Each holds an equals sign, a plus and a slash, and is refused where one of them stands bare."""
    for page in client.pages(FOLLOWERS, 40):
        cursor = next_cursor(page)
        if cursor is not None:
            assert {"=", "+", "/"} <= set(cursor)
            for bare in "=+/":
                half = quote(cursor, safe=bare)
                assert client.get(f"{FOLLOWERS}&paginationCursor={half}").status == 400


def test_a_cursor_fits_its_own_listing_only(client: Client) -> None:
    """Another owner, another finder, another resource, an altered cursor: 400."""
    cursor = quote(str(next_cursor(next(client.pages(POSTS, 10)))), safe="")
    assert client.get(f"{POSTS}&paginationCursor={cursor}").status == 200
    for listing in (POSTS.replace(ORGANIZATION, SHOWCASE), FOLLOWERS, f"{FOLLOWERS}&edgeType=X"):
        assert client.get(f"{listing}&paginationCursor={cursor}").status == 400
    assert client.get(f"{POSTS}&paginationCursor={cursor.replace('W', 'X', 1)}").status == 400


def test_the_end_is_shown_in_more_than_one_way(client: Client, world: World) -> None:
    """Null, an empty object, or no metadata at all: none of them is a cursor."""
    ends = set()
    for urn in world.truth.posts[:40]:
        answer = client.get(f"dmaFeedContentsExternal?q=reactionsOnEntity&entity={quote(urn, safe='')}")
        assert answer.status == 200
        if next_cursor(answer.body) is None:
            ends.add(str(answer.body.get("metadata", "none")))
    assert ends == {
        "none",
        "{}",
        "{'paginationCursorMetdata': {}}",
        "{'paginationCursorMetdata': {'nextPaginationCursor': None}}",
    }


def test_a_tick_between_pages_leaves_the_cursor_good(client: Client, sandbox: Sandbox) -> None:
    """A cursor outlives the world's day."""
    cursor = quote(str(next_cursor(next(client.pages(POSTS, 10)))), safe="")
    sandbox.tick()
    assert client.get(f"{POSTS}&paginationCursor={cursor}").status == 200
