"""Faults by name: what leaves, and when."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from email.utils import parsedate_to_datetime

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.faults import NAMES, PASSING
from linkedin_sandbox.server import NEVER
from tests.sandbox.client import HEADERS, PAGE, Client
from tests.support.waiting import LONG_ENOUGH, comes_true

FOLLOWERS = f"dmaOrganizationalPageFollows?q=followee&followee={PAGE}"


@contextmanager
def playing(*faults: str, rate: float = 1.0, seed: int = 1) -> Iterator[tuple[Sandbox, Client]]:
    """A sandbox with these faults, and a client of it."""
    world = World(posts=5, followers=30)
    with Sandbox(world, faults=faults, fault_rate=rate, fault_seed=seed) as sandbox, closing(Client(sandbox)) as client:
        yield sandbox, client


@pytest.mark.parametrize(("fault", "status"), [("429", 429), ("500", 500), ("503", 503), ("504", 504)])
def test_an_error_has_linkedins_shape(fault: str, status: int) -> None:
    """The status stands in the body too."""
    with playing(fault) as (sandbox, client):
        answer = client.get("dmaMe")
        assert (answer.status, answer.body["status"], sandbox.played) == (status, status, {fault: 1})


def test_retry_after_is_seconds_a_date_or_missing() -> None:
    """The date is some seconds after the answer."""
    began = time.time()
    with playing("429=dmaMe", "429-retry-after=dmaOrganizationAcls", "429-retry-date=dmaPosts") as (_, client):
        none, seconds, date = (
            client.get(resource).headers for resource in ("dmaMe", "dmaOrganizationAcls", "dmaPosts")
        )
    assert none["Retry-After"] is None
    assert seconds["Retry-After"] == "3"
    assert began + 2 <= parsedate_to_datetime(date["Retry-After"]).timestamp() <= time.time() + 3


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", ConnectionResetError),
        ("reset-in-body", (ConnectionResetError, http.client.IncompleteRead)),
        ("connection-refused", ConnectionResetError),
        ("truncated-json", json.JSONDecodeError),
        ("html-502", json.JSONDecodeError),
        ("empty-body", json.JSONDecodeError),
    ],
)
def test_an_answer_leaves_broken(fault: str, error: type[Exception] | tuple[type[Exception], ...]) -> None:
    """As its name says."""
    with playing(fault) as (_, client), pytest.raises(error):
        client.get("dmaMe")


def test_an_answer_may_never_come() -> None:
    """Until the client hangs up, which ends the waiting."""
    with playing("timeout") as (sandbox, _):
        client = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=LONG_ENOUGH)
        client.request("GET", "/rest/dmaMe", headers=HEADERS)
        assert comes_true(lambda: bool(sandbox.requests))
        assert [request.status for request in sandbox.requests] == [0]
        client.sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.sock.recv(1)
        client.close()


def test_what_stands_for_an_answer_that_never_comes_ends_its_connection() -> None:
    """Or the next request could be sent on one that is closed meanwhile, and be lost uncounted."""
    with playing("timeout") as (sandbox, _):
        sandbox.tells_silence = True
        client = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=LONG_ENOUGH)
        client.request("GET", "/rest/dmaMe", headers=HEADERS)
        headers = client.getresponse().headers
        client.close()
    assert (headers[NEVER], headers["Connection"]) == ("true", "close")


def test_an_answer_that_an_outage_cuts_off_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client asks again, which whoever counts requests has to know."""
    monkeypatch.setattr("linkedin_sandbox.sandbox.OUTAGE_S", 3600)
    has_begun, is_away = threading.Event(), threading.Event()
    with playing() as (sandbox, client):

        def wait() -> None:
            has_begun.set()
            assert is_away.wait(LONG_ENOUGH)

        monkeypatch.setattr(sandbox, "wait", wait)
        with ThreadPoolExecutor(1) as threads:
            asking = threads.submit(client.get, "dmaMe")
            assert has_begun.wait(LONG_ENOUGH)
            sandbox.begin_outage()
            is_away.set()
            assert isinstance(asking.exception(LONG_ENOUGH), ConnectionError)
        assert comes_true(lambda: [request.has_failed for request in sandbox.requests] == [True])


