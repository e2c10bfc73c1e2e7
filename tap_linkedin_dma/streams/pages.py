"""Pages: their profiles, who follows whom, and notifications to admins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    AUDIT,
    MEDIA,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    PERSON,
    PERSON_KEY,
    TEXT,
    TIMESTAMP,
    URN,
    audit_columns,
    columns,
    key,
    localized,
    member_data,
    object_of,
    organization_schema,
    page_schema,
)
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap


class PageProfiles(Finder):
    """Profiles of an organization's pages; there may be none, or several.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "page_profiles"
    resource = "dmaOrganizationalPageProfiles"
    finder = "pageEntity"
    params = {"pageEntity": {"organization": "{organization}"}, "locale": "{locale}"}
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("entity_urn",)
    field_paths = AUDIT
    schema = columns(
        key("entity_urn", URN, description="URN of the page: urn:li:organizationalPage:NUMBER."),
        th.Property("organization", URN),
        *localized(
            "name",
            description="Name by locale: `localized` has a text for each locale, `preferredLocale` says which one to "
            "prefer.",
        ),
        *localized("description", description="Description by locale, in the same form as `name`."),
        th.Property("page_url", TEXT, description="Address of the page."),
        th.Property("vanity_name", TEXT),
        th.Property(
            "logo", object_of(digitalmediaAsset=MEDIA), description="Logo: a link to the image, which expires."
        ),
        th.Property("cover_image", ANY_OBJECT, description="Cover image; LinkedIn does not document its form."),
        th.Property(
            "page_profile_entity",
            ANY_OBJECT,
            description="Entity of which the page is a profile, as LinkedIn sends it.",
        ),
        th.Property(
            "primary_page_entity",
            object_of("organization", organization=URN),
            description="Organization to which the page belongs, as a URN in `organization`.",
        ),
        *audit_columns(),
    )

    def elements(self, context: Context) -> Iterator[ListingPage]:
        """The listing, requested once a run: `Organizations` takes an organization's page from it too."""
        asked = (context["organization"], context.get("cursor"))
        if asked not in self._listings:
            self._listings[asked] = list(super().elements(context))
        yield from self._listings[asked]

    @cached_property
    def _listings(self) -> dict[tuple[str, str | None], Sequence[ListingPage]]:
        return {}

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        run_context.run.shared.page_profiles = self.profiles_of

    def profiles_of(self, organization: str) -> Sequence[Entity]:
        """The profiles of an organization's pages; none if LinkedIn refuses to show them."""
        with suppress(*self.skippable_errors):
            return [profile for batch in self.elements({"organization": organization}) for profile in batch]
        return ()


class _Follows(Finder):
    """Who follows whom; LinkedIn answers once a minute, both finders together."""

    paging = "cursor"
    page_size = 1000
    parent_stream_type = Organizations


_FOLLOW_COLUMNS = (
    th.Property(
        "edge_type",
        TEXT,
        description="Kind of follow: MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE or "
        "ORGANIZATIONAL_PAGE_FOLLOWS_ORGANIZATIONAL_PAGE.",
    ),
    th.Property("last_modified_at", TIMESTAMP, description="Time when the follow was last changed, in UTC."),
)


class Followers(_Follows):
    """Who follows a page: members who agreed to be shown, members who did not, and pages.

    LinkedIn leaves followers out: the rows are not the follower count.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-follows/organizational-page-follow
    """

    name = "followers"
    resource = "dmaOrganizationalPageFollows"
    finder = "followee"
    params = {"followee": "{organizational_page}"}
    evidence = "documented"
    primary_keys = ("organizational_page", "row_key")
    id_fields = ("follower",)
    visibility_columns = ("follower",)
    drop_repeats = True
    schema = columns(
        key("organizational_page", URN),
        key("row_key", PERSON_KEY),
        th.Property("organization", URN),
        th.Property(
            "follower",
            PERSON,
            description="URN of the person or page that follows; NULL if LinkedIn does not show the person.",
        ),
        th.Property("followee", URN, description="URN of the page that is followed."),
        *_FOLLOW_COLUMNS,
        MEMBER_VISIBILITY,
        others=OTHERS_OF_MEMBER,
    )


class Following(_Follows):
    """Which pages a page follows.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-follows/organizational-page-follow
    """

    name = "following"
    resource = "dmaOrganizationalPageFollows"
    finder = "follower"
    params = {"follower": "{organizational_page}"}
    evidence = "derived"
    primary_keys = ("organizational_page", "followee")
    schema = columns(
        key("organizational_page", URN),
        key("followee", URN, description="URN of the page that is followed."),
        th.Property("organization", URN),
        th.Property("follower", URN, description="URN of the organization's own page, which follows."),
        *_FOLLOW_COLUMNS,
    )


class SearchAppearance(Finder):
    """How a page showed up in searches; LinkedIn discontinued this in January 2026.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
    """

    name = "search_appearance"
    resource = "dmaOrganizationSearchAppearance"
    finder = "organization"
    params = {"organization": "{organization}"}
    evidence = "inferred"
    selected_by_default = False
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema()


class Notifications(Finder):
    """Notifications to a page's admins: reactions, comments and mentions.

    LinkedIn is known to keep such notifications for 60 days.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations/organization-social-action-notifications
    """

    name = "notifications"
    resource = "dmaOrganizationalPageNotifications"
    finder = "organizationalPage"
    params = {"organizationalPage": "{organizational_page}"}
    evidence = "inferred"
    parent_stream_type = Organizations
    append_only = True
    primary_keys = ("organizational_page", "row_key")
    key_is_of = "event"
    id_fields = ("notificationId", "entityUrn", "$URN", "urn", "id")
    schema = page_schema(
        th.Property("notification_id", TEXT, description="Id of the notification."),
        th.Property("organizational_entity", URN, description="URN of the organization that is notified."),
        th.Property(
            "action",
            TEXT,
            description="Action of which the notification is, such as a comment, a reaction or a mention, in "
            "LinkedIn's words.",
        ),
        th.Property("source_post", URN, description="URN of the post on which the action was taken."),
        th.Property(
            "generated_activity", URN, description="URN of what the action made: a comment, a reaction or a post."
        ),
        th.Property("last_modified_at", TIMESTAMP, description="Time of the notification's last change, in UTC."),
        th.Property("subscriber", PERSON, description="URN of the person or page that receives the notification."),
        th.Property(
            "decorated_source_post",
            member_data(ANY_OBJECT),
            description="Post on which the action was taken, as LinkedIn sends it.",
        ),
        th.Property(
            "decorated_generated_activity",
            member_data(ANY_OBJECT),
            description="Comment, reaction or post that the action made, as LinkedIn sends it.",
        ),
    )
