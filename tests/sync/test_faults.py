"""The table of faults in the docs, row by row, against the sandbox."""

from __future__ import annotations

import json
import logging
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.faults import NAMES, PASSING
from linkedin_sandbox.spoiling import PASSING_STATUSES
from tap_linkedin_dma.api.errors import DmaError
from tests.conftest import NOW
from tests.support.clock import FakeClock
from tests.support.runs import Reopening, Run, clock_of, command_of, make_tap, settings

DOCS = Path(__file__).parents[2] / "docs" / "faults.md"
SELECT = {"organizations", "page_profiles", "posts", "social_metadata", "comments", "reactions", "followers"}
PASSES, ALWAYS = 0.15, 1.0
MAY_PASS = "0, else 1"
SINCE = "2026-02-15"
_LINK = re.compile(r'"downloadUrl(ExpiresAt)?": ("[^"]*"|\d+)')


@dataclass(frozen=True)
class Case:
    """What a run comes to.

    `says` is in the error that ends it, or in a warning; `lacks` are the streams that lack rows, `shows` those read
    beside the usual ones. What is lacking is among what the run says it left out, unless LinkedIn has answered that it
    withholds it.
    """

    code: int
    says: str = ""
    lacks: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()
    answered: bool = False


NOT_GRANTED = r"skipped.*\. LinkedIn refused .* \(403\)\. The token needs the scope"
CUT_SHORT = r"is cut short or otherwise broken, so none of it is used\. Run again"
TRY_LATER = r"Try again later\."
CHECK = r"Check the network and api_url\."
THROTTLED = r"too many requests \(429\)\. Raise its interval in request_intervals\."
DAY = r"resets at 00:00 UTC: run again after that"

FOR_GOOD: dict[str, str] = {
    "429": THROTTLED,
    "429-retry-after": THROTTLED,
    "429-retry-date": THROTTLED,
    "500": TRY_LATER,
    "html-502": TRY_LATER,
    "503": TRY_LATER,
    "504": TRY_LATER,
    "timeout": CHECK,
    "connection-refused": CHECK,
    "reset": CHECK,
    "reset-in-body": CUT_SHORT,
    "truncated-json": CUT_SHORT,
    "wrong-shape": CUT_SHORT,
    "empty-body": CUT_SHORT,
    "408": r"\(408\)",
    "425": r"\(425\)",
    "error-in-200": TRY_LATER,
    "empty-object": CUT_SHORT,
    "no-elements": CUT_SHORT,
    "html-200": r"web page .* \(200\)",
    "202": r"with 202",
    "204": r"with 204",
}
"""By passing fault, what the run ends with where it does not pass."""

IDS_PASS = "passing-id"
"""The one that ends no run where it does not pass."""

PAGED = frozenset({"lead_gen_forms", "degrees", "fields_of_study", "super_titles"})
COMMENTS = frozenset({"comments"})
PUBLIC_URLS = frozenset({"content_public_urls"})

