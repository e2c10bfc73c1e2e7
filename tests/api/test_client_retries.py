"""Asking LinkedIn again: what is worth another try, and how long to wait for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from itertools import pairwise
from typing import Any

import pendulum
import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import (
    AccessDenied,
    DailyLimit,
    DmaError,
    InvalidResponse,
    NotFound,
    PermanentError,
    ServerFault,
    Throttled,
    TokenRejected,
    TransientError,
    VersionRejected,
)
from tests.support.answering import Answering, Asked, Reply, saying, stream_asking
from tests.support.clock import FakeClock
from tests.support.crowd import Crowd
from tests.support.waiting import comes_true

ONE = {"results": {"1": {"id": 1}}}
THROTTLED = Reply({"status": 429, "message": "Resource level throttle MEMBER limit is reached."}, 429)


@pytest.mark.parametrize("status", [429, 503])
def test_an_answer_that_says_how_long_to_wait_is_heeded(server: Answering, status: int) -> None:
    """Then the same request goes out again."""
    server.answer = saying(Reply(status=status, headers={"Retry-After": "7"}), Reply(ONE))
    clock = FakeClock()
    assert stream_asking(server.url, clock).client.fetch("dmaPosts", "ids=List(1)") == ONE
    assert [asked.target for asked in server.asked] == ["/rest/dmaPosts?ids=List(1)"] * 2
    assert 7 <= clock.monotonic() <= 8


class Departures:
    """Notes when each request comes, by the tap's clock, and answers it."""

    def __init__(self, clock: FakeClock, *replies: Reply) -> None:
        self._clock = clock
        self._answer = saying(*replies)
        self.at: list[float] = []

    def __call__(self, asked: Asked) -> Reply:
        self.at.append(self._clock.monotonic())
        return self._answer(asked)

    def apart(self) -> list[int]:
        """Whole seconds between the requests."""
        return [int(later - earlier) for earlier, later in pairwise(self.at)]


def test_a_429_that_does_not_say_waits_longer_each_time(server: Answering) -> None:
    """From a minute to a quarter of an hour, and up to a tenth more; in the end with a sentence."""
    clock = FakeClock()
    server.answer = departures = Departures(clock, THROTTLED)
    with pytest.raises(Throttled, match=r"dmaPosts .* \(429\).*request_intervals"):
        stream_asking(server.url, clock).client.fetch("dmaPosts")
    waits = [60, 120, 240, 480, 900, 900, 900]
    assert len(departures.apart()) == len(waits)
    assert all(wait <= apart <= wait * 1.1 + 1 for apart, wait in zip(departures.apart(), waits, strict=True))


def test_tries_and_the_longest_wait_are_settings(server: Answering) -> None:
    """LinkedIn's own word counts up to the longest wait too."""
    for reply in (THROTTLED, Reply(status=429, headers={"Retry-After": "3600"}), Reply(status=503)):
        clock = FakeClock()
        server.answer = departures = Departures(clock, reply)
        with pytest.raises(TransientError):
            stream_asking(server.url, clock, max_tries=3, longest_wait=0.5).client.fetch("dmaPosts")
        assert len(departures.at) == 3
        assert clock.monotonic() <= 2 * 1.5


def test_a_date_to_wait_for_counts_from_the_answers_own(server: Answering) -> None:
    """Whatever the machine's clock says."""
    until = {"Date": formatdate(1_700_000_000, usegmt=True), "Retry-After": formatdate(1_700_000_030, usegmt=True)}
    clock = FakeClock(pendulum.datetime(2020, 1, 1, tz="UTC"))
    server.answer = departures = Departures(clock, Reply(status=429, headers=until), Reply())
    stream_asking(server.url, clock).client.fetch("dmaPosts")
    assert 30 <= departures.at[1] <= 34


def test_a_429_of_a_paced_resource_waits_its_interval(server: Answering) -> None:
    """Where LinkedIn does not say."""
    clock = FakeClock()
    server.answer = departures = Departures(clock, THROTTLED, THROTTLED, Reply())
    stream_asking(server.url, clock, request_intervals={"dmaPosts": 20}).client.fetch("dmaPosts")
    assert departures.apart() == pytest.approx([20, 40], abs=5)


def test_retries_keep_the_interval(server: Answering) -> None:
    """They count as requests, whatever a shorter wait would allow."""
    clock = FakeClock()
    server.answer = departures = Departures(clock, Reply(status=500), Reply())
    stream_asking(server.url, clock).client.fetch("dmaOrganizationalPageFollows")
    assert departures.apart() == [60]


