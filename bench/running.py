"""Running a workload: each contender in turn against one sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import outputs
from bench.contenders import DAY_BEFORE, THIS, Contender, Place, loop
from bench.measuring import Cost, Failed, measure
from bench.outputs import Output, Signatures
from bench.workloads import FEED, Workload
from demo.sandbox import running_sandbox


@dataclass(frozen=True)
class Row:
    """What one contender took: its cost, its calls by resource and finder, the records it printed.

    `sandbox_s` is how long the sandbox worked for it. `verdict` says what is wrong with its records, "" for nothing.
    """

    name: str
    cost: Cost
    calls: Counter[str] = field(default_factory=Counter)
    records: int = 0
    sandbox_s: float = 0.0
    verdict: str = ""


@dataclass(frozen=True)
class Result:
    """A workload's rows, the paced calls that cannot be spared, and who failed with what went wrong.

    `smaller` is what this tap took for a tenth of the records.
    """

    workload: Workload
    rows: Sequence[Row]
    least_calls: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    smaller: Row | None = None

    @property
    def longest_clock_s(self) -> int:
        """Seconds between the first and the last of the least calls to a paced resource, the longest of these."""
        needed = Counter[str]()
        for name, calls in self.least_calls.items():
            needed[name.partition(" ")[0]] += calls
        intervals = self.workload.intervals
        return round(max(((calls - 1) * intervals.get(name, 0) for name, calls in needed.items()), default=0))

    def row(self, name: str) -> Row | None:
        """The row of one contender, if it got there."""
        return next((row for row in self.rows if row.name == name), None)


def run(workload: Workload, contenders: Sequence[Contender]) -> Result:
    """Measure the contenders, one after the other, after a loop has had all answers rendered."""
    rows, failed = [], {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, running_sandbox(*workload.sandbox) as sandbox:
        place = Place(Path(folder), sandbox, workload)
        before: Signatures = {}
        if workload.days:
            if {"comments", "reactions"} & {*workload.streams}:
                before = outputs.signatures(walk(place))
            keep_state(place)
            sandbox.tick(workload.days)
        walked = walk(place)
        least = least_calls(before, outputs.signatures(walked), sandbox.calls())
        sandbox.set_latency(workload.latency_ms)
        for resource, seconds in workload.intervals.items():
            sandbox.set_interval(resource, seconds)
        for contender in [*contenders] * workload.rounds:
            row = measured(contender, place, walked)
            if isinstance(row, Row):
                rows.append(row)
            else:
                failed[contender.name] = row
    return Result(workload, quickest(rows), least, failed)


def quickest(rows: Sequence[Row]) -> list[Row]:
    """The best row of each contender; one in which something is wrong stands for all of its rows."""
    best: dict[str, Row] = {}
    for row in rows:
        known = best.setdefault(row.name, row)
        if not known.verdict and (row.verdict or row.cost.seconds < known.cost.seconds):
            best[row.name] = row
    return list(best.values())


def walk(place: Place) -> Path:
    """A file of all there is, as a loop finds it that need not wait; it is not measured."""
    place.sandbox.clear()
    output = place.folder / "walk.jsonl"
    measure(loop("json", unpaced(place), sys.executable), output)
    return output


def unpaced(place: Place) -> Place:
    """The same, where no resource asks for pauses."""
    return replace(place, workload=replace(place.workload, intervals={}))


def keep_state(place: Place) -> None:
    """A first run of the tap, which is not measured."""
    output = place.folder / "first.jsonl"
    first = THIS if place.workload.letter in THIS.workloads else DAY_BEFORE
    measure(first.prepare(unpaced(place)), output)
    with output.open() as lines:
        states = [message["value"] for message in map(json.loads, lines) if message["type"] == "STATE"]
    place.write("state.json", states[-1])


def least_calls(before: Signatures, after: Signatures, walked: Mapping[str, int]) -> dict[str, int]:
    """The calls to the feed and to follows that no one can spare who knows the counts of each post.

    The pages that list the posts and the followers, and one for the comments and one for the reactions of each post
    where their counts are others than before.
    """
    changed = Counter(stream for stream, post in after if after[stream, post] != before.get((stream, post)))
    pages = {name: calls for name, calls in walked.items() if name.endswith((" postsByAuthor", " followee"))}
    return {**pages, **{f"{FEED} {stream}OnEntity": calls for stream, calls in sorted(changed.items())}}


def measured(contender: Contender, place: Place, walked: Path) -> Row | str:
    """One contender's row, or what went wrong if it could not be installed or did not end well."""
    output = place.folder / "output.jsonl"
    try:
        command = contender.prepare(place)
        place.sandbox.clear()
        worked = place.sandbox.cpu_s()
        cost = measure(command, output)
    except (Failed, subprocess.CalledProcessError) as failure:
        return str(failure)
    found = outputs.read(output)
    wrong = "" if place.workload.days else verdict(found, walked, contender)
    return Row(contender.name, cost, place.sandbox.calls(), found.records, place.sandbox.cpu_s() - worked, wrong)


def verdict(found: Output, walked: Path, contender: Contender) -> str:
    """What is wrong with the records of a contender that should have printed all there are."""
    expected = outputs.read(walked, contender.becomes or outputs.as_it_is)
    if found.counts != expected.counts:
        lacking = expected.counts - found.counts
        return f"lacks {dict(lacking)}" if lacking else f"too many: {dict(found.counts - expected.counts)}"
    if contender.becomes and found.digests != expected.digests:
        return "other records"
    return ""
