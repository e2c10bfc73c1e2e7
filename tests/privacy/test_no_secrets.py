"""What nobody may read: every byte that the command writes to its log, and every state, without secrets and members.

The tap runs as its users run it, at the most talkative level, against answers that repeat to it what it sent.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world.people import FAMILY, GIVEN
from linkedin_sandbox.world.text import OPENINGS
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.runs import settings

ROOT = Path(__file__).parents[2]
MEMBER = "urn:li:person:Zq8invented"
NAME = "Robin Example"
ECHO = {
    "message": f"Bearer {Sandbox.refresh_token} {Sandbox.client_secret} of {MEMBER}, {NAME}",
    "error": "invalid_request",
    "error_description": f"{Sandbox.refresh_token} {Sandbox.client_secret} {Sandbox.client_id}",
}


@dataclass
class Ended:
    """What one run of the command left."""

    code: int
    log: str
    messages: list[dict[str, Any]]

    @property
    def states(self) -> str:
        return json.dumps([message["value"] for message in self.messages if message["type"] == "STATE"])


@pytest.fixture
def linkedin() -> Iterator[Sandbox]:
    with Sandbox(World(posts=12, followers=20, seed=3)) as serving:
        yield serving


def command(sandbox: Sandbox, folder: Path, *arguments: str, env: dict[str, str] | None = None, **config: Any) -> Ended:
    """Run `python -m tap_linkedin_dma` to its end."""
    known = settings(
        sandbox,
        client_id=Sandbox.client_id,
        client_secret=Sandbox.client_secret,
        refresh_token=Sandbox.refresh_token,
        member_access_token=sandbox.member_token,
        token_file=str(folder / "tokens.json"),
        longest_wait=0,
        max_concurrency=4,
    )
    path = folder / "config.json"
    path.write_text(json.dumps({**known, **config}))
    written = path.read_bytes(), path.stat().st_mtime_ns
    ended = subprocess.run(
        [sys.executable, "-m", "tap_linkedin_dma", "--config", str(path), *arguments],
        cwd=ROOT,
        env={**os.environ, "LOGLEVEL": "DEBUG", **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (path.read_bytes(), path.stat().st_mtime_ns) == written
    return Ended(ended.returncode, ended.stderr, [json.loads(line) for line in ended.stdout.splitlines()])


def catalog(folder: Path, *names: str) -> str:
    """A catalog with these streams on, or every one."""
    found = TapLinkedInDMA(config={"access_token": "x", "member_access_token": "y"}, setup_mapper=False).catalog_dict
    for stream in found["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = not names or stream["tap_stream_id"] in names
    path = folder / "catalog.json"
    path.write_text(json.dumps(found))
    return str(path)


def everybody(ended: Ended) -> set[str]:
    """What names or identifies a member in the world, or in what was set to go wrong; at least a hundred."""
    found = re.findall(r"urn:li:(?:person|member):([\w-]+)", json.dumps(ended.messages))
    return {*found, "Zq8invented"}


def told(ended: Ended, sandbox: Sandbox, members: set[str]) -> list[str]:
    """Which secrets and members the log or the state tells."""
    secrets = {
        *sandbox.tokens.states,
        Sandbox.client_id,
        Sandbox.client_secret,
        Sandbox.refresh_token,
        str(sandbox.tokens.refresh_token),
        "Bearer",
    }
    text = ended.log + ended.states
    # A short name may stand by chance in the Base64 of the state, between two of its letters or signs.
    names = re.findall(rf"(?<![\w+/-])(?:{'|'.join((*GIVEN, *FAMILY))})(?![\w+/=-])", text)
    return sorted({secret for secret in {*secrets, *members} if secret in text} | {*names})


def test_a_run_that_meets_every_trouble_tells_nothing(linkedin: Sandbox, tmp_path: Path) -> None:
    """A refused token, refreshes that fail and succeed, and refusals that repeat what they were asked."""
    selected = catalog(tmp_path)
    linkedin.tokens.rotates = True
    linkedin.tokens.states[linkedin.token] = "expired"
    linkedin.answer("accessToken", 503, body=ECHO)
    troubles = {
        "dmaMe": 500,
        "dmaOrganizationalPageProfiles": 500,
        "dmaPosts": 429,
        "dmaSocialMetadata": 502,
        "dmaComments": 403,
        "dmaReactions": 404,
        "dmaPeople": 403,
        "dmaOrganizationAcls": 504,
        "memberSnapshotData": 503,
    }
    for resource, status in troubles.items():
        linkedin.answer(resource, status, body=ECHO)
    linkedin.answer("dmaOrganizationalPageFollows", 0, cut=True)
    linkedin.answer("dmaEvents", 200, body=f"{MEMBER} {NAME}".encode())
    since = linkedin.world.now - timedelta(days=20)
    ended = command(linkedin, tmp_path, "--catalog", selected, start_date=since.isoformat())
    met = {(asked.resource, asked.status) for asked in linkedin.requests}
    assert met >= {*troubles.items(), ("accessToken", 503), ("accessToken", 200)}
    assert 401 in {status for _, status in met}
    assert len(ended.log) > 100_000
    assert "| DEBUG " in ended.log
    members = everybody(ended)
    assert len(members) > 100
    assert len(ended.states) > 1000
    assert told(ended, linkedin, members) == []


@pytest.mark.parametrize(("column", "is_structured"), [("commentary", True), ("localized_first_name", False)])
def test_an_expression_that_fails_tells_its_setting_and_no_value(
    linkedin: Sandbox, tmp_path: Path, column: str, is_structured: bool
) -> None:
    """A stream map that makes a number of a text: Python's error quotes the text, in whichever form the log is."""
    stream = "me" if column == "localized_first_name" else "posts"
    env = {"SINGER_SDK_LOG_CONFIG": structured(tmp_path)} if is_structured else {}
    maps = {stream: {"number": f"int(str({column}))"}}
    ended = command(linkedin, tmp_path, "--catalog", catalog(tmp_path, stream), env=env, stream_maps=maps)
    assert ended.code == 1
    assert "An expression of stream_maps fails on a record (ValueError). Check the setting." in ended.log
    assert "invalid literal" not in ended.log
    assert "Traceback (most recent call last)" not in ended.log
    assert told(ended, linkedin, everybody(ended)) == []
    assert all(opening not in ended.log for opening in OPENINGS)


