"""The tap: its settings, and its streams."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, cast
from uuid import uuid4

from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.mapper import RemoveRecordTransform
from singer_sdk.streams import Stream

from tap_linkedin_dma.api.client import Client, resource_at
from tap_linkedin_dma.api.clock import Clock, SystemClock
from tap_linkedin_dma.api.errors import DailyLimit, DmaError, IncompleteRun, NothingSelected, OutputClosed
from tap_linkedin_dma.api.rate_limits import AUTO, Interval
from tap_linkedin_dma.config import catalogs, settings, validation
from tap_linkedin_dma.output import run_report
from tap_linkedin_dma.output.batch_files import BatchFiles
from tap_linkedin_dma.output.progress import counted, in_time
from tap_linkedin_dma.output.run_report import UNDER_WAY, OrganizationPart, outcome_of, sentence_of
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tap_linkedin_dma.output.wire_report import document
from tap_linkedin_dma.output.wire_report.document import Report, new_report
from tap_linkedin_dma.output.wire_report.recorder import WireRecorder
from tap_linkedin_dma.state import checkpoints, member_settings, rotation, saved_state
from tap_linkedin_dma.state.checkpoints import clear_table_versions
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.expected import WORDS, expected_streams
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync import run_figures
from tap_linkedin_dma.sync.run_context import RunContext
from tap_linkedin_dma.sync.sdk_adapter import SdkTap
from tap_linkedin_dma.sync.writer import Writer

_PATIENCE_AT_THE_END = 2.0
"""Seconds that a signal waits, at most, for another thread to release the run lock."""

_A_DAY = 24 * 60 * 60
_PARAMETERS = {stream.name: frozenset(stream.params) for stream in STREAMS}
_RESOURCES = {resource_at(stream.resource) for stream in STREAMS}

_OTHER_LOCATIONS = (
    "The last run was interrupted, and drop_unsure_locations has changed since: what it had begun to read is read "
    "again from its start. What it stored stays in tables that are only added to: erase it, or load them anew."
)


def _has_been_read(bookmark: Mapping[str, Any]) -> bool:
    """Whether the state of a stream says that a part of it is not read again."""
    partitions = bookmark.get("partitions", ())
    return any("posts_to" in part or "replication_key_value" in part for part in (bookmark, *partitions))


class TapLinkedInDMA(SdkTap):
    """A company's own LinkedIn data, from the DMA Portability APIs."""

    name = "tap-linkedin-dma"

    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.BATCH,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    config_jsonschema = settings.SCHEMA
    message_writer_class = MessageWriter

    clock: Clock = SystemClock()
    """Gives the time; a test replaces it before the streams are made."""

    known_streams = _PARAMETERS.keys()

    _fault: BaseException | None = None
    """The error that has ended the run."""

    _closing = ""
    """The last sentence of a run that no error has ended."""

    _batch_files: BatchFiles | None = None

    # Streams

    @cached_property
    def run_context(self) -> RunContext:
        """Everything that all streams of this run share."""
        return RunContext(self.config, self.clock, self.wire_recorder)

    @cached_property
    def wire_recorder(self) -> WireRecorder | None:
        """Keeps the shapes of requests and answers; None unless a wire report is wanted."""
        return WireRecorder(expected_streams(), WORDS) if self.config.get("wire_report") else None

    def wire_report(self) -> Report:
        """The wire report so far."""
        recorder = cast("WireRecorder", self.wire_recorder)
        streams = [stream for stream in self.streams.values() if isinstance(stream, DmaStream)]
        return new_report(recorder.entries({stream.name: stream.request.accepted_fallbacks() for stream in streams}))

    @cached_property
    def client(self) -> Client:
        """The client with the token of the pages' administrator."""
        return self._connect(self.config)

    @cached_property
    def member_client(self) -> Client:
        """The client for a member's own data: it has that member's token and no other secret."""
        known = {name: value for name, value in self.config.items() if name not in (*validation.SECRETS, "token_file")}
        return self._connect({**known, "access_token": self.config["member_access_token"]})

    def _connect(self, config: Mapping[str, Any]) -> Client:
        return self.run_context.connect({**config, "request_intervals": intervals_of(config)})

    def discover_streams(self) -> Sequence[Stream]:
        streams: list[DmaStream] = []
        if validation.has_pages_token(self.config) or not self.config.get("member_access_token"):
            own = [stream for stream in STREAMS if not issubclass(stream, MemberStream)]
            streams += [stream(self, self.run_context, self.client) for stream in own]
        if self.config.get("member_access_token"):
            of_member = [stream for stream in STREAMS if issubclass(stream, MemberStream)]
            streams += [stream(self, self.run_context, self.member_client) for stream in of_member]
        if self.input_catalog is not None:
            for name in catalogs.complete(self.input_catalog, streams):
                self.logger.warning("The catalog selects %s, which %s.", name, _why_not(name))
        return streams

    def in_reading_order(self, streams: Mapping[str, Stream]) -> dict[str, Stream]:
        """The streams in the order of `STREAMS`: lookups must come last."""
        return {stream.name: streams[stream.name] for stream in STREAMS if stream.name in streams}

    # A run

    def sync(self, begin: Callable[[], None]) -> None:
        """Read all streams selected; skip what cannot be read, and report it at the end.

        Raises:
            DmaError: if a stream was not read to its end, or if anything was skipped and `fail_on_skip` is set.
        """
        self._write_run_report(UNDER_WAY)
        try:
            self._sync(begin)
        except BaseException as fault:
            self._fault = fault
            raise
        finally:
            self._write_reports()

    def _sync(self, begin: Callable[[], None]) -> None:
        self._begin_run()
        run_context = self.run_context
        try:
            with run_context.progress.shown(), run_context.run_lock.holding(), self._stopping():
                begin()
                Writer(run_context.readers, run_context.run, self.clock, self._write_state).write_all()
        except DmaError:
            # All that is in the state has been emitted; the next run need not read it again.
            with suppress(OutputClosed):
                self._write_state()
            # The cause is the last line.
            self.logger.info("Stopped after %s: %s.", *self._figures())
            raise
        finally:
            run_context.readers.close()
            if self._batch_files:
                self._batch_files.close()
        self._end_tables()
        self._log_metrics()
        self._report()

    def after_dry_run(self) -> None:
        self._report()

    def _figures(self) -> tuple[str, str]:
        """How long the run has taken, and what it has emitted, in words."""
        streams = [stream for stream in self.streams.values() if isinstance(stream, DmaStream) and stream.selected]
        failed = self.run_context.run.summary.failed
        read = [stream for stream in streams if stream.name not in failed]
        records = sum(stream.emitter.emitted for stream in streams)
        return in_time(
            self.run_context.progress.seconds
        ), f"{counted(records, 'record')} of {counted(len(read), 'stream')}"

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Make no more requests in a run that failed, and do not wait for those under way."""
        try:
            yield
        except BaseException:
            self.run_context.stop()
            raise

    def _report(self) -> None:
        """Log what is normal and worth knowing, and the closing sentence.

        Raises:
            IncompleteRun: if a stream failed, or if anything was skipped and `fail_on_skip` is set. Its message is that
                sentence, and the cause.
            DailyLimit: if LinkedIn's limit for the day has cut the run.
        """
        summary = self.run_context.run.summary
        failed, skipped = summary.failed, summary.skipped
        for remark in summary.remarks:
            self.logger.info("%s", remark)
        seconds, records = self._figures()
        parts = [
            f"{records} in {seconds}",
            *([f"failed: {len(failed)}"] if failed else []),
            *([f"skipped: {len(skipped)} (above)"] if skipped else []),
            *([f"the next run continues with what is left: {self._left()}"] if summary.cuts else []),
        ]
        told = "; ".join(parts)
        if failed:
            raise IncompleteRun(f"Incomplete: {told}. {' '.join([*summary.causes, *summary.last_sentences])}")
        if skipped and self.config["fail_on_skip"]:
            raise IncompleteRun(f"Incomplete, as fail_on_skip is set: {told}. {' '.join(skipped)}")
        limits = dict.fromkeys(str(cut) for cut in summary.cuts.values() if isinstance(cut, DailyLimit))
        if limits:
            raise DailyLimit(f"Stopped at LinkedIn's daily limit: {told}. {' '.join(limits)}")
        self._closing = f"Done: {told}."
        if summary.cuts:
            self._closing = f"Stopped after the {counted(self.config['run_for'], 'minute')} of run_for: {told}."
        else:
            self.logger.info("%s", self._closing)
        for sentence in summary.last_sentences:
            self.logger.warning("%s", sentence)
        if summary.cuts:
            self.logger.info("%s", self._closing)

    def _left(self) -> str:
        """The streams that were cut, and of how many organizations, in words."""
        many = len(self.run_context.run.organizations)
        unread = {name: len(self._stream(name).emitter.unread) for name in self.run_context.run.summary.cuts}
        return ", ".join(
            f"{name} ({number} of {counted(many, 'organization')})" if number else name
            for name, number in unread.items()
        )

    def _stream(self, name: str) -> DmaStream:
        return cast("DmaStream", self.streams[name])

    def _log_metrics(self) -> None:
        for stream in self.streams.values():
            if isinstance(stream, DmaStream) and stream.emitter.has_begun:
                requests, seconds = self.run_context.progress.requests_of(stream.name)
                stream.log_metrics(stream.emitter.emitted, stream.emitter.seconds, requests, seconds)

    def _check_selection(self) -> None:
        """Report the selected streams that cannot be read.

        Raises:
            NothingSelected: if no stream is selected.
        """
        streams = [stream for stream in self.streams.values() if isinstance(stream, DmaStream)]
        if not any(stream.is_active for stream in streams):
            msg = "No stream is selected, so nothing would be read. Select some in the catalog, or run without one."
            raise NothingSelected(msg)
        for stream in streams:
            lost = [below.name for below in stream.descendants if below.selected]
            if lost and stream.selected and isinstance(stream.stream_maps[0], RemoveRecordTransform):
                self.logger.warning(
                    "stream_maps leaves out %s, so nothing below it is read: %s. Deselect %s instead to read them.",
                    stream.name,
                    ", ".join(lost),
                    stream.name,
                )

    def _begin_run(self) -> None:
        """Resume from the part of the state about runs: it is kept with the stream that nearly all others depend on."""
        self._check_selection()
        for client in self.run_context.clients:
            client.token.ask_for_scopes()
        run, bookmarks = self.run_context.run, self.state.setdefault("bookmarks", {})
        run.streams_before = frozenset(name for name, stream in bookmarks.items() if _has_been_read(stream))
        saved = bookmarks.setdefault(Organizations.name, {})
        for sentence in saved_state.bring_back(bookmarks, self.clock.now()):
            self.logger.warning("%s", sentence)
        member_settings.begin_with(self.config, saved)
        if checkpoints.begin_under(bookmarks, saved, drops_locations=self.config["drop_unsure_locations"]):
            self.logger.warning("%s", _OTHER_LOCATIONS)
        table_version = self._table_version(saved) if self.config["emit_activate_version_messages"] else None
        run.resume(saved, table_version)
        if batch_config := self.config.get("batch_config"):
            pipeline = saved.setdefault("batch_files", uuid4().hex[:8])
            self._batch_files = BatchFiles(batch_config, pipeline, self.run_context.started_at)
            cast("MessageWriter", self.message_writer).use_batch_files(self._batch_files)
        rotation.end_rounds(bookmarks, [Organizations.name, *self._streams_of_rounds()])
        run.continues_listings = checkpoints.is_open(bookmarks)
        if "run_for" in self.config:
            self.run_context.end_after(60 * self.config["run_for"])
        for resource in run.throttled_resources(within=_A_DAY):
            for client in self.run_context.clients:
                client.limits.use_long_interval(resource)

    def _streams_of_rounds(self) -> Iterator[str]:
        """The streams whose tables this run goes on reading, where earlier ones were cut."""
        now_ms = int(self.run_context.started_at.timestamp() * 1000)
        for top in self._by_organization():
            tables = [stream for stream in top.branch if stream.table_version is not None]
            if tables and tables[0] is top and rotation.is_round([stream.kept for stream in tables], now_ms):
                yield from (stream.name for stream in tables)

    def _by_organization(self) -> Sequence[DmaStream]:
        """The streams that are read organization by organization, without those below them."""
        streams = [stream for stream in self.streams.values() if isinstance(stream, DmaStream) and stream.is_active]
        return [stream for stream in streams if stream.parent_stream_type is Organizations]

    def _table_version(self, saved: dict[str, Any]) -> int:
        """The version of the tables that are read whole: that of an interrupted earlier run, for a day."""
        now_ms = int(self.run_context.started_at.timestamp() * 1000)
        version: int = saved.get("table_version", 0)
        saved["table_version"] = version if now_ms - _A_DAY * 1000 < version <= now_ms else now_ms
        return int(saved["table_version"])

    def _end_tables(self) -> None:
        """Let the next run begin new versions, unless it has to resume a stream of this run."""
        if self.run_context.run.organizations:
            for stream in self._by_organization():
                stream.remember_left()
        if not self.run_context.run.summary.failed:
            bookmarks = self.state.get("bookmarks", {})
            clear_table_versions(bookmarks, Organizations.name)
        self._write_state()

    def _write_state(self) -> None:
        self.state_writer.write_state(self.state)

    # Reports

    def _write_reports(self) -> None:
        """Write the reports that are wanted, however the run has ended; it does not fail for them."""
        with self._faults_as_warnings():
            self._write_run_report()
        with self._faults_as_warnings():
            self._write_wire_report()

    @contextmanager
    def _faults_as_warnings(self) -> Iterator[None]:
        try:
            yield
        except DmaError as fault:
            self.logger.warning("%s", fault)

    def _write_wire_report(self) -> None:
        if self.wire_recorder:
            document.write(self.wire_report(), Path(self.config["wire_report"]))

    def _write_run_report(self, under_way: str = "") -> None:
        """Write the run report, if one is wanted.

        Args:
            under_way: the sentence for a run that has not ended.

        Raises:
            DmaError: if the file cannot be written.
        """
        path, run_context, fault = self._path_of_run_report(self.config), self.run_context, self._fault
        if not path:
            return
        streams = [stream for stream in self.streams.values() if isinstance(stream, DmaStream) and stream.is_active]
        parts = list(run_figures.of_streams([stream.emitter for stream in streams], run_context))
        has_ended = fault is None or isinstance(fault, (DailyLimit, IncompleteRun))
        whole = [one for one in run_context.run.organizations if self._has_read_all(one, streams)]
        ended_at = None if under_way else self.clock.now()
        report = run_report.new_report(
            "failed" if under_way else outcome_of(fault, is_cut=bool(run_context.run.summary.cuts)),
            under_way or (sentence_of(fault) if fault else self._closing),
            run_context.started_at,
            ended_at,
            parts,
            run_figures.of_organizations(
                parts, run_context, self._reported_before, whole, ended_at if has_ended else None
            ),
        )
        run_report.write(report, path)

    @staticmethod
    def _has_read_all(organization: str, streams: Sequence[DmaStream]) -> bool:
        """Whether nothing of an organization is left, and LinkedIn has shown something of it if it has refused any."""
        is_left = any(
            organization in stream.emitter.unread or organization in stream.later_organizations for stream in streams
        )
        is_refused = any(organization in stream.refused_organizations for stream in streams)
        has_rows = any(reading.rows for stream in streams if (reading := stream.emitter.readings.get(organization)))
        return not is_left and (has_rows or not is_refused)

    @cached_property
    def _reported_before(self) -> Mapping[int, OrganizationPart]:
        path = self._path_of_run_report(self.config)
        return run_report.earlier(path) if path else {}

    @classmethod
    def report_refusal(cls, config: Mapping[str, Any], refusal: Exception) -> None:
        if path := cls._path_of_run_report(config):
            now = cls.clock.now()
            organizations = run_report.earlier(path).values()
            outcome, sentence = outcome_of(refusal, is_cut=False), sentence_of(refusal)
            with suppress(DmaError):
                run_report.write(run_report.new_report(outcome, sentence, now, now, (), organizations), path)

    @staticmethod
    def _path_of_run_report(config: Mapping[str, Any]) -> Path | None:
        text = config.get("run_report")
        return Path(text) if isinstance(text, str) and text and validation.is_path(text) else None

    # Signals

    def end_by_signal(self, signum: int) -> None:
        cast("MessageWriter", self.message_writer).run_between_messages(partial(self._end_by, signum))

    def _end_by(self, signum: int) -> None:
        """Write the state and end at once, whatever is under way: all that is in the state has been emitted."""
        with suppress(OutputClosed), self.run_context.run_lock.holding(_PATIENCE_AT_THE_END):
            self._write_state()
        told = "Interrupted by signal %d after %s: %s. The next run continues where this one stopped."
        figures = self._figures()
        self._fault = DmaError(told % (signum, *figures))
        # From another thread: this one may have been interrupted while it held the lock of a report.
        reports = threading.Thread(target=self._write_reports, daemon=True)
        reports.start()
        reports.join(_PATIENCE_AT_THE_END)
        # A thread that shows the progress may hold a lock that this one waits for, and wait for one that it holds.
        threading.Timer(_PATIENCE_AT_THE_END, os._exit, (128 + signum,)).start()
        self.run_context.progress.end()
        self.logger.warning(told, signum, *figures)
        # An ordinary exit would wait for threads that wait for LinkedIn, or for their slot.
        os._exit(128 + signum)

    # Settings

    def normalize_config(self, config: dict[str, Any]) -> None:
        validation.normalize(config)

    def redact_problem(self, problem: str) -> str:
        return validation.redact_secret(problem)

    def config_problems(self, config: Mapping[str, Any], *, needs_token: bool) -> Iterator[str]:
        if needs_token:
            yield from self.token_problems(config)
        yield from validation.problems(config, self.known_settings(), self.known_streams, self.clock.now())

    def config_warnings(self, config: Mapping[str, Any]) -> Iterator[str]:
        return validation.warnings(config, self.known_settings(), _RESOURCES, _PARAMETERS)

    def token_problems(self, config: Mapping[str, Any]) -> Iterator[str]:
        """A sentence for each problem with the tokens in the settings."""
        if self.has_no_settings:
            return iter([validation.NO_SETTINGS])
        return validation.token_problems(config)


def intervals_of(config: Mapping[str, Any]) -> dict[str, Interval]:
    """The seconds between two requests, by resource: those of the settings, else the tap's own."""
    # The SDK reads a fraction of a JSON file as a Decimal, which does not add to a clock's seconds.
    return {
        name: seconds if seconds == AUTO else float(seconds)
        for name, seconds in (settings.INTERVALS | config["request_intervals"]).items()
    }


def _why_not(name: str) -> str:
    """Why a stream that the catalog selects is not read."""
    if name not in _PARAMETERS:
        return "this tap does not have"
    is_members = any(stream.name == name and issubclass(stream, MemberStream) for stream in STREAMS)
    return f"needs the setting {'member_access_token' if is_members else 'access_token'}"