CASES: dict[str, Case] = {
    "401": Case(0),
    "401-after-refresh": Case(0),
    "refused-refresh": Case(1, "Log in again"),
    "429-day": Case(75, DAY, frozenset({"reactions"})),
    "429-application-day": Case(75, DAY, frozenset({"reactions"})),
    "403-stream": Case(0, NOT_GRANTED, frozenset({"comments"})),
    "403-organization": Case(0, NOT_GRANTED, frozenset({"posts", "social_metadata", "comments", "reactions"})),
    "403-id": Case(0, r"Not returned by LinkedIn: .* of dmaComments", COMMENTS, answered=True),
    **{f"{status}-id": Case(0, rf"\(.*{status}: ", COMMENTS) for status in PASSING_STATUSES},
    **{f"{status}-poisoned": Case(0, rf"\(.*{status}: 1", COMMENTS) for status in (400, 414, 500)},
    **{f"{status}-poisoned": Case(0, r"\d of dmaComments", COMMENTS, answered=True) for status in (403, 404)},
    "403-in-200": Case(0, NOT_GRANTED, COMMENTS),
    "dead-lookup": Case(0, r"content_public_urls: skipped", PUBLIC_URLS, shows=PUBLIC_URLS),
    "no-next-link": Case(0, shows=PAGED),
    "short-page": Case(0, shows=PAGED),
    "next-link-v2": Case(0, shows=PAGED),
    "next-link-bare": Case(0, shows=PAGED),
    "404": Case(0, r"skipped.*\. LinkedIn has nothing at dma\w+ \(404\)", frozenset({"reactions"})),
    "414": Case(0),
    "426": Case(1, r"does not serve dmaPosts in version 202605 .* upgrade tap-linkedin-dma, or set linkedin_version"),
    "426-deprecated": Case(0, r"search_appearance: skipped", shows=frozenset({"search_appearance"})),
    "version-missing": Case(1, r"VERSION_MISSING\)\. .* upgrade tap-linkedin-dma, or set linkedin_version"),
    "repeated-cursor": Case(1, r"the same pagination cursor twice"),
    "next-link-elsewhere": Case(1, r"leads to another host, and the token must not be sent there"),
}
"""By fault that is there for good, or strikes once."""


def serving(*faults: str, rate: float = PASSES, seed: int = 1) -> Sandbox:
    """The company, with what goes wrong."""
    return Sandbox(World(posts=12, followers=20, seed=3, now=NOW), faults=faults, fault_rate=rate, fault_seed=seed)


@dataclass(frozen=True)
class Ended:
    """A run, however it ended."""

    run: Run
    error: DmaError | None
    skips: Sequence[str]

    @property
    def code(self) -> int:
        return self.error.exit_code if self.error else 0

    def rows(self, stream: str) -> list[str]:
        """The rows of a stream in no order, without the links that are new with each call."""
        return sorted(_LINK.sub("", json.dumps(record, sort_keys=True)) for record in self.run.records[stream])


def end(sandbox: Sandbox, select: set[str] | None, clock: FakeClock | None = None, **config: Any) -> Ended:
    """Run the tap with all it needs to get another token."""
    clock = clock or clock_of(sandbox)
    sandbox.tokens.clock = lambda: clock.now().timestamp()
    credentials = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "refresh_token": sandbox.refresh_token,
    }
    tap, writer = make_tap(sandbox, None, select, clock, **credentials, **config)
    fault = None
    try:
        tap.sync_all()
    except DmaError as error:
        fault = error
    return Ended(Run(writer.messages), fault, tap.run_context.run.summary.skipped)


@pytest.fixture(scope="module")
def undisturbed() -> Ended:
    """A run in which nothing goes wrong."""
    with serving() as sandbox:
        ended = end(sandbox, SELECT | PAGED | PUBLIC_URLS)
    assert ended.code == 0
    return ended


@pytest.fixture(scope="module")
def whole() -> Ended:
    """The same of all streams."""
    with serving() as sandbox:
        return end(sandbox, None, start_date=SINCE)


def told(caplog: pytest.LogCaptureFixture) -> str:
    """Everything that was logged, a line each."""
    return "\n".join(record.getMessage() for record in caplog.records)


def table() -> dict[str, str]:
    """The exit code of each row of the docs, by the fault's name."""
    faults = DOCS.read_text().partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \|(.*)\|$", faults, re.MULTILINE)
    return {name: rest.split("|")[2].strip() for name, rest in rows}


def test_the_table_has_a_row_for_each_fault_and_each_row_a_test() -> None:
    codes = dict.fromkeys(FOR_GOOD, MAY_PASS) | {name: str(case.code) for name, case in CASES.items()}
    either = {"401": MAY_PASS, "401-after-refresh": MAY_PASS, "414": MAY_PASS}
    assert table() == codes | either | {IDS_PASS: "0"}
    assert set(table()) == set(NAMES)
    assert {*FOR_GOOD, IDS_PASS} == set(PASSING)


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_passes(fault: str, undisturbed: Ended) -> None:
    with serving(fault) as sandbox:
        ended = end(sandbox, SELECT, Reopening(sandbox), max_tries=20)
        assert sandbox.played[fault] > 3 or (fault == IDS_PASS and sandbox.played[fault])
    assert ended.code == 0
    assert {stream: ended.rows(stream) for stream in SELECT} == {s: undisturbed.rows(s) for s in SELECT}


