"""What LinkedIn nests and analysts need first has a column of its own, of one type; nothing is said twice."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.runs import run

POST, PAGE = "urn:li:share:1", "urn:li:organizationalPage:2"
START, END = "2024-11-08T00:00:00.000+00:00", "2024-11-09T00:00:00.000+00:00"
DAY = {"start": 1731024000000, "end": 1731110400000}


@cache
def tap(locale: str) -> TapLinkedInDMA:
    return TapLinkedInDMA(
        config={"access_token": "x", "member_access_token": "y", "locale": locale}, setup_mapper=False
    )


def row(
    stream: str, entity: dict[str, Any], context: dict[str, Any] | None = None, locale: str = "en_US"
) -> dict[str, Any]:
    """The row that a stream makes of an entity."""
    built = tap(locale).streams[stream].row(entity, context or {})  # type: ignore[attr-defined]
    assert built
    return dict(built)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_a_column_has_one_type(stream: Any) -> None:
    """Targets have no type for an object that may be a text too; a text by locale has a column of its own as well."""
    columns = stream.schema["properties"]
    types = {name: len({*column["type"]} - {"null"}) for name, column in columns.items()}
    assert types == dict.fromkeys(columns, 1)
    by_locale = {name for name, column in columns.items() if "localized" in column.get("properties", {})}
    assert {f"localized_{name}" for name in by_locale} <= columns.keys()


TWO = {"nl_NL": "Bouw", "de_DE": "Bau"}
DUTCH = {"language": "nl", "country": "NL"}


@pytest.mark.parametrize(
    ("name", "more", "locale", "text"),
    [
        ({"localized": TWO, "preferredLocale": DUTCH}, {}, "de_DE", "Bau"),
        ({"localized": TWO, "preferredLocale": DUTCH}, {}, "en_US", "Bouw"),
        ({"localized": {"nl": "Bouw"}, "preferredLocale": {"language": "nl"}}, {}, "en_US", "Bouw"),
        ({"localized": {"fr_FR": "Bâtir"}}, {}, "en_US", "Bâtir"),
        ("Building", {}, "en_US", "Building"),
        ({"localized": TWO}, {"localizedName": "LinkedIn's own"}, "nl_NL", "LinkedIn's own"),
        ({"localized": {}}, {}, "en_US", None),
        ({"localized": None, "value": 3}, {}, "en_US", None),
        (None, {}, "en_US", None),
    ],
)
def test_the_text_is_in_the_language_that_is_wanted(name: Any, more: dict[str, Any], locale: str, text: object) -> None:
    """The setting's, else the author's, else any."""
    assert row("industries", {"id": 1, "name": name, **more}, locale=locale)["localized_name"] == text


def test_the_text_of_an_event_is_in_an_object_of_its_own() -> None:
    """Under `rawText`."""
    entity = {"id": 1, "description": {"localized": {"en_US": {"rawText": "Come"}}}, "name": {"localized": TWO}}
    found = row("events", entity)
    assert (found["localized_description"], found["localized_name"]) == ("Come", "Bouw")


@pytest.mark.parametrize(
    "metric_type",
    ["IMPRESSION", {"type": "IMPRESSION"}, {"com.linkedin.x.CreatorPostAnalyticsMetricTypeV1": "IMPRESSION"}],
)
def test_creator_analytics_are_flat(metric_type: Any) -> None:
    """As other analytics are, whichever form the metric has; the totals over a post's life have no days."""
    days = {name: {"year": 2024, "month": 11, "day": day} for name, day in (("start", 8), ("end", 9))}
    context = {"target_entity": POST, "requested_type": None}
    daily = row("creator_analytics", {"metricType": metric_type, "count": 5, "dateRange": days}, context)
    assert [daily[name] for name in ("type", "total_count", "start", "end")] == ["IMPRESSION", 5, START, END]
    total = row("creator_analytics", {"metricType": metric_type, "count": 7}, context)
    assert [total[name] for name in ("type", "total_count", "start", "end")] == ["IMPRESSION", 7, None, None]


def test_a_day_that_is_none_is_left_to_the_range() -> None:
    """The thirty-second, or one without a year."""
    days = {"start": {"year": 2024, "month": 1, "day": 32}, "end": {"month": 1, "day": 2}}
    context = {"target_entity": POST, "requested_type": None}
    found = row("creator_analytics", {"metricType": "X", "count": 1, "dateRange": days}, context)
    assert (found["start"], found["end"], found["date_range"]) == (None, None, days)


def test_gestures_are_flat() -> None:
    """The days are those that LinkedIn gives, not those requested; figures over a post's life have none."""
    value = {"totalCount": {"long": 3}, "typeSpecificValue": {"contentAnalyticsValue": {"organicValue": {"long": 2}}}}
    interval = {"timeRange": DAY, "timeGranularityType": "DAY"}
    gesture = {"type": "CLICK", "metric": {"value": value, "timeIntervals": interval}}
    found = row("post_gestures", gesture, {"post": POST})
    flat = ("type", "granularity", "start", "end", "total_count", "organic_value", "sponsored_value")
    assert [found[name] for name in flat] == ["CLICK", "DAY", START, END, 3, 2, None]
    assert row("post_gestures", {"type": "CLICK", "metric": {"value": value}}, {"post": POST})["start"] is None


@pytest.mark.parametrize(
    ("stream", "entity", "context", "left"),
    [
        ("post_content_trend", {"sourceEntity": POST, "mood": "glad"}, {"post": POST}, {"mood": "glad"}),
        ("post_content_trend", {"sourceEntity": "urn:li:share:9"}, {"post": POST}, {"sourceEntity": "urn:li:share:9"}),
        ("page_content_trend", {"sourceEntity": PAGE}, {"organizational_page": PAGE, "source_entity": PAGE}, None),
        ("follower_trend", {"type": "FOLLOWER"}, {"organizational_page": PAGE, "type": "FOLLOWER"}, None),
        ("follower_trend", {"type": "VISITOR"}, {"organizational_page": PAGE, "type": "FOLLOWER"}, {"type": "VISITOR"}),
        ("posts", {"id": POST, "$URN": POST}, {}, None),
        ("message_threads", {"threadUrn": "urn:li:x:1", "unread": 1}, {"organizational_page": PAGE}, {"unread": 1}),
        ("message_threads", {"id": 7, "unread": 7}, {"organizational_page": PAGE}, {"unread": 7}),
    ],
)
def test_unmapped_does_not_repeat_the_key_or_the_request(
    stream: str, entity: dict[str, Any], context: dict[str, Any], left: object
) -> None:
    """What differs stays, and so does what is no id and equals the key by chance."""
    assert row(stream, entity, context)["unmapped"] == left


def test_figures_leave_without_their_type_and_without_days(sandbox: Sandbox) -> None:
    """FOLLOWER is in each row of followers; gestures are figures over a post's life, which need no days."""
    edges = {"follower_trend", "visitor_trend"}
    result = run(sandbox, None, {*edges, "post_gestures"}, start_date="2026-02-01")
    for stream in edges:
        assert result.records[stream]
        assert not any("type" in (row["unmapped"] or {}) for row in result.records[stream])
    assert {*result.values("post_gestures", "start")} == {None}
    assert None not in result.values("post_gestures", "total_count")
