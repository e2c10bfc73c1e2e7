"""Requests that LinkedIn refuses: one test, or one case, per malformed variant of the contract."""

from __future__ import annotations

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import DAY, FORM, HEADERS, ORGANIZATION, PAGE, SHOWCASE, STRANGER, Client, window

FEED = "dmaFeedContentsExternal"
FOLLOWS = "dmaOrganizationalPageFollows"
PROFILES = "dmaOrganizationalPageProfiles"
CONTENT = "dmaOrganizationalPageContentAnalytics"
EDGE = "dmaOrganizationalPageEdgeAnalytics"
SHARE = "urn%3Ali%3Ashare%3A7200000000000000001"
REPOST = "urn%3Ali%3AinstantRepost%3A%28urn%3Ali%3Ashare%3A71%2C72%29"
RANGE = "(start:1772323200000,end:1772409600000)"
DAY_WINDOW = f"timeIntervals=(timeRange:{RANGE},timeGranularityType:DAY)"

RIGHT = [
    "dmaMe",
    f"{FEED}?q=postsByAuthor&author={ORGANIZATION}",
    f"{FEED}?author={ORGANIZATION}&maxPaginationCount=1000&q=postsByAuthor",
    f"{FEED}?q=repostsByReposter&reposter={ORGANIZATION}&maxPaginationCount=0",
    "dmaPosts?ids=List(urn%3Ali%3Ashare%3A1,urn%3Ali%3AugcPost%3A2)&viewContext=READER",
    "dmaPosts?ids=List(urn%3Ali%3AgroupPost%3A1-2)&viewContext=AUTHOR",
    "dmaComments?ids=List(urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A123%2C456%29)",
    "dmaReactions?ids=List(urn%3Ali%3Areaction%3A%28urn%3Ali%3Aperson%3AABC%2Curn%3Ali%3Aactivity%3A123%29)",
    f"dmaInstantReposts?ids=List({REPOST})",
    f"dmaSocialMetadata?ids=List({SHARE},urn%3Ali%3Aactivity%3A7)",
    "dmaOrganizations?ids=List(42,99)&locale=(language:en,country:US)",
    "dmaOrganizations/90417283",
    f"{PROFILES}?q=pageEntity&pageEntity=(organization:{ORGANIZATION})&locale=(language:en,country:US)",
    f"{PROFILES}/{PAGE}",
    f"{FOLLOWS}?q=followee&followee={PAGE}&edgeType=MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE",
    f"{FOLLOWS}?q=follower&follower={PAGE}",
    "dmaOrganizationAcls?q=roleAssignee&role=(value:ADMINISTRATOR)&state=(value:APPROVED)&start=0&count=100",
    "dmaOrganizationAcls?q=roleAssignee&scopeFilter=(enabled:false)",
    f"{CONTENT}?q=trend&sourceEntity={PAGE}&metricTypes=List(IMPRESSIONS,CTR)&{DAY_WINDOW}",
    f"{EDGE}?q=trend&organizationalPage={PAGE}&analyticsType=VISITOR&{DAY_WINDOW}&sourceType=JOBS",
    f"{EDGE}?q=dimension&organizationalPage={PAGE}&analyticsType=VISITOR&dimensionType=INDUSTRY&timeRange={RANGE}",
]


@pytest.mark.parametrize("target", RIGHT)
def test_the_right_form_is_answered(client: Client, target: str) -> None:
    """Each form the contract gives as right answers 200; each wrong one below differs from one of these."""
    assert client.get(target).status == 200


