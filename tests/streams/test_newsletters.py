"""Newsletters: LinkedIn gives the present number of subscribers alone, so each run keeps that of its day."""

from __future__ import annotations

from typing import Any

from linkedin_sandbox import Sandbox
from tests.support.runs import run

COUNTS = "series_subscriber_counts"
URN = "urn:li:contentSeries:7"


def test_each_run_keeps_the_subscribers_of_its_day(sandbox: Sandbox) -> None:
    """A row for each newsletter and day; one without a count is null, and one without a URN has no row."""
    organization = sandbox.world.truth.organizations[0].urn
    elements: list[dict[str, Any]] = [
        {"contentSeriesUrn": URN, "subscriberCount": 5},
        {"contentSeriesUrn": f"{URN}8"},
        {"title": "Nameless", "subscriberCount": 9},
    ]
    state, counted = None, []
    for _ in range(2):
        sandbox.clear_answers()
        sandbox.answer("dmaContentSeries", 200, body={"elements": elements}, times=None)
        result = run(sandbox, state, {COUNTS}, organizations=[organization])
        state = result.state
        rows = result.records[COUNTS]
        counted.append([(row["content_series"], row["snapshot_date"], row["subscriber_count"]) for row in rows])
        assert {row["organization"] for row in rows} == {organization}
        elements[0]["subscriberCount"] = 6
        sandbox.tick()
    assert counted == [
        [(URN, "2026-03-02", 5), (f"{URN}8", "2026-03-02", None)],
        [(URN, "2026-03-03", 6), (f"{URN}8", "2026-03-03", None)],
    ]
