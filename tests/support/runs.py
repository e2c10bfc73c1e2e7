"""One run of the tap in this process, and what came out of it."""

from __future__ import annotations

import copy
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tap_linkedin_dma.state import saved_state
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.batches import as_records
from tests.support.clock import FakeClock
from tests.support.silence import wait_out_silence

UNPACED = {
    "dmaOrganizationalPageFollows": 0,
    "dmaFeedContentsExternal": 0,
    "dmaOrganizationalPageContentAnalytics": 0,
    "dmaOrganizationalPageEdgeAnalytics": 0,
}

Record = dict[str, Any]

_KEPT_BY_THE_SDK = {"replication_key", "replication_key_signpost", "starting_replication_value", "progress_markers"}


def _keys_kept(state: dict[str, Any]) -> Iterator[str]:
    """What the state keeps of streams and organizations: all of it has a schema, so that damage in it is found."""
    for kept in state.get("bookmarks", {}).values():
        yield from kept.keys() - {"partitions"}
        for part in kept.get("partitions", ()):
            yield from part


class _Collector(MessageWriter):
    """Keeps the messages that would be written, as a reader of them would parse them, files of rows too."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self._written: list[str] = []

    @property
    def lines(self) -> str:
        """What would be written, as it is."""
        return "".join(self._written)

    def write_lines(self, lines: str) -> None:
        self._written.append(lines)
        self.messages += [one for line in lines.splitlines() for one in as_records(json.loads(line))]


class Run:
    """What one run wrote."""

    def __init__(self, messages: list[dict[str, Any]], lines: str = "") -> None:
        self.messages = messages
        self.lines = lines
        self.records: dict[str, list[Record]] = defaultdict(list)
        self.schemas: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.state: dict[str, Any] = {}
        self.skips: list[str] = []
        """What `run` says at its end that it has left out."""

        for message in messages:
            if message["type"] == "RECORD":
                self.records[message["stream"]].append(message["record"])
            elif message["type"] == "SCHEMA":
                self.schemas[message["stream"]].append(message)
            elif message["type"] == "STATE":
                self.state = message["value"]
        assert set(_keys_kept(self.state)) <= saved_state.KEPT.keys() | _KEPT_BY_THE_SDK

    def values(self, stream: str, column: str) -> list[Any]:
        """One column of a stream's records, in the order they left."""
        return [record[column] for record in self.records[stream]]

    def state_of(self, stream: str, organization: str) -> dict[str, Any]:
        """What the state keeps of one stream for one organization."""
        partitions = self.state["bookmarks"][stream].get("partitions", [])
        return next(
            (part for part in partitions if part["context"] == {"organization": organization}),
            {},
        )


def settings(sandbox: Sandbox, **config: Any) -> dict[str, Any]:
    """Settings with which the tap reads this sandbox, without waiting."""
    return {
        "access_token": sandbox.token,
        "api_url": sandbox.url,
        "oauth_url": f"{sandbox.url}/oauth/v2",
        "request_intervals": UNPACED,
        "max_concurrency": 1,
        **config,
    }


def make_tap(
    sandbox: Sandbox,
    state: dict[str, Any] | None = None,
    select: set[str] | None = None,
    clock: FakeClock | None = None,
    **config: Any,
) -> tuple[TapLinkedInDMA, _Collector]:
    """A tap that reads this sandbox, and where its messages go.

    Args:
        sandbox: what it reads.
        state: where it goes on from.
        select: the streams to read; the defaults if left out.
        clock: the tap's time; the world's own if left out.
        config: further settings.
    """
    writer = _Collector()
    tap = TapLinkedInDMA(
        config=settings(sandbox, **config),
        catalog=None if select is None else catalog_that_selects(select),
        state=copy.deepcopy(state or {}),
        setup_mapper=False,
        message_writer=writer,
    )
    tap.clock = clock or clock_of(sandbox)
    tap.setup_mapper()
    wait_out_silence(tap, sandbox)
    return tap, writer


def catalog_that_selects(streams: Iterable[str]) -> dict[str, Any]:
    """A catalog that selects these streams and all of their columns; the tap adds the others."""
    is_selected = [{"breadcrumb": [], "metadata": {"selected": True}}]
    return {"streams": [{"tap_stream_id": name, "metadata": is_selected} for name in streams]}


def command_of(folder: Path, **files: Any) -> list[str]:
    """The command with the contents of these files: its config, catalog, state."""
    command = [sys.executable, "-m", "tap_linkedin_dma"]
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
        command += [f"--{name}", str(folder / name)]
    return command


def clock_of(sandbox: Sandbox) -> FakeClock:
    """A clock that starts at the world's time."""
    import pendulum

    return FakeClock(pendulum.instance(sandbox.world.now))


class Reopening(FakeClock):
    """A clock on which an outage ends while the tap waits."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(clock_of(sandbox).now())
        self._sandbox = sandbox

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._sandbox.listen()


def run(sandbox: Sandbox, state: dict[str, Any] | None = None, select: set[str] | None = None, **config: Any) -> Run:
    """Run the tap once; see `make_tap`."""
    tap, writer = make_tap(sandbox, state, select, **config)
    tap.sync_all()
    result = Run(writer.messages, writer.lines)
    result.skips = list(tap.run_context.run.summary.skipped)
    return result


def cut(
    sandbox: Sandbox,
    state: dict[str, Any] | None = None,
    select: set[str] | None = None,
    *,
    by: type[DmaError] = DmaError,
    match: str | None = None,
    **config: Any,
) -> Run:
    """What leaves of a run that an error ends, which is of this type and says this."""
    tap, writer = make_tap(sandbox, state, select, **config)
    with pytest.raises(by, match=match):
        tap.sync_all()
    return Run(writer.messages, writer.lines)
