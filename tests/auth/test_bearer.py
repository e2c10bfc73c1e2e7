"""The access token: where it goes, and how another is had."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.api.errors import TokenRejected
from tap_linkedin_dma.auth.bearer import BearerToken
from tests.support.answering import REFRESH, Answering, Reply
from tests.support.clock import FakeClock


@pytest.fixture
def linkedin() -> Iterator[Sandbox]:
    """A token host; of its world nothing is read."""
    with Sandbox(World(posts=1, followers=1)) as serving:
        yield serving


def refreshing(oauth_url: str, **config: Any) -> dict[str, Any]:
    """Settings from which a token can be had."""
    return {
        **REFRESH,
        "oauth_url": oauth_url,
        "request_timeout": 60,
        "longest_wait": 900,
        **config,
    }


def request(url: str = "https://api.linkedin.com/rest/dmaPosts?ids=List(1,2)") -> requests.PreparedRequest:
    return requests.Request("GET", url).prepare()


def header(token: BearerToken) -> str:
    """The Authorization header that a request gets."""
    return str(token(request()).headers["Authorization"])


def test_a_configured_token_is_used_as_it_is(linkedin: Sandbox) -> None:
    """Without asking for another, though one could be had; the URL stays as it was written, its parentheses bare."""
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2", access_token="abc"), FakeClock())
    asked = token(request())
    assert asked.headers["Authorization"] == "Bearer abc"
    assert asked.url == "https://api.linkedin.com/rest/dmaPosts?ids=List(1,2)"
    assert not token.is_fresh
    assert linkedin.requests == []


@pytest.mark.parametrize("unset", [{}, {"access_token": None}, {"access_token": ""}])
def test_without_a_token_one_is_asked_for_once(linkedin: Sandbox, unset: dict[str, Any]) -> None:
    """At the first request; the next ones use it too. An empty variable of the environment sets nothing."""
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2", **unset), FakeClock())
    assert header(token) == header(token)
    assert header(token).startswith("Bearer AQ")
    assert [asked.path for asked in linkedin.requests] == ["/oauth/v2/accessToken"]


def test_the_secret_goes_in_the_form_body_only(linkedin: Sandbox) -> None:
    """One POST; nothing of it in the URL or a header, and no bearer."""
    BearerToken(refreshing(f"{linkedin.url}/oauth/v2", access_token="abc"), FakeClock()).renew(
        _refused("abc"),
    )
    (asked,) = linkedin.requests
    assert (asked.method, asked.path, asked.query) == ("POST", "/oauth/v2/accessToken", "")
    assert parse_qs(asked.body.decode(), strict_parsing=True) == {
        "grant_type": ["refresh_token"],
        "refresh_token": [Sandbox.refresh_token],
        "client_id": [Sandbox.client_id],
        "client_secret": [Sandbox.client_secret],
    }
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.headers["Authorization"] is None
    assert Sandbox.client_secret not in str(asked.headers)


def _refused(token: str) -> requests.PreparedRequest:
    """A request that went out with this token and was refused."""
    made = request()
    made.headers["Authorization"] = f"Bearer {token}"
    return made


def test_a_netrc_file_adds_nothing(linkedin: Sandbox, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it holds for the host is another program's."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    header(BearerToken(refreshing(f"{linkedin.url}/oauth/v2"), FakeClock()))
    assert linkedin.requests[0].headers["Authorization"] is None


def answered(token: BearerToken, status: int = 200) -> requests.PreparedRequest:
    """A request that went out with the token and had this answer."""
    with Answering(lambda _: Reply(status=status)) as api, requests.Session() as session:
        asked = token(request(api.url))
        session.send(asked)
    return asked


def test_a_token_that_was_good_for_a_while_is_renewed_each_time_it_is_refused(linkedin: Sandbox) -> None:
    """However often LinkedIn takes one back in a long run."""
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2", access_token="old"), FakeClock())
    seen = [header(token)]
    for _ in range(3):
        assert token.renew(answered(token))
        seen.append(header(token))
    assert len(set(seen)) == 4
    assert len(linkedin.requests) == 3


@pytest.mark.parametrize("status", [401, 500])
def test_a_new_token_that_linkedin_never_took_gets_no_successor(linkedin: Sandbox, status: int) -> None:
    """The refusal of it stands, or there would be no end."""
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2", access_token="old"), FakeClock())
    assert token.renew(_refused("old"))
    renewed = header(token)
    assert renewed != "Bearer old"
    assert not token.renew(answered(token, status))
    assert header(token) == renewed
    assert len(linkedin.requests) == 1


def test_a_request_gets_one_other_token(linkedin: Sandbox) -> None:
    """One resource that refuses whatever is sent must not renew for ever while others take each new token."""
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2", access_token="old"), FakeClock())
    refused = token(request())
    assert token.renew(refused)
    answered(token)
    assert not token.renew(token(refused))
    assert len(linkedin.requests) == 1


def test_a_token_that_was_asked_for_is_not_renewed_at_once(linkedin: Sandbox) -> None:
    """It is a new one already."""
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2"), FakeClock())
    assert not token.renew(token(request()))
    assert len(linkedin.requests) == 1


def test_a_request_that_no_token_was_had_for_was_not_refused_with_one(linkedin: Sandbox) -> None:
    """Nothing is asked for once more, also where an earlier try had gone out with a token."""
    linkedin.revoke_refresh_token()
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2"), FakeClock())
    sent = _refused("None")
    with pytest.raises(TokenRejected):
        token(sent)
    assert not token.renew(sent)
    assert len(linkedin.requests) == 1


def test_threads_share_one_refresh(linkedin: Sandbox) -> None:
    """All that were refused with the old token go on with the same new one."""
    token = BearerToken(refreshing(f"{linkedin.url}/oauth/v2", access_token="old"), FakeClock())
    together = threading.Barrier(8)

    def renew() -> str:
        refused = token(request())
        together.wait(10)
        assert token.renew(refused)
        return header(token)

    with ThreadPoolExecutor(8) as threads:
        headers = {one.result() for one in [threads.submit(renew) for _ in range(8)]}
    assert len(headers) == 1
    assert len(linkedin.requests) == 1


def test_a_token_is_fresh_for_a_minute() -> None:
    """From when it was issued; a configured one never is."""
    clock = FakeClock()
    with Answering(lambda _: Reply({"access_token": "new"})) as host:
        token = BearerToken(refreshing(host.url), clock)
        assert not token.is_fresh
        assert header(token) == "Bearer new"
    clock.sleep(59)
    assert token.is_fresh
    clock.sleep(2)
    assert not token.is_fresh


CLIENT = "LinkedIn does not know this client. Check the settings client_id and client_secret."
GRANT = (
    "LinkedIn refused the refresh token. Log in again (tap-linkedin-dma login), or set a new refresh_token or "
    "access_token."
)


@pytest.mark.parametrize(
    ("status", "error", "description", "sentence"),
    [
        (400, "invalid_grant", "The provided authorization grant or refresh token is invalid, expired", GRANT),
        (400, "invalid_request", "The provided refresh token has been revoked", GRANT),
        (400, "invalid_client_id", "The passed in client_id is invalid", CLIENT),
        (401, "invalid_client", "Client authentication failed", CLIENT),
        # The words of RFC 6749 for a dead grant, which speak of a client too.
        (400, "invalid_grant", "The refresh token is invalid, expired, or was issued to another client.", GRANT),
    ],
)
def test_a_refused_refresh_says_which_setting_to_look_at(
    status: int, error: str, description: str, sentence: str
) -> None:
    """Told from LinkedIn's own word for it; once, since another try would not change it."""
    with Answering(lambda _: Reply({"error": error, "error_description": description}, status)) as host:
        with pytest.raises(TokenRejected) as caught:
            header(BearerToken(refreshing(host.url), FakeClock()))
        assert len(host.asked) == 1
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "reply", [Reply(status=500), Reply(b"<html>", 503), Reply(status=429), Reply(b"cut", promised=100)]
)
def test_a_failing_token_host_is_tried_again_with_growing_waits(reply: Reply) -> None:
    """A few times on the injected clock, then a sentence."""
    clock = FakeClock()
    with Answering(lambda _: reply) as host:
        with pytest.raises(TokenRejected, match="Try again later"):
            header(BearerToken(refreshing(host.url), clock))
        assert len(host.asked) == 4
    assert clock.slept == [2, 4, 8]


