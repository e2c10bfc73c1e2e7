"""Writes messages, a line each: many records at once, and never a line that a signal cuts in two."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from singer_sdk.singerlib.encoding.simple import Message, SimpleSingerWriter, StateMessage
from singer_sdk.singerlib.json import serialize_json

from tap_linkedin_dma.api.errors import OutputClosed

_UNLOADABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL cannot store in text, and halves of characters, which UTF-8 cannot encode."""

_REPLACEMENT = "\ufffd"
_URN = re.compile(r"urn:li:\w+:\S+")

_encode_lines = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode_lines


class MessageWriter(SimpleSingerWriter):
    """Writes messages to stdout, one line each, in the order they come."""

    def __init__(self) -> None:
        super().__init__()
        self._state = ""
        self._is_writing = False
        self._waiting: Callable[[], None] | None = None
        self._closed: str | None = None
        """Why nothing more can be written; None while it can."""

    def write_records(
        self,
        stream: str,
        records: Sequence[Mapping[str, Any]],
        version: int | None,
        extracted: datetime,
        keys: Collection[str] = (),
    ) -> None:
        """Write a RECORD message for each record.

        Args:
            stream: the name that the target knows.
            records: of JSON values and Decimals.
            version: of the stream's table; None if it has none.
            extracted: when the records were read.
            keys: the columns of its primary key.
        """
        before = f'{{"type":"RECORD","stream":{serialize_json(stream)},"record":'
        after = "" if version is None else f',"version":{version}'
        after += f',"time_extracted":"{extracted.isoformat()}"}}'
        # The same text surrounds each record, and line breaks are only between records.
        lines = to_json_lines(records, keys).rstrip("\n").replace("\n", f"{after}\n{before}")
        self._write(f"{before}{lines}{after}\n")

    def write_message(self, message: Message) -> None:
        """Write a message; a STATE only if it differs from the one before."""
        line = self.format_message(message) + "\n"
        if not isinstance(message, StateMessage):
            self._write(line)
        elif line != self._state:
            self._write(line)
            self._state = line

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
        """Write messages that are JSON already.

        Raises:
            OutputClosed: if nobody reads them; nothing is written after that.
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
            f"The tap's output cannot be written ({self._closed}). See how the target ended, and if the disk is "
            "full. The next run continues from the last state that was stored."
        )
        raise OutputClosed(msg)

    def run_between_messages(self, act: Callable[[], None]) -> None:
        """Act now or, if messages are being written, as soon as they are out."""
        if self._is_writing:
            self._waiting = act
        else:
            act()


def _let_go() -> None:
    """Redirect stdout to nowhere, so that Python does not fail with a traceback when it flushes stdout at exit."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def to_json_lines(records: Sequence[Mapping[str, Any]], keys: Collection[str] = ()) -> str:
    """Records as lines of JSON in ASCII, which a target can read whatever its system's encoding.

    Characters that targets cannot load become U+FFFD; see `clean`. The encoded lines show whether there are any.
    """
    try:
        lines = _encode_lines(records)
    except UnicodeEncodeError:
        return _as_clean_lines(records, keys)
    # Searching for one byte takes a hundredth of the time, and few pages have it.
    if b"\\" in lines and b"\\u0000" in lines:
        return _as_clean_lines(records, keys)
    if lines.isascii():
        return lines.decode("ascii")
    return "".join(map(_as_line, records))


def _as_clean_lines(records: Sequence[Mapping[str, Any]], keys: Collection[str]) -> str:
    return "".join(
        _as_line({name: _key(value) if name in keys else clean(value) for name, value in record.items()})
        for record in records
    )


def _as_line(record: Mapping[str, Any]) -> str:
    return serialize_json(record) + "\n"


def clean(value: Any) -> Any:
    r"""A value with U+FFFD for each NUL and each half of a character, at any depth and in names of properties.

    A URN gets a digest of its original text, so that two that differ in such characters alone stay two, and
    rows still join.

    >>> clean({"text": "a\0b", "of": ["\ud83d"]})
    {'text': 'a�b', 'of': ['�']}
    """
    if isinstance(value, str):
        return _key(value) if _URN.fullmatch(value) else _UNLOADABLE.sub(_REPLACEMENT, value)
    if isinstance(value, Mapping):
        cleaned = [(_UNLOADABLE.sub(_REPLACEMENT, name), name, clean(child)) for name, child in value.items()]
        plain = dict.fromkeys(name for name, _, _ in cleaned)
        # Two names that became the same stay two.
        is_one = len(plain) < len(cleaned)
        return {_key(was) if is_one else name: child for name, was, child in cleaned}
    return [clean(item) for item in value] if isinstance(value, list) else value


def _key(value: Any) -> Any:
    """A key or URN; if it had to be changed, with a digest of the original."""
    if not isinstance(value, str) or not _UNLOADABLE.search(value):
        return value
    was = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
    return f"{_UNLOADABLE.sub(_REPLACEMENT, value)}-{was[:16]}"
