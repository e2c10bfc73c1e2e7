"""`python at_once.py MODULE:NAME FILE`: a command line several times at once, by processes that share its import.

The file is a JSON list: for each process its arguments, the file that it reads and the file that it writes. The status
is 0 if that of each is.
"""

from __future__ import annotations

import importlib
import json
import operator
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


def begin(command: Callable[[], object], arguments: Sequence[str], read: str, written: str) -> int:
    """The number of a new process, which runs the command."""
    if number := os.fork():
        return number
    os.dup2(os.open(read, os.O_RDONLY), sys.stdin.fileno())
    os.dup2(os.open(written, os.O_WRONLY | os.O_CREAT, 0o600), sys.stdout.fileno())
    sys.argv[1:] = arguments
    command()
    sys.exit()


def main() -> None:
    module, _, name = sys.argv[1].partition(":")
    command = operator.attrgetter(name)(importlib.import_module(module))
    numbers = [begin(command, *job) for job in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))]
    statuses = [os.waitpid(number, 0)[1] for number in numbers]
    sys.exit(any(statuses))


if __name__ == "__main__":
    main()
