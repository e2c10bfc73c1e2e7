"""Figures of a video, an article or what a post is about, under the names of the member sibling of the resource."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from .analytics import Subject
from .organizations import DAY_MS

COUNTS = ("IMPRESSION", "MEMBERS_REACHED", "RESHARE", "REACTION", "COMMENT")
VIDEO_COUNTS = ("VIDEO_PLAY", "VIDEO_VIEWER", "VIDEO_WATCH_TIME")
NEWER_COUNTS = ("POST_SAVE", "POST_SEND", "LINK_CLICKS")
"""Counted since 202604, of those that are then; they come only if they are asked for."""

TOTAL_ONLY = ("VIDEO_VIEWER", "VIDEO_WATCH_TIME")
CONTENT_KINDS = ("video", "article", "reference")
FIRST_DAYS = 3


def creator_figures(subject: Subject, metrics: tuple[str, ...], aggregation: str | None, today: int) -> list[Any]:
    """Totals, then each of the first days for what is counted by day; `aggregation` narrows it to one of both."""
    days = subject.days(subject.first, subject.end)
    rows: list[dict[str, Any]] = []
    for metric in metrics if aggregation != "DAILY" else ():
        total = sum(subject.figure(metric, day, today) for day in days)
        # The metric has two shapes.
        word = {"type": metric, "futureNested": "V1"} if metric in TOTAL_ONLY or metric == "RESHARE" else metric
        rows.append({"metricType": word, "count": total})
    for metric in metrics if aggregation != "TOTAL" else ():
        for day in days[:FIRST_DAYS] if metric not in TOTAL_ONLY else ():
            count = subject.figure(metric, day, today)
            rows.append({"metricType": metric, "count": count, "dateRange": date_range(day)})
    return rows


def date_range(day: int) -> dict[str, Any]:
    """One day as the sibling writes it."""
    ends = (datetime.fromtimestamp(at / 1000, timezone.utc) for at in (day, day + DAY_MS))
    start, end = ({"day": at.day, "month": at.month, "year": at.year} for at in ends)
    return {"start": start, "end": end, "futureNested": "UTC"}
