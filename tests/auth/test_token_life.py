"""How long a token lives: renewing it before it ends, and saying so where nothing will."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import pytest

from tap_linkedin_dma.api.errors import TokenRejected
from tap_linkedin_dma.auth.bearer import BearerToken
from tests.auth.test_bearer import header, refreshing
from tests.support.answering import Answering, Asked, Reply, saying
from tests.support.clock import START, FakeClock
from tests.support.logs import warnings

DAY = 24 * 60 * 60


def issuing(asked: Asked, **fields: Any) -> Reply:
    """A token named after the refresh token that it was asked for with."""
    (sent,) = parse_qs(asked.body.decode())["refresh_token"]
    return Reply({"access_token": f"token-by-{sent}", **fields})


@pytest.mark.parametrize(("life", "margin"), [(5_184_000, 300), (3600, 300), (600, 60)])
@pytest.mark.parametrize("written", [int, str])
def test_a_token_is_renewed_some_minutes_before_its_end(life: int, margin: int, written: type) -> None:
    """And not earlier; one that lives shortly has a shorter margin, or it would be renewed at every request."""
    clock = FakeClock()
    with Answering(lambda asked: issuing(asked, expires_in=written(life))) as host:
        token = BearerToken(refreshing(host.url), clock)
        header(token)
        clock.sleep(life - margin - 1)
        header(token)
        assert len(host.asked) == 1
        clock.sleep(1)
        header(token)
        header(token)
        assert len(host.asked) == 2


@pytest.mark.parametrize("life", [None, 0, -1, "soon", True, 1.5, {}])
def test_a_token_whose_end_is_not_told_is_used_until_it_is_refused(life: Any) -> None:
    """Nothing is guessed."""
    clock = FakeClock()
    with Answering(lambda asked: issuing(asked, expires_in=life)) as host:
        token = BearerToken(refreshing(host.url), clock)
        header(token)
        clock.sleep(400 * DAY)
        header(token)
        assert len(host.asked) == 1


def test_threads_that_find_a_token_ending_share_one_new_one() -> None:
    """One asks, the others wait for its answer and use the new token, all of them."""
    clock = FakeClock()
    together = threading.Barrier(8)
    answers = iter([{"access_token": "first", "expires_in": 3600}, {"access_token": "second", "expires_in": 3600}])
    with Answering(lambda _: Reply(next(answers))) as host:
        token = BearerToken(refreshing(host.url), clock)
        header(token)
        clock.sleep(3590)

        def use() -> str:
            together.wait(10)
            return header(token)

        with ThreadPoolExecutor(8) as threads:
            used = {one.result() for one in [threads.submit(use) for _ in range(8)]}
        assert used == {"Bearer second"}
        assert len(host.asked) == 2


def test_a_new_refresh_token_is_used_from_then_on() -> None:
    """The one before may be dead; an answer without one leaves it as it is."""
    clock = FakeClock()
    replies = saying(
        Reply({"access_token": "a", "expires_in": 3600, "refresh_token": "second"}),
        Reply({"access_token": "b", "expires_in": 3600}),
        Reply({"access_token": "c", "expires_in": 3600, "refresh_token": ""}),
        Reply({"access_token": "d", "expires_in": 3600, "refresh_token": None}),
    )
    with Answering(replies) as host:
        token = BearerToken(refreshing(host.url, refresh_token="first"), clock)
        for _ in range(4):
            header(token)
            clock.sleep(3600)
        sent = [parse_qs(asked.body.decode())["refresh_token"][0] for asked in host.asked]
    assert sent == ["first", "second", "second", "second"]


@pytest.mark.parametrize(
    "no", [Reply({"error": "invalid_grant", "error_description": "revoked"}, 400), Reply(status=503)]
)
def test_a_token_that_cannot_be_renewed_yet_is_used_until_its_end(no: Reply, caplog: pytest.LogCaptureFixture) -> None:
    """The run goes on while it can, with a warning; at the end of the token it asks once more, and ends."""
    clock = FakeClock()
    with Answering(saying(Reply({"access_token": "a", "expires_in": 3600}), no)) as host:
        token = BearerToken(refreshing(host.url), clock)
        header(token)
        clock.sleep(3400)
        assert header(token) == header(token) == "Bearer a"
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        tries = len(host.asked)
        clock.sleep(200)
        with pytest.raises(TokenRejected):
            header(token)
        assert len(host.asked) > tries


@pytest.mark.parametrize(("days", "warned"), [(365, 0), (31, 0), (30, 1), (2, 1)])
def test_a_refresh_token_that_ends_within_thirty_days_is_warned_of(
    days: int, warned: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Once a run, however often it is used, with the date and what to do; the access token needs nobody."""
    clock = FakeClock()
    reply = Reply({"access_token": "a", "expires_in": 3600, "refresh_token_expires_in": days * DAY})
    with Answering(saying(reply)) as host:
        token = BearerToken(refreshing(host.url), clock)
        for _ in range(3):
            header(token)
            clock.sleep(3600)
        assert len(host.asked) == 3
    ends = START.add(days=days).to_date_string()
    assert (
        warnings(caplog)
        == [
            f"LinkedIn's refresh token expires on {ends}, and nothing renews it. Log in again "
            "(tap-linkedin-dma login) before that day, or set the new refresh_token."
        ]
        * warned
    )
