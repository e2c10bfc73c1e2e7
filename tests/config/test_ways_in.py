"""Every way in ends in a run or in a sentence: settings, environment, catalog and state, however they are damaged."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pendulum
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigValidationError

from tap_linkedin_dma.api.errors import DmaError, InputRejected, NothingSelected, StateRejected
from tap_linkedin_dma.commands import command_line
from tap_linkedin_dma.state.packing import pack
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.conftest import NOW
from tests.support.clock import FakeClock
from tests.support.logs import warnings
from tests.support.plain import PlainLinkedIn, urn_of
from tests.support.runs import Run, _Collector, catalog_that_selects
from tests.support.runs import settings as reading

ORGANIZATION = "urn:li:organization:42"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def company() -> Iterator[PlainLinkedIn]:
    """A company with two posts that are commented on."""
    serving = PlainLinkedIn()
    for days in (2, 30):
        serving.add_comments(serving.add_post(urn_of(days)), 2)
    with serving:
        yield serving


def tap_of(
    company: PlainLinkedIn, state: Json | None = None, catalog: Json | None = None, **config: Any
) -> tuple[TapLinkedInDMA, _Collector]:
    """A tap that reads the company alone, at the company's time."""
    writer = _Collector()
    tap = TapLinkedInDMA(
        config=reading(company, organizations=[company.organization], **config),
        state=state or {},
        catalog=catalog,
        setup_mapper=False,
        message_writer=writer,
    )
    tap.clock = FakeClock(pendulum.instance(NOW))
    tap.setup_mapper()
    return tap, writer


def run_of(company: PlainLinkedIn, state: Json | None = None, catalog: Json | None = None, **config: Any) -> Run:
    """What one run writes."""
    tap, writer = tap_of(company, state, catalog, **config)
    tap.sync_all()
    return Run(writer.messages)


@cache
def discovered(company: PlainLinkedIn) -> str:
    """The catalog that discovery gives."""
    return tap_of(company)[0].catalog_json_text


def catalog_of(company: PlainLinkedIn, *select: str) -> Json:
    """That catalog, with these streams selected."""
    catalog: Json = json.loads(discovered(company))
    for stream in catalog["streams"]:
        root = next(entry for entry in stream["metadata"] if not entry["breadcrumb"])
        root["metadata"]["selected"] = stream["tap_stream_id"] in select
    return catalog


def only(catalog: Json, *names: str) -> Json:
    """A catalog that has these streams alone."""
    return {"streams": [stream for stream in catalog["streams"] if stream["tap_stream_id"] in names]}


def ends(caplog: pytest.LogCaptureFixture, *arguments: str, env: dict[str, str] | None = None) -> list[str]:
    """The sentences with which a command ends, with exit code 1 and no traceback."""
    caplog.clear()
    ended = CliRunner().invoke(command_line(), arguments, env=env)
    assert isinstance(ended.exception, SystemExit)
    assert (ended.exit_code, ended.stdout) == (1, "")
    said = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not [record for record in said if record.exc_info]
    return [record.getMessage() for record in said]


def said_by(act: Callable[[], object]) -> str:
    """The sentence with which something ends; "" where it ends well."""
    try:
        act()
    except DmaError as error:
        return str(error)
    return ""


DAMAGED = {
    "cut": (b'{"access_token":"invented-secret","api_url":"https://a', "is not valid JSON at line 1, column 4"),
    "comma too many": (b'{"access_token":"invented-secret",}', "is not valid JSON at line 1, column 3"),
    "utf-16": ('{"access_token":"invented-secret"}'.encode("utf-16"), "is not encoded in UTF-8: save it as UTF-8"),
    "windows-1252": ('{"user_agent":"B\u00fcro"}'.encode("cp1252"), "is not encoded in UTF-8: save it as UTF-8"),
    "a list": (b"[]", "is not a JSON object"),
    "null": (b"null", "is not a JSON object"),
    "text": (b'"x"', "is not a JSON object"),
    "deep": (b"[" * 100_000, "is not JSON that can be read"),
    "not a number": (b'{"max_tries": NaN}', "is not JSON that can be read"),
    "a number of 5,000 digits": (b'{"max_tries": %s}' % (b"1" * 5000), "is not JSON that can be read"),
}


