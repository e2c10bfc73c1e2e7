"""What goes over the wire: the raw request lines of each stream, as LinkedIn reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.plain import DAY_MS, NOW_MS, PlainLinkedIn, read, urn_of
from tests.support.runs import run

TODAY_MS = int(NOW.replace(hour=0, minute=0).timestamp() * 1000)


def lines(sandbox: Sandbox, resource: str = "") -> list[str]:
    """The raw request targets without `/rest/`, in order; those to a resource if one is named."""
    return [
        f"{request.path}?{request.query}".rstrip("?").removeprefix("/rest/")
        for request in sandbox.requests
        if resource in ("", request.resource)
    ]


class Asked:
    """A run of all streams that starts a day ago, in French."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.truth = truth = sandbox.world.truth
        company = truth.organizations[0]
        numbers = [organization.urn.rpartition(":")[2] for organization in truth.organizations]
        config: dict[str, Any] = {"user_agent": "acme-etl", "linkedin_version": "202604", "locale": "fr_FR"}
        config |= {"member_access_token": sandbox.member_token, "start_date": "2026-03-01"}
        self.run = run(sandbox, select={stream.name for stream in STREAMS}, **config)
        self.lines = lines(sandbox)
        limits = f"start:{TODAY_MS - DAY_MS},end:{TODAY_MS}"
        self.names = {
            "numbers": ",".join(numbers),
            "organization": f"urn%3Ali%3Aorganization%3A{numbers[0]}",
            "page": f"urn%3Ali%3AorganizationalPage%3A{company.page_urn.rpartition(':')[2]}",
            "event": f"urn%3Ali%3Aevent%3A{truth.events[0]}",
            "series": quote(next(iter(truth.subscribers)), safe=""),
            "thread": quote(next(iter(truth.messages)), safe=""),
            "video": quote(self.run.values("live_videos", "live_video")[0], safe=""),
            "start": TODAY_MS - DAY_MS,
            "now": NOW_MS,
            "period": f"timeRange=({limits})",
            "days": f"timeIntervals=(timeRange:({limits}),timeGranularityType:DAY)",
            "metrics": "List(IMPRESSIONS,UNIQUE_IMPRESSIONS,CLICKS,COMMENTS,REACTIONS,REPOSTS,ENGAGEMENT_RATE,CTR)",
            "locale": "locale=(language:fr,country:FR)",
        }


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    with Sandbox(World(posts=24, followers=40, seed=3, now=NOW)) as sandbox:
        yield Asked(sandbox)


