"""What goes over the wire: the raw request lines of each stream, as LinkedIn reads them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox
from tests.conftest import NOW
from tests.support.plain import DAY_MS, PlainLinkedIn, read, urn_of
from tests.support.runs import run

NOW_MS = int(NOW.timestamp() * 1000)
TODAY_MS = int(NOW.replace(hour=0, minute=0).timestamp() * 1000)
METRICS = "List(IMPRESSIONS,UNIQUE_IMPRESSIONS,CLICKS,COMMENTS,REACTIONS,REPOSTS,ENGAGEMENT_RATE,CTR)"


def lines(sandbox: Sandbox, resource: str) -> list[str]:
    """The raw request targets, in order."""
    return [f"{request.path}?{request.query}".rstrip("?") for request in sandbox.requests_to(resource)]


@pytest.fixture
def names(sandbox: Sandbox) -> dict[str, Any]:
    """Numbers of the company, its page and what it has, and the window of a run that starts a day ago."""
    truth = sandbox.world.truth
    company = truth.organizations[0]
    return {
        "organization": company.urn.rpartition(":")[2],
        "page": company.page_urn.rpartition(":")[2],
        "start": TODAY_MS - 24 * 60 * 60 * 1000,
        "end": TODAY_MS,
        "now": NOW_MS,
        "event": truth.events[0],
        "series": next(iter(truth.subscribers)).rpartition(":")[2],
        "thread": quote(next(iter(truth.messages)), safe=""),
    }


@pytest.mark.parametrize(
    ("stream", "resource", "line"),
    [
        ("me", "dmaMe", "/rest/dmaMe"),
        (
            "my_organization_acls",
            "dmaOrganizationAcls",
            "/rest/dmaOrganizationAcls?q=roleAssignee&role=(value:ADMINISTRATOR)&state=(value:APPROVED)&start=0&count=100",
        ),
        (
            "organizations",
            "dmaOrganizations",
            "/rest/dmaOrganizations?ids=List({organization})&locale=(language:en,country:US)",
        ),
        (
            "page_profiles",
            "dmaOrganizationalPageProfiles",
            "/rest/dmaOrganizationalPageProfiles?q=pageEntity"
            "&pageEntity=(organization:urn%3Ali%3Aorganization%3A{organization})&locale=(language:en,country:US)",
        ),
        (
            "posts",
            "dmaFeedContentsExternal",
            "/rest/dmaFeedContentsExternal?q=postsByAuthor"
            "&author=urn%3Ali%3Aorganization%3A{organization}&maxPaginationCount=1000",
        ),
        (
            "instant_reposts",
            "dmaFeedContentsExternal",
            "/rest/dmaFeedContentsExternal?q=repostsByReposter"
            "&reposter=urn%3Ali%3Aorganization%3A{organization}&maxPaginationCount=1000",
        ),
        (
            "followers",
            "dmaOrganizationalPageFollows",
            "/rest/dmaOrganizationalPageFollows?q=followee"
            "&followee=urn%3Ali%3AorganizationalPage%3A{page}&maxPaginationCount=1000",
        ),
        (
            "following",
            "dmaOrganizationalPageFollows",
            "/rest/dmaOrganizationalPageFollows?q=follower"
            "&follower=urn%3Ali%3AorganizationalPage%3A{page}&maxPaginationCount=1000",
        ),
        (
            "page_content_trend",
            "dmaOrganizationalPageContentAnalytics",
            "/rest/dmaOrganizationalPageContentAnalytics?q=trend"
            f"&sourceEntity=urn%3Ali%3AorganizationalPage%3A{{page}}&metricTypes={METRICS}"
            "&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:DAY)",
        ),
        (
            "follower_trend",
            "dmaOrganizationalPageEdgeAnalytics",
            "/rest/dmaOrganizationalPageEdgeAnalytics?q=trend"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&analyticsType=FOLLOWER"
            "&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:DAY)",
        ),
        (
            "visitor_trend",
            "dmaOrganizationalPageEdgeAnalytics",
            "/rest/dmaOrganizationalPageEdgeAnalytics?q=trend"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&analyticsType=VISITOR"
            "&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:DAY)",
        ),
        (
            "follower_demographics",
            "dmaOrganizationalPageEdgeAnalytics",
            "/rest/dmaOrganizationalPageEdgeAnalytics?q=dimension"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&analyticsType=FOLLOWER&dimensionType=JOB_FUNCTION",
        ),
        (
            "visitor_demographics",
            "dmaOrganizationalPageEdgeAnalytics",
            "/rest/dmaOrganizationalPageEdgeAnalytics?q=dimension"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&analyticsType=VISITOR&dimensionType=JOB_FUNCTION"
            "&timeRange=(start:{start},end:{end})",
        ),
        (
            "child_organizations",
            "dmaOrganizations",
            "/rest/dmaOrganizations?q=parentOrganization"
            "&parentOrganization=urn%3Ali%3Aorganization%3A{organization}&start=0&count=10",
        ),
        (
            "search_appearance",
            "dmaOrganizationSearchAppearance",
            "/rest/dmaOrganizationSearchAppearance?q=organization"
            "&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "notifications",
            "dmaOrganizationalPageNotifications",
            "/rest/dmaOrganizationalPageNotifications?q=organizationalPage"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}",
        ),
        (
            "organization_acls",
            "dmaOrganizationAcls",
            "/rest/dmaOrganizationAcls?q=organization"
            "&organization=urn%3Ali%3Aorganization%3A{organization}&start=0&count=100",
        ),
        (
            "email_domain_mappings",
            "dmaOrganizationalPageEmailDomainMapping",
            "/rest/dmaOrganizationalPageEmailDomainMapping?q=organizationalPageAndUseCase"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&useCase=VERIFICATION",
        ),
        (
            "verification_agents",
            "dmaVerificationAgents",
            "/rest/dmaVerificationAgents?q=organizationalPage"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}",
        ),
        (
            "media_gallery",
            "dmaAdminContentMediaGallery",
            "/rest/dmaAdminContentMediaGallery?q=organization&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "employee_broadcast_analytics",
            "dmaEmployeeBroadcastAnalytics",
            "/rest/dmaEmployeeBroadcastAnalytics?q=topEmployeeBroadcasts"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&timeRange=(start:{start},end:{end})",
        ),
        (
            "employee_broadcast_demographics",
            "dmaEmployeeBroadcastAudienceDemographicAnalytics",
            "/rest/dmaEmployeeBroadcastAudienceDemographicAnalytics?q=organizationalPage"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&dimensionType=SENIORITY",
        ),
        (
            "employee_broadcast_trend",
            "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics",
            "/rest/dmaEmployeeBroadcastAudienceTimeSeriesAnalytics?q=organizationalPage"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}"
            "&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:DAY)",
        ),
        (
            "employee_broadcast_highlights",
            "dmaEmployeeBroadcastHighlights",
            "/rest/dmaEmployeeBroadcastHighlights?q=organizationalPage"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}&timeRange=(start:{start},end:{end})",
        ),
        (
            "organization_commitments",
            "dmaOrganizationCommitment",
            "/rest/dmaOrganizationCommitment?q=organization&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "content_revisions",
            "dmaOrganizationContentRevisions",
            "/rest/dmaOrganizationContentRevisions?q=history&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "life_page_traffic",
            "dmaOrganizationLifePageTrafficStatistics",
            "/rest/dmaOrganizationLifePageTrafficStatistics?q=organization"
            "&organization=urn%3Ali%3Aorganization%3A{organization}&timeRange=(start:{start},end:{end})",
        ),
        (
            "organization_photos",
            "dmaOrganizationPhotos",
            "/rest/dmaOrganizationPhotos?q=organization&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "relationship_statistics",
            "dmaOrganizationRelationshipStatistics",
            "/rest/dmaOrganizationRelationshipStatistics?q=statisticSortType"
            "&organization=urn%3Ali%3Aorganization%3A{organization}&statisticSortType=FOLLOWER_COUNT"
            "&timeRange=(start:{start},end:{end})",
        ),
        (
            "workplace_policies",
            "dmaOrganizationWorkplacePolicies",
            "/rest/dmaOrganizationWorkplacePolicies?q=organization"
            "&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "talent_brand_summaries",
            "dmaTalentBrandAnalyticSummaries",
            "/rest/dmaTalentBrandAnalyticSummaries?q=organizationAndTimeRange"
            "&organization=urn%3Ali%3Aorganization%3A{organization}&timeRange=(start:{start},end:{end})",
        ),
        (
            "products",
            "dmaOrganizationProducts",
            "/rest/dmaOrganizationProducts?q=organization&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "services_page_providers",
            "dmaOrganizationServicesPageProviders",
            "/rest/dmaOrganizationServicesPageProviders?q=organization"
            "&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "services_page_engagements",
            "dmaOrganizationServicesPageEngagements",
            "/rest/dmaOrganizationServicesPageEngagements?q=organization"
            "&organization=urn%3Ali%3Aorganization%3A{organization}",
        ),
        (
            "content_series",
            "dmaContentSeries",
            "/rest/dmaContentSeries?q=owner&owner=urn%3Ali%3Aorganization%3A{organization}&start=0&count=10",
        ),
        (
            "series_subscribers",
            "dmaSeriesSubscribers",
            "/rest/dmaSeriesSubscribers?q=contentSeries&contentSeries=urn%3Ali%3AcontentSeries%3A{series}",
        ),
        (
            "original_articles",
            "dmaOriginalArticles",
            "/rest/dmaOriginalArticles?q=author&author=urn%3Ali%3Aorganization%3A{organization}&start=0&count=50",
        ),
        (
            "message_threads",
            "dmaPageMessagingThreads",
            "/rest/dmaPageMessagingThreads?q=pageMailboxOwner&pageMailboxOwner=urn%3Ali%3AorganizationalPage%3A{page}",
        ),
        (
            "messages",
            "dmaPageMessagingMessages",
            "/rest/dmaPageMessagingMessages?q=thread&thread={thread}",
        ),
        (
            "events",
            "dmaEvents",
            "/rest/dmaEvents?q=organizer&organizer=urn%3Ali%3Aorganization%3A{organization}&maxPaginationCount=100",
        ),
        (
            "event_role_assignments",
            "dmaEventRoleAssignments",
            "/rest/dmaEventRoleAssignments?q=event&event=urn%3Ali%3Aevent%3A{event}",
        ),
        (
            "lead_gen_forms",
            "dmaLeadGenForm",
            "/rest/dmaLeadGenForm?q=owner&owner=urn%3Ali%3Aorganization%3A{organization}&start=0&count=50",
        ),
        (
            "lead_gen_form_responses",
            "dmaLeadGenFormResponse",
            "/rest/dmaLeadGenFormResponse?q=owner&owner=(organization:urn%3Ali%3Aorganization%3A{organization})"
            "&leadType=(leadType:COMPANY)&limitedToTestLeads=false"
            "&submittedAtTimeRange=(start:{start},end:{now})&start=0&count=100",
        ),
        (
            "lead_analytics",
            "dmaLeadAnalytics",
            "/rest/dmaLeadAnalytics?q=owner&owner=urn%3Ali%3Aorganization%3A{organization}"
            "&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:DAY)",
        ),
        (
            "featured_content_groups",
            "dmaPagesFeaturedContentGroups",
            "/rest/dmaPagesFeaturedContentGroups?q=page&page=urn%3Ali%3AorganizationalPage%3A{page}",
        ),
        (
            "page_credibility",
            "dmaOrganizationalPageCredibility",
            "/rest/dmaOrganizationalPageCredibility?q=page&page=urn%3Ali%3AorganizationalPage%3A{page}",
        ),
        (
            "content_ingestion_sources",
            "dmaOrganizationalPageContentIngestionSources",
            "/rest/dmaOrganizationalPageContentIngestionSources?q=organizationalPage"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}",
        ),
        (
            "visitor_of_the_day",
            "dmaOrganizationalPageVisitorOfTheDay",
            "/rest/dmaOrganizationalPageVisitorOfTheDay?q=organizationalPage"
            "&organizationalPage=urn%3Ali%3AorganizationalPage%3A{page}",
        ),
        ("member_authorizations", "memberAuthorizations", "/rest/memberAuthorizations?q=memberAndApplication"),
        ("member_snapshots", "memberSnapshotData", "/rest/memberSnapshotData?q=criteria&start=0"),
        (
            "member_changelog",
            "memberChangeLogs",
            "/rest/memberChangeLogs?q=memberAndApplication&startTime={start}&count=10&start=0",
        ),
    ],
)
def test_the_first_request_of_a_stream(
    sandbox: Sandbox, names: dict[str, Any], stream: str, resource: str, line: str
) -> None:
    """Structure stays bare, values are encoded whole, and no parameter is sent that the method lacks."""
    config: dict[str, Any] = {"organizations": [names["organization"]], "member_access_token": sandbox.member_token}
    run(sandbox, select={stream}, start_date="2026-03-01", **config)
    expected = line.format(**names)
    method, _, _ = expected.partition("&")
    assert next(asked for asked in lines(sandbox, resource) if asked.startswith(method)) == expected


@pytest.mark.parametrize(
    ("stream", "resource", "line"),
    [
        (
            "reshares",
            "dmaFeedContentsExternal",
            "/rest/dmaFeedContentsExternal?q=resharesFromEntity&entity={post}&maxPaginationCount=1000",
        ),
        (
            "post_instant_reposts",
            "dmaFeedContentsExternal",
            "/rest/dmaFeedContentsExternal?q=repostsFromEntity&entity={post}&maxPaginationCount=1000",
        ),
        (
            "comment_reactions",
            "dmaFeedContentsExternal",
            "/rest/dmaFeedContentsExternal?q=reactionsOnEntity&entity={comment}&maxPaginationCount=1000",
        ),
        ("comment_social_metadata", "dmaSocialMetadata", "/rest/dmaSocialMetadata?ids=List({comment})"),
        (
            "post_content_trend",
            "dmaOrganizationalPageContentAnalytics",
            f"/rest/dmaOrganizationalPageContentAnalytics?q=trend&sourceEntity={{post}}&metricTypes={METRICS}"
            f"&timeIntervals=(timeRange:(start:{TODAY_MS - DAY_MS},end:{TODAY_MS}),timeGranularityType:DAY)",
        ),
        (
            "post_demographics",
            "dmaOrganizationalPageContentAnalytics",
            "/rest/dmaOrganizationalPageContentAnalytics?q=postDimension"
            "&sourcePostEntity={post}&metricType=IMPRESSIONS&dimensionType=JOB_FUNCTION",
        ),
        (
            "post_gestures",
            "dmaOrganizationalPageContentAnalytics",
            "/rest/dmaOrganizationalPageContentAnalytics?q=postGestures&sourcePostEntity={post}",
        ),
        ("creator_analytics", "dmaCreatorAnalytics", "/rest/dmaCreatorAnalytics?q=targetEntity&targetEntity={post}"),
    ],
)
def test_the_requests_about_a_post_and_what_hangs_on_it(stream: str, resource: str, line: str) -> None:
    """URNs are encoded whole, the parentheses and comma of a comment's too."""
    linkedin = PlainLinkedIn()
    with linkedin:
        post = linkedin.add_post(urn_of(1), content={"article": {"title": "News"}})
        (comment,) = linkedin.add_comments(post, 1)
        linkedin.add_reactions(comment, 1)
        read(linkedin, {stream})
        asked = lines(linkedin, resource)
    assert line.format(post=quote(post, safe=""), comment=quote(comment, safe="")) in asked