@pytest.mark.parametrize(
    "target",
    [
        f"{FEED}?q=postsByAuthor&author=urn:li:organization:90417283",
        "dmaComments?ids=List(urn%3Ali%3Acomment%3A(urn%3Ali%3Aactivity%3A123,456))",
        f"{FEED}?q=commentsOnEntity&entity=urn:li:comment:(urn:li:activity:71,900)",
        f"{PROFILES}?q=pageEntity&pageEntity=(organization:urn:li:organization:90417283)",
        f"{EDGE}?q=dimension&organizationalPage=urn:li:organizationalPage:61552904&analyticsType=FOLLOWER"
        "&dimensionType=INDUSTRY",
        f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&paginationCursor=M18=",
        f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&paginationCursor=",
        f"{CONTENT}?q=trend&sourceEntity={PAGE}&metricTypes=IMPRESSIONS,CLICKS&{DAY_WINDOW}",
        "dmaPosts?ids=List()",
        f"dmaPosts?ids=List({SHARE})&ids=List({SHARE})",
        f"{PROFILES}/urn:li:organizationalPage:61552904",
        f"{FEED}?q=bestPosts&author={ORGANIZATION}",
    ],
)
def test_text_that_cannot_be_read_is_an_illegal_argument(client: Client, target: str) -> None:
    """Bare colons, bare structure in values, empty values and lists, and a parameter given twice."""
    answer = client.get(target)
    assert (answer.status, answer.code) == (400, "ILLEGAL_ARGUMENT")


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("dmaPosts?ids=List%28urn%3Ali%3Ashare%3A1%2Curn%3Ali%3AugcPost%3A2%29", "ids"),
        (f"dmaPosts?ids={SHARE}", "ids"),
        ("dmaPosts?ids=List(urn%253Ali%253Ashare%253A1)", "ids"),
        ("dmaPosts?ids=List(7200000000000000001)", "ids"),
        ("dmaPosts?ids=List(urn%3Ali%3Ashare%3A01)", "ids"),
        ("dmaPosts?ids=List(urn%3Ali%3Ashare%3A%D9%A3)", "ids"),
        ("dmaPosts?ids=List(urn%3Ali%3Ashare%3A72000000000000000011)", "ids"),
        ("dmaPosts?ids=List(urn%3Ali%3Ashare%3A1%20)", "ids"),
        ("dmaPosts?ids=List(urn%3Ali%3Ashare%3A1%2Curn%3Ali%3Ashare%3A2)", "ids"),
        (f"dmaPosts?ids=List({SHARE})&viewContext=EDITOR", "viewContext"),
        (f"dmaPosts?ids=List({','.join(['urn%3Ali%3Ashare%3A1'] * 101)})", "ids"),
        (f"dmaOrganizations?ids=List({ORGANIZATION})", "ids"),
        ("dmaOrganizations?ids=List(42)&locale=en_US", "locale"),
        ("dmaOrganizations?ids=List(42)&locale=(language:en)", "locale.country"),
        ("dmaOrganizations?ids=List(42)&locale=(language:en,country:US,variant:x)", "locale.variant"),
        (f"{PROFILES}?q=pageEntity&pageEntity={ORGANIZATION}", "pageEntity"),
        (f"{PROFILES}?q=pageEntity&pageEntity=%28organization%3A{ORGANIZATION}%29", "pageEntity"),
        (f"{PROFILES}?q=pageEntity&pageEntity=(organizationalPage:{PAGE})", "pageEntity.organizationalPage"),
        (f"{PROFILES}?q=pageEntity", "pageEntity"),
        ("dmaOrganizationAcls?q=roleAssignee&role=ADMINISTRATOR", "role"),
        ("dmaOrganizationAcls?q=roleAssignee&state=(value:MAYBE)", "state.value"),
        ("dmaOrganizationAcls?q=roleAssignee&count=101", "count"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&maxPaginationCount=1001", "maxPaginationCount"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&maxPaginationCount=-1", "maxPaginationCount"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&maxPaginationCount=ten", "maxPaginationCount"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&maxPaginationCount=010", "maxPaginationCount"),
        (f"{FEED}?q=postsByAuthor&author=List({ORGANIZATION})", "author"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&paginationCursor=M18%3D", "paginationCursor"),
        (f"{FOLLOWS}?q=followee&followee={PAGE}&maxPaginationCount=1001", "maxPaginationCount"),
        (f"{FOLLOWS}?q=followee&followee={PAGE}&edgeType=FRIEND", "edgeType"),
    ],
)
def test_a_value_of_another_form_is_named(client: Client, target: str, field: str) -> None:
    """Encoded structure, missing lists, bare enums, values out of bounds: 400 PARAM_INVALID and the field's path."""
    answer = client.get(target)
    assert (answer.status, answer.code) == (400, "PARAM_INVALID")
    assert answer.body["errorDetails"]["inputErrors"][0]["input"]["inputPath"]["fieldPath"] == field


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (f"{FEED}?q=postsByAuthor&author={PAGE}", "author"),
        (f"{FEED}?q=repostsByReposter&reposter={PAGE}", "reposter"),
        (f"{FEED}?q=commentsOnEntity&entity={REPOST}", "entity"),
        (f"{FEED}?q=reactionsOnEntity&entity={REPOST}", "entity"),
        (f"{FEED}?q=reactionsOnEntity&entity={ORGANIZATION}", "entity"),
        (f"{FEED}?q=repostsFromEntity&entity={REPOST}", "entity"),
        (f"{FEED}?q=resharesFromEntity&entity=urn%3Ali%3Aactivity%3A7", "entity"),
        (f"dmaPosts?ids=List({SHARE},{REPOST})", "ids"),
        ("dmaPosts?ids=List(urn%3Ali%3Aactivity%3A7)", "ids"),
        (f"dmaComments?ids=List({SHARE})", "ids"),
        (f"dmaComments?ids=List({REPOST})", "ids"),
        ("dmaComments?ids=List(456)", "ids"),
        (f"dmaReactions?ids=List({REPOST})", "ids"),
        ("dmaReactions?ids=List(urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A1%2C2%29)", "ids"),
        (f"dmaInstantReposts?ids=List({SHARE})", "ids"),
        (f"dmaSocialMetadata?ids=List({REPOST})", "ids"),
        (f"{FOLLOWS}?q=followee&followee={ORGANIZATION}", "followee"),
        (f"{FOLLOWS}?q=follower&follower={ORGANIZATION}", "follower"),
        (f"{PROFILES}?q=pageEntity&pageEntity=(organization:{PAGE})", "pageEntity.organization"),
        (f"{PROFILES}/{ORGANIZATION}", "key"),
        (f"{CONTENT}?q=trend&sourceEntity={ORGANIZATION}&metricTypes=List(CTR)&{DAY_WINDOW}", "sourceEntity"),
        (f"{CONTENT}?q=trend&sourceEntity={REPOST}&metricTypes=List(CTR)&{DAY_WINDOW}", "sourceEntity"),
        (f"{EDGE}?q=trend&organizationalPage={ORGANIZATION}&analyticsType=VISITOR&{DAY_WINDOW}", "organizationalPage"),
    ],
)
def test_the_wrong_kind_of_urn_is_named(client: Client, target: str, field: str) -> None:
    """Each resource takes the kinds the contract lists; one instantRepost among ids refuses the whole batch."""
    answer = client.get(target)
    assert (answer.status, answer.code) == (400, "PARAM_INVALID")
    assert answer.body["errorDetails"]["inputErrors"][0]["input"]["inputPath"]["fieldPath"] == field


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("dmaMe?fields=id", "fields"),
        (f"dmaPosts?ids=List({SHARE})&view=READER", "view"),
        (f"dmaPosts?ids=List({SHARE})&maxPaginationCount=10", "maxPaginationCount"),
        ("dmaOrganizations?ids=List(42)&locale.language=en&locale.country=US", "locale.language"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&start=0", "start"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&count=10", "count"),
        (f"{FEED}?q=postsByAuthor&author={ORGANIZATION}&entity={SHARE}", "entity"),
        (f"{FOLLOWS}?q=followee&followee={PAGE}&start=0&count=10", "start"),
        (f"{FOLLOWS}?q=follower&follower={PAGE}&edgeType=MEMBER_FOLLOWS_ORGANIZATIONAL_PAGE", "edgeType"),
        ("dmaOrganizationAcls?q=roleAssignee&maxPaginationCount=10", "maxPaginationCount"),
        (f"{PROFILES}?q=pageEntity&pageEntity=(organization:{ORGANIZATION})&start=0", "start"),
        (f"{CONTENT}?q=trend&sourceEntity={PAGE}&metricType=List(CTR)&{DAY_WINDOW}", "metricType"),
        (f"{CONTENT}?q=trend&sourceEntity={PAGE}&metricTypes=List(CTR)&timeRange={RANGE}", "timeRange"),
        (
            f"{EDGE}?q=dimension&organizationalPage={PAGE}&analyticsType=VISITOR&dimensionType=INDUSTRY&{DAY_WINDOW}",
            "timeIntervals",
        ),
        (f"{EDGE}?q=trend&organizationalPage={PAGE}&analyticsType=FOLLOWER&timeRange={RANGE}", "timeRange"),
    ],
)
def test_a_parameter_that_the_method_lacks_is_not_allowed(client: Client, target: str, field: str) -> None:
    """Unknown parameters are refused, those of the other paging style and of protocol 1.0 among them."""
    answer = client.get(target)
    assert (answer.status, answer.code) == (400, "QUERY_PARAM_NOT_ALLOWED")
    assert field in answer.body["message"]