def structured(folder: Path) -> str:
    """A log as JSON lines, as Meltano asks for it."""
    path = folder / "logging.yml"
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "disable_existing_loggers": False,
                "formatters": {"json": {"()": "singer_sdk.logging.StructuredFormatter"}},
                "handlers": {"lines": handler},
                "root": {"level": "DEBUG", "handlers": ["lines"]},
            }
        )
    )
    return str(path)


def test_a_refused_refresh_is_one_sentence(linkedin: Sandbox, tmp_path: Path) -> None:
    linkedin.expire_token()
    linkedin.answer("accessToken", 400, body=ECHO)
    ended = command(linkedin, tmp_path, "--catalog", catalog(tmp_path, "posts"))
    assert ended.code == 1
    assert ended.log.count("| CRITICAL |") == 1
    assert "Traceback" not in ended.log
    assert told(ended, linkedin, everybody(ended)) == []


def test_the_users_config_is_never_written(linkedin: Sandbox, tmp_path: Path) -> None:
    """New tokens go into the token file alone; that no run touches its config is looked at in `command`."""
    linkedin.tokens.rotates = True
    linkedin.expire_token()
    linkedin.tokens.accept(linkedin.member_token, Sandbox.member_scope)
    ended = command(linkedin, tmp_path, "--catalog", catalog(tmp_path, "posts"))
    assert ended.code == 0
    assert linkedin.tokens.refresh_token != Sandbox.refresh_token
    assert json.loads((tmp_path / "tokens.json").read_text())["refresh_token"] == linkedin.tokens.refresh_token
