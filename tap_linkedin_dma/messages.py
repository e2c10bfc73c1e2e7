"""Writing messages, a line each: records many at once, and so that a signal never cuts a line in two."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

import msgspec
from singer_sdk.singerlib.encoding.simple import Message, SimpleSingerWriter
from singer_sdk.singerlib.json import serialize_json

from tap_linkedin_dma.errors import OutputClosed

_encode_lines = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode_lines


class MessageWriter(SimpleSingerWriter):
    """Writes messages to stdout, one line each, in the order they come."""

    def __init__(self) -> None:
        super().__init__()
        self._is_writing = False
        self._waiting: Callable[[], None] | None = None
        self._closed: str | None = None
        """Why nothing can leave any more."""

    def write_records(self, stream: str, records: Sequence[Mapping[str, Any]], version: int | None) -> None:
        """Write a RECORD message for each record.

        Args:
            stream: the name that the target knows.
            records: what JSON can hold, and Decimals.
            version: of the stream's table; None where it has none.
        """
        before = f'{{"type":"RECORD","stream":{serialize_json(stream)},"record":'
        after = "" if version is None else f',"version":{version}'
        after += f',"time_extracted":"{datetime.now(timezone.utc).isoformat()}"}}'
        # The same stands around each record, and a line break nowhere but between two.
        lines = as_lines(records).rstrip("\n").replace("\n", f"{after}\n{before}")
        self._write(f"{before}{lines}{after}\n")

    def write_message(self, message: Message) -> None:
        self._write(self.format_message(message) + "\n")

    def _write(self, lines: str) -> None:
        self._is_writing = True
        try:
            self.write_lines(lines)
        finally:
            self._is_writing = False
        if act := self._waiting:
            self._waiting = None
            act()

    def write_lines(self, lines: str) -> None:
        """Let messages leave that are JSON already.

        Raises:
            OutputClosed: if nobody takes them; nor will anything after them leave.
        """
        if self._closed is None:
            try:
                sys.stdout.write(lines)
                sys.stdout.flush()
                return
            except OSError as fault:
                self._closed = fault.strerror or type(fault).__name__
                _let_go()
            except (AttributeError, ValueError):  # closed before Python began, or since
                self._closed = "it is closed"
        msg = (
            f"Nothing takes what the tap writes ({self._closed}). Look at how the target ended, or at the disk. The "
            "next run resumes from the last state that was stored."
        )
        raise OutputClosed(msg)

    def between_messages(self, act: Callable[[], None]) -> None:
        """Act now, or where messages are being written, as soon as all of them are out."""
        if self._is_writing:
            self._waiting = act
        else:
            act()


def _let_go() -> None:
    """Keep Python from another try at its end to write what nobody takes, of which it would tell with a traceback."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def as_lines(records: Sequence[Mapping[str, Any]]) -> str:
    """JSON in ASCII, which a target can read whatever encoding its system has; a line each."""
    try:
        lines = _encode_lines(records)
        if lines.isascii():
            return lines.decode("ascii")
    except UnicodeEncodeError:
        pass  # Half of a character that was cut in two.
    if len(records) > 1:
        return "".join(as_lines([record]) for record in records)
    return serialize_json(records[0]) + "\n"