def trend(client: Client, text: str, metrics: str = "metricTypes=List(IMPRESSIONS)") -> tuple[int, object]:
    """Status and code of a content trend with this text for its interval."""
    answer = client.get(f"{CONTENT}?q=trend&sourceEntity={PAGE}&{metrics}&{text}")
    return answer.status, answer.code


@pytest.mark.parametrize(
    "text",
    [
        f"timeIntervals=List((timeRange:{RANGE},timeGranularityType:DAY))",
        "timeIntervals=%28timeRange%3A%28start%3A1772323200000%2Cend%3A1772409600000%29%29",
        f"timeIntervals={RANGE}",
        "timeIntervals=(timeRange:(start:1772323200000))",
        f"timeIntervals=(timeRange:{RANGE},timeGranularityType:HOUR)",
        "timeIntervals=(timeRange:(start:1772323200001,end:1772409600000))",
        "timeIntervals=(timeRange:(start:1772323200000,end:1772409599999))",
        "timeIntervals=(timeRange:(start:1772409600000,end:1772323200000))",
        "timeIntervals=(timeRange:(start:1772323200000,end:1772323200000))",
        "timeIntervals=(timeRange:(start:2026-03-01,end:2026-03-02))",
    ],
)
def test_an_interval_of_another_form_is_refused(client: Client, text: str) -> None:
    """A list, encoded structure, a bare range, a range out of order, empty or off whole UTC days."""
    assert trend(client, text) == (400, "PARAM_INVALID")


