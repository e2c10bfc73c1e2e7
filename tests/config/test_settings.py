"""The tap's settings: what is missing, contradictory or wrong is one sentence each, before any request."""

from __future__ import annotations

import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from singer_sdk.exceptions import ConfigValidationError

from generate.tables import own_settings
from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.resources import RESOURCES
from tap_linkedin_dma.config.settings import INTERVALS, LOCALES
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support import logs
from tests.support.answering import Answering, Reply, stream_asking
from tests.support.clock import FakeClock

TOKEN = {"access_token": "invented-access-token"}
REFRESH = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
MEMBER = {"member_access_token": "invented-member-token"}
# The SDK adds settings of its own to the class's schema once a tap is made.
SETTINGS = own_settings()


@pytest.fixture(scope="module")
def linkedin() -> Iterator[Sandbox]:
    """Hears whatever a tap asks while it looks at its settings."""
    with Sandbox(World(posts=1, followers=1)) as serving:
        yield serving


def make(config: dict[str, Any], linkedin: Sandbox) -> TapLinkedInDMA:
    """The tap with these settings and all its streams."""
    urls = {"api_url": linkedin.url, "oauth_url": f"{linkedin.url}/oauth/v2"}
    return TapLinkedInDMA(config={**urls, **config})


def problems(config: dict[str, Any], linkedin: Sandbox) -> list[str]:
    """What the tap says of these settings, without having made a request."""
    with pytest.raises(ConfigValidationError) as caught:
        make(config, linkedin)
    assert linkedin.requests == []
    return list(caught.value.errors)


@pytest.mark.parametrize(
    "config",
    [
        TOKEN,
        REFRESH,
        {**TOKEN, **REFRESH},
        MEMBER,
        {**MEMBER, **TOKEN},
        {**MEMBER, "client_id": "c", "client_secret": "s"},
        {**MEMBER, "snapshot_domains": ["PROFILE", "login"], "sensitive_domains": True},
        {**TOKEN, "client_id": "c"},
        {**TOKEN, "client_id": "c", "client_secret": "s"},
        {**TOKEN, "organizations": [42, "43", "urn:li:organization:44"]},
        {**TOKEN, "start_date": "2024-01-01"},
        {**TOKEN, "start_date": "2024-01-01T00:00:00Z"},
        {**TOKEN, "start_date": "2024-01-01T00:00:00+02:00"},
        {**TOKEN, "linkedin_version": "202511", "locale": "de_DE", "max_concurrency": 1},
        {**TOKEN, "request_intervals": {"dmaFeedContentsExternal": 0, "dmaPosts": 0.5}},
        {**TOKEN, "request_intervals": {"dmaPosts": "auto"}},
        {**TOKEN, "stream_options": {"posts": {"page_size": 1000, "viewContext": None}, "comments": {}}},
        {**TOKEN, "api_url": "https://proxy.example.com/linkedin"},
        {**TOKEN, "api_url": "http://localhost:8080", "oauth_url": "http://[::1]:8080/oauth/v2"},
    ],
)
def test_good_settings_need_no_request(config: dict[str, Any], linkedin: Sandbox) -> None:
    """The tap knows all its streams without asking for anything."""
    assert make(config, linkedin).streams
    assert linkedin.requests == []


NO_TOKEN = (
    "No token is set. Set access_token, or refresh_token with client_id and client_secret: tap-linkedin-dma login gets "
    "both. To read a member's own data, set member_access_token."
)
NO_ORGANIZATION = "is neither a number nor a URN such as urn:li:organization:42."
REFRESH_NEEDS = "refresh_token works only with client_id and client_secret. Set"


