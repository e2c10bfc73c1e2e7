"""The wire report: what LinkedIn's requests and answers look like, and nothing of what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.output.wire_report import document
from tap_linkedin_dma.output.wire_report.document import Report
from tap_linkedin_dma.output.wire_report.recorder import Exchange, WireRecorder
from tap_linkedin_dma.output.wire_report.words import ENUMS
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.expected import WORDS, expected_streams
from tests.conftest import NOW
from tests.support.runs import Run, make_tap

EVERY = {stream.name for stream in STREAMS}
MOST_BYTES = 200_000


def played(path: Path, as_reported: Path | None = None, select: set[str] = EVERY, **world: Any) -> Run:
    """A run that writes a wire report."""
    with Sandbox(World(posts=24, followers=60, now=NOW, **world), as_reported=as_reported) as sandbox:
        tap, writer = make_tap(sandbox, select=select, member_access_token=sandbox.member_token, wire_report=str(path))
        tap.sync_all()
    return Run(writer.messages)


def differences(path: Path) -> set[tuple[str, str, str, str]]:
    """Of each difference the stream, finder or method, kind and place."""
    report = document.read(path)
    return {(entry.stream, entry.finder or entry.method, kind, place) for entry, kind, place in report.differences}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sandbox as it is."""
    path = tmp_path_factory.mktemp("usual") / "wire.json"
    played(path)
    return path


def test_a_report_of_all_streams_is_small(usual: Path) -> None:
    """It is to be pasted, and read by people."""
    assert usual.stat().st_size < MOST_BYTES
    assert document.markdown_path(usual).stat().st_size < MOST_BYTES
    streams = {entry.stream for entry in document.read(usual).entries}
    assert len(streams) > 70


def test_a_report_says_what_the_answer_looks_like(usual: Path) -> None:
    """Each field with its types and presence, and each parameter with the types of its values."""
    entries = {(entry.stream, entry.method): entry for entry in document.read(usual).entries}
    posts = entries["posts", "BATCH_GET"]
    assert posts.parameters["ids"] == ["List(urn:share)", "List(urn:share|urn:ugcPost)"] or "urn:share" in str(posts)
    assert posts.fields["results{}.id"].presence == "always"
    assert "urn:share" in posts.fields["results{}.id"].types
    assert set(posts.fields["results{}.lifecycleState"].words) <= {"PUBLISHED", "DRAFT", "PUBLISH_REQUESTED"}
    assert posts.answers["200"] in ("1", "2-9")
    assert entries["posts", "FINDER"].paging == ["cursor"]


def test_the_sandbox_answers_as_reported(usual: Path, tmp_path: Path) -> None:
    """A run against it gives the same rows, and the same report again."""
    again = tmp_path / "again.json"
    played(again, usual)
    assert differences(again) == differences(usual)


def entry_of(report: dict[str, Any], stream: str, method: str) -> dict[str, Any]:
    """One entry of a report's JSON."""
    (entry,) = (one for one in report["entries"] if (one["stream"], one["method"]) == (stream, method))
    assert isinstance(entry, dict)
    return entry


def rename(entry: dict[str, Any]) -> None:
    """LinkedIn calls a field by another name."""
    entry["fields"]["results{}.publishedOn"] = entry["fields"].pop("results{}.publishedAt")


ODDITIES: Mapping[str, tuple[str, str, Callable[[dict[str, Any]], object], set[tuple[str, str]]]] = {
    "a renamed field": ("posts", "BATCH_GET", rename, {("new field", "results{}.publishedOn")}),
    "a new word of an enumeration": (
        "posts",
        "BATCH_GET",
        lambda entry: entry["fields"].update(
            {"results{}.lifecycleState": [["word"], "always", "2-9", ["another word"]]}
        ),
        {("new value of an enum", "results{}.lifecycleState")},
    ),
    "a resource that is gone": (
        "media_gallery",
        "FINDER",
        lambda entry: entry.update(answers={"404": "2-9"}, fields={}, sample="none"),
        {("refused", "404")},
    ),
    "other paging": (
        "followers",
        "FINDER",
        lambda entry: entry.update(paging=["next link"]),
        {("other paging", "next link")},
    ),
    "another type": (
        "lead_gen_forms",
        "FINDER",
        lambda entry: entry["fields"].update({"elements[].created": [["bool"], "always", "2-9"]}),
        {("other type", "elements[].created: bool")},
    ),
    "a key that is missing": (
        "lead_gen_forms",
        "FINDER",
        # With a withheld name beside it, an answer as reported keeps all fields that the report does not have.
        lambda entry: [entry["fields"].pop(f"elements[].{name}") for name in ("id", "*")],
        {("gone", "id")},
    ),
}


