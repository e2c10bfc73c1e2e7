"""Writing messages, a line each: records a page at a time, and so that a signal never cuts a line in two."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import msgspec
from singer_sdk.singerlib.encoding.simple import Message, SimpleSingerWriter
from singer_sdk.singerlib.json import serialize_json

_RECORDS_AT_ONCE = 1000

_encode_lines = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode_lines


class MessageWriter(SimpleSingerWriter):
    """Writes messages to stdout, one line each, in the order they come."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[dict[str, Any]] = []
        self._records_began = ""
        self._is_writing = False
        self._waiting: Callable[[], None] | None = None

    def write_record(self, stream: str, record: Mapping[str, Any], version: int | None) -> None:
        """Write a RECORD message, with the next message of another kind or the next `flush`.

        Args:
            stream: the name that the target knows.
            record: what JSON can hold, and Decimals; it must stay as it is.
            version: of the stream's table; None where it has none.
        """
        if not self._records:
            self._records_began = datetime.now(timezone.utc).isoformat()
        message: dict[str, Any] = {"type": "RECORD", "stream": stream, "record": record}
        if version is not None:
            message["version"] = version
        message["time_extracted"] = self._records_began
        self._records.append(message)
        if len(self._records) == _RECORDS_AT_ONCE:
            self.flush()

    def write_message(self, message: Message) -> None:
        self._write(self.format_message(message) + "\n")

    def flush(self) -> None:
        """Let the records leave that wait."""
        if self._records:
            self._write()

    def _write(self, line: str = "") -> None:
        self._is_writing = True
        try:
            records, self._records = self._records, []
            self.write_lines(as_lines(records) + line)
        finally:
            self._is_writing = False
        if act := self._waiting:
            self._waiting = None
            act()

    def write_lines(self, lines: str) -> None:
        """Let messages leave that are JSON already."""
        sys.stdout.write(lines)
        sys.stdout.flush()

    def between_messages(self, act: Callable[[], None]) -> None:
        """Act now, or where messages are being written, as soon as all of them are out."""
        if self._is_writing:
            self._waiting = act
        else:
            act()


def as_lines(messages: Sequence[Mapping[str, Any]]) -> str:
    """JSON in ASCII, which a target can read whatever encoding its system has."""
    try:
        lines = _encode_lines(messages)
        if lines.isascii():
            return lines.decode("ascii")
    except UnicodeEncodeError:
        pass  # Half of a character that was cut in two.
    if len(messages) > 1:
        return "".join(as_lines([message]) for message in messages)
    return serialize_json(messages[0]) + "\n"
