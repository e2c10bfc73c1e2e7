"""Events, who takes part in them, live videos, and how many watched."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world.events import live_video_urn
from tests.sandbox.client import ORGANIZATION, SHOWCASE, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import cursor_of, pages
from tests.sandbox.test_guesses import guessing, named
from tests.sandbox.test_listings import refusal
from tests.sandbox.test_owned_records import paths

EVENTS = f"dmaEvents?q=organizer&organizer={ORGANIZATION}"
STAMPS = {f"{stamp}.{part}" for stamp in ("created", "lastModified") for part in ("time", "actor", "impersonator")}
FIELDS = {
    "id",
    "$URN",
    "name.localized.en_US",
    "description.localized.en_US",
    "description.localized.en_US.rawText",
    "organizer",
    "vanityName",
    "timeRangeV2.startsAt",
    "timeRangeV2.startAt",
    "timeRangeV2.endsAt",
    "eventTimezone",
    "lifeCycleState",
    "settings.entryCriteria",
    "settings.discoveryMode",
    "settings.attendanceMode",
    "settings.premiumGated",
    "ugcPost",
    "broadcastTool",
    "location",
    "registrationCount",
    "backgroundImage",
    "externalUrl",
    "venueDetails",
    "address",
    "hashtags[]",
    "closed",
    *STAMPS,
    "startsAt",
    "type.online.format.liveVideo.liveVideo",
    "type.online.format.liveVideo.endsAt",
    "type.online.format.external.url",
    "type.online.format.external.endsAt",
    "type.inPerson.address",
    "type.inPerson.url",
    "type.inPerson.endsAt",
}
REMOVABLE = {"organizer", "created.actor", "created.impersonator", "lastModified.actor", "lastModified.impersonator"}


def rows(client: Client, target: str) -> list[dict[str, Any]]:
    """Everything a listing holds."""
    return [row for page in pages(client, target) for row in page["elements"]]


def event_of(client: Client, place: int = 0) -> str:
    """The encoded URN of one of the company's events."""
    return f"urn%3Ali%3Aevent%3A{rows(client, EVENTS)[place]['id']}"


def live_videos(client: Client) -> list[str]:
    """The live videos that the company's events name."""
    found = (row.get("type", {}).get("online", {}).get("format", {}) for row in rows(client, EVENTS))
    return [each["liveVideo"]["liveVideo"] for each in found if "liveVideo" in each]


def number(urn: str) -> str:
    """The number of a URN."""
    return urn.rpartition(":")[2]


def test_events_are_paged_by_a_cursor(client: Client, world: World) -> None:
    """At any count up to a hundred, with an empty page among them; ids have 19 digits."""
    for sent in ("", "&maxPaginationCount=100", "&maxPaginationCount=3"):
        found = list(pages(client, EVENTS + sent))
        ids = [row["id"] for page in found for row in page["elements"]]
        assert any(not page["elements"] and cursor_of(page) for page in found)
        assert len({*ids}) == len(ids) == 13
    showcase = rows(client, f"dmaEvents?q=organizer&organizer={SHOWCASE}")
    assert sorted([*ids, *(row["id"] for row in showcase)]) == sorted(world.truth.events)
    assert {len(str(each)) for each in ids} == {19}
    assert refusal(client, f"{EVENTS}&maxPaginationCount=101") == (400, "PARAM_INVALID", "maxPaginationCount")


def test_every_field_of_an_event_stands_on_some(client: Client) -> None:
    """All that is known of them, and something that is not."""
    found = {path for row in rows(client, EVENTS) for path in paths(row)}
    assert FIELDS - found == set()
    assert "settings.futureNested" in found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_members_of_an_event_without_consent_are_left_out(seed: int) -> None:
    """The organizer too, where it is a person."""
    with Sandbox(World(now=NOW, seed=seed)) as sandbox, closing(Client(sandbox)) as client:
        found = rows(client, EVENTS)
    holders = Counter(path for row in found for path in set(paths(row)))
    for field in REMOVABLE:
        assert 0 < holders[field] < len(found)
    assert "null" not in json.dumps(found)


def test_the_organizer_may_be_a_person() -> None:
    """Or the organization itself."""
    with Sandbox(World(now=NOW)) as sandbox, closing(Client(sandbox)) as client:
        kinds = Counter(row["organizer"].split(":")[2] for row in rows(client, EVENTS) if "organizer" in row)
    assert set(kinds) == {"organization", "person"}


def test_texts_and_places_of_an_event_come_in_both_shapes(client: Client) -> None:
    """A plain string on one, an object on another; some events have no end."""
    found = rows(client, EVENTS)
    assert {type(row["description"]["localized"]["en_US"]) for row in found} == {str, dict}
    assert {type(row["location"]) for row in found if "location" in row} == {str, dict}
    assert {"endsAt" in row["timeRangeV2"] for row in found} == {True, False}


