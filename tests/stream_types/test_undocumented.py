"""Finders of which little is known: what a row was asked with tells it from others."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, cast

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import BadRequest
from tap_linkedin_dma.stream_types.base import DmaStream
from tests.conftest import NOW
from tests.support.runs import Record, make_tap, run

TODAY = NOW.strftime("%Y-%m-%dT00:00:00.000+00:00")
STATISTICS = "dmaOrganizationRelationshipStatistics"
TREND = "dmaEmployeeBroadcastAudienceTimeSeriesAnalytics"
TRAFFIC = "dmaOrganizationLifePageTrafficStatistics"
DOMAINS = "dmaOrganizationalPageEmailDomainMapping"


@pytest.fixture
def organization(sandbox: Sandbox) -> str:
    """The number of the one organization that is read."""
    return sandbox.world.truth.organizations[0].urn.rpartition(":")[2]


def read(sandbox: Sandbox, organization: str, stream: str, **config: Any) -> list[Record]:
    """The records of one stream."""
    return run(sandbox, select={stream}, organizations=[organization], **config).records[stream]


def answer(sandbox: Sandbox, resource: str, element: Mapping[str, Any]) -> None:
    """Have the sandbox list this element, whatever it is asked."""
    sandbox.answer(resource, 200, body={"elements": [element]})


def test_a_row_has_what_it_was_asked_with_and_its_key_begins_so(sandbox: Sandbox, organization: str) -> None:
    """Else the figures of two periods would be one row."""
    answer(sandbox, STATISTICS, {"id": 7, "figure": 3})
    (row,) = read(sandbox, organization, "relationship_statistics", start_date="2026-02-01")
    assert row["statistic_sort_type"] == "FOLLOWER_COUNT"
    assert (row["time_range_start"], row["time_range_end"]) == ("2026-02-01T00:00:00.000+00:00", TODAY)
    assert row["row_key"] == f"FOLLOWER_COUNT|2026-02-01T00:00:00.000+00:00|{TODAY}|7"
    assert row["unmapped"] == {"id": 7, "figure": 3}


def test_a_period_is_found_within_intervals_too(sandbox: Sandbox, organization: str) -> None:
    """The trend sends it there."""
    answer(sandbox, TREND, {"id": 7})
    (row,) = read(sandbox, organization, "employee_broadcast_trend", start_date="2026-02-01")
    assert row["row_key"] == f"2026-02-01T00:00:00.000+00:00|{TODAY}|7"


def test_what_the_settings_leave_out_of_the_request_is_empty_in_the_key(sandbox: Sandbox, organization: str) -> None:
    """And null in its column."""
    answer(sandbox, DOMAINS, {"id": 7})
    options = {"email_domain_mappings": {"useCase": None}}
    (row,) = read(sandbox, organization, "email_domain_mappings", stream_options=options)
    assert (row["use_case"], row["row_key"]) == (None, "|7")


def test_the_form_that_is_taken_is_what_the_row_was_asked_with(sandbox: Sandbox, organization: str) -> None:
    """Not the one that was refused."""
    refused = {"status": 400, "message": "Invalid value for parameter useCase"}
    sandbox.answer(DOMAINS, 400, body=refused)
    answer(sandbox, DOMAINS, {"id": 7})
    (row,) = read(sandbox, organization, "email_domain_mappings")
    assert (row["use_case"], row["row_key"]) == ("WORK_EMAIL_VERIFICATION", "WORK_EMAIL_VERIFICATION|7")


@pytest.mark.parametrize("config", [{}, {"start_date": "2020-01-01"}])
def test_a_period_is_360_days_at_most(sandbox: Sandbox, organization: str, config: dict[str, Any]) -> None:
    """LinkedIn's analytics take 14 months at most."""
    answer(sandbox, STATISTICS, {"id": 7})
    (row,) = read(sandbox, organization, "relationship_statistics", **config)
    assert row["time_range_start"] == "2025-03-07T00:00:00.000+00:00"