def test_fourteen_months_are_the_most(client: Client) -> None:
    """A window of 14 months is answered, one day more is refused, on trend and on dimension."""
    end = 1_775_001_600_000  # 2026-04-01
    start = 1_738_368_000_000  # 2025-02-01
    assert trend(client, window(start, end))[0] == 200
    assert trend(client, window(start - DAY, end)) == (400, "PARAM_INVALID")
    visitors = f"{EDGE}?q=dimension&organizationalPage={PAGE}&analyticsType=VISITOR&dimensionType=INDUSTRY"
    assert client.get(f"{visitors}&timeRange=(start:{start},end:{end})").status == 200
    assert client.get(f"{visitors}&timeRange=(start:{start - DAY},end:{end})").status == 400


@pytest.mark.parametrize("metrics", ["metricTypes=List(IMPRESSIONS,ACQUIRED_FOLLOWS)", "metricTypes=IMPRESSIONS"])
def test_an_unknown_metric_type_refuses_the_whole_request(client: Client, metrics: str) -> None:
    """So does a metric type that is no list."""
    assert trend(client, DAY_WINDOW, metrics) == (400, "PARAM_INVALID")


def test_a_page_section_is_for_visitors_only(client: Client) -> None:
    """`sourceType` with FOLLOWER is refused."""
    target = f"{EDGE}?q=trend&organizationalPage={PAGE}&analyticsType=FOLLOWER&{DAY_WINDOW}&sourceType=JOBS"
    assert client.get(target).code == "PARAM_INVALID"


@pytest.mark.parametrize(
    "target",
    [
        "dmaNothing?ids=List(1)",
        "posts?ids=List(1)",
        f"dmaPosts/{SHARE}",
        f"dmaSocialMetadata/{SHARE}",
        "dmaComments/urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A123%2C456%29",
        "dmaPosts",
        "dmaMe/1",
        f"dmaMe?ids=List({SHARE})",
        f"dmaPosts/{SHARE}/comments",
        f"{FEED}?ids=List({SHARE})",
    ],
)
def test_what_does_not_exist_answers_404(client: Client, target: str) -> None:
    """An unknown resource, a method that the resource lacks, a GET by key where only BATCH_GET is."""
    answer = client.get(target)
    assert answer.status == answer.body["status"] == 404


@pytest.mark.parametrize(
    "target",
    [
        f"{FEED}?q=postsByAuthor&author={STRANGER}",
        f"{FEED}?q=repostsByReposter&reposter=urn%3Ali%3Aorganization%3A5",
        f"{PROFILES}?q=pageEntity&pageEntity=(organization:{STRANGER})",
        f"{FOLLOWS}?q=followee&followee=urn%3Ali%3AorganizationalPage%3A90417283",
        f"{FOLLOWS}?q=follower&follower=urn%3Ali%3AorganizationalPage%3A61557743",
        f"{CONTENT}?q=trend&sourceEntity=urn%3Ali%3AorganizationalPage%3A61557743&metricTypes=List(CTR)&{DAY_WINDOW}",
    ],
)
def test_an_organization_that_is_not_administered_is_denied(client: Client, target: str) -> None:
    """403 ACCESS_DENIED, naming resource and method; the organization's number is not the page's."""
    answer = client.get(target)
    assert (answer.status, answer.code, answer.body["serviceErrorCode"]) == (403, "ACCESS_DENIED", 100)
    assert answer.body["message"].startswith("Not enough permissions to access: dma")


