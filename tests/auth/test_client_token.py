"""Asking LinkedIn with a token: where it goes, and what becomes of one that is refused."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError, TokenRejected
from tests.support.answering import REFRESH, TOKEN, Answering, Asked, Reply, stream_asking
from tests.support.clock import FakeClock

MEMBER = "urn:li:person:Zq8invented"
REACTION = f"urn:li:reaction:({MEMBER},urn:li:activity:71)"


def refreshes(sandbox: Sandbox) -> int:
    return len(sandbox.requests_to("accessToken"))


# Where it goes


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """The token would go to the other host; it is an error that says so."""
    with Answering() as other:
        with Answering(lambda _: Reply(b"", status, {"Location": f"{other.url}/rest/dmaPosts"})) as server:
            with pytest.raises(DmaError, match=rf"redirect \({status}\)"):
                stream_asking(server.url).client.fetch("dmaPosts")
            assert len(server.asked) == 1
        assert other.asked == []


def test_each_host_gets_its_own_secret_only() -> None:
    """The bearer goes to api_url, the client's secret and the refresh token to oauth_url."""
    with Answering(lambda _: Reply({"access_token": "renewed-token"})) as oauth, Answering() as api:
        api.answer = lambda asked: Reply(status=401 if TOKEN in asked.headers["Authorization"] else 200)
        stream_asking(api.url, **REFRESH, oauth_url=oauth.url).client.fetch("dmaPosts")

    def everything(server: Answering) -> str:
        return "".join(f"{asked.target}{asked.headers}{asked.body!r}" for asked in server.asked)

    assert "renewed-token" in everything(api)
    assert Sandbox.client_secret not in everything(api)
    assert Sandbox.refresh_token not in everything(api)
    assert TOKEN not in everything(oauth)
    assert Sandbox.client_secret in oauth.asked[0].body.decode()


# What becomes of one that is refused


@pytest.mark.parametrize(
    ("end", "says"), [(Sandbox.expire_token, "has expired"), (Sandbox.revoke_token, "was revoked")]
)
def test_a_refused_token_ends_the_run_where_no_other_can_be_had(sandbox: Sandbox, end: Any, says: str) -> None:
    """With the sentence of its class, after one request."""
    end(sandbox)
    clock = FakeClock()
    with pytest.raises(TokenRejected, match=says):
        stream_asking(sandbox.url, clock, access_token=sandbox.token).client.fetch("dmaMe")
    assert len(sandbox.requests) == 1
    assert clock.slept == []


@pytest.mark.parametrize("end", [Sandbox.expire_token, Sandbox.revoke_token])
def test_a_refused_token_is_renewed_and_the_request_sent_again(sandbox: Sandbox, end: Any) -> None:
    """With the new token; those after it use that at once."""
    end(sandbox)
    stream = stream_asking(sandbox.url, **REFRESH, access_token=sandbox.token)
    assert stream.client.fetch("dmaMe")["id"]
    assert stream.client.fetch("dmaMe")["id"]
    assert [asked.status for asked in sandbox.requests_to("dmaMe")] == [401, 200, 200]
    assert refreshes(sandbox) == 1


@pytest.mark.parametrize("has_token", [True, False])
def test_a_refresh_that_is_refused_ends_the_run(sandbox: Sandbox, has_token: bool) -> None:
    """With the sentence about the refresh token, at the first refusal."""
    sandbox.expire_token()
    sandbox.revoke_refresh_token()
    with pytest.raises(TokenRejected, match="new refresh_token"):
        stream_asking(sandbox.url, **REFRESH, access_token=sandbox.token if has_token else None).client.fetch("dmaMe")
    assert refreshes(sandbox) == 1


def test_a_token_host_that_fails_ends_the_run_after_its_own_tries(sandbox: Sandbox) -> None:
    """They are not multiplied by those of the request that waits for the token."""
    sandbox.answer("accessToken", 503, times=None)
    with pytest.raises(TokenRejected, match="Try again later"):
        stream_asking(sandbox.url, **REFRESH, access_token=None).client.fetch("dmaMe")
    assert refreshes(sandbox) == 4


def test_a_missing_token_is_not_renewed() -> None:
    """A header that LinkedIn did not see is the tap's own fault or a setting's: another token changes nothing."""

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply({"access_token": "renewed-token"})
        return Reply({"message": "Empty oauth2_access_token", "serviceErrorCode": 401, "status": 401}, 401)

    with Answering(answer) as server:
        with pytest.raises(TokenRejected, match="no access token"):
            stream_asking(server.url, **REFRESH).client.fetch("dmaMe")
        assert [asked.method for asked in server.asked] == ["GET"]