def test_a_token_host_that_recovers_gives_the_token() -> None:
    """One failure is no refusal."""
    replies = iter([Reply(status=502), Reply({"access_token": "new"})])
    with Answering(lambda _: next(replies)) as host:
        assert header(BearerToken(refreshing(host.url), FakeClock())) == "Bearer new"


def test_a_token_host_that_cannot_be_reached_is_a_sentence() -> None:
    """Without the address or anything of the form."""
    with pytest.raises(TokenRejected) as caught:
        header(BearerToken(refreshing("http://127.0.0.1:9"), FakeClock()))
    assert str(caught.value) == "LinkedIn's token host did not answer (ConnectionError). Try again later."


@pytest.mark.parametrize("status", [302, 307])
def test_the_secret_follows_no_redirect(status: int) -> None:
    """The other host hears nothing; nor does a redirect give a token, whatever its body says."""
    with Answering(lambda _: Reply({"access_token": "theirs"})) as other:
        reply = Reply({"access_token": "theirs"}, status, {"Location": f"{other.url}/accessToken"})
        with Answering(lambda _: reply) as host, pytest.raises(TokenRejected):
            header(BearerToken(refreshing(host.url), FakeClock()))
        assert other.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>Please log in to the network</html>"),
        Reply(b"<html>Forbidden</html>", 403),
        Reply(b"[]"),
        Reply({}),
        Reply({"access_token": ""}),
        Reply({"access_token": 7}),
        Reply({"access_token": "one\nX-Other: two"}),
    ],
)
def test_an_answer_without_a_token_is_no_token(reply: Reply) -> None:
    """Nothing is sent to LinkedIn with it, and the user is told where to look."""
    with Answering(lambda _: reply) as host, pytest.raises(TokenRejected, match="Check the setting oauth_url"):
        header(BearerToken(refreshing(host.url), FakeClock()))


@pytest.mark.parametrize("status", [400, 401, 500])
def test_no_sentence_repeats_the_token_hosts_words(status: int) -> None:
    """A host that echoes the form must not put it into a log."""
    echo = f"{Sandbox.client_secret} {Sandbox.refresh_token}"
    with (
        Answering(lambda _: Reply({"error": echo, "error_description": echo}, status)) as host,
        pytest.raises(TokenRejected) as caught,
    ):
        header(BearerToken(refreshing(host.url), FakeClock()))
    assert "sandbox" not in str(caught.value)
