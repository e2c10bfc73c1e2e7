"""What a target reads of a BATCH message."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def batch_config(folder: Path, rows: int = 20) -> dict[str, Any]:
    """The setting for files of so many rows; of each stream, the first tenth of them leave as RECORD messages."""
    return {"storage": {"root": f"file://{folder}"}, "batch_size": rows}


def as_records(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The RECORD messages that say the same as a message: itself, unless it is a BATCH message."""
    if message["type"] != "BATCH":
        yield message
        return
    for address in message["manifest"]:
        file = Path(address.removeprefix("file://"))
        assert file.stat().st_mode & 0o077 == 0, "others than its owner can read it"
        read = gzip.decompress if message["encoding"]["compression"] == "gzip" else bytes
        for line in read(file.read_bytes()).splitlines():
            record = json.loads(line)
            added = {name: record.pop(name) for name in [*record] if name.startswith("_sdc_")}
            assert added["_sdc_sync_started_at"] <= added["_sdc_sequence"]
            version = {"version": added["_sdc_table_version"]} if "_sdc_table_version" in added else {}
            assert message.get("version") == version.get("version")
            extracted = added["_sdc_extracted_at"]
            yield {
                "type": "RECORD",
                "stream": message["stream"],
                "record": record,
                **version,
                "time_extracted": extracted,
            }
