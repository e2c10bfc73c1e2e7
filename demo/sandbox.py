"""The stand-in for LinkedIn as a process of its own, and what can be asked of it beside LinkedIn's API."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.processes import child

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


@dataclass(frozen=True)
class RunningSandbox:
    """The tap's settings that have it read from there."""

    settings: Mapping[str, Any]

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return str(self.settings["api_url"])

    @property
    def token(self) -> str:
        """An access token that it takes."""
        return str(self.settings["access_token"])

    def tick(self, days: int = 1) -> None:
        """Let days pass there, with what its members do in them."""
        self._ask(f"/sandbox/tick?days={days}", method="POST")

    def set_latency(self, milliseconds: int) -> None:
        """From now on each answer takes so long."""
        self._ask(f"/sandbox/latency?ms={milliseconds}", method="POST")

    def set_interval(self, resource: str, seconds: float) -> None:
        """From now on requests to a resource must be so far apart."""
        self._ask(f"/sandbox/interval?resource={resource}&ms={round(seconds * 1000)}", method="POST")

    def clear(self) -> None:
        """Forget the calls."""
        self._ask("/sandbox/clear", method="POST")

    def cpu_s(self) -> float:
        """How many seconds it has worked so far."""
        return float(self._ask("/sandbox/cpu")["seconds"])

    def calls(self) -> Counter[str]:
        """How often each resource was asked so far, by `resource finder`."""
        return Counter(self._ask("/sandbox/requests")["counts"])

    def _ask(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(self.url + path, method=method)  # noqa: S310, always http on loopback
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


@contextlib.contextmanager
def running_sandbox(*arguments: str) -> Generator[RunningSandbox]:
    """Run `linkedin-sandbox` with these arguments, on a port that is free.

    Raises:
        RuntimeError: it ended before it said where it answers.
    """
    command = [sys.executable, "-m", "linkedin_sandbox", "--json", *arguments]
    with child(command, subprocess.PIPE) as process:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError("the sandbox ended before it said where it answers")
        yield RunningSandbox(json.loads(line))
