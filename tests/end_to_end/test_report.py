"""The demo's picture and page, from answers as PostgreSQL gives them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from demo import report

POSTS: list[dict[str, Any]] = [
    {
        "published": date(2026, 9, 23),
        "kind": "article",
        "impressions": 9280,
        "engagements": 258,
        "rate %": Decimal("2.8"),
        "post": "<b>Grüße</b> & $10 off 🚀, to all who fix what leaks",
    },
    {
        "published": date(2026, 9, 7),
        "kind": "poll",
        "impressions": 7500,
        "engagements": 207,
        "rate %": Decimal("2.7"),
        "post": "Which one leaks?",
    },
]
WEEKS: list[dict[str, Any]] = [
    {"week of": date(2026, 11, 9), "gained": 4, "organic": 4, "sponsored": 0},
    {"week of": date(2026, 11, 2), "gained": 8, "organic": 7, "sponsored": 1},
]


def test_the_page_holds_every_figure_and_no_markup_of_a_post() -> None:
    """What members write is text, in the tables and in the picture."""
    page = report.page(POSTS, WEEKS)
    assert "&lt;b&gt;Grüße&lt;/b&gt; &amp; $10 off 🚀, to all who fix what leaks" in page
    assert "<b>Grüße" not in page
    for row in (*POSTS, *WEEKS):
        for value in row.values():
            assert isinstance(value, str) or f">{value}</td>" in page


def test_the_picture_shows_weeks_from_left_to_right_and_the_best_post_on_top() -> None:
    """The answers have the newest week, and the best post, first."""
    drawn = report.picture(POSTS, WEEKS, "svg").decode()
    assert drawn.index(">02 Nov<") < drawn.index(">09 Nov<")
    # From below, as the axis counts.
    assert drawn.index("Which one leaks?") < drawn.index("$10 off")
    assert "2.8 %  (258 of 9,280)" in drawn


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_answers_make_the_same_picture(form: str) -> None:
    """So that a commit of it is a change of what it shows."""
    assert report.picture(POSTS, WEEKS, form) == report.picture(POSTS, WEEKS, form)