REQUESTS = {
    "me": "dmaMe",
    "my_organization_acls": "dmaOrganizationAcls?q=roleAssignee&role=(value:ADMINISTRATOR)&state=(value:APPROVED)"
    "&start=0&count=100",
    "organizations": "dmaOrganizations?ids=List({numbers})&{locale}",
    "page_profiles": "dmaOrganizationalPageProfiles?q=pageEntity&pageEntity=(organization:{organization})&{locale}",
    "posts": "dmaFeedContentsExternal?q=postsByAuthor&author={organization}&maxPaginationCount=1000",
    "instant_reposts": "dmaFeedContentsExternal?q=repostsByReposter&reposter={organization}&maxPaginationCount=1000",
    "followers": "dmaOrganizationalPageFollows?q=followee&followee={page}&maxPaginationCount=1000",
    "following": "dmaOrganizationalPageFollows?q=follower&follower={page}&maxPaginationCount=1000",
    "page_content_trend": "dmaOrganizationalPageContentAnalytics?q=trend&sourceEntity={page}"
    "&metricTypes={metrics}&{days}",
    "follower_trend": "dmaOrganizationalPageEdgeAnalytics?q=trend&organizationalPage={page}"
    "&analyticsType=FOLLOWER&{days}",
    "visitor_trend": "dmaOrganizationalPageEdgeAnalytics?q=trend&organizationalPage={page}"
    "&analyticsType=VISITOR&{days}",
    "follower_demographics": "dmaOrganizationalPageEdgeAnalytics?q=dimension&organizationalPage={page}"
    "&analyticsType=FOLLOWER&dimensionType=JOB_FUNCTION",
    "visitor_demographics": "dmaOrganizationalPageEdgeAnalytics?q=dimension&organizationalPage={page}"
    "&analyticsType=VISITOR&dimensionType=JOB_FUNCTION&{period}",
    "child_organizations": "dmaOrganizations?q=parentOrganization&parentOrganization={organization}&start=0&count=10",
    "search_appearance": "dmaOrganizationSearchAppearance?q=organization&organization={organization}",
    "notifications": "dmaOrganizationalPageNotifications?q=organizationalPage&organizationalPage={page}",
    "organization_acls": "dmaOrganizationAcls?q=organization&organization={organization}&start=0&count=100",
    "organization_authorizations": "dmaOrganizationAuthorizations?bq=authorizationActionsAndImpersonator"
    "&authorizationActions=List("
    "(authorizationAction:(organizationAnalyticsAuthorizationAction:(actionType:FOLLOWER_ANALYTICS_READ))),"
    "(authorizationAction:(organizationContentAuthorizationAction:(actionType:ORGANIC_SHARE_CREATE))))"
    "&start=0&count=100",
    "email_domain_mappings": "dmaOrganizationalPageEmailDomainMapping?q=organizationalPageAndUseCase"
    "&organizationalPage={page}&useCase=VERIFICATION",
    "verification_agents": "dmaVerificationAgents?q=organizationalPage&organizationalPage={page}",
    "media_gallery": "dmaAdminContentMediaGallery?q=organization&organization={organization}",
    "employee_broadcast_analytics": "dmaEmployeeBroadcastAnalytics?q=topEmployeeBroadcasts"
    "&organizationalPage={page}&{period}",
    "employee_broadcast_demographics": "dmaEmployeeBroadcastAudienceDemographicAnalytics?q=organizationalPage"
    "&organizationalPage={page}&dimensionType=SENIORITY",
    "employee_broadcast_trend": "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics?q=organizationalPage"
    "&organizationalPage={page}&{days}",
    "employee_broadcast_highlights": "dmaEmployeeBroadcastHighlights?q=organizationalPage"
    "&organizationalPage={page}&{period}",
    "organization_commitments": "dmaOrganizationCommitment?q=organization&organization={organization}",
    "content_revisions": "dmaOrganizationContentRevisions?q=history&organization={organization}",
    "life_page_traffic": "dmaOrganizationLifePageTrafficStatistics?q=organization&organization={organization}&{period}",
    "organization_photos": "dmaOrganizationPhotos?q=organization&organization={organization}",
    "relationship_statistics": "dmaOrganizationRelationshipStatistics?q=statisticSortType"
    "&organization={organization}&statisticSortType=FOLLOWER_COUNT&{period}",
    "workplace_policies": "dmaOrganizationWorkplacePolicies?q=organization&organization={organization}",
    "talent_brand_summaries": "dmaTalentBrandAnalyticSummaries?q=organizationAndTimeRange"
    "&organization={organization}&{period}",
    "products": "dmaOrganizationProducts?q=organization&organization={organization}",
    "services_page_providers": "dmaOrganizationServicesPageProviders?q=organization&organization={organization}",
    "services_page_engagements": "dmaOrganizationServicesPageEngagements?q=organization&organization={organization}",
    "content_series": "dmaContentSeries?q=owner&owner={organization}&start=0&count=10",
    "series_subscribers": "dmaSeriesSubscribers?q=contentSeries&contentSeries={series}",
    "original_articles": "dmaOriginalArticles?q=author&author={organization}&start=0&count=50",
    "message_threads": "dmaPageMessagingThreads?q=pageMailboxOwner&pageMailboxOwner={page}",
    "messages": "dmaPageMessagingMessages?q=thread&thread={thread}",
    "events": "dmaEvents?q=organizer&organizer={organization}&maxPaginationCount=100",
    "event_role_assignments": "dmaEventRoleAssignments?q=event&event={event}",
    "live_viewer_counts": "dmaLiveViewerCountAnalytics?q=statistics&liveVideo={video}",
    "lead_gen_forms": "dmaLeadGenForm?q=owner&owner={organization}&start=0&count=50",
    "lead_gen_form_responses": "dmaLeadGenFormResponse?q=owner&owner=(organization:{organization})"
    "&leadType=(leadType:COMPANY)&limitedToTestLeads=false&submittedAtTimeRange=(start:{start},end:{now})"
    "&start=0&count=100",
    "lead_analytics": "dmaLeadAnalytics?q=owner&owner={organization}&{days}",
    "featured_content_groups": "dmaPagesFeaturedContentGroups?q=page&page={page}",
    "page_credibility": "dmaOrganizationalPageCredibility?q=page&page={page}",
    "content_ingestion_sources": "dmaOrganizationalPageContentIngestionSources?q=organizationalPage"
    "&organizationalPage={page}",
    "visitor_of_the_day": "dmaOrganizationalPageVisitorOfTheDay?q=organizationalPage&organizationalPage={page}",
    "career_page_settings": "dmaCareerPageSettings/{organization}",
    "degrees": "dmaDegrees?{locale}&start=0&count=100",
    "fields_of_study": "dmaFieldsOfStudy?{locale}&start=0&count=100",
    "functions": "dmaFunctions?locale=fr_FR&start=0&count=500",
    "industries": "dmaIndustryTaxonomyVersions/DEFAULT/dmaIndustries?{locale}&start=0&count=100",
    "skills": "dmaSkills?{locale}&start=0&count=100",
    "standardized_industries": "dmaStandardizedIndustries?{locale}&start=0&count=500",
    "seniorities": "dmaStandardizedSeniorities?{locale}&start=0&count=500",
    "super_titles": "dmaSuperTitles?locale=fr_FR&start=0&count=100",
    "titles": "dmaTitles?locale=fr_FR&start=0&count=100",
    "member_authorizations": "memberAuthorizations?q=memberAndApplication",
    "member_snapshots": "memberSnapshotData?q=criteria&start=0",
    "member_changelog": "memberChangeLogs?q=memberAndApplication&startTime={start}&count=10&start=0",
}