def test_the_showcase_page_is_administered(client: Client) -> None:
    """The second organization answers where the third is denied."""
    assert client.get(f"{FEED}?q=postsByAuthor&author={SHOWCASE}").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_reads_only(client: Client, method: str) -> None:
    """Every method other than GET is refused, a POST without the override too."""
    assert client.send(method, "/rest/dmaMe", HEADERS).status == 405


def test_a_query_over_4_kb_is_too_long(client: Client) -> None:
    """4096 bytes pass, one more answers 414."""
    bare = f"q=postsByAuthor&author={ORGANIZATION}&paginationCursor="
    fits = bare + "a" * (4096 - len(bare))
    assert client.get(f"{FEED}?{fits}").status == 400
    assert client.get(f"{FEED}?{fits}a").status == 414


def test_a_path_segment_over_4_kb_is_too_long(client: Client) -> None:
    """A key of 4096 characters passes, one more answers 414."""
    assert client.get(f"dmaOrganizations/{'1' * 4096}").status == 400
    assert client.get(f"dmaOrganizations/{'1' * 4097}").status == 414


def test_a_url_over_8_kb_is_too_long(client: Client) -> None:
    """Several segments that each fit are too long together."""
    assert client.get("/".join(["dmaMe", "1" * 4000, "1" * 4000])).status == 404
    assert client.get("/".join(["dmaMe", "1" * 4000, "1" * 4000, "1" * 400])).status == 414


def test_a_head_over_28_kb_is_too_long(client: Client) -> None:
    """Headers and URL together have a limit."""
    assert client.send("GET", "/rest/dmaMe", {**HEADERS, "X-Long": "a" * 28_000}).status == 200
    assert client.send("GET", "/rest/dmaMe", {**HEADERS, "X-Long": "a" * 29_000}).status == 414


TUNNEL = {**HEADERS, **FORM, "X-HTTP-Method-Override": "GET", "X-RestLi-Method": "BATCH_GET"}


def test_a_long_query_can_be_tunnelled(client: Client, world: World) -> None:
    """A POST with the override and a form body is read as a GET, whatever its length."""
    ids = ",".join(["urn%3Ali%3Ashare%3A7200000000000000001"] * 99 + [world.truth.posts[0].replace(":", "%3A")])
    answer = client.post("/rest/dmaPosts", f"ids=List({ids})", TUNNEL)
    assert list(answer.body["results"]) == [world.truth.posts[0]]


@pytest.mark.parametrize(
    ("target", "body", "changed", "status"),
    [
        ("dmaPosts?viewContext=READER", f"ids=List({SHARE})", {}, 400),
        ("dmaPosts", f"ids=List%28{SHARE}%29", {}, 400),
        ("dmaPosts", f"ids=List({SHARE})", {"Content-Type": "application/json"}, 415),
        ("dmaPosts", f"ids=List({SHARE})", {"X-HTTP-Method-Override": "PUT"}, 405),
        ("dmaPosts", f"ids=List({SHARE})", {"X-RestLi-Method": "FINDER"}, 400),
        ("dmaPosts", f"ids=List({SHARE})", {"LinkedIn-Version": "202001"}, 426),
    ],
)
def test_a_tunnelled_request_keeps_every_rule(
    client: Client, target: str, body: str, changed: dict[str, str], status: int
) -> None:
    """Query in the body only, structure bare, form type, the override, the headers."""
    assert client.post(f"/rest/{target}", body, {**TUNNEL, **changed}).status == status


def test_the_method_header_must_tell_the_truth(client: Client) -> None:
    """X-RestLi-Method is not needed, and refused where it names another method."""
    target = f"/rest/{FEED}?q=postsByAuthor&author={ORGANIZATION}"
    assert client.send("GET", target, {**HEADERS, "X-RestLi-Method": "FINDER"}).status == 200
    assert client.send("GET", target, {**HEADERS, "X-RestLi-Method": "BATCH_GET"}).status == 400
