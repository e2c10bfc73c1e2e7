"""`make bench`: run the workloads, print their tables, and write them into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from bench import loading, startup, table
from bench.contenders import OWN, THIS
from bench.peers import PEERS
from bench.running import Result, run
from bench.workloads import A_TENTH, ALL
from demo.processes import leave_in_order_on_sigterm


def measure(letter: str) -> Result:
    """One workload, with all who can do it."""
    workload = ALL[letter]
    if letter == "E":
        return loading.run(workload)
    if letter == "S":
        return startup.run(workload)
    contenders = [contender for contender in (*OWN, *PEERS) if letter in contender.workloads]
    result = run(workload, contenders)
    return replace(result, smaller=run(A_TENTH, [THIS]).row(THIS.name)) if letter == "A" else result


def main() -> int:
    """Measure what the command line names, or all; the answer is the process's exit status."""
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("workloads", nargs="*", choices=[*ALL, []], metavar="|".join(ALL), help="all, if none is named")
    letters = parser.parse_args().workloads or list(ALL)
    leave_in_order_on_sigterm()
    results: dict[str, Result] = {}
    for letter in letters:
        print(f"{letter}: {ALL[letter].about} ...", flush=True)
        results[letter] = measure(letter)
        print(f"\n{table.section(results[letter], results)}\n", flush=True)
        for name, last_words in results[letter].failed.items():
            print(f"{name}: {last_words}\n", file=sys.stderr)
        table.write(results)
    return 1 if any(result.failed for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