def wrong_values() -> Iterator[tuple[dict[str, Any], str]]:
    """Settings that have a value that cannot be, and the sentence about it."""
    wrong: object
    for wrong in ("acme", "", -1, "urn:li:organization:", " 42", "42,43"):
        yield {"organizations": [42, wrong]}, f"organizations: {wrong} {NO_ORGANIZATION}"
    for kind in ("organizationalPage", "person"):
        yield {"organizations": [42, f"urn:li:{kind}:42"]}, f"organizations: a URN of kind {kind} {NO_ORGANIZATION}"
    for wrong in ("xx_XX", "en_DE"):
        yield {"locale": wrong}, f"locale: LinkedIn does not know {wrong}. It knows {', '.join(sorted(LOCALES))}."
    for wrong in ("soon", "2024-13-01", "P30D", "2024-01-01/2024-02-01", "12:30"):
        yield {"start_date": wrong}, "start_date must be a date or a point in time such as 2024-01-01T00:00:00Z."
    for name in ("api_url", "oauth_url"):
        for wrong in (
            *("http://api.linkedin.com", "api.linkedin.com", "ftp://x", "http://localhost.example.com"),
            *("http://127.0.0.1@example.com", "http://localhost:80@example.com/", "http://127.0.0.1\\@example.com"),
        ):
            yield {name: wrong}, f"{name} must begin with https://, since secrets are sent there."
        for wrong in ("https:///rest", "https://a:b@example.com", "https://a.example?b=c", "https://a.example#b"):
            yield {name: wrong}, f"{name} must be an address with at most a path, such as https://api.linkedin.com."
    for name in ("access_token", "member_access_token", "user_agent"):
        for wrong in ("hidden\r\nX-Other: 1", "hid\nden", "hidden\u2026", "hid\x00den"):
            yield (
                {name: wrong},
                f"{name} contains a line break or another character that cannot be sent. Copy it again.",
            )
    yield {"stream_options": {"post": {}}}, "stream_options: Unknown stream post. Did you mean posts?"
    for name, meant in (
        *(("organisations", "organizations"), ("organizationIds", "organizations"), ("start", "start_date")),
        *(("start-date", "start_date"), ("snapshot_domain", "snapshot_domains"), ("stream_map", "stream_maps")),
        *(("memberdata", "member_data"), ("engagement_window", "engagement_window_days")),
    ):
        yield {name: []}, f"Unknown setting {name}. Did you mean {meant}?"
    for wrong in (0, -5, 1001, 2.5, "10", True, None):
        sentence = "stream_options: the page_size of posts must be a whole number from 1 to 1000."
        yield {"stream_options": {"posts": {"page_size": wrong}}}, sentence


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"access_token": ""}, NO_TOKEN),
        ({"client_id": "c", "client_secret": "s"}, NO_TOKEN),
        ({**REFRESH, "refresh_token": "", "member_access_token": " "}, NO_TOKEN),
        ({"client_id": "c", "refresh_token": "r"}, f"{REFRESH_NEEDS} client_secret."),
        ({**REFRESH, "client_id": ""}, f"{REFRESH_NEEDS} client_id."),
        ({**MEMBER, "refresh_token": "r", "client_id": "c"}, f"{REFRESH_NEEDS} client_secret."),
        ({**TOKEN, "refresh_token": "r"}, f"{REFRESH_NEEDS} client_id and client_secret."),
        *(({**TOKEN, **config}, sentence) for config, sentence in wrong_values()),
    ],
)
def test_a_missing_or_contradictory_setting_is_one_sentence(
    config: dict[str, Any], sentence: str, linkedin: Sandbox
) -> None:
    """Which says what to do about it."""
    assert problems(config, linkedin) == [sentence]


