"""The tap as it takes what it is given: settings, catalog, state, and the command line that names them.

What cannot be taken ends with a sentence, before anything is read.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.singerlib import Catalog

from tap_linkedin_dma.config import catalogs, environment, json_files
from tap_linkedin_dma.output import exit_codes
from tap_linkedin_dma.privacy import log_masking
from tap_linkedin_dma.state import saved_state

if TYPE_CHECKING:
    from collections.abc import Collection

    import click

_ENVIRONMENT = "TAP_LINKEDIN_DMA_"


class CheckedTap(Tap):
    """A tap of which every way in is looked at."""

    known_streams: ClassVar[Collection[str]]
    """The names of all streams that there are, whatever the settings."""

    def __init__(
        self,
        *,
        config: dict[str, Any] | None = None,
        catalog: dict[str, Any] | Catalog | None = None,
        parse_env_config: bool = False,
        **options: Any,
    ) -> None:
        found = environment.settings(self.config_jsonschema, _ENVIRONMENT) if parse_env_config else {}
        if catalog is not None and not isinstance(catalog, Catalog):
            # A program may give tuples for JSON's lists.
            catalog = catalogs.validate(json.loads(json.dumps(catalog, default=str)))
        super().__init__(config={**(config or {}), **found}, catalog=catalog, **options)

    def setup_mapper(self) -> None:
        """Make the stream maps of a catalog that is whole.

        Raises:
            ConfigValidationError: if the SDK takes none of them.
        """
        _ = self.streams
        try:
            super().setup_mapper()
        except Exception as error:  # the SDK and its expressions have no error in common
            problem = f"stream_maps cannot be used ({type(error).__name__}). Check its expressions."
            raise ConfigValidationError(problem, errors=[problem], schema=self.config_jsonschema) from error

    def load_state(self, state: dict[str, Any]) -> None:
        taken = saved_state.taken(state)
        for name in sorted(taken["bookmarks"].keys() - set(self.known_streams)):
            self.logger.warning("The state has a part for %s, which is no stream of this tap. It is passed over.", name)
        super().load_state(taken)

    @classmethod
    def get_singer_command(cls) -> click.Command:
        # The handlers of the log have just been made, and nothing has been logged.
        log_masking.install()
        exit_codes.install()
        return super().get_singer_command()

    @classmethod
    def cb_config(cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]) -> Any:
        """The settings of the files that the option `--config` names, and whether the environment has some too."""
        taken = super().cb_config(ctx, param, tuple(path for path in value if path == "ENV"))
        with exit_codes.in_a_sentence(cls.logger):
            for path in value:
                if path != "ENV":
                    taken.config.update(json_files.read_file("file of settings", path))
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
            for name, advice in (("state", saved_state.ADVICE), ("catalog", catalogs.ADVICE)):
                if options.get(name):
                    options[name] = io.StringIO(json.dumps(json_files.read_stream(name, options[name], advice)))
            super().invoke(**options)
