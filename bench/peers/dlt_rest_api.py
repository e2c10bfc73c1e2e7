"""dlt's `rest_api` source: what it is told of the API stands in `dlt_script`, which runs where dlt is."""

from __future__ import annotations

from pathlib import Path

from bench.contenders import Contender, Place
from bench.environments import Environment
from bench.workloads import ORGANIZATION, PAGE

ENVIRONMENT = Environment("dlt")
SCRIPT = Path(__file__).with_name("dlt_script.py")


def command(place: Place) -> list[str]:
    """Reads the workload's streams; nothing is normalized or loaded."""
    where = [place.sandbox.url, place.sandbox.token, ORGANIZATION, PAGE]
    return [ENVIRONMENT.program("python"), str(SCRIPT), *where, *place.workload.streams]


DLT = Contender("dlt rest_api", command, "AB", ENVIRONMENT, tells_which=False)
