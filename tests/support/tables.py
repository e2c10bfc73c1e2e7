"""What a target makes of a tap's messages, and a run that is cut at any of them."""

from __future__ import annotations

import json
from typing import Any

import pendulum

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.batches import as_records
from tests.support.clock import FakeClock
from tests.support.runs import catalog_that_selects, settings
from tests.support.silence import wait_out_silence
from tests.support.waiting import no_thread_stays

Row = dict[str, Any]


class TickingClock(FakeClock):
    """Time goes by whenever it is looked at, so that the state is written now and then."""

    def monotonic(self) -> float:
        with self._lock:
            self._elapsed += 1.5
            return self._elapsed


class Killed(BaseException):
    """The process is gone: nothing after this moment is written."""


class Tables:
    """Tables that are filled by key; an activated version removes the rows of earlier ones."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, tuple[int | None, Row]]] = {}
        self.keys: dict[str, list[str]] = {}
        self.state: dict[str, Any] = {}
        self.removals: list[str] = []
        """The streams of which rows were removed, in order."""

        self.pending: set[tuple[str, str]] = set()
        """The keys of this run's RECORD messages: a target may load them only after the files that come later."""

    def take(self, message: dict[str, Any]) -> None:
        """Take in one message."""
        stream = message.get("stream", "")
        if message["type"] == "SCHEMA":
            self.keys[stream] = message["key_properties"]
            self.rows.setdefault(stream, {})
        elif message["type"] in ("RECORD", "BATCH"):
            for one in as_records(message):
                key = json.dumps([one["record"][name] for name in self.keys[stream]])
                if message["type"] == "RECORD":
                    self.pending.add((stream, key))
                if message["type"] == "RECORD" or (stream, key) not in self.pending:
                    self.rows[stream][key] = (one.get("version"), one["record"])
        elif message["type"] == "ACTIVATE_VERSION":
            kept = {key: row for key, row in self.rows[stream].items() if row[0] == message["version"]}
            self.removals += [stream] if len(kept) < len(self.rows[stream]) else []
            self.rows[stream] = kept
        elif message["type"] == "STATE":
            self.state = message["value"]

    def of(self, stream: str) -> dict[str, Row]:
        """The rows of one table by their keys, less what says when it was read."""
        return {key: timeless(row) for key, (_, row) in self.rows.get(stream, {}).items()}


def timeless(row: Row) -> Row:
    """A row without what says when it was read."""
    return {name: _less_links(value) for name, value in row.items() if name not in ("listed_at", "checked_at")}


def _less_links(value: Any) -> Any:
    """LinkedIn makes links anew on each call."""
    if isinstance(value, dict):
        return {name: _less_links(child) for name, child in value.items() if not name.startswith("downloadUrl")}
    return [_less_links(item) for item in value] if isinstance(value, list) else value


class _Writer(MessageWriter):
    """Hands messages to the tables, up to the one at which the process is killed."""

    def __init__(self, tables: Tables, messages: int | None) -> None:
        super().__init__()
        self.tables = tables
        self.left = messages

    def write_lines(self, lines: str) -> None:
        for line in lines.splitlines():
            if self.left is not None:
                if not self.left:
                    raise Killed
                self.left -= 1
            self.tables.take(json.loads(line))


def run_into(
    tables: Tables,
    sandbox: Sandbox,
    select: set[str],
    messages: int | None = None,
    clock: FakeClock | None = None,
    **config: Any,
) -> TapLinkedInDMA | None:
    """Run the tap from the tables' state, and have it killed before it writes more than some messages.

    Returns:
        The tap, where it came to its end.
    """
    tap = TapLinkedInDMA(
        config=settings(sandbox, **config),
        catalog=catalog_that_selects(select),
        state=json.loads(json.dumps(tables.state)),
        setup_mapper=False,
        message_writer=_Writer(tables, messages),
    )
    tables.pending.clear()
    tap.clock = clock or TickingClock(pendulum.instance(sandbox.world.now))
    tap.setup_mapper()
    wait_out_silence(tap, sandbox)
    try:
        tap.sync_all()
    except Killed:
        # What the killed run had under way must not count as the next one's.
        no_thread_stays(lambda name: name in tap.streams or name.startswith("linkedin"))
        return None
    return tap
