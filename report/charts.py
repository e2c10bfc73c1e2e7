"""The charts of a report, each as wide as the place it is put into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from report.marts import HOURS_TOGETHER, Figures, Row
from report.wording import DIMENSIONS, WEEKDAYS

BLUE, AMBER, GREY = "#2f6db3", "#d98e2b", "#5b6470"
# Up to a line of the grid, so that no bar ends above the last one.
_NICE = alt.Scale(nice=4)
_HEIGHT, _LINE_HEIGHT = 210, 26


def charts(figures: Figures) -> dict[str, dict[str, alt.Chart | alt.LayerChart]]:
    """The charts that have something to show: those of weeks, audience, best times and leads, by title."""
    weeks = [{**row, "week": f"{row['week'].day} {row['week']:%b}"} for row in figures.weeks]
    by_week = {
        "organic": ("Impressions", _impressions),
        "followers_gained": ("Followers gained", _gained),
        "engagement_rate": ("Engagement rate", _engagement),
    }
    drawn: dict[str, dict[str, alt.Chart | alt.LayerChart]] = {
        # A stream that was not loaded leaves its column empty.
        "weeks": {
            title: draw(weeks) for name, (title, draw) in by_week.items() if any(row[name] is not None for row in weeks)
        },
        "audience": {
            title: _audience(rows)
            for name, title in DIMENSIONS.items()
            if (rows := [row for row in figures.audience if row["dimension_type"] == name])
        },
        "best_times": {"": _best_times(figures.best_times)} if figures.best_times else {},
        "leads": {"Leads by form": _leads(figures.lead_forms)} if figures.lead_forms else {},
    }
    return {section: {title: _styled(chart) for title, chart in parts.items()} for section, parts in drawn.items()}


def _styled(chart: Any) -> Any:
    return (
        chart.properties(width="container")
        .configure(font="system-ui, sans-serif", background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=GREY, labelFontSize=12, titleColor=GREY, gridColor="#e6e9ed", domain=False, ticks=False
        )
        .configure_axisX(labelPadding=8)
        .configure_legend(orient="top", title=None, labelFontSize=12, labelColor=GREY)
    )


def _data(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def _impressions(weeks: Sequence[Row]) -> alt.Chart:
    rows = [
        {"week": row["week"], "kind": kind, "count": row[kind]} for row in weeks for kind in ("organic", "sponsored")
    ]
    # A page that never advertised has no need of a legend.
    advertised = any(row["sponsored"] for row in weeks)
    return (
        alt.Chart(_data(row for row in rows if advertised or row["kind"] == "organic"))
        .mark_bar()
        .encode(
            x=_weeks(),
            y=alt.Y("count:Q", title=None, scale=_NICE, axis=alt.Axis(format="~s", tickCount=4)),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=["organic", "sponsored"], range=[BLUE, AMBER]),
                legend=alt.Legend() if advertised else None,
            ),
            tooltip=[
                alt.Tooltip("week:N", title="Week of"),
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("count:Q", title="Impressions", format=","),
            ],
        )
        .properties(height=_HEIGHT)
    )


def _gained(weeks: Sequence[Row]) -> alt.Chart:
    return _by_week(weeks, "followers_gained", "Followers gained", ",d", "~s").mark_bar(color=BLUE)


def _engagement(weeks: Sequence[Row]) -> alt.Chart:
    points = alt.OverlayMarkDef(color=BLUE, size=50)
    return _by_week(weeks, "engagement_rate", "Engagement rate", ".2%", ".1%").mark_line(color=BLUE, point=points)


def _by_week(weeks: Sequence[Row], column: str, title: str, form: str, form_of_axis: str) -> alt.Chart:
    return (
        alt.Chart(_data({"week": row["week"], column: row[column]} for row in weeks))
        .encode(
            x=_weeks(),
            y=alt.Y(f"{column}:Q", title=None, scale=_NICE, axis=alt.Axis(format=form_of_axis, tickCount=4)),
            tooltip=[alt.Tooltip("week:N", title="Week of"), alt.Tooltip(f"{column}:Q", title=title, format=form)],
        )
        .properties(height=_HEIGHT)
    )


def _weeks() -> alt.X:
    # Names in their order rather than dates, which Vega would move into the reader's time zone.
    return alt.X("week:O", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=6))


def _audience(rows: Sequence[Row]) -> alt.LayerChart:
    data = [{name: row[name] for name in ("name", "members", "share")} for row in rows]
    bars = alt.Chart(_data(data)).encode(
        x=alt.X("share:Q", axis=None, scale=alt.Scale(domainMax=1.25 * max(row["share"] or 0 for row in rows))),
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=170)),
        tooltip=[
            alt.Tooltip("name:N", title="Group"),
            alt.Tooltip("members:Q", title="Followers", format=","),
            alt.Tooltip("share:Q", title="Share", format=".1%"),
        ],
    )
    figures = bars.mark_text(align="left", dx=4, fontSize=12, color=GREY).encode(text=alt.Text("share:Q", format=".0%"))
    return (bars.mark_bar(color=BLUE) + figures).properties(height=_LINE_HEIGHT * len(rows))


def _best_times(rows: Sequence[Row]) -> alt.LayerChart:
    cells = [
        {
            "weekday": WEEKDAYS[row["weekday"] - 1],
            "hour": f"{row['hour']}-{row['hour'] + HOURS_TOGETHER}",
            "posts": row["posts"],
            "engagement_rate": row["engagement_rate"],
        }
        for row in rows
    ]
    hours = [f"{hour}-{hour + HOURS_TOGETHER}" for hour in range(0, 24, HOURS_TOGETHER)]
    rates = [row["engagement_rate"] for row in rows]
    base = alt.Chart(_data(cells)).encode(
        x=alt.X(
            "hour:O", sort=hours, scale=alt.Scale(domain=hours), title=None, axis=alt.Axis(labelAngle=0, orient="top")
        ),
        y=alt.Y("weekday:O", sort=list(WEEKDAYS), scale=alt.Scale(domain=list(WEEKDAYS)), title=None),
        tooltip=[
            alt.Tooltip("weekday:N", title="Weekday"),
            alt.Tooltip("hour:N", title="Hours"),
            alt.Tooltip("posts:Q", title="Posts"),
            alt.Tooltip("engagement_rate:Q", title="Engagement rate", format=".2%"),
        ],
    )
    cell = base.mark_rect(stroke="white", strokeWidth=2, cornerRadius=3).encode(
        color=alt.Color(
            "engagement_rate:Q", scale=alt.Scale(scheme="blues"), legend=alt.Legend(format=".1%", gradientLength=160)
        )
    )
    middle = (min(rates) + max(rates)) / 2
    number = base.mark_text(fontSize=12).encode(
        text="posts:Q",
        color=alt.condition(alt.datum["engagement_rate"] > middle, alt.value("white"), alt.value("#222")),
    )
    return (cell + number).properties(height=7 * 32)


def _leads(rows: Sequence[Row]) -> alt.Chart:
    data = [{**row, "month": f"{row['month']:%b %Y}"} for row in rows]
    return (
        alt.Chart(_data(data))
        .mark_bar()
        .encode(
            x=alt.X("month:O", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("leads:Q", title=None, scale=_NICE, axis=alt.Axis(format="~s", tickMinStep=1, tickCount=4)),
            color=alt.Color(
                "form:N", scale=alt.Scale(scheme="tableau10"), legend=alt.Legend(columns=2, labelLimit=190)
            ),
            tooltip=[
                alt.Tooltip("form:N", title="Form"),
                alt.Tooltip("month:N", title="Month"),
                alt.Tooltip("leads:Q", title="Leads"),
            ],
        )
        .properties(height=_HEIGHT)
    )
