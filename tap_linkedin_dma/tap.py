"""The tap: its settings, and its streams."""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar

import pendulum
from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.streams import Stream

from tap_linkedin_dma import masking, saved_state, settings, urns
from tap_linkedin_dma.baton import Baton
from tap_linkedin_dma.checkpoints import forget_tables
from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.errors import DmaError, IncompleteRun
from tap_linkedin_dma.member import MemberStream
from tap_linkedin_dma.messages import MessageWriter
from tap_linkedin_dma.pacing import AUTO, Clock, SystemClock
from tap_linkedin_dma.progress import Progress
from tap_linkedin_dma.run import Run
from tap_linkedin_dma.stream import PagedStream
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.organizations import Organizations

if TYPE_CHECKING:
    import click

_LARGEST_PAGE = 1000
_PATIENCE_AT_THE_END = 2.0
"""Seconds that a signal waits at most for another thread to come to a rest."""

_A_DAY = 24 * 60 * 60
_REFRESH_SETTINGS = ("client_id", "client_secret", "refresh_token")
_SECRETS = ("access_token", *_REFRESH_SETTINGS, "member_access_token")
_ORGANIZATION = re.compile(r"(urn:li:organization:)?\d+")
_ADDRESS = re.compile(r"https?://[^/?#@\\\s]+(/[^?#\\\s]*)?")
_LOOPBACK = re.compile(r"http://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(/|$)")


