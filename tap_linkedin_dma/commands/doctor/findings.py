"""The findings of `doctor`, as text and as JSON."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal

import click

from tap_linkedin_dma.output.progress import counted
from tap_linkedin_dma.privacy.log_masking import mask

Verdict = Literal["ok", "note", "wrong"]

_COLOURS = {"ok": "green", "note": "yellow", "wrong": "red"}
_INDENT = " " * len("  WRONG  ")

_MOST_NAMES = 6
"""Streams that are named in one entry; more are counted."""


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Args:
        part: the kind of thing checked: connection, token, version, organization or stream.
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


def as_text(findings: Sequence[Finding], *, is_verbose: bool, width: int | None) -> str:
    """The findings by part, and whether a run can begin.

    Args:
        findings: all of them.
        is_verbose: whether to list the streams that are in order one by one, rather than count them.
        width: columns of the terminal; None not to wrap lines.
    """
    lines: list[str] = []
    for part, of_part in groupby(findings, attrgetter("part")):
        entries = list(_entries(list(of_part), is_verbose=is_verbose))
        lines += [f"{part}:"] if entries else []
        for verdict, text in entries:
            wrapped = textwrap.wrap(
                text, (width or sys.maxsize) - len(_INDENT), break_long_words=False, break_on_hyphens=False
            ) or [""]
            lines += [f"  {_marked(verdict)}  {wrapped[0]}", *(f"{_INDENT}{more}" for more in wrapped[1:])]
    good = sum(finding.part == "stream" and finding.verdict == "ok" for finding in findings)
    lines += [f"{counted(good, 'stream')} OK"] if good and not is_verbose else []
    wrong = sum(finding.verdict == "wrong" for finding in findings)
    lines.append(f"{counted(wrong, 'problem')} to fix, marked WRONG above." if wrong else "Ready to run.")
    return mask("\n".join(lines))


def _entries(findings: Sequence[Finding], *, is_verbose: bool) -> Iterator[tuple[Verdict, str]]:
    """Each finding to print: of streams only those that are not in order, and one entry for each cause."""
    if is_verbose:
        yield from ((one.verdict, _said(one.name, one.says)) for one in findings)
        return
    names: dict[tuple[Verdict, str], list[str]] = {}
    for one in findings:
        if one.part != "stream" or one.verdict != "ok":
            names.setdefault((one.verdict, one.says), []).append(one.name)
    for (verdict, says), met in names.items():
        yield verdict, _said(", ".join(met) if len(met) <= _MOST_NAMES else counted(len(met), "stream"), says)


def _said(name: str, says: str) -> str:
    return f"{name}: {says}" if says else name


def _marked(verdict: Verdict) -> str:
    return click.style(f"{verdict.upper():5}", fg=_COLOURS[verdict], bold=verdict == "wrong")
