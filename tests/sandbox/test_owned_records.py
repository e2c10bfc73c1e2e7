"""What stands in the listings that an organization or its page owns: fields, keys, shapes, and consent."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import DAY, ORGANIZATION, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import BY_NAME, NAMES, START, body, elements

STAMPS = {f"{stamp}.{part}" for stamp in ("created", "lastModified") for part in ("time", "actor", "impersonator")}
ROLE = {"organization", "role", "roleAssignee"}
FIELDS = {
    "dmaOrganizationAcls": {*ROLE, *(f"key.{name}" for name in ROLE), "organizationTarget", "state", *STAMPS},
    "dmaOrganizationalPageNotifications": {
        "notificationId",
        "organizationalEntity",
        "action",
        "sourcePost",
        "generatedActivity",
        "lastModifiedAt",
        "subscriber",
        "decoratedSourcePost",
        "decoratedGeneratedActivity",
    },
    "dmaOrganizations": {
        "id",
        "organizationalPage",
        "localizedName",
        "vanityName",
        "parentRelationship.parent",
        "employeeExperienceSettingsV2",
        "logoV2.cropped.downloadUrlExpiresAt",
        "locations[].address.line1",
    },
    "dmaContentSeries": {
        "contentSeriesUrn",
        "owner",
        "title",
        "description",
        "issues[]",
        "subscriberCount",
        "cadence",
        "latestIssue",
        *STAMPS,
    },
    "dmaOriginalArticles": {
        "linkedInArticleUrn",
        "title",
        "contentHtml",
        "state",
        "author",
        "publishedAt",
        "createdAt",
        "lastModifiedAt",
        "coverImage",
        "coverMediaV2",
        "authors[].author",
        "authors[].type",
        "content",
        "created",
        "lastModified",
        "id",
        "version",
    },
    "dmaPageMessagingThreads": {"membership", "membership[].identity"},
}
REMOVABLE = {
    "dmaOrganizationAcls": {"key.roleAssignee", "roleAssignee", "created.actor", "lastModified.impersonator"},
    "dmaOrganizationalPageNotifications": {"subscriber", "decoratedGeneratedActivity"},
    "dmaContentSeries": {"created.actor", "created.impersonator", "lastModified.actor", "lastModified.impersonator"},
    "dmaOriginalArticles": {"author"},
    "dmaEmployeeBroadcastAnalytics": {"employee"},
    "dmaOrganizationContentRevisions": {"created.actor"},
    "dmaOrganizationServicesPageEngagements": {"member"},
}
OWN_KEYS = {
    "dmaOrganizationalPageEmailDomainMapping": {"id"},
    "dmaVerificationAgents": {"verificationAgentsUrn"},
    "dmaOrganizationalPageNotifications": {"notificationId"},
    "dmaPagesFeaturedContentGroups": {"$URN"},
    "dmaOrganizationalPageCredibility": {"urn"},
    "dmaOrganizationalPageContentIngestionSources": {"id"},
    "dmaAdminContentMediaGallery": {"entityUrn"},
    "dmaEmployeeBroadcastAnalytics": {"$URN"},
    "dmaOrganizationCommitment": {"organizationCommitmentUrn"},
    "dmaOrganizationContentRevisions": {"organizationContentRevisionsUrn", "entityUrn"},
    "dmaOrganizationPhotos": {"id"},
    "dmaOrganizationRelationshipStatistics": {"id"},
    "dmaOrganizationWorkplacePolicies": {"id"},
    "dmaOrganizationProducts": {"entityUrn", "$URN"},
    "dmaOrganizationServicesPageEngagements": {"id"},
    "dmaPageMessagingThreads": {"threadUrn"},
}
LINKED = ("dmaAdminContentMediaGallery", "dmaOrganizationPhotos", "dmaOrganizationProducts")
LINK = re.compile(r'"downloadUrl(?:ExpiresAt)?": [^,}]+')


def paths(value: Any, name: str = "") -> Iterator[str]:
    """The dotted path of everything in an element; items of an array stand below its name and []."""
    if name:
        yield name
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from paths(entry, f"{name}.{key}".lstrip("."))
    if isinstance(value, list):
        for entry in value:
            yield from paths(entry, f"{name}[]")


def text(rows: list[dict[str, Any]]) -> str:
    """Elements as canonical text, without what changes on each call."""
    return LINK.sub("", json.dumps(rows, sort_keys=True))


@pytest.mark.parametrize("resource", FIELDS)
def test_every_field_stands_on_some_element(client: Client, resource: str) -> None:
    """All that is known of the resource's payload."""
    found = {path for element in elements(client, resource) for path in paths(element)}
    assert FIELDS[resource] - found == set()


