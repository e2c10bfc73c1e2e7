"""Who is measured, and what to run for it: this tap and the bare loops; the peers have modules of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import behind, loops, outputs
from bench.environments import TAP, Environment
from bench.outputs import Record
from bench.workloads import CONTENT, FEED, FOLLOWS, ORGANIZATION, PAGE, Workload
from demo.sandbox import RunningSandbox
from linkedin_sandbox.world.organizations import organizations

CONCURRENCY = 16


@dataclass(frozen=True)
class Place:
    """Where and on what a contender works: a folder for its files, a sandbox, a workload."""

    folder: Path
    sandbox: RunningSandbox
    workload: Workload

    def write(self, name: str, value: object) -> str:
        """A JSON file in the folder; the answer is its path."""
        path = self.folder / name
        path.write_text(json.dumps(value))
        return str(path)


@dataclass(frozen=True)
class Contender:
    """Something that reads the same records.

    Args:
        name: how the table calls it.
        command: writes the files it needs, and gives its command line.
        workloads: the letters of those that it can do.
        environment: where it is installed; None for the project's own.
        becomes: what becomes of a record of the loops by its settings; None where its records are of a form of their
            own, and can only be counted.
        is_loadable: whether what it writes has tables, types and keys, such as a loader takes.
    """

    name: str
    command: Callable[[Place], list[str]]
    workloads: str
    environment: Environment | None = None
    becomes: Callable[[Record], Record] | None = outputs.as_it_is
    is_loadable: bool = True

    def prepare(self, place: Place) -> list[str]:
        """Its command line, once it is installed.

        Raises:
            CalledProcessError: it could not be.
        """
        if self.environment:
            self.environment.make()
        return self.command(place)


def loop(codec: str, place: Place, python: str) -> list[str]:
    """The command line of a bare loop."""
    return [
        *(python, str(Path(loops.__file__)), "--codec", codec, "--token", place.sandbox.token),
        *("--url", place.sandbox.url, "--page", PAGE, "--organizations", *organizations_of(place.workload)),
        *("--intervals", *(f"{name}={seconds}" for name, seconds in place.workload.intervals.items())),
        *("--streams", *place.workload.streams),
    ]


def organizations_of(workload: Workload) -> list[str]:
    """The URNs of the organizations that a workload reads."""
    return [ORGANIZATION, *(one.urn for one in organizations(workload.pages)[1:-1])]


def tap(place: Place, *, program: Sequence[str], without: str = "", **settings: object) -> list[str]:
    """The command line of this tap.

    It goes on from the `state.json` of the folder, if there is one.

    Args:
        place: where it works.
        program: what starts it.
        without: a column that is not selected.
        settings: beside those that the workload asks for.
    """
    config = place.write("config.json", {**tap_settings(place), **settings})
    command = [*program, "--config", config]
    found = subprocess.run([*command, "--discover"], check=True, capture_output=True)
    catalog = json.loads(found.stdout)
    for stream in catalog["streams"]:
        _select(stream, stream["tap_stream_id"] in place.workload.streams, without)
    state = place.folder / "state.json"
    command += ["--catalog", place.write("catalog.json", catalog)]
    return [*command, "--state", str(state)] if state.exists() else command


def tap_settings(place: Place) -> Mapping[str, object]:
    """The settings of this tap for a workload."""
    return {
        "access_token": place.sandbox.token,
        "api_url": place.sandbox.url,
        "oauth_url": f"{place.sandbox.url}/oauth/v2",
        "organizations": organizations_of(place.workload),
        "max_concurrency": CONCURRENCY,
        "request_intervals": {**dict.fromkeys((CONTENT, FEED, FOLLOWS), 0), **place.workload.intervals},
    }


def _select(stream: dict[str, Any], selected: bool, without: str) -> None:
    for entry in stream["metadata"]:
        if not entry["breadcrumb"]:
            entry["metadata"]["selected"] = selected
        elif entry["breadcrumb"] == ["properties", without]:
            entry["metadata"]["selected"] = False


def at_world_time(days_behind: int) -> list[str]:
    """This tap with a clock that is so many days behind: the sandbox's world begins a week before the real time."""
    return [TAP.program("python"), str(Path(behind.__file__)), str(days_behind)]


LOOPS = Environment("loops")


def _loop(codec: str, workloads: str) -> Contender:
    return Contender(
        f"requests + {codec} loop",
        lambda place: loop(codec, place, LOOPS.program("python")),
        workloads,
        LOOPS,
        is_loadable=False,
    )


def taps(program: Sequence[str], environment: Environment | None) -> list[Contender]:
    """This tap as it comes, and with settings that change the records of A."""

    def with_settings(name: str, workloads: str, becomes: Callable[[Record], Record], **settings: Any) -> Contender:
        return Contender(name, partial(tap, program=program, **settings), workloads, environment, becomes)

    return [
        with_settings("this tap", "ABCDF", outputs.as_it_is),
        with_settings(
            "this tap, with a stream map",
            "A",
            lambda record: {**record, "edge": record["edge_type"]},
            stream_maps={"followers": {"edge": "edge_type"}},
        ),
        with_settings(
            "this tap, a column deselected",
            "A",
            lambda record: {name: value for name, value in record.items() if name != "edge_type"},
            without="edge_type",
        ),
    ]


THIS, *_VARIED = taps([TAP.program("tap-linkedin-dma")], TAP)
DAY_BEFORE = Contender(THIS.name, partial(tap, program=at_world_time(7)), "G", TAP)
"""The first run of G, of whose state the measured one is a day later."""

BY_AGE = Contender(THIS.name, partial(tap, program=at_world_time(6)), "G", TAP)
EVERY_POST = Contender(
    "this tap, all posts on every run",
    partial(tap, program=at_world_time(6), post_analytics_schedule="off"),
    "G",
    TAP,
)
JSON_LOOP, ORJSON_LOOP = _loop("json", "ABDG"), _loop("orjson", "AB")
OWN = (THIS, *_VARIED, BY_AGE, EVERY_POST, JSON_LOOP, ORJSON_LOOP)
