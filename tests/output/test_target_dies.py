"""Nothing takes what the tap writes: one sentence and an exit code of its own, whenever it happens."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from linkedin_sandbox import Sandbox
from tests.support.runs import command_of, settings

ROOT = Path(__file__).parents[2]
EX_IOERR = 74


@pytest.fixture
def command(sandbox: Sandbox, tmp_path: Path) -> Sequence[str]:
    """A run as a shell starts it."""
    return command_of(tmp_path, config=settings(sandbox, max_concurrency=4))


def piped(command: Sequence[str], into: str) -> tuple[int, list[str]]:
    """The exit code of the tap before a shell's pipe or redirection, and the errors in its log."""
    script = f'"$0" "$@" {into}; exit "${{PIPESTATUS[0]}}"'
    ended = subprocess.run(
        ["bash", "-c", script, *command], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, timeout=120
    )
    log = ended.stderr.splitlines()
    assert not [line for line in log if "raceback" in line or "unhandled" in line or "Exception ignored" in line]
    return ended.returncode, [line.partition("| tap-linkedin-dma")[2] for line in log if "| CRITICAL" in line]


@pytest.mark.parametrize(
    ("into", "why"),
    [
        ("| head -c 3000 > /dev/null", "Broken pipe"),
        ("| true", "Broken pipe"),
        ("> /dev/full", "No space left on device"),
        (">&-", "it is closed"),
    ],
    ids=["in the middle", "at once", "the disk is full", "it was closed before"],
)
def test_a_run_whose_target_dies_ends_with_one_sentence(command: Sequence[str], into: str, why: str) -> None:
    """No traceback, no word of an unhandled error, and none of Python's own when it flushes at its end."""
    code, (sentence,) = piped(command, into)
    assert code == EX_IOERR
    assert f"The tap's output cannot be written ({why}). See how the target ended" in sentence
