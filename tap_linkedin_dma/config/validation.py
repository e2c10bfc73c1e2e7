"""Problems of the settings that their JSON Schema cannot express: a sentence each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pendulum
import requests

from tap_linkedin_dma.api import restli, urns
from tap_linkedin_dma.config import names, settings
from tap_linkedin_dma.config.json_files import is_text
from tap_linkedin_dma.privacy import log_masking

_LARGEST_PAGE = 1000
_REFRESH_SETTINGS = ("client_id", "client_secret", "refresh_token")
SECRETS = ("access_token", *_REFRESH_SETTINGS, "member_access_token", "member_hash_key")
_FILES = ("token_file", "pace_file", "run_report", "wire_report")
_ORGANIZATION = re.compile(r"(urn:li:organization:)?\d+")
_ADDRESS = re.compile(r"https?://[^/?#@\\\s]+(/[^?#\\\s]*)?")
_LOOPBACK = re.compile(r"http://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(/|$)")
_SHORTEST_KEY = 32
_MAKE_KEY = 'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
_EPOCH = pendulum.date(1970, 1, 1)


def normalize(config: dict[str, Any]) -> None:
    """Bring equivalent settings into one form."""
    # The SDK lets null stand for a setting that is not set, but gives it no default then. An empty environment
    # variable comes as an empty text, by Meltano too.
    for name in [name for name, value in config.items() if value is None or value == ""]:
        del config[name]
    for name, schema in settings.SCHEMA["properties"].items():
        value = config.get(name)
        if isinstance(value, Decimal):
            value = config[name] = float(value)
        # JSON Schema counts 3.0 as a whole number, Python does not.
        if "integer" in schema.get("type", ()) and isinstance(value, float) and value.is_integer():
            config[name] = int(value)
    # Unquoted in YAML, the version is a number.
    if type(version := config.get("linkedin_version")) in (int, str):
        config["linkedin_version"] = str(version).strip()
    # Unquoted in YAML, off is a boolean.
    if type(schedule := config.get("post_analytics_schedule")) is bool:
        config["post_analytics_schedule"] = "by_age" if schedule else "off"
    for name in ("api_url", "oauth_url"):
        if isinstance(url := config.get(name), str):
            config[name] = url.rstrip("/")
    for name in ("request_timeout", "longest_wait"):
        # From the environment the SDK reads whole numbers, and leaves one that may be a fraction as text.
        if isinstance(text := config.get(name), str) and re.fullmatch(r"\d+(\.\d+)?", text):
            config[name] = float(text)
    for name in SECRETS:
        if isinstance(secret := config.get(name), str):
            config[name] = secret.strip()
        log_masking.register_secret(config.get(name))


def problems(
    config: Mapping[str, Any], known: Collection[str], streams: Collection[str], now: pendulum.DateTime
) -> Iterator[str]:
    """Problems that the JSON Schema cannot express, a sentence each; for tokens see `token_problems`.

    Args:
        config: the settings, with their defaults.
        known: the names of all settings.
        streams: the names of all streams.
        now: the time.
    """
    yield from names.unknown_settings(config, known, narrowing=True)
    yield from _text_problems(config)
    yield from _header_problems(config)
    yield from _organization_problems(config)
    yield from _url_problems(config)
    yield from _option_problems(config, streams)
    yield from _start_problems(config.get("start_date"), now)
    yield from _other_problems(config)


def warnings(
    config: Mapping[str, Any],
    known: Collection[str],
    resources: Collection[str],
    streams: Mapping[str, Collection[str]],
) -> Iterator[str]:
    """A sentence for each part of the settings that does nothing, or seems mistyped.

    Args:
        config: the settings, with their defaults.
        known: the names of all settings.
        resources: the names of all resources.
        streams: the names of all streams, and of the parameters that each sends.
    """
    yield from names.unknown_settings(config, known, narrowing=False)
    for resource in config["request_intervals"]:
        if resource not in resources:
            yield f"request_intervals: {names.unknown('resource', resource, resources)}"
    for stream, options in config["stream_options"].items():
        own = {"page_size", *streams.get(stream, ())}
        for option in options:
            # Any other name may be a parameter of LinkedIn's, too.
            if option not in own and (near := names.nearest(option, own)):
                yield f"stream_options: {stream} sends no parameter {ascii(option)[1:-1]}. Did you mean {near}?"


NO_SETTINGS = (
    "No settings were given. Use --config FILE, or --config=ENV for environment variables such as "
    "TAP_LINKEDIN_DMA_ACCESS_TOKEN."
)


def has_pages_token(config: Mapping[str, Any]) -> bool:
    """Whether the settings have a token for pages, or the settings to get one."""
    has_one = config.get("access_token") or config.get("token_file")
    return bool(has_one) or all(config.get(name) for name in _REFRESH_SETTINGS)


def token_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """A sentence on the settings that are missing for a token."""
    missing = [name for name in _REFRESH_SETTINGS if not config.get(name)]
    if missing and config.get("refresh_token"):
        yield f"refresh_token works only with client_id and client_secret. Set {' and '.join(missing)}."
    elif not has_pages_token(config) and not config.get("member_access_token"):
        yield (
            "No token is set. Set access_token, or refresh_token with client_id and client_secret: "
            "tap-linkedin-dma login gets both. To read a member's own data, set member_access_token."
        )


def _text_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for name, value in config.items():
        if not is_text(value):
            yield f"{name} contains half of a character. Enter it again."


def _header_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for name in ("access_token", "member_access_token", "user_agent"):
        if not re.fullmatch(r"[\x20-\x7e]*", config.get(name, "")):
            yield f"{name} contains a line break or another character that cannot be sent. Copy it again."


def _organization_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for organization in config["organizations"]:
        if not _ORGANIZATION.fullmatch(str(organization)):
            kind = urns.urn_type(str(organization))
            # A URN of another kind may be a member's.
            what = f"a URN of kind {kind}" if kind else organization
            yield f"organizations: {what} is neither a number nor a URN such as urn:li:organization:42."


def _url_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for name in ("api_url", "oauth_url"):
        url = config[name]
        if not url.startswith("https://") and not _LOOPBACK.match(url):
            yield f"{name} must begin with https://, since secrets are sent there."
        elif not _ADDRESS.fullmatch(url) or not _is_address(url):
            yield f"{name} must be an address with at most a path, such as https://api.linkedin.com."


def _is_address(url: str) -> bool:
    """Whether a request can be sent there: its port, for example, is valid."""
    try:
        requests.Request("GET", url).prepare()
    except (requests.RequestException, ValueError):
        return False
    return True


def _option_problems(config: Mapping[str, Any], streams: Collection[str]) -> Iterator[str]:
    for name, options in config["stream_options"].items():
        if name not in streams:
            yield f"stream_options: {names.unknown('stream', name, streams)}"
        for option, value in options.items():
            if option != "page_size" and not _is_parameter(value):
                yield (
                    f"stream_options: {option} of {name} cannot be sent. It must be text, a whole number, true or "
                    "false, an object or list of these that is not empty, or null to leave it out."
                )
        page_size = options.get("page_size", 1)
        if type(page_size) is not int or not 1 <= page_size <= _LARGEST_PAGE:
            yield f"stream_options: the page_size of {name} must be a whole number from 1 to {_LARGEST_PAGE}."


def _is_parameter(value: object) -> bool:
    if value is None or value == {}:
        return value is None
    try:
        restli.encode(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _start_problems(start: str | None, now: pendulum.DateTime) -> Iterator[str]:
    if not start:
        return
    try:
        moment = pendulum.parse(start, exact=True, tz="UTC")
    except (ValueError, OverflowError):
        moment = None
    if not isinstance(moment, pendulum.Date):
        yield "start_date must be a date or a point in time such as 2024-01-01T00:00:00Z."
        return
    day = moment.date() if isinstance(moment, pendulum.DateTime) else moment
    if day < _EPOCH:
        yield "start_date is before 1970. Leave it out to read all posts."
    # In some time zone it is already tomorrow.
    elif day > now.add(days=1).date():
        yield f"start_date is in the future ({day}), and nothing would be read. Set an earlier day, or leave it out."


def _other_problems(config: Mapping[str, Any]) -> Iterator[str]:
    if (batches := config.get("batch_config")) and not _is_batch_root(batches):
        yield (
            "batch_config: storage.root must be a folder of this machine, such as file:///var/tmp/linkedin, and have "
            "neither ? nor # in its name. Files elsewhere, such as s3://, are not supported."
        )
    for name in _FILES:
        if (path := config.get(name)) and not is_path(path):
            yield f"{name} is not a valid path on this system. Choose one such as /var/lib/tap/{name}.json."
    named: defaultdict[Path, list[str]] = defaultdict(list)
    for name in filter(config.get, _FILES):
        named[Path(config[name])].append(name)
    for same in named.values():
        if len(same) > 1:
            yield f"{' and '.join(same)} are the same file. Choose another path for one of them."
    if config["member_data"] == "hash" and not config.get("member_hash_key"):
        yield f"member_data is hash, so set member_hash_key, which never changes. {_MAKE_KEY}"
    if 0 < len(config.get("member_hash_key", "")) < _SHORTEST_KEY:
        yield f"member_hash_key has fewer than {_SHORTEST_KEY} characters, and could be found by trying. {_MAKE_KEY}"
    if (locale := config["locale"]) not in settings.LOCALES:
        yield f"locale: LinkedIn does not know {locale}. It knows {', '.join(sorted(settings.LOCALES))}."


def redact_secret(problem: str) -> str:
    """The problem that jsonschema reports, without the value if that is a secret."""
    secret = next((name for name in SECRETS if f"config['{name}']" in problem), None)
    return f"The setting {secret} must be text." if secret else problem


def batch_folder(root: str) -> Path:
    """The folder that the `storage.root` of batch_config names."""
    # Not decoded: the Singer SDK, by which targets read the files, takes what follows for a path as it is.
    return Path(root.removeprefix("file://"))


def _is_batch_root(config: Mapping[str, Any]) -> bool:
    root = config.get("storage", {}).get("root", "")
    return batch_folder(root).is_absolute() and is_path(root) and not {*"?#"} & {*root}


def is_path(text: str) -> bool:
    """Whether a text can be a path on this system."""
    if not is_text(text):
        return True  # which `_text_problems` reports for any setting
    try:
        Path(text).expanduser().resolve()
    except (OSError, ValueError, RuntimeError):
        return False
    return True
