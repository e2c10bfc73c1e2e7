"""dlt's `rest_api` source: what it is told of the API stands in `dlt_script`, which runs where dlt is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.contenders import Contender, Place
from bench.environments import Environment
from bench.workloads import ORGANIZATION, PAGE

ENVIRONMENT = Environment("dlt")
SCRIPT = Path(__file__).with_name("dlt_script.py")


def command(how: str, place: Place) -> list[str]:
    """Reads the workload's streams: makes a `package` that dlt can load, or gives the `items` alone."""
    where = [place.sandbox.url, place.sandbox.token, ORGANIZATION, PAGE]
    return [ENVIRONMENT.program("python"), str(SCRIPT), how, *where, *place.workload.streams]


DLT = Contender("dlt rest_api", partial(command, "package"), "AB", ENVIRONMENT, becomes=None)
DLT_ITEMS = Contender(
    "dlt rest_api, items alone", partial(command, "items"), "AB", ENVIRONMENT, becomes=None, is_loadable=False
)
