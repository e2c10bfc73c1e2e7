"""Every form of a parameter that LinkedIn may accept is found, in as few tries as there are forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.resources import RESOURCES
from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.client import resource_at
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.stream_types.finders import BatchFinder
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.stream_types.request_templates import render
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.analytics.metrics import CREATOR_METRICS
from tests.conftest import NOW
from tests.support.runs import Run, run

FORMS = {name: resource.other_forms() for name, resource in RESOURCES.items()}
MOST = max(number for forms in FORMS.values() for number in forms.values())
ASK_FOR_OTHERS = {
    *("creator_analytics", "employee_broadcast_demographics", "employee_broadcast_trend", "event_role_assignments"),
    *("lead_analytics", "live_viewer_counts", "organization_acls", "original_articles", "lead_gen_form_responses"),
}
"""The streams of which another form asks for one dimension, period, role, state or metric; or for leads of any time."""


def play(form: int) -> tuple[Run, set[str], Counter[str]]:
    """Read all streams from a LinkedIn that accepts each parameter in one form only: this, or the last that it has.

    Returns:
        What was read, what was skipped, and how many requests each resource refused with 400.
    """
    guesses = {f"{name}.{one}": min(form, number) for name, forms in FORMS.items() for one, number in forms.items()}
    with Sandbox(World(posts=14, followers=2, seed=0, now=NOW, guesses=guesses)) as sandbox:
        config: dict[str, Any] = {"member_access_token": sandbox.member_token, "start_date": "2026-01-15"}
        result = run(sandbox, select={stream.name for stream in STREAMS}, **config)
        refused = Counter(request.resource for request in sandbox.requests if request.status == 400)
        return result, set(result.skips), refused


@pytest.fixture(scope="module")
def usual() -> tuple[Run, set[str], Counter[str]]:
    """A LinkedIn that accepts each parameter in its first form."""
    return play(0)


@pytest.mark.parametrize("form", range(1, MOST + 1))
def test_every_form_is_found(usual: tuple[Run, set[str], Counter[str]], form: int) -> None:
    """Nothing more is skipped but what a form leaves out, every stream has its rows, and no form is tried twice."""
    first, skipped, refused = usual
    found, skipped_now, refused_now = play(form)
    assert not refused
    counts = rows(first), rows(found)
    assert [name for name in counts[0] if counts[1][name] != counts[0][name] and name not in ASK_FOR_OTHERS] == []
    assert [name for name, count in counts[0].items() if not count] == []
    # No viewer watched since the start date; test_wire.py reads them by each form over a year.
    assert [name for name, count in counts[1].items() if not count and name != "live_viewer_counts"] == []
    left_out = {line.partition(", other values of ")[0] for line in skipped_now - skipped}
    narrowing = {stream.name for stream in STREAMS if stream.narrowing_params}
    assert {name for name in narrowing if counts[1][name] < counts[0][name]} <= left_out <= narrowing
    assert left_out
    # A table from which rows were left out loses none that earlier runs have read.
    assert activated(first) - activated(found) == left_out & activated(first)
    tries = {name: sum(forms.values()) for name, forms in FORMS.items()}
    # The forms of their two finders are found out apart.
    tries["dmaOrganizationContentRevisions"] *= 2
    tries["dmaOrganizationAcls"] *= 2
    tries["dmaCreatorAnalytics"] += len(CREATOR_METRICS)
    assert {name: number for name, number in refused_now.items() if number > tries[name]} == {}


def activated(result: Run) -> set[str]:
    """The streams of which a target removes the rows of earlier runs."""
    return {message["stream"] for message in result.messages if message["type"] == "ACTIVATE_VERSION"}


class Forms(NamedTuple):
    """A line of `request_forms.txt`: the forms in which LinkedIn may accept a parameter instead of the first."""

    resource: str
    method: str
    parameter: str
    forms: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.resource}-{self.method}-{self.parameter}"


def lines(*, used: bool) -> Iterator[Forms]:
    """The lines of the methods that the tap uses, or of the others."""
    for line in Path(__file__).with_name("request_forms.txt").read_text(encoding="utf-8").splitlines():
        head, *forms = line.removeprefix("~ ").split(" | ")
        if not line.startswith("#") and used != line.startswith("~"):
            resource, methods, parameter = head.split()
            yield from (Forms(resource, method, parameter, tuple(forms)) for method in methods.split(","))


def method_of(stream: type[DmaStream], finder: str | None) -> str:
    """How a stream requests its resource, as the table has it."""
    if issubclass(stream, BatchFinder):
        return f"BATCH_FINDER-{finder}"
    if finder:
        return f"FINDER-{finder}"
    return "BATCH_GET" if issubclass(stream, Lookup) else "GET_ALL" if stream.page_size else "GET"


def users(line: Forms) -> list[type[DmaStream]]:
    """The streams that make requests of a line's kind."""
    return [
        stream
        for stream in STREAMS
        if resource_at(stream.resource) == line.resource
        and not issubclass(stream, DerivedStream)
        and line.method in {method_of(stream, finder) for finder in getattr(stream, "finders", (stream.finder,))}
    ]


