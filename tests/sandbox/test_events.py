"""Events, who takes part in them, live videos, and how many watched."""

from __future__ import annotations

from collections import Counter

from linkedin_sandbox import World
from tests.sandbox.client import ORGANIZATION, SHOWCASE, Client
from tests.sandbox.listings import pages, rows, serving

EVENTS = f"dmaEvents?q=organizer&organizer={ORGANIZATION}"


def test_events_are_paged_by_a_cursor(client: Client, world: World) -> None:
    """At any count up to a hundred, with an empty page among them."""
    for sent in ("", "&maxPaginationCount=100", "&maxPaginationCount=3"):
        found = list(pages(client, EVENTS + sent))
        ids = [row["id"] for page in found for row in page["elements"]]
        assert len({*ids}) == len(ids) == 13
        assert [] in [page["elements"] for page in found]
    showcase = rows(client, f"dmaEvents?q=organizer&organizer={SHOWCASE}")
    assert sorted([*ids, *(row["id"] for row in showcase)]) == sorted(world.truth.events)


def test_filters_narrow_the_events(client: Client) -> None:
    """By who may enter, and without the cancelled ones."""
    states = Counter(row["lifeCycleState"] for row in rows(client, f"{EVENTS}&excludeCancelled=true"))
    assert states.total() == 12
    assert "CANCELLED" not in states
    entries = [row["settings"]["entryCriteria"] for row in rows(client, f"{EVENTS}&entryCriteria=PUBLIC")]
    assert set(entries) == {"PUBLIC"}
    assert len(entries) < 13


def test_roles_narrow_who_takes_part(client: Client) -> None:
    """Where the world takes them."""
    target = f"dmaEventRoleAssignments?q=event&event=urn%3Ali%3Aevent%3A{rows(client, EVENTS)[0]['id']}"
    with serving(guesses={"dmaEventRoleAssignments.roles": 1}) as guessed:
        speakers = rows(guessed, f"{target}&roles=List(SPEAKER)")
        assert {row["role"] for row in speakers} == {"SPEAKER"}
        assert len(speakers) < len(rows(guessed, f"{target}&roles=List(SPEAKER,ATTENDEE)")) == 23
