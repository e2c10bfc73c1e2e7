"""BATCH_GET envelopes: whole, partial, and with things left out."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import ORGANIZATION, Client
from tests.sandbox.listings import elements, without_links

ABSENT = "urn:li:comment:(urn:li:activity:71,72)"


@pytest.mark.parametrize(
    ("resource", "there", "statuses"),
    [
        ("dmaPosts", "posts", {"urn:li:share:7200000000000000001": 403, "urn:li:groupPost:1-2": 403}),
        ("dmaOrganizations", "90417283", {"90419977": 403, "5": 404}),
        ("dmaComments", "comments", {ABSENT: 404}),
        ("dmaReactions", "reactions", {"urn:li:reaction:(urn:li:person:ABC,urn:li:activity:71)": 404}),
        ("dmaInstantReposts", "instant_reposts", {"urn:li:instantRepost:(urn:li:share:71,72)": 404}),
        ("dmaSocialMetadata", "posts", {"urn:li:activity:71": 404}),
    ],
)
def test_what_is_not_there_or_another_s_fails_alone(
    client: Client, world: World, resource: str, there: str, statuses: dict[str, int]
) -> None:
    """In statuses and errors; what stands beside it is answered, under its key as text."""
    first = there if there.isdecimal() else getattr(world.truth, there)[0]
    key = getattr(first, "urn", first)
    body = client.batch(resource, [*statuses, key])
    assert list(body["results"]) == [key]
    assert {name: error["status"] for name, error in body["errors"].items()} == statuses
    assert statuses.items() <= body["statuses"].items()


def test_a_refused_post_says_where_it_can_be_seen_and_a_silent_one_is_nowhere(client: Client, world: World) -> None:
    """Both stand in the listing all the same; the refused one's message has its public URL."""
    (refused, *_), (silent, *_), (shown, *_) = world.truth.refused_posts, world.truth.silent_posts, world.truth.posts
    body = client.batch("dmaPosts", [refused, silent, shown])
    assert list(body["results"]) == [shown]
    assert body["statuses"][refused] == body["errors"][refused]["status"] == 403
    assert f"https://www.linkedin.com/feed/update/{refused}" in body["errors"][refused]["message"]
    assert silent not in {**body.get("statuses", {}), **body.get("errors", {})}
    listed = client.listing(f"dmaFeedContentsExternal?q=postsByAuthor&author={ORGANIZATION}")
    assert {*world.truth.refused_posts, *world.truth.silent_posts} <= {row["id"] for row in listed}


def test_the_showcase_page_lacks_its_page_urn(client: Client) -> None:
    """One organization says its organizationalPage, whose number is another than its own; the other says none."""
    found = client.batch("dmaOrganizations", ["90417283", "90417391"])["results"]
    assert found["90417283"]["organizationalPage"] == "urn:li:organizationalPage:61552904"
    assert "organizationalPage" not in found["90417391"]


def test_the_finder_tells_the_showcase_pages_urn_among_others(client: Client) -> None:
    """Several profiles, exactly one of them of the organization asked about."""
    asked = "urn%3Ali%3Aorganization%3A90417391"
    found = client.get(f"dmaOrganizationalPageProfiles?q=pageEntity&pageEntity=(organization:{asked})").body["elements"]
    own = [each for each in found if each.get("primaryPageEntity", {}).get("organization") == unquote(asked)]
    assert len(found) > 1
    assert [each["entityUrn"] for each in own] == ["urn:li:organizationalPage:61553118"]
    by_key = client.get("dmaOrganizationalPageProfiles/urn%3Ali%3AorganizationalPage%3A61553118").body
    assert by_key["entityUrn"] == "urn:li:organizationalPage:61553118"


def test_comments_are_keyed_by_urn_and_carry_a_bare_number(client: Client, world: World) -> None:
    """The body's id is the number alone."""
    found = client.batch("dmaComments", [comment.urn for comment in world.truth.comments[:40]])["results"]
    assert all(key.endswith(f",{entity['id']})") for key, entity in found.items())


def test_statuses_and_errors_are_whole_empty_or_left_out(client: Client, world: World) -> None:
    """A reader can rely on neither."""
    bodies = [client.batch("dmaPosts", [urn]) for urn in world.truth.posts[:30]]
    said = {("statuses" in body, bool(body.get("statuses"))) for body in bodies}
    assert said == {(False, False), (True, False), (True, True)}
    assert {"errors" in body for body in bodies} == {True, False}


def test_results_have_no_order(client: Client, world: World) -> None:
    """Keys of objects come in another order than asked."""
    asked = world.truth.posts[:30]
    found = list(client.batch("dmaPosts", asked)["results"])
    assert sorted(found) == sorted(asked)
    assert found != asked


def test_keys_come_encoded_on_a_switch(client: Client, world: World) -> None:
    """With encoded_keys the keys of all three maps must be decoded before they match."""
    world.encoded_keys = True
    comment = world.truth.comments[0].urn
    body = client.batch("dmaComments", [comment, ABSENT])
    assert (list(body["results"]), list(body["errors"])) == ([quote(comment, safe="")], [quote(ABSENT, safe="")])


def test_download_links_change_on_each_call(client: Client, world: World) -> None:
    """In batches and in listings; all else is the same."""
    image = next(post.urn for post in world.truth.shown_posts if post.content_kind == "image")
    batches = (("dmaPosts", [image]), ("dmaOrganizations", ["90417283"]))
    listings = ("dmaAdminContentMediaGallery", "dmaOrganizationPhotos", "dmaOrganizationProducts")
    read = [
        [*(client.batch(*asked)["results"] for asked in batches), *(elements(client, name) for name in listings)]
        for _ in range(2)
    ]
    for first, second in zip(*read, strict=True):
        assert first != second
        assert without_links(first) == without_links(second)
