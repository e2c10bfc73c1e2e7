"""Which columns hold the key of another stream's rows: for joins, diagrams and comments on tables.

A column that may name one of several kinds of things, such as a person or a page, joins to several streams. A row
is missing there if LinkedIn does not show the thing, or if that stream is not selected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tap_linkedin_dma.stream_types.base import DmaStream

_ORGANIZATION = ("organizations.organization", "organization_lookup.organization")
_PAGE = ("page_profiles.entity_urn", "organizations.organizational_page")
_PERSON = ("people.person",)
_ACTOR = (*_PERSON, *_ORGANIZATION)
_POST = ("posts.id",)
_ANY_POST = (*_POST, "content_public_urls.urn")
_ACTIVITY = ("activities.urn",)
_CONSENT = ("member_authorizations.member",)

BY_NAME: Mapping[str, Sequence[str]] = {
    "actor": _ACTOR,
    "comment": ("comments.urn",),
    "container": ("events.urn",),
    "content_series": ("content_series.content_series_urn",),
    "dimension_value": ("functions.urn", "industries.urn", "seniorities.urn", "geos.geo"),
    "lead_gen_form": ("lead_gen_forms.urn",),
    "live_video": ("live_videos.live_video",),
    "organization": ("organizations.organization",),
    "organizational_page": _PAGE,
    "post": _POST,
    "role_assignee": _PERSON,
}
"""By the name of a column, in every stream that has it."""

BY_COLUMN: Mapping[str, Sequence[str]] = {
    "my_organization_acls.organization_target": _ORGANIZATION,
    "organizations.industries[]": ("industries.urn",),
    "organizations.industries_v2[]": ("industries.urn",),
    "organizations.locations[].geoLocation": ("geos.geo",),
    "organizations.parent_relationship.parent": _ORGANIZATION,
    "page_profiles.primary_page_entity.organization": _ORGANIZATION,
    "child_organizations.organizational_page": (),
    "child_organizations.industries[]": ("industries.urn",),
    "child_organizations.industries_v2[]": ("industries.urn",),
    "child_organizations.locations[].geoLocation": ("geos.geo",),
    "child_organizations.parent_relationship.parent": _ORGANIZATION,
    "organization_lookup.organization": (),
    "organization_lookup.locations[].geoLocation": ("geos.geo",),
    "notifications.organizational_entity": _ORGANIZATION,
    "notifications.source_post": _POST,
    "notifications.generated_activity": ("comments.urn", *_POST),
    "notifications.subscriber": _ACTOR,
    "organization_acls.organization_target": _ORGANIZATION,
    "organization_authorizations.organization": _ORGANIZATION,
    "organization_authorizations.impersonator": _PERSON,
    "services_page_providers.provider": _ACTOR,
    "content_series.owner": _ORGANIZATION,
    "content_series.issues[]": ("original_articles.linked_in_article_urn",),
    "content_series.latest_issue": ("original_articles.linked_in_article_urn",),
    "series_subscribers.subscriber": _PERSON,
    "original_articles.author": _ACTOR,
    "original_articles.authors[].author": _ACTOR,
    "message_threads.membership[].identity": (*_PERSON, *_PAGE),
    "messages.thread": ("message_threads.row_key",),
    "messages.author": (*_PERSON, *_PAGE),
    "messages.owner": (*_PERSON, *_PAGE),
    "events.organizer": _ACTOR,
    "events.ugc_post": _POST,
    "events.type.online.format.liveVideo.liveVideo": ("live_videos.live_video",),
    "event_role_assignments.event": ("events.urn",),
    "lead_gen_forms.owner": _ORGANIZATION,
    "lead_gen_form_versions.urn": ("lead_gen_forms.urn",),
    "lead_gen_form_versions.owner": _ORGANIZATION,
    "lead_gen_form_responses.owner": _ORGANIZATION,
    "lead_gen_form_responses.submitter": _PERSON,
    "lead_gen_form_responses.associated_entity.event": ("events.urn",),
    "instant_reposts.reposted_content": _ANY_POST,
    "instant_reposts.author": _ACTOR,
    "posts.author": _ACTOR,
    "posts.reshare_context.parent": _ANY_POST,
    "posts.reshare_context.root": _ANY_POST,
    "posts.content.reference.id": ("events.urn", "ingested_content_summaries.urn", "content_public_urls.urn"),
    "social_metadata.entity": _POST,
    "comments.root_post": _ANY_POST,
    "comments.parent_comment": ("comments.urn",),
    "comments.object": _ACTIVITY,
    "comments.agent": _ACTOR,
    "comment_social_metadata.entity": ("comments.urn",),
    "comment_reactions.entity": _ACTIVITY,
    "comment_reactions.root": _ACTIVITY,
    "reactions.entity": _ACTIVITY,
    "reactions.root": _ACTIVITY,
    "post_instant_reposts.reposted_content": _POST,
    "post_instant_reposts.author": _ACTOR,
    "reshares.author": _ACTOR,
    "reshares.reshare_context.parent": _POST,
    "reshares.reshare_context.root": _ANY_POST,
    "post_gestures.source_entity": _POST,
    "creator_analytics.target_entity": _POST,
    "followers.follower": _PERSON,
    "followers.followee": _PAGE,
    "following.follower": _PAGE,
    "live_videos.live_video": (),
    "live_videos.author.member": _PERSON,
    "live_videos.author.organization": _ORGANIZATION,
    "activities.domain_entity": (*_POST, "comments.urn", "original_articles.linked_in_article_urn"),
    "industries.children_industries[]": ("industries.urn",),
    "industries.parent_industries[]": ("industries.urn",),
    "degrees.rollup": ("degrees.urn",),
    "fields_of_study.rollup_ids[]": ("fields_of_study.urn",),
    "titles.function": ("functions.urn",),
    "titles.super_title": ("super_titles.urn",),
    "member_snapshots.member": _CONSENT,
    "member_changelog.owner": _CONSENT,
    "member_changelog.actor": (),
}
"""By stream and column, if the name does not say it all; a path leads to a value inside the column."""


class Join(NamedTuple):
    """A column, or a value inside it, and the key that it holds."""

    path: str
    """The column, and steps below it: `reshare_context.root`, `industries[]`."""

    stream: str
    column: str

    @property
    def source(self) -> str:
        """The column alone."""
        return self.path.partition(".")[0].removesuffix("[]")


def targets_of(stream: type[DmaStream], column: str) -> Mapping[str, Sequence[str]]:
    """The keys that a column may hold, as `stream.column`, by the path to them."""
    found: dict[str, list[str]] = {}
    for join in joins_of(stream):
        if join.source == column:
            found.setdefault(join.path, []).append(f"{join.stream}.{join.column}")
    return found


def joins_of(stream: type[DmaStream]) -> Sequence[Join]:
    """The joins of a stream's columns, in the order of its columns."""
    found = []
    for name in stream.schema["properties"]:
        own = {
            column.removeprefix(f"{stream.name}."): targets
            for column, targets in BY_COLUMN.items()
            if column.startswith((f"{stream.name}.{name}.", f"{stream.name}.{name}[]"))
            or column == f"{stream.name}.{name}"
        }
        for path, targets in (own or {name: BY_NAME.get(name, ())}).items():
            keys = [target.split(".") for target in targets if target != f"{stream.name}.{name}"]
            found += [Join(path, *key) for key in keys]
    return found
