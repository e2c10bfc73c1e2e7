"""airbyte-cdk's declarative source: a manifest, which stands in the file beside this one."""

from __future__ import annotations

from pathlib import Path

from bench.contenders import Contender, Place
from bench.environments import Environment
from bench.workloads import ORGANIZATION, PAGE

ENVIRONMENT = Environment("airbyte-cdk")
MANIFEST = Path(__file__).with_name("airbyte_cdk.yaml")


def command(place: Place) -> list[str]:
    """Reads the workload's streams, each from its start."""
    sandbox = place.sandbox
    config = {
        "url": sandbox.url,
        "token": sandbox.token,
        "organization": ORGANIZATION,
        "page": PAGE,
        "calls_a_second": 1 if place.workload.intervals else 1_000_000,
    }
    how = {"sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
    modes = {"json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    streams = [{"stream": {"name": name, **modes}, **how} for name in place.workload.streams]
    return [
        *(ENVIRONMENT.program("source-declarative-manifest"), "read", "--manifest-path", str(MANIFEST)),
        *("--config", place.write("airbyte_config.json", config)),
        *("--catalog", place.write("airbyte_catalog.json", {"streams": streams})),
    ]


AIRBYTE_CDK = Contender("airbyte-cdk", command, "ABD", ENVIRONMENT, becomes=None)
