"""Asking LinkedIn: what a request looks like, and what a batch gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.errors import BadRequest, TooLong
from tap_linkedin_dma.stream_types.base import DmaStream
from tests.support.answering import TOKEN, Answering, Asked, Reply, saying, stream_asking
from tests.support.crowd import Crowd

COMMENT = "urn:li:comment:(urn:li:activity:{},{})"
HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    "LinkedIn-Version": "202605",
    "X-Restli-Protocol-Version": "2.0.0",
    "Accept": "application/json",
    "User-Agent": "acme-warehouse/1.0",
}


# What a request looks like


def test_every_request_carries_the_headers_linkedin_asks_for(server: Answering) -> None:
    """Without the protocol header the rules of Rest.li 1.0 would apply; there is no default version."""
    stream_asking(server.url, user_agent="acme-warehouse/1.0").client.fetch("dmaPosts", "ids=List(1)")
    (asked,) = server.asked
    assert asked.method == "GET"
    assert asked.body == b""
    sent = {name: asked.headers[name] for name in HEADERS}
    assert sent == HEADERS


def test_the_proxy_of_the_environment_is_heeded(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for LinkedIn's whole address; where the environment excepts LinkedIn, nobody is."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    linkedin = "http://127.0.0.1:9"
    stream_asking(linkedin).client.fetch("dmaPosts")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    stream_asking(server.url).client.fetch("dmaComments")
    assert [asked.target for asked in server.asked] == [f"{linkedin}/rest/dmaPosts", "/rest/dmaComments"]


def test_the_version_is_a_setting(server: Answering) -> None:
    """A product that has just one version keeps to that."""

    class Member(DmaStream):
        name = "member"
        resource = "memberAuthorizations"
        version = "202312"
        schema = {"type": "object", "properties": {"id": {"type": "string"}}}

    stream = stream_asking(server.url, linkedin_version="202511")
    stream.client.fetch("dmaPosts")
    Member(stream._tap, stream.run_context, stream.client).client.fetch("memberAuthorizations")
    assert [asked.headers["LinkedIn-Version"] for asked in server.asked] == ["202511", "202312"]


@pytest.mark.parametrize(
    ("start", "method"), [("ids=List(", "BATCH_GET"), ("q=x&y=List(", "FINDER"), ("bq=x&y=List(", "BATCH_FINDER")]
)
def test_a_query_of_more_than_4000_characters_is_tunnelled(server: Answering, start: str, method: str) -> None:
    """As the body of a POST to the bare path; the other headers stay."""
    longest = start + "1" * (4000 - len(start) - 1) + ")"
    longer = longest.replace("1", "11", 1)
    stream = stream_asking(server.url, user_agent="acme-warehouse/1.0")
    stream.client.fetch("dmaPosts", longest)
    stream.client.fetch("dmaPosts", longer)
    plain, tunnelled = server.asked
    assert (plain.method, plain.target, plain.body) == ("GET", f"/rest/dmaPosts?{longest}", b"")
    assert (tunnelled.method, tunnelled.target, tunnelled.body) == ("POST", "/rest/dmaPosts", longer.encode())
    assert {name: tunnelled.headers[name] for name in HEADERS} == HEADERS
    assert tunnelled.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert tunnelled.headers["X-HTTP-Method-Override"] == "GET"
    assert tunnelled.headers["X-RestLi-Method"] == method
    assert plain.headers["X-HTTP-Method-Override"] is None


def test_a_tunnelled_query_is_read_as_any(sandbox: Sandbox) -> None:
    """A batch of long URNs goes out once, and LinkedIn answers it."""
    ids = [
        COMMENT.format(7_200_000_000_000_000_000 + number, 7_300_000_000_000_000_000 + number) for number in range(50)
    ]
    assert len(restli.query({"ids": ids})) > 4000
    stream = stream_asking(sandbox.url, access_token=sandbox.token)
    assert stream.client.batch_get("dmaComments", ids) == {}
    (asked,) = sandbox.requests
    assert (asked.method, asked.path, asked.query, asked.status) == ("POST", "/rest/dmaComments", "", 200)
    assert asked.body.decode() == restli.query({"ids": ids})


def test_a_long_finder_and_a_long_batch_finder_are_read_from_the_body(sandbox: Sandbox) -> None:
    """The sandbox names what is wrong with a long cursor, and refuses each of many criteria by itself."""
    company = sandbox.world.truth.organizations[0]
    posts = {"q": "postsByAuthor", "author": company.urn, "paginationCursor": "1" * 4000}
    accounts = {
        "bq": "organizations",
        "organizations": [f"urn:li:organization:{10**15 + number}" for number in range(100)],
    }
    stream = stream_asking(sandbox.url, access_token=sandbox.token)
    with pytest.raises(BadRequest, match="naming paginationCursor"):
        stream.client.fetch("dmaFeedContentsExternal", restli.query(posts))
    assert len(stream.client.fetch("dmaBusinessManagerAccountOrganizations", restli.query(accounts))["elements"]) == 100
    told = [(asked.method, asked.query, asked.finder, asked.headers["X-RestLi-Method"]) for asked in sandbox.requests]
    assert told == [("POST", "", "postsByAuthor", "FINDER"), ("POST", "", "organizations", "BATCH_FINDER")]


def test_a_tunnelled_query_is_sent_again_whole(server: Answering) -> None:
    """Its body is not used up by the first try."""
    server.answer = saying(Reply(status=500), Reply())
    query = f"ids=List({'1' * 4000})"
    stream_asking(server.url).client.fetch("dmaPosts", query)
    assert [asked.body.decode() for asked in server.asked] == [query, query]


# BATCH_GET


def results(*keys: str, **rest: Any) -> Reply:
    return Reply({"results": {key: {"id": key} for key in keys}, **rest})


def test_nothing_to_ask_for_makes_no_request(server: Answering) -> None:
    """Never `ids=List()`."""
    assert stream_asking(server.url).client.batch_get("dmaPosts", []) == {}
    assert server.asked == []


def test_a_batch_is_asked_for_with_its_ids_and_parameters(server: Answering) -> None:
    """Numbers bare, URNs escaped, each once; a parameter that is None left out."""
    stream = stream_asking(server.url)
    stream.client.batch_get(
        "dmaPosts", ["urn:li:share:1", "urn:li:ugcPost:2", "urn:li:share:1"], viewContext="READER", x=None
    )
    stream.client.batch_get("dmaOrganizations", [42, 99], locale={"language": "en", "country": "US"})
    assert [asked.query for asked in server.asked] == [
        "ids=List(urn%3Ali%3Ashare%3A1,urn%3Ali%3AugcPost%3A2)&viewContext=READER",
        "ids=List(42,99)&locale=(language:en,country:US)",
    ]


def test_a_batch_has_at_most_fifty_ids(server: Answering) -> None:
    """The rest goes into further requests; all results come back, in the order of the ids."""

    def answer(asked: Asked) -> Reply:
        return results(*reversed(asked.query.removeprefix("ids=List(").removesuffix(")").split(",")))

    server.answer = answer
    ids = [str(number) for number in range(120, 0, -1)]
    assert list(stream_asking(server.url).client.batch_get("dmaOrganizations", ids)) == ids
    assert sorted(asked.query.count(",") + 1 for asked in server.asked) == [20, 50, 50]


def test_a_batch_that_is_too_long_is_asked_for_in_halves(server: Answering) -> None:
    """Down to as many ids as LinkedIn takes; all results come back, in the order of the ids."""

    def answer(asked: Asked) -> Reply:
        ids = asked.query.removeprefix("ids=List(").removesuffix(")").split(",")
        return results(*ids) if len(ids) <= 7 else Reply(status=414)

    server.answer = answer
    ids = [str(number) for number in range(50)]
    assert list(stream_asking(server.url).client.batch_get("dmaOrganizations", ids)) == ids
    assert len(server.asked) == 1 + 2 + 4 + 8


def test_an_id_that_is_too_long_by_itself_is_a_sentence(server: Answering) -> None:
    """As is any other request that cannot be made shorter."""
    server.answer = saying(Reply(status=414))
    with pytest.raises(TooLong, match=r"dmaPosts is longer than LinkedIn accepts \(414\)\. .*stream_options"):
        stream_asking(server.url).client.batch_get("dmaPosts", ["1", "2"])
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "key",
    [
        "urn:li:comment:(urn:li:activity:1,2)",
        "urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A1%2C2%29",
        "urn:li:comment:%28urn:li:activity:1%2C2%29",
    ],
)
def test_a_result_is_found_however_its_key_is_written(server: Answering, key: str) -> None:
    """Encoded, decoded, or in part; so are statuses."""
    server.answer = saying(results(key), Reply({"results": {}, "statuses": {key: 403}}))
    stream = stream_asking(server.url)
    assert stream.client.batch_get("dmaComments", [COMMENT.format(1, 2)]) == {COMMENT.format(1, 2): {"id": key}}
    assert stream.client.batch_get("dmaComments", [COMMENT.format(1, 2)]) == {}


def test_a_result_that_was_not_asked_for_is_left_out(server: Answering) -> None:
    """Numbers are matched by their text."""
    server.answer = saying(results("42", "43"))
    assert stream_asking(server.url).client.batch_get("dmaOrganizations", [42]) == {"42": {"id": "42"}}


def test_a_partial_batch_gives_the_others_and_no_warning(server: Answering, caplog: pytest.LogCaptureFixture) -> None:
    """Missing ids are counted by status, 500 if an error says none, and not named; it is normal that some are."""
    caplog.set_level("DEBUG")
    ids = [f"urn:li:share:{number}" for number in range(1, 8)]
    statuses = {ids[1]: 403, ids[2]: 404}
    errors = {ids[1]: {"status": 403}, ids[3]: {"status": 403, "message": ids[3]}, ids[4]: {"message": ids[4]}}
    server.answer = saying(results(ids[0], ids[6], statuses=statuses, errors=errors))
    assert list(stream_asking(server.url).client.batch_get("dmaPosts", ids)) == [ids[0], ids[6]]
    told = [(record.levelname, text) for record in caplog.records if "not returned" in (text := record.getMessage())]
    assert told == [("DEBUG", "dmaPosts: 5 not returned by LinkedIn (403: 2, 404: 1, 500: 1, no status: 1)")]


@pytest.mark.parametrize("rest", [{}, {"statuses": None, "errors": None}, {"statuses": [], "errors": "x"}])
def test_a_batch_may_lack_statuses_and_errors(server: Answering, rest: dict[str, Any]) -> None:
    """A key in none of the three is missing all the same."""
    server.answer = saying(results("1", **rest))
    assert list(stream_asking(server.url).client.batch_get("dmaPosts", ["1", "2"])) == ["1"]


def test_batches_leave_side_by_side_until_a_throttling(server: Answering) -> None:
    """From a 429 on, their resource is asked one at a time."""
    together, alone = Crowd(4, patience=10), Crowd(2, patience=0.1)
    stream = stream_asking(server.url, max_concurrency=4)

    def visited(crowd: Crowd) -> Callable[[Asked], Reply]:
        def answer(_: Asked) -> Reply:
            crowd.visit()
            return Reply()

        return answer

    # The first batch goes alone.
    stream.client.batch_get("dmaPosts", [0])
    server.answer = visited(together)
    stream.client.batch_get("dmaPosts", range(400))
    server.answer = saying(Reply(status=429), Reply())
    stream.client.fetch("dmaPosts")
    server.answer = visited(alone)
    stream.client.batch_get("dmaPosts", range(150))
    assert (together.most, alone.most) == (4, 1)
