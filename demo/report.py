"""The two answers of the demo as a picture, and as a page with the figures beside it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Rows = Sequence[dict[str, Any]]

PNG = Path(__file__).with_name("report.png")
PAGE = Path(__file__).with_name("report.html")

_BLUE, _GREY = "#2f6db3", "#5b6470"
_LONGEST_LABEL = 40

_STYLE: Any = {
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    # Without them a new file would differ from the last one where nothing has changed.
    "svg.hashsalt": "tap-linkedin-dma",
    "svg.fonttype": "none",
    "text.parse_math": False,
}

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>What the demo found</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
svg {{ width: 100%; height: auto }}
table {{ border-collapse: collapse; margin: 1rem 0 2rem }}
td, th {{ border-bottom: 1px solid #ddd; padding: .3rem .8rem; text-align: left }}
td.number, th.number {{ text-align: right; font-variant-numeric: tabular-nums }}
</style>
<h1>What the demo found</h1>
<p>An invented company's LinkedIn pages, read by tap-linkedin-dma into PostgreSQL.</p>
{picture}
{tables}
</html>
"""


def write(best_posts: Rows, follower_gain: Rows) -> None:
    """Write `report.png` and `report.html` beside this module.

    Args:
        best_posts: what `best_posts.sql` answers, the best first.
        follower_gain: what `follower_gain.sql` answers, the newest week first.
    """
    PNG.write_bytes(picture(best_posts, follower_gain, "png"))
    PAGE.write_text(page(best_posts, follower_gain), encoding="utf-8")


def picture(best_posts: Rows, follower_gain: Rows, form: str) -> bytes:
    """Followers gained by week beside the best posts, as `png` or `svg`."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(10, 3.8), layout="constrained")
        weeks, posts = figure.subplots(1, 2, width_ratios=[1, 1.25])
        _draw_weeks(weeks, follower_gain[::-1])
        _draw_posts(posts, best_posts[::-1])
        drawn = io.BytesIO()
        figure.savefig(drawn, format=form, dpi=100, metadata={"Software" if form == "png" else "Date": None})
    return drawn.getvalue()


def page(best_posts: Rows, follower_gain: Rows) -> str:
    """The picture and both answers, in one file that needs no other."""
    svg = picture(best_posts, follower_gain, "svg").decode()
    tables = _table("Best posts of the last 90 days", best_posts), _table("Followers gained by week", follower_gain)
    return _PAGE.format(picture=svg[svg.index("<svg") :], tables="\n".join(tables))


def _draw_weeks(axes: Axes, rows: Rows) -> None:
    bars = axes.bar([f"{row['week of']:%d %b}" for row in rows], [row["gained"] for row in rows], color=_BLUE)
    axes.bar_label(bars, padding=2, color=_GREY)
    axes.set_title("Followers gained by week")
    axes.tick_params(axis="x", rotation=60, length=0)
    axes.yaxis.set_visible(False)


def _draw_posts(axes: Axes, rows: Rows) -> None:
    labels = [f"{_shortened(row['post'])}\n{row['published']:%d %b}, {row['kind']}" for row in rows]
    # By place and not by label: two posts may begin alike.
    bars = axes.barh(range(len(rows)), [float(row["rate %"]) for row in rows], color=_BLUE)
    axes.set_yticks(range(len(rows)), labels)
    figures = [f"{row['rate %']} %  ({row['engagements']:,} of {row['impressions']:,})" for row in rows]
    axes.bar_label(bars, figures, padding=4, color=_GREY)
    axes.set_title("Best posts: engagement per impression")
    axes.margins(x=0.5)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_visible(False)
    axes.spines.bottom.set_visible(False)


def _shortened(text: str) -> str:
    # The font has no emoji, which stand beyond the first 65,536 characters.
    shown = re.sub(r"[^\u0000-\uffff]", "", text)
    return shown if len(shown) <= _LONGEST_LABEL else shown[: _LONGEST_LABEL - 1].rstrip(" .,") + "…"


def _table(title: str, rows: Rows) -> str:
    heads = "".join(_cell("th", name, rows[0][name]) for name in rows[0]) if rows else ""
    lines = "\n".join(f"<tr>{''.join(_cell('td', value, value) for value in row.values())}</tr>" for row in rows)
    return f"<h2>{html.escape(title)}</h2>\n<table>\n<tr>{heads}</tr>\n{lines}\n</table>"


def _cell(tag: str, shown: object, value: object) -> str:
    kind = "" if isinstance(value, str) else ' class="number"'
    return f"<{tag}{kind}>{html.escape(str(shown))}</{tag}>"