def test_connections_are_refused_until_it_listens_again() -> None:
    """At the same port."""
    with playing() as (sandbox, client):
        assert client.get("dmaMe").status == 200
        url = sandbox.url
        sandbox.refuse_connections()
        with closing(Client(sandbox)) as another, pytest.raises(ConnectionRefusedError):
            another.get("dmaMe")
        sandbox.listen()
        assert sandbox.url == url
        with closing(Client(sandbox)) as another:
            assert another.get("dmaMe").status == 200


def test_an_outage_has_begun_when_the_client_meets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever has it end cannot come too early: what is asked next is answered."""
    monkeypatch.setattr("linkedin_sandbox.sandbox.OUTAGE_S", 3600)
    with playing("connection-refused") as (sandbox, client):
        for _ in range(20):
            with closing(Client(sandbox)) as one, pytest.raises(ConnectionError):
                one.get("dmaMe")
            with closing(Client(sandbox)) as another, pytest.raises(ConnectionRefusedError):
                another.get("dmaMe")
            sandbox.listen()
        sandbox.end_faults("connection-refused")
        assert client.get("dmaMe").status == 200


def test_it_does_not_listen_once_it_is_left() -> None:
    """Or a thread would stay, of whoever was late to have it listen."""
    with playing() as (sandbox, _):
        pass
    sandbox.listen()
    with pytest.raises(RuntimeError, match="enter it first"):
        sandbox.url  # noqa: B018


def met(seed: int, rate: float) -> list[int]:
    """The statuses of two hundred requests."""
    faults = ("429", "500", "503", "504")
    with playing(*faults, rate=rate, seed=seed) as (_, client):
        return [client.get("dmaMe").status for _ in range(200)]


def test_the_moments_are_the_seeds() -> None:
    """The same ones each time, as many as the rate says, of every kind."""
    statuses = met(1, 0.1)
    assert statuses == met(1, 0.1) != met(2, 0.1)
    assert 8 <= 200 - statuses.count(200) <= 36
    assert set(statuses) == {200, 429, 500, 503, 504}
    assert met(1, 0.0) == [200] * 200


def test_a_fault_may_be_one_resources_alone() -> None:
    """The others are answered."""
    with playing("404=dmaMe", "500=dmaPosts") as (_, client):
        targets = ("dmaMe", "dmaPosts?ids=List(urn%3Ali%3Ashare%3A1)", "dmaOrganizations/90417283")
        assert [client.get(target).status for target in targets] == [404, 500, 200]


def test_a_second_page_leads_to_itself() -> None:
    """The first one does not."""
    with playing("repeated-cursor") as (_, client):
        pages = client.pages(FOLLOWERS, 10)
        first, second, third = (next(pages)["metadata"]["nextPaginationCursor"] for _ in range(3))
    assert first == second == third


def test_the_token_ends_at_a_moment() -> None:
    """Once; a refresh gives another, unless that is refused too."""
    with playing("401") as (sandbox, client):
        assert [client.get("dmaMe").code for _ in range(2)] == ["EXPIRED_ACCESS_TOKEN"] * 2
        assert sandbox.played == {"401": 1}
        assert sandbox.tokens.refresh_token
    with playing("refused-refresh") as (sandbox, client):
        client.get("dmaMe")
        assert sandbox.tokens.refresh_token is None


def test_an_unknown_name_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match="there is no fault 418; there are 429,"):
        Sandbox(World(posts=1, followers=1), faults=["418"])
    Sandbox(World(posts=1, followers=1), faults=[*NAMES, "passing"])
    assert set(PASSING) < set(NAMES)
