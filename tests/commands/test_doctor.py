"""`doctor`: what it finds, what it asks LinkedIn for, and what it never shows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click
import pytest
from click.testing import CliRunner

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.rate_limits import Interval, spacing
from tap_linkedin_dma.auth.token_file import TokenFile
from tap_linkedin_dma.auth.tokens import Tokens
from tap_linkedin_dma.commands import command_line
from tap_linkedin_dma.commands.doctor.findings import Finding, as_text
from tap_linkedin_dma.config.settings import INTERVALS
from tap_linkedin_dma.output.wire_report import document
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.feed.listings import FeedListings
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.answering import Answering
from tests.support.clock import FakeClock
from tests.support.runs import catalog_that_selects, clock_of, run, settings

CLIENT = {"client_id": Sandbox.client_id, "client_secret": Sandbox.client_secret}
DAY_S = 24 * 60 * 60
COMPANY = 90417283
STRANGER = 90419977


@dataclass
class Told:
    """What the command told."""

    code: int
    text: str

    @property
    def findings(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = json.loads(self.text)["findings"]
        return told

    def of(self, part: str) -> dict[str, dict[str, Any]]:
        """The findings of a part by name."""
        return {finding["name"]: finding for finding in self.findings if finding["part"] == part}

    def wrong(self) -> dict[str, str]:
        """What is said of all that is wrong."""
        return {finding["name"]: finding["says"] for finding in self.findings if finding["verdict"] == "wrong"}


@pytest.fixture(autouse=True)
def clock(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The world's time, for the tap and for the sandbox's tokens."""
    clock = clock_of(sandbox)
    sandbox.tokens.clock = lambda: clock.now().timestamp()
    sandbox.tokens.accept(sandbox.token)
    monkeypatch.setattr(TapLinkedInDMA, "clock", clock)
    return clock


FEW = ("posts", "followers", "following", "notifications", "child_organizations")


def doctor(sandbox: Sandbox, folder: Path, *options: str, select: Iterable[str] = (), **config: Any) -> Told:
    """The command, for a few streams or the usual ones; LinkedIn's usual intervals are in force."""
    file = folder / "config.json"
    file.write_text(json.dumps(settings(sandbox, **{"request_intervals": {}, **config})))
    catalog = ["--catalog", catalog_of(folder, select)] if select else []
    command = ["doctor", "--config", str(file), *catalog, *options]
    ended = CliRunner().invoke(command_line(), command, catch_exceptions=False)
    return Told(ended.exit_code, ended.stdout)


def catalog_of(folder: Path, select: Iterable[str]) -> str:
    """A catalog of these streams alone, and one that is off."""
    off = {"tap_stream_id": "lead_gen_forms", "metadata": [{"breadcrumb": [], "metadata": {"selected": False}}]}
    streams = [*catalog_that_selects(select)["streams"], off]
    (folder / "catalog.json").write_text(json.dumps({"streams": streams}))
    return str(folder / "catalog.json")


def test_all_is_well_where_a_run_would_go_well(sandbox: Sandbox, clock: FakeClock, tmp_path: Path) -> None:
    """Every stream that is selected by default is told of, and each organization; nothing was waited for."""
    told = doctor(sandbox, tmp_path, "--json", **CLIENT)
    assert (told.code, told.wrong()) == (0, {})
    selected = {stream.name for stream in STREAMS if stream.selected_by_default}
    assert selected <= told.of("stream").keys()
    assert told.of("stream")["posts"]["verdict"] == "ok"
    assert told.of("version")["202605"]["verdict"] == "ok"
    for found, true in zip(told.of("organization").values(), sandbox.world.truth.organizations, strict=True):
        assert (found["organization"], found["organizational_page"]) == (true.urn, true.page_urn)
        assert found["role"] == "ADMINISTRATOR"
    assert clock.slept == []


def test_with_all_every_stream_is_told_of(sandbox: Sandbox, tmp_path: Path) -> None:
    """A member's own too, where there is a token for them."""
    pages = [stream.name for stream in STREAMS if not issubclass(stream, MemberStream)]
    assert [*doctor(sandbox, tmp_path, "--json", "--all").of("stream")] == pages
    told = doctor(sandbox, tmp_path, "--json", "--all", member_access_token=sandbox.member_token)
    assert [*told.of("stream")] == [stream.name for stream in STREAMS]
    assert told.wrong() == {}


def test_what_the_settings_name_and_nothing_has_is_noted(sandbox: Sandbox, tmp_path: Path) -> None:
    """For machines too; it does not keep a run from going well."""
    told = doctor(sandbox, tmp_path, "--json", select=FEW, colour="red")
    assert told.code == 0
    assert told.of("settings")["config"]["says"] == "Unknown setting colour. Correct its name, or remove it."


