"""How long it takes before a tap does anything, beside the least that the Singer SDK itself takes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.contenders import THIS
from bench.environments import TAP
from bench.measuring import measure
from bench.running import Result, Row, quickest
from bench.workloads import Workload

OPTIONS = ("--version", "--discover")
BARE = "a bare tap of the SDK"


def programs() -> Mapping[str, Sequence[str]]:
    """What starts each tap; both run with the same packages."""
    TAP.make()
    bare = str(Path(__file__).parent / "peers" / "bare_tap.py")
    return {THIS.name: [TAP.program("tap-linkedin-dma")], BARE: [TAP.program("python"), bare]}


def run(workload: Workload, taps: Mapping[str, Sequence[str]] | None = None) -> Result:
    """Start each tap with each option, in turn."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        output = Path(folder) / "output"
        for _ in range(workload.rounds):
            for name, program in (taps or programs()).items():
                rows += [Row(f"{name} {option}", measure([*program, option], output)) for option in OPTIONS]
    return Result(workload, quickest(rows))


def ratios(result: Result) -> Sequence[str]:
    """For each option, how this tap compares with the bare one."""
    pairs = ((option, result.row(f"{THIS.name} {option}"), result.row(f"{BARE} {option}")) for option in OPTIONS)
    return [
        f"- `{option}`: {this.cost.cpu_s / bare.cost.cpu_s:.2f} of the CPU time of {BARE}."
        for option, this, bare in pairs
        if this and bare
    ]
