"""A stand-in for Meltano Hub, from which `meltano add target-...` takes a loader's definition.

The settings that have a value are those to which the Hub gives one, since they are what a newcomer's run goes by.
Source: https://hub.meltano.com/loaders/
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOADERS: dict[str, dict[str, Any]] = {
    "target-postgres": {
        "variant": "meltanolabs",
        "pip_url": "meltanolabs-target-postgres",
        "capabilities": ["about", "activate-version", "hard-delete", "schema-flattening", "stream-maps"],
        "settings": [
            {"name": "sqlalchemy_url", "kind": "string"},
            {"name": "host", "kind": "string"},
            {"name": "port", "kind": "integer", "value": 5432},
            {"name": "default_target_schema", "kind": "string", "value": "$MELTANO_EXTRACT__LOAD_SCHEMA"},
            {"name": "load_method", "kind": "string", "value": "append-only"},
            {"name": "activate_version", "kind": "boolean", "value": True},
            {"name": "add_record_metadata", "kind": "boolean", "value": True},
            {"name": "hard_delete", "kind": "boolean", "value": False},
            {"name": "validate_records", "kind": "boolean", "value": True},
        ],
    },
    "target-jsonl": {
        "variant": "andyh1203",
        "pip_url": "target-jsonl",
        "settings": [
            {"name": "destination_path", "kind": "string", "value": "output"},
            {"name": "do_timestamp_file", "kind": "boolean", "value": False},
        ],
    },
    "target-csv": {
        "variant": "meltanolabs",
        "pip_url": "meltanolabs-target-csv",
        "capabilities": ["about", "schema-flattening", "stream-maps"],
        "settings": [
            {"name": "output_path", "kind": "string"},
            {"name": "file_naming_scheme", "kind": "string", "value": "{stream_name}.csv"},
            {"name": "overwrite_behavior", "kind": "string", "value": "replace_file"},
        ],
    },
}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        *_, kind, name = self.path.split("/")
        address = f"http://{self.headers['Host']}/meltano/api/v1/plugins/loaders"
        if kind != "loaders":
            answer: dict[str, Any] = {}
        elif name == "index":
            answer = {
                loader: {
                    "default_variant": given["variant"],
                    "logo_url": None,
                    "variants": {given["variant"]: {"ref": f"{address}/{loader}--{given['variant']}"}},
                }
                for loader, given in LOADERS.items()
            }
        else:
            loader = name.partition("--")[0]
            answer = {"name": loader, "namespace": loader.replace("-", "_"), "executable": loader, **LOADERS[loader]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """It has no log."""


@contextmanager
def hub() -> Iterator[str]:
    """Its address, for MELTANO_HUB_URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
