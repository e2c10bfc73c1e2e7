"""Every form of a parameter that LinkedIn may accept is found, in as few tries as there are forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.resources import RESOURCES
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.analytics.metrics import CREATOR_METRICS
from tests.conftest import NOW
from tests.support.runs import Run, make_tap, run

FORMS = {name: resource.other_forms() for name, resource in RESOURCES.items()}
MOST = max(number for forms in FORMS.values() for number in forms.values())
ASK_FOR_LESS = {
    "creator_analytics",
    "employee_broadcast_demographics",
    "employee_broadcast_trend",
    "event_role_assignments",
    "lead_analytics",
    "live_viewer_counts",
    "original_articles",
}
"""The streams of which another form asks for one dimension, period, role, state or metric."""


def play(form: int) -> tuple[Run, set[str], Counter[str]]:
    """Read all streams from a LinkedIn that accepts each parameter in one form only: this, or the last that it has.

    Returns:
        What was read, what was skipped, and how many requests each resource refused with 400.
    """
    guesses = {f"{name}.{one}": min(form, number) for name, forms in FORMS.items() for one, number in forms.items()}
    with Sandbox(World(posts=8, followers=2, now=NOW, guesses=guesses)) as sandbox:
        every = {stream.name for stream in STREAMS}
        tap, writer = make_tap(sandbox, select=every, member_access_token=sandbox.member_token)
        tap.sync_all()
        refused = Counter(request.resource for request in sandbox.requests if request.status == 400)
        return Run(writer.messages), set(tap.run_context.run.summary.skipped), refused


@pytest.fixture(scope="module")
def usual() -> tuple[Run, set[str], Counter[str]]:
    """A LinkedIn that accepts each parameter in its first form."""
    return play(0)


@pytest.mark.parametrize("form", range(1, MOST + 1))
def test_every_form_is_found(usual: tuple[Run, set[str], Counter[str]], form: int) -> None:
    """Nothing more is skipped, every stream has its rows, and no form is tried twice."""
    first, skipped, refused = usual
    found, skipped_now, refused_now = play(form)
    assert not refused
    assert skipped_now <= skipped
    counts = rows(first), rows(found)
    assert {name: count for name, count in counts[1].items() if name not in ASK_FOR_LESS} == {
        name: count for name, count in counts[0].items() if name not in ASK_FOR_LESS
    }
    assert {name for name, count in counts[1].items() if count} == {name for name, count in counts[0].items() if count}
    tries = {name: sum(forms.values()) for name, forms in FORMS.items()}
    # The forms of its two finders are found out apart.
    tries["dmaOrganizationContentRevisions"] *= 2
    tries["dmaCreatorAnalytics"] += len(CREATOR_METRICS)
    assert {name: number for name, number in refused_now.items() if number > tries[name]} == {}


def rows(run: Run) -> Mapping[str, int]:
    """How many records each stream has."""
    return {stream.name: len(run.records[stream.name]) for stream in STREAMS}


def test_figures_of_creators_are_read_metric_by_metric_if_linkedin_demands_it() -> None:
    """Each row says which one it was, its key too; a metric that LinkedIn does not know is requested once a run."""
    guesses = {"dmaCreatorAnalytics.queryType": 1, "dmaCreatorAnalytics.targetEntity": 2}
    with Sandbox(World(posts=24, followers=1, now=NOW, guesses=guesses)) as sandbox:
        tap, writer = make_tap(sandbox, select={"creator_analytics"})
        tap.sync_all()
        records = Run(writer.messages).records["creator_analytics"]
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


def test_a_form_that_this_release_does_not_have_is_forgotten() -> None:
    """The stream's own is sent, as without a state; so is what `stream_options` sets."""
    kept = {"series_subscribers": {"": {"contentSeries": {"newsletter": "{content_series}"}, "other": {}}}}
    state = {"bookmarks": {"organizations": {"request_forms": kept}}}
    with Sandbox(World(posts=1, followers=1, now=NOW)) as sandbox:
        assert "request_forms" not in run(sandbox, state, SERIES).state["bookmarks"].get("organizations", {})
        assert {request.status for request in sandbox.requests} == {200}
