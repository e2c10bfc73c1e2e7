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
        key("developer_application", URN),
        key("member", PERSON),
        th.Property("regulated_at", TIMESTAMP, description="Since when LinkedIn keeps the member's changes."),
        th.Property("confirmed_at", of_no_class(TIMESTAMP), description="When LinkedIn last listed the consent."),
        th.Property("member_compliance_scopes", of_no_class(array(TEXT))),
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
        key("member", PERSON, description="Whose data it is."),
        key("snapshot_domain", description="As LinkedIn spells it."),
        key("row_key", member_data(TEXT), description="The row's hash, and its number among equal rows of the domain."),
        th.Property("page_index", of_no_class(INTEGER)),
        th.Property("data", member_data(_EXPORT_ROW, is_sensitive=True), description="The row, as LinkedIn sent it."),
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
        key("id", INTEGER),
        th.Property("activity_id", TEXT, description="The same where one activity is replayed."),
        th.Property("activity_status", of_no_class(TEXT)),
        th.Property("captured_at", TIMESTAMP, description="When it was done."),
        th.Property("processed_at", TIMESTAMP, description="When LinkedIn took note of it: the bookmark."),
        th.Property("config_version", of_no_class(INTEGER)),
        th.Property("owner", PERSON, description="Whose data it is."),
        th.Property("actor", PERSON, description="Who did it."),
        th.Property("resource_name", of_no_class(TEXT), description="What kind of thing it was done to."),
        th.Property("resource_id", TEXT),
        th.Property("resource_uri", TEXT),
        th.Property("method", of_no_class(TEXT)),
        th.Property("method_name", of_no_class(TEXT), description="Which action, where `method` is ACTION."),
        th.Property("activity", ANY_OBJECT, description="What was done, less or nothing of it for a deletion."),
        th.Property("processed_activity", ANY_OBJECT),
        th.Property("sibling_activities", array(ANY_OBJECT)),
        th.Property("parent_sibling_activities", array(ANY_OBJECT)),
    )
