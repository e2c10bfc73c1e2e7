"""What a command took: seconds, CPU, memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.processes import child

_STOPWATCH = [sys.executable, "-I", "-S", str(Path(__file__).with_name("stopwatch.py"))]
_LAST_LINES = 15
_PEAKS_IN_A_MB = 1024 if sys.platform == "linux" else 1024 * 1024
"""`ru_maxrss` counts kilobytes on Linux, bytes on macOS."""


class Failed(Exception):
    """A command did not end with 0. The message holds the last lines it logged."""


@dataclass(frozen=True)
class Cost:
    """`cpu_s` is user and system time; it and the peak count also what the command started and waited for."""

    seconds: float
    cpu_s: float
    peak_mb: float


def measure(
    command: Sequence[str],
    output: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    feed: Path | None = None,
) -> Cost:
    """Run a command to its end.

    Args:
        command: the program and its arguments.
        output: what it prints goes here, its errors into the same name with `.log` added.
        folder: where it runs; the caller's if left out.
        environment: all its variables; the caller's if left out.
        feed: the file it reads on its standard input, if any.

    Raises:
        Failed: it did not end with 0.
    """
    log, notes = output.with_name(f"{output.name}.log"), output.with_name(f"{output.name}.notes")
    with output.open("w") as out, log.open("w") as err:
        variables = dict(os.environ if environment is None else environment)
        # Images of containers set it, and each line that a loop prints would be a call to the system.
        variables.pop("PYTHONUNBUFFERED", None)
        with child([*_STOPWATCH, str(notes), *command], out, err, folder, variables, feed) as process:
            process.wait()
    seconds, cpu_s, peak, status = map(float, notes.read_text().split())
    if status:
        last_lines = "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
        raise Failed(f"{Path(command[0]).name} ended with {status:.0f}. The last it logged:\n{last_lines}")
    return Cost(seconds, cpu_s, peak / _PEAKS_IN_A_MB)
