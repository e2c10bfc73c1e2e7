"""The run report: one file about a run, whatever ends it."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError, OutputClosed
from tap_linkedin_dma.commands import command_line
from tap_linkedin_dma.output import run_report
from tap_linkedin_dma.output.run_report import UNDER_WAY, OrganizationPart, RunReport
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.clock import START
from tests.support.plain import FOLLOWS
from tests.support.runs import UNPACED, Run, make_tap, settings

SELECT = {"organizations", "posts", "comments", "followers"}
DAY_LIMIT = {"status": 429, "message": "Resource level throttle APPLICATION DAY limit is reached."}
PERSON = "urn:li:person:Planted123"
DOCS = Path(__file__).parents[2] / "docs" / "run-report.md"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.json"


def read(path: Path) -> RunReport:
    """The report in a file, whose fields must be those that it is to have."""
    return msgspec.json.decode(path.read_bytes(), type=RunReport)


def reported(
    sandbox: Sandbox, path: Path, spoil: Callable[[TapLinkedInDMA], object] = id, **config: Any
) -> tuple[RunReport, Run]:
    """The report of a run, however it ends, and what it wrote."""
    tap, writer = make_tap(sandbox, select=SELECT, run_report=str(path), **config)
    spoil(tap)
    with suppress(Exception):
        tap.sync_all()
    return read(path), Run(writer.messages)


def test_a_report_has_the_rows_and_calls_of_each_stream_and_organization(sandbox: Sandbox, path: Path) -> None:
    """They are those that were written and made; no member is in it, and no token; nobody else can read it."""
    report, run = reported(sandbox, path)
    numbers = {organization.number for organization in sandbox.world.truth.organizations}
    assert (report.outcome, report.until) == ("ok", None)
    assert report.message.startswith("Done: ")
    assert {stream.stream: stream.rows for stream in report.streams} == {
        name: len(run.records[name]) for name in SELECT
    }
    posts = next(stream for stream in report.streams if stream.stream == "posts")
    by_organization = Counter(int(urn.rpartition(":")[2]) for urn in run.values("posts", "organization"))
    assert {part.organization: part.rows for part in posts.organizations} == by_organization
    assert sum(part.calls for part in posts.organizations) == posts.calls > 0
    assert report.calls <= len(sandbox.requests)
    assert {part.organization: part.read_at for part in report.organizations} == dict.fromkeys(numbers, report.ended_at)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["run.json"]
    assert "urn:li" not in path.read_text()
    assert sandbox.token not in path.read_text()


def test_a_run_that_was_cut_names_what_it_has_left(sandbox: Sandbox, path: Path) -> None:
    """By organization; when that was last read to its end is known from the report before."""
    first, _ = reported(sandbox, path)
    config: dict[str, Any] = {
        "request_intervals": {**UNPACED, FOLLOWS: 60},
        "stream_options": {"followers": {"page_size": 5}},
    }
    report, _ = reported(sandbox, path, run_for=1, **config)
    assert report.outcome == "partial"
    assert report.message.startswith("Stopped after the 1 minute of run_for: ")
    followers = next(stream for stream in report.streams if stream.stream == "followers")
    left = {part.organization for part in followers.organizations if [one.kind for one in part.left_out] == ["time"]}
    before = {part.organization: part.read_at for part in first.organizations}
    assert left
    assert {part.organization for part in report.organizations if part.read_at == before[part.organization]} >= left


def refuse_writing(tap: TapLinkedInDMA) -> None:
    """Nothing takes what the tap writes, from the first record on."""

    def write_lines(lines: str) -> None:
        if '"RECORD"' in lines:
            msg = "The tap's output cannot be written."
            raise OutputClosed(msg)

    tap.message_writer.write_lines = write_lines  # type: ignore[attr-defined]


def meet_a_bug(tap: TapLinkedInDMA) -> None:
    """An error in the tap, whose text has data."""

    def look_up() -> None:
        raise ValueError(PERSON)

    tap.run_context.run.look_up = look_up  # type: ignore[method-assign]


ENDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "daily_limit": ("daily_limit", "resets at 00:00 UTC", {"answer": (429, DAY_LIMIT, "dmaComments")}),
    "token": ("token", "401", {"answer": (401, {"code": "REVOKED_ACCESS_TOKEN"}, "")}),
    "a stream failed": ("partial", "Incomplete", {"answer": (400, {"message": "no"}, "dmaComments")}),
    "fail_on_skip": ("partial", "fail_on_skip", {"answer": (403, {}, "dmaComments"), "fail_on_skip": True}),
    "the target died": ("failed", "cannot be written", {"spoil": refuse_writing}),
    "a bug": ("failed", "ValueError: see the log.", {"spoil": meet_a_bug}),
}


@pytest.mark.parametrize(("outcome", "message", "how"), ENDS.values(), ids=ENDS)
def test_whatever_ends_a_run_is_reported(
    sandbox: Sandbox, path: Path, outcome: str, message: str, how: dict[str, Any]
) -> None:
    """With an outcome for machines, and the sentence for people."""
    status, body, when = how.pop("answer", (0, {}, ""))
    if status:
        resource = when or "dmaOrganizations"
        sandbox.answer(resource, status=status, body={"status": status, **body}, times=None)
    report, _ = reported(sandbox, path, **how)
    assert report.outcome == outcome
    assert message in report.message
    assert report.ended_at
    assert (report.until is not None) == (outcome == "daily_limit")
    assert PERSON not in path.read_text()


def test_neither_a_member_nor_a_token_gets_into_a_report(sandbox: Sandbox, path: Path) -> None:
    """Even if a sentence about what was skipped had one."""

    def plant(tap: TapLinkedInDMA) -> None:
        stream: Any = tap.streams["comments"]
        stream.skip(f"what {PERSON} wrote", f"Bearer {sandbox.token} was refused, {sandbox.token} too.")

    reported(sandbox, path, plant)
    assert "what urn:li:person:*** wrote" in path.read_text()
    assert "Planted123" not in path.read_text()
    assert sandbox.token not in path.read_text()


def test_until_a_run_has_ended_its_report_says_so(sandbox: Sandbox, path: Path) -> None:
    """So a run that is killed does not leave that of the run before."""
    seen = []
    tap, writer = make_tap(sandbox, select=SELECT, run_report=str(path))
    writer.write_lines = lambda _: seen.append(read(path))  # type: ignore[method-assign,assignment]
    tap.sync_all()
    assert {(report.outcome, report.message, report.ended_at) for report in seen} == {("failed", UNDER_WAY, None)}
    assert read(path).outcome == "ok"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"start_date": "2999-01-01"}, "start_date is in the future"),
        ({"state": b"{"}, "state"),
        ({"catalog": b"[]"}, "catalog"),
    ],
    ids=["settings", "state", "catalog"],
)
def test_input_that_is_refused_is_reported(
    sandbox: Sandbox, path: Path, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    """Organizations keep the time when they were last read."""
    read_at = "2026-03-01T04:00:00Z"
    before = OrganizationPart(42, 7, 1, read_at)
    run_report.write(run_report.new_report("ok", "", START, START, (), [before]), path)
    files: dict[str, bytes] = {name: given.pop(name) for name in ("state", "catalog") if name in given}
    files["config"] = json.dumps({**settings(sandbox, run_report=str(path)), **given}).encode()
    arguments = []
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        arguments += [f"--{name}", str(tmp_path / name)]
    assert CliRunner().invoke(command_line(), arguments).exit_code == 1
    report = read(path)
    assert report.outcome == "failed"
    assert message in report.message
    assert report.organizations == [OrganizationPart(42, 0, 0, read_at)]


def test_a_path_that_cannot_be_written_ends_the_run_before_it_reads(sandbox: Sandbox, tmp_path: Path) -> None:
    """A scheduler would go by an old report."""
    tap, _ = make_tap(sandbox, select=SELECT, run_report=str(tmp_path / "nowhere" / "run.json"))
    with pytest.raises(DmaError, match=r"run report .* cannot be written \(No such file"):
        tap.sync_all()
    assert not sandbox.requests


def test_the_alert_of_the_docs_tells_a_good_run_from_others(sandbox: Sandbox, path: Path) -> None:
    """By the outcome, by the age of the report, and by each organization's."""
    (script,) = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)

    def is_well(now: float = 0, **changed: Any) -> bool:
        report = {**json.loads(path.read_text()), **changed}
        path.write_text(json.dumps(report))
        at_that_time = script.replace("now -", f"{now} -")
        return subprocess.run(["sh", "-c", at_that_time], cwd=path.parent, check=False).returncode == 0

    report, _ = reported(sandbox, path)
    now = sandbox.world.now.timestamp()
    assert is_well(now)
    assert is_well(now + 47 * 3600)
    assert not is_well(now + 49 * 3600)
    assert not is_well(now, outcome="partial")
    known = msgspec.to_builtins(report.organizations)
    assert is_well(now, outcome="ok")
    assert not is_well(now, organizations=[*known, {**known[0], "read_at": None}])


def test_the_example_of_the_docs_is_a_report() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert msgspec.to_builtins(msgspec.json.decode(example, type=RunReport)) == json.loads(example)