@pytest.mark.parametrize(
    ("which", "damage"),
    [(which, damage) for which in ("config", "catalog", "state") for damage in DAMAGED]
    + [(which, damage) for which in ("config", "catalog") for damage in ("empty", "blank")],
)
def test_a_damaged_file_is_one_sentence(
    which: str, damage: str, company: PlainLinkedIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It says which file and what is wrong with it, and nothing of what is in it."""
    raw, says = {"empty": (b"", "is empty"), "blank": (b" \n", "is empty"), **DAMAGED}[damage]
    files = {"config": json.dumps(reading(company)).encode(), which: raw}
    arguments = []
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        arguments += [f"--{name}", str(tmp_path / name)]
    (sentence,) = ends(caplog, *arguments)
    what = f"settings file {tmp_path / 'config'}" if which == "config" else which
    assert sentence.startswith(f"The {what} {says}")
    assert "secret" not in sentence


@pytest.mark.parametrize("command", ["doctor", "--discover", "--test", "login", "--format=json"])
def test_every_command_ends_so_over_its_settings(
    command: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Damaged or wrong; discovery wants no token and right settings all the same."""
    file = tmp_path / "config.json"
    file.write_text("{")
    assert ["is not valid JSON" in said for said in ends(caplog, "--config", str(file), command)] == [True]
    file.write_text(json.dumps({"access_token": "invented-token", "request_intervals": 60}))
    assert [said[-30:] for said in ends(caplog, "--config", str(file), command)] == ["in config['request_intervals']"]
    file.write_text(json.dumps({"access_token": "invented-token", "organisations": [1], "colour": 1}))
    ended = ends(caplog, "--config", str(file), command)
    assert [said.rpartition(": ")[2] for said in ended] == [
        "Unknown setting organisations. Did you mean organizations?"
    ]
    assert warnings(caplog) == ["Unknown setting colour. Correct its name, or remove it."]
    (sentence,) = ends(caplog, "--config", str(tmp_path / "nowhere.json"), command)
    assert sentence.endswith("nowhere.json cannot be read (No such file or directory).")


@pytest.mark.parametrize("command", [(), ("--test",), ("doctor",), ("login",)])
def test_a_forgotten_config_is_named(command: tuple[str, ...], caplog: pytest.LogCaptureFixture) -> None:
    """And not what a settings file might lack."""
    (sentence,) = ends(caplog, *command)
    assert sentence.startswith("No settings were given. Use --config FILE, or --config=ENV")
    (other,) = ends(caplog, *command, "--config=ENV")
    assert other.startswith("Set client_id and client_secret" if command == ("login",) else "No token is set.")


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_state_is_that_of_a_first_run(
    content: str, company: PlainLinkedIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A shell's `tail -1 states.jsonl > state.json` leaves one, and the run says that it reads everything."""
    files = {"config": json.dumps(reading(company)), "state": content, "catalog": json.dumps(catalog_of(company, "me"))}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    arguments = [part for name in files for part in (f"--{name}", str(tmp_path / name))]
    assert CliRunner().invoke(command_line(), arguments).exit_code == 0
    assert warnings(caplog) == ["The state is empty: everything is read, as in a first run."]


def test_a_state_that_is_not_there_is_to_be_left_out(company: PlainLinkedIn, tmp_path: Path) -> None:
    """There is none before the first run."""
    (tmp_path / "config").write_text(json.dumps(reading(company)))
    nowhere = str(tmp_path / "state.json")
    ended = CliRunner().invoke(command_line(), ["--config", str(tmp_path / "config"), "--state", nowhere])
    assert ended.exit_code == 2
    assert f"there is no file {nowhere}. Leave --state out in the first run." in ended.stderr


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_a_byte_order_mark_does_no_harm(mark: str, company: PlainLinkedIn, tmp_path: Path) -> None:
    """Some editors write one."""
    file = tmp_path / "config.json"
    file.write_text(mark + json.dumps(reading(company)), encoding="utf-8")
    assert CliRunner().invoke(command_line(), ["--config", str(file), "--discover"]).exit_code == 0


PREFIX = "TAP_LINKEDIN_DMA_"


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("MAX_TRIES", "three", "a whole number"),
        ("MAX_TRIES", "3.5", "a whole number"),
        ("REQUEST_TIMEOUT", "long", "a number"),
        ("FAIL_ON_SKIP", "treu", "true or false"),
        ("ORGANIZATIONS", "[42", "a list in JSON"),
        ("REQUEST_INTERVALS", "dmaFeedContentsExternal=0", "an object in JSON"),
        ("STREAM_OPTIONS", "{posts: 1}", "an object in JSON"),
        ("STREAM_OPTIONS", "[]", "an object in JSON"),
    ],
)
def test_an_environment_variable_that_cannot_be_read_is_named(
    name: str, text: str, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With the form that it should have, and without its text."""
    (sentence,) = ends(caplog, "--config=ENV", env={f"{PREFIX}ACCESS_TOKEN": "invented-token", PREFIX + name: text})
    assert sentence.startswith(
        f"{name.lower()}: the environment variable {PREFIX}{name} cannot be read. It must be {form}"
    )
    assert text not in sentence


def test_an_empty_environment_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the setting; by Meltano it comes as an empty text in the settings file."""
    names = TapLinkedInDMA.config_jsonschema["properties"]
    for name in names:
        monkeypatch.setenv(PREFIX + name.upper(), "")
    monkeypatch.setenv(f"{PREFIX}ACCESS_TOKEN", "invented-token")
    plain = dict(TapLinkedInDMA(config={"access_token": "invented-token"}).config)
    assert dict(TapLinkedInDMA(parse_env_config=True).config) == plain
    assert dict(TapLinkedInDMA(config={**dict.fromkeys(names, ""), "access_token": "invented-token"}).config) == plain


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        *(("linkedin_version", given, "202605") for given in (202605, "202605", " 202605\n")),
        *(("post_analytics_schedule", *pair) for pair in ((False, "off"), (True, "by_age"), ("off", "off"))),
    ],
)
def test_a_value_is_taken_as_yaml_gives_it(name: str, given: object, taken: str) -> None:
    """Unquoted, a version is a number there, and off a boolean for some of its readers."""
    assert TapLinkedInDMA(config={"access_token": "x", name: given}).config[name] == taken


