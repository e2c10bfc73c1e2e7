"""Requests that LinkedIn refuses for their method, their size or their tunnel; `requests.txt` has the others."""

from __future__ import annotations

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import FORM, HEADERS, ORGANIZATION, PAGE, Client

FEED = "dmaFeedContentsExternal"
CONTENT = "dmaOrganizationalPageContentAnalytics"
SHARE = "urn%3Ali%3Ashare%3A7200000000000000001"


def trend(client: Client, text: str, metrics: str = "metricTypes=List(IMPRESSIONS)") -> tuple[int, object]:
    """Status and code of a content trend with this text for its interval."""
    answer = client.get(f"{CONTENT}?q=trend&sourceEntity={PAGE}&{metrics}&{text}")
    return answer.status, answer.code


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_reads_only(client: Client, method: str) -> None:
    """Every method other than GET is refused, a POST without the override too."""
    assert client.send(method, "/rest/dmaMe", HEADERS).status == 405


def test_a_batch_holds_a_hundred_ids_at_most(client: Client) -> None:
    """One more refuses it by the name of the list."""
    asked = [client.get(f"dmaPosts?ids=List({','.join([SHARE] * many)})") for many in (100, 101)]
    assert [answer.status for answer in asked] == [200, 400]
    assert asked[1].code == "PARAM_INVALID"
    assert asked[1].body["errorDetails"]["inputErrors"][0]["input"]["inputPath"]["fieldPath"] == "ids"


QUERY = f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&paginationCursor=".ljust(len(FEED) + 1 + 4096, "a")
NUMBERS = "dmaMe" + 2 * f"/{'1' * 4000}"


@pytest.mark.parametrize(
    ("target", "added", "headers", "status"),
    [
        (QUERY, "a", {}, 400),
        (f"dmaOrganizations/{'1' * 4096}", "1", {}, 400),
        (NUMBERS, f"/{'1' * 400}", {}, 404),
        ("dmaMe", "?" + "a" * 1_000, {"X-Long": "a" * 28_000}, 200),
    ],
)
def test_what_is_too_long_is_refused_unread(
    client: Client, target: str, added: str, headers: dict[str, str], status: int
) -> None:
    """A query or a path segment over 4 kB, a URL over 8 kB, and URL and headers over 28 kB together."""
    whole = {**HEADERS, **headers}
    assert client.send("GET", f"/rest/{target}", whole).status == status
    assert client.send("GET", f"/rest/{target}{added}", whole).status == 414


TUNNEL = {**HEADERS, **FORM, "X-HTTP-Method-Override": "GET", "X-RestLi-Method": "BATCH_GET"}


def test_a_long_query_can_be_tunnelled(client: Client, world: World) -> None:
    """A POST with the override and a form body is read as a GET, whatever its length."""
    ids = ",".join(["urn%3Ali%3Ashare%3A7200000000000000001"] * 99 + [world.truth.posts[0].replace(":", "%3A")])
    answer = client.post("/rest/dmaPosts", f"ids=List({ids})", TUNNEL)
    assert list(answer.body["results"]) == [world.truth.posts[0]]


@pytest.mark.parametrize(
    ("target", "body", "changed", "status"),
    [
        ("dmaPosts?viewContext=READER", f"ids=List({SHARE})", {}, 400),
        ("dmaPosts", f"ids=List%28{SHARE}%29", {}, 400),
        ("dmaPosts", f"ids=List({SHARE})", {"Content-Type": "application/json"}, 415),
        ("dmaPosts", f"ids=List({SHARE})", {"X-HTTP-Method-Override": "PUT"}, 405),
        ("dmaPosts", f"ids=List({SHARE})", {"X-RestLi-Method": "FINDER"}, 400),
        ("dmaPosts", f"ids=List({SHARE})", {"LinkedIn-Version": "202001"}, 426),
    ],
)
def test_a_tunnelled_request_keeps_every_rule(
    client: Client, target: str, body: str, changed: dict[str, str], status: int
) -> None:
    """Query in the body only, structure bare, form type, the override, the headers."""
    assert client.post(f"/rest/{target}", body, {**TUNNEL, **changed}).status == status
