"""Events, messages, subscribers and leads against the sandbox's world: all of it, in whichever form it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from linkedin_sandbox import Sandbox, World
from tests.conftest import NOW
from tests.support.runs import Run, run


def world(guesses: Mapping[str, int] | None = None) -> World:
    """A small company that takes other forms of these parameters than the first."""
    return World(posts=1, followers=1, seed=3, now=NOW, guesses=guesses)


def forms(resource: str, **most: int) -> list[dict[str, int]]:
    """Each form of each parameter by itself, and the last of all at once."""
    each = [{f"{resource}.{name}": form} for name, last in most.items() for form in range(1, last + 1)]
    return [{}, *each, {f"{resource}.{name}": last for name, last in most.items()}]


@pytest.mark.parametrize("guesses", forms("dmaEvents", organizer=2, maxPaginationCount=2))
def test_every_event_arrives_once(guesses: Mapping[str, int]) -> None:
    """By cursor over an empty page, by start and count, or all at once."""
    with Sandbox(world(guesses)) as sandbox:
        assert Counter(run(sandbox, select={"events"}).values("events", "id")) == Counter(sandbox.world.truth.events)


@pytest.mark.parametrize("form", range(3))
def test_every_message_and_subscriber_arrives_once(form: int) -> None:
    """Two messages that look alike too, and subscribers that are not named."""
    guesses = {"dmaPageMessagingMessages.thread": form, "dmaSeriesSubscribers.contentSeries": form}
    with Sandbox(world(guesses)) as sandbox:
        result = run(sandbox, select={"messages", "series_subscribers"})
        assert Counter(result.values("messages", "thread")) == sandbox.world.truth.messages
        keys = {(row["thread"], row["row_key"]) for row in result.records["messages"]}
        assert len(keys) == len(result.records["messages"])
        assert Counter(result.values("series_subscribers", "content_series")) == sandbox.world.truth.subscribers
        assert None in result.values("series_subscribers", "subscriber")


ROLES = "event_role_assignments"


def test_who_takes_part_is_the_same_however_the_event_is_named() -> None:
    """The key of a row too. If roles must be asked for, attendees are the role that an event has for sure."""
    with Sandbox(world()) as sandbox:
        usual = run(sandbox, select={ROLES}).records
        assert len(usual[ROLES]) > 23
        for form in (1, 2):
            sandbox.world.guesses = {"dmaEventRoleAssignments.event": form}
            assert run(sandbox, select={ROLES}).records == usual
            sandbox.world.guesses = {"dmaEventRoleAssignments.roles": form}
            rows = run(sandbox, select={ROLES}).records[ROLES]
            assert {row["unmapped"]["role"] for row in rows} == {"ATTENDEE"}


@pytest.mark.parametrize(
    "guesses",
    forms("dmaLeadGenFormResponse", owner=2, leadType=2, limitedToTestLeads=1, submittedAtTimeRange=1),
)
def test_every_lead_that_linkedin_keeps_arrives_once(guesses: Mapping[str, int]) -> None:
    """Of each type; sponsored ones are refused."""
    with Sandbox(world(guesses)) as sandbox:
        assert leads_of(run(sandbox, select={"lead_gen_form_responses"})) == sandbox.world.truth.leads


def leads_of(result: Run) -> dict[str, list[str]]:
    """The ids of leads by type, in the order of the organizations."""
    found: dict[str, list[str]] = {}
    for row in result.records["lead_gen_form_responses"]:
        found.setdefault(row["lead_type"], []).append(row["id"])
    return found


def test_a_second_run_brings_what_has_come_since() -> None:
    """A lead, a message, an event and a subscriber a day."""
    with Sandbox(world()) as sandbox:
        select = {"lead_gen_form_responses", "messages", "events", "series_subscribers"}
        first = run(sandbox, select=select)
        before = sandbox.world.truth.leads["COMPANY"]
        sandbox.tick()
        second = run(sandbox, first.state, select)
        truth = sandbox.world.truth
        new = set(truth.leads["COMPANY"]) - set(before)
        assert new
        assert new <= set(second.values("lead_gen_form_responses", "id"))
        assert len(second.records["lead_gen_form_responses"]) < len(first.records["lead_gen_form_responses"]) / 2
        assert Counter(second.values("events", "id")) == Counter(truth.events)
        assert Counter(second.values("messages", "thread")) == truth.messages
        assert Counter(second.values("series_subscribers", "content_series")) == truth.subscribers


def test_forms_and_articles_leave_again_only_where_they_have_changed() -> None:
    """Those that do not say when leave every time."""
    with Sandbox(world()) as sandbox:
        select = {"lead_gen_forms", "original_articles"}
        first = run(sandbox, select=select)
        second = run(sandbox, first.state, select)
        assert sandbox.requests_to("dmaLeadGenForm")[1].asked.endswith("start=50&count=50")
        for stream, column in (("lead_gen_forms", "last_modified"), ("original_articles", "last_modified_at")):
            known = {row[column] for row in second.records[stream]} - {None}
            assert None in second.values(stream, column)
            assert max(first.values(stream, column), key=lambda changed: changed or "") in known
            assert len(second.records[stream]) < len(first.records[stream])
        assert first.state == second.state
