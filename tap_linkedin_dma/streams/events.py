"""Events of an organization, and who takes part."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    AUDIT,
    FLAG,
    INTEGER,
    LOCALIZED,
    MEMBER_VISIBILITY,
    OPEN,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    audited,
    columns,
    key,
    mapping,
    of_place,
    record,
)
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.nested import NestedFinder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Parent

_PLACE = of_place(OPEN, is_unsure=True)
"""People type it, and LinkedIn may have completed it."""

_TYPE = record(
    online=record(
        format=record(
            liveVideo=record(liveVideo=URN, endsAt=TIMESTAMP),
            external=record(url=TEXT, endsAt=TIMESTAMP),
        )
    ),
    inPerson=record(address=_PLACE, url=TEXT, endsAt=TIMESTAMP),
)

_COLUMNS = (
    th.Property("name", LOCALIZED),
    th.Property(
        "description",
        record(
            "value",
            localized=mapping(record("rawText", rawText=TEXT)),
            preferredLocale=record(language=TEXT, country=TEXT),
        ),
    ),
    th.Property("organizer", PERSON, description="Null for a member who did not agree to be shown."),
    th.Property("vanity_name", TEXT),
    th.Property("time_range_v2", record(startsAt=TIMESTAMP, startAt=TIMESTAMP, endsAt=TIMESTAMP)),
    th.Property("starts_at", TIMESTAMP),
    th.Property("ends_at", TIMESTAMP),
    th.Property("event_timezone", TEXT),
    th.Property("life_cycle_state", TEXT),
    th.Property("settings", record(entryCriteria=TEXT, discoveryMode=TEXT, attendanceMode=TEXT, premiumGated=FLAG)),
    th.Property("ugc_post", URN),
    th.Property("broadcast_tool", TEXT),
    th.Property("location", _PLACE),
    th.Property("registration_count", INTEGER),
    th.Property("background_image", URN),
    th.Property("external_url", TEXT),
    th.Property("venue_details", OPEN),
    th.Property("address", _PLACE),
    th.Property("hashtags", array()),
    th.Property("closed", FLAG),
    th.Property("has_dark_ugc", FLAG, description="Whether it only backs an ad, and has no page of its own."),
    th.Property("lead_gen_form", URN),
    th.Property("type", _TYPE),
)
"""What LinkedIn tells of an event, but for its keys and audit stamps."""


class Events(Finder):
    """Events that an organization organizes.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/event-management/events
    """

    name = "events"
    resource = "dmaEvents"
    finder = "organizer"
    params = {"organizer": "{organization}", "maxPaginationCount": 100}
    alternatives = {
        "organizer": ({"organizer": "{organizational_page}"}, {"organizer": {"organization": "{organization}"}}),
        "maxPaginationCount": ({"start": 0, "count": 100}, {}),
    }
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    sources = AUDIT
    schema = columns(
        key("id", INTEGER),
        th.Property("organization", URN),
        th.Property("urn", URN),
        *_COLUMNS,
        *audited(),
    )

    def told(self, row: Row, parent: Parent) -> Parent | None:
        """LinkedIn sends an event's number and asks for its URN; a number below zero is the tap's own."""
        number = row["id"]
        return {**parent, "event": f"urn:li:event:{number}", "event_key": str(number)} if number > 0 else None


class EventRoleAssignments(NestedFinder):
    """Attendees of an event, and the role that each has.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "event_role_assignments"
    resource = "dmaEventRoleAssignments"
    data_class = MEMBER
    member_columns = ("unmapped",)
    finder = "event"
    params = {"event": "{event}"}
    alternatives = {
        "event": ({"eventUrn": "{event}"}, {"event": "{event_key}"}),
        "roles": ({"roles": ["ATTENDEE"]}, {"role": "ATTENDEE"}),
    }
    of = "event"
    parent_stream_type = Events
    primary_keys = ("event", "row_key")
    own_keys = ("entityUrn", "$URN", "urn", "eventRoleAssignmentsUrn", "id")
    schema = columns(key("event", URN), key("row_key"), th.Property("organization", URN), MEMBER_VISIBILITY)