HALF = "\ud83d"
WRONG: list[tuple[Json, str]] = [
    ({"batch_config": {"encoding": {"format": "jsonl"}}}, "storage.root must be a folder of this machine"),
    *(
        ({"batch_config": {"storage": {"root": root}}}, "storage.root must be a folder of this machine")
        for root in ("file://x", "s3://bucket/batches", "batches", "/a?b", "/a#b", "/a\0b")
    ),
    ({"batch_config": {"encoding": {"format": "parquet"}, "storage": {"root": "/x"}}}, "is not one of"),
    ({"batch_config": {"storage": {"root": "/x", "prefix": "../"}}}, "does not match"),
    ({"batch_config": "anything"}, "is not of type 'object'"),
    ({"start_date": "2999-01-01"}, r"start_date is in the future \(2999-01-01\)"),
    ({"start_date": "0001-01-01T00:00:00+14:00"}, "start_date is before 1970"),
    ({"token_file": "a\0b"}, "token_file is not a valid path"),
    ({"token_file": f"a{HALF}"}, "token_file contains half of a character"),
    ({"token_file": "~nobody-of-that-name/tokens"}, "token_file is not a valid path"),
    ({"pace_file": "a\0b"}, "pace_file is not a valid path"),
    ({"pace_file": "a.json", "token_file": "a.json"}, "are the same file"),
    ({"member_hash_key": HALF * 32, "member_data": "hash"}, "member_hash_key contains half of a character"),
    ({"api_url": "https://api.linkedin.com:99999"}, "api_url must be an address"),
    ({"api_url": "https://api.linkedin.com:port"}, "api_url must be an address"),
    ({"oauth_url": "https://[::1"}, "oauth_url must be an address"),
    ({"request_intervals": {"dmaPosts": 1e308}}, "request_intervals"),
    ({"request_timeout": 1e308}, "request_timeout"),
    ({"longest_wait": float("inf")}, "longest_wait"),
    ({"engagement_window_days": 1_000_000}, "engagement_window_days"),
    ({"lookup_refresh_days": 10**30}, "lookup_refresh_days"),
    ({"max_concurrency": 1e30}, "max_concurrency"),
    ({"stream_options": {"posts": {"viewContext": 1.5}}}, "stream_options: viewContext of posts cannot be sent"),
    ({"stream_options": {"posts": {"viewContext": []}}}, "stream_options: viewContext of posts cannot be sent"),
    ({"stream_options": {"posts": {"viewContext": {"a": [{}, None]}}}}, "stream_options: viewContext of posts"),
    ({"stream_maps": {"posts": {"id": "1 +"}}}, "stream_maps cannot be used"),
    ({"stream_maps": {"__else__": {}}}, "stream_maps: __else__ must be null"),
    ({"stream_maps": {"posts": {"__else__": "drop"}}}, "stream_maps: __else__ must be null"),
]


