"""Lead forms, the leads that came through them, and figures on both."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import DAY, ORGANIZATION, SHOWCASE, Client
from tests.sandbox.listings import RANGE, START, rows, serving
from tests.sandbox.test_analytics import count

RECORD = f"(organization:{ORGANIZATION})"
FORMS = "dmaLeadGenForm?q=owner&owner="
RESPONSES = f"dmaLeadGenFormResponse?q=owner&owner={RECORD}&leadType="
ANALYTICS = "dmaLeadAnalytics?q=owner&owner="
INTERVALS = f"&timeIntervals=(timeRange:{RANGE},timeGranularityType:DAY)"


def leads(client: Client, more: str, kind: str = "(leadType:COMPANY)") -> list[dict[str, Any]]:
    """All leads of a type."""
    return rows(client, f"{RESPONSES}{kind}{more}")


@pytest.mark.parametrize("kind", ["COMPANY", "EVENT", "ORGANIZATION_PRODUCT"])
def test_leads_are_listed_by_type(client: Client, world: World, kind: str) -> None:
    """All that LinkedIn still keeps, each once and of its type."""
    found = leads(client, "", f"(leadType:{kind})")
    assert {row["leadType"] for row in found} == {kind}
    showcase = rows(client, f"{RESPONSES}(leadType:{kind})".replace(ORGANIZATION, SHOWCASE))
    assert Counter(row["id"] for row in found + showcase) == Counter(world.truth.leads[kind])


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


def test_without_a_type_every_kind_of_lead_comes(world: World) -> None:
    """Where the world takes no type."""
    with serving(guesses={"dmaLeadGenFormResponse.leadType": 2}) as client:
        kinds = Counter(row["leadType"] for row in rows(client, RESPONSES.removesuffix("&leadType=")))
    assert set(kinds) == {*world.truth.leads}