def test_ids_are_read_in_lists_of_encoded_urns(sandbox: Sandbox, names: dict[str, Any]) -> None:
    """Posts, counts, comments and reactions: a comma inside a URN never splits the list."""
    options: dict[str, Any] = {"organizations": [names["organization"]]}
    run(sandbox, select={"posts", "social_metadata", "comments", "reactions"}, **options)
    truth = sandbox.world.truth
    listing = sandbox.requests_to("dmaPosts")[0].asked
    urns = [urn.replace(":", "%3A") for urn in truth.posts]
    assert listing.startswith("ids=List(urn%3Ali%3A")
    assert listing.endswith(")&viewContext=READER")
    assert any(f"{urn}," in listing for urn in urns)
    for resource, found in (("dmaComments", truth.all_comments), ("dmaReactions", truth.reactions)):
        asked = "".join(request.asked for request in sandbox.requests_to(resource))
        for thing in found:
            encoded = thing.urn
            for mark, code in ((":", "%3A"), ("(", "%28"), (")", "%29"), (",", "%2C")):
                encoded = encoded.replace(mark, code)
            assert encoded in asked or thing.post.organization.number != int(names["organization"])


def test_a_long_query_goes_as_the_body_of_a_post(sandbox: Sandbox) -> None:
    """With the method it stands for, and the other headers kept."""
    run(sandbox, select={"reactions"})
    tunnelled = [request for request in sandbox.requests_to("dmaReactions") if request.method == "POST"]
    assert tunnelled
    for request in tunnelled:
        assert request.query == ""
        assert len(request.body) > 4000
        assert request.headers["X-HTTP-Method-Override"] == "GET"
        assert request.headers["X-RestLi-Method"] == "BATCH_GET"
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert not [request for request in sandbox.requests if len(request.query) > 4000]