class TapLinkedInDMA(Tap):
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

    @cached_property
    def _baton(self) -> Baton:
        return Baton()

    @cached_property
    def _progress(self) -> Progress:
        return Progress(self.clock)

    @cached_property
    def connection(self) -> Connection:
        """What all streams share but those of a member's own data."""
        return self._connect(self.config)

    @cached_property
    def member_connection(self) -> Connection:
        """What the streams of a member's own data share: of the secrets it knows that member's token alone."""
        known = {name: value for name, value in self.config.items() if name not in (*_SECRETS, "token_file")}
        return self._connect({**known, "access_token": self.config["member_access_token"]})

    def _connect(self, config: Mapping[str, Any]) -> Connection:
        # The SDK reads a fraction of a JSON file as a Decimal, which does not add to a clock's seconds.
        intervals = {
            name: seconds if seconds == AUTO else float(seconds)
            for name, seconds in (settings.INTERVALS | config["request_intervals"]).items()
        }
        return Connection({**config, "request_intervals": intervals}, self.clock, self._baton, self._progress)

    def discover_streams(self) -> Sequence[Stream]:
        streams: list[Stream] = []
        if self._has_pages_token or not self.config.get("member_access_token"):
            streams += [stream(self, self.connection) for stream in STREAMS if not issubclass(stream, MemberStream)]
        if self.config.get("member_access_token"):
            streams += [stream(self, self.member_connection) for stream in STREAMS if issubclass(stream, MemberStream)]
        return streams

    @property
    def _has_pages_token(self) -> bool:
        has_one = self.config.get("access_token") or self.config.get("token_file")
        return bool(has_one) or all(self.config.get(name) for name in _REFRESH_SETTINGS)

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
            with self._progress.told(), self._baton.held():
                for stream in self.streams.values():
                    if isinstance(stream, PagedStream) and stream.is_wanted and not stream.parent_stream_type:
                        stream.read_early()
                super().sync_all()
        finally:
            for connection in self._connections:
                connection.end()
        self._end_tables()
        faults = [fault for run in self._runs for fault in run.report.faults]
        skips = [skip for run in self._runs for skip in run.report.skips]
        for skip in skips:
            self.logger.warning("Left out: %s", skip)
        for fault in faults:
            self.logger.error("Not read to its end: %s", fault)
        if faults or (skips and self.config["fail_on_skip"]):
            raise IncompleteRun("The run is not complete. " + " ".join([*faults, *skips]))

    @property
    def _connections(self) -> Sequence[Connection]:
        return [self.connection, *([self.member_connection] if self.config.get("member_access_token") else [])]

    @property
    def _runs(self) -> Sequence[Run]:
        return [connection.run for connection in self._connections]

    def _begin_run(self) -> None:
        """Go on from what the state keeps of runs: with the stream that nearly all others hang on."""
        kept = self.state.setdefault("bookmarks", {}).setdefault(Organizations.name, {})
        self.connection.run.kept = kept
        for resource in self.connection.run.slow(within=_A_DAY):
            self.connection.pace.insist(resource)
        if self.config["emit_activate_version_messages"]:
            for run in self._runs:
                run.table_version = self._table_version(kept)

    def _table_version(self, kept: dict[str, Any]) -> int:
        """The version of the tables that are read whole: that of an earlier run that was cut off, for a day."""
        now_ms = int(self.connection.began.timestamp() * 1000)
        version: int = kept.get("table_version", 0)
        kept["table_version"] = version if now_ms - _A_DAY * 1000 < version <= now_ms else now_ms
        return int(kept["table_version"])

    def _end_tables(self) -> None:
        """Let the next run begin new versions, where no stream of this one is left to be gone on with."""
        if not any(run.report.faults for run in self._runs):
            bookmarks = self.state.get("bookmarks", {})
            forget_tables(bookmarks, Organizations.name)
            self.state_writer.write_state(self.state)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        writer = self.message_writer
        if isinstance(writer, MessageWriter):
            writer.between_messages(partial(self._end_by, signum))
        else:
            super()._handle_termination(signum, frame)

    def _end_by(self, signum: int) -> None:
        """Write the state and end at once, whatever is under way: what it says has left."""
        with self._baton.held(_PATIENCE_AT_THE_END):
            self.state_writer.write_state(self.state)
        sys.stdout.flush()
        # A thread that shows the progress may hold what this one waits for, and wait for what it holds.
        threading.Timer(_PATIENCE_AT_THE_END, os._exit, (128 + signum,)).start()
        self._progress.end()
        self.logger.warning("Ended by signal %d; the next run goes on from the state that was written.", signum)
        # Threads that wait for LinkedIn, or for their turn, would keep an ordinary exit waiting.
        os._exit(128 + signum)

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self._tidy_config()
        errors = [_less_secret(error) for error in super()._validate_config(raise_errors=False)]
        errors = errors or self._contradictions()
        if errors and raise_errors:
            msg = f"Config validation failed: {'; '.join(errors)}"
            raise ConfigValidationError(msg, errors=errors, schema=self.config_jsonschema)
        return errors

    def _tidy_config(self) -> None:
        """Bring what means the same into one form."""
        # The SDK lets null stand for a setting that is not set, but gives it no default then.
        for name in [name for name, value in self._config.items() if value is None]:
            del self._config[name]
        for name in ("api_url", "oauth_url"):
            if isinstance(url := self._config.get(name), str):
                self._config[name] = url.rstrip("/")
        for name in ("request_timeout", "longest_wait"):
            # From the environment the SDK reads whole numbers; one that may be a fraction it leaves as text.
            if isinstance(text := self._config.get(name), str) and re.fullmatch(r"\d+(\.\d+)?", text):
                self._config[name] = float(text)
        for name in _SECRETS:
            if isinstance(secret := self._config.get(name), str):
                self._config[name] = secret.strip()
            masking.hide(self._config.get(name))

    def _contradictions(self) -> list[str]:
        """What a JSON schema cannot say of the settings, a sentence each."""
        return [
            *self._token_problems(),
            *self._header_problems(),
            *self._organization_problems(),
            *self._url_problems(),
            *self._other_problems(),
        ]

    def _token_problems(self) -> Iterator[str]:
        lacking = [name for name in _REFRESH_SETTINGS if not self.config.get(name)]
        if not self._has_pages_token and not self.config.get("member_access_token"):
            yield (
                f"Set access_token, or client_id, client_secret and refresh_token ({' and '.join(lacking)} not set), "
                "or for a member's own data member_access_token. tap-linkedin-dma login gets a token."
            )
        elif lacking and self.config.get("refresh_token"):
            yield f"The setting refresh_token is of no use without {' and '.join(lacking)}."

    def _header_problems(self) -> Iterator[str]:
        for name in ("access_token", "member_access_token", "user_agent"):
            if not re.fullmatch(r"[\x20-\x7e]*", self.config.get(name, "")):
                yield f"{name} holds a line break or another character that cannot be sent. Copy it again."

    def _organization_problems(self) -> Iterator[str]:
        for organization in self.config["organizations"]:
            if not _ORGANIZATION.fullmatch(str(organization)):
                kind = urns.kind(str(organization))
                # A URN of another kind may be a member's.
                what = f"a URN of kind {kind}" if kind else organization
                yield f"organizations: {what} is neither a number nor a URN such as urn:li:organization:42."

    def _url_problems(self) -> Iterator[str]:
        for name in ("api_url", "oauth_url"):
            url = self.config[name]
            if not url.startswith("https://") and not _LOOPBACK.match(url):
                yield f"{name} must begin with https://, since secrets are sent there."
            elif not _ADDRESS.fullmatch(url):
                yield f"{name} must be a host, and a path at most, such as https://api.linkedin.com."

    def _other_problems(self) -> Iterator[str]:
        names = [stream.name for stream in STREAMS]
        for name, options in self.config["stream_options"].items():
            if name not in names:
                yield f"stream_options: there is no stream {name}."
            page_size = options.get("page_size", 1)
            if type(page_size) is not int or not 1 <= page_size <= _LARGEST_PAGE:
                yield f"stream_options: the page_size of {name} must be a whole number from 1 to {_LARGEST_PAGE}."
        if (locale := self.config["locale"]) not in settings.LOCALES:
            yield f"locale: LinkedIn does not know {locale}. It knows {', '.join(sorted(settings.LOCALES))}."
        if not _is_date(self.config.get("start_date") or "2024-01-01"):
            yield "start_date must be a date or a point in time such as 2024-01-01T00:00:00Z."

    @classmethod
    def get_singer_command(cls) -> click.Command:
        # The handlers of the log have just been made, and nothing has been logged.
        masking.install()
        return super().get_singer_command()

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run the tap; an error that the user can act on ends it with one sentence, not a traceback."""
        try:
            if options.get("state"):
                options["state"] = io.StringIO(saved_state.checked(options["state"].read()))
            super().invoke(**options)
        except DmaError as error:
            cls.logger.critical("%s", error)
            sys.exit(error.exit_code)


def _less_secret(problem: str) -> str:
    """What jsonschema says of a setting, without the value where that is a secret."""
    secret = next((name for name in _SECRETS if f"config['{name}']" in problem), None)
    return f"The setting {secret} must be text." if secret else problem


def _is_date(text: str) -> bool:
    try:
        return isinstance(pendulum.parse(text, exact=True), pendulum.Date)
    except ValueError:
        return False
