"""Requests the first page of each stream as a run does, and no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import requests

from tap_linkedin_dma.api import responses
from tap_linkedin_dma.api.batch_get import MAX_BATCH
from tap_linkedin_dma.api.client import Token, resource_at
from tap_linkedin_dma.api.errors import (
    CertificateRejected,
    DmaError,
    PaceFileRejected,
    ServerFault,
    Throttled,
    TokenRejected,
    VersionRejected,
)
from tap_linkedin_dma.api.products import PAGES
from tap_linkedin_dma.api.transport import Transport
from tap_linkedin_dma.commands.doctor.findings import Finding, Verdict
from tap_linkedin_dma.output.run_summary import RunSummary
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.sync.batches import NO_CONTEXT, ContextBatch, RecordBatch
from tap_linkedin_dma.tap import TapLinkedInDMA

_MOST_REFUSALS = 6
"""Refused calls of one probe: LinkedIn may accept another form of a parameter."""

_NOT_CHECKED = "Not checked:"

_ALWAYS = ("my_organization_acls", "organizations")
"""Streams that all others need, so that all their pages are read."""

_THROTTLED = "Not checked: LinkedIn wants more time between two calls. Run this again in a minute."


class ProbeEnds(Exception):
    """A probe has made all requests that it may."""


class FirstPageAdapter(Transport):
    """Lets a stream's first calls through: one answer from each resource, and from a paced one just one in total.

    Args:
        paced: the resources with an interval between requests.
        silence: as for any transport.
    """

    def __init__(self, paced: Collection[str], silence: float) -> None:
        super().__init__(silence)
        self.answers: dict[str, requests.Response] = {}
        """The last answers of this probe, by resource."""

        self.asked_by: dict[str, str] = {}
        """The stream for which each paced resource was called."""

        self.shares: str | None = None
        """The paced resource that this probe needs and another has already called."""

        self.answered_for: dict[str, str] = {}
        """The first stream that each resource answered."""

        self._paced = paced
        self._stream = ""
        self._is_whole = False
        self._refusals = 0

    def begin(self, stream: str, *, is_whole: bool) -> None:
        """Begin the probe of a stream, which reads all its pages if `is_whole`."""
        self.answers, self.shares, self._stream = {}, None, stream
        self._is_whole, self._refusals = is_whole, 0

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        resource = resource_at(str(request.url).partition("?")[0].partition("/rest/")[2])
        self._admit(resource)
        response = super().send(request, *args, **options)
        self.answers.pop(resource, None)
        self.answers[resource] = response
        self._refusals += not response.ok
        if response.ok:
            self.answered_for.setdefault(resource, self._stream)
        return response

    def _admit(self, resource: str) -> None:
        if resource in self._paced and self.asked_by.setdefault(resource, self._stream) != self._stream:
            self.shares = resource
            raise ProbeEnds
        has_answered = resource in self.answers and self.answers[resource].ok
        if self._refusals >= _MOST_REFUSALS or (has_answered and not self._is_whole):
            raise ProbeEnds


class StreamChecks:
    """Probes the active streams of a tap, parents before their children.

    Args:
        tap: it writes no messages.
        probe: the adapter that its clients use.
    """

    def __init__(self, tap: TapLinkedInDMA, probe: FirstPageAdapter) -> None:
        self._probe = probe
        self._streams = cast("Mapping[str, DmaStream]", tap.streams)
        self.rows: dict[str, Sequence[Row]] = {}
        """The first rows of each stream."""

        self.parents: dict[str, ContextBatch] = {}
        """The contexts with which each stream's children were probed."""

        self.ends: dict[Token, DmaError] = {}
        """The error of each token that every other stream with it would meet too."""

        self.answered: set[Token] = set()
        """The tokens with which LinkedIn has answered a request."""

        self.outage: DmaError | None = None
        """The error if LinkedIn cannot be reached: every other request would meet it too."""

        self._findings: dict[str, Finding] = {}

    def findings(self) -> Sequence[Finding]:
        """The finding on each selected stream, in reading order."""
        for stream in self._streams.values():
            if stream.parent_stream_type is None and (stream.is_active or stream.name in _ALWAYS):
                self._look_at(stream, NO_CONTEXT)
        return [self._findings[name] for name in self._streams if name in self._findings]

    def _look_at(self, stream: DmaStream, parents: ContextBatch) -> None:
        if self.outage or stream.client.token in self.ends:
            return
        finding = self._ask(stream, parents)
        if any(response.ok for response in self._probe.answers.values()):
            self.answered.add(stream.client.token)
        if (stream.selected or stream.name in _ALWAYS) and stream.client.token not in self.ends:
            self._findings[stream.name] = finding
        # Parents go first: the single answer of a paced resource serves their children too.
        for child in sorted(stream.children, key=lambda child: not child.children):
            self._look_at(child, self.parents.get(stream.name, ContextBatch([])))

    def _ask(self, stream: DmaStream, parents: ContextBatch) -> Finding:
        self._probe.begin(stream.name, is_whole=stream.name in _ALWAYS)
        summary = stream.run_context.run.begin_summary()
        try:
            for page in stream.read(parents) if parents.items else ():
                self._take(stream, page)
                if self._probe.answers:
                    break
        except ProbeEnds:
            pass
        except (TokenRejected, VersionRejected) as end:
            self.ends[stream.client.token] = end
        except Throttled:
            return _finding(stream, "note", _THROTTLED)
        except (CertificateRejected, PaceFileRejected) as fault:
            self.outage = fault
        except DmaError as fault:
            if isinstance(fault, ServerFault) and fault.status is None:
                self.outage = fault
            return _finding(stream, "wrong", str(fault))
        return self._verdict(stream, summary)

    def _take(self, stream: DmaStream, page: RecordBatch) -> None:
        """Keep what other streams need of a batch: URNs for lookups, and contexts for children."""
        self.rows[stream.name] = rows = list(page.records)
        for row in rows:
            stream.run_context.run.referenced_urns.observe(stream.name, row)
        if page.child_contexts:
            self.parents[stream.name] = ContextBatch([parent for parent, _ in page.child_contexts][:MAX_BATCH])

    def _verdict(self, stream: DmaStream, summary: RunSummary) -> Finding:
        for skip in summary.skipped:
            why = skip.removeprefix(stream.name).lstrip(",: ")
            if stream.evidence == "inferred":
                return _finding(stream, "note", f"A run skips this and continues. {why}")
            return _finding(stream, "wrong", why)
        last = next(reversed(self._probe.answers.items()), None)
        if last and (refusal := responses.error_from(last[1], last[0])):
            return _finding(stream, "note", str(refusal))
        return _finding(stream, "ok") if last and not self._probe.shares else self._unasked(stream)

    def _unasked(self, stream: DmaStream) -> Finding:
        """The finding on a stream for which no request, or not every one, was made.

        Its resource has answered another stream, or a stream that it depends on has a problem, which is reported once.
        """
        shared = self._probe.shares
        asked_by = self._probe.asked_by[shared] if shared else self._probe.answered_for.get(stream.resource)
        parent = cast("type[DmaStream]", stream.parent_stream_type).name if stream.parent_stream_type else ""
        seen = self._findings.get(asked_by or parent)
        if seen and seen.verdict != "ok":
            return _finding(stream, "note", seen.says if seen.says.startswith(_NOT_CHECKED) else _see(seen.name))
        if asked_by or isinstance(stream, DerivedStream):
            return _finding(stream, "ok")
        needs = f"a row of {parent}" if parent else "a URN that a record names"
        return _finding(stream, "note", f"{_NOT_CHECKED} it needs {needs}, and none was found.")


def _see(stream: str) -> str:
    return f"{_NOT_CHECKED} see {stream}."


def _finding(stream: DmaStream, verdict: Verdict, says: str = "") -> Finding:
    # Whoever reads it is running `doctor` already.
    return Finding("stream", stream.name, verdict, says.replace(PAGES.refused, PAGES.access))
