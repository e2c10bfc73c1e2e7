"""BATCH_GET envelopes: whole, partial, and with things left out."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from linkedin_sandbox import World
from tests.sandbox.client import Client


def test_a_refused_post_says_where_it_can_be_seen(client: Client, world: World) -> None:
    """The listed post that LinkedIn refuses: no result, 403 in statuses and errors, its public URL in the message."""
    refused, shown = world.truth.refused_posts[0], world.truth.posts[0]
    body = client.batch("dmaPosts", [refused, shown])
    assert list(body["results"]) == [shown]
    assert body["statuses"][refused] == body["errors"][refused]["status"] == 403
    assert f"https://www.linkedin.com/feed/update/{refused}" in body["errors"][refused]["message"]


def test_a_silent_post_is_nowhere(client: Client, world: World) -> None:
    """One listed post is in none of results, statuses and errors."""
    body = client.batch("dmaPosts", [*world.truth.silent_posts, world.truth.posts[0]])
    assert list(body["results"]) == [world.truth.posts[0]]
    assert world.truth.silent_posts[0] not in {**body.get("statuses", {}), **body.get("errors", {})}


def test_both_odd_posts_are_listed(client: Client, world: World) -> None:
    """A post that does not hydrate stands in the listing all the same."""
    author = "urn%3Ali%3Aorganization%3A90417283"
    listed = [row["id"] for row in client.listing(f"dmaFeedContentsExternal?q=postsByAuthor&author={author}")]
    assert {*world.truth.refused_posts, *world.truth.silent_posts} <= set(listed)


def test_a_post_by_others_is_refused(client: Client) -> None:
    """A URN that is no post of an administered organization: 403 in its place."""
    body = client.batch("dmaPosts", ["urn:li:share:7200000000000000001", "urn:li:groupPost:1-2"])
    assert body["results"] == {}
    assert [error["status"] for error in body["errors"].values()] == [403, 403]


def test_organizations_are_keyed_by_their_number_as_text(client: Client) -> None:
    """The key is a string, the id an int; not administered 403, not there 404, in statuses and errors."""
    body = client.batch("dmaOrganizations", ["90417283", "90419977", "5"])
    assert {key: entity["id"] for key, entity in body["results"].items()} == {"90417283": 90417283}
    assert {key: error["status"] for key, error in body["errors"].items()} == {"90419977": 403, "5": 404}
    assert {"90419977": 403, "5": 404}.items() <= body["statuses"].items()


def test_the_showcase_page_lacks_its_page_urn(client: Client) -> None:
    """One organization tells its organizationalPage, whose number is another than its own; the other tells none."""
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
    """The body's id is the number alone, an int on some and a string on others."""
    found = client.batch("dmaComments", [comment.urn for comment in world.truth.comments[:40]])["results"]
    assert {type(entity["id"]) for entity in found.values()} == {int, str}
    assert all(key.endswith(f",{entity['id']})") for key, entity in found.items())


def test_what_is_not_there_is_a_404_in_its_place(client: Client, world: World) -> None:
    """Unknown comments, reactions and reposts fail alone."""
    there = world.truth.comments[0].urn
    absent = "urn:li:comment:(urn:li:activity:71,72)"
    body = client.batch("dmaComments", [absent, there])
    assert (body["statuses"][absent], list(body["results"])) == (404, [there])
    for resource, key in (
        ("dmaReactions", "urn:li:reaction:(urn:li:person:ABC,urn:li:activity:71)"),
        ("dmaInstantReposts", "urn:li:instantRepost:(urn:li:share:71,72)"),
        ("dmaSocialMetadata", "urn:li:activity:71"),
    ):
        assert client.batch(resource, [key])["errors"][key]["status"] == 404


def test_statuses_and_errors_are_whole_empty_or_left_out(client: Client, world: World) -> None:
    """A reader can rely on neither."""
    bodies = [client.batch("dmaPosts", [urn]) for urn in world.truth.posts[:30]]
    assert {("statuses" in body, bool(body.get("statuses"))) for body in bodies} == {
        (False, False),
        (True, False),
        (True, True),
    }
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
    comment, absent = world.truth.comments[0].urn, "urn:li:comment:(urn:li:activity:71,72)"
    body = client.batch("dmaComments", [comment, absent])
    assert list(body["results"]) == [quote(comment, safe="")]
    assert list(body["errors"]) == [quote(absent, safe="")]


def test_entities_hold_fields_from_the_future(client: Client, world: World) -> None:
    """At the top of every entity, and further down in some; nothing is ever null."""
    posts = client.batch("dmaPosts", world.truth.posts[:50])["results"].values()
    assert all(post["futureField"] for post in posts)
    assert any("futureNested" in post["content"]["media"] for post in posts if "media" in post.get("content", {}))
    assert any("$URN" in post for post in posts)
    assert not any(holds_null(post) for post in posts)


def holds_null(value: object) -> bool:
    """Whether a null stands anywhere inside."""
    if isinstance(value, dict):
        return any(map(holds_null, value.values()))
    if isinstance(value, list):
        return any(map(holds_null, value))
    return value is None


def test_download_links_change_on_each_call(client: Client, world: World) -> None:
    """Of posts and organizations: the same entity asked for twice differs in its links alone."""
    image = next(post.urn for post in world.truth.shown_posts if post.content_kind == "image")
    for resource, key in (("dmaPosts", image), ("dmaOrganizations", "90417283")):
        first, second = (str(client.batch(resource, [key])["results"][key]) for _ in range(2))
        assert first != second
        assert without_links(first) == without_links(second)


def without_links(text: str) -> list[str]:
    """The text's characters in order, without links and the times that they end."""
    kept = re.sub(r"'downloadUrl(ExpiresAt)?': ('[^']*'|\d+)", "", text)
    return sorted(re.findall(r"[^\s,{}]+", kept))
