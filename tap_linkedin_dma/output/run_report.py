"""The run report: one JSON file about a run, for whatever starts the runs and watches them.

It has no data from LinkedIn except numbers of organizations, and counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec
import pendulum
from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_dma.api.errors import DailyLimit, DmaError, IncompleteRun, RunCut, TokenRejected
from tap_linkedin_dma.output import report_files
from tap_linkedin_dma.privacy.log_masking import mask

Outcome = Literal["ok", "partial", "daily_limit", "token", "failed"]

UNDER_WAY = "The run is under way, or was killed."


class LeftOut(msgspec.Struct, frozen=True):
    """Something that the run did not read.

    Args:
        kind: `skipped` if LinkedIn refused it or gave no answer, `failed` if a fault ended the stream, `time` if
            `run_for` did, `daily_limit` if LinkedIn's limit for the day did.
        what: the part that was skipped; "" for all that was not read yet.
        why: a sentence.
    """

    kind: Literal["skipped", "failed", "time", "daily_limit"]
    what: str
    why: str


class Part(msgspec.Struct, frozen=True):
    """A stream in one organization.

    Args:
        organization: its number; null for what belongs to none, or to several.
        rows: emitted.
        calls: made for it alone.
        left_out: what was not read.
    """

    organization: int | None
    rows: int
    calls: int
    left_out: list[LeftOut]


class StreamPart(msgspec.Struct, frozen=True):
    """A stream.

    Args:
        stream: its name.
        rows: emitted.
        calls: requests made, repeated ones included.
        seconds: from the beginning of its reading to its last row.
        organizations: the same by organization.
    """

    stream: str
    rows: int
    calls: int
    seconds: float
    organizations: list[Part]


class OrganizationPart(msgspec.Struct, frozen=True):
    """An organization.

    Args:
        organization: its number.
        rows: emitted.
        calls: made for it alone.
        read_at: the end of the last run that left nothing of it unread; null if no report knows one.
    """

    organization: int
    rows: int
    calls: int
    read_at: str | None


class RunReport(msgspec.Struct, frozen=True):
    """A run.

    Args:
        outcome: `ok`; `partial` if the run ended by itself and has left something; `daily_limit`; `token` if LinkedIn
            does not accept the token; `failed` if anything else ended the run.
        until: when the daily limit ends; null for other outcomes.
        message: the last sentence of the log.
        tap_version: of the tap.
        started_at: when the run began.
        ended_at: when it ended; null while it is under way, and if it was killed.
        seconds: how long it took.
        rows: emitted.
        calls: requests made, repeated ones included.
        organizations: those that were read, and those of earlier reports in the same file.
        streams: those that are selected, or that others need.
        format: of this report.
    """

    outcome: Outcome
    until: str | None
    message: str
    tap_version: str
    started_at: str
    ended_at: str | None
    seconds: float
    rows: int
    calls: int
    organizations: list[OrganizationPart]
    streams: list[StreamPart]
    format: Literal[1] = 1


def left_out(kind: Literal["skipped", "failed"] | RunCut, what: str, why: str) -> LeftOut:
    """Something that was not read, in texts that may leave."""
    if isinstance(kind, RunCut):
        return LeftOut("daily_limit" if isinstance(kind, DailyLimit) else "time", mask(what), mask(why))
    return LeftOut(kind, mask(what), mask(why))


def outcome_of(fault: BaseException | None, *, is_cut: bool) -> Outcome:
    """The outcome of a run.

    Args:
        fault: that ended it.
        is_cut: whether something is left for the next run.
    """
    if fault is None:
        return "partial" if is_cut else "ok"
    kinds: Mapping[type[DmaError], Outcome] = {
        DailyLimit: "daily_limit",
        TokenRejected: "token",
        IncompleteRun: "partial",
    }
    return next((outcome for kind, outcome in kinds.items() if isinstance(fault, kind)), "failed")


def sentence_of(fault: BaseException) -> str:
    """The sentence about what ended a run; only the type of an error whose text may hold data."""
    if isinstance(fault, ConfigValidationError):
        return mask(" ".join(fault.errors))
    return mask(str(fault)) if isinstance(fault, DmaError) else f"{type(fault).__name__}: see the log."


def new_report(
    outcome: Outcome,
    message: str,
    started_at: pendulum.DateTime,
    ended_at: pendulum.DateTime | None,
    streams: Iterable[StreamPart] = (),
    organizations: Iterable[OrganizationPart] = (),
) -> RunReport:
    """A report of this release."""
    streams, now = list(streams), ended_at or started_at
    return RunReport(
        outcome,
        text_of(now.start_of("day").add(days=1)) if outcome == "daily_limit" else None,
        message,
        metadata.version("tap-linkedin-dma").partition("+")[0],
        text_of(started_at),
        text_of(ended_at) if ended_at else None,
        round((now - started_at).total_seconds(), 1),
        sum(stream.rows for stream in streams),
        sum(stream.calls for stream in streams),
        list(organizations),
        streams,
    )


def text_of(moment: pendulum.DateTime) -> str:
    """A time, in UTC to the second."""
    return moment.in_timezone("UTC").format("YYYY-MM-DD[T]HH:mm:ss[Z]")


def earlier(path: Path) -> Mapping[int, OrganizationPart]:
    """The organizations of the report in a file by number, as they are in a later report without a row of them."""
    try:
        report = msgspec.json.decode(path.read_bytes(), type=RunReport)
    except (OSError, msgspec.MsgspecError):
        return {}
    return {one.organization: OrganizationPart(one.organization, 0, 0, one.read_at) for one in report.organizations}


def write(report: RunReport, path: Path) -> None:
    """Write a report to a file.

    Raises:
        DmaError: if that fails.
    """
    report_files.replace(path, msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n", "run report")
