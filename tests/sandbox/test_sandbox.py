"""The sandbox as a thing to test with: its log, its faults, its intervals."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import HEADERS, ORGANIZATION, PAGE, Client
from tests.sandbox.conftest import Clock

POSTS = f"dmaFeedContentsExternal?q=postsByAuthor&author={ORGANIZATION}"
FOLLOWERS = f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}"


def test_requests_are_kept_as_they_came(client: Client, sandbox: Sandbox) -> None:
    """Path and query raw, headers without regard to case, status, in order."""
    client.get(POSTS)
    client.get("dmaPosts?ids=List%28urn%3Ali%3Ashare%3A1%29")
    first, second = sandbox.requests
    assert (first.method, first.path, first.query) == ("GET", "/rest/dmaFeedContentsExternal", POSTS.partition("?")[2])
    assert (first.resource, first.finder, first.status) == ("dmaFeedContentsExternal", "postsByAuthor", 200)
    assert first.headers["linkedin-version"] == first.headers["LinkedIn-Version"] == "202605"
    assert (second.query, second.finder, second.status) == ("ids=List%28urn%3Ali%3Ashare%3A1%29", "BATCH_GET", 400)
    assert sandbox.requests_to("dmaPosts") == [second]
    sandbox.clear()
    assert sandbox.requests == []


def test_requests_side_by_side_are_all_kept(sandbox: Sandbox) -> None:
    """Several clients at once lose nothing."""

    def ask() -> None:
        client = Client(sandbox)
        for _ in range(20):
            client.get("dmaMe")
        client.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [request.status for request in sandbox.requests] == [200] * 160


def test_a_set_answer_comes_as_often_as_asked(client: Client, sandbox: Sandbox) -> None:
    """The status, body and headers given, `times` times, then the true answer."""
    sandbox.answer("dmaMe", status=429, body={"status": 429, "code": "X"}, headers={"Retry-After": "3"}, times=2)
    first, second, third = (client.get("dmaMe") for _ in range(3))
    assert (first.status, first.code, first.headers["Retry-After"]) == (429, "X", "3")
    assert (second.status, third.status) == (429, 200)


def test_a_set_answer_can_stay_and_be_taken_back(client: Client, sandbox: Sandbox) -> None:
    """times=None means every one, until cleared; other resources are not touched."""
    sandbox.answer("dmaMe", status=500, times=None)
    assert [client.get("dmaMe").status for _ in range(5)] == [500] * 5
    assert client.get("dmaOrganizations/90417283").status == 200
    sandbox.clear_answers()
    assert client.get("dmaMe").status == 200


def test_a_set_answer_can_wait_for_a_text(client: Client, sandbox: Sandbox) -> None:
    """`when` is looked for in the raw path and query; what does not hold it goes through."""
    sandbox.answer("dmaPosts", status=502, when="share%3A2", body=b"<html>bad gateway</html>")
    assert client.get("dmaPosts?ids=List(urn%3Ali%3Ashare%3A1)").status == 200
    with pytest.raises(json.JSONDecodeError):
        client.get("dmaPosts?ids=List(urn%3Ali%3Ashare%3A2)")
    assert sandbox.requests[-1].status == 502


def test_set_answers_come_in_the_order_set(client: Client, sandbox: Sandbox) -> None:
    """The oldest first."""
    for status in (500, 429, 503):
        sandbox.answer("dmaMe", status=status)
    assert [client.get("dmaMe").status for _ in range(4)] == [500, 429, 503, 200]


def test_a_connection_can_be_cut(client: Client, sandbox: Sandbox) -> None:
    """No answer at all; the request is kept with status 0, and the next one is answered."""
    sandbox.answer("dmaMe", cut=True)
    with pytest.raises(http.client.RemoteDisconnected):
        client.get("dmaMe")
    assert client.get("dmaMe").status == 200
    assert [request.status for request in sandbox.requests] == [0, 200]


@pytest.fixture
def paced(world: World, clock: Clock) -> Iterator[Client]:
    """A client of a sandbox that holds the feed and follows to one request a minute."""
    intervals = {"dmaFeedContentsExternal": 60.0, "dmaOrganizationalPageFollows": 60.0}
    with Sandbox(world, intervals=intervals, clock=clock) as sandbox, closing(Client(sandbox)) as client:
        yield client


def test_a_second_request_inside_the_interval_is_refused(paced: Client, clock: Clock) -> None:
    """429 with LinkedIn's body, until the interval is over."""
    assert paced.get(POSTS).status == 200
    clock.now += 59
    early = paced.get(POSTS)
    assert (early.status, early.code, early.body["serviceErrorCode"]) == (429, "TOO_MANY_REQUESTS", 101)
    clock.now += 60
    assert paced.get(POSTS).status == 200


def test_every_request_counts_and_finders_share_the_interval(paced: Client, clock: Clock) -> None:
    """A refused request starts the interval anew, and another finder of the resource is inside it too."""
    assert paced.get(POSTS).status == 200
    clock.now += 59
    other = f"dmaFeedContentsExternal?q=repostsByReposter&reposter={ORGANIZATION}"
    assert paced.get(other).status == 429
    clock.now += 59
    assert paced.get(POSTS).status == 429
    clock.now += 60
    assert paced.get(other).status == 200


def test_resources_have_intervals_of_their_own(paced: Client) -> None:
    """The feed does not slow down follows, and a resource without an interval is free."""
    assert paced.get(POSTS).status == 200
    assert paced.get(FOLLOWERS).status == 200
    assert [paced.get("dmaMe").status for _ in range(3)] == [200] * 3


