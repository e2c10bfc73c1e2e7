"""Writes messages, a line each: many records at once, and never a line that a signal cuts in two."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import msgspec
from singer_sdk.singerlib.encoding.simple import Message, SchemaMessage, SimpleSingerWriter, StateMessage
from singer_sdk.singerlib.json import serialize_json

from tap_linkedin_dma.api.errors import OutputClosed
from tap_linkedin_dma.output.batch_files import BatchFiles

_UNLOADABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL cannot store in text, and halves of characters, which UTF-8 cannot encode."""

_REPLACEMENT = "\ufffd"
_URN = re.compile(r"urn:li:\w+:\S+")

_NOTHING_IS_LOST = "The next run continues from the last state that was stored."

_encode_lines = msgspec.json.Encoder(enc_hook=str, decimal_format="number").encode_lines


class MessageWriter(SimpleSingerWriter):
    """Writes messages to stdout, one line each, in the order they come."""

    def __init__(self) -> None:
        super().__init__()
        self._state = ""
        self._is_writing = False
        self._waiting: Callable[[], None] | None = None
        self._batch_files: BatchFiles | None = None
        self._closed: str | None = None
        """A sentence that says why nothing more can be written; None while it can."""

    def use_batch_files(self, batch_files: BatchFiles) -> None:
        """Write most records of large streams into files, and a BATCH message for each."""
        self._batch_files = batch_files

    def write_records(
        self,
        stream: str,
        records: Sequence[Mapping[str, Any]],
        version: int | None,
        extracted: datetime,
        keys: Collection[str] = (),
    ) -> None:
        """Write a RECORD message for each record, or write it into a file of a BATCH message.

        Args:
            stream: the name that the target knows.
            records: of JSON values and Decimals.
            version: of the stream's table; None if it has none.
            extracted: when the records were read.
            keys: the columns of its primary key.
        """
        if self._batch_files:
            records, in_file = self._batch_files.divide(stream, records, keys)
            if in_file:
                self._write_into_file(self._batch_files, stream, in_file, version, extracted, keys)
            if not records:
                return
        before = f'{{"type":"RECORD","stream":{serialize_json(stream)},"record":'
        after = "" if version is None else f',"version":{version}'
        after += f',"time_extracted":"{extracted.isoformat()}"}}'
        # The same text surrounds each record, and line breaks are only between records.
        lines = to_json_lines(records, keys).rstrip("\n").replace("\n", f"{after}\n{before}")
        with self._uninterrupted():
            self.write_lines(f"{before}{lines}{after}\n")

    def _write_into_file(
        self,
        files: BatchFiles,
        stream: str,
        records: Sequence[Mapping[str, Any]],
        version: int | None,
        extracted: datetime,
        keys: Collection[str],
    ) -> None:
        lines = to_json_lines(records, keys)
        with self._uninterrupted():
            self._write_batches(lambda: files.write(stream, lines, len(records), version, extracted))

    def _write_batches(self, write: Callable[[], str]) -> None:
        """Write to files, and then the messages that this returns.

        Raises:
            OutputClosed: if the files cannot be written; nothing is written after that, above all no STATE.
        """
        if self._closed:
            raise OutputClosed(self._closed)
        try:
            messages = write()
        except OSError as fault:
            self._closed = (
                f"A file of batch_config cannot be written ({fault.strerror}). See if its disk is full, or choose "
                f"another storage.root. {_NOTHING_IS_LOST}"
            )
            raise OutputClosed(self._closed) from None
        if messages:
            self.write_lines(messages)

    def write_message(self, message: Message) -> None:
        """Write a message; a STATE only if it differs from the one before."""
        line = self.format_message(message) + "\n"
        with self._uninterrupted():
            if self._batch_files and not isinstance(message, SchemaMessage):
                # A state must not say more than the target has, and a version is activated after its last row.
                self._write_batches(self._batch_files.messages)
            if not isinstance(message, StateMessage):
                self.write_lines(line)
            elif line != self._state:
                self.write_lines(line)
                self._state = line

    @contextmanager
    def _uninterrupted(self) -> Iterator[None]:
        """Let a signal wait until what is being written is out."""
        self._is_writing = True
        try:
            yield
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
                self._closed = _not_written(fault.strerror or type(fault).__name__)
                _let_go()
            except (AttributeError, ValueError):  # closed before Python began, or since
                self._closed = _not_written("it is closed")
        raise OutputClosed(self._closed)

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


def _not_written(why: str) -> str:
    return (
        f"The tap's output cannot be written ({why}). See how the target ended, and if the disk is full. "
        f"{_NOTHING_IS_LOST}"
    )


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
    pairs = zip(lines.splitlines(keepends=True), records, strict=True)
    return "".join(line.decode("ascii") if line.isascii() else _as_line(record) for line, record in pairs)


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