VALUES: Mapping[str, object] = {
    **dict.fromkeys(("id", "number", "organization_id", "page_id", "event_key", "series_key", "thread_key"), "{id}"),
    "start_ms": "{start_ms}",
    "today_ms": "{end_ms}",
    "end_ms": "{end_ms}",
    "lead_type": "{lead_type}",
    "organization": "urn:li:organization:{id}",
    "organizational_page": "urn:li:organizationalPage:{id}",
    "event": "urn:li:event:{id}",
    "live_video": "urn:li:liveVideo:{id}",
    "thread": "{thread_urn}",
    "content_series": "{content_series_urn}",
    "post_union": {"{kind}": "{post_urn}"},
    "target_entity": "{post_urn}",
    "locale": {"language": "en", "country": "US"},
    "plain_locale": "en_US",
    "language": "en",
    "country": "US",
    "metric": "IMPRESSION",
    "member": "{person_urn}",
}
"""What stands in the table for the values of a request."""


def sent(stream: type[DmaStream], parameter: str, form: Mapping[str, object]) -> str:
    """A form of a parameter as it stands in the table."""
    urn_type = getattr(stream, "urn_types", ("",))[0]
    found = {name: render(value, {**VALUES, "urn": f"urn:li:{urn_type}:{{id}}"}) for name, value in form.items()}
    if f"{{{parameter}}}" in stream.resource:
        in_path = {parameter: restli.encode(found[parameter])}
        return unquote("/rest/" + stream.resource.format_map(in_path))
    return unquote(restli.query({name: [value] if name == "ids" else value for name, value in found.items()})) or "-"


@pytest.mark.parametrize("line", [*lines(used=True)], ids=str)
def test_the_tap_and_the_sandbox_have_each_form(line: Forms) -> None:
    """A stream tries as many as there are, these among them; and for each there is a world that accepts no other."""
    resource, forms = RESOURCES[line.resource], {re.sub(r"{(?:\w+_)?id}", "{id}", unquote(form)) for form in line.forms}
    others = dict(resource.parent.others if resource.parent else {})
    for method in resource.methods:
        if "-".join(filter(None, [method.kind, getattr(method, "name", "")])) == line.method:
            others |= method.others
    assert len(others[line.parameter]) == len(forms)
    assert users(line)
    for stream in users(line):
        own = {name: value for name, value in stream.params.items() if name == line.parameter}
        fallbacks = stream.param_fallbacks[line.parameter]
        assert {sent(stream, line.parameter, form) for form in (own, *fallbacks)} >= forms
        assert len(fallbacks) == len(forms)


def test_no_stream_uses_a_method_whose_forms_are_not_tried() -> None:
    """Another method gives the same."""
    assert [str(line) for line in lines(used=False) if users(line)] == []


