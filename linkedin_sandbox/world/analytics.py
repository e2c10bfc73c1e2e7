"""Figures of a page or post by day, drawn from the seed; the last days are not final until they are three days old."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any
from zlib import crc32

from .draw import mix

DAY_MS = 86_400_000
SETTLED_AFTER_DAYS = 3
POST_LIFE_DAYS = 30
CONTENT_COUNTS = ("IMPRESSIONS", "UNIQUE_IMPRESSIONS", "CLICKS", "COMMENTS", "REACTIONS", "REPOSTS")
CONTENT_RATES = ("ENGAGEMENT_RATE", "CTR")
SECTIONS = ("OVERVIEW", "ABOUT", "JOBS", "LIFE", "CAREER", "PRODUCTS", "INSIGHTS", "PEOPLE")
GESTURES = ("CLICK_CONTENT", "CLICK_AUTHOR", "EXPAND_TEXT", "FOLLOW_AUTHOR", "CLICK_CONTENT")
DIMENSIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "JOB_FUNCTION": ("urn", tuple(f"urn:li:function:{number}" for number in (4, 8, 13, 25, 26))),
    "INDUSTRY": ("urn", tuple(f"urn:li:industry:{number}" for number in (4, 96, 135))),
    "SENIORITY": ("urn", tuple(f"urn:li:seniority:{number}" for number in range(1, 9))),
    "COUNTRY_GEO": ("urn", tuple(f"urn:li:geo:{number}" for number in (101282230, 103644278, 105015875))),
    "REGION_GEO": ("urn", tuple(f"urn:li:geo:{number}" for number in (90009706, 90009712, 90000070))),
    "STAFF_COUNT_RANGE": ("staffRangeCount", ("SIZE_1", "SIZE_11_TO_50", "SIZE_201_TO_500", "SIZE_10001_OR_MORE")),
    "RELATIONSHIP": ("relationship", ("FIRST_DEGREE", "SECOND_DEGREE", "OUT_OF_NETWORK")),
}


@dataclass(frozen=True)
class Subject:
    """What is measured: a page or a post, from the first ms it had figures to the first it has none again."""

    urn: str
    seed: int
    first: int
    end: int
    strength: int

    def days(self, start: int, end: int) -> range:
        """The days of a window that have figures, as epoch ms."""
        first = max(start, self.first - self.first % DAY_MS)
        return range(first, min(end, self.end), DAY_MS)

    def part(self, name: str, of: int) -> Subject:
        """One part of it by audience, of so many."""
        return replace(self, urn=f"{self.urn} {name}", strength=max(self.strength // of, 2))

    def figure(self, name: str, day: int, today: int) -> int:
        """A noisy count of one day; small ones are 0, and it still grows for three days."""
        chance = mix(self.seed, crc32(self.urn.encode()), crc32(name.encode()), day // DAY_MS)
        full = chance % max(self.strength, 1)
        settled = today - day > SETTLED_AFTER_DAYS * DAY_MS
        figure = full if settled else full * 4 // 5
        return figure if figure > 1 else 0


def buckets(start: int, end: int, granularity: str | None) -> Iterator[tuple[int, int]]:
    """The intervals of a window: days, weeks counted from its start, calendar months, or the whole of it."""
    while start < end:
        stop = min(_stop(start, end, granularity), end)
        yield start, stop
        start = stop


def _stop(start: int, end: int, granularity: str | None) -> int:
    if granularity is None:
        return end
    if granularity == "MONTH":
        day = datetime.fromtimestamp(start / 1000, timezone.utc)
        return int(day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1, day=1).timestamp() * 1000)
    return start + (7 if granularity == "WEEK" else 1) * DAY_MS


def content_counts(subject: Subject, days: range, today: int) -> dict[str, tuple[int, int]]:
    """Every count of a page's or post's content over these days, organic and sponsored."""
    totals = {name: [0, 0] for name in CONTENT_COUNTS}
    for day in days:
        seen = subject.figure("IMPRESSIONS", day, today) * 20
        paid = seen // 5 if subject.figure("paid", day, today) % 4 == 0 else 0
        for at, shown in enumerate((seen - paid, paid)):
            totals["IMPRESSIONS"][at] += shown
            totals["UNIQUE_IMPRESSIONS"][at] += shown * 7 // 10
            for name, per in (("CLICKS", 30), ("COMMENTS", 400), ("REACTIONS", 60), ("REPOSTS", 500)):
                totals[name][at] += shown * (50 + subject.figure(name, day, today) % 100) // (per * 100)
    return {name: (organic, sponsored) for name, (organic, sponsored) in totals.items()}


def content_value(metric: str, counts: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """One metric as content analytics write it: counts as `long`, rates as `bigDecimal`, a JSON string."""
    organic, sponsored = counts["IMPRESSIONS"] if metric in CONTENT_RATES else counts[metric]
    parts: list[dict[str, Any]] = [{"long": organic + sponsored}, {"long": organic}, {"long": sponsored}]
    if metric in CONTENT_RATES:
        names = ("CLICKS",) if metric == "CTR" else ("CLICKS", "COMMENTS", "REACTIONS", "REPOSTS")
        acts = [sum(counts[name][at] for name in names) for at in (0, 1)]
        pairs = ((sum(acts), organic + sponsored), (acts[0], organic), (acts[1], sponsored))
        parts = [{"bigDecimal": f"{done / shown:.6f}" if shown else "0"} for done, shown in pairs]
    values = {"organicValue": parts[1], "sponsoredValue": parts[2]}
    return {"totalCount": parts[0], "typeSpecificValue": {"contentAnalyticsValue": values}}


def gestures(subject: Subject, today: int) -> list[dict[str, Any]]:
    """What was clicked. Every name is invented; one type comes twice, and of the rest one has a URN and one nothing."""
    days = subject.days(subject.first, subject.end)
    rows: list[dict[str, Any]] = []
    for place, gesture in enumerate(GESTURES):
        total = sum(subject.figure(f"{gesture}{place}", day, today) for day in days)
        value = {"totalCount": {"long": total}, "futureNested": place}
        rows.append({"type": gesture, "metric": {"value": value}})
    del rows[2]["type"], rows[3]["type"]
    rows[2]["urn"] = f"urn:li:postGesture:({subject.urn},{GESTURES[2]})"
    return rows


def edge_value(
    kind: str, subject: Subject, days: range, today: int, part: str = "", of: int = 1, stayed: float = 1
) -> dict[str, Any]:
    """Followers gained, or visits, over these days.

    `part` names a dimension's value, one of `of`; `stayed` is the share of the followers gained who did not leave.
    """
    total = int(sum(subject.figure(f"{kind}{part}", day, today) for day in days) * stayed) // of
    if kind == "FOLLOWER":
        gained = {"organicValue": total - total // 4, "sponsoredValue": total // 4}
        return {"totalCount": {"long": total}, "typeSpecificValue": {"followerEdgeAnalyticsValue": gained}}
    visits = {"uniqueCount": total * 2 // 3, "futureNested": 0}
    # Some intervals hold a few of the counters only.
    if not days or days[0] // DAY_MS % 5:
        desktop = total * 3 // 5
        visits |= {
            "desktopCount": desktop,
            "mobileCount": total - desktop,
            "desktopUniqueCount": desktop * 2 // 3,
            "mobileUniqueCount": (total - desktop) * 2 // 3,
            "desktopCtaClickCount": total // 20,
            "mobileCtaClickCount": total // 30,
            "guestDesktopCount": total // 6,
            "guestMobileCount": total // 8,
        }
    return {"totalCount": {"long": total}, "typeSpecificValue": {"visitorEdgeAnalyticsValue": visits}}


def nothing_of(value: Any) -> Any:
    """The same value with every figure 0, as LinkedIn answers when the privacy budget is spent."""
    if isinstance(value, dict):
        return {name: nothing_of(entry) for name, entry in value.items()}
    return "0" if isinstance(value, str) else 0
