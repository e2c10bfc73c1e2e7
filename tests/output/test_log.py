"""The log: what a person needs at three in the morning, with the cause of a failure or the closing sentence last."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.streams import STREAMS
from tests.support.runs import command_of, make_tap, run, settings

CONTENT = "dmaOrganizationalPageContentAnalytics"
SELECTED = [stream for stream in STREAMS if stream.selected_by_default]


def log_of(
    sandbox: Sandbox,
    folder: Path,
    *options: str,
    select: set[str] | None = None,
    variables: Mapping[str, str] | None = None,
    **config: Any,
) -> list[tuple[str, str]]:
    """The level and the text of each line of the log of a whole process, which reads the usual streams or these."""
    files = {"catalog": make_tap(sandbox, select=select)[0].catalog_dict} if select else {}
    command = [*command_of(folder, config=settings(sandbox, **config), **files), *options]
    environment = {**os.environ, **(variables or {})}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    lines = [line.split("|", 3) for line in ended.stderr.splitlines()]
    return [(level.strip(), text.strip()) for _, level, _, text in lines]


def test_a_healthy_run_has_few_lines_and_no_warning(sandbox: Sandbox, tmp_path: Path) -> None:
    """The version, the table, what is normal in a line each, and the closing sentence."""
    log = log_of(sandbox, tmp_path, max_concurrency=4)
    assert {level for level, _ in log} == {"INFO"}
    first, *table, new_fields, missing, done = [text for _, text in log]
    assert first.startswith("tap-linkedin-dma v")
    assert len(table) <= 1 + len(SELECTED) + 1
    assert table[0].startswith("stream ")
    assert table[-1].startswith("total ")
    assert new_fields.startswith("New fields from LinkedIn, kept in `unmapped`: ")
    assert missing.startswith("Not returned by LinkedIn: ")
    assert done.startswith("Done: ")
    assert f" records of {len(SELECTED)} streams in " in done


def test_discovery_logs_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """Meltano shows it before every command."""
    assert log_of(sandbox, tmp_path, "--discover") == []


def test_the_sdks_lines_are_there_for_who_asks(sandbox: Sandbox, tmp_path: Path) -> None:
    """At DEBUG; the variable that sets it is not taken for a setting."""
    options = ("--config", "ENV", "--discover")
    log = log_of(sandbox, tmp_path, *options, variables={"TAP_LINKEDIN_DMA_LOGLEVEL": "DEBUG"})
    assert ("DEBUG", "Added 'comments' as child stream to 'posts'") in log
    assert {level for level, _ in log} == {"DEBUG"}


@pytest.mark.parametrize(
    ("config", "fault", "last"),
    [
        ({"access_token": "invented-and-wrong"}, {}, "LinkedIn does not accept the access token (401)."),
        ({}, {"status": 429, "body": {"message": "APPLICATION DAY limit"}}, "Stopped at LinkedIn's daily limit: "),
        ({"max_tries": 1}, {"status": 503}, "Incomplete: "),
        ({"fail_on_skip": True}, {"status": 403}, "Incomplete, as fail_on_skip is set: "),
        ({}, {"status": 403}, "Done: "),
        ({"start_date": "2999-01-01"}, {}, "start_date is in the future"),
    ],
)
def test_the_last_line_says_how_it_ended(
    sandbox: Sandbox, tmp_path: Path, config: Mapping[str, Any], fault: Mapping[str, Any], last: str
) -> None:
    """The cause if it failed, and it is not announced as an unhandled error before."""
    if fault:
        sandbox.answer("dmaPosts", times=None, **fault)
    log = log_of(sandbox, tmp_path, select={"posts", "comments", "me"}, **config)
    assert log[-1][1].startswith(last)
    assert not [text for _, text in log if "nhandled" in text or "raceback" in text]
    if last == "Incomplete: ":
        assert "; failed: 1. posts: LinkedIn failed on dmaPosts (503)." in log[-1][1]
    if fault.get("status") == 403:
        assert "; skipped: 2 (above). " in f"{log[-1][1]} "
        assert [text for level, text in log if level == "WARNING" and text.startswith("posts: skipped organization ")]


def test_a_skipped_post_is_named(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """And as LinkedIn shows others, neither the token nor the role is to blame."""
    run(sandbox, select={"post_content_trend"})
    (asked,) = re.findall(r"sourceEntity=([^&]+)", sandbox.requests_to(CONTENT)[2].asked)
    sandbox.answer(CONTENT, 403, when=asked, times=None)
    caplog.clear()
    run(sandbox, select={"post_content_trend"})
    (told,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told.startswith(f"post_content_trend: skipped the post {unquote(asked)} of organization ")
    assert told.endswith(" (403). It shows other posts, so the token and the role are right.")
