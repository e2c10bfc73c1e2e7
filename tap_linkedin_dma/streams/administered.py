"""The organizations to read, and the page of each, with which most of LinkedIn's resources are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Protocol, cast

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.products import PAGES
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch


class NamesOrganizations(Protocol):
    """The stream that lists the roles of the token's member."""

    def organizations(self) -> Sequence[str]:
        """The URNs of the organizations with a role on them."""


class Administered(DmaStream):
    """Organizations that the settings name, or all that the member administers."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """LinkedIn has no listing of them: their numbers come from the settings or from the member's roles."""
        numbers = self._numbers()
        entities = self.client.batch_get(self.resource, numbers, **self.request_params(contexts.items[0]))
        for number in numbers:
            if number not in entities:
                self.skip(f"organization {number}", f"LinkedIn does not show it. {_WHAT_TO_DO}")
        if not entities:
            msg = f"LinkedIn shows none of those to read. {_WHAT_TO_DO}"
            raise DmaError(msg)
        child_contexts = [self._context(number, entity) for number, entity in entities.items()]
        self.run_context.run.referenced_urns.mark_known(
            self.name, (context["organization"] for context in child_contexts)
        )
        rows = [
            self.row(entity, {"id": int(number), "organization": context["organization"]})
            for (number, entity), context in zip(entities.items(), child_contexts, strict=True)
        ]
        yield RecordBatch([row for row in rows if row], list(zip(child_contexts, rows, strict=True)))

    def _numbers(self) -> Sequence[str]:
        wanted = self.config["organizations"]
        if not wanted:
            wanted = cast("NamesOrganizations", self._tap.streams["my_organization_acls"]).organizations()
        if not wanted:
            msg = f"The token's member administers no organization. {_WHAT_TO_DO}"
            raise DmaError(msg)
        return list(dict.fromkeys(urns.key(str(organization)) for organization in wanted))

    def _context(self, number: str, entity: Entity) -> Context:
        organization = f"urn:li:organization:{number}"
        batch = self._page_of(organization, entity) if self.children else None
        return {"organization": organization, "organizational_page": batch}

    def _page_of(self, organization: str, entity: Entity) -> str:
        """The organizationalPage URN, from the profile that fits this organization best where the entity lacks it."""
        if isinstance(batch := entity.get("organizationalPage"), str):
            return batch
        finder = cast("Finder", self._tap.streams["page_profiles"])
        listed: list[Entity] = []
        with suppress(*finder.skippable_errors):
            listed = [profile for batch in finder.elements({"organization": organization}) for profile in batch]
        fits = {
            str(profile["entityUrn"]): _match_score(profile, organization, entity)
            for profile in listed
            if "entityUrn" in profile
        }
        best = max(fits, key=lambda urn: fits[urn], default=None)
        if best and (fits[best] > 0 or (len(listed) == 1 and fits[best] == 0)):
            return best
        self.logger.warning(
            "organizations: LinkedIn names no page for %s. Its own number is taken, which may be wrong.", organization
        )
        return f"urn:li:organizationalPage:{urns.key(organization)}"


_WHAT_TO_DO = PAGES.access


def _match_score(profile: Entity, organization: str, entity: Entity) -> int:
    """How well a profile fits an organization: the more the better, 0 for no sign, -1 for another's.

    LinkedIn's finder may answer profiles of other pages too, and echo there what was asked for.
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
