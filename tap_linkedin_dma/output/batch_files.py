"""Writes records into files for BATCH messages, which a target such as target-postgres loads in a third of the time.

A run has a folder of its own in the `storage.root` of the setting `batch_config`:

    tap-linkedin-dma-<pipeline>-<run>/<prefix><stream>-<number>.jsonl.gz
    tap-linkedin-dma-<pipeline>-<run>.lock

The pipeline's name is in the state. A target reads a file when its message comes, which may be after the tap has
ended, and removes none. So the next run of the pipeline removes those of the runs before it, whose target has ended
too; and any run removes those of a tap that ended an hour ago, whatever its pipeline. The lock, which the system
releases if a run is killed, shows whether a tap has ended.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from filelock import FileLock, Timeout
from singer_sdk.singerlib.json import serialize_json

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.config.validation import batch_folder

_BATCH_SIZE = 10_000
"""The most rows of a file, unless the settings say otherwise."""

_FIRST = 10
"""Of a stream, the first tenth of the batch size leaves as RECORD messages: for a few rows, a target's work for a file
takes longer than for these."""

_LONGEST_LOADING_S = 60 * 60
"""Within so many seconds of a tap's end, a target that still runs has read the files."""

_QUICKLY = 1
"""The level of compression: a better one would take longer than what it saves."""

Record = Mapping[str, Any]


class BatchFiles:
    """The files of one run.

    Args:
        config: the setting `batch_config`.
        pipeline: the name of this run and those whose state it continues.
        started_at: when the run began.

    Raises:
        DmaError: if the folder cannot be made and locked.
    """

    def __init__(self, config: Mapping[str, Any], pipeline: str, started_at: datetime) -> None:
        encoding, storage = config.get("encoding", {}), config["storage"]
        self._compression = encoding.get("compression") or "gzip"
        self._prefix = storage.get("prefix") or ""
        self._batch_size = config.get("batch_size") or _BATCH_SIZE
        self._started_ms = _milliseconds(started_at)
        self._as_records: defaultdict[str, set[int]] = defaultdict(set)
        """By stream, hashes of the keys of the rows that left as RECORD messages."""

        self._open: dict[str, _File] = {}
        """By stream, the file that has no message yet."""

        self._files = 0
        root = batch_folder(storage["root"])
        self._folder = root / f"tap-linkedin-dma-{pipeline}-{uuid4().hex[:12]}"
        self._lock = _lock_of(self._folder)
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Before the folder is there: nobody may take it for that of a tap that has ended.
            self._lock.acquire()
            self._folder.mkdir(mode=0o700)
            _remove_old(root, pipeline)
        except OSError as fault:
            msg = (
                f"batch_config: the folder {root} cannot be written and locked ({fault.strerror}). Choose another "
                "storage.root, on another disk if necessary."
            )
            raise DmaError(msg) from None

    def divide(
        self, stream: str, records: Sequence[Record], keys: Collection[str]
    ) -> tuple[Sequence[Record], Sequence[Record]]:
        """The records that leave as RECORD messages, and those that go into a file.

        A target may keep the former back and load a later file first. So a key stays with the way it left first.
        Without keys, all leave as RECORD messages.
        """
        if not keys:
            return records, ()
        names = sorted(keys)
        hashes = [hash(repr([record.get(name) for name in names])) for record in records]
        before = self._as_records[stream]
        if (len(before) + len(records)) * _FIRST <= self._batch_size:
            before.update(hashes)
            return records, ()
        if before.isdisjoint(hashes):
            return (), records
        parts: tuple[list[Record], list[Record]] = ([], [])
        for record, hashed in zip(records, hashes, strict=True):
            parts[hashed not in before].append(record)
        return parts

    def write(self, stream: str, lines: str, rows: int, version: int | None, extracted: datetime) -> str:
        """Write records into the stream's file, with the columns that a target adds to RECORD messages alone.

        Args:
            stream: the name that the target knows.
            lines: the records, a line of JSON in ASCII each.
            rows: how many they are.
            version: of the stream's table; None if it has none.
            extracted: when the records were read.

        Returns:
            The BATCH message of the file if it is full, else nothing.

        Raises:
            OSError: if they cannot be written.
        """
        moment = extracted.isoformat()
        added = {
            "_sdc_extracted_at": moment,
            "_sdc_received_at": moment,
            "_sdc_batched_at": moment,
            "_sdc_sequence": _milliseconds(extracted),
            "_sdc_sync_started_at": self._started_ms,
            # Without it, the ACTIVATE_VERSION that follows would have every row of the file removed.
            **({} if version is None else {"_sdc_table_version": version}),
        }
        # Line breaks are only between records, and a record has its keys at least.
        lines = lines.replace("}\n", f",{serialize_json(added)[1:]}\n")
        if stream not in self._open:
            self._files += 1
            name = re.sub(r"\W", "_", stream)
            self._open[stream] = _File(self._folder / f"{self._prefix}{name}-{self._files}.jsonl", self._compression)
        file = self._open[stream]
        file.write(lines, rows, version)
        return self._ended(stream) if file.rows >= self._batch_size else ""

    def messages(self) -> str:
        """The BATCH messages of all files that have none yet; later rows go into others.

        Raises:
            OSError: if what is left cannot be written.
        """
        return "".join([self._ended(stream) for stream in [*self._open]])

    def close(self) -> None:
        """Leave the files to the target, except what has no message: nothing of that is in the state."""
        for file in self._open.values():
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                file.path.unlink()
        with suppress(OSError):
            self._folder.rmdir()  # if there is nothing in it
            self._lock_file.unlink()
        self._lock.release()

    @property
    def _lock_file(self) -> Path:
        return Path(self._lock.lock_file)

    def _ended(self, stream: str) -> str:
        file = self._open[stream]
        file.close()
        del self._open[stream]
        message = {
            "type": "BATCH",
            "stream": stream,
            "encoding": {"format": "jsonl", "compression": self._compression},
            # Not percent-encoded: the SDK takes what follows for a path as it is.
            "manifest": [f"file://{file.path.as_posix()}"],
            **({} if file.version is None else {"version": file.version}),
        }
        return serialize_json(message) + "\n"


class _File:
    """A file that records are written into; only its owner can read it."""

    def __init__(self, path: Path, compression: str) -> None:
        self.rows = 0
        self.version: int | None = None
        is_gzip = compression == "gzip"
        self.path = path.with_name(f"{path.name}.gz") if is_gzip else path
        self._file: IO[bytes] = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._out: Any = gzip.GzipFile("", "wb", _QUICKLY, self._file) if is_gzip else self._file

    def write(self, lines: str, rows: int, version: int | None) -> None:
        self._out.write(lines.encode("ascii"))
        self.rows += rows
        self.version = version

    def close(self) -> None:
        try:
            self._out.close()
        finally:
            self._file.close()


def _lock_of(folder: Path) -> FileLock:
    # Never a soft lock, which is only a file: a killed run's would stay.
    return FileLock(folder.with_name(f"{folder.name}.lock"), timeout=0, mode=0o600, fallback_to_soft=False)


def _remove_old(root: Path, pipeline: str) -> None:
    """Remove the folders that no target reads any more: see the head of this module."""
    for folder in filter(Path.is_dir, root.glob("tap-linkedin-dma-*-*")):
        with suppress(OSError, Timeout), _lock_of(folder) as lock:
            is_own = folder.name.startswith(f"tap-linkedin-dma-{pipeline}-")
            if is_own or time.time() - folder.stat().st_mtime > _LONGEST_LOADING_S:
                shutil.rmtree(folder)
                Path(lock.lock_file).unlink(missing_ok=True)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
