"""Child processes that never outlive their parent's interest in them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence


@contextlib.contextmanager
def child(
    command: Sequence[str],
    stdout: int | IO[str],
    stderr: int | IO[str] | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: Path | None = None,
) -> Generator[subprocess.Popen[str]]:
    """Run a command, and stop it with all it started on the way out, also on an error or Ctrl-C.

    Args:
        command: the program and its arguments.
        stdout: where it prints, a file or `subprocess.PIPE`.
        stderr: the same for its errors; None leaves them to the caller's terminal.
        cwd: the folder it runs in.
        env: its whole environment, or None for the caller's.
        stdin: the file it reads; None leaves it nothing to read.
    """
    # In a process group of its own, since Meltano does not pass a SIGTERM on to the tap and the target.
    with (
        Path(stdin or os.devnull).open() as feed,
        subprocess.Popen(
            command, cwd=cwd, env=env, stdin=feed, stdout=stdout, stderr=stderr, text=True, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def leave_in_order_on_sigterm() -> None:
    """Make SIGTERM unwind the stack as Ctrl-C does, so that whatever was started is stopped."""

    def leave(signum: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + signum)

    signal.signal(signal.SIGTERM, leave)