@pytest.mark.parametrize("resource", REMOVABLE)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_members_without_consent_are_left_out(resource: str, seed: int) -> None:
    """Each removable field stands on some elements and lacks on others, and is never null."""
    with Sandbox(World(now=NOW, seed=seed)) as sandbox, closing(Client(sandbox)) as client:
        rows = elements(client, resource)
    holders = Counter(path for row in rows for path in set(paths(row)))
    for field in REMOVABLE[resource]:
        assert 0 < holders[field] < len(rows)
    assert '": null' not in json.dumps(rows)


def test_a_member_of_a_conversation_without_consent_has_no_identity(client: Client) -> None:
    """The page's own identity is always there."""
    rows = elements(client, "dmaPageMessagingThreads")
    named = [sum("identity" in member for member in row["membership"]) for row in rows]
    assert set(named) == {1, 2}
    assert {row["membership"][0]["identity"] for row in rows} == {"urn:li:organizationalPage:61552904"}


@pytest.mark.parametrize("resource", OWN_KEYS)
def test_some_elements_have_a_key_of_their_own_and_some_have_none(client: Client, resource: str) -> None:
    """A reader must hash the rest; no key comes twice."""
    keys = OWN_KEYS[resource]
    rows = elements(client, resource)
    found = [row[key] for row in rows for key in keys if key in row]
    assert 0 < len(found) < len(rows)
    assert len(set(map(str, found))) == len(found)
    assert keys == {key for row in rows for key in keys if key in row}


def test_ids_are_numbers_on_some_and_texts_on_others(client: Client) -> None:
    """Within a listing of notifications, and from resource to resource."""
    notified = {type(row.get("notificationId")) for row in elements(client, "dmaOrganizationalPageNotifications")}
    assert notified == {int, str, type(None)}
    for resource, kind in (("dmaOrganizationPhotos", int), ("dmaOrganizationWorkplacePolicies", str)):
        assert {type(row["id"]) for row in elements(client, resource) if "id" in row} == {kind}


@pytest.mark.parametrize("owner", ["company", "showcase"])
def test_two_policies_are_alike(client: Client, owner: str) -> None:
    """To the last byte, without a key."""
    rows = elements(client, "dmaOrganizationWorkplacePolicies", owner)
    assert rows[0] == rows[1]
    assert "id" not in rows[0]


def test_two_engagements_on_two_pages_are_alike(client: Client) -> None:
    """The last of one page and the first of the next: an ordinal must count over pages."""
    rows = elements(client, "dmaOrganizationServicesPageEngagements")
    assert rows[9] == rows[10]
    assert Counter(json.dumps(row, sort_keys=True) for row in rows).most_common(1)[0][1] == 2


@pytest.mark.parametrize(
    ("resource", "field"),
    [
        ("dmaContentSeries", "title"),
        ("dmaContentSeries", "description"),
        ("dmaOriginalArticles", "title"),
        ("dmaOriginalArticles", "contentHtml"),
        ("dmaOriginalArticles", "content"),
        ("dmaOrganizationProducts", "name"),
    ],
)
def test_texts_come_in_both_shapes(client: Client, resource: str, field: str) -> None:
    """A plain string on one element, an object on another."""
    assert {type(row[field]) for row in elements(client, resource) if field in row} == {str, dict}