WRONG_TYPES: dict[str, list[object]] = {
    "organizations": ["42", [True], [4.5]],
    "start_date": [2024],
    "linkedin_version": ["2026-05", 2026, 202605.5, "\u0662\u0660\u0662\u0666\u0660\u0665"],
    "locale": ["english", "en-US"],
    "request_intervals": [{"dmaPosts": -1}, {"dmaPosts": "slow"}, 60],
    "max_concurrency": [0, "many"],
    "analytics_lookback_days": [2],
    "engagement_window_days": [1],
    "post_analytics_schedule": ["weekly"],
    "snapshot_domains": ["PROFILE", [5]],
    "sensitive_domains": ["yes"],
    "stream_options": [{"posts": 5}, {"posts": None}, []],
}


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name in WRONG_TYPES for wrong in WRONG_TYPES[name]])
def test_a_setting_of_the_wrong_type_is_named(name: str, wrong: object, linkedin: Sandbox) -> None:
    """In one sentence."""
    (problem,) = problems({**TOKEN, name: wrong}, linkedin)
    assert f"config['{name}']" in problem


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"acces_token": "x"}, "Unknown setting acces_token. Did you mean access_token?"),
        ({"Max-Concurency": 2}, "Unknown setting Max-Concurency. Did you mean max_concurrency?"),
        ({"colour\n": "red"}, "Unknown setting colour\\n. Correct its name, or remove it."),
        (
            {"request_intervals": {"dmaPost": 1}},
            "request_intervals: Unknown resource dmaPost. Did you mean dmaPosts?",
        ),
        (
            {"stream_options": {"posts": {"pageSize": 1, "viewContext": "AUTHOR"}}},
            "stream_options: posts sends no parameter pageSize. Did you mean page_size?",
        ),
        (
            {"stream_options": {"posts": {"authors": ["x"]}}},
            "stream_options: posts sends no parameter authors. Did you mean author?",
        ),
    ],
)
def test_a_name_that_nothing_has_is_reported_with_the_nearest_one(
    config: dict[str, Any], sentence: str, linkedin: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Also beside an error that it may be the cause of."""
    make({**TOKEN, **config}, linkedin)
    assert logs.warnings(caplog) == [sentence]
    caplog.clear()
    problems({"token_file": "a\0b", **config}, linkedin)
    assert logs.warnings(caplog) == [sentence]


def test_all_that_the_tap_and_the_sdk_know_is_known(linkedin: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Every setting, those of the SDK too, and every resource."""
    of_sdk = {
        "stream_maps": {"__else__": None},
        "stream_map_config": {"seed": "x"},
        "faker_config": {"seed": "x"},
        "flattening_enabled": False,
        "flattening_max_depth": 1,
        "flattening_max_key_length": 60,
        "flattening_separator": "__",
    }
    defaults = {name: schema["default"] for name, schema in SETTINGS.items() if "default" in schema}
    intervals = {**dict.fromkeys(RESOURCES, 0), **INTERVALS}
    make({**TOKEN, **defaults, **of_sdk, "request_intervals": intervals}, linkedin)
    assert logs.warnings(caplog) == []


MELTANO = {"MELTANO_EXTRACTOR_NAME": "tap-linkedin-dma"}


@pytest.mark.parametrize(
    ("more", "from_env", "is_refused"),
    [({}, True, True), (MELTANO, False, True), (MELTANO, True, True), ({}, False, False)],
)
def test_a_mistyped_variable_is_reported_if_variables_are_settings(
    more: dict[str, str], from_env: bool, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meltano gives the tap a file of what it knows, and the variables as they are."""
    for name, value in {"TAP_LINKEDIN_DMA_ORGANISATIONS": "[42]", **more}.items():
        monkeypatch.setenv(name, value)
    found: list[str] = []
    try:
        TapLinkedInDMA(config=dict(TOKEN), parse_env_config=from_env)
    except ConfigValidationError as error:
        found = list(error.errors)
    assert found == ["Unknown setting organisations. Did you mean organizations?"] * is_refused


def test_variables_of_meltano_are_no_settings(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its extras, parts of settings, and the settings of an extractor that inherits from this one."""
    for name in (
        *(
            "_SELECT",
            "_LOAD_SCHEMA",
            "ACME_ORGANIZATIONS",
            "ACME_MEMBER_DATA",
            "ACME__SELECT",
            "ACCESS_TOKEN",
            "LOCALE",
        ),
        *("STREAM_MAPS_POSTS_ID", "STREAM_MAPS_POSTS___FILTER__", "REQUEST_INTERVALS_DMAPOSTS"),
        *("STREAM_OPTIONS_POSTS_PAGE_SIZE", "ACME_STREAM_OPTIONS_POSTS_PAGE_SIZE"),
    ):
        monkeypatch.setenv(f"TAP_LINKEDIN_DMA_{name}", "en_US")
    monkeypatch.setenv("TAP_LINKEDIN_DMA_LOGLEVEL", "INFO")
    TapLinkedInDMA(config={}, parse_env_config=True)
    assert logs.warnings(caplog) == []


@pytest.mark.parametrize("extractor", ["tap-linkedin-dma-acme", "acme"])
def test_a_mistyped_variable_of_an_extractor_that_inherits_is_reported(
    extractor: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Meltano has its settings under its own name."""
    monkeypatch.setenv("MELTANO_EXTRACTOR_NAME", extractor)
    for name in ("COLOUR", "LOCALE", "_SELECT"):
        monkeypatch.setenv(f"{extractor.upper().replace('-', '_')}_{name}", "x")
    TapLinkedInDMA(config=dict(TOKEN))
    assert logs.warnings(caplog) == ["Unknown setting colour. Correct its name, or remove it."]


def test_a_nested_setting_is_read_as_meltano_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It puts the names together, in the environment alone."""
    monkeypatch.setenv("TAP_LINKEDIN_DMA_STREAM_OPTIONS", '{"posts.page_size": 3, "posts.viewContext": null}')
    tap = TapLinkedInDMA(config=dict(TOKEN), parse_env_config=True)
    assert tap.config["stream_options"] == {"posts": {"page_size": 3, "viewContext": None}}


def test_every_description_stands_in_the_lists_of_meltano() -> None:
    """They cut it after 70 characters or so."""
    firsts = {name: re.split(r"\.(?: |$)", schema["description"])[0] for name, schema in SETTINGS.items()}
    assert {name: first for name, first in firsts.items() if len(first) >= 70} == {}


def test_every_problem_is_told_at_once(linkedin: Sandbox) -> None:
    """So that they need not be found one after the other."""
    config = {"organizations": ["acme"], "api_url": "http://x", "start_date": "soon", "stream_options": {"post": {}}}
    assert len(problems(config, linkedin)) == 5


@pytest.mark.parametrize("name", [name for name, schema in SETTINGS.items() if schema.get("secret")])
@pytest.mark.parametrize("value", [98765432123, ["hidden-98765432123"]])
def test_no_problem_repeats_a_secret(
    name: str, value: object, linkedin: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A secret of the wrong type is one still."""
    caplog.set_level(logging.DEBUG)
    told = problems({**REFRESH, **TOKEN, name: value}, linkedin)
    assert "98765432123" not in str(told)
    assert "98765432123" not in caplog.text


@pytest.mark.parametrize("name", [name for name, schema in SETTINGS.items() if "default" in schema])
def test_a_setting_that_is_null_is_not_set(name: str) -> None:
    """Its default holds then, unless the tap says in a sentence that null will not do."""
    try:
        tap = TapLinkedInDMA(config={**TOKEN, name: None})
    except ConfigValidationError as refused:
        said = str(refused.errors)
    else:
        said = name if tap.config[name] == SETTINGS[name]["default"] else "null taken for a value"
    assert name in said


def test_the_settings_are_those_that_people_rely_on() -> None:
    """Their names, and which of them are secret: a changed one would break every installation."""
    own = ("title", "description")
    assert [name for name, schema in SETTINGS.items() if schema.get("secret")] == [
        "access_token",
        "client_id",
        "client_secret",
        "refresh_token",
        "member_access_token",
        "member_hash_key",
    ]
    assert {name: schema.get("default") for name, schema in SETTINGS.items() if not schema.get("secret")}.items() >= {
        "snapshot_domains": [],
        "sensitive_domains": False,
        "organizations": [],
        "start_date": None,
        "linkedin_version": None,
        "api_url": "https://api.linkedin.com",
        "oauth_url": "https://www.linkedin.com/oauth/v2",
        "user_agent": "tap-linkedin-dma",
        "locale": "en_US",
        "request_intervals": {
            "dmaOrganizationalPageFollows": 60,
            "dmaFeedContentsExternal": "auto",
            "dmaOrganizationalPageContentAnalytics": 2.5,
            "dmaOrganizationalPageEdgeAnalytics": 2.5,
        },
        "max_concurrency": 4,
        "analytics_lookback_days": 7,
        "engagement_window_days": 365,
        "post_analytics_schedule": "by_age",
        "member_data": "include",
        "drop_unsure_locations": False,
        "allow_mixed_scopes": False,
        "stream_options": {},
    }.items()
    assert all(schema.get(part) for schema in SETTINGS.values() for part in own)


@pytest.mark.parametrize(
    ("intervals", "apart"), [({}, 60), ({"dmaOrganizationalPageFollows": 5}, 5), ({"dmaPosts": 5}, 60)]
)
def test_an_interval_that_is_not_named_keeps_its_default(intervals: dict[str, float], apart: int) -> None:
    """Naming one resource does not unpace the others."""
    clock = FakeClock()
    with Answering() as server:
        stream = stream_asking(server.url, clock, request_intervals=intervals)
        stream.client.fetch("dmaOrganizationalPageFollows")
        stream.client.fetch("dmaOrganizationalPageFollows")
    assert clock.monotonic() == pytest.approx(apart, abs=0.2)


def test_a_slash_at_the_end_of_a_url_changes_nothing() -> None:
    """People copy it along; LinkedIn knows no path with two, and its next links have none."""
    with Answering(lambda _: Reply({"access_token": "new", "results": {"1": {}}})) as server:
        urls: dict[str, Any] = {"api_url": f"{server.url}/", "oauth_url": f"{server.url}/oauth/v2/"}
        stream = stream_asking(server.url, **{**REFRESH, **urls, "access_token": None})
        stream.client.fetch("dmaPosts", "ids=List(1)")
        assert stream.client.url("dmaPosts") == f"{server.url}/rest/dmaPosts"
    assert [asked.target for asked in server.asked] == ["/oauth/v2/accessToken", "/rest/dmaPosts?ids=List(1)"]


@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", "  {} ", "\n{}"])
def test_white_space_around_a_secret_is_not_sent(around: str) -> None:
    """It comes along where one is pasted, or read from a file."""
    pasted: dict[str, Any] = {name: around.format(value) for name, value in REFRESH.items()}
    with Answering(lambda _: Reply({"access_token": "new", "results": {"1": {}}})) as server:
        for config in ({"access_token": around.format("pasted")}, {**pasted, "access_token": None}):
            stream_asking(server.url, **config).client.fetch("dmaPosts", "ids=List(1)")
    assert server.asked[0].headers["Authorization"] == "Bearer pasted"
    assert server.asked[1].body == b"client_id=c&client_secret=s&refresh_token=r&grant_type=refresh_token"


@pytest.mark.usefixtures("quiet_root")
def test_a_fraction_of_a_second_is_an_interval(linkedin: Sandbox, tmp_path: Path) -> None:
    """From a file too, whose fractions the SDK reads as another kind of number."""
    clock = FakeClock()
    with Answering() as server:
        stream = stream_asking(server.url, clock, request_intervals={"dmaPosts": Decimal("0.5")})
        stream.client.fetch("dmaPosts")
        stream.client.fetch("dmaPosts")
    assert clock.monotonic() == pytest.approx(0.5, abs=0.1)
    linkedin.clear()
    config = {"api_url": linkedin.url, "oauth_url": f"{linkedin.url}/oauth/v2", "access_token": linkedin.token}
    intervals = {"dmaMe": 0.25, "dmaOrganizationAcls": 0.25}
    assert run({**config, "request_intervals": intervals, "organizations": [1]}, tmp_path) == 1
    assert {request.status for request in linkedin.requests} == {200}
    assert {*intervals, "dmaOrganizations"} <= {request.resource for request in linkedin.requests}
    linkedin.clear()


def run(config: dict[str, Any], folder: Path) -> int:
    """Run the command with a file of these settings; its exit code."""
    file = folder / "config.json"
    file.write_text(json.dumps(config))
    return CliRunner().invoke(TapLinkedInDMA.cli, ["--config", str(file)]).exit_code


def test_the_environment_can_give_every_setting(monkeypatch: pytest.MonkeyPatch, linkedin: Sandbox) -> None:
    """As Meltano hands them to `login` and `doctor`: all of them, as text."""
    config = {**TOKEN, "api_url": linkedin.url, "oauth_url": f"{linkedin.url}/oauth/v2"}
    settings = {name: schema["default"] for name, schema in SETTINGS.items() if "default" in schema}
    for name, value in {**settings, **config, "longest_wait": 1.5}.items():
        text = value if isinstance(value, str) else json.dumps(value)
        monkeypatch.setenv(f"TAP_LINKEDIN_DMA_{name.upper()}", text)
    tap = TapLinkedInDMA(parse_env_config=True)
    assert dict(tap.config) == {**dict(make(config, linkedin).config), "longest_wait": 1.5}


@pytest.fixture
def quiet_root() -> Iterator[None]:
    """The command sets the process's logging and hook; both are put back."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    with warnings.catch_warnings():
        yield
    logging.captureWarnings(capture=False)
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)


@pytest.mark.usefixtures("quiet_root")
def test_the_command_ends_with_the_sentence(
    linkedin: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Wrong settings and a refused token alike: a line to act on, no traceback, exit code 1."""
    linkedin.clear()
    config = {**TOKEN, "api_url": linkedin.url, "oauth_url": f"{linkedin.url}/oauth/v2"}
    assert run({**config, "organizations": ["acme"]}, tmp_path) == 1
    assert linkedin.requests == []
    assert run(config, tmp_path) == 1
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert "organizations: acme is neither a number nor a URN such as urn:li:organization:42." in lines
    assert lines[-1].startswith("LinkedIn does not accept the access token (401).")
    assert not [record for record in caplog.records if record.exc_info and record.levelno >= logging.CRITICAL]
    linkedin.clear()