def test_the_log_tells_arrival_by_the_clock(paced: Client, clock: Clock) -> None:
    """`at` and `until` are the given clock's times."""
    paced.get("dmaMe")
    clock.now += 5
    paced.get("dmaMe")
    assert [(request.at, request.until) for request in paced.sandbox.requests] == [(1_000.0,) * 2, (1_005.0,) * 2]


def test_admin_calls_need_no_token_and_leave_no_trace(client: Client, sandbox: Sandbox) -> None:
    """Tick, requests and clear, on the same port."""
    client.get("dmaMe")
    before = sandbox.world.now
    assert client.post("/sandbox/tick?days=2", headers={}).body["posts"]
    assert (sandbox.world.now - before).days == 2
    kept = client.send("GET", "/sandbox/requests", {}).body
    assert kept == {"counts": {"dmaMe GET": 1}, "requests": ["GET /rest/dmaMe? 200"]}
    assert client.post("/sandbox/clear", headers={}).status == 200
    assert sandbox.requests == []
    assert client.post("/sandbox/tick?days=x", headers={}).status == 400
    assert client.send("GET", "/sandbox/tick", {}).status == 404


def test_a_connection_is_kept_alive_and_ended_with_the_sandbox(world: World) -> None:
    """Leaving ends open connections, and no thread stays."""
    with Sandbox(world) as sandbox:
        client = Client(sandbox)
        client.get("dmaMe")
        sock = client._connection.sock
        client.get("dmaMe")
        assert client._connection.sock is sock
        running = threading.active_count()
    assert threading.active_count() <= running - 2
    with pytest.raises((http.client.HTTPException, OSError)):
        client.get("dmaMe")
    client.close()


def test_leaving_waits_for_no_latency(world: World) -> None:
    """An answer that would take an hour is given up at once when the sandbox stops."""
    arrived = threading.Event()

    def clock() -> float:
        arrived.set()
        return 0.0

    def ask(client: Client) -> None:
        with suppress(http.client.HTTPException, OSError):
            client.get("dmaMe")
        client.close()

    with Sandbox(world, latency=3_600, clock=clock) as sandbox:
        asking = threading.Thread(target=ask, args=(Client(sandbox),))
        asking.start()
        assert arrived.wait(timeout=10)
    asking.join(timeout=10)
    assert not asking.is_alive()


def test_a_client_that_hangs_up_is_no_error(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing on stderr, and the next client is answered."""
    with Sandbox(world) as sandbox:
        host, port = sandbox.url.removeprefix("http://").split(":")
        head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        for _ in range(5):
            with socket.create_connection((host, int(port))) as rude:
                rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                rude.sendall(f"GET /rest/{FOLLOWERS}&maxPaginationCount=1000 HTTP/1.1\r\n{head}\r\n".encode())
        with closing(Client(sandbox)) as client:
            assert client.get("dmaMe").status == 200
    assert capfd.readouterr().err == ""


def test_a_sandbox_that_does_not_run_says_so(world: World) -> None:
    """Its URL is known only while it is entered."""
    with pytest.raises(RuntimeError, match="enter it first"):
        _ = Sandbox(world).url


def test_a_kept_answer_is_sent_again_until_the_next_day(world: World, clock: Clock) -> None:
    """The same download links, whatever the order of the parameters; who may not ask is refused all the same."""
    ids = f"ids=List({','.join(quote(urn, safe='') for urn in list(world.truth.posts)[:9])})"
    kept = Sandbox(world, clock=clock, intervals={"dmaMe": 60}, keep_answers=True)
    with kept as sandbox, closing(Client(sandbox)) as client:
        first = client.get(f"dmaPosts?{ids}&viewContext=READER").body
        assert "downloadUrl" in json.dumps(first)
        assert client.get(f"dmaPosts?viewContext=READER&{ids}").body == first
        assert client.send("GET", f"/rest/dmaPosts?{ids}&viewContext=READER", {}).status == 401
        assert [client.get("dmaMe").status for _ in range(2)] == [200, 429]
        sandbox.tick()
        assert client.get(f"dmaPosts?{ids}&viewContext=READER").body != first


def test_delays_are_set_and_cpu_is_told_from_outside(client: Client, sandbox: Sandbox) -> None:
    """For who measures: milliseconds, seconds between requests, and the seconds that the process has worked."""
    assert client.post("/sandbox/latency?ms=2", headers={}).status == 200
    assert sandbox.latency == 0.002
    assert client.post("/sandbox/latency?ms=-2", headers={}).status == 400
    assert client.send("GET", "/sandbox/cpu", {}).body["seconds"] > 0
    assert client.post("/sandbox/interval?resource=dmaMe&ms=60000", headers={}).status == 200
    assert [client.get("dmaMe").status for _ in range(2)] == [200, 429]


def test_half_the_posts_have_comments_and_reactions() -> None:
    """Every second one has some of both, each other one has neither, and none is withheld."""
    world = World(posts=60, half_engaged=True)
    posts = world.feed.posts
    assert {post.state for post in posts} == {"shown"}
    engaged = [bool(world.engagement.thread(post).comments) for post in posts]
    assert engaged == [bool(world.engagement.reactions(post, None)) for post in posts]
    assert engaged == [post.ordinal % 2 == 0 for post in posts]