@pytest.mark.parametrize("stream", REQUESTS)
def test_the_first_request_of_a_stream(asked: Asked, stream: str) -> None:
    """Structure stays bare, and values are encoded whole."""
    assert REQUESTS[stream].format_map(asked.names) in asked.lines


def test_no_request_has_a_parameter_that_its_method_lacks(asked: Asked) -> None:
    assert [request.asked for request in asked.sandbox.requests if request.status == 400] == []


NUMBER = "[0-9]+"
LOOKUPS = {
    "people": ("dmaPeople", r"\(id:[A-Za-z0-9_-]+\)"),
    "organization_lookup": ("dmaOrganizationLookup", NUMBER),
    "live_videos": ("dmaLiveVideos", NUMBER),
    "product_categories": ("dmaProductCategories", NUMBER),
    "business_manager_accounts": ("dmaBusinessManagerAccounts", NUMBER),
    "targeted_contents": (
        "dmaOrganizationTargetedContents",
        r"urn%3Ali%3AorganizationTargetedContent%3A(\d+|%28urn%3Ali%3Aorganization%3A\d+%2C\d+%29)",
    ),
    "activities": ("dmaActivities", r"urn%3Ali%3Aactivity%3A\d+"),
    "content_public_urls": ("dmaContentPublicUrl", r"urn%3Ali%3A\w+%3A\d+"),
    "ingested_content_summaries": ("dmaIngestedContentSummaries", r"urn%3Ali%3A(article|ingestedContent)%3A\d+"),
    "benefits": ("dmaBenefitTaxonomyVersions/DEFAULT/dmaBenefits", NUMBER),
    "featured_commitments": ("dmaFeaturedCommitmentTaxonomyVersions/DEFAULT/dmaFeaturedCommitment", NUMBER),
    "geos": ("dmaGeo", NUMBER),
}


