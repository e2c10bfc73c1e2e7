"""Analytics of a page's or post's content, of the edges to a page, its followers and visitors, and one visitor."""

from __future__ import annotations

from datetime import datetime, timezone
from random import Random
from typing import Any
from zlib import crc32

from ..errors import Refusal, invalid
from ..forms import RANGE, Enum, ListOf, Record, Union, Urn
from ..methods import Call, Finder, Resource
from ..paging import TOTAL_ONLY, Listing
from ..world.analytics import (
    CONTENT_COUNTS,
    CONTENT_RATES,
    DIMENSIONS,
    POST_LIFE_DAYS,
    SECTIONS,
    Subject,
    buckets,
    content_counts,
    content_value,
    edge_value,
    gestures,
    nothing_of,
)
from ..world.creator_analytics import CONTENT_KINDS, COUNTS, NEWER_COUNTS, VIDEO_COUNTS, creator_figures
from ..world.creator_analytics import TOTAL_ONLY as NEVER_DAILY
from ..world.organizations import DAY_MS, PAGE_AGE_DAYS
from ..world.page_content import visitor_of_the_day
from .owned import PAGE, administered, owned

MOST_MONTHS = 14
INTERVALS = Record({"timeRange": RANGE}, {"timeGranularityType": Enum("DAY", "WEEK", "MONTH")})
POST = Urn("share", "ugcPost")
POST_UNION = Union({"share": Urn("share"), "ugc": Urn("ugcPost")})
QUERY_TYPE = Enum(*COUNTS, *NEWER_COUNTS, *VIDEO_COUNTS)
POST_METRICS = ("IMPRESSIONS", "REACTIONS", "COMMENTS", "REPOSTS", "CLICKS")
ANALYTICS_TYPE = Enum("FOLLOWER", "VISITOR")


