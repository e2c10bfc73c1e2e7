"""`login`: what LinkedIn is asked, where the token goes, and what a person is told when it goes wrong.

A person's browser is here a few lines of Python; a real one is in test_login_browser.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from click.testing import CliRunner, Result

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import TokenRejected
from tap_linkedin_dma.auth.token_file import TokenFile
from tap_linkedin_dma.commands import command_line
from tap_linkedin_dma.commands.login import login
from tap_linkedin_dma.commands.login.consent import Consent
from tap_linkedin_dma.commands.login.loopback import Loopback
from tests.support.clock import FakeClock
from tests.support.consent_page import press
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
PORT = free_port()
REDIRECT = f"http://localhost:{PORT}/callback"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An app with a redirect URL, for which no member has been asked."""
    with Sandbox(redirect_urls=[REDIRECT]) as serving:
        yield serving


class Person:
    """Someone in front of a browser, which `open` starts.

    Args:
        sandbox: whose settings `login` has.
        folder: where its settings are.
    """

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.button = "allow"
        self.led_to: Callable[[str], str] = lambda address: address
        """Changes the address that the browser is sent to."""
        self.browser = threading.Thread()
        self.shown: list[str] = []
        """The headings of the page at the end."""
        self.asked: dict[str, list[str]] = {}
        self._folder = folder

    def open(self, url: str) -> None:
        self.asked = parse_qs(urlsplit(url).query)
        if address := press(url, self.button):
            requests.get(f"http://127.0.0.1:{PORT}/favicon.ico", timeout=10)
            self.browser = threading.Thread(target=self._follow, args=(self.led_to(address),))
            self.browser.start()

    def _follow(self, address: str) -> None:
        self.shown = re.findall(r"<h1>(.*)</h1>", requests.get(address, timeout=10).text)

    def login(self, *options: str, **config: Any) -> Result:
        return CliRunner().invoke(command_line(), self.arguments(*options, **config))

    def arguments(self, *options: str, **config: Any) -> list[str]:
        settings = {
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
            "oauth_url": f"{self.sandbox.url}/oauth/v2",
            "api_url": self.sandbox.url,
            **config,
        }
        file = self._folder / "config.json"
        file.write_text(json.dumps(settings))
        return ["login", "--config", str(file), "--port", str(PORT), "--timeout", "5", *options]