@pytest.mark.parametrize(("config", "says"), WRONG, ids=[next(iter(config)) for config, _ in WRONG])
def test_a_setting_that_would_end_in_a_traceback_is_one_sentence(config: Json, says: str) -> None:
    """Before anything is asked for."""
    with pytest.raises(ConfigValidationError) as caught:
        TapLinkedInDMA(config={"access_token": "invented-token", **config})
    (problem,) = caught.value.errors
    assert re.search(says, problem)


def test_today_is_not_in_the_future_anywhere() -> None:
    """Where the sun rises first it is tomorrow already."""
    tomorrow = pendulum.now("UTC").add(hours=14).to_date_string()
    assert TapLinkedInDMA(config={"access_token": "x", "start_date": tomorrow}).config["start_date"] == tomorrow


def test_a_test_run_lets_no_more_out_than_the_settings_say(company: PlainLinkedIn) -> None:
    """The SDK's own reads every stream, the members' too."""
    tap, writer = tap_of(company, member_data="omit")
    assert tap.run_connection_test()
    records = Run(writer.messages).records
    assert {"me", "my_organization_acls", "comments"} <= records.keys()
    assert "urn:li:person:" not in json.dumps(records)


def test_what_a_catalog_lacks_is_read_for_its_children(company: PlainLinkedIn) -> None:
    """And not written: who has a catalog of `comments` alone wants comments."""
    whole = run_of(company, catalog=catalog_of(company, "comments"))
    result = run_of(company, catalog=only(catalog_of(company, "comments"), "comments"))
    assert len(result.records["comments"]) == 4
    assert result.records == whole.records
    assert set(result.schemas) == {"comments"}


@pytest.mark.parametrize("keep", ["posts", "my_organization_acls"])
def test_a_catalog_without_a_schema_has_the_streams_own(company: PlainLinkedIn, keep: str) -> None:
    """With the keys, whichever the catalog names; a column that it does not know stays away."""
    catalog = catalog_of(company, keep)
    plain = run_of(company, catalog=catalog)
    for stream in catalog["streams"]:
        stream |= {"schema": None, "key_properties": None, "replication_key": "nothing", "stream": "other"}
    result = run_of(company, catalog=catalog)
    assert result.records == plain.records
    assert result.schemas == plain.schemas
    short = only(catalog_of(company, keep), keep)
    (entry,) = short["streams"]
    entry["schema"] = {"properties": {"nowhere": {}, "unmapped": {"type": ["object", "null"]}}}
    result = run_of(company, catalog=short)
    rows, (schema,) = result.records[keep], result.schemas[keep]
    assert rows
    assert all(set(schema["key_properties"]) <= row.keys() for row in rows)
    assert set(schema["key_properties"]) <= schema["schema"]["properties"].keys()


def test_keys_leave_even_if_they_are_deselected(company: PlainLinkedIn) -> None:
    """A target without them would add every row once more."""
    catalog = catalog_of(company, "posts", "page_content_trend")
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"]:
                entry["metadata"] = {"selected": False}
    result = run_of(company, catalog=catalog)
    assert result.values("posts", "id")
    assert all({"organization", "id", "published_at"} >= row.keys() for row in result.records["posts"])
    for name, (schema,) in result.schemas.items():
        assert set(schema["key_properties"]) <= schema["schema"]["properties"].keys(), name


def test_a_catalog_without_replication_keys_has_no_table_taken_for_whole(company: PlainLinkedIn) -> None:
    """The target would remove what earlier runs read."""
    catalog = catalog_of(company, "page_content_trend", "posts")
    for stream in catalog["streams"]:
        del stream["replication_method"]
        stream.pop("replication_key", None)
        root = next(entry for entry in stream["metadata"] if not entry["breadcrumb"])
        root["metadata"] = {"selected": root["metadata"]["selected"]}
    types = {message["type"] for message in run_of(company, catalog=catalog).messages}
    assert types == {"SCHEMA", "RECORD", "STATE"}


