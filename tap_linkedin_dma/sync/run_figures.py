"""The figures of a run for its report: by stream and by organization, with what was left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pendulum

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.output import run_report
from tap_linkedin_dma.output.run_report import LeftOut, OrganizationPart, Part, StreamPart
from tap_linkedin_dma.sync.emitter import Emitter, Reading
from tap_linkedin_dma.sync.run_context import RunContext


def of_streams(emitters: Iterable[Emitter], run_context: RunContext) -> Iterator[StreamPart]:
    """The figures of each stream, and by organization; of a run that may be under way in other threads."""
    for emitter in emitters:
        name, readings = emitter.name, dict(emitter.readings)
        left_out = _left_out(emitter, run_context)
        known = dict.fromkeys([*readings, *left_out])
        yield StreamPart(
            name,
            emitter.emitted,
            run_context.progress.calls_of(name),
            round(emitter.seconds, 1),
            [_part(organization, readings.get(organization), left_out[organization]) for organization in known],
        )


def _left_out(emitter: Emitter, run_context: RunContext) -> defaultdict[str, list[LeftOut]]:
    """The parts of a stream that were not read, by organization; under "" those that belong to none."""
    summary, found = run_context.run.summary, defaultdict[str, list[LeftOut]](list)
    for skip in summary.skips:
        if skip.stream == emitter.name:
            found[skip.organization].append(run_report.left_out("skipped", skip.what, skip.why))
    cut, fault = summary.cuts.get(emitter.name), summary.faults.get(emitter.name)
    if cut or fault:
        one = run_report.left_out(cut or "failed", "", str(cut or fault))
        for organization in list(emitter.unread) or [""]:
            found[organization].append(one)
    return found


def _part(organization: str, reading: Reading | None, left_out: Sequence[LeftOut]) -> Part:
    reading = reading or Reading()
    return Part(_number(organization), reading.rows, reading.calls, list(left_out))


def of_organizations(
    streams: Iterable[StreamPart],
    run_context: RunContext,
    earlier: Mapping[int, OrganizationPart],
    whole: Iterable[str],
    ended_at: pendulum.DateTime | None,
) -> list[OrganizationPart]:
    """The sums by organization, and when each was last read to its end.

    Args:
        streams: the figures by stream.
        run_context: of the run.
        earlier: the organizations of the last report.
        whole: the URNs of those of which this run has left nothing.
        ended_at: when the run ended; None if it did not end by itself.
    """
    found = dict(earlier)
    read = [_number(organization) for organization in whole] if ended_at else []
    for number in [
        *(_number(organization) for organization in run_context.run.organizations),
        *(part.organization for stream in streams for part in stream.organizations),
    ]:
        if number is not None:
            parts = [part for stream in streams for part in stream.organizations if part.organization == number]
            before = earlier[number].read_at if number in earlier else None
            found[number] = OrganizationPart(
                number,
                sum(part.rows for part in parts),
                sum(part.calls for part in parts),
                run_report.text_of(ended_at) if ended_at and number in read else before,
            )
    return list(found.values())


def _number(organization: str) -> int | None:
    key = urns.key(organization) if organization else ""
    return int(key) if key.isdecimal() else None
