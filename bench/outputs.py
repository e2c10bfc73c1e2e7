"""What a contender printed: how many records of each stream, and whether they are the same ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Record = Mapping[str, Any]

IDENTITIES = {"posts": ("id",), "comments": ("urn",), "reactions": ("urn", "row_key")}
"""The fields that tell which record it is, the first that is there, where the loops print fields as they come. Of any
other stream they print the tap's own records, which are compared whole."""


@dataclass
class Output:
    """Counts of records by stream, and of each stream a digest of them that does not ask for their order."""

    counts: Counter[str] = field(default_factory=Counter)
    digests: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """All of them."""
        return self.counts.total()


def as_it_is(record: Record) -> Record:
    """What becomes of a record where no setting changes it."""
    return record


def messages(output: Path) -> Iterator[Mapping[str, Any]]:
    """Each line that is a JSON object."""
    with output.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.startswith("{"))


def record_of(message: Mapping[str, Any]) -> tuple[str, Record]:
    """Stream and record of a RECORD: Singer's, or Airbyte's."""
    record = message["record"]
    return (message["stream"], record) if "stream" in message else (record["stream"], record["data"])


def read(output: Path, becomes: Callable[[Record], Record] = as_it_is) -> Output:
    """Count what stands in a file: its records, or what a COUNTS message tells instead of them.

    Args:
        output: the file.
        becomes: what becomes of a record before it is compared, where records are compared whole.
    """
    found = Output()
    for message in messages(output):
        if message["type"] == "COUNTS":
            found.counts.update(message["counts"])
        elif message["type"] == "RECORD":
            stream, record = record_of(message)
            digest = hashlib.blake2b(what_is_compared(stream, record, becomes).encode(), digest_size=8).digest()
            found.counts[stream] += 1
            found.digests[stream] = (found.digests[stream] + int.from_bytes(digest, "big")) % 2**64
    return found


def what_is_compared(stream: str, record: Record, becomes: Callable[[Record], Record]) -> str:
    """Of a record, as text: what it becomes, where records are compared whole."""
    if stream in IDENTITIES:
        return next((str(record[name]) for name in IDENTITIES[stream] if record.get(name)), "")
    return json.dumps(becomes(record), sort_keys=True)


Signatures = Mapping[tuple[str, str], Counter[str]]
"""By stream and post how many comments there are, at the top and below, or how many reactions of each type."""


def signatures(output: Path) -> Signatures:
    """What the counts of each post say, as far as a loop's output tells."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for message in messages(output):
        stream, record = record_of(message)
        if stream == "comments":
            found[stream, record["post"]]["reply" if "parentComment" in record else "comment"] += 1
        elif stream == "reactions":
            found[stream, record["post"]][record["reactionType"]] += 1
    return found
