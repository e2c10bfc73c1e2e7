"""Descriptions of columns that mean the same in every stream that has them."""

from __future__ import annotations

DESCRIPTIONS = {
    "created": "Audit stamp of the creation as LinkedIn sends it: `time`, `actor` and `impersonator`.",
    "created_at": "Time of creation, in UTC: `created.time`.",
    "dimension_type": "Dimension that divides the audience: JOB_FUNCTION, INDUSTRY, SENIORITY, COUNTRY_GEO, "
    "REGION_GEO, STAFF_COUNT_RANGE or RELATIONSHIP.",
    "dimension_value": "Part of the audience: the URN of a function, industry, seniority or place, or a plain word "
    "such as SIZE_11_TO_50; a digest of the row if LinkedIn names none.",
    "end": "End of the period, in UTC; not part of it.",
    "granularity": "Length of the period: DAY, unless `stream_options` requests another.",
    "last_modified": "Audit stamp of the last change as LinkedIn sends it: `time`, `actor` and `impersonator`.",
    "last_modified_at": "Time of the last change, in UTC: `lastModified.time`.",
    "listed_at": "Time when the run began that last listed it, in UTC; the same for all rows of one listing.",
    "member_visibility": "Visibility of the row's member: `visible`, or `withheld` if LinkedIn hides the member; "
    "NULL if a page stands in the member's place.",
    "organization": "URN of the organization that the row belongs to.",
    "organizational_page": "URN of the page that the row belongs to; its number may differ from the organization's.",
    "post": "URN of the post that the row is about.",
    "retain_until": "Last day on which LinkedIn's terms let the row be kept; see the command `retention`.",
    "row_key": "Key of the row within its parent: an id if LinkedIn sends one, else a digest of the row and a number.",
    "snapshot_date": "UTC date of the run that read the row.",
    "start": "Start of the period, in UTC.",
    "unmapped": "Fields from LinkedIn that no other column holds, under LinkedIn's names; NULL if there are none. "
    "It has most of the data if LinkedIn does not document the stream's fields.",
    "vanity_name": "Short name in the address on LinkedIn.",
}

_LOCALIZED = "localized_"
_LANGUAGE = ": as LinkedIn sends it, else in the language of the setting `locale`, else in its author's."


def shared_description(column: str) -> str | None:
    """The description of a column by its name; None if the name means different things in different streams."""
    if column.startswith(_LOCALIZED):
        return f"Plain text of `{column.removeprefix(_LOCALIZED)}`{_LANGUAGE}"
    return DESCRIPTIONS.get(column)
