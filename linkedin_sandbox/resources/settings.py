"""Settings: who holds which role on which organization, and who verifies e-mail for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import denied
from ..forms import Enum, ListOf, Record, Union, Urn, Wrapped
from ..methods import BatchFinder, Call, Finder, Resource
from ..paging import LINKS_ONLY, OFFSET, Listing, Offset
from ..parameters import Others
from ..world.authorizations import ACTIONS, BEYOND_THE_ROLE, authorizations
from ..world.business_manager import account, account_links
from ..world.members import person, stamp, willing
from ..world.organizations import COMPANY, SHOWCASE, Organization
from ..world.roles import organization_roles
from ..world.verification import email_domains, verification_agents
from .looked_up import by_number, looked_up
from .owned import BY_PAGE, ORGANIZATION, PAGE, administered, others, owned

ROLES = ("ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "ANALYST", "CURATOR", "DIRECT_SPONSORED_CONTENT_POSTER")
STATES = ("APPROVED", "REQUESTED", "REJECTED", "REVOKED")
ROLE = Wrapped("value", Enum(*ROLES))
STATE = Wrapped("value", Enum(*STATES))
PLAIN: Mapping[str, Others] = {"role": (("role", Enum(*ROLES)), None), "state": (("state", Enum(*STATES)), None)}


def roles_of_member(call: Call) -> Listing:
    """The member's roles, those of the role and state asked for."""
    role, state = wanted(call)
    held = (
        (organization, *(("ADMINISTRATOR", "APPROVED") if organization.administered else ("ANALYST", "REQUESTED")))
        for organization in call.world.organizations
    )
    rows = [row for row in held if role in (None, row[1]) and state in (None, row[2])]
    return Listing(rows, lambda row: acl(call, *row))


def roles_on_organization(call: Call) -> Listing:
    """Everyone's roles on an organization, those of the role and state asked for."""
    organization, (role, state) = administered(call, call["organization"]), wanted(call)
    rows = organization_roles(organization, call.world)
    return Listing([row for row in rows if role in (None, role_of(row)) and state in (None, row["state"])], dict)


def wanted(call: Call) -> tuple[str | None, str | None]:
    """The role and the state asked for, if any."""
    return call.get("role"), call.get("state")


def role_of(row: Mapping[str, Any]) -> object:
    """The role of a row, wherever it stands."""
    return row.get("key", row)["role"]


def domains(call: Call) -> Listing:
    """The e-mail domains of a page for one use."""
    organization = administered(call, call["organizationalPage"])
    return Listing(email_domains(organization, call.world, call.get("useCase")), dict)


def acl(call: Call, organization: Organization, role: str, state: str) -> dict[str, Any]:
    """One role; the showcase page's stands without `key`, its parts beside the state."""
    seed, founded = call.world.seed, call.world.founded_ms
    founder, admin = willing(seed, 1, wants=organization is COMPANY), willing(seed, 20)
    parts = {"organization": organization.urn, "role": role, "roleAssignee": person(seed, 0)}
    stamps = {
        "created": stamp(seed, founder, founded, admin),
        "lastModified": {**stamp(seed, admin, founded, founder), "futureNested": 0},
    }
    held = {**parts, "organizationTarget": organization.urn} if organization is SHOWCASE else {"key": parts}
    return {**held, "state": state, **stamps}


ACTION = Union({family: Wrapped("actionType", Enum(*types)) for family, types in ACTIONS.items()})
OF_ORGANIZATION = ListOf(Wrapped("organization", ORGANIZATION))


def authorizations_of(call: Call, action: tuple[str, str]) -> Listing:
    """The organizations for which the member may take an action; one action is beyond the member's role."""
    if action[1] == BEYOND_THE_ROLE:
        raise denied(f"{call.action} for {action[1]}")
    return Listing(authorizations(call.world, *action), dict)


def accounts_of(call: Call, organization: str) -> Listing:
    """The Business Manager accounts that an organization is linked to."""
    return Listing(account_links(administered(call, organization), call.world), dict)


BUSINESS_MANAGER = (
    Resource(
        "dmaBusinessManagerAccountOrganizations",
        (
            BatchFinder(
                "organizations",
                "organizations",
                {"organizations": ListOf(ORGANIZATION)},
                accounts_of,
                paging=OFFSET,
                others={"organizations": (("organizations", OF_ORGANIZATION), ("criteria", OF_ORGANIZATION))},
            ),
        ),
    ),
    Resource(
        "dmaBusinessManagerAccounts",
        looked_up(by_number("businessManagerAccount"), lambda call, urn: account(call.world, urn)),
    ),
)
RESOURCES = (
    *BUSINESS_MANAGER,
    Resource(
        "dmaOrganizationAuthorizations",
        (
            BatchFinder(
                "authorizationActionsAndImpersonator",
                "authorizationActions",
                {"authorizationActions": ListOf(Wrapped("authorizationAction", ACTION))},
                authorizations_of,
                paging=Offset(links=False, total=False),
                others={"impersonator": (("impersonator", Urn("person")),)},
            ),
        ),
    ),
    Resource(
        "dmaOrganizationAcls",
        (
            Finder(
                "organization",
                {"organization": ORGANIZATION},
                roles_on_organization,
                may_take={"role": ROLE, "state": STATE},
                paging=OFFSET,
                others={
                    "organization": (
                        ("organization", Wrapped("value", ORGANIZATION)),
                        ("organizationTarget", ORGANIZATION),
                    ),
                    **PLAIN,
                },
            ),
            Finder(
                "roleAssignee",
                {},
                roles_of_member,
                may_take={
                    "role": ROLE,
                    "state": STATE,
                    "scopeFilter": Record({"enabled": Enum("true", "false")}),
                },
                paging=OFFSET,
                others=PLAIN,
            ),
        ),
    ),
    Resource(
        "dmaOrganizationalPageEmailDomainMapping",
        (
            Finder(
                "organizationalPageAndUseCase",
                {"organizationalPage": PAGE, "useCase": Enum("VERIFICATION")},
                domains,
                others={
                    **others("organizationalPage", BY_PAGE),
                    "useCase": (("useCase", Enum("WORK_EMAIL_VERIFICATION")), None),
                },
            ),
        ),
    ),
    Resource(
        "dmaVerificationAgents",
        (owned("organizationalPage", BY_PAGE, verification_agents, paging=LINKS_ONLY),),
    ),
)