def test_every_request_says_version_protocol_and_token(sandbox: Sandbox) -> None:
    """And who asks."""
    run(sandbox, user_agent="acme-etl", linkedin_version="202604")
    assert sandbox.requests
    for request in sandbox.requests:
        assert request.headers["LinkedIn-Version"] == "202604"
        assert request.headers["X-Restli-Protocol-Version"] == "2.0.0"
        assert request.headers["Authorization"] == f"Bearer {sandbox.token}"
        assert request.headers["User-Agent"] == "acme-etl"
        assert request.headers["Accept"] == "application/json"


def test_stream_options_override_a_request(sandbox: Sandbox, names: dict[str, Any]) -> None:
    """A parameter is replaced, added, merged or left out, and a page made smaller."""
    options: dict[str, Any] = {
        "organizations": [names["organization"]],
        "start_date": "2026-02-01",
        "stream_options": {
            "followers": {"edgeType": "MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE", "page_size": 20},
            "page_profiles": {"locale": None},
            "follower_trend": {"timeIntervals": {"timeGranularityType": "MONTH"}},
            "posts": {"viewContext": "AUTHOR"},
        },
    }
    run(sandbox, select={"followers", "page_profiles", "follower_trend", "posts"}, **options)
    followers = lines(sandbox, "dmaOrganizationalPageFollows")[0]
    assert followers.endswith("&edgeType=MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE&maxPaginationCount=20")
    assert "locale" not in lines(sandbox, "dmaOrganizationalPageProfiles")[0]
    assert lines(sandbox, "dmaOrganizationalPageEdgeAnalytics")[0].endswith("),timeGranularityType:MONTH)")
    assert lines(sandbox, "dmaPosts")[0].endswith("&viewContext=AUTHOR")
    assert "viewContext" not in lines(sandbox, "dmaFeedContentsExternal")[0]


def test_the_page_of_an_organization_is_found_not_assumed(sandbox: Sandbox) -> None:
    """Where dmaOrganizations lacks it, the profile that names this organization has it, not the first one."""
    run(sandbox, select={"following"})
    asked = lines(sandbox, "dmaOrganizationalPageFollows")
    wanted = [organization.page_urn for organization in sandbox.world.truth.organizations]
    assert [urn for urn in wanted if any(urn.replace(":", "%3A") in line for line in asked)] == wanted
    assert len(sandbox.requests_to("dmaOrganizationalPageProfiles")) == 1


def test_the_profiles_of_an_organization_are_asked_for_once(sandbox: Sandbox) -> None:
    """Also where they tell its page, and are read as rows too."""
    result = run(sandbox, select={"following", "page_profiles"})
    organizations = [organization.urn for organization in sandbox.world.truth.organizations]
    assert len(sandbox.requests_to("dmaOrganizationalPageProfiles")) == len(organizations)
    assert set(result.values("page_profiles", "organization")) == set(organizations)
