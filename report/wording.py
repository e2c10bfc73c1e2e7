"""The words of a report, and figures as people read them: the same on the page and in the app."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from textwrap import shorten
from typing import NamedTuple

from report.marts import Figures, Page, Period, Row, Totals

NO_PAGES = "No organization was loaded yet. Load one, build the marts, and make the report again."
NO_FIGURES = "No analytics were loaded yet: page_content_trend, visitor_trend and follower_trend have them."

NOISE = (
    "Engagement is comments, reactions, clicks and reposts; by followers, it is that of an average post. "
    "LinkedIn adds noise to impressions, clicks and gains, and delivers them two days late. "
    "Comments and reactions are its own counts."
)


class Section(NamedTuple):
    """A part of the report: its heading, a remark, and a sentence instead if there is nothing to show."""

    title: str
    remark: str
    empty: str


WEEKS = Section(
    "Week by week",
    "Whole weeks, Monday to Sunday. The engagement rate is that of the posts that went live in the week.",
    "No whole week of figures: choose a longer period.",
)
BEST_POSTS = Section(
    "Best posts",
    "Posts of the period by engagement rate, the best first. Without the newest, whose impressions are not all in.",
    "No post of the period can be compared yet: it takes posts, social_metadata and post_content_trend.",
)
AUDIENCE = Section(
    "Followers by audience",
    "LinkedIn leaves out small groups. The names are LinkedIn's reference data: do not pass them on to third parties.",
    "No audience was loaded: it takes follower_demographics.",
)
BEST_TIMES = Section(
    "Best times to post",
    "Engagement rate by weekday and hour of publication, over all posts that can be compared. "
    "The number is how many posts: one alone is chance.",
    "No post can be compared yet: it takes posts, social_metadata and post_content_trend.",
)
LEADS = Section(
    "Leads",
    "By calendar month, from views of the page to leads, without those sent to try a form.",
    "No lead was sent in the period, or none was loaded: it takes lead_gen_forms and lead_gen_form_responses.",
)
ENGAGERS = Section(
    "Who engages most",
    "Members and pages that LinkedIn may show, by comments and then reactions, over all posts.",
    "Nobody who may be shown has commented or reacted, or comments and reactions were not loaded.",
)

DIMENSIONS = {
    "SENIORITY": "Seniority",
    "JOB_FUNCTION": "Job function",
    "INDUSTRY": "Industry",
    "STAFF_COUNT_RANGE": "Company size",
}
_NO_POSTS = "No post of the period can be compared."
_LONGEST_NAME = 110
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Tile(NamedTuple):
    """A headline figure, the change to the period before (with a sign), and a remark."""

    label: str
    value: str
    change: str | None
    remark: str


def heading(pages: Sequence[Page]) -> str:
    """The names of the pages, or how many there are."""
    return " and ".join(page.name for page in pages) if len(pages) <= 2 else f"{len(pages)} pages"


def day(value: date) -> str:
    """Such as 5 Nov 2026."""
    return f"{value.day} {value:%b %Y}"


def span(period: Period) -> str:
    """Such as 5 Nov 2026 to 2 Dec 2026."""
    return f"{day(period.first)} to {day(period.last)}"


def percent(rate: float | None) -> str:
    """A fraction such as 0.0234 as 2.34 %."""
    return "—" if rate is None else f"{100 * rate:.2f} %"


def tiles(figures: Figures) -> list[Tile]:
    """Followers, impressions, and engagement by impressions and by followers."""
    now, before = figures.totals, figures.before
    return [
        _followers(now, before),
        _count("Impressions", now.impressions, before.impressions),
        _rate(
            "Engagement by impressions",
            _part(now.engagement, now.engaged_impressions),
            _part(before.engagement, before.engaged_impressions),
            _NO_POSTS,
        ),
        _rate(
            "Engagement by followers",
            _by_followers(now),
            _by_followers(before),
            _NO_POSTS if now.followers else "LinkedIn gives no total of followers: write one into follower_totals.csv.",
        ),
    ]


def _followers(now: Totals, before: Totals) -> Tile:
    if now.followers is None:
        return _count("Followers gained", now.followers_gained, before.followers_gained)
    return _count("Followers", now.followers, before.followers)


def _count(label: str, now: int | None, before: int | None) -> Tile:
    if now is None:
        return Tile(label, "—", None, "Not loaded for the whole period.")
    if before is None:
        return Tile(label, f"{now:,}", None, "No whole period before it.")
    return Tile(label, f"{now:,}", f"{100 * (now - before) / before:+.1f} %" if before else None, f"{before:,} before")


def _rate(label: str, now: float | None, before: float | None, missing: str) -> Tile:
    if now is None:
        return Tile(label, "—", None, missing)
    if before is None:
        return Tile(label, percent(now), None, "No whole period before it.")
    return Tile(label, percent(now), f"{100 * (now - before):+.2f} points", f"{percent(before)} before")


def _by_followers(totals: Totals) -> float | None:
    """Of an average post: a sum over more posts would say nothing but how many there are."""
    return _part(totals.engagement, totals.posts * totals.followers if totals.followers else None)


def _part(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def count(number: int | None) -> str:
    """A number with commas; a dash for what was not loaded."""
    return "—" if number is None else f"{number:,}"


def kind(content_kind: str) -> str:
    """A kind of content as a word."""
    return "text" if content_kind == "none" else content_kind.replace("_", " ")


def post_name(post: Row) -> str:
    """The beginning of the text if it was asked for, else the title, else the kind of content."""
    text = post["text"] or post["title"] or f"Post: {kind(post['content_kind'])}"
    return shorten(text, _LONGEST_NAME, placeholder=" …")


def month(value: date, period: Period) -> str:
    """Such as Nov 2026; with a remark if the period's last day is in it, since more may come."""
    so_far = (value.year, value.month) == (period.last.year, period.last.month)
    return f"{value:%b %Y}{', so far' if so_far else ''}"
