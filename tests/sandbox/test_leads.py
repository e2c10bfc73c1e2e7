"""Lead forms, the leads that came through them, and figures on both."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import DAY, HEADERS, ORGANIZATION, PAGE, SHOWCASE, Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import RANGE, START, body, pages
from tests.sandbox.test_analytics import count
from tests.sandbox.test_events import rows
from tests.sandbox.test_guesses import guessing, named
from tests.sandbox.test_listings import refusal
from tests.sandbox.test_owned_records import paths

RECORD = f"(organization:{ORGANIZATION})"
FORMS = "dmaLeadGenForm?q=owner&owner="
RESPONSES = f"dmaLeadGenFormResponse?q=owner&owner={RECORD}&leadType="
ANALYTICS = "dmaLeadAnalytics?q=owner&owner="
INTERVALS = f"&timeIntervals=(timeRange:{RANGE},timeGranularityType:DAY)"
FORM_FIELDS = {
    "id",
    "$URN",
    "versionId",
    "name",
    "owner.organization",
    "owner.sponsoredAccount",
    "state",
    "created",
    "lastModified",
    "creationLocale.country",
    "creationLocale.language",
    "hiddenFields[].name",
    "hiddenFields[].value",
    "reviewInfo.lastUpdated",
    "reviewInfo.reviewStatus",
    "reviewInfo.rejectionReasons",
    "content.headline",
    "content.description",
    "content.questions[].questionId",
    "content.questions[].name",
    "content.questions[].question",
    "content.questions[].predefinedField",
    "content.questions[].responseEditable",
    "content.questions[].responseRequired",
    "content.questions[].questionDetails.textQuestionDetails.maxResponseLength",
    "content.questions[].questionDetails.multipleChoiceQuestionDetails",
    "content.legalInfo.legalInfoId",
    "content.legalInfo.privacyPolicyUrl",
    "content.legalInfo.legalDisclaimer",
    "content.legalInfo.consents[]",
    "content.postSubmissionInfo.message",
    "content.postSubmissionInfo.callToAction.callToActionLabel",
    "content.postSubmissionInfo.callToAction.callToActionTarget.landingPageUrl",
}
LEAD_FIELDS = {
    "id",
    "owner.organization",
    "submitter",
    "leadType",
    "leadMetadata.sponsoredLeadMetadata.campaign",
    "associatedEntity.associatedCreative",
    "versionedLeadGenFormUrn",
    "submittedAt",
    "testLead",
    "formResponse.answers[].questionId",
    "formResponse.answers[].answerDetails.textQuestionAnswer.answer",
    "formResponse.answers[].answerDetails.multipleChoiceAnswer.options[]",
    "formResponse.consentResponses[].consentId",
    "formResponse.consentResponses[].accepted",
}


def leads(client: Client, more: str, kind: str = "(leadType:COMPANY)") -> list[dict[str, Any]]:
    """All leads of a type."""
    return rows(client, f"{RESPONSES}{kind}{more}")


def test_forms_are_paged_by_start_and_count(client: Client) -> None:
    """Two pages at the largest count there is; ids have 19 digits."""
    found = [body(client, f"{FORMS}{ORGANIZATION}&start={start}&count=50")["elements"] for start in (0, 50)]
    assert [len(page) for page in found] == [50, 5]
    ids = {row["id"] for page in found for row in page}
    assert len(ids) == 55
    assert {len(str(each)) for each in ids} == {19}
    assert len(rows(client, f"{FORMS}{SHOWCASE}")) == 2
    assert refusal(client, f"{FORMS}{ORGANIZATION}&start=0&count=51") == (400, "PARAM_INVALID", "count")


def test_every_field_of_a_form_stands_on_some(client: Client) -> None:
    """All that is known; the owner in two shapes, the time of the change not always, and in no order."""
    found = rows(client, f"{FORMS}{ORGANIZATION}")
    assert FORM_FIELDS - {path for row in found for path in paths(row)} == set()
    assert {type(row["owner"]) for row in found} == {str, dict}
    times = [row["lastModified"] for row in found if "lastModified" in row]
    assert 0 < len(times) < len(found)
    assert times not in (sorted(times), sorted(times, reverse=True))
    assert "futureNested" in json.dumps(found)


@pytest.mark.parametrize("kind", ["COMPANY", "EVENT", "ORGANIZATION_PRODUCT"])
def test_leads_are_listed_by_type(client: Client, world: World, kind: str) -> None:
    """All that LinkedIn still keeps, each once and of its type."""
    found = leads(client, "", f"(leadType:{kind})")
    assert {row["leadType"] for row in found} == {kind}
    showcase = rows(client, f"{RESPONSES}(leadType:{kind})".replace(ORGANIZATION, SHOWCASE))
    assert Counter(row["id"] for row in found + showcase) == Counter(world.truth.leads[kind])


def test_leads_of_a_company_fill_two_pages(client: Client) -> None:
    """At a count of a hundred, which is less than the most."""
    target = f"{RESPONSES}(leadType:COMPANY)"
    first = body(client, f"{target}&start=0&count=100")
    assert len(first["elements"]) == 100
    assert first["paging"]["links"]
    assert 0 < len(body(client, f"{target}&start=100&count=100")["elements"]) < 100
    assert client.get(f"{target}&count=1000").status == 200
    assert refusal(client, f"{target}&count=1001") == (400, "PARAM_INVALID", "count")


def test_a_range_holds_its_start_and_not_its_end(client: Client) -> None:
    """The lead at the very start is in it, the one at the very end is in the next."""
    times = sorted(row["submittedAt"] for row in leads(client, ""))
    early, middle, late = times[10], times[60], times[110]
    ranges = [(early, middle), (middle, late)]
    found = [
        [row["submittedAt"] for row in leads(client, f"&submittedAtTimeRange=(start:{start},end:{end})")]
        for start, end in ranges
    ]
    assert [min(found[0]), min(found[1])] == [early, middle]
    assert sorted(found[0] + found[1]) == times[10:110]


def test_leads_are_kept_for_a_year(client: Client, world: World) -> None:
    """None is older, whatever is asked for, and with time the oldest go; leads come in no order."""
    target = "&submittedAtTimeRange=(start:0,end:4000000000000)"
    before = [row["submittedAt"] for row in leads(client, target)]
    assert world.now_ms - 365 * DAY <= min(before) < world.now_ms - 300 * DAY
    assert before not in (sorted(before), sorted(before, reverse=True))
    world.tick(30)
    after = [row["submittedAt"] for row in leads(client, target)]
    assert min(after) >= world.now_ms - 365 * DAY
    assert {*before} - {*after} == {time for time in before if time < world.now_ms - 365 * DAY} != set()


def test_leads_can_be_narrowed(client: Client) -> None:
    """To tests, and to one version of a form."""
    everything = leads(client, "&limitedToTestLeads=false")
    assert leads(client, "") == everything
    tests = leads(client, "&limitedToTestLeads=true")
    assert {row["testLead"] for row in tests} == {True}
    assert 0 < len(tests) < len(everything)
    form = everything[0]["versionedLeadGenFormUrn"]
    encoded = form.replace(":", "%3A").replace("(", "%28").replace(",", "%2C").replace(")", "%29")
    of_form = leads(client, f"&versionedLeadGenFormUrn={encoded}")
    assert {row["versionedLeadGenFormUrn"] for row in of_form} == {form}
    assert 0 < len(of_form) < len(everything)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_field_of_a_lead_stands_on_some(seed: int) -> None:
    """All that is known; the owner in two shapes, the submitter gone without consent."""
    with Sandbox(World(now=NOW, seed=seed)) as sandbox, closing(Client(sandbox)) as client:
        found = leads(client, "") + leads(client, "", "(leadType:EVENT)")
    assert LEAD_FIELDS - {path for row in found for path in paths(row)} == set()
    assert {type(row["owner"]) for row in found} == {str, dict}
    assert {"submitter" in row for row in found} == {True, False}
    assert len({row["id"] for row in found}) == len(found)
    assert "futureNested" in json.dumps(found)


def test_figures_on_leads_come_in_count_unions(client: Client) -> None:
    """By day, where there are any; some have a key; without an interval over two pages and more."""
    found = rows(client, f"{ANALYTICS}{ORGANIZATION}")
    assert len(list(pages(client, f"{ANALYTICS}{ORGANIZATION}"))) >= 2
    assert {"leadAnalyticsUrn" in row for row in found} == {True, False}
    assert all(0 <= count(row["completionRate"]) <= 1 for row in found)
    assert all(list(row["formOpens"]) == ["long"] for row in found)
    assert "futureNested" in json.dumps(found)
    days = [row["timeRange"]["start"] for row in rows(client, f"{ANALYTICS}{ORGANIZATION}{INTERVALS}")]
    assert 0 < len(days) < len(found)
    assert all(START <= day < START + 30 * DAY for day in days)


@pytest.mark.parametrize(("version", "status"), [("202508", 426), ("202405", 426), ("202511", 200), ("202604", 200)])
def test_figures_on_leads_are_not_in_older_versions(client: Client, version: str, status: int) -> None:
    """They are refused as too old, from 202511 on answered; leads themselves are in any."""
    headers = {**HEADERS, "LinkedIn-Version": version}
    assert client.send("GET", f"/rest/{ANALYTICS}{ORGANIZATION}", headers).status == status
    assert client.send("GET", f"/rest/{RESPONSES}(leadType:EVENT)", headers).status == 200


WAYS = {
    ("dmaLeadGenForm", "owner"): [FORMS + ORGANIZATION, FORMS + RECORD, FORMS + PAGE],
    ("dmaLeadAnalytics", "owner"): [ANALYTICS + ORGANIZATION, ANALYTICS + RECORD, ANALYTICS + PAGE],
    ("dmaLeadAnalytics", "timeIntervals"): [
        f"{ANALYTICS}{ORGANIZATION}{INTERVALS}",
        f"{ANALYTICS}{ORGANIZATION}&timeIntervals=(timeRange:{RANGE})",
        f"{ANALYTICS}{ORGANIZATION}&timeRange={RANGE}",
    ],
    ("dmaLeadGenFormResponse", "owner"): [
        f"{RESPONSES}(leadType:EVENT)",
        f"{RESPONSES}(leadType:EVENT)".replace(RECORD, ORGANIZATION),
        f"{RESPONSES}(leadType:EVENT)".replace(RECORD, PAGE),
    ],
    ("dmaLeadGenFormResponse", "leadType"): [
        f"{RESPONSES}(leadType:EVENT)",
        f"{RESPONSES}EVENT",
        RESPONSES.removesuffix("&leadType="),
    ],
}


@pytest.mark.parametrize(
    ("parameter", "sent"),
    [("limitedToTestLeads", "&limitedToTestLeads=false"), ("submittedAtTimeRange", f"&submittedAtTimeRange={RANGE}")],
)
def test_filters_may_be_unknown(parameter: str, sent: str) -> None:
    """Then they are refused by name, and all leads come without them."""
    target = f"{RESPONSES}(leadType:COMPANY)"
    with guessing({f"dmaLeadGenFormResponse.{parameter}": 1}) as client:
        assert named(client, target + sent) == parameter
        assert len(rows(client, target)) > 100


def test_without_a_type_every_kind_of_lead_comes(world: World) -> None:
    """Where the world takes no type."""
    with guessing({"dmaLeadGenFormResponse.leadType": 2}) as client:
        kinds = Counter(row["leadType"] for row in rows(client, WAYS["dmaLeadGenFormResponse", "leadType"][2]))
    assert set(kinds) == {*world.truth.leads}
