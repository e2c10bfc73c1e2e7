"""The tap: its settings, and its streams."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from types import FrameType
from typing import Any, ClassVar

from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.mapper import RemoveRecordTransform
from singer_sdk.streams import Stream

from tap_linkedin_dma.api.clock import Clock, SystemClock
from tap_linkedin_dma.api.errors import DmaError, IncompleteRun, NothingSelected, OutputClosed
from tap_linkedin_dma.api.rate_limits import AUTO
from tap_linkedin_dma.config import catalogs, settings, validation
from tap_linkedin_dma.inputs import CheckedTap
from tap_linkedin_dma.output.progress import Progress
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tap_linkedin_dma.privacy import members
from tap_linkedin_dma.state import checkpoints, saved_state
from tap_linkedin_dma.state.checkpoints import clear_table_versions
from tap_linkedin_dma.stream_types.base import PagedStream
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.emitter import Emitter
from tap_linkedin_dma.sync.readers import Readers
from tap_linkedin_dma.sync.run import Run
from tap_linkedin_dma.sync.run_context import RunContext
from tap_linkedin_dma.sync.run_lock import RunLock

_PATIENCE_AT_THE_END = 2.0
"""Seconds that a signal waits at most for another thread to come to a rest."""

_A_DAY = 24 * 60 * 60
_NAMES = {stream.name for stream in STREAMS}

_OTHER_PRIVACY = (
    "The last run was cut, and member_data, member_hash_key or drop_unsure_locations was another: what it had begun to "
    "read is read again from its start. What it stored stays in tables that are added to: erase it, or load them anew."
)


def _has_been_read(bookmark: Mapping[str, Any]) -> bool:
    """Whether the state of a stream says that something of it is not read again."""
    partitions = bookmark.get("partitions", ())
    return any("posts_to" in part or "replication_key_value" in part for part in (bookmark, *partitions))


class TapLinkedInDMA(CheckedTap):
    """A company's own LinkedIn data, from the DMA Portability APIs."""

    name = "tap-linkedin-dma"

    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    config_jsonschema = settings.SCHEMA
    message_writer_class = MessageWriter

    clock: Clock = SystemClock()
    """Where the time comes from; a test puts another in its place before the first stream is asked for."""

    known_streams = _NAMES

    @cached_property
    def _run_lock(self) -> RunLock:
        return RunLock()

    @cached_property
    def _readers(self) -> Readers:
        return Readers(self._run_lock)

    @cached_property
    def _progress(self) -> Progress:
        return Progress(self.clock)

    @cached_property
    def connection(self) -> RunContext:
        """What all streams share but those of a member's own data."""
        return self._connect(self.config)

    @cached_property
    def member_connection(self) -> RunContext:
        """What the streams of a member's own data share: of the secrets it knows that member's token alone."""
        known = {name: value for name, value in self.config.items() if name not in (*validation.SECRETS, "token_file")}
        return self._connect({**known, "access_token": self.config["member_access_token"]})

    def _connect(self, config: Mapping[str, Any]) -> RunContext:
        # The SDK reads a fraction of a JSON file as a Decimal, which does not add to a clock's seconds.
        intervals = {
            name: seconds if seconds == AUTO else float(seconds)
            for name, seconds in (settings.INTERVALS | config["request_intervals"]).items()
        }
        config = {**config, "request_intervals": intervals}
        return RunContext(config, self.clock, self._run_lock, self._progress, self._readers)

    def discover_streams(self) -> Sequence[Stream]:
        streams: list[Stream] = []
        if validation.has_pages_token(self.config) or not self.config.get("member_access_token"):
            streams += [stream(self, self.connection) for stream in STREAMS if not issubclass(stream, MemberStream)]
        if self.config.get("member_access_token"):
            streams += [stream(self, self.member_connection) for stream in STREAMS if issubclass(stream, MemberStream)]
        if self.input_catalog is not None:
            for name in catalogs.complete(self.input_catalog, streams):
                self.logger.warning("The catalog selects %s, which %s.", name, _why_not(name))
        return streams

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams in reading order: the SDK sorts them by name, and a lookup must come last."""
        if self._streams is None:
            by_name = super().streams
            self._streams = {stream.name: by_name[stream.name] for stream in STREAMS if stream.name in by_name}
        return self._streams

    def sync_all(self) -> None:  # type: ignore[misc]  # the SDK has no hook at the end of a run
        """Read all that is selected; what cannot be read is left out, and told at the end.

        Raises:
            DmaError: where a stream was not read to its end, or where anything was left out and `fail_on_skip` is set.
        """
        self._begin_run()
        try:
            with self._progress.shown(), self._run_lock.holding(), self._stopping():
                # It has each stream without a parent begin to be read.
                super().sync_all()
                Emitter(self._readers, self._runs, self._write_state, self.clock).emit()
        except DmaError:
            # What the state holds has left; the next run need not read it once more.
            with suppress(OutputClosed):
                self._write_state()
            raise
        finally:
            self._readers.close()
        self._end_tables()
        self._tell_what_is_left_out()

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Let a run that failed not wait for what is under way, and ask for nothing more."""
        try:
            yield
        except BaseException:
            for connection in self._connections:
                connection.limits.stop()
            raise

    def run_sync_dry_run(  # type: ignore[misc]  # the SDK takes a stream that fails for a success
        self, dry_run_record_limit: int | None = 1, streams: Iterable[Stream] | None = None
    ) -> bool:
        """Read a few records of each stream.

        Raises:
            DmaError: if one of them failed, or if anything was left out and `fail_on_skip` is set.
        """
        is_well = super().run_sync_dry_run(dry_run_record_limit, streams)
        self._tell_what_is_left_out()
        return is_well

    def _tell_what_is_left_out(self) -> None:
        faults = [fault for run in self._runs for fault in run.summary.failed]
        skips = [skip for run in self._runs for skip in run.summary.skipped]
        for skip in skips:
            self.logger.warning("Left out: %s", skip)
        for fault in faults:
            self.logger.error("Not read to its end: %s", fault)
        if faults or (skips and self.config["fail_on_skip"]):
            raise IncompleteRun("The run is not complete. " + " ".join([*faults, *skips]))

    def _look_at_selection(self) -> None:
        """Say which streams nothing will be read of, though they are selected.

        Raises:
            NothingSelected: if that is all there is.
        """
        streams = [stream for stream in self.streams.values() if isinstance(stream, PagedStream)]
        if not any(stream.is_active for stream in streams):
            msg = "No stream is selected, so nothing would be read. Select some in the catalog, or run without one."
            raise NothingSelected(msg)
        for stream in streams:
            lost = [below.name for below in stream.descendants if below.selected]
            if lost and isinstance(stream.stream_maps[0], RemoveRecordTransform):
                self.logger.warning(
                    "stream_maps leaves out %s, so nothing below it is read: %s. Deselect %s instead to read them.",
                    stream.name,
                    ", ".join(lost),
                    stream.name,
                )

    @property
    def _connections(self) -> Sequence[RunContext]:
        return [self.connection, *([self.member_connection] if self.config.get("member_access_token") else [])]

    @property
    def _runs(self) -> Sequence[Run]:
        return [connection.run for connection in self._connections]

    def _begin_run(self) -> None:
        """Resume from what the state keeps of runs: with the stream that nearly all others hang on."""
        self._look_at_selection()
        bookmarks = self.state.setdefault("bookmarks", {})
        for run in self._runs:
            run.streams_before = frozenset(name for name, stream in bookmarks.items() if _has_been_read(stream))
        kept = bookmarks.setdefault(Organizations.name, {})
        for sentence in saved_state.bring_back(bookmarks, self.clock.now()):
            self.logger.warning("%s", sentence)
        if checkpoints.begin_under(members.mark(self.config), bookmarks, kept):
            self.logger.warning("%s", _OTHER_PRIVACY)
        self.connection.run.saved = kept
        for resource in self.connection.run.throttled_resources(within=_A_DAY):
            self.connection.limits.use_long_interval(resource)
        if self.config["emit_activate_version_messages"]:
            for run in self._runs:
                run.table_version = self._table_version(kept)

    def _table_version(self, kept: dict[str, Any]) -> int:
        """The version of the tables that are read whole: that of an earlier run that was cut off, for a day."""
        now_ms = int(self.connection.started_at.timestamp() * 1000)
        version: int = kept.get("table_version", 0)
        kept["table_version"] = version if now_ms - _A_DAY * 1000 < version <= now_ms else now_ms
        return int(kept["table_version"])

    def _end_tables(self) -> None:
        """Let the next run begin new versions, where no stream of this one is left to be gone on with."""
        if not any(run.summary.failed for run in self._runs):
            bookmarks = self.state.get("bookmarks", {})
            clear_table_versions(bookmarks, Organizations.name)
            self._write_state()

    def _write_state(self) -> None:
        self.state_writer.write_state(self.state)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        writer = self.message_writer
        if isinstance(writer, MessageWriter):
            writer.run_between_messages(partial(self._end_by, signum))
        else:
            super()._handle_termination(signum, frame)

    def _end_by(self, signum: int) -> None:
        """Write the state and end at once, whatever is under way: what it says has left."""
        with suppress(OutputClosed), self._run_lock.holding(_PATIENCE_AT_THE_END):
            self._write_state()
        # A thread that shows the progress may hold what this one waits for, and wait for what it holds.
        threading.Timer(_PATIENCE_AT_THE_END, os._exit, (128 + signum,)).start()
        self._progress.end()
        self.logger.warning("Ended by signal %d; the next run goes on from the state that was written.", signum)
        # Threads that wait for LinkedIn, or for their turn, would keep an ordinary exit waiting.
        os._exit(128 + signum)

    def _token_problems(self) -> Iterator[str]:
        return validation.token_problems(self.config)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        validation.normalize(self._config)
        errors = [validation.redact_secret(error) for error in super()._validate_config(raise_errors=False)]
        errors = errors or [
            # Discovery, which wants no errors raised, needs no token.
            *(self._token_problems() if raise_errors else ()),
            *validation.problems(self.config, _NAMES, self.clock.now()),
        ]
        if errors:
            msg = f"Config validation failed: {'; '.join(errors)}"
            raise ConfigValidationError(msg, errors=errors, schema=self.config_jsonschema)
        return errors


def _why_not(name: str) -> str:
    """Why a stream that the catalog selects is not read."""
    if name not in _NAMES:
        return "this tap does not have"
    is_members = any(stream.name == name and issubclass(stream, MemberStream) for stream in STREAMS)
    return f"needs the setting {'member_access_token' if is_members else 'access_token'}"