def check_range(name: str, found: dict[str, int]) -> tuple[int, int]:
    """Start and end in ms: in order, whole UTC days, at most 14 months apart."""
    start, end = found["start"], found["end"]
    if start % DAY_MS or end % DAY_MS:
        raise invalid(name, "start and end must be whole UTC days")
    if start >= end:
        raise invalid(name, "start must be before end")
    day = datetime.fromtimestamp(start / 1000, timezone.utc)
    months = day.month - 1 + MOST_MONTHS
    latest = datetime(day.year + months // 12, months % 12 + 1, 1, tzinfo=timezone.utc).timestamp() * 1000
    if end > latest + (day.day - 1) * DAY_MS:
        raise invalid(name, f"the time range may span {MOST_MONTHS} months at most")
    return start, end


def page_subject(call: Call, urn: str, strength: int = 60) -> Subject:
    """A page, measured since it was founded."""
    administered(call, urn)
    return Subject(urn, call.world.seed, call.world.founded_ms, call.world.today_ms, strength)


def edge_subject(call: Call) -> Subject:
    """A page's visitors, or its followers, of which it gained as many as the followee finder lists, or about so."""
    urn = call["organizationalPage"]
    if call["analyticsType"] == "VISITOR":
        return page_subject(call, urn)
    many = call.world.followers[administered(call, urn).number].drawn
    return page_subject(call, urn, strength=max(many * 2 // PAGE_AGE_DAYS, 3))


def post_subject(call: Call, urn: str) -> Subject:
    """A post, measured for its first month."""
    post = call.world.feed.by_urn.get(urn)
    if post is None or post.state != "shown":
        raise call.denied()
    end = min(post.created + POST_LIFE_DAYS * DAY_MS, call.world.today_ms)
    return Subject(urn, call.world.seed, post.created, end, strength=25)


def refuse_before(subject: Subject, end: int) -> None:
    """The 500 that LinkedIn gives, for good, for a window that ends before there was anything to measure."""
    if end <= subject.first - subject.first % DAY_MS:
        raise Refusal(500, "Internal Server Error")


def listing(call: Call, elements: list[dict[str, Any]]) -> Listing:
    """The elements in no order; with the privacy budget spent every figure is 0 and `metadata` says until when."""
    Random(crc32(repr(call.arguments).encode())).shuffle(elements)
    if not call.world.withhold:
        return Listing(elements, dict)
    for element in elements:
        holder = element.get("metric", element)
        holder["value"] = nothing_of(holder["value"])
    return Listing(elements, dict, metadata={"privacyBudgetRefreshesAt": call.world.today_ms + DAY_MS})


def time_intervals(start: int, end: int, granularity: str | None) -> dict[str, Any]:
    """An interval as LinkedIn writes it back."""
    found: dict[str, Any] = {"timeRange": {"start": start, "end": end}}
    return {**found, "timeGranularityType": granularity} if granularity else found


def content_trend(call: Call) -> Listing:
    """One element per metric type and interval that has figures."""
    urn, intervals = call["sourceEntity"], call["timeIntervals"]
    start, end = check_range("timeIntervals.timeRange", intervals["timeRange"])
    subject = (page_subject if "organizationalPage" in urn else post_subject)(call, urn)
    refuse_before(subject, end)
    granularity = intervals.get("timeGranularityType")
    elements = []
    for first, stop in buckets(start, end, granularity):
        days = subject.days(first, stop)
        counts = content_counts(subject, days, call.world.today_ms) if days else {}
        for metric in call["metricTypes"] if days else ():
            value = {**content_value(metric, counts), "futureNested": 0}
            interval = time_intervals(first, stop, granularity)
            element = {"type": metric, "metric": {"timeIntervals": interval, "value": value}}
            # On some elements LinkedIn leaves out what it was asked about.
            elements.append({**element, "sourceEntity": urn} if first // DAY_MS % 4 else element)
    return listing(call, elements)


def post_dimension(call: Call) -> Listing:
    """One element per value of the dimension, over all of a post's life; the dimension stands in one of two places."""
    urn, metric, kind = call["sourcePostEntity"], call["metricType"], call["dimensionType"]
    subject = post_subject(call, urn)
    days = subject.days(subject.first, subject.end)
    member, values = DIMENSIONS[kind]
    elements = []
    for place, value in enumerate(values if days else ()):
        counts = content_counts(subject.part(value, len(values)), days, call.world.today_ms)
        dimension = {"type": kind, "value": {member: value}, "futureNested": place}
        figures = {"value": content_value(metric, counts)}
        inside = crc32(urn.encode()) % 2
        element = (
            {"metric": {**figures, "dimension": dimension}} if inside else {"metric": figures, "dimension": dimension}
        )
        elements.append({**element, "type": metric, "sourceEntity": urn} if place % 3 else element)
    return listing(call, elements)


def post_gestures(call: Call) -> Listing:
    """What was clicked on a post, over all of its life."""
    return listing(call, gestures(post_subject(call, call["sourcePostEntity"]), call.world.today_ms))


def creator_analytics(call: Call) -> Listing:
    """Figures of what a post holds, if it is a video, an article or a reference."""
    entity, asked, aggregation = call["targetEntity"], call.get("queryType"), call.get("aggregation")
    urn = entity if isinstance(entity, str) else entity[1]
    if aggregation == "DAILY" and asked in NEVER_DAILY:
        raise invalid("aggregation", f"{asked} is not counted by day")
    subject, kind = post_subject(call, urn), call.world.feed.by_urn[urn].content_kind
    known = (*COUNTS, *VIDEO_COUNTS) if kind == "video" else COUNTS if kind in CONTENT_KINDS else ()
    metrics = tuple(metric for metric in (*known, *(NEWER_COUNTS if asked else ())) if asked in (None, metric))
    return Listing(creator_figures(subject, metrics, aggregation, call.world.today_ms), dict)


def section(call: Call) -> dict[str, str]:
    """The page section asked for, which only visitors have."""
    asked = call.get("sourceType")
    if asked and call["analyticsType"] == "FOLLOWER":
        raise invalid("sourceType", "is for VISITOR only")
    return {"sourceType": asked} if asked else {}


def edge_trend(call: Call) -> Listing:
    """One element per interval that has figures: followers gained, or visits."""
    kind, urn, intervals = call["analyticsType"], call["organizationalPage"], call["timeIntervals"]
    start, end = check_range("timeIntervals.timeRange", intervals["timeRange"])
    where, subject = section(call), edge_subject(call)
    refuse_before(subject, end)
    granularity = intervals.get("timeGranularityType")
    elements = []
    for first, stop in buckets(start, end, granularity):
        days = subject.days(first, stop)
        if not days:
            continue
        # The granularity is written back for visitors only.
        interval = time_intervals(first, stop, granularity if kind == "VISITOR" else None)
        value = edge_value(kind, subject, days, call.world.today_ms, where.get("sourceType", ""), 8 if where else 1)
        elements.append({"type": kind, "organizationalPage": urn, **where, "timeIntervals": interval, "value": value})
    return listing(call, elements)


def edge_dimension(call: Call) -> Listing:
    """One element per value of the dimension: followers as of now, whatever the range, or visitors in the range."""
    kind, urn, dimension = call["analyticsType"], call["organizationalPage"], call["dimensionType"]
    where, subject = section(call), edge_subject(call)
    days = subject.days(subject.first, subject.end)
    if call.get("timeRange"):
        start, end = check_range("timeRange", call["timeRange"])
        if kind == "VISITOR":
            refuse_before(subject, end)
            days = subject.days(start, end)
    member, values = DIMENSIONS[dimension]
    followers = call.world.followers[administered(call, urn).number]
    stayed = len(followers) / followers.places if kind == "FOLLOWER" and followers.gone else 1
    elements = []
    for value in values if days else ():
        part = where.get("sourceType", "") + value
        figures = edge_value(kind, subject, days, call.world.today_ms, part, len(values), stayed)
        about = {"type": kind, "organizationalPage": urn, **where}
        elements.append({**about, "dimension": {"type": dimension, "value": {member: value}}, "value": figures})
    return listing(call, elements)


RESOURCES = (
    Resource(
        "dmaOrganizationalPageContentAnalytics",
        (
            Finder(
                "trend",
                {
                    "sourceEntity": Urn("organizationalPage", "share", "ugcPost"),
                    "metricTypes": ListOf(Enum(*CONTENT_COUNTS, *CONTENT_RATES)),
                    "timeIntervals": INTERVALS,
                },
                content_trend,
            ),
            Finder(
                "postDimension",
                {
                    "sourcePostEntity": POST,
                    "metricType": Enum(*POST_METRICS),
                    "dimensionType": Enum(*DIMENSIONS),
                },
                post_dimension,
            ),
            Finder("postGestures", {"sourcePostEntity": POST}, post_gestures),
        ),
    ),
    Resource(
        "dmaOrganizationalPageEdgeAnalytics",
        (
            Finder(
                "trend",
                {"organizationalPage": PAGE, "analyticsType": ANALYTICS_TYPE, "timeIntervals": INTERVALS},
                edge_trend,
                may_take={"sourceType": Enum(*SECTIONS)},
            ),
            Finder(
                "dimension",
                {"organizationalPage": PAGE, "analyticsType": ANALYTICS_TYPE, "dimensionType": Enum(*DIMENSIONS)},
                edge_dimension,
                may_take={"timeRange": RANGE, "sourceType": Enum(*SECTIONS)},
            ),
        ),
    ),
    Resource("dmaOrganizationalPageVisitorOfTheDay", (owned("organizationalPage", (PAGE,), visitor_of_the_day),)),
    Resource(
        "dmaCreatorAnalytics",
        (
            Finder(
                "targetEntity",
                {"targetEntity": POST},
                creator_analytics,
                may_take={"queryType": QUERY_TYPE, "aggregation": Enum("DAILY", "TOTAL")},
                paging=TOTAL_ONLY,
                others={
                    "targetEntity": (("targetEntity", POST_UNION), ("entity", POST_UNION)),
                    "queryType": (("queryType", QUERY_TYPE),),
                },
            ),
        ),
    ),
)