def test_it_is_cheap(sandbox: Sandbox, tmp_path: Path) -> None:
    """A paced resource is asked once, any other once for each of its streams and finders."""
    doctor(sandbox, tmp_path, "--json", "--all")
    asked = Counter(request.resource for request in sandbox.requests)
    assert {asked[resource] for resource in INTERVALS} == {1}
    again = {name for name, calls in Counter((r.resource, r.finder) for r in sandbox.requests).items() if calls > 1}
    # They tell the page of an organization too, and the newest version.
    assert again == {("dmaOrganizationalPageProfiles", "pageEntity"), ("dmaMe", "GET")}
    assert len(sandbox.requests) < len(STREAMS)


def test_a_catalog_says_what_is_looked_at(sandbox: Sandbox, tmp_path: Path) -> None:
    """Beside the organizations, without which nothing is read."""
    told = doctor(sandbox, tmp_path, "--json", select=["followers"])
    assert [*told.of("stream")] == ["my_organization_acls", "organizations", "followers"]
    above = {"dmaOrganizationAcls", "dmaOrganizations", "dmaOrganizationalPageProfiles", "dmaMe"}
    assert {request.resource for request in sandbox.requests} < above | {"dmaOrganizationalPageFollows", ""}


def test_no_secret_and_no_member_is_shown(sandbox: Sandbox, tmp_path: Path) -> None:
    """Neither in text nor in JSON, whatever went wrong."""
    config = {**CLIENT, "refresh_token": sandbox.refresh_token, "member_access_token": sandbox.member_token}
    sandbox.answer("dmaPosts", 403, times=None, body={"message": "urn:li:person:abc may not", "status": 403})
    texts = [doctor(sandbox, tmp_path, "--all", *option, **config).text for option in ((), ("--json",))]
    secrets = [sandbox.token, *config.values()]
    for text in texts:
        assert "urn:li:organization:" in text
        assert [secret for secret in (*secrets, "urn:li:person", "urn:li:member") if str(secret) in text] == [
            Sandbox.client_id
        ] * (Sandbox.client_id in text)


def test_an_organization_that_is_not_shown_is_wrong(sandbox: Sandbox, tmp_path: Path) -> None:
    """With what the member needs; the others are looked at all the same."""
    told = doctor(sandbox, tmp_path, "--json", select=FEW, organizations=[STRANGER, COMPANY])
    assert told.code == 1
    assert told.wrong().keys() == {"organizations"}
    assert f"organization {STRANGER}" in told.wrong()["organizations"]
    assert "ADMINISTRATOR" in told.wrong()["organizations"]
    assert told.of("stream")["posts"]["verdict"] == "ok"