def test_a_throttled_resource_holds_up_no_other(server: Answering) -> None:
    """Its next request waits; another's leaves at once."""
    clock = FakeClock()
    stream = stream_asking(server.url, clock)
    stream.client.limits.delay("dmaPosts", 600)
    stream.client.fetch("dmaComments")
    assert clock.monotonic() == 0


@pytest.mark.parametrize(
    ("status", "waits"), [(500, [2, 4, 8]), *((status, [2, 4, 8, 16, 32, 64, 128]) for status in (502, 503, 504))]
)
def test_a_fault_of_linkedins_is_asked_again_with_growing_waits(
    server: Answering, status: int, waits: list[int]
) -> None:
    """A few times where it may be so for good, else for minutes; then it is a sentence."""
    clock = FakeClock()
    server.answer = departures = Departures(clock, Reply(b"<html>", status))
    with pytest.raises(ServerFault, match=rf"LinkedIn failed on dmaPosts \({status}\)\. Try again later\.") as caught:
        stream_asking(server.url, clock).client.fetch("dmaPosts")
    assert departures.apart() == pytest.approx(waits, rel=0.1, abs=1)
    assert caught.value.status == status


BROKEN = [
    pytest.param(Reply(b""), id="empty"),
    pytest.param(Reply(b'{"elements":[{"id"', promised=100), id="cut in the body"),
    pytest.param(Reply(b'{"elements":[{"id"'), id="JSON that does not end"),
    pytest.param(Reply({"errorCode": 0, "message": "Internal service error", "status": 500}), id="an error"),
    pytest.param(Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), id="another encoding than it says"),
]


@pytest.mark.parametrize("reply", BROKEN)
def test_a_broken_answer_is_asked_again_and_never_an_empty_result(server: Answering, reply: Reply) -> None:
    """The next one may be whole; after a few tries it ends in a sentence."""
    server.answer = saying(reply, Reply(ONE))
    assert stream_asking(server.url).client.fetch("dmaPosts", "ids=List(1)") == ONE
    server.asked.clear()
    server.answer = saying(reply)
    with pytest.raises(ServerFault, match=r"dmaPosts"):
        stream_asking(server.url, max_tries=4).client.fetch("dmaPosts", "ids=List(1)")
    assert len(server.asked) == 4


NOTHING: dict[str, Any] = {"results": {}, "statuses": {}, "errors": {}}


@pytest.mark.parametrize("nothing", [NOTHING, {"results": {}}])
@pytest.mark.parametrize("query", ["ids=List(1)", "ids=List(1,2)"])
def test_a_batch_that_says_nothing_of_any_id_is_asked_for_again(
    server: Answering, nothing: dict[str, Any], query: str
) -> None:
    """It may be a fault; an id may be missing without a word, so what is said again and again is the answer."""
    server.answer = saying(Reply(nothing), Reply(ONE))
    assert stream_asking(server.url).client.fetch("dmaPosts", query) == ONE
    assert len(server.asked) == 2
    server.asked.clear()
    server.answer = saying(Reply(nothing))
    assert stream_asking(server.url).client.fetch("dmaPosts", query) == nothing
    assert len(server.asked) == 4


TOLD: list[tuple[dict[str, Any], type[DmaError], int]] = [
    ({"serviceErrorCode": 100, "message": "Not enough permissions", "status": 403}, AccessDenied, 1),
    ({"status": 404, "message": "x"}, NotFound, 1),
    ({"status": 503, "message": "x"}, ServerFault, 4),
    ({"status": 429, "code": "TOO_MANY_REQUESTS", "message": "x"}, Throttled, 4),
    ({"status": 429, "message": "Resource level throttle APPLICATION DAY limit"}, DailyLimit, 1),
    ({"status": 401, "code": "REVOKED_ACCESS_TOKEN", "message": "x"}, TokenRejected, 1),
    ({"serviceErrorCode": 100, "message": "x"}, InvalidResponse, 4),
    ({"code": "SOMETHING", "message": "x"}, InvalidResponse, 4),
    ({"elements": [], "status": 500, "message": "x"}, InvalidResponse, 4),
]


@pytest.mark.parametrize(
    ("told", "kind", "calls", "query"),
    [
        *((*each, "q=owner") for each in TOLD),
        *((*TOLD[0], query) for query in ("bq=owners", "start=0&count=10", "ids=List(1,2)")),
    ],
)
def test_an_error_told_with_status_200_is_that_error(
    server: Answering, told: dict[str, Any], kind: type[DmaError], calls: int, query: str
) -> None:
    """With the tries, the waits and the end that its own status has; if it tells none, as a 500."""
    server.answer = saying(Reply(told))
    with pytest.raises(kind) as caught:
        stream_asking(server.url, max_tries=4).client.fetch("dmaPosts", query)
    assert len(server.asked) == calls
    assert not isinstance(caught.value, ServerFault) or caught.value.status == told.get("status", 500)