def test_filters_narrow_the_events(client: Client) -> None:
    """By who may enter, and without the cancelled ones."""
    states = Counter(row["lifeCycleState"] for row in rows(client, f"{EVENTS}&excludeCancelled=true"))
    assert states.total() == 12
    assert "CANCELLED" not in states
    entries = [row["settings"]["entryCriteria"] for row in rows(client, f"{EVENTS}&entryCriteria=PUBLIC")]
    assert set(entries) == {"PUBLIC"}
    assert len(entries) < 13


@pytest.mark.parametrize(
    ("guess", "good", "bad"),
    [
        (0, ["", "&maxPaginationCount=100"], ["&start=0&count=100"]),
        (1, ["", "&start=0&count=100"], ["&maxPaginationCount=100"]),
        (2, [""], ["&maxPaginationCount=100", "&start=0&count=100"]),
    ],
)
def test_events_are_paged_as_guessed(guess: int, good: list[str], bad: list[str]) -> None:
    """By cursor, by start and count, or not at all; what belongs to another way is refused by its name."""
    with guessing({"dmaEvents.maxPaginationCount": guess}) as client:
        for sent in good:
            assert len(rows(client, EVENTS + sent)) == 13
        for sent in bad:
            assert named(client, EVENTS + sent) == sent[1:].partition("=")[0]


def test_many_take_part_in_the_first_event(client: Client) -> None:
    """Over several pages; without consent a row has neither member nor key, and two of these are alike."""
    target = f"dmaEventRoleAssignments?q=event&event={event_of(client)}"
    found = list(pages(client, target))
    assert len(found) > 2
    everyone = [row for page in found for row in page["elements"]]
    assert len(everyone) == 23
    assert {("member" in row, "eventRoleAssignmentsUrn" in row) for row in everyone} == {(True, True), (False, False)}
    alike = Counter(json.dumps(row, sort_keys=True) for row in everyone)
    assert sorted(alike.values())[-2:] == [1, 2]
    assert "futureNested" in json.dumps(everyone)
    assert {len(rows(client, target.replace(event_of(client), event_of(client, place)))) for place in (1, 4)} == {0, 1}


def test_roles_narrow_who_takes_part(client: Client) -> None:
    """Where the world takes them."""
    target = f"dmaEventRoleAssignments?q=event&event={event_of(client)}"
    with guessing({"dmaEventRoleAssignments.roles": 1}) as guessed:
        speakers = rows(guessed, f"{target}&roles=List(SPEAKER)")
        assert {row["role"] for row in speakers} == {"SPEAKER"}
        assert len(speakers) < len(rows(guessed, f"{target}&roles=List(SPEAKER,ATTENDEE)")) == 23


def test_live_videos_are_read_by_number(client: Client) -> None:
    """Of those that events name one is withheld, one gone; on some most fields are absent."""
    numbers = [number(urn) for urn in live_videos(client)]
    answer = client.batch("dmaLiveVideos", numbers)
    assert sorted(error["status"] for error in answer["errors"].values()) == [403, 404]
    found = answer["results"]
    assert {key: str(entity["id"]) for key, entity in found.items()} == {key: key for key in found}
    assert set(found) == {*numbers} - {*answer["errors"]}


def test_every_field_of_a_live_video_stands_on_some(world: World, client: Client) -> None:
    """And one that is not answered at all is among those of the company."""
    company = world.truth.organizations[0]
    numbers = [number(live_video_urn(company, world.seed, place)) for place in range(6)]
    answer = client.batch("dmaLiveVideos", numbers)
    found = {path for entity in answer["results"].values() for path in paths(entity)}
    assert found >= {
        "name",
        "scheduledAt",
        "state",
        "author.organization",
        "author.member",
        "liveVideoAsset.media",
        "announcementImage.media",
        "announcementImage.title.text",
        "announcementImage.title.inferredLocale.language",
        "author.futureNested",
    }
    assert len({*numbers} - {*answer["results"]} - {*answer["errors"]}) == 1


def test_viewers_are_counted_minute_by_minute(client: Client) -> None:
    """Over two pages; some minutes have a key, some have none; of a withheld video nothing is told."""
    statistics = "dmaLiveViewerCountAnalytics?q=statistics&liveVideo="
    shown, withheld, *_ = live_videos(client)
    found = list(pages(client, statistics + quote(shown, safe="")))
    assert [len(page["elements"]) for page in found] == [10, 4]
    minutes = [row for page in found for row in page["elements"]]
    assert {"id" in row for row in minutes} == {True, False}
    assert "futureNested" in json.dumps(minutes)
    assert client.get(statistics + quote(withheld, safe="")).status == 403
    assert client.get(f"{statistics}urn%3Ali%3AliveVideo%3A7").status == 404
    assert refusal(client, f"{statistics}7") == (400, "PARAM_INVALID", "liveVideo")
