"""Settings: who holds which role on which organization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from singer_sdk import typing as th

from tap_linkedin_dma import urns
from tap_linkedin_dma.access import Finder
from tap_linkedin_dma.rows import Entity
from tap_linkedin_dma.shapes import AUDIT, TEXT, URN, audited, columns, key, record
from tap_linkedin_dma.stream import Parent


class MyOrganizationAcls(Finder):
    """The organizations that the member behind the token administers.

    Source: https://learn.microsoft.com/en-us/linkedin/compliance/integrations/organizations/organization-access-control
    """

    name = "my_organization_acls"
    resource = "dmaOrganizationAcls"
    finder = "roleAssignee"
    params = {"role": {"value": "ADMINISTRATOR"}, "state": {"value": "APPROVED"}}
    paging = "offset"
    page_size = 100
    evidence = "observed"
    primary_keys = ("organization", "role")
    sources = {
        "organization": ("key.organization", "organization", "organizationTarget"),
        "role": ("key.role", "role"),
        "role_assignee": ("key.roleAssignee", "roleAssignee"),
        **AUDIT,
    }
    schema = columns(
        key("organization", URN),
        key("role"),
        th.Property("role_assignee", URN),
        th.Property("state", TEXT),
        th.Property("organization_target", URN),
        th.Property("key", record(organization=URN, role=TEXT, roleAssignee=URN)),
        *audited(),
    )

    def elements(self, parent: Parent) -> Iterator[Sequence[Entity]]:
        """Asked for once a run, since it also tells which organizations there are to read."""
        yield from self._listing

    def organizations(self) -> Sequence[str]:
        """The URNs of the organizations listed, each once."""
        rows = [self.row(element, {}, self.new_keys()) for elements in self._listing for element in elements]
        named = dict.fromkeys(row["organization"] for row in rows if row)
        return [urn for urn in named if urns.key(urn).isdecimal()]

    @cached_property
    def _listing(self) -> Sequence[Sequence[Entity]]:
        return list(super().elements({}))