def test_a_report_names_each_oddity_and_no_other(usual: Path, tmp_path: Path) -> None:
    """LinkedIn may differ from what this release expects in any way; the rest of the report stays as it was."""
    odd, expected = json.loads(usual.read_bytes()), set()
    for stream, method, change, found in ODDITIES.values():
        entry = entry_of(odd, stream, method)
        for same in odd["entries"]:
            # Streams that request the same get the same answers.
            if all(same[name] == entry[name] for name in ("resource", "method", "finder")) and same is not entry:
                same.update(fields={}, sample="none")
        change(entry)
        expected |= {(stream, entry["finder"] or method, kind, place) for kind, place in found}
    profile, report = tmp_path / "odd.json", tmp_path / "found.json"
    profile.write_text(json.dumps(odd))
    played(report, profile, {stream for stream, *_ in ODDITIES.values()})
    assert differences(report) - differences(usual) == expected


SERIES = {"content_series", "series_subscribers"}


def test_the_fallback_that_worked_is_named(usual: Path, tmp_path: Path) -> None:
    """And a sandbox that answers as reported takes the same form."""
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    played(first, select=SERIES, guesses={"dmaSeriesSubscribers.contentSeries": 3})
    assert differences(first) - differences(usual) == {
        ("series_subscribers", "contentSeries", "fallback 3 worked", "contentSeries")
    }
    played(again, first, SERIES)
    assert differences(again) == differences(first)


PLANT = "qzjx"
"""In no name of a field, and in no word."""

planted = st.text(st.characters(codec="utf-8"), max_size=8).map(lambda text: f"{PLANT}{text}")
planted_texts = st.one_of(
    planted,
    planted.map(str.upper),
    planted.map(lambda text: f"urn:li:person:{text}"),
    planted.map(lambda text: f"urn:li:{PLANT}:{text}"),
    planted.map(lambda text: f"https://example.com/{text}"),
    st.just("4407219935"),
)
planted_numbers = st.sampled_from([4407219935, 44072.19935])
field_names = st.sampled_from(sorted({name for one in expected_streams().values() for name in one.entity.names()}))
values = st.recursive(
    st.one_of(planted_texts, planted_numbers, st.none(), st.booleans()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.one_of(planted_texts, field_names), inner, max_size=4)
    ),
    max_leaves=20,
)
entities = st.dictionaries(st.one_of(planted_texts, field_names), values, min_size=1, max_size=6)
bodies = st.one_of(
    st.fixed_dictionaries(
        {"elements": st.lists(entities, max_size=4)},
        optional={"metadata": values, "paging": values, f"{PLANT}": values},
    ),
    st.fixed_dictionaries(
        {"results": st.dictionaries(planted_texts, entities, max_size=4)},
        optional={"errors": st.dictionaries(planted_texts, values), "statuses": values},
    ),
    st.fixed_dictionaries({"code": planted_texts, "message": planted_texts, "status": planted_numbers}),
    values,
)
queries = st.dictionaries(
    st.one_of(planted_texts, st.sampled_from(["q", "bq", "ids", "author", "timeRange"])),
    st.one_of(planted_texts, planted_texts.map(lambda text: f"List({text},({text}:{text}))")),
    max_size=4,
)


@st.composite
def exchanges(draw: st.DrawFn) -> dict[str, Any]:
    """One request and its answer, with planted texts wherever there may be any."""
    stream = draw(st.sampled_from([*expected_streams(), ""]))
    resource = expected_streams()[stream].resource if stream else draw(planted_texts)
    path = f"{resource}/{draw(planted_texts)}" if draw(st.booleans()) else resource
    headers = {"LinkedIn-Version": draw(st.sampled_from(["202605", PLANT]))}
    request = requests.Request("GET", f"http://localhost/rest/{path}", headers, params=draw(queries)).prepare()
    status = draw(st.sampled_from([200, 200, 200, 400, 403, 404, 500]))
    return {
        "stream": stream,
        "resource": resource,
        "request": request,
        "status": status,
        "body": draw(bodies),
        "is_answer": status == 200,
    }


@given(st.lists(exchanges(), min_size=1, max_size=12))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_nothing_that_linkedin_says_is_in_a_report(world: list[dict[str, Any]]) -> None:
    """Neither values nor keys of maps, ids of URNs, unknown fields, messages, codes, parameters nor paths."""
    recorder = WireRecorder(expected_streams(), WORDS)
    for exchange in world:
        recorder.record(**exchange)
    report = document.new_report(recorder.entries({}))
    written = json.dumps(json.loads(document.encoded(report))) + document.markdown(report)
    assert PLANT not in written.lower()
    assert not re.search("4407219935|44072.19935", written)
    # It can be read again, so that its texts are only those that a report may have.
    assert document.decoded(document.encoded(report)) == report


