"""The evidence that wire reports give: `python -m generate evidence REPORT…` merges them into `docs/evidence.md`.

The data file keeps of each report its digest, so that none counts twice, and by stream the versions and differences.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from generate.columns import table
from tap_linkedin_dma.output.wire_report import document
from tap_linkedin_dma.output.wire_report.document import Report
from tap_linkedin_dma.streams import STREAMS

DATA = Path(__file__).parent / "evidence.json"

CONFIRMED = "confirmed"

Evidence = Mapping[str, Mapping[str, Any]]
"""By a report's digest: by stream, the `versions` and the `differences`."""


def load(path: Path = DATA) -> Evidence:
    """The evidence so far."""
    return cast("Evidence", json.loads(path.read_text(encoding="utf-8")))


def add(evidence: Evidence, reports: Iterable[Path]) -> Evidence:
    """The evidence with these reports too.

    Raises:
        InputRejected: if a file is no wire report.
    """
    found = {_digest(report): _confirmed(report) for report in map(document.read, reports)}
    return dict(sorted({**evidence, **found}.items()))


def save(evidence: Evidence, path: Path = DATA) -> None:
    """Write the data file."""
    path.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")


def _digest(report: Report) -> str:
    return hashlib.sha256(document.encoded(report)).hexdigest()[:16]


def _confirmed(report: Report) -> dict[str, Any]:
    """The streams of a report; the versions are those in which LinkedIn has answered, and none if it has not."""
    streams: dict[str, Any] = {}
    for entry in report.entries:
        if entry.stream:
            stream = streams.setdefault(entry.stream, {"versions": [], "differences": []})
            stream["versions"] = sorted({*stream["versions"], *(entry.versions if entry.has_answered else ())})
            stream["differences"] += [f"{kind}: {place}" for kind, place in entry.differences]
    return streams


def by_stream(evidence: Evidence) -> str:
    """Each stream with the reports that confirm its request, and their differences."""
    heads = ["stream", "evidence", "reports", "linkedin_version", "differences"]
    return table(heads, [_row(stream, evidence) for stream in cast("tuple[Any, ...]", STREAMS)])


def _row(stream: Any, evidence: Evidence) -> list[str]:
    reports = [report[stream.name] for report in evidence.values() if stream.name in report]
    versions = sorted({version for report in reports for version in report["versions"]})
    differences = Counter(one for report in reports for one in set(report["differences"]))
    named = "; ".join(f"{one} ({number})" for one, number in sorted(differences.items())).replace("|", "\\|")
    confirming = sum(bool(report["versions"]) for report in reports)
    return [f"`{stream.name}`", level_of(stream, evidence), str(confirming), ", ".join(versions), named]


def level_of(stream: Any, evidence: Evidence) -> str:
    """How sure a stream's request is: confirmed if LinkedIn has answered it in a report, else by its own evidence."""
    reports = (report.get(stream.name, {}) for report in evidence.values())
    return CONFIRMED if any(report.get("versions") for report in reports) else str(stream.evidence)