class Propagating:
    """A LinkedIn whose API does not know a new token yet, for so many requests."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals

    def __call__(self, asked: Asked) -> Reply:
        if asked.target == "/oauth/v2/accessToken":
            return Reply({"access_token": "renewed-token"})
        if asked.headers["Authorization"] == "Bearer renewed-token":
            self.refusals -= 1
            if self.refusals < 0:
                return Reply({"id": 1})
        return Reply({"status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"}, 401)


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("refusals", [1, 4])
def test_a_new_token_gets_some_grace(token: str | None, refusals: int) -> None:
    """For some seconds LinkedIn may not know it everywhere, however it was come by."""
    clock = FakeClock()
    config = {**REFRESH, "access_token": token}
    with Answering(Propagating(refusals)) as server:
        assert stream_asking(server.url, clock, **config).client.fetch("dmaMe") == {"id": 1}
        assert [asked.method for asked in server.asked].count("POST") == 1
    assert clock.monotonic() >= 2


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_new_token_that_stays_refused_is_believed_after_half_a_minute(token: str | None) -> None:
    """With the sentence of its class, and no second refresh."""
    clock = FakeClock()
    config = {**REFRESH, "access_token": token}
    with Answering(Propagating(1000)) as server:
        with pytest.raises(DmaError, match="was revoked"):
            stream_asking(server.url, clock, **config).client.fetch("dmaMe")
        assert [asked.method for asked in server.asked].count("POST") == 1
    assert 30 <= clock.monotonic() <= 60


def test_a_run_longer_than_a_tokens_life_is_never_refused(sandbox: Sandbox) -> None:
    """Each token is renewed shortly before LinkedIn ends it."""
    clock = FakeClock()
    sandbox.tokens.clock = lambda: clock.now().timestamp()
    sandbox.tokens.access_life_s = 3600
    stream = stream_asking(sandbox.url, clock, **REFRESH, access_token=None)
    for _ in range(100):
        assert stream.client.fetch("dmaMe")["id"]
        clock.sleep(299)
    assert {asked.status for asked in sandbox.requests} == {200}
    assert refreshes(sandbox) == 9


def test_each_new_token_that_is_not_known_everywhere_yet_gets_its_grace(sandbox: Sandbox) -> None:
    """The second one of a run as well."""
    clock = FakeClock()
    sandbox.tokens.clock = lambda: clock.now().timestamp()
    sandbox.tokens.settling_s = 8
    stream = stream_asking(sandbox.url, clock, **REFRESH, access_token=None)
    for number in (1, 2):
        assert stream.client.fetch("dmaMe")["id"]
        assert refreshes(sandbox) == number
        assert [asked.status for asked in sandbox.requests_to("dmaMe")].count(200) == number
        assert [asked.status for asked in sandbox.requests_to("dmaMe")].count(401) >= number
        sandbox.revoke_token()
        clock.sleep(3600)


def test_a_token_is_as_fresh_as_it_was_when_the_request_was_sent() -> None:
    """An answer may come after the minute in which LinkedIn's servers learn of a token; it says nothing of it then."""
    clock = FakeClock()

    def answer(asked: Asked) -> Reply:
        if asked.target.endswith("/accessToken"):
            return Reply({"access_token": "new", "expires_in": 3600})
        if len([one for one in server.asked if "/rest/" in one.target]) > 1:
            return Reply({"elements": []})
        clock.sleep(120)
        return Reply(status=401, body={"status": 401, "code": "REVOKED_ACCESS_TOKEN"})

    with Answering(answer) as server:
        config = {**REFRESH, "access_token": None, "oauth_url": f"{server.url}/oauth/v2"}
        assert stream_asking(server.url, clock, **config).client.fetch("dmaPosts") == {"elements": []}


# What nobody may read

TROUBLES: list[Reply] = [
    Reply(status=400, body={"code": "PARAM_INVALID", "message": MEMBER}),
    Reply(status=403, body={"message": f"Not enough permissions to access {MEMBER}"}),
    Reply(status=404, body={"message": MEMBER}),
    Reply(status=429, body={"message": MEMBER}),
    Reply(status=500, body={"message": MEMBER}, headers={"x-li-uuid": "AAX1", "x-li-fabric": "prod-lva1"}),
    Reply(body=MEMBER.encode()),
    Reply(body=b"{", promised=100),
    Reply(body={"results": {}, "statuses": {REACTION: 403}, "errors": {REACTION: {"message": MEMBER}}}),
    Reply(body={"results": {REACTION: {"id": REACTION}}}),
]


def tell(caplog: pytest.LogCaptureFixture) -> str:
    """All that is written at the most talkative level while LinkedIn gives every kind of trouble, and the errors."""
    caplog.set_level(logging.DEBUG)
    told = []
    for trouble in TROUBLES:

        def answer(asked: Asked, trouble: Reply = trouble) -> Reply:
            if asked.target == "/oauth/v2/accessToken":
                return Reply({"access_token": "renewed-token", "refresh_token": "other-refresh-token"})
            return Reply(status=401) if TOKEN in asked.headers["Authorization"] else trouble

        with Answering(answer) as server:
            stream = stream_asking(server.url, **REFRESH)
            try:
                stream.client.batch_get("dmaReactions", [REACTION])
            except DmaError as error:
                told += traceback.format_exception(error)
    with pytest.raises(DmaError) as caught:
        stream_asking("http://127.0.0.1:9").client.batch_get("dmaReactions", [REACTION])
    told += traceback.format_exception(caught.value)
    return "".join(told)


SECRETS = [TOKEN, "renewed-token", "other-refresh-token", Sandbox.client_secret, Sandbox.refresh_token, "Zq8invented"]


def test_no_log_line_or_error_tells_a_secret_or_a_member(caplog: pytest.LogCaptureFixture) -> None:
    """At any level, tracebacks included; urllib3 would write every URL, and with it members' URNs."""
    told = [tell(caplog), *(record.getMessage() for record in caplog.records)]
    assert any("dmaReactions" in line for line in told[1:])
    assert [secret for secret in SECRETS if secret in "\n".join(told)] == []


def test_a_failed_answer_is_logged_with_linkedins_trace(caplog: pytest.LogCaptureFixture) -> None:
    """What LinkedIn's support asks for."""
    trace = {"x-li-uuid": "AAX1", "x-li-fabric": "prod-lva1", "x-li-request-id": "77"}
    caplog.set_level(logging.DEBUG)
    with Answering(lambda _: Reply(status=404, headers=trace)) as server, pytest.raises(DmaError):
        stream_asking(server.url).client.fetch("dmaPosts")
    assert "LinkedIn answered dmaPosts with 404 x-li-uuid AAX1, x-li-fabric prod-lva1, x-li-request-id 77" in [
        record.getMessage() for record in caplog.records
    ]