@pytest.fixture
def person(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    someone = Person(sandbox, tmp_path)
    monkeypatch.setattr(login, "open_browser", someone.open)
    yield someone
    if someone.browser.ident:
        someone.browser.join()


def said(person: Person, *options: str, caplog: pytest.LogCaptureFixture, **config: Any) -> str:
    """The one sentence that a login ends with."""
    caplog.clear()
    ended = person.login(*options, **config)
    assert (ended.exit_code, ended.stdout) == (1, "")
    (sentence,) = [record.getMessage() for record in caplog.records if record.levelname == "CRITICAL"]
    return sentence


def test_linkedin_is_asked_for_the_pages_scope_with_a_state_of_its_own(person: Person) -> None:
    states = []
    for _ in range(2):
        assert person.login().exit_code == 0
        states += person.asked.pop("state")
        assert person.asked == {
            "response_type": ["code"],
            "client_id": [person.sandbox.client_id],
            "redirect_uri": [REDIRECT],
            "scope": ["r_dma_admin_pages_content"],
        }
    assert len({*states}) == 2
    assert min(map(len, states)) >= 43


def test_without_a_token_file_stdout_has_lines_for_an_env_file(person: Person) -> None:
    """And nothing else: all that is said goes to stderr, without the token."""
    ended = person.login()
    access, refresh = (re.fullmatch(r"TAP_LINKEDIN_DMA_(\w+)='(\S+)'", line) for line in ended.stdout.splitlines())
    assert access
    assert refresh
    assert (access[1], refresh[1]) == ("ACCESS_TOKEN", "REFRESH_TOKEN")
    assert person.sandbox.tokens.states[access[2]] == "active"
    assert access[2] not in ended.stderr
    assert "r_dma_admin_pages_content" in ended.stderr


def test_with_a_token_file_no_token_is_shown(person: Person, tmp_path: Path) -> None:
    """The tap reads it from there, whatever the settings held before."""
    config = {"token_file": str(tmp_path / "new" / "tokens.json"), "access_token": "old-access-token"}
    ended = person.login(**config)
    assert (ended.exit_code, ended.stdout) == (0, "")
    tokens = TokenFile({**config, "client_id": person.sandbox.client_id}, FakeClock()).tokens()
    assert person.sandbox.tokens.states[tokens.access_token or ""] == "active"
    assert (tokens.scope, tokens.refresh_token) == (Sandbox.scope, Sandbox.refresh_token)
    assert str(tokens.access_token) not in ended.stderr


@pytest.mark.parametrize("held", ["no JSON", '{"version": 0}'])
def test_a_token_file_that_is_broken_is_replaced(person: Person, tmp_path: Path, held: str) -> None:
    file = tmp_path / "tokens.json"
    file.write_text(held)
    assert person.login(token_file=str(file)).exit_code == 0
    assert json.loads(file.read_text())["access_token"] in person.sandbox.tokens.states


def test_an_app_without_refresh_is_told_to_log_in_again(person: Person) -> None:
    """Since nothing will renew its token."""
    person.sandbox.revoke_refresh_token()
    ended = person.login()
    assert ended.stdout.startswith("TAP_LINKEDIN_DMA_ACCESS_TOKEN=")
    assert "REFRESH" not in ended.stdout
    assert "The tap cannot renew it" in ended.stderr


@pytest.mark.parametrize("option", [("--member",), ("--scope", "r_dma_portability_self_serve")])
def test_a_members_own_data_have_a_token_of_their_own(person: Person, tmp_path: Path, option: tuple[str, ...]) -> None:
    """It is printed for its own setting, and never put into the file of the other."""
    file = tmp_path / "tokens.json"
    ended = person.login(*option, token_file=str(file))
    token = re.fullmatch(r"TAP_LINKEDIN_DMA_MEMBER_ACCESS_TOKEN='(\S+)'\n", ended.stdout)
    assert token
    assert person.sandbox.tokens.scopes[token[1]] == Sandbox.member_scope
    assert not file.exists()


def test_a_native_app_needs_no_secret(person: Person) -> None:
    """Its challenge goes to a page of its own, its verifier to the token endpoint."""
    ended = person.login("--pkce", client_secret=None)
    assert ended.exit_code == 0
    assert person.asked["redirect_uri"] == [f"http://127.0.0.1:{PORT}"]
    (asked,) = person.sandbox.requests_to("accessToken")
    form = parse_qs(asked.body.decode())
    assert "client_secret" not in form
    assert 43 <= len(form["code_verifier"][0]) <= 128
    assert "If LinkedIn says that the redirect_uri" not in ended.stderr


def test_the_browser_shows_how_the_login_ended(person: Person) -> None:
    """The page that brought LinkedIn's answer waits for it."""
    shown = []
    for button, config in (("allow", {}), ("cancel", {}), ("allow", {"client_secret": "mistyped"})):
        person.button = button
        person.login(**config)
        person.browser.join()
        shown += person.shown
    assert shown == ["Logged in", "Not logged in", "Login failed"]


def test_a_browser_that_prints_leaves_the_env_file_alone(person: Person) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tap_linkedin_dma", *person.arguments("--timeout", "60")],
        cwd=ROOT,
        env={**os.environ, "BROWSER": f"{sys.executable} -m tests.support.consent_page allow %s"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(line.startswith("TAP_LINKEDIN_DMA_") for line in ended.stdout.splitlines())
    assert "Opening in existing browser session.\n" in ended.stderr


@pytest.mark.parametrize(("options", "is_said"), [((), False), (("--member",), True), (("--scope", "r_other"), True)])
def test_that_earlier_tokens_end_is_said_of_other_scopes_alone(
    person: Person, options: tuple[str, ...], is_said: bool
) -> None:
    assert ("revokes your earlier tokens" in person.login(*options).stderr) == is_said


def test_without_a_browser_the_address_is_pasted(person: Person) -> None:
    """The person opens the page wherever there is a browser."""
    with subprocess.Popen(
        [sys.executable, "-m", "tap_linkedin_dma", *person.arguments("--no-browser")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stderr
        begin: list[str] = []
        # The prompt is a line of its own: Meltano shows no other before something is pasted.
        for line in iter(process.stderr.readline, ""):
            begin.append(line)
            if line.startswith("After you agree, the browser may show an error page."):
                break
        url = next(line.strip() for line in begin if line.startswith("http"))
        address = press(url, "allow")
        wrong = ("", url, "AQsomecode", re.sub("state=[^&]+", "state=another", address), *ODD[:2])
        pasted = "".join(f"{text}\n" for text in (*wrong, f" {address} "))
        stdout, stderr = process.communicate(pasted, timeout=20)
    assert (process.returncode, stdout.partition("=")[0]) == (0, "TAP_LINKEDIN_DMA_ACCESS_TOKEN")
    # Of an empty line click asks again itself.
    assert stderr.count(f"That is not the address. It begins with {REDIRECT} and is long: copy all of it") == 5


@pytest.mark.parametrize(
    ("button", "options", "config", "sentence"),
    [
        ("allow", ["--no-browser"], {}, "Nothing was pasted. Run login in a terminal; in a container, keep"),
        ("cancel", [], {}, "The member did not agree. Log in again and allow it: LinkedIn grants all"),
        ("allow", ["--scope", "r_other"], {}, "LinkedIn does not let this app ask for r_other. On the Products tab"),
        ("allow", [], {"client_secret": "mistyped"}, "LinkedIn does not know this client. Check the settings"),
        ("allow", [], {"client_id": None}, "Set client_id. The Auth tab of your app at LinkedIn shows it."),
    ],
)
def test_what_ends_a_login_is_one_sentence(
    person: Person, caplog: pytest.LogCaptureFixture, button: str, options: list[str], config: Any, sentence: str
) -> None:
    person.button = button
    assert said(person, *options, caplog=caplog, **config).startswith(sentence)


def test_an_answer_to_another_login_is_not_taken(person: Person, caplog: pytest.LogCaptureFixture) -> None:
    person.led_to = lambda address: re.sub("state=[^&]+", "state=another", address)
    assert said(person, "--timeout", "0.2", caplog=caplog) == (
        "The answer belongs to another login (its state differs). Close older tabs of it and log in again."
    )
    assert person.sandbox.requests_to("accessToken") == []


def test_a_redirect_url_that_is_not_registered_is_named(person: Person, caplog: pytest.LogCaptureFixture) -> None:
    """LinkedIn's page does not send the browser back then."""
    person.sandbox.consent.redirect_urls = ()
    sentence = said(person, "--timeout", "0.2", caplog=caplog)
    assert sentence.startswith("LinkedIn's page has not answered within 0 seconds. If it says that the redirect_uri")
    assert f"register {REDIRECT} on the Auth tab of your app at LinkedIn" in sentence


def test_a_code_that_came_too_late_is_told_from_all_else(person: Person, caplog: pytest.LogCaptureFixture) -> None:
    """With the redirect URL, which LinkedIn may mean too."""
    now = person.sandbox.tokens.clock()

    def late(address: str) -> str:
        person.sandbox.tokens.clock = lambda: now + 3600
        return address

    person.led_to = late
    assert said(person, caplog=caplog) == (
        f"LinkedIn gave no token for the code that it sent to {REDIRECT}: a code works once, for 30 minutes, and "
        f"only for this redirect URL. Log in again."
    )


def test_a_port_that_is_taken_is_named(person: Person, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", PORT))
        taken.listen()
        sentence = said(person, caplog=caplog)
    assert f"Port {PORT} cannot be used" in sentence
    assert "Choose another with --port" in sentence


def test_a_token_file_that_cannot_be_kept_is_known_before_anyone_is_asked(
    person: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    sentence = said(person, token_file=str(tmp_path / "file" / "tokens.json"), caplog=caplog)
    assert "cannot be written and locked" in sentence
    assert person.asked == {}


def test_a_host_of_tokens_that_is_not_to_be_trusted_is_not_asked(person: Person) -> None:
    """The secret goes to the host that the settings name."""
    assert person.login(oauth_url="http://elsewhere.example").exit_code == 1
    assert person.asked == {}


ODD = ["http://[::1", "http://\u2100.example/?state=x", "", "\ud83d"]
"""Of which Python's own reading of addresses raises errors, and what is none."""


def test_a_stray_visit_does_not_end_the_login(person: Person) -> None:
    """Any page can send the browser there, without a state or with another."""

    def stray_first(address: str) -> str:
        for query in ("", "?code=x", "?state=another&code=x", "?state=another&error=access_denied"):
            assert requests.get(f"http://127.0.0.1:{PORT}/callback{query}", timeout=10).status_code == 400
        return address

    person.led_to = stray_first
    assert person.login().exit_code == 0


def test_idle_connections_do_not_lock_a_login_out() -> None:
    """Any program of the machine can hold hundreds: all but a few are let go."""
    before = threading.active_count()
    with (
        Loopback(f"http://localhost:{(port := free_port())}/callback", lambda _: True) as loopback,
        ExitStack() as held,
    ):
        for _ in range(300):
            held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
        address = f"http://127.0.0.1:{port}/callback?code=x"
        browser = threading.Thread(target=requests.get, args=(address,), kwargs={"timeout": 30})
        browser.start()
        assert loopback.wait(30) == "/callback?code=x"
        assert threading.active_count() - before < 100
    browser.join()


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        *((f"http://localhost/?state={{}}&code={code}", "did not accept the app") for code in ("%ED%A0%BD", "a%0Ab")),
        ("http://localhost/?code=x&state=\ud83d", "belongs to another login"),
        *(
            (text, "came back without")
            for text in ("AQsomecode", "http://localhost/callback", "http://localhost/?code=x", *ODD)
        ),
    ],
)
def test_what_is_no_answer_of_linkedins_is_not_taken(pasted: str, reason: str) -> None:
    """A code is of letters, digits and signs; without its state it may be anyone's."""
    consent = Consent("https://www.linkedin.com/oauth/v2", "client", "scope", REDIRECT)
    with pytest.raises(TokenRejected, match=reason):
        consent.code(pasted.replace("{}", consent.state))


def test_the_pages_of_linkedin_are_those_of_its_documentation() -> None:
    base = "https://www.linkedin.com/oauth/v2"
    assert Consent(base, "client", "a b", REDIRECT).url.startswith(f"{base}/authorization?response_type=code&")
    assert "scope=a%20b&" in Consent(base, "client", "a b", REDIRECT).url
    native = Consent(base, "client", "a", REDIRECT, is_native=True).url
    assert native.startswith("https://www.linkedin.com/oauth/native-pkce/authorization?")
    assert "code_challenge_method=S256" in native