def test_streams_of_a_catalog_that_cannot_be_read_are_told(
    company: PlainLinkedIn, caplog: pytest.LogCaptureFixture
) -> None:
    """A stream of another tap, and one whose token is not set."""
    catalog = catalog_of(company, "organizations")
    catalog["streams"] += catalog_that_selects(["member_snapshots", "invoices"])["streams"]
    assert run_of(company, catalog=catalog).records["organizations"]
    told = warnings(caplog, "The catalog selects")
    assert told == [
        "The catalog selects member_snapshots, which needs the setting member_access_token.",
        "The catalog selects invoices, which this tap does not have.",
    ]


MAGIC = {"properties": {"id": {"type": "magic"}}}
SELECTED = [{"breadcrumb": [], "metadata": {"selected": True}}]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ({"streams": {}}, "The catalog is damaged"),
        ({}, "The catalog is damaged"),
        ({"streams": [5]}, "The catalog is damaged"),
        ({"streams": [{"tap_stream_id": "posts", "schema": []}]}, "posts: its part of the catalog is damaged"),
        (
            {"streams": [{"tap_stream_id": "posts", "schema": MAGIC, "metadata": SELECTED}]},
            "posts: its part of the catalog is damaged",
        ),
        (
            {"streams": [{"tap_stream_id": "posts", "schema": {}, "metadata": [{"breadcrumb": "x", "metadata": {}}]}]},
            "posts: its part of the catalog is damaged",
        ),
        ({"streams": [{"tap_stream_id": "posts", "key_properties": "id"}]}, "posts: its part"),
    ],
)
def test_a_catalog_that_is_none_is_one_sentence(company: PlainLinkedIn, damage: Json, says: str) -> None:
    """With the stream, where it is one's."""
    with pytest.raises(InputRejected, match=says):
        tap_of(company, catalog=damage)


@pytest.mark.parametrize("metadata", [[], None, [{"breadcrumb": [], "metadata": {"selected": False}}]])
def test_a_run_for_which_nothing_is_selected_ends_with_an_error(company: PlainLinkedIn, metadata: object) -> None:
    """It would look like one that found nothing."""
    catalog = {"streams": [{"tap_stream_id": "posts", "schema": {}, "metadata": metadata}]}
    company.clear()
    with pytest.raises(NothingSelected, match="No stream is selected"):
        run_of(company, catalog=catalog)
    assert company.requests == []


def test_a_map_that_drops_a_parent_says_what_is_not_read(
    company: PlainLinkedIn, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the SDK's rule that nothing below is read; the user may have meant the table alone."""
    catalog = catalog_of(company, "organizations", "posts", "comments")
    result = run_of(company, catalog=catalog, stream_maps={"posts": {}, "__else__": None})
    assert result.records == {}
    told = warnings(caplog, "stream_maps leaves out organizations")
    assert told == [
        "stream_maps leaves out organizations, so nothing below it is read: posts, comments. Deselect organizations "
        "instead to read them."
    ]
    caplog.clear()
    deselected = catalog_of(company, "posts", "comments")
    for chosen, maps in ((catalog, {"posts": {}}), (deselected, {"posts": {}, "__else__": None})):
        assert set(run_of(company, catalog=chosen, stream_maps=maps).records) >= {"posts"}
    assert not [line for line in warnings(caplog) if "stream_maps" in line]


def test_an_expression_that_fails_on_a_row_ends_its_stream_with_a_sentence(company: PlainLinkedIn) -> None:
    """The others are read."""
    catalog = catalog_of(company, "organizations", "posts")
    tap, writer = tap_of(company, catalog=catalog, stream_maps={"posts": {"twice": "int(id) * 2"}})
    with pytest.raises(DmaError, match="posts: An expression of stream_maps fails on a record"):
        tap.sync_all()
    assert Run(writer.messages).records["organizations"]


POSTS = {"context": {"organization": ORGANIZATION}, "posts_to": "2026-02-25T00:00:00.000+00:00"}


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda state: state,
        lambda state: {"singer_state": state},
        lambda state: {"type": "STATE", "value": state},
        lambda state: {"bookmarks": {"posts": {"partitions": state["bookmarks"]["posts"]["partitions"] * 2}}},
        lambda state: {**state, "currently_syncing": None},
    ],
    ids=["plain", "singer_state", "message", "twice", "more keys"],
)
def test_a_state_that_is_clear_is_taken(company: PlainLinkedIn, wrapped: Callable[[Json], Json]) -> None:
    """As `meltano state get` prints it, as a message of a target's output, and with a partition twice."""
    kept = {**POSTS, "context": {"organization": company.organization}, "replication_key": "published_at"}
    tap, _ = tap_of(company, wrapped({"bookmarks": {"posts": {"partitions": [kept]}}}))
    assert tap.state["bookmarks"]["posts"]["partitions"] == [kept]


