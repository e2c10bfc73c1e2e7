"""Settings: roles and permissions on an organization, verification of work e-mail, its Business Manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import cast

from singer_sdk import typing as th

from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.json_paths import get_path
from tap_linkedin_dma.rows.schema import (
    ACL,
    ANY_OBJECT,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    OTHERS_UNKNOWN,
    PERSON,
    TEXT,
    URN,
    acl,
    columns,
    key,
    object_of,
    organization_schema,
    page_schema,
)
from tap_linkedin_dma.stream_types.finders import BatchFinder, Finder
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.stream_types.undocumented import PAGE_FALLBACKS, PageFinder, RequestKeyedFinder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context, ContextBatch


class OrganizationAcls(Finder):
    """Who holds which role on an organization, whatever its state.

    If LinkedIn demands a role or a state, the rows are of approved administrators alone.

    Source: https://learn.microsoft.com/en-us/linkedin/compliance/integrations/organizations/organization-access-control
    """

    name = "organization_acls"
    resource = "dmaOrganizationAcls"
    finder = "organization"
    params = {"organization": "{organization}"}
    param_fallbacks = {
        "organization": ({"organization": {"value": "{organization}"}}, {"organizationTarget": "{organization}"}),
        "role": ({"role": {"value": "ADMINISTRATOR"}}, {"role": "ADMINISTRATOR"}),
        "state": ({"state": {"value": "APPROVED"}}, {"state": "APPROVED"}),
    }
    narrowing_params = ("role", "state")
    paging = "offset"
    page_size = 100
    evidence = "sibling"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    visibility_columns = ("role_assignee",)
    field_paths = ACL
    schema = organization_schema(
        th.Property("role", TEXT, description="Role in the organization, such as ADMINISTRATOR."),
        *acl(),
        MEMBER_VISIBILITY,
        others=ANY_OBJECT,
    )


class EmailDomainMappings(RequestKeyedFinder, PageFinder):
    """E-mail domains linked to a page.

    LinkedIn does not say which use cases there are: the setting `stream_options` may name another.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "email_domain_mappings"
    resource = "dmaOrganizationalPageEmailDomainMapping"
    finder = "organizationalPageAndUseCase"
    params = {"organizationalPage": "{organizational_page}", "useCase": "VERIFICATION"}
    param_fallbacks = {**PAGE_FALLBACKS, "useCase": ({"useCase": "WORK_EMAIL_VERIFICATION"}, {})}
    request_columns = {"use_case": ("useCase",)}
    selected_by_default = False
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema(th.Property("use_case", TEXT, description="Use case that was requested."))


class VerificationAgents(PageFinder):
    """Who verifies work e-mail for a page.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "verification_agents"
    resource = "dmaVerificationAgents"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema(others=OTHERS_OF_MEMBER)


_ACTIONS = [
    {"authorizationAction": {family: {"actionType": action}}}
    for family, action in (
        ("organizationAnalyticsAuthorizationAction", "FOLLOWER_ANALYTICS_READ"),
        ("organizationContentAuthorizationAction", "ORGANIC_SHARE_CREATE"),
    )
]
"""Actions that programs are known to request: LinkedIn may refuse the whole request if it does not know one."""


class OrganizationAuthorizations(BatchFinder):
    """Which actions the member behind the token may take, for which organization.

    The setting `stream_options` may list other `authorizationActions`.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/integrations/community-management/organizations/organization-authorizations/organization-authorizations
    """

    name = "organization_authorizations"
    resource = "dmaOrganizationAuthorizations"
    finder = "authorizationActionsAndImpersonator"
    params = {"authorizationActions": _ACTIONS}
    param_fallbacks = {"impersonator": ({"impersonator": "{member}"},)}
    page_size = 100
    evidence = "observed"
    primary_keys = ("authorization_action", "organization")
    schema = columns(
        key("authorization_action", TEXT, description="Action in question: its family and its type, as FAMILY.TYPE."),
        key("organization", URN, description="URN of the organization in which the action is permitted or not."),
        th.Property(
            "status",
            object_of(approved=ANY_OBJECT, denied=ANY_OBJECT),
            description="Result: `approved` or `denied`, with details.",
        ),
        th.Property(
            "impersonator", PERSON, description="URN of the member who would act; NULL if LinkedIn does not send it."
        ),
        th.Property("action", ANY_OBJECT, description="Action as LinkedIn sends it."),
    )

    def request_params(self, context: Context, **more: object) -> dict[str, object]:
        """The parameters, with the member only if LinkedIn wants it, since finding out the member costs a call."""
        member = {"member": self._member} if self.request.uses_fallback("impersonator") else {}
        return super().request_params({**context, **member}, **more)

    def criteria(self, contexts: ContextBatch, params: Mapping[str, object]) -> Sequence[Context]:
        """The action of each criterion: only the order of LinkedIn's answers shows which action a row is about."""
        return [
            {"authorization_action": _action(request_columns)}
            for request_columns in cast("list[object]", params["authorizationActions"])
        ]

    @cached_property
    def _member(self) -> str:
        id_ = self.client.fetch("dmaMe").get("id")
        if not id_:
            msg = (
                "LinkedIn does not say who the token's member is (dmaMe has no id). "
                "Set `impersonator` for organization_authorizations in stream_options."
            )
            raise DmaError(msg)
        return f"urn:li:person:{id_}"


def _action(request_columns: object) -> str:
    """The family and type of an action; one in another form, from `stream_options`, is kept as it is sent."""
    families = get_path(request_columns, "authorizationAction")
    for family, action in families.items() if isinstance(families, Mapping) else ():
        return f"{family}.{get_path(action, 'actionType')}"
    return restli.encode(request_columns)


class BusinessManagerAccountOrganizations(BatchFinder):
    """Links between Business Manager accounts and organizations.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "business_manager_account_organizations"
    resource = "dmaBusinessManagerAccountOrganizations"
    finder = "organizations"
    params = {"organizations": ["{organization}"]}
    param_fallbacks = {
        "organizations": (
            {"organizations": [{"organization": "{organization}"}]},
            {"criteria": [{"organization": "{organization}"}]},
        ),
    }
    evidence = "inferred"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema()


class BusinessManagerAccounts(Lookup):
    """Business Manager accounts that are linked to an organization.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "business_manager_accounts"
    resource = "dmaBusinessManagerAccounts"
    urn_types = ("businessManagerAccount",)
    source_columns = {"business_manager_account_organizations": ("unmapped",)}
    param_fallbacks = {"ids": ({"ids": "{urn}"}, {"ids": {"id": "{id}"}})}
    evidence = "inferred"
    identity = {"business_manager_account": "{urn}"}
    primary_keys = ("business_manager_account",)
    schema = columns(
        key("business_manager_account", URN, description="URN of the Business Manager account."), others=OTHERS_UNKNOWN
    )
