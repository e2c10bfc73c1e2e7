"""Identity: the member behind the token, the organizations that member administers, and members that records name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import ACL, PERSON, TEXT, URN, acl, columns, key, localized, member_data, object_of
from tap_linkedin_dma.stream_types.finders import Finder, Get
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_PROFILE = (
    *localized("first_name", description="First name by locale: `localized` has a text for each locale."),
    *localized("last_name", description="Last name by locale, in the same form as `first_name`."),
    *localized("headline", description="Headline of the profile by locale, in the same form as `first_name`."),
    th.Property("vanity_name", TEXT),
    th.Property(
        "profile_picture",
        object_of("displayImage", displayImage=URN),
        description="Profile picture: the URN of its image in `displayImage`.",
    ),
)

_ID = member_data(TEXT)


class Me(Get):
    """The member behind the token.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "me"
    resource = "dmaMe"
    data_class = MEMBER
    evidence = "sibling"
    primary_keys = ("id",)
    schema = columns(key("id", _ID, description="Id of the member: the last part of its URN."), *_PROFILE)


_ASKED_FOR = {"role": "ADMINISTRATOR", "state": "APPROVED"}


class MyOrganizationAcls(Finder):
    """The organizations that the member behind the token administers.

    Source: https://learn.microsoft.com/en-us/linkedin/compliance/integrations/organizations/organization-access-control
    """

    name = "my_organization_acls"
    resource = "dmaOrganizationAcls"
    finder = "roleAssignee"
    params = {name: {"value": value} for name, value in _ASKED_FOR.items()}
    param_fallbacks = {name: ({name: value}, {}) for name, value in _ASKED_FOR.items()}
    paging = "offset"
    page_size = 100
    evidence = "observed"
    primary_keys = ("organization", "role")
    field_paths = {
        "organization": ("key.organization", "organization", "organizationTarget"),
        **ACL,
    }
    schema = columns(
        key("organization", URN, description="URN of the organization in which the member holds the role."),
        key("role", description="Role of the member, such as ADMINISTRATOR."),
        *acl(),
    )

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        run_context.run.shared.organizations = self.organizations

    def elements(self, context: Context) -> Iterator[ListingPage]:
        """The listing, requested once a run: `Organizations` reads from it which organizations there are."""
        yield from self._listing()

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row; None for another role, which LinkedIn lists too if it does not accept the parameters."""
        for name, wanted in _ASKED_FOR.items():
            paths = () if name in self.request.options else (f"key.{name}", name)
            if any(isinstance(found := get_path(entity, path), str) and found != wanted for path in paths):
                return None
        return super().row(entity, context, keys)

    def organizations(self) -> Sequence[str]:
        """The URNs of the organizations listed, each once."""
        rows = [
            self.row(element, {}, self.row_builder.new_keys()) for elements in self._listing() for element in elements
        ]
        named = dict.fromkeys(row["organization"] for row in rows if row)
        return [urn for urn in named if urns.key(urn).isdecimal()]

    def _listing(self) -> Sequence[ListingPage]:
        return self.compute_once("listing", lambda: list(super(MyOrganizationAcls, self).elements({})))


class People(Lookup):
    """Members whom other streams' records name, if they agreed to be shown.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/integrations/people/profile-api
    """

    name = "people"
    resource = "dmaPeople"
    data_class = MEMBER
    urn_types = ("person",)
    id_form = r"[A-Za-z0-9_-]{1,64}"
    params = {"ids": {"id": "{id}"}}
    param_fallbacks = {"ids": ({"ids": "{urn}"}, {"ids": "{id}"})}
    evidence = "sibling"
    identity = {"id": "{id}", "person": "{urn}"}
    primary_keys = ("id",)
    schema = columns(
        key("id", _ID, description="Id of the member: the last part of its URN."),
        th.Property("person", PERSON, description="URN of the member, as other streams' records name it."),
        *_PROFILE,
    )

    def accepts(self, urn: str) -> bool:
        """Nobody is looked up of whom nothing may leave."""
        if self.config["member_data"] == "omit":
            return False
        return super().accepts(urn) and not self.row_builder.forgets(urns.key(urn))
