"""Events and live videos."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..calls import Asked
from ..errors import not_found
from ..forms import RANGE, BareId, Enum, ListOf, Number, Urn, Wrapped
from ..methods import BatchGet, Call, Finder, Resource
from ..paging import BARE_CURSOR, DOCUMENTED_CURSOR, OFFSET, WHOLE, Cursor, Listing, Paging
from ..query import Value
from ..world.events import ROLES, events, find_event, role_assignments
from ..world.live_videos import GONE, SILENT, WITHHELD, find_live_video, live_video, viewer_counts
from ..world.organizations import Organization
from .owned import ORGANIZATION, PAGE, administered, others

EVENT, LIVE_VIDEO = Urn("event"), Urn("liveVideo")
ORGANIZERS = (ORGANIZATION, PAGE, Wrapped("organization", ORGANIZATION))
ROLE = Enum(*ROLES)
MOST_EVENTS = 100


class EventCursor(Cursor):
    """The cursor of the overview, with smaller pages."""

    params = {**Cursor.params, "maxPaginationCount": Number(0, MOST_EVENTS)}


PAGINGS: tuple[Paging, ...] = (EventCursor(*DOCUMENTED_CURSOR.place), OFFSET, WHOLE)
"""By the guess for maxPaginationCount."""


@dataclass(frozen=True)
class PagedAsGuessed(Finder):
    """A finder of which nobody knows how it is paged."""

    def answer(self, asked: Asked) -> dict[str, Any]:
        """One page, or everything at once."""
        paging = PAGINGS[asked.guesses["maxPaginationCount"]]
        return Finder.answer(replace(self, paging=paging), asked)


class Only:
    """A ``List(…)`` of one entry, read as that."""

    def __init__(self, form: Urn) -> None:
        self.form = ListOf(form, most=1)

    def read(self, name: str, value: Value) -> Any:
        return self.form.read(name, value)[0]


def organized(call: Call) -> Listing:
    """The events of an organization, those of the entry asked for, and without the cancelled ones if so asked."""
    rows = events(administered(call, call["organizer"]), call.world)
    if call.get("excludeCancelled") == "true":
        rows = [row for row in rows if row["lifeCycleState"] != "CANCELLED"]
    entry = call.get("entryCriteria")
    return Listing([row for row in rows if entry in (None, row["settings"]["entryCriteria"])], dict, gap=True)


def roles_at_event(call: Call) -> Listing:
    """Who takes part in an event, in the roles asked for."""
    found = find_event(call.world, call["event"])
    if found is None:
        raise call.denied()
    wanted = call.get("roles") or ROLES
    rows = role_assignments(found[0], call.world, found[1])
    return Listing([row for row in rows if row["role"] in wanted], dict, gap=True)


def shown_live_video(call: Call, urn: str) -> tuple[Organization, int]:
    """A live video's organization and place; 403 for the one withheld, 404 for what is not there."""
    found = find_live_video(call.world, urn)
    if found is None or found[1] == GONE:
        raise not_found(urn)
    if found[1] == WITHHELD:
        raise call.denied()
    return found


def live_video_by_id(call: Call, urn: str) -> dict[str, Any] | None:
    """A live video; one is not answered at all."""
    organization, place = shown_live_video(call, urn)
    return None if place == SILENT else live_video(organization, call.world, place)


def viewers(call: Call) -> Listing:
    """How many watched a live video, minute by minute."""
    organization, place = shown_live_video(call, call["liveVideo"])
    return Listing(viewer_counts(organization, call.world, place, call.get("timeRange")), dict)


RESOURCES = (
    Resource(
        "dmaEvents",
        (
            PagedAsGuessed(
                "organizer",
                {"organizer": ORGANIZATION},
                organized,
                may_take={"excludeCancelled": Enum("true", "false"), "entryCriteria": Enum("PUBLIC", "REQUEST")},
                others={**others("organizer", ORGANIZERS), "maxPaginationCount": (None, None)},
            ),
        ),
    ),
    Resource(
        "dmaEventRoleAssignments",
        (
            Finder(
                "event",
                {"event": EVENT},
                roles_at_event,
                paging=BARE_CURSOR,
                others={
                    "event": (("eventUrn", EVENT), ("event", BareId("event"))),
                    "roles": (("roles", ListOf(ROLE)), ("role", ROLE)),
                },
            ),
        ),
    ),
    Resource(
        "dmaLiveVideos",
        (
            BatchGet(
                BareId("liveVideo"),
                live_video_by_id,
                others={
                    "ids": (("ids", ListOf(LIVE_VIDEO)), ("ids", ListOf(Wrapped("id", BareId("liveVideo"))))),
                },
            ),
        ),
    ),
    Resource(
        "dmaLiveViewerCountAnalytics",
        (
            Finder(
                "statistics",
                {"liveVideo": LIVE_VIDEO},
                viewers,
                paging=OFFSET,
                others={
                    "liveVideo": (("entity", LIVE_VIDEO), ("liveVideos", Only(LIVE_VIDEO))),
                    "timeRange": (("timeRange", RANGE), ("timeIntervals", Wrapped("timeRange", RANGE))),
                },
            ),
        ),
    ),
)