def test_a_period_without_a_day_is_not_asked_for(sandbox: Sandbox, organization: str) -> None:
    """As with a start date of today."""
    assert read(sandbox, organization, "relationship_statistics", start_date=f"{NOW:%Y-%m-%d}") == []
    assert sandbox.requests_to(STATISTICS) == []


def test_a_child_organization_has_no_page_of_its_parent_s(sandbox: Sandbox, organization: str) -> None:
    """LinkedIn may leave out the child's own."""
    sandbox.answer("dmaOrganizations", 200, body={"elements": [{"id": 9}]}, when="q=parentOrganization")
    (row,) = read(sandbox, organization, "child_organizations")
    assert (row["organization"], row["id"]) == (f"urn:li:organization:{organization}", 9)
    assert row["organizational_page"] is None


def test_the_finder_s_name_in_a_refusal_is_not_taken_for_the_parameter(sandbox: Sandbox, organization: str) -> None:
    """Another form of the period is tried, and not of the organization, which was asked about rightly."""
    for message in ("Missing timeRange (finder organization)", "Bad timeIntervals in FINDER-organization"):
        sandbox.answer(TRAFFIC, 400, body={"status": 400, "message": message})
    answer(sandbox, TRAFFIC, {"id": 7})
    assert len(read(sandbox, organization, "life_page_traffic")) == 1
    asked = [request.asked for request in sandbox.requests_to(TRAFFIC)]
    assert ["timeRange=" in query for query in asked] == [True, False, False]
    assert ["timeIntervals=" in query for query in asked] == [False, True, False]
    assert all(f"organization=urn%3Ali%3Aorganization%3A{organization}" in query for query in asked)


def test_where_the_parameter_called_like_the_finder_is_named_alone_it_is_wrong(
    sandbox: Sandbox, organization: str
) -> None:
    """Then its next form is tried."""
    sandbox.answer(TRAFFIC, 400, body={"status": 400, "message": "Invalid value for parameter organization"})
    answer(sandbox, TRAFFIC, {"id": 7})
    assert len(read(sandbox, organization, "life_page_traffic")) == 1
    assert "organizationalPage" in sandbox.requests_to(TRAFFIC)[1].asked


def test_the_page_size_of_the_settings_is_sent_where_the_paging_is_not_known(
    sandbox: Sandbox, organization: str
) -> None:
    """A full page is then not the end."""
    gallery = "dmaAdminContentMediaGallery"
    sandbox.answer(gallery, 200, body={"elements": [{"id": 1}, {"id": 2}]})
    sandbox.answer(gallery, 200, body={"elements": [{"id": 3}]})
    rows = read(sandbox, organization, "media_gallery", stream_options={"media_gallery": {"page_size": 2}})
    assert [row["row_key"] for row in rows] == ["1", "2", "3"]
    first, second = (request.asked.partition(f"{organization}&")[2] for request in sandbox.requests_to(gallery))
    assert (first, second) == ("count=2", "count=2&start=2")


def test_one_request_goes_at_a_time_until_linkedin_has_answered(sandbox: Sandbox) -> None:
    """Two refusals of one form would pass over the next form untested."""
    tap, _ = make_tap(sandbox, max_concurrency=8)
    stream = cast("DmaStream", tap.streams["media_gallery"])
    run_lock = stream.run_context.run_lock
    under_way, most, at_first, sent = 0, 0, 0, list[object]()

    def ask() -> object:
        nonlocal under_way, most, at_first
        form = stream.request_params(parent)["organization"]
        under_way += 1
        most = max(most, under_way)
        with run_lock.released():
            threading.Event().wait(0.001)
        under_way -= 1
        if len(sent) < 3:
            sent.append(form)
        if form != "42":
            raise BadRequest("no", frozenset({"organization"}))
        at_first = at_first or most
        return form

    parent = {"organization": "urn:li:organization:42", "organizational_page": "urn:li:organizationalPage:7"}
    with run_lock.holding():
        answers = list(stream.run_context.workers.map(lambda _: stream.request.with_fallbacks(ask, parent), range(20)))
    assert answers == ["42"] * 20
    assert sent == ["urn:li:organization:42", "urn:li:organizationalPage:7", "42"]
    assert at_first == 1
