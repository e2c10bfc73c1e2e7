"""The tap: its settings, and its streams."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar

import pendulum
from singer_sdk import Tap
from singer_sdk import typing as th
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.streams import Stream

from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.pacing import Clock, SystemClock
from tap_linkedin_dma.streams import STREAMS

_INTERVALS = {
    "dmaOrganizationalPageFollows": 60,
    "dmaFeedContentsExternal": 60,
    "dmaOrganizationalPageContentAnalytics": 2.5,
    "dmaOrganizationalPageEdgeAnalytics": 2.5,
}
_LARGEST_PAGE = 1000
_REFRESH_SETTINGS = ("client_id", "client_secret", "refresh_token")
_SECRETS = ("access_token", *_REFRESH_SETTINGS)
_ORGANIZATION = re.compile(r"(urn:li:organization:)?\d+")
_LOOPBACK = re.compile(r"http://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(/|$)")


class TapLinkedInDMA(Tap):
    """A company's own LinkedIn data, from the DMA Portability APIs."""

    name = "tap-linkedin-dma"

    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    config_jsonschema = th.PropertiesList(
        th.Property(
            "access_token",
            th.StringType,
            secret=True,
            title="Access token",
            description="A member's token with the scope r_dma_admin_pages_content. Instead of it, or beside it: "
            "client_id, client_secret and refresh_token.",
        ),
        th.Property("client_id", th.StringType, secret=True, title="Client ID", description="Of your LinkedIn app."),
        th.Property(
            "client_secret", th.StringType, secret=True, title="Client secret", description="Of your LinkedIn app."
        ),
        th.Property(
            "refresh_token",
            th.StringType,
            secret=True,
            title="Refresh token",
            description="Gets new access tokens, for apps that LinkedIn has enabled for it.",
        ),
        th.Property(
            "organizations",
            th.ArrayType(th.CustomType({"type": ["string", "integer"]})),
            default=[],
            title="Organizations",
            description="Organizations to read: numbers, or URNs such as urn:li:organization:42. Empty means every "
            "organization that the token's member administers.",
        ),
        th.Property(
            "start_date",
            th.DateTimeType,
            title="Start date",
            description="Earliest posts and analytics to read. Unset means all posts, and analytics of the last "
            "360 days.",
        ),
        th.Property(
            "linkedin_version",
            th.StringType(pattern=r"^\d{6}$"),
            default="202605",
            title="LinkedIn version",
            description="The version of the DMA APIs, YYYYMM. Only months that LinkedIn released for DMA are valid.",
        ),
        th.Property(
            "api_url",
            th.StringType,
            default="https://api.linkedin.com",
            title="API URL",
            description="Where LinkedIn's API is; the token goes nowhere else.",
        ),
        th.Property(
            "oauth_url",
            th.StringType,
            default="https://www.linkedin.com/oauth/v2",
            title="OAuth URL",
            description="Where LinkedIn's token endpoint is; the client secret goes nowhere else.",
        ),
        th.Property(
            "user_agent",
            th.StringType,
            default="tap-linkedin-dma",
            title="User agent",
            description="How the tap names itself to LinkedIn.",
        ),
        th.Property(
            "locale",
            th.StringType(pattern="^[a-z]{2,3}_[A-Z]{2}$"),
            default="en_US",
            title="Locale",
            description="The language of names and descriptions where LinkedIn has several.",
        ),
        th.Property(
            "request_intervals",
            th.ObjectType(additional_properties=th.NumberType(minimum=0)),
            default=_INTERVALS,
            title="Request intervals",
            description="Seconds between the starts of two requests, by resource. Resources that are not named keep "
            "their default.",
        ),
        th.Property(
            "max_concurrency",
            th.IntegerType(minimum=1),
            default=4,
            title="Max concurrency",
            description="Requests under way at once, over all resources.",
        ),
        th.Property(
            "analytics_lookback_days",
            th.IntegerType(minimum=3),
            default=7,
            title="Analytics look-back",
            description="Days before the bookmark that analytics are read again for, since LinkedIn's data are late.",
        ),
        th.Property(
            "engagement_window_days",
            th.IntegerType(minimum=2),
            default=365,
            title="Engagement window",
            description="How old, in days, a post may be for its edits, comments and reactions to be looked for.",
        ),
        th.Property(
            "stream_options",
            th.ObjectType(additional_properties=th.ObjectType(additional_properties=True)),
            default={},
            title="Stream options",
            description="By stream name: request parameters to send otherwise, null to leave one out, and page_size.",
        ),
    ).to_dict()

    clock: Clock = SystemClock()
    """Where the time comes from; a test puts another in its place before the first stream is asked for."""

    @cached_property
    def connection(self) -> Connection:
        """What all streams share."""
        # The SDK reads a fraction of a JSON file as a Decimal, which does not add to a clock's seconds.
        intervals = {name: float(seconds) for name, seconds in (_INTERVALS | self.config["request_intervals"]).items()}
        return Connection({**self.config, "request_intervals": intervals}, self.clock)

    def discover_streams(self) -> Sequence[Stream]:
        return [stream(self, self.connection) for stream in STREAMS]

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams in reading order: the SDK sorts them by name, and a lookup must come last."""
        if self._streams is None:
            by_name = super().streams
            self._streams = {stream.name: by_name[stream.name] for stream in STREAMS}
        return self._streams

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
        for name in _SECRETS:
            if isinstance(secret := self._config.get(name), str):
                self._config[name] = secret.strip()

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
        if lacking and not self.config.get("access_token"):
            yield f"Set access_token, or client_id, client_secret and refresh_token ({' and '.join(lacking)} not set)."
        elif lacking and self.config.get("refresh_token"):
            yield f"The setting refresh_token is of no use without {' and '.join(lacking)}."

    def _header_problems(self) -> Iterator[str]:
        for name in ("access_token", "user_agent"):
            if not re.fullmatch(r"[\x20-\x7e]*", self.config.get(name, "")):
                yield f"{name} holds a line break or another character that cannot be sent. Copy it again."

    def _organization_problems(self) -> Iterator[str]:
        for organization in self.config["organizations"]:
            if not _ORGANIZATION.fullmatch(str(organization)):
                yield f"organizations: {organization} is neither a number nor a URN such as urn:li:organization:42."

    def _url_problems(self) -> Iterator[str]:
        for name in ("api_url", "oauth_url"):
            url = self.config[name]
            if not url.startswith("https://") and not _LOOPBACK.match(url):
                yield f"{name} must begin with https://, since secrets are sent there."

    def _other_problems(self) -> Iterator[str]:
        names = [stream.name for stream in STREAMS]
        for name, options in self.config["stream_options"].items():
            if name not in names:
                yield f"stream_options: there is no stream {name}."
            page_size = options.get("page_size", 1)
            if type(page_size) is not int or not 1 <= page_size <= _LARGEST_PAGE:
                yield f"stream_options: the page_size of {name} must be a whole number from 1 to {_LARGEST_PAGE}."
        if not _is_date(self.config.get("start_date") or "2024-01-01"):
            yield "start_date must be a date or a point in time such as 2024-01-01T00:00:00Z."

    @classmethod
    def invoke(cls, **options: Any) -> None:
        """Run the tap; an error that the user can act on ends it with one sentence, not a traceback."""
        try:
            super().invoke(**options)
        except DmaError as error:
            cls.logger.critical("%s", error)
            sys.exit(1)


def _less_secret(problem: str) -> str:
    """What jsonschema says of a setting, without the value where that is a secret."""
    secret = next((name for name in _SECRETS if f"config['{name}']" in problem), None)
    return f"The setting {secret} must be text." if secret else problem


def _is_date(text: str) -> bool:
    try:
        return isinstance(pendulum.parse(text, exact=True), pendulum.Date)
    except ValueError:
        return False
