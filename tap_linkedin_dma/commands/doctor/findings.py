"""The findings of `doctor`, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tap_linkedin_dma.privacy.log_masking import mask

Verdict = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Args:
        part: the kind of thing checked: token, version, organization or stream.
        name: which one.
        verdict: a note does not keep a run from succeeding.
        says: the result, and how to fix it if it is wrong; no token, and no member's URN.
        facts: the same for machines.
    """

    part: str
    name: str
    verdict: Verdict
    says: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.verdict != "wrong" for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """The findings as one JSON object."""
    told = [
        {"part": one.part, "name": one.name, "verdict": one.verdict, "says": one.says, **one.facts} for one in findings
    ]
    return mask(json.dumps({"ok": is_well(findings), "findings": told}, indent=2))


def as_text(findings: Sequence[Finding]) -> str:
    """A line for each finding, by part, and the number of problems."""
    lines = []
    part = ""
    for finding in findings:
        if finding.part != part:
            part = finding.part
            lines.append(f"{part}:")
        says = finding.says and f": {finding.says}"
        lines.append(f"  {finding.verdict.upper():5}  {finding.name}{says}")
    wrong = sum(finding.verdict == "wrong" for finding in findings)
    problems = "1 problem" if wrong == 1 else f"{wrong} problems"
    lines.append(f"{problems} found, marked WRONG above." if wrong else "No problems found.")
    return mask("\n".join(lines))