@pytest.mark.parametrize(("left_s", "verdict"), [(59 * DAY_S, "ok"), (13 * DAY_S, "note")])
def test_linkedin_says_how_long_a_token_lives(
    sandbox: Sandbox, clock: FakeClock, tmp_path: Path, left_s: int, verdict: str
) -> None:
    """To its own client; under two weeks a note says to log in again."""
    sandbox.tokens.ends_at[sandbox.token] = int(clock.now().timestamp()) + left_s
    token = doctor(sandbox, tmp_path, "--json", select=FEW, **CLIENT).of("token")["access_token"]
    assert (token["verdict"], token["days_left"]) == (verdict, left_s // DAY_S)
    assert token["scope"] == Sandbox.scope
    assert ("tap-linkedin-dma login" in token["says"]) is (verdict == "note")


def test_a_token_file_knows_its_tokens_end(sandbox: Sandbox, clock: FakeClock, tmp_path: Path) -> None:
    """Where no client_secret is set to ask LinkedIn with."""
    config = {"token_file": str(tmp_path / "tokens.json"), "access_token": None}
    now = int(clock.now().timestamp())
    TokenFile(config, clock).write(Tokens(sandbox.token, now, now + 20 * DAY_S, scope=Sandbox.scope))
    token = doctor(sandbox, tmp_path, "--json", select=FEW, **config).of("token")["access_token"]
    assert (token["verdict"], token["days_left"], token["scope"]) == ("ok", 20, Sandbox.scope)


def test_a_token_of_which_nobody_says_the_end_is_proven_by_use(sandbox: Sandbox, tmp_path: Path) -> None:
    told = doctor(sandbox, tmp_path, "--json", select=FEW)
    token = told.of("token")["access_token"]
    assert (told.code, token["verdict"], token["days_left"]) == (0, "ok", None)
    assert token["says"] == "Expiry and scope unknown. Set client_id and client_secret to check."


@pytest.mark.parametrize("config", [{}, CLIENT])
def test_an_expired_token_is_wrong_and_ends_the_asking(
    sandbox: Sandbox, tmp_path: Path, config: dict[str, Any]
) -> None:
    sandbox.expire_token()
    told = doctor(sandbox, tmp_path, "--json", select=FEW, **config)
    assert (told.code, [*told.wrong()]) == (1, ["access_token"])
    assert "Log in again" in told.wrong()["access_token"]
    assert len([request for request in sandbox.requests if request.path.startswith("/rest/")]) == 1


def test_an_expired_token_that_can_be_renewed_is_renewed(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.expire_token()
    told = doctor(sandbox, tmp_path, "--json", select=FEW, **CLIENT, refresh_token=sandbox.refresh_token)
    assert (told.code, told.wrong()) == (0, {})
    assert len(sandbox.requests_to("accessToken")) == 1


def test_a_token_of_another_scope_is_told_by_its_scope(sandbox: Sandbox, tmp_path: Path) -> None:
    """One of the two products does not let the other's token in."""
    told = doctor(sandbox, tmp_path, "--json", select=FEW, **CLIENT, access_token=sandbox.member_token)
    assert told.wrong()["access_token"] == (
        "The token has the scope r_dma_portability_self_serve, and needs one that begins with "
        "r_dma_admin_pages_content. Log in again (tap-linkedin-dma login)."
    )


@pytest.mark.parametrize("is_allowed", [False, True])
def test_a_token_of_two_products_is_wrong(sandbox: Sandbox, tmp_path: Path, is_allowed: bool) -> None:
    """LinkedIn's terms forbid to combine their data; where the settings allow it, it is well."""
    sandbox.tokens.accept("mixed-token", f"{sandbox.scope} r_organization_social")
    told = doctor(
        sandbox, tmp_path, "--json", select=FEW, **CLIENT, access_token="mixed-token", allow_mixed_scopes=is_allowed
    )
    assert ("r_organization_social" in told.wrong().get("access_token", "")) != is_allowed


def test_a_sunset_version_is_wrong(sandbox: Sandbox, tmp_path: Path) -> None:
    told = doctor(sandbox, tmp_path, "--json", select=FEW, linkedin_version="202401")
    assert told.wrong().keys() == {"202401"}
    assert "linkedin_version" in told.wrong()["202401"]


def test_a_stream_that_linkedin_refuses_is_one_problem_also_if_others_share_its_call(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The others are looked at all the same, and no one is told to run the command that is running."""
    sandbox.answer("dmaOrganizationalPageFollows", 403, times=None)
    told = doctor(sandbox, tmp_path, "--json", select=FEW)
    assert told.wrong().keys() == {"followers"}
    assert "r_dma_admin_pages_content" in told.wrong()["followers"]
    assert "doctor" not in told.text
    assert told.of("stream")["following"]["says"] == "Not checked: see followers."


@pytest.mark.parametrize(
    ("resource", "status", "stream", "says"),
    [
        ("dmaOrganizationalPageNotifications", 404, "notifications", "A run skips this and continues."),
        ("dmaOrganizationalPageFollows", 429, "followers", "Run this again in a minute."),
    ],
)
def test_what_does_not_keep_a_run_from_going_well_is_a_note(
    sandbox: Sandbox, clock: FakeClock, tmp_path: Path, resource: str, status: int, stream: str, says: str
) -> None:
    """A guess may be refused; and a call may come too soon after a run, which is not waited for."""
    sandbox.answer(resource, status, times=None)
    told = doctor(sandbox, tmp_path, "--json", select=FEW)
    assert (told.code, told.of("stream")[stream]["verdict"], clock.slept) == (0, "note", [])
    assert says in told.of("stream")[stream]["says"]


def test_the_text_shows_what_is_not_in_order_and_counts_the_rest(sandbox: Sandbox, tmp_path: Path) -> None:
    """With the token, the version and the organizations, on one screen; each stream that is in order if asked for."""
    lines = doctor(sandbox, tmp_path).text.splitlines()
    assert len(lines) < 24
    assert lines[-1] == "Ready to run."
    count, verdict = lines[-2].split(" streams ")
    assert verdict == "OK"
    verbose = doctor(sandbox, tmp_path, "--verbose").text.splitlines()
    assert "  OK     posts" in verbose
    listed = verbose[verbose.index("stream:") :]
    assert sum(line.startswith("  OK ") for line in listed) == int(count)
    assert lines[:-2] == verbose[: verbose.index("stream:")]


def test_a_cause_is_one_problem_however_many_streams_it_meets(sandbox: Sandbox, tmp_path: Path) -> None:
    """They are one entry, without their names if they are many."""
    sandbox.answer("dmaPosts", 403, times=None)
    told = doctor(sandbox, tmp_path)
    assert told.code == 1
    assert told.text.splitlines()[-1] == "1 problem to fix, marked WRONG above."
    assert told.text.count(" streams: Not checked: see posts.") == 1


def test_a_wrong_organization_alone_is_one_problem(sandbox: Sandbox, tmp_path: Path) -> None:
    told = doctor(sandbox, tmp_path, "--json", select=FEW, organizations=[STRANGER])
    assert [*told.wrong()] == ["organizations"]
    assert told.of("stream")["child_organizations"]["says"] == "Not checked: see organizations."


@pytest.mark.parametrize("is_json", [False, True])
def test_the_first_connection_error_ends_the_asking(sandbox: Sandbox, tmp_path: Path, is_json: bool) -> None:
    """No stream is called OK, or wrong: nothing was reached."""
    with Answering() as gone:
        url = gone.url
    told = doctor(sandbox, tmp_path, *["--json"][: int(is_json)], api_url=url)
    assert told.code == 1
    assert sandbox.requests == []
    if is_json:
        assert {url: told.wrong()[url]} == told.wrong()
        assert told.of("stream") == {}
    assert "LinkedIn did not answer dmaMe (ConnectionError). Check the network and api_url." in told.text
    assert len(told.text.splitlines()) < 24


def test_a_connection_that_breaks_halfway_ends_the_asking(sandbox: Sandbox, tmp_path: Path) -> None:
    """All others would break too, each after its timeout."""
    sandbox.answer("dmaPosts", cut=True, times=None)
    told = doctor(sandbox, tmp_path, "--json", select=FEW)
    assert [*told.wrong()] == [sandbox.url]
    assert len(sandbox.requests_to("dmaPosts")) == 1


def test_a_terminal_gets_colours_and_hanging_indents() -> None:
    """No line is longer than the terminal, and no word is cut."""
    says = "The access token has expired (401). Log in again (tap-linkedin-dma login), or set a new access_token."
    told = as_text([Finding("token", "access_token", "wrong", says)], is_verbose=False, width=40)
    _, first, *more, last = told.splitlines()
    assert first.startswith(f"  {click.style('WRONG', fg='red', bold=True)}  access_token: ")
    assert all(line.startswith("         ") and len(line) <= 40 for line in more)
    assert " ".join([click.unstyle(first).split("WRONG")[1], *more]).split() == f"access_token: {says}".split()
    assert last == "1 problem to fix, marked WRONG above."
    unwrapped = as_text([Finding("token", "access_token", "wrong", says)], is_verbose=False, width=None)
    assert len(unwrapped.splitlines()) == 3


def estimate(sandbox: Sandbox, folder: Path, *options: str, **config: Any) -> dict[str, Any]:
    """The estimate for all streams that are on by default."""
    told: dict[str, Any] = json.loads(doctor(sandbox, folder, "--estimate", "--json", *options, **config).text)
    return told


def counted(
    sandbox: Sandbox, state: dict[str, Any] | None = None, select: set[str] | None = None, **config: Any
) -> tuple[Counter[str], dict[str, Any]]:
    """The calls of a run by resource, and its state."""
    sandbox.clear()
    ended = run(sandbox, state, select, **config)
    return Counter(request.resource for request in sandbox.requests if request.path.startswith("/rest/")), ended.state


def test_an_estimate_fits_the_calls_of_the_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    """To a tenth, or 5, for the resources that pace a first run; to a half in all, with a day's changes on a daily one.

    Nobody knows which posts get comments on a day: their listings may be twice as many. It takes as long as its slowest
    resource, by the intervals of the settings with the margin that a run keeps.
    """
    told = estimate(sandbox, tmp_path)
    assert len(sandbox.requests) < 60
    truth = sandbox.world.truth
    assert told["pages"] == len(truth.organizations)
    assert told["posts"] >= len(truth.posts)
    first, state = counted(sandbox)
    sandbox.tick()
    daily, _ = counted(sandbox, state)
    for name, calls, most in (("first_run", first, 1.1), ("daily_run", daily, 2)):
        estimated = told[name]["by_resource"]
        for resource in INTERVALS:
            assert calls[resource] / most - 5 <= estimated[resource] <= calls[resource] * most + 5, (name, resource)
        assert calls.total() / 1.5 <= told[name]["calls"] <= calls.total() * 1.5
    calls_of = told["first_run"]["by_resource"]
    slowest = [calls_of[resource] * spacing(cast("Interval", seconds)) for resource, seconds in INTERVALS.items()]
    assert told["first_run"]["seconds"] == round(max(slowest))


def test_an_estimate_leaves_out_the_posts_before_the_start(sandbox: Sandbox, tmp_path: Path) -> None:
    """Their comments and reactions are not listed."""
    on, start = {"posts", "comments", "reactions"}, "2026-02-10"
    told = estimate(sandbox, tmp_path, start_date=start)["first_run"]["by_resource"]
    calls, _ = counted(sandbox, select=on, start_date=start)
    for resource in (Posts.feed, "dmaComments", "dmaReactions"):
        assert calls[resource] <= told[resource] <= calls[resource] + 5, resource


def test_an_estimate_counts_the_listings_of_streams_that_are_off(sandbox: Sandbox, tmp_path: Path) -> None:
    """A listing for each young post, though LinkedIn counts no reposts, and one for each comment at most."""
    on = {stream.name for stream in STREAMS if issubclass(stream, Posts | FeedListings)}
    told = estimate(sandbox, tmp_path, "--all", request_intervals={Posts.feed: 60})["first_run"]
    listings = told["by_resource"][Posts.feed]
    calls, _ = counted(sandbox, select=on)
    assert calls[Posts.feed] <= listings <= calls[Posts.feed] * 2
    assert told["seconds"] == round(listings * 60.05), "by the interval of the settings"


def test_an_estimate_says_what_would_shorten_a_run(sandbox: Sandbox, tmp_path: Path) -> None:
    """The setting, if one does; and how long it takes if LinkedIn throttles."""
    text = doctor(sandbox, tmp_path, "--estimate", request_intervals={"dmaOrganizationalPageContentAnalytics": 60}).text
    assert re.search(
        r"post_content_trend makes \d+ of the \d+ calls to dmaOrganizationalPageContentAnalytics a day: "
        r"engagement_window_days of 90 would make a daily run \d+ min\.",
        text,
    )
    at_the_default_pace = doctor(sandbox, tmp_path, "--estimate").text
    assert re.search(r"If LinkedIn throttles posts, comments and reactions: .* min and .* min\.", at_the_default_pace)
    assert max(map(len, text.partition("\n\n")[2].partition("\n\n")[0].splitlines())) <= 80


def report_of(sandbox: Sandbox, folder: Path, *options: str, answer: str = "") -> Any:
    """The command with `--report`, and what it is answered."""
    file = folder / "config.json"
    file.write_text(json.dumps(settings(sandbox)))
    arguments = ["doctor", "--config", str(file), "--report", str(folder / "wire.json"), *options]
    return CliRunner().invoke(command_line(), arguments, input=answer)


def test_a_report_is_written_if_the_user_agrees(sandbox: Sandbox, tmp_path: Path) -> None:
    """It says first what the file will have, and makes no request before the answer."""
    ended = report_of(sandbox, tmp_path, answer="n\n")
    assert ended.exit_code == 1
    assert document.CONTENTS in ended.stderr
    assert not (tmp_path / "wire.json").exists()
    assert sandbox.requests == []
    assert report_of(sandbox, tmp_path, answer="y\n").exit_code == 0
    report = document.read(tmp_path / "wire.json")
    assert {"posts", "followers", "organizations"} <= {entry.stream for entry in report.entries}
    assert (tmp_path / "wire.json.md").read_text().startswith("# Wire report of tap-linkedin-dma")
    assert document.markdown(report) == (tmp_path / "wire.json.md").read_text()


def test_the_report_of_a_run_is_added(sandbox: Sandbox, tmp_path: Path) -> None:
    """It has met more than the first pages; a file that is no report is refused before any request."""
    run(sandbox, select={"posts", "comments"}, wire_report=str(tmp_path / "run.json"))
    of_run = {entry.key: entry for entry in document.read(tmp_path / "run.json").entries}
    ended = report_of(sandbox, tmp_path, "--yes", "--json", "--from-run", str(tmp_path / "run.json"))
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["ok"]
    both = {entry.key: entry for entry in document.read(tmp_path / "wire.json").entries}
    assert all(both[key].fields.keys() >= entry.fields.keys() for key, entry in of_run.items())
    assert len(both) > len(of_run)
    sandbox.clear()
    (tmp_path / "run.json").write_text('{"tap_version": "1", "entries": [{"stream": "Anna <b>"}]}')
    refused = report_of(sandbox, tmp_path, "--yes", "--from-run", str(tmp_path / "run.json"))
    assert refused.exit_code == 1
    assert "Anna" not in refused.output
    assert sandbox.requests == []
