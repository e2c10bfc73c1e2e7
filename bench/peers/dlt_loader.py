"""dlt as a loader: a script that reads Singer messages and loads them into PostgreSQL; it runs where dlt is installed.

Its arguments are the schema, and the connection as dlt's credentials, a JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

import dlt
import orjson

ROWS = 1000


def messages(lines: Iterable[bytes]) -> Iterator[Any]:
    """Each stream as a table of its own, merged by the key properties of its SCHEMA message."""
    told = (message for message in map(orjson.loads, lines) if message["type"] in ("SCHEMA", "RECORD"))
    for (kind, stream), run in groupby(told, lambda message: (message["type"], message["stream"])):
        if kind == "SCHEMA":
            *_, schema = run
            key = schema["key_properties"]
            hints = dlt.mark.make_hints(table_name=stream, primary_key=key, write_disposition="merge")
            yield dlt.mark.with_hints([], hints, create_table_variant=True)
            continue
        rows = (message["record"] for message in run)
        # dlt takes a list as one item, and handles it quicker than as many items.
        while some := list(islice(rows, ROWS)):
            yield dlt.mark.with_table_name(some, stream)


def main() -> None:
    """Load what comes on the standard input."""
    schema, connection = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        destination = dlt.destinations.postgres(credentials=json.loads(connection))
        pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=destination, dataset_name=schema)
        pipeline.run(dlt.resource(messages(sys.stdin.buffer), name="messages", max_table_nesting=0))


if __name__ == "__main__":
    main()
