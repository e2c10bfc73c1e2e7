"""Organizations: those that the member administers, those that belong to them, and others that records name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.products import PAGES
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.schema import (
    AUDIT,
    COVER,
    INTEGER,
    ORGANIZATION_COLUMNS,
    OTHERS_UNKNOWN,
    TEXT,
    URN,
    array,
    columns,
    key,
    localized,
    of_place,
)
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch

_WHAT_TO_DO = PAGES.access


def _match_score(profile: Entity, organization: str, entity: Entity) -> int:
    """How well a profile fits an organization: the higher the better, 0 for no sign, -1 for another's.

    LinkedIn's finder may return profiles of other pages too, with the requested organization in them.
    """
    primary = _named(profile.get("primaryPageEntity"))
    if primary:
        return 4 if primary == organization else -1
    vanity_name, url = entity.get("vanityName"), str(profile.get("pageUrl", "")).rstrip("/")
    if vanity_name and vanity_name in (profile.get("vanityName"), url.rpartition("/")[2]):
        return 3
    if _named(profile.get("pageProfileEntity")) == organization:
        return 2
    name = entity.get("localizedName")
    return int(name is not None and name == profile.get("localizedName"))


def _named(entity: object) -> str | None:
    """The organization that a field names, as a URN or in a union."""
    urn = get_path(entity, "organization") if isinstance(entity, Mapping) else entity
    return urn if isinstance(urn, str) else None


class Organizations(DmaStream):
    """Organizations that the member administers: those of the settings, or all.

    Every other Pages stream sends the organization, or its page, which may have another number.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-profiles/organizations
    """

    name = "organizations"
    resource = "dmaOrganizations"
    evidence = "derived"
    params = {"locale": "{locale}"}
    primary_keys = ("id",)
    field_paths = AUDIT
    schema = columns(
        key("id", INTEGER, description="Number of the organization; the same as in its URN."),
        th.Property(
            "organization",
            URN,
            description="URN of the organization: urn:li:organization:NUMBER. Other streams have it as `organization`.",
        ),
        *ORGANIZATION_COLUMNS,
    )

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """Read the organizations of the settings or of the member's roles, since LinkedIn has no listing of them."""
        numbers = self._numbers()
        entities = self.client.batch_get(self.resource, numbers, **self.request_params(contexts.items[0]))
        for number in numbers:
            if number not in entities:
                why = f"LinkedIn does not show it. {_WHAT_TO_DO}"
                self.skip(f"organization {number}", why, f"urn:li:organization:{number}")
        if not entities:
            msg = f"LinkedIn shows none of the organizations to read. {_WHAT_TO_DO}"
            raise DmaError(msg)
        child_contexts = [self._context(number, entity) for number, entity in entities.items()]
        self.run_context.run.organizations = [context["organization"] for context in child_contexts]
        self.run_context.run.referenced_urns.mark_known(self.name, self.run_context.run.organizations)
        rows = [
            self.row(entity, {"id": int(number), "organization": context["organization"]})
            for (number, entity), context in zip(entities.items(), child_contexts, strict=True)
        ]
        yield RecordBatch([row for row in rows if row], list(zip(child_contexts, rows, strict=True)))

    def _numbers(self) -> Sequence[str]:
        wanted = self.config["organizations"]
        if not wanted:
            administered = self.run_context.run.shared.organizations
            wanted = administered() if administered else ()
        if not wanted:
            msg = f"The token's member administers no organization. {_WHAT_TO_DO}"
            raise DmaError(msg)
        return list(dict.fromkeys(urns.key(str(organization)) for organization in wanted))

    def _context(self, number: str, entity: Entity) -> Context:
        organization = f"urn:li:organization:{number}"
        page = self._page_of(organization, entity) if self.children else None
        return {"organization": organization, "organizational_page": page}

    def _page_of(self, organization: str, entity: Entity) -> str:
        """The organizationalPage URN; if the entity has none, that of the profile that fits the organization best."""
        if isinstance(page := entity.get("organizationalPage"), str):
            return page
        profiles = self.run_context.run.shared.page_profiles
        listed = profiles(organization) if profiles else ()
        fits = {
            str(profile["entityUrn"]): _match_score(profile, organization, entity)
            for profile in listed
            if "entityUrn" in profile
        }
        best = max(fits, key=lambda urn: fits[urn], default=None)
        if best and (fits[best] > 0 or (len(listed) == 1 and fits[best] == 0)):
            return best
        self.logger.warning(
            "organizations: LinkedIn names no page for %s. The tap uses the organization's own number, which may be "
            "wrong.",
            organization,
        )
        return f"urn:li:organizationalPage:{urns.key(organization)}"


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
        key("organization", URN, description="URN of the parent organization, from whose listing the row comes."),
        key("id", INTEGER, description="Number of the child organization."),
        *ORGANIZATION_COLUMNS,
        others=OTHERS_UNKNOWN,
    )

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        """The batch without the page of the context, since a child has a page of its own."""
        return super().batch({"organization": context["organization"]}, elements, keys)


class OrganizationLookup(Lookup):
    """Organizations that other streams' records name and the member does not administer.

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
        key("id", INTEGER, description="Number of the organization; the same as in its URN."),
        th.Property("organization", URN, description="URN of the organization, as other streams' records name it."),
        *localized(
            "name",
            description="Name by locale: `localized` has a text for each locale, `preferredLocale` says which one to "
            "prefer.",
        ),
        th.Property("vanity_name", TEXT),
        th.Property("primary_organization_type", TEXT, description="Kind of organization: NONE, SCHOOL or BRAND."),
        th.Property("locations", of_place(array(), is_unsure=True), description="Offices, each with an address."),
        th.Property("logo_v2", COVER, description="Logo: links to the image, whole and cropped, which expire."),
        th.Property("localized_website", TEXT, description="Address of the website."),
    )