def rows(run: Run) -> Mapping[str, int]:
    """How many records each stream has."""
    return {stream.name: len(run.records[stream.name]) for stream in STREAMS}


def test_figures_of_creators_are_read_metric_by_metric_if_linkedin_demands_it() -> None:
    """Each row says which one it was, its key too; a metric that LinkedIn does not know is requested once a run."""
    guesses = {"dmaCreatorAnalytics.queryType": 1, "dmaCreatorAnalytics.targetEntity": 2}
    with Sandbox(World(posts=24, followers=1, now=NOW, guesses=guesses)) as sandbox:
        records = run(sandbox, select={"creator_analytics"}).records["creator_analytics"]
        asked = [request for request in sandbox.requests if request.resource == "dmaCreatorAnalytics"]
    assert {row["type"] for row in records} >= {"IMPRESSION", "COMMENT", "POST_SAVE", "VIDEO_PLAY"}
    assert all(row["row_key"].startswith(f"{row['type']}|") for row in records)
    assert len({(row["target_entity"], row["row_key"]) for row in records}) == len(records)
    unknown = [request for request in asked if "queryType=PREMIUM_CTA_CLICKS" in request.query]
    assert [request.status for request in unknown] == [400]


SERIES = {"content_series", "series_subscribers"}


def test_the_form_that_worked_is_sent_first_by_the_next_run() -> None:
    """So that a run does not begin with refused requests each day; the state keeps it until another one works."""
    world = World(posts=1, followers=1, now=NOW, guesses={"dmaSeriesSubscribers.contentSeries": 3})
    with Sandbox(world) as sandbox:
        first = run(sandbox, select=SERIES)
        forms = first.state["bookmarks"]["organizations"]["request_forms"]
        assert forms == {"series_subscribers": {"": {"contentSeries": {"contentSeriesUrn": "{content_series}"}}}}
        sandbox.clear()
        second = run(sandbox, first.state, SERIES)
        assert {request.status for request in sandbox.requests} == {200}
        assert len(second.records["series_subscribers"]) == len(first.records["series_subscribers"])
        sandbox.clear()
        sandbox.world.guesses = {}
        third = run(sandbox, second.state, SERIES)
        assert [request.status for request in sandbox.requests_to("dmaSeriesSubscribers")][:2] == [400, 200]
        assert "request_forms" not in third.state["bookmarks"].get("organizations", {})


def test_no_form_is_found_out_twice() -> None:
    """Of any stream; only a metric that LinkedIn does not know is requested again, since it may know it by then."""
    forms = {f"{name}.{one}": number for name, forms in FORMS.items() for one, number in forms.items()}
    select = {stream.name for stream in STREAMS if stream.param_fallbacks}
    with Sandbox(World(posts=4, followers=1, now=NOW, guesses=forms)) as sandbox:
        first = run(sandbox, select={*select, "posts", "comments"}, start_date="2026-02-01")
        assert first.state["bookmarks"]["organizations"]["request_forms"].keys() > select - {"child_organizations"}
        sandbox.clear()
        run(sandbox, first.state, {*select, "posts", "comments"}, start_date="2026-02-01")
        refused = {request.resource for request in sandbox.requests if request.status == 400}
    assert refused == {"dmaCreatorAnalytics"}


def test_a_form_that_this_release_does_not_have_is_forgotten() -> None:
    """The stream's own is sent, as without a state; so is what `stream_options` sets."""
    kept = {"series_subscribers": {"": {"contentSeries": {"newsletter": "{content_series}"}, "other": {}}}}
    state = {"bookmarks": {"organizations": {"request_forms": kept}}}
    with Sandbox(World(posts=1, followers=1, now=NOW)) as sandbox:
        assert "request_forms" not in run(sandbox, state, SERIES).state["bookmarks"].get("organizations", {})
        assert {request.status for request in sandbox.requests} == {200}
