"""Lead forms, the leads that came through them, and figures on both."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import DAY, HEADERS, ORGANIZATION, SHOWCASE, Client
from tests.sandbox.listings import RANGE, START, body, refusal, rows, serving
from tests.sandbox.test_analytics import count

RECORD = f"(organization:{ORGANIZATION})"
FORMS = "dmaLeadGenForm?q=owner&owner="
RESPONSES = f"dmaLeadGenFormResponse?q=owner&owner={RECORD}&leadType="
ANALYTICS = "dmaLeadAnalytics?q=owner&owner="
INTERVALS = f"&timeIntervals=(timeRange:{RANGE},timeGranularityType:DAY)"


def leads(client: Client, more: str, kind: str = "(leadType:COMPANY)") -> list[dict[str, Any]]:
    """All leads of a type."""
    return rows(client, f"{RESPONSES}{kind}{more}")


def test_forms_are_paged_by_start_and_count(client: Client) -> None:
    """Two pages at the largest count there is; ids have 19 digits."""
    found = [body(client, f"{FORMS}{ORGANIZATION}&start={start}&count=50")["elements"] for start in (0, 50)]
    assert [len(page) for page in found] == [50, 5]
    assert {len(str(row["id"])) for page in found for row in page} == {19}
    assert refusal(client, f"{FORMS}{ORGANIZATION}&start=0&count=51") == (400, "PARAM_INVALID", "count")


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


def test_figures_on_leads_come_in_count_unions(client: Client) -> None:
    """By day, where there are any."""
    found = rows(client, f"{ANALYTICS}{ORGANIZATION}")
    assert all(0 <= count(row["completionRate"]) <= 1 for row in found)
    days = [row["timeRange"]["start"] for row in rows(client, f"{ANALYTICS}{ORGANIZATION}{INTERVALS}")]
    assert 0 < len(days) < len(found)
    assert all(START <= day < START + 30 * DAY for day in days)


@pytest.mark.parametrize(("version", "status"), [("202508", 426), ("202405", 426), ("202511", 200), ("202604", 200)])
def test_figures_on_leads_are_not_in_older_versions(client: Client, version: str, status: int) -> None:
    """They are refused as too old, from 202511 on answered; leads themselves are in any."""
    headers = {**HEADERS, "LinkedIn-Version": version}
    assert client.send("GET", f"/rest/{ANALYTICS}{ORGANIZATION}", headers).status == status
    assert client.send("GET", f"/rest/{RESPONSES}(leadType:EVENT)", headers).status == 200


@pytest.mark.parametrize(
    ("parameter", "sent"),
    [("limitedToTestLeads", "&limitedToTestLeads=false"), ("submittedAtTimeRange", f"&submittedAtTimeRange={RANGE}")],
)
def test_filters_may_be_unknown(parameter: str, sent: str) -> None:
    """Then they are refused by name, and all leads come without them."""
    target = f"{RESPONSES}(leadType:COMPANY)"
    with serving(guesses={f"dmaLeadGenFormResponse.{parameter}": 1}) as client:
        assert refusal(client, target + sent)[2] == parameter
        assert len(rows(client, target)) > 100


def test_without_a_type_every_kind_of_lead_comes(world: World) -> None:
    """Where the world takes no type."""
    with serving(guesses={"dmaLeadGenFormResponse.leadType": 2}) as client:
        kinds = Counter(row["leadType"] for row in rows(client, RESPONSES.removesuffix("&leadType=")))
    assert set(kinds) == {*world.truth.leads}
