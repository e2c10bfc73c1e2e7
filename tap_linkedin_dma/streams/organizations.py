"""Organizations: those of the member, those that belong to them, and others that records name."""

from __future__ import annotations

from collections.abc import Sequence

from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.schema import (
    AUDIT,
    COVER,
    INTEGER,
    LOCALIZED,
    ORGANIZATION_COLUMNS,
    TEXT,
    URN,
    array,
    columns,
    key,
    of_place,
)
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams.administered import Administered
from tap_linkedin_dma.sync.batches import Context, RecordBatch


class Organizations(Administered):
    """Organizations that the member administers: those of the settings, or all.

    Every other Pages stream asks with the organization, or with its page, whose number may be another.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-profiles/organizations
    """

    name = "organizations"
    resource = "dmaOrganizations"
    evidence = "derived"
    params = {"locale": "{locale}"}
    primary_keys = ("id",)
    field_paths = AUDIT
    schema = columns(
        key("id", INTEGER),
        th.Property("organization", URN, description="urn:li:organization:{id}, which other streams join on."),
        *ORGANIZATION_COLUMNS,
    )


class ChildOrganizations(Finder):
    """Organizations that belong to an organization, such as its showcase pages.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-profiles/organizations
    """

    name = "child_organizations"
    resource = "dmaOrganizations"
    finder = "parentOrganization"
    params = {"parentOrganization": "{organization}"}
    param_fallbacks = {"parentOrganization": ({"parent": "{organization}"},)}
    paging = "offset"
    page_size = 10
    evidence = "inferred"
    parent_stream_type = Organizations
    primary_keys = ("organization", "id")
    field_paths = AUDIT
    schema = columns(
        key("organization", URN, description="The organization that it belongs to."),
        key("id", INTEGER),
        *ORGANIZATION_COLUMNS,
    )

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        """A child has a page of its own, which is not that of the organization asked about."""
        return super().batch({"organization": context["organization"]}, elements, keys)


class OrganizationLookup(Lookup):
    """Organizations whom other streams' records name and the member does not administer.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "organization_lookup"
    resource = "dmaOrganizationLookup"
    urn_types = ("organization",)
    already_read_by = {"my_organization_acls": "organization", "organizations": "organization"}
    params = {"ids": "{number}"}
    evidence = "observed"
    identity = {"id": "{number}", "organization": "{urn}"}
    primary_keys = ("id",)
    schema = columns(
        key("id", INTEGER),
        th.Property("organization", URN, description="What other streams join on."),
        th.Property("name", LOCALIZED),
        th.Property("localized_name", TEXT),
        th.Property("vanity_name", TEXT),
        th.Property("primary_organization_type", TEXT),
        th.Property("locations", of_place(array(), is_unsure=True)),
        th.Property("logo_v2", COVER),
        th.Property("localized_website", TEXT),
    )