@pytest.mark.parametrize("stream", LOOKUPS)
def test_a_lookup_asks_by_ids_in_the_form_of_its_resource(asked: Asked, stream: str) -> None:
    """A bare list; whole URNs or what follows their kind, encoded."""
    path, id_ = LOOKUPS[stream]
    more = re.escape("&locale=(language:fr,country:FR)") if stream == "geos" else ""
    found = lines(asked.sandbox, path.rpartition("/")[2])
    assert found
    for line in found:
        assert re.fullmatch(rf"{path}\?ids=List\({id_}(,{id_})*\){more}", line)


OF_POSTS = {
    "reshares": "dmaFeedContentsExternal?q=resharesFromEntity&entity={post}&maxPaginationCount=1000",
    "post_instant_reposts": "dmaFeedContentsExternal?q=repostsFromEntity&entity={post}&maxPaginationCount=1000",
    "comment_reactions": "dmaFeedContentsExternal?q=reactionsOnEntity&entity={comment}&maxPaginationCount=1000",
    "comment_social_metadata": "dmaSocialMetadata?ids=List({comment})",
    "post_content_trend": "dmaOrganizationalPageContentAnalytics?q=trend&sourceEntity={post}"
    "&metricTypes={metrics}&{days}",
    "post_demographics": "dmaOrganizationalPageContentAnalytics?q=postDimension&sourcePostEntity={post}"
    "&metricType=IMPRESSIONS&dimensionType=JOB_FUNCTION",
    "post_gestures": "dmaOrganizationalPageContentAnalytics?q=postGestures&sourcePostEntity={post}",
    "creator_analytics": "dmaCreatorAnalytics?q=targetEntity&targetEntity={post}",
}


def test_the_requests_about_a_post_and_what_hangs_on_it(linkedin: PlainLinkedIn, asked: Asked) -> None:
    """URNs are encoded whole, the parentheses and comma of a comment's too."""
    post = linkedin.add_post(urn_of(1), content={"article": {"title": "News"}})
    (comment,) = linkedin.add_comments(post, 1)
    linkedin.add_reactions(comment, 1)
    read(linkedin, {*OF_POSTS})
    names = {**asked.names, "post": quote(post, safe=""), "comment": quote(comment, safe="")}
    assert {line.format_map(names) for line in OF_POSTS.values()} - {*lines(linkedin)} == set()


BY_IDS = {"posts", "social_metadata", "comments", "reactions"}


def test_ids_are_read_in_lists_of_encoded_urns(sandbox: Sandbox) -> None:
    """A comma inside a URN never splits the list. A long one goes as the body of a POST, with the method meant."""
    run(sandbox, select=BY_IDS)
    truth = sandbox.world.truth
    listing = sandbox.requests_to("dmaPosts")[0].asked
    assert listing.startswith("ids=List(urn%3Ali%3A")
    assert listing.endswith(")&viewContext=READER")
    assert any(f"{quote(urn)}," in listing for urn in truth.posts)
    for resource, found in (("dmaComments", truth.all_comments), ("dmaReactions", truth.reactions)):
        queries = "".join(request.asked for request in sandbox.requests_to(resource))
        assert [thing.urn for thing in found if quote(thing.urn, safe="") not in queries] == []
    tunnelled = [request for request in sandbox.requests_to("dmaReactions") if request.method == "POST"]
    assert tunnelled
    for request in tunnelled:
        assert request.query == ""
        assert len(request.body) > 4000
        assert request.headers["X-HTTP-Method-Override"] == "GET"
        assert request.headers["X-RestLi-Method"] == "BATCH_GET"
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert not [request for request in sandbox.requests if len(request.query) > 4000]


BY_CRITERIA = {"business_manager_account_organizations"}


def test_every_stream_has_its_request_here() -> None:
    """A new one has its own line added, unless it makes no requests; `test_batch_finder.py` has the one by criteria."""
    asking = {stream.name for stream in STREAMS if not issubclass(stream, DerivedStream)}
    assert asking - {*REQUESTS, *LOOKUPS, *OF_POSTS, *BY_IDS, *BY_CRITERIA} == set()


