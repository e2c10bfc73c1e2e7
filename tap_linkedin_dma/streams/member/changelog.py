"""Member: the data that a member may export, read with that member's own token."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    INTEGER,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    columns,
    key,
    member_data,
    of_no_class,
)
from tap_linkedin_dma.streams.member.authorizations import Authorizations, Changes
from tap_linkedin_dma.streams.member.snapshots import Snapshots


class MemberAuthorizations(Authorizations):
    """The member's consents to this app, and since when changes are kept.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/member-data-portability/shared/member-authorization-management-api
    """

    name = "member_authorizations"
    resource = "memberAuthorizations"
    primary_keys = ("developer_application", "member")
    only_declared_columns = True
    field_paths = {
        "regulated_at": ("regulatedAt",),
        "developer_application": ("memberComplianceAuthorizationKey.developerApplication",),
        "member": ("memberComplianceAuthorizationKey.member",),
        "member_compliance_scopes": ("memberComplianceScopes",),
    }
    schema = columns(
        key("developer_application", URN, description="URN of the app to which the member consented."),
        key("member", PERSON, description="URN of the member."),
        th.Property(
            "regulated_at", TIMESTAMP, description="Time from which LinkedIn keeps the member's changes, in UTC."
        ),
        th.Property(
            "confirmed_at",
            of_no_class(TIMESTAMP),
            description="Time of the run in which LinkedIn last listed the consent, in UTC.",
        ),
        th.Property(
            "member_compliance_scopes",
            of_no_class(array(TEXT)),
            description="Scopes to which the member consented, such as DMA.",
        ),
    )


_EXPORT_ROW = th.CustomType({**ANY_OBJECT.type_dict, "x-headings": True})


class MemberSnapshots(Snapshots):
    """The present state of the member's data: one row for each row of LinkedIn's export.

    The fields of a domain's rows are not documented, except for PROFILE, and may be in the member's language.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/member-data-portability/shared/member-snapshot-api
    """

    name = "member_snapshots"
    resource = "memberSnapshotData"
    primary_keys = ("member", "snapshot_domain", "row_key")
    only_declared_columns = True
    schema = columns(
        key("member", PERSON, description="URN of the member whose data it is."),
        key("snapshot_domain", description="Domain of the export, such as PROFILE, as LinkedIn spells it."),
        key(
            "row_key",
            member_data(TEXT),
            description="Digest of the row, and its number among equal rows of the domain.",
        ),
        th.Property(
            "page_index", of_no_class(INTEGER), description="Number of the answer's page in which the row came, from 0."
        ),
        th.Property(
            "data", member_data(_EXPORT_ROW, is_sensitive=True), description="Row of the export, as LinkedIn sent it."
        ),
    )


class MemberChangelog(Changes):
    """Activities of the member and items sent to the member; LinkedIn keeps them for 28 days.

    If LinkedIn could not read an activity, its column has a message that says so, a bare text as `value`. A text in
    place of a list, a time or a number is in `unmapped`.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/member-data-portability/shared/member-changelog-api
    """

    name = "member_changelog"
    resource = "memberChangeLogs"
    primary_keys = ("id",)
    replication_key = "processed_at"
    schema = columns(
        key("id", INTEGER, description="Number of the change."),
        th.Property("activity_id", TEXT, description="Id of the activity; the same for each replay of it."),
        th.Property(
            "activity_status", of_no_class(TEXT), description="Outcome: SUCCESS, FAILURE or SUCCESSFUL_REPLAY."
        ),
        th.Property("captured_at", TIMESTAMP, description="Time of the activity, in UTC."),
        th.Property(
            "processed_at", TIMESTAMP, description="Time when LinkedIn recorded the activity, in UTC; the bookmark."
        ),
        th.Property("config_version", of_no_class(INTEGER), description="Version of LinkedIn's configuration."),
        th.Property("owner", PERSON, description="URN of the member whose data it is."),
        th.Property("actor", PERSON, description="URN of the person who acted."),
        th.Property(
            "resource_name",
            of_no_class(TEXT),
            description="Kind of thing that was changed, such as messages or ugcPosts.",
        ),
        th.Property("resource_id", TEXT, description="Id of the thing that was changed; may be empty."),
        th.Property("resource_uri", TEXT, description="Address of the thing that was changed, in LinkedIn's API."),
        th.Property(
            "method",
            of_no_class(TEXT),
            description="Kind of change: CREATE, UPDATE, PARTIAL_UPDATE, DELETE, ACTION or BATCH_CREATE.",
        ),
        th.Property(
            "method_name", of_no_class(TEXT), description="Name of the action; NULL unless `method` is ACTION."
        ),
        th.Property(
            "activity",
            ANY_OBJECT,
            description="Content of the change, in the form of its resource; reduced or empty for a deletion.",
        ),
        th.Property(
            "processed_activity",
            ANY_OBJECT,
            description="Content of the change with its URNs expanded; LinkedIn may not send it.",
        ),
        th.Property(
            "sibling_activities",
            array(ANY_OBJECT),
            description="Up to ten activities beside this one; NULL if LinkedIn sends none.",
        ),
        th.Property(
            "parent_sibling_activities",
            array(ANY_OBJECT),
            description="Up to ten activities beside the parent of this one; NULL if LinkedIn sends none.",
        ),
    )