def test_a_partition_twice_that_is_not_the_same_is_one_sentence(company: PlainLinkedIn) -> None:
    """Which of the two is right nobody knows; what they do not share is put together."""
    later = {**POSTS, "posts_to": "2026-03-01T00:00:00.000+00:00"}
    with pytest.raises(StateRejected, match="posts: its part of the state contains an organization twice"):
        tap_of(company, {"bookmarks": {"posts": {"partitions": [POSTS, later]}}})
    more = {"context": POSTS["context"], "read": ["comments"]}
    tap, _ = tap_of(company, {"bookmarks": {"posts": {"partitions": [POSTS, more]}}})
    assert tap.state["bookmarks"]["posts"]["partitions"] == [{**POSTS, **more}]


@pytest.mark.parametrize(
    "when", ["0001-01-01T00:00:00.000+00:00", "9999-12-31T00:00:00.000+00:00", "2026-W10", "20260301"]
)
def test_a_time_beyond_the_calendar_is_one_sentence(company: PlainLinkedIn, when: str) -> None:
    """Days before it could not be told."""
    partition = {"context": {"organization": ORGANIZATION}, "replication_key_value": when}
    with pytest.raises(
        StateRejected, match="follower_trend: its part of the state is damaged at replication_key_value"
    ):
        tap_of(company, {"bookmarks": {"follower_trend": {"partitions": [partition]}}})


def test_streams_of_a_state_that_the_tap_does_not_have_are_told(
    company: PlainLinkedIn, caplog: pytest.LogCaptureFixture
) -> None:
    """One that was renamed by hand, say, would be read anew in silence."""
    tap_of(company, {"bookmarks": {"post": {}, "posts": {}, "member_changelog": {}}})
    told = [line for line in warnings(caplog) if "in the state" in line]
    assert told == ["Unknown stream post. Did you mean posts? Its bookmarks in the state are ignored."]


FUTURE = "2031-01-01T00:00:00.000+00:00"
FUTURE_S = int(pendulum.datetime(2031, 1, 1).timestamp())


def test_a_bookmark_in_the_future_skips_nothing(company: PlainLinkedIn, caplog: pytest.LogCaptureFixture) -> None:
    """How far was read is not known, so the days are read from the start; the next run goes by its own bookmark."""
    trends = ("page_content_trend", "follower_trend")
    catalog = catalog_of(company, *trends)
    anew = run_of(company, catalog=catalog, start_date="2026-01-01")
    partition = {"context": {"organization": company.organization}, "replication_key_value": FUTURE}
    company.clear()
    bookmarks = {name: {"partitions": [partition]} for name in trends}
    result = run_of(company, {"bookmarks": bookmarks}, catalog, start_date="2026-01-01")
    assert result.records == anew.records
    assert len(result.records["follower_trend"]) > 50
    assert [result.state_of(name, company.organization)["replication_key_value"][:10] for name in trends] == [
        "2026-03-02",
        "2026-03-02",
    ]
    assert sorted(line.partition(":")[0] for line in warnings(caplog) if "in the future" in line) == sorted(trends)
    caplog.clear()
    run_of(company, result.state, catalog)
    assert not [line for line in warnings(caplog) if "in the future" in line]


PLACE = {"cursor": "c9", "rows": 5, "children": []}


@pytest.mark.parametrize(
    ("stream", "kept", "left"),
    [
        ("posts", {"posts_to": FUTURE}, {"posts_to": "2026-03-02T09:30:00.000+00:00"}),
        ("reshares", {"reposts_to": FUTURE}, {"reposts_to": "2026-03-02T09:30:00.000+00:00"}),
        ("message_threads", {"replication_key_value": FUTURE}, {}),
        ("lead_gen_form_responses", {"lead_types": {"EVENT": FUTURE}}, {"lead_types": {}}),
        (
            "posts",
            {"listings": {"1f": {**PLACE, "at": FUTURE_S, "newest": FUTURE_S * 1000, "published_to": FUTURE}}},
            {
                "listings": {
                    "1f": {**PLACE, "at": 0, "newest": 1772443800000, "published_to": "2026-03-02T09:30:00.000+00:00"}
                }
            },
        ),
    ],
)
def test_no_time_of_a_state_is_in_the_future(company: PlainLinkedIn, stream: str, kept: Json, left: Json) -> None:
    """Wherever a state keeps one."""
    context = {"context": {"organization": "urn:li:organization:1"}}
    tap, writer = tap_of(
        company, {"bookmarks": {stream: {"partitions": [context | kept]}}}, catalog_of(company, "organizations")
    )
    tap.sync_all()
    partitions = Run(writer.messages).state["bookmarks"][stream]["partitions"]
    assert partitions == [context | left]