def test_roles_stand_under_key_or_bare(client: Client) -> None:
    """Never both; who holds one is the same in either place."""
    rows = elements(client, "dmaOrganizationAcls")
    assert {("key" in row, "role" in row) for row in rows} == {(True, False), (False, True)}
    assert {row.get("key", row)["organization"] for row in rows} == {"urn:li:organization:90417283"}


def test_articles_may_lack_the_time_of_their_change(client: Client) -> None:
    """They are in no order of time; a draft was never published."""
    rows = elements(client, "dmaOriginalArticles")
    times = [row["lastModifiedAt"] for row in rows if "lastModifiedAt" in row]
    assert 0 < len(times) < len(rows)
    assert times not in (sorted(times), sorted(times, reverse=True))
    assert [row["state"] for row in rows if "publishedAt" not in row] == ["DRAFT"]


def test_the_showcase_page_is_a_child_of_the_company(client: Client) -> None:
    """Each child names the organization asked about as its parent."""
    rows = elements(client, "dmaOrganizations")
    assert 90417391 in [row["id"] for row in rows]
    assert {row["parentRelationship"]["parent"] for row in rows} == {"urn:li:organization:90417283"}


def test_one_visitor_of_the_day_at_most(client: Client) -> None:
    """The company's, who consents; a page that is not Premium has none."""
    (visit,) = elements(client, "dmaOrganizationalPageVisitorOfTheDay")
    assert visit["visitor"].startswith("urn:li:person:")
    assert elements(client, "dmaOrganizationalPageVisitorOfTheDay", "showcase") == []


def test_figures_grow_with_the_range(client: Client) -> None:
    """More days, more visitors; without a range, those of the page's whole life."""
    target = f"dmaOrganizationLifePageTrafficStatistics?q=organization&organization={ORGANIZATION}"
    views = [
        sum(row["views"]["total"] for row in body(client, target + more)["elements"])
        for more in (f"&timeRange=(start:{START},end:{START + days * DAY})" for days in (7, 70))
    ]
    assert views[0] < views[1] < sum(row["views"]["total"] for row in body(client, target)["elements"])


def test_a_broadcast_trend_has_one_element_per_interval(client: Client) -> None:
    """Without an interval there is one, for all the page's life."""
    days = elements(client, "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics")
    assert [row["timeRange"]["start"] for row in days] == [START + day * DAY for day in range(30)]
    listing = BY_NAME["dmaEmployeeBroadcastAudienceTimeSeriesAnalytics"]
    assert len(body(client, listing.of().removesuffix(f"&{listing.more}"))["elements"]) == 1


@pytest.mark.parametrize("resource", NAMES)
def test_the_same_seed_gives_the_same_and_a_tick_changes_nothing(resource: str) -> None:
    """Apart from links that expire."""
    found = []
    for ticks in (0, 3):
        world = World(now=NOW)
        with Sandbox(world) as sandbox, closing(Client(sandbox)) as client:
            world.tick(ticks)
            found.append(text(elements(client, resource)))
    assert found[0] == found[1]


@pytest.mark.parametrize("resource", LINKED)
def test_links_are_other_on_each_call(client: Client, resource: str) -> None:
    """All else is the same."""
    first, second = elements(client, resource), elements(client, resource)
    assert first != second
    assert text(first) == text(second)


def test_another_seed_is_another_world() -> None:
    """Numbers differ."""
    found = []
    for seed in (1, 2):
        with Sandbox(World(now=NOW, seed=seed)) as sandbox, closing(Client(sandbox)) as client:
            found.append({row["contentSeriesUrn"] for row in elements(client, "dmaContentSeries")})
    assert not found[0] & found[1]