@pytest.mark.parametrize("fault", FOR_GOOD)
def test_a_passing_fault_that_does_not_pass_ends_the_run(fault: str) -> None:
    """After the tries of the settings, with a sentence and without an empty result."""
    with serving(fault, rate=ALWAYS) as sandbox:
        ended = end(sandbox, SELECT, max_tries=3)
        # A refused connection is not seen by the sandbox: just the request at which the outage began.
        assert sandbox.played[fault] == 3 or (fault == "connection-refused" and sandbox.played[fault])
    assert ended.code == 1
    assert re.search(FOR_GOOD[fault], str(ended.error))
    assert not ended.run.records


@pytest.mark.parametrize("fault", CASES)
def test_what_a_fault_comes_to(fault: str, undisturbed: Ended, caplog: pytest.LogCaptureFixture) -> None:
    """The exit code, the sentence, and every row that it does not cost."""
    case = CASES[fault]
    caplog.set_level(logging.INFO)
    with serving(fault) as sandbox:
        ended = end(sandbox, SELECT | case.shows, stream_options={"followers": {"page_size": 10}})
        assert sandbox.played[fault]
    assert ended.code == case.code
    assert re.search(case.says, str(ended.error) if ended.error else told(caplog))
    if case.code == 1:
        return
    for stream in SELECT | case.shows - {"search_appearance"}:
        rows, all_rows = set(ended.rows(stream)), set(undisturbed.rows(stream))
        assert rows <= all_rows if stream in case.lacks or case.code else rows == all_rows
        assert (rows < all_rows) or stream not in case.lacks
    assert case.answered or case.code or not case.lacks or {*ended.skips} - {*undisturbed.skips}


@pytest.mark.parametrize("fault", ["429-day", "426", "repeated-cursor"])
def test_the_state_is_written_before_a_run_ends(fault: str) -> None:
    """It is the last message, so that the next run goes on from there."""
    with serving(fault) as sandbox:
        ended = end(sandbox, SELECT)
    assert ended.error
    assert ended.run.messages[-1]["type"] == "STATE"


@pytest.mark.parametrize(("max_concurrency", "token"), [(1, "401"), (4, "401-after-refresh")])
def test_a_run_with_faults_at_random_gives_what_an_undisturbed_one_gives(
    whole: Ended, max_concurrency: int, token: str
) -> None:
    """One request in seven meets a passing fault, of every kind, and the token ends."""
    with serving("passing", token, rate=0.15) as sandbox:
        ended = end(sandbox, None, Reopening(sandbox), max_concurrency=max_concurrency, start_date=SINCE)
        met = set(sandbox.played)
        share = sum(sandbox.played.values()) / len(sandbox.requests)
    assert ended.error is None
    # Whether single ids fail depends on which batches there are.
    assert {*met, IDS_PASS} == {*PASSING, token}
    assert 0.05 < share < 0.3
    streams = {*whole.run.records, *ended.run.records}
    assert {stream: ended.rows(stream) for stream in streams} == {stream: whole.rows(stream) for stream in streams}


@pytest.mark.parametrize(("faults", "code"), [([], 0), (["429-day=dmaMe"], 75), (["426=dmaMe"], 1)])
def test_the_command_ends_with_the_code_of_the_table(tmp_path: Path, faults: list[str], code: int) -> None:
    with serving(*faults) as sandbox:
        tap, _ = make_tap(sandbox, select={"me"})
        command = command_of(tmp_path, config=settings(sandbox), catalog=tap.catalog_dict)
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
    assert "STATE" in [json.loads(line)["type"] for line in ended.stdout.splitlines()]
