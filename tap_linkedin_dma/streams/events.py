"""Events of an organization, and their attendees."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.privacy.data_classes import MEMBER
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
    *localized("name"),
    *localized(
        "description",
        object_of(
            "value",
            localized=mapping(object_of("rawText", rawText=TEXT)),
            preferredLocale=object_of(language=TEXT, country=TEXT),
        ),
    ),
    th.Property("organizer", PERSON, description="Null for a member who did not agree to be shown."),
    th.Property("vanity_name", TEXT),
    th.Property("time_range_v2", object_of(startsAt=TIMESTAMP, startAt=TIMESTAMP, endsAt=TIMESTAMP)),
    th.Property("starts_at", TIMESTAMP),
    th.Property("ends_at", TIMESTAMP),
    th.Property("event_timezone", TEXT),
    th.Property("life_cycle_state", TEXT),
    th.Property(
        "settings", object_of(entryCriteria=TEXT, discoveryMode=TEXT, attendanceMode=TEXT, premiumGated=BOOLEAN)
    ),
    th.Property("ugc_post", URN),
    th.Property("broadcast_tool", TEXT),
    th.Property("location", _PLACE),
    th.Property("registration_count", INTEGER),
    th.Property("background_image", URN),
    th.Property("external_url", TEXT),
    th.Property("venue_details", ANY_OBJECT),
    th.Property("address", _PLACE),
    th.Property("hashtags", array()),
    th.Property("closed", BOOLEAN),
    th.Property("has_dark_ugc", BOOLEAN, description="Whether it only backs an ad, and has no page of its own."),
    th.Property("lead_gen_form", URN),
    th.Property("type", _TYPE),
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
        key("id", INTEGER),
        th.Property("organization", URN),
        th.Property("urn", URN),
        *_COLUMNS,
        *audit_columns(),
    )

    def child_context(self, row: Row, context: Context) -> Context | None:
        """The context of an event: LinkedIn sends its number but wants its URN; a negative number is the tap's own."""
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
    of = "event"
    parent_stream_type = Events
    primary_keys = ("event", "row_key")
    schema = columns(key("event", URN), key("row_key"), th.Property("organization", URN), MEMBER_VISIBILITY)