def test_viewers_are_asked_for_by_each_live_video_that_linkedin_has_shown(asked: Asked) -> None:
    shown = [quote(urn) for urn in asked.run.values("live_videos", "live_video")]
    found = [line for line in lines(asked.sandbox, "dmaLiveViewerCountAnalytics") if "start=" not in line]
    assert found == [f"dmaLiveViewerCountAnalytics?q=statistics&liveVideo={urn}" for urn in shown]


def test_every_request_says_version_protocol_and_token(asked: Asked) -> None:
    """And who asks; the member's own token and version are tested with its streams."""
    for request in asked.sandbox.requests:
        assert request.headers["X-Restli-Protocol-Version"] == "2.0.0"
        assert request.headers["User-Agent"] == "acme-etl"
        assert request.headers["Accept"] == "application/json"
        if not request.resource.startswith("member"):
            assert request.headers["LinkedIn-Version"] == "202604"
            assert request.headers["Authorization"] == f"Bearer {asked.sandbox.token}"


def test_stream_options_override_a_request(sandbox: Sandbox) -> None:
    """A parameter is replaced, added, merged or left out, and a page made smaller."""
    options = {
        "followers": {"edgeType": "MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE", "page_size": 20},
        "page_profiles": {"locale": None},
        "follower_trend": {"timeIntervals": {"timeGranularityType": "MONTH"}},
        "posts": {"viewContext": "AUTHOR"},
    }
    run(sandbox, select={*options}, start_date="2026-02-01", stream_options=options)
    followers = lines(sandbox, "dmaOrganizationalPageFollows")[0]
    assert followers.endswith("&edgeType=MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE&maxPaginationCount=20")
    assert "locale" not in lines(sandbox, "dmaOrganizationalPageProfiles")[0]
    assert lines(sandbox, "dmaOrganizationalPageEdgeAnalytics")[0].endswith("),timeGranularityType:MONTH)")
    assert lines(sandbox, "dmaPosts")[0].endswith("&viewContext=AUTHOR")
    assert "viewContext" not in lines(sandbox, "dmaFeedContentsExternal")[0]


def test_the_page_of_an_organization_is_found_not_assumed(sandbox: Sandbox) -> None:
    """If dmaOrganizations lacks it, the profile that names this organization has it, not the first one."""
    run(sandbox, select={"following"})
    asked = " ".join(lines(sandbox, "dmaOrganizationalPageFollows"))
    wanted = [organization.page_urn for organization in sandbox.world.truth.organizations]
    assert [urn for urn in wanted if quote(urn) in asked] == wanted
    assert len(sandbox.requests_to("dmaOrganizationalPageProfiles")) == 1


def test_the_profiles_of_an_organization_are_asked_for_once(asked: Asked) -> None:
    """Also if they tell its page, and are read as rows too."""
    organizations = [organization.urn for organization in asked.truth.organizations]
    assert len(asked.sandbox.requests_to("dmaOrganizationalPageProfiles")) == len(organizations)
    assert {*asked.run.values("page_profiles", "organization")} == {*organizations}


def test_other_forms_of_ids_read_the_same() -> None:
    """Whichever of its forms LinkedIn takes."""
    lookups = {
        "people": "dmaPeople",
        "live_videos": "dmaLiveVideos",
        "product_categories": "dmaProductCategories",
        "business_manager_accounts": "dmaBusinessManagerAccounts",
    }
    select = {*lookups, "comments", "posts", "events", "products", "business_manager_account_organizations"}
    select |= {"live_viewer_counts"}
    viewers = {f"dmaLiveViewerCountAnalytics.{name}" for name in ("liveVideo", "timeRange")}
    with Sandbox(World(posts=4, followers=1, now=NOW)) as sandbox:
        usual = run(sandbox, select=select).records
        for form in (1, 2):
            sandbox.world.guesses = {f"{resource}.ids": form for resource in lookups.values()}
            sandbox.world.guesses |= dict.fromkeys(viewers, form)
            others = run(sandbox, select=select).records
            for stream in lookups:
                assert others[stream] == usual[stream] != []
            assert others["live_viewer_counts"]
