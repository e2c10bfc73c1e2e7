"""Settings: who holds which role on an organization, and how its members' work e-mail is verified."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.access import Finder
from tap_linkedin_dma.guesses import PAGE_FORMS, AskedFinder, PageFinder
from tap_linkedin_dma.shapes import ACL, TEXT, acl, of_organization, of_page
from tap_linkedin_dma.streams.pages import Organizations


class OrganizationAcls(Finder):
    """Who holds which role on an organization, whatever its state.

    Source: https://learn.microsoft.com/en-us/linkedin/compliance/integrations/organizations/organization-access-control
    """

    name = "organization_acls"
    resource = "dmaOrganizationAcls"
    finder = "organization"
    params = {"organization": "{organization}"}
    alternatives = {
        "organization": ({"organization": {"value": "{organization}"}}, {"organizationTarget": "{organization}"}),
    }
    paging = "offset"
    page_size = 100
    evidence = "sibling"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    own_keys = ("entityUrn", "$URN", "urn", "organizationAclsUrn", "id")
    sources = ACL
    schema = of_organization(th.Property("role", TEXT), *acl())


class EmailDomainMappings(AskedFinder, PageFinder):
    """E-mail domains linked to a page.

    LinkedIn does not say which use cases there are: the setting `stream_options` may name another.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "email_domain_mappings"
    resource = "dmaOrganizationalPageEmailDomainMapping"
    finder = "organizationalPageAndUseCase"
    params = {"organizationalPage": "{organizational_page}", "useCase": "VERIFICATION"}
    alternatives = {**PAGE_FORMS, "useCase": ({"useCase": "WORK_EMAIL_VERIFICATION"}, {})}
    asked = {"use_case": ("useCase",)}
    selected_by_default = False
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    own_keys = ("entityUrn", "$URN", "urn", "organizationalPageEmailDomainMappingUrn", "id")
    schema = of_page(th.Property("use_case", TEXT, description="The use case asked for."))


class VerificationAgents(PageFinder):
    """Who verifies work e-mail for a page.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "verification_agents"
    resource = "dmaVerificationAgents"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    own_keys = ("entityUrn", "$URN", "urn", "verificationAgentsUrn", "id")
    schema = of_page()
