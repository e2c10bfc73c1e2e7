"""Events of an organization, and their attendees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    AUDIT,
    BOOLEAN,
    INTEGER,
    MEMBER_VISIBILITY,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    audit_columns,
    columns,
    key,
    localized,
    mapping,
    object_of,
    of_place,
)
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.nested import NestedFinder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context

_PLACE = of_place(ANY_OBJECT, is_unsure=True)
"""Typed by people, and perhaps completed by LinkedIn."""

_TYPE = object_of(
    online=object_of(
        format=object_of(
            liveVideo=object_of(liveVideo=URN, endsAt=TIMESTAMP),
            external=object_of(url=TEXT, endsAt=TIMESTAMP),
        )
    ),
    inPerson=object_of(address=_PLACE, url=TEXT, endsAt=TIMESTAMP),
)

_COLUMNS = (
    *localized(
        "name",
        description="Name by locale: `localized` has a text for each locale, `preferredLocale` says which one to "
        "prefer.",
    ),
    *localized(
        "description",
        object_of(
            "value",
            localized=mapping(object_of("rawText", rawText=TEXT)),
            preferredLocale=object_of(language=TEXT, country=TEXT),
        ),
        description="Description by locale; the text of each is in `rawText`.",
    ),
    th.Property(
        "organizer",
        PERSON,
        description="URN of the page, or person, that organizes the event; NULL if LinkedIn does not show the person.",
    ),
    th.Property("vanity_name", TEXT),
    th.Property(
        "time_range_v2",
        object_of(startsAt=TIMESTAMP, startAt=TIMESTAMP, endsAt=TIMESTAMP),
        description="Start and end in one object; see `starts_at` and `ends_at`.",
    ),
    th.Property(
        "starts_at", TIMESTAMP, description="Start of the event, in UTC; NULL if LinkedIn sends only `time_range_v2`."
    ),
    th.Property(
        "ends_at", TIMESTAMP, description="End of the event, in UTC; NULL if LinkedIn sends only `time_range_v2`."
    ),
    th.Property("event_timezone", TEXT, description="Time zone of the event."),
    th.Property("life_cycle_state", TEXT, description="State of the event in LinkedIn's words."),
    th.Property(
        "settings",
        object_of(entryCriteria=TEXT, discoveryMode=TEXT, attendanceMode=TEXT, premiumGated=BOOLEAN),
        description="Settings: who may enter and find it, how people attend, and if only premium subscribers may.",
    ),
    th.Property("ugc_post", URN, description="URN of the post that belongs to the event."),
    th.Property("broadcast_tool", TEXT, description="Tool with which the event is broadcast."),
    th.Property("location", _PLACE, description="Location of the event; perhaps completed by LinkedIn."),
    th.Property("registration_count", INTEGER, description="Number of registrations; LinkedIn may not send it."),
    th.Property("background_image", URN, description="URN of the background image."),
    th.Property("external_url", TEXT, description="Address of the event outside LinkedIn."),
    th.Property("venue_details", ANY_OBJECT, description="Details of the venue."),
    th.Property("address", _PLACE, description="Address of the event; perhaps completed by LinkedIn."),
    th.Property("hashtags", array(), description="Hashtags of the event."),
    th.Property("closed", BOOLEAN, description="True if the event is closed."),
    th.Property("has_dark_ugc", BOOLEAN, description="True if the event only backs an ad and has no page on LinkedIn."),
    th.Property("lead_gen_form", URN, description="URN of the event's lead form; NULL if it has none."),
    th.Property("type", _TYPE, description="Kind of event, online or in person, with its live video, address or link."),
)
"""LinkedIn's fields of an event, except its keys and audit stamps."""


class Events(Finder):
    """Events that an organization organizes.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/event-management/events
    """

    name = "events"
    resource = "dmaEvents"
    finder = "organizer"
    params = {"organizer": "{organization}", "maxPaginationCount": 100}
    param_fallbacks = {
        "organizer": ({"organizer": "{organizational_page}"}, {"organizer": {"organization": "{organization}"}}),
        "maxPaginationCount": ({"start": 0, "count": 100}, {}),
    }
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    field_paths = AUDIT
    schema = columns(
        key(
            "id",
            INTEGER,
            description="Number of the event; a negative number is the tap's own, for an event to which LinkedIn "
            "gives none.",
        ),
        th.Property("organization", URN),
        th.Property(
            "urn", URN, description="URN of the event: urn:li:event:NUMBER; NULL if LinkedIn does not give its number."
        ),
        *_COLUMNS,
        *audit_columns(),
    )

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row with the event's URN, which LinkedIn mostly leaves out; a negative number is the tap's own."""
        row = super().row(entity, context, keys)
        if row and row["urn"] is None and row["id"] > 0:
            row["urn"] = f"urn:li:event:{row['id']}"
        return row

    def child_context(self, row: Row, context: Context) -> Context | None:
        """The context of an event: LinkedIn sends its number but wants its URN."""
        number = row["id"]
        return {**context, "event": f"urn:li:event:{number}", "event_key": str(number)} if number > 0 else None


class EventRoleAssignments(NestedFinder):
    """Attendees of an event, and the role that each has.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "event_role_assignments"
    resource = "dmaEventRoleAssignments"
    data_class = MEMBER
    visibility_columns = ("unmapped",)
    finder = "event"
    params = {"event": "{event}"}
    param_fallbacks = {
        "event": ({"eventUrn": "{event}"}, {"event": "{event_key}"}),
        "roles": ({"roles": ["ATTENDEE"]}, {"role": "ATTENDEE"}),
    }
    narrowing_params = ("roles",)
    of = "event"
    parent_stream_type = Events
    primary_keys = ("event", "row_key")
    schema = columns(
        key("event", URN, description="URN of the event: urn:li:event:NUMBER."),
        key("row_key"),
        th.Property("organization", URN),
        MEMBER_VISIBILITY,
    )