def test_what_was_looked_up_in_the_future_is_looked_up_again(company: PlainLinkedIn) -> None:
    """By and by, as if it had been today."""
    lots = {"answered": [{"on": "2031-01-01", "urns": pack([1])}]}
    state = {"bookmarks": {"people": lots, "organizations": {"slow_since": {"dmaPosts": FUTURE_S}}}}
    tap, writer = tap_of(company, state, catalog_of(company, "organizations"))
    tap.sync_all()
    bookmarks = Run(writer.messages).state["bookmarks"]
    assert bookmarks["people"]["answered"][0]["on"] == "2026-03-02"
    assert "slow_since" not in json.dumps(bookmarks)


FUZZED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, 1e308, -1e30, 0.5]),
    st.text(st.characters(exclude_categories=()), max_size=4),
    st.sampled_from(
        ["2026-03-01", "0001-01-01", "9999-12-31T23:59:59+14:00", ORGANIZATION, "https://a:b", "[", "~x/y"]
    ),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)
NAMES = sorted(name for name in TapLinkedInDMA.config_jsonschema["properties"])


@settings(FUZZED, max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=3))
def test_any_settings_make_a_tap_or_a_sentence(config: Json) -> None:
    """Never another error."""
    with suppress(ConfigValidationError):
        assert TapLinkedInDMA(config={"access_token": "invented-token", **config}).streams


CATALOGS: dict[str, Json] = {}
PATHS = ["posts", "comments", "follower_trend", "people", "organizations", "message_threads"]


def spoilt(whole: Json, data: st.DataObject) -> Json:
    """A JSON value of which something is changed, swapped, doubled or taken out, somewhere."""
    whole = json.loads(json.dumps(whole))
    place: Any = whole
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.integers(0, 4)) == 0:
            how = data.draw(st.integers(0, 3))
            if how == 0:
                place[key] = data.draw(VALUES)
            elif how == 1:
                del place[key]
            elif how == 2:
                other = data.draw(st.sampled_from(keys))
                place[key], place[other] = place[other], place[key]
            elif isinstance(place, list):
                place.append(place[key])
            return whole
        place = place[key]
    return whole


@pytest.fixture(scope="module")
def left(company: PlainLinkedIn) -> Json:
    """The state of a run, with a place in it."""
    state = run_of(company, catalog=catalog_of(company, *PATHS, "reactions", "social_metadata")).state
    partition = state["bookmarks"]["posts"]["partitions"][0]
    partition["listings"] = {"1f": {**PLACE, "at": 1772443800, "newest": 1, "published_to": None}}
    return state


@FUZZED
@given(data=st.data())
def test_any_state_makes_a_run_or_a_sentence(company: PlainLinkedIn, left: Json, data: st.DataObject) -> None:
    """Never another error, in the run neither."""
    state = spoilt(left, data)
    with suppress(DmaError):
        tap, _ = tap_of(company, state)
        for stream in tap.streams.values():
            stream.selected = stream.name in PATHS
        assert "bug in the tap" not in said_by(tap.sync_all)


@settings(FUZZED, max_examples=10)
@given(data=st.data())
def test_any_catalog_makes_a_run_or_a_sentence(company: PlainLinkedIn, data: st.DataObject) -> None:
    """Never another error, in the run neither; every row has its key."""
    catalog = spoilt(CATALOGS.setdefault("few", only(catalog_of(company, *PATHS), *PATHS)), data)
    written: list[Run] = []
    assert "bug in the tap" not in said_by(lambda: written.append(run_of(company, catalog=catalog)))
    for run in written:
        for name, (schema,) in run.schemas.items():
            assert all(set(schema["key_properties"]) <= row.keys() for row in run.records[name])