def planted_in(found: Any) -> Any:
    """An answer with a plant in each text, in each key that is data and in a new field of each object."""
    if isinstance(found, dict):
        return {**{name: planted_in(inner) for name, inner in found.items()}, f"{PLANT}Field": PLANT}
    if isinstance(found, list):
        return [planted_in(inner) for inner in found]
    return f"{found} {PLANT}" if isinstance(found, str) and " " in found else found


class _Planted(Sandbox):
    """A sandbox whose entities have plants."""

    def _found(self, *args: Any) -> dict[str, Any]:
        found = super()._found(*args)
        for name in ("elements", "results"):
            if found.get(name):
                entities = found[name]
                both = entities.items() if isinstance(entities, dict) else enumerate(entities)
                planted_ones = {key: planted_in(entity) for key, entity in both}
                found = {**found, name: planted_ones if isinstance(entities, dict) else list(planted_ones.values())}
        return found


def test_nothing_planted_in_a_whole_world_is_in_a_report(tmp_path: Path) -> None:
    """Nor are the URNs, names and texts of the sandbox's own world."""
    path = tmp_path / "wire.json"
    with _Planted(World(posts=12, followers=20, now=NOW)) as sandbox:
        tap, writer = make_tap(sandbox, select=EVERY, start_date="2026-01-01", wire_report=str(path))
        tap.sync_all()
        told = {text for record in Run(writer.messages).records.values() for row in record for text in texts_of(row)}
    written = path.read_text() + document.markdown_path(path).read_text()
    assert PLANT not in written
    assert PLANT in "".join(told)
    known = WORDS.union(*ENUMS.values())
    assert not {text for text in told - known if len(text) > 24 and text in written}


def texts_of(value: Any) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def test_reports_are_merged(usual: Path) -> None:
    """A field that one of two reports lacks comes sometimes."""
    report = document.read(usual)
    less = json.loads(document.encoded(report))
    entry_of(less, "posts", "BATCH_GET")["fields"].pop("results{}.id")
    other = document.decoded(json.dumps(less).encode())
    (posts,) = (
        entry
        for entry in document.merged([report, other]).entries
        if entry.key[:3] == ("posts", "dmaPosts", "BATCH_GET")
    )
    assert posts.fields["results{}.id"].presence == "sometimes"
    assert document.merged([report, report]) == Report(report.tap_version, report.entries)


def test_a_run_that_fails_writes_its_report(tmp_path: Path) -> None:
    """Whatever ends it: what LinkedIn answered before, and the refusal."""
    path = tmp_path / "wire.json"
    with Sandbox(World(posts=4, followers=2, now=NOW)) as sandbox:
        sandbox.answer("dmaOrganizations", 401, body={"code": "REVOKED_ACCESS_TOKEN", "message": PLANT}, times=None)
        tap, _ = make_tap(sandbox, select={"posts"}, wire_report=str(path))
        with pytest.raises(DmaError):
            tap.sync_all()
    answers = {entry.resource: entry.answers for entry in document.read(path).entries}
    assert answers["dmaOrganizations"].keys() == {"401 REVOKED_ACCESS_TOKEN"}


def test_a_run_does_not_fail_for_a_report_that_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so in a sentence."""
    with Sandbox(World(posts=2, followers=2, now=NOW)) as sandbox:
        tap, _ = make_tap(sandbox, select={"posts"}, wire_report=str(tmp_path / "none" / "wire.json"))
        tap.sync_all()
    assert "wire.json cannot be written (No such file or directory). Choose another path." in caplog.text


def test_a_report_costs_a_run_nearly_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands of answers only samples are looked at whole: visits grow much more slowly than entities."""
    visits, record = [0], Exchange._visit

    def counted(exchange: Exchange, entity: object) -> None:
        visits[0] += 1
        record(exchange, entity)

    monkeypatch.setattr(Exchange, "_visit", counted)
    with Sandbox(World(posts=2, followers=8000, now=NOW), keep_answers=True) as sandbox:
        tap, writer = make_tap(sandbox, select={"followers"}, wire_report=str(tmp_path / "wire.json"))
        tap.sync_all()
    assert len(Run(writer.messages).records["followers"]) > 7000
    assert visits[0] < 250


def test_a_rare_field_shows() -> None:
    """One of thousands of elements has a field that the others lack."""
    recorder = WireRecorder(expected_streams(), WORDS)
    request = requests.Request("GET", "http://localhost/rest/dmaPosts", params={"ids": "List(1)"}).prepare()
    for batch in range(40):
        results = {f"{batch}-{at}": {"id": "urn:li:share:1"} for at in range(50)}
        if batch == 33:
            results["33-7"]["publishedOn"] = "2026-01-01"
        body = {"results": results}
        recorder.record("posts", "dmaPosts", request, 200, body, is_answer=True)
    (entry,) = recorder.entries({})
    assert entry.fields["results{}.publishedOn"].presence == "sometimes"
    assert ("new field", "results{}.publishedOn") in entry.differences
