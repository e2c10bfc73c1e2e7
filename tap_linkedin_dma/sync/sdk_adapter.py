"""The one module that uses private parts of the Singer SDK: another SDK version changes only this module.

Its hooks for the streams and the tap have names of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk import Tap, metrics
from singer_sdk.about import AboutInfo
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._typing import conform_record_data_types
from singer_sdk.mapper import PluginMapper
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.singerlib import Catalog
from singer_sdk.streams import Stream

from tap_linkedin_dma.config import catalogs, environment, json_files, names
from tap_linkedin_dma.output import exit_codes, sdk_lines
from tap_linkedin_dma.output.record_pipeline import RecordPipeline
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tap_linkedin_dma.privacy import log_masking
from tap_linkedin_dma.state import saved_state

if TYPE_CHECKING:
    import click
    from singer_sdk.helpers.types import Context as SdkContext
    from singer_sdk.helpers.types import Record

_ENVIRONMENT = "TAP_LINKEDIN_DMA_"


class _Mapper(PluginMapper):
    """The stream maps, those of streams that are not selected too: the SDK leaves these no column, not even a key."""

    def register_raw_stream_schema(
        self, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        super().register_raw_stream_schema(stream_name, schema, key_properties if schema["properties"] else [])


class SdkStream(Stream):
    """A stream of the SDK that the readers and the writer of a run sync, not the SDK."""

    def __init__(self, tap: Tap) -> None:
        super().__init__(tap)
        self._schema_is_written = False

    def begin(self) -> None:
        """Begin to read this stream, and all below it, in a run."""
        raise NotImplementedError

    def try_out(self, *, write_messages: bool) -> Iterable[Sequence[dict[str, Any]]]:
        """Read a few records of this stream, and of those below it, as a dry run wants."""
        raise NotImplementedError

    def write_schema(self) -> None:
        """Write the SCHEMA message, once, if the stream is selected."""
        if self.selected and not self._schema_is_written:
            super()._write_schema_message()
        self._schema_is_written = True

    def write_activate_version(self, version: int) -> None:
        """Write an ACTIVATE_VERSION message."""
        self._write_activate_version_message(version)

    def write_state(self) -> None:
        """Write the state of the whole run."""
        self._tap.state_writer.write_state(self.tap_state)

    def record_pipeline(self) -> RecordPipeline:
        """The pipeline that writes the stream's records."""
        return RecordPipeline(self, cast("MessageWriter", self._tap.message_writer), conform_record_data_types)

    def log_metrics(self, records: int, seconds: float, requests: int, request_seconds: float) -> None:
        """Log the figures of a run as metrics in the SDK's format.

        Args:
            records: emitted.
            seconds: from the beginning of the reading to the last record emitted.
            requests: made.
            request_seconds: the duration of all requests, added up.
        """
        tags = {metrics.Tag.STREAM.value: self.name}
        for kind, metric, value in (
            ("counter", metrics.Metric.RECORD_COUNT, records),
            ("timer", metrics.Metric.SYNC_DURATION, seconds),
            ("counter", metrics.Metric.HTTP_REQUEST_COUNT, requests),
            ("timer", metrics.Metric.HTTP_REQUEST_DURATION, request_seconds),
        ):
            self._log_metric(metrics.Point(kind, metric, value, tags))

    @property
    def most_records(self) -> int | None:
        """How many records a dry run wants at most; None in a run."""
        return self.ABORT_AT_RECORD_COUNT

    def check_record_limit(self, records: int) -> None:
        """End the stream by one of `readers.DRY_RUN_ENDS` if it has emitted as many records as a dry run wants."""
        self._check_max_record_limit(records)

    @property
    def has_new_metadata(self) -> bool:
        """Whether the metadata is about to be made anew, rather than taken from a catalog."""
        return self._metadata is None and self._tap_input_catalog is None

    @property
    def emit_activate_version_messages(self) -> bool:
        # The SDK would write it before the records: a run that dies halfway would leave the table half empty.
        return False

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """None: the SDK would read the stream once more for its files. The writer of a run writes them."""

    def get_records(self, context: SdkContext | None) -> Iterable[Record]:
        """Nothing: the SDK does not read this stream."""
        return ()

    def _write_schema_message(self) -> None:
        self.write_schema()

    def _sync_records(
        self, context: SdkContext | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        if write_messages and self.most_records is None:
            self.begin()
            return
        for records in self.try_out(write_messages=write_messages):
            yield from records
        self.write_state()


class SdkTap(Tap):
    """A tap that checks all of its input, and syncs its streams itself.

    Input that cannot be used ends the run with a sentence, before anything is read.
    """

    known_streams: ClassVar[Collection[str]]
    """The names of all streams that there are, whatever the settings."""

    answers_signals: ClassVar[bool] = True
    """Whether the tap writes its state when a signal ends it; a command that emits nothing ends as any program does."""

    def __init__(
        self,
        *,
        config: dict[str, Any] | None = None,
        catalog: dict[str, Any] | Catalog | None = None,
        parse_env_config: bool = False,
        **options: Any,
    ) -> None:
        self.has_no_settings = not config and not parse_env_config
        found = environment.settings(self.config_jsonschema, _ENVIRONMENT) if parse_env_config else {}
        if parse_env_config or environment.is_under_meltano():
            known = self.known_settings()
            found = {**environment.unknown_settings(self.config_jsonschema, known, _ENVIRONMENT), **found}
        if catalog is not None and not isinstance(catalog, Catalog):
            # A Python program may pass tuples as JSON lists.
            catalog = catalogs.validate(json.loads(json.dumps(catalog, default=str)))
        super().__init__(config={**(config or {}), **found}, catalog=catalog, **options)

    @classmethod
    def report_refusal(cls, config: Mapping[str, Any], refusal: Exception) -> None:
        """Write the report of a run that could not begin, since some input was refused."""

    @classmethod
    def _get_about_info(cls) -> AboutInfo:
        """The information for `--about`, without the hidden settings: nobody should need them, but they work."""
        about = super()._get_about_info()
        settings = about.settings["properties"]
        shown = {name: schema for name, schema in settings.items() if not schema.get("hidden")}
        return replace(about, settings={**about.settings, "properties": shown})

    def normalize_config(self, config: dict[str, Any]) -> None:
        """Normalize the settings, in place."""

    def adjust_config(self, config: dict[str, Any]) -> None:
        """Change settings that are valid, in place."""

    def config_problems(self, config: Mapping[str, Any], *, needs_token: bool) -> Iterable[str]:
        """A sentence for each problem with settings that are valid one by one."""
        return ()

    def config_warnings(self, config: Mapping[str, Any]) -> Iterable[str]:
        """A sentence for each part of the settings that does nothing."""
        return ()

    @classmethod
    def known_settings(cls) -> Collection[str]:
        """The names of the tap's own settings and the SDK's, those that it refuses too."""
        cls.append_builtin_config(cls.config_jsonschema)
        return {*cls.config_jsonschema["properties"]}

    def redact_problem(self, problem: str) -> str:
        """The SDK's message about a setting, without its value."""
        return problem

    def in_reading_order(self, streams: Mapping[str, Stream]) -> dict[str, Stream]:
        """The streams, which the SDK sorts by name."""
        return dict(streams)

    def sync(self, begin: Callable[[], None]) -> None:
        """Sync all streams.

        Args:
            begin: begins each stream without a parent that is selected, or has a selected stream below it.
        """
        begin()

    def after_dry_run(self) -> None:
        """Report what a dry run has skipped."""

    def end_by_signal(self, signum: int) -> None:
        """End the process, as soon as no message is being written."""
        raise NotImplementedError

    def setup_mapper(self) -> None:
        """Make the stream maps, once the catalog is complete.

        Raises:
            ConfigValidationError: if the SDK rejects them.
        """
        _ = self.streams
        try:
            self.mapper = _Mapper(plugin_config=dict(self.config), logger=self.logger)
            self.mapper.register_raw_streams_from_catalog(self.catalog)
        except Exception as error:  # the SDK and its expressions have no error in common
            problem = f"stream_maps cannot be used ({type(error).__name__}). Check its expressions."
            raise ConfigValidationError(problem, errors=[problem], schema=self.config_jsonschema) from error

    def load_state(self, state: dict[str, Any]) -> None:
        taken = saved_state.taken(state)
        for name in sorted(taken["bookmarks"].keys() - set(self.known_streams)):
            sentence = names.unknown("stream", name, self.known_streams)
            self.logger.warning("%s Its bookmarks in the state are ignored.", sentence)
        super().load_state(taken)

    @property
    def streams(self) -> dict[str, Stream]:
        if self._streams is None:
            self._streams = self.in_reading_order(super().streams)
        return self._streams

    def sync_all(self) -> None:  # type: ignore[misc]  # the SDK has no hook around a run
        self.sync(super().sync_all)

    def run_sync_dry_run(  # type: ignore[misc]  # the SDK counts a stream that fails as a success
        self, dry_run_record_limit: int | None = 1, streams: Iterable[Stream] | None = None
    ) -> bool:
        is_well = super().run_sync_dry_run(dry_run_record_limit, streams)
        self.after_dry_run()
        return is_well

    @classmethod
    def get_singer_command(cls) -> click.Command:
        # The handlers of the log have just been made, and nothing has been logged.
        log_masking.install()
        sdk_lines.install()
        return super().get_singer_command()

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """The settings in the files given by `--config`, and whether to read the environment too."""
        taken = super().cb_config(ctx, param, tuple(path for path in value if path == "ENV"))
        with exit_codes.in_a_sentence(cls.logger):
            for path in value:
                if path != "ENV":
                    taken.config.update(json_files.read_file("settings file", path))
        return taken

    @classmethod
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:
        with exit_codes.in_a_sentence(cls.logger):
            super().cb_discover(ctx, param, value)

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        with exit_codes.in_a_sentence(cls.logger):
            super().cb_test(ctx, param, value)

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run the tap; an error that the user can act on ends it with one sentence, not a traceback."""
        with exit_codes.in_a_sentence(cls.logger):
            if options.get("about"):
                super().invoke(**options)
            given = options.get("config") or _ConfigInput()
            try:
                tap = cls._with_input(given, options.get("state"), options.get("catalog"))
            except Exception as refusal:
                found = environment.settings(cls.config_jsonschema, _ENVIRONMENT) if given.parse_env else {}
                cls.report_refusal({**given.config, **found}, refusal)
                raise
            tap.sync_all()

    @classmethod
    def _with_input(cls, given: _ConfigInput, state: Any, catalog: Any) -> SdkTap:
        """The tap with its settings, and what the files of its state and catalog contain."""
        cls.print_version(print_fn=cls.logger.info)
        if state:
            raw = json_files.read_bytes(state)
            if not raw.strip():
                cls.logger.warning("The state is empty: everything is read, as in a first run.")
                raw = b"{}"
            state = json_files.parsed("state", raw, saved_state.ADVICE)
        if catalog:
            catalog = catalogs.validate(json_files.read_stream("catalog", catalog, catalogs.ADVICE))
        return cls(
            config=given.config,
            parse_env_config=given.parse_env,
            state=state,
            catalog=catalog,
        )

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        self.normalize_config(self._config)
        try:
            errors = [self.redact_problem(error) for error in super()._validate_config(raise_errors=False)]
        except AttributeError:
            # The SDK's schema of stream_maps is none itself where it allows null.
            errors = ["stream_maps: __else__ must be null or __NULL__."]
        if not errors:
            for sentence in self.config_warnings(self._config):
                self.logger.warning("%s", sentence)
            # Discovery, which wants no errors raised, needs no token.
            errors = [*self.config_problems(self._config, needs_token=raise_errors)]
        if errors:
            msg = f"Config validation failed: {'; '.join(errors)}"
            raise ConfigValidationError(msg, errors=errors, schema=self.config_jsonschema)
        self.adjust_config(self._config)
        return []

    def _setup_signal_handlers(self) -> None:
        if self.answers_signals:
            super()._setup_signal_handlers()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        self.end_by_signal(signum)