@pytest.mark.parametrize("status", [200, 429])
def test_a_limit_of_the_day_closes_its_resource(server: Answering, status: int) -> None:
    """Also if it is told with status 200, and for those that wait for their turn; it is not waited for."""
    server.answer = saying(Reply({"status": 429, "message": "throttle APPLICATION DAY limit"}, status), Reply())
    clock = FakeClock()
    stream = stream_asking(server.url, clock)
    for _ in range(2):
        with pytest.raises(DailyLimit):
            stream.client.fetch("dmaPosts", "q=author")
    assert len(server.asked) == 1
    assert clock.slept == []


def test_a_connection_that_is_cut_is_opened_again(sandbox: Sandbox) -> None:
    """LinkedIn hung up without an answer."""
    sandbox.answer("dmaMe", cut=True, times=2)
    body = stream_asking(sandbox.url, access_token=sandbox.token).client.fetch("dmaMe")
    assert body["id"]
    assert [asked.status for asked in sandbox.requests] == [0, 0, 200]


def test_an_answer_that_does_not_come_is_asked_for_again(server: Answering) -> None:
    """Until the tap believes that none will; how long it listens is a setting."""

    def never(_: Asked) -> Reply:
        server.leaving.wait()
        return Reply()

    server.answer = never
    with pytest.raises(ServerFault, match=r"did not answer dmaPosts \(ReadTimeout\)"):
        stream_asking(server.url, request_timeout=0.05, max_tries=3).client.fetch("dmaPosts")
    # The server may be behind the tap, which has not listened for long.
    assert comes_true(lambda: len(server.asked) == 3)


def test_a_host_that_cannot_be_reached_is_a_sentence() -> None:
    """Which names the resource and the setting, not the URL."""
    clock = FakeClock()
    with pytest.raises(ServerFault) as caught:
        stream_asking("http://127.0.0.1:9", clock).client.fetch("dmaPosts", "ids=List(1)")
    assert str(caught.value) == "LinkedIn did not answer dmaPosts (ConnectionError). Check the network and api_url."
    assert 254 <= clock.monotonic() <= 285


@pytest.mark.parametrize("status", [400, 403, 404, 414, 422, 426])
def test_a_refusal_is_not_asked_again(server: Answering, status: int) -> None:
    """Another try would not change it."""
    server.answer = saying(Reply(status=status))
    with pytest.raises((PermanentError, VersionRejected)):
        stream_asking(server.url, linkedin_version="202605").client.fetch("dmaPosts")
    assert len(server.asked) == 1


def test_a_daily_limit_is_met_at_once_by_all_threads(server: Answering) -> None:
    """From the answer that says so on, no request to the resource leaves; other resources are asked as before."""
    message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    together = Crowd(4, patience=10)

    def answer(asked: Asked) -> Reply:
        if "dmaPosts" not in asked.target:
            return Reply({"id": 1})
        together.visit()
        return Reply({"status": 429, "message": message}, 429)

    server.answer = answer
    stream = stream_asking(server.url, max_concurrency=4)
    with ThreadPoolExecutor(16) as threads:
        asking = [threads.submit(stream.client.fetch, "dmaPosts") for _ in range(16)]
        errors = [one.exception() for one in asking]
    assert {type(error) for error in errors} == {DailyLimit}
    assert {str(error) for error in errors} == {str(errors[0])}
    assert together.most == 4
    assert len(server.asked) == 4
    assert stream.client.fetch("dmaComments") == {"id": 1}


@pytest.mark.parametrize(("resource", "interval"), [("dmaOrganizationalPageFollows", 60), ("dmaPosts", 0)])
def test_a_call_that_does_not_come_back_is_followed_by_a_whole_interval(
    server: Answering, resource: str, interval: int
) -> None:
    """LinkedIn asks for a minute after a timeout of follows, counted from there; other resources are soon tried."""
    clock = FakeClock()
    departures = Departures(clock, Reply(), Reply(), Reply())

    def answer(asked: Asked) -> Reply:
        departures(asked)
        if len(departures.at) == 3:
            return Reply()
        clock.sleep(60)
        return Reply(b"{", promised=1000)

    server.answer = answer
    stream_asking(server.url, clock).client.fetch(resource)
    waited = [later - 60 - earlier for earlier, later in pairwise(departures.at)]
    assert len(waited) == 2
    assert min(waited) >= interval
    assert max(waited) <= interval * 1.1 + 6
