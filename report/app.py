"""The report as an app, with pages and period chosen: `meltano invoke dashboard:show`, or `streamlit run`."""

from __future__ import annotations

from typing import Any

import streamlit as st

from report import wording
from report.charts import charts
from report.marts import DAYS, Figures, Marts, Page, ReportError, database_of_environment

PERIODS = (28, DAYS, 180, 360)
MINUTES_KEPT = 10


@st.cache_data(ttl=60 * MINUTES_KEPT, show_spinner="Reading the marts")  # type: ignore[untyped-decorator]  # Streamlit is installed where it runs
def read(database: tuple[str, str], organizations: list[str], days: int, persons: bool) -> Figures | None:
    """The figures of these organizations, or None if there are none."""
    marts = Marts(*database)
    return marts.figures(marts.pages(organizations), days, persons=persons)


def show() -> None:
    """Lay out the whole app, as Streamlit has it done at each choice."""
    st.set_page_config("LinkedIn report", layout="wide")
    database = database_of_environment()
    try:
        pages = Marts(*database).pages()
    except ReportError as error:
        st.error(str(error))
        return
    if not pages:
        st.info(wording.NO_PAGES)
        return
    with st.sidebar:
        chosen: Page | None = st.selectbox(
            "Page", [None, *pages], format_func=lambda page: page.name if page else f"All {len(pages)} pages"
        )
        days = st.selectbox("Period", PERIODS, PERIODS.index(DAYS), format_func=lambda days: f"Last {days} days")
        persons = st.toggle("Show persons", help="Texts of posts, which may name members, and who engages most.")
    figures = read(database, [chosen.organization] if chosen else [], days, persons)
    if not figures:
        st.info(wording.NO_FIGURES)
        return
    _show(figures, persons)


def _show(figures: Figures, persons: bool) -> None:
    st.title(wording.heading(figures.pages))
    st.caption(f"{wording.span(figures.period)}, compared with {wording.span(figures.period.before)}")
    # Two side by side, since Streamlit cuts a label rather than breaking it.
    for place, tile in zip([*st.columns(2), *st.columns(2)], wording.tiles(figures), strict=True):
        place.metric(tile.label, tile.value, tile.change, border=True)
        place.caption(tile.remark)
    drawn = charts(figures)
    _section(wording.WEEKS, drawn["weeks"])
    posts = [
        {
            "Published": row["published"],
            "Post": wording.post_name(row),
            "Kind": wording.kind(row["content_kind"]),
            "Impressions": row["impressions"],
            "Engagement": row["engagement"],
            "Rate": 100 * row["engagement_rate"],
            "Link": row["url"],
        }
        for row in figures.best_posts
    ]
    _section(wording.BEST_POSTS, table=posts)
    _section(wording.AUDIENCE, drawn["audience"])
    _section(wording.BEST_TIMES, drawn["best_times"])
    months = [
        {
            "Month": wording.month(row["month"], figures.period),
            "Page views": row["page_views"],
            "Button clicks": row["button_clicks"],
            "Leads": row["leads"],
            "with a name": row["named_leads"],
        }
        for row in figures.lead_months
    ]
    _section(wording.LEADS, drawn["leads"], months)
    if persons:
        _section(wording.ENGAGERS, table=[{name.capitalize(): row[name] for name in row} for row in figures.engagers])
    st.caption(wording.NOISE)


def _section(
    section: wording.Section, drawn: dict[str, Any] | None = None, table: list[dict[str, Any]] | None = None
) -> None:
    st.subheader(section.title)
    if not drawn and not table:
        st.info(section.empty)
        return
    st.caption(section.remark)
    if table:
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                "Rate": st.column_config.ProgressColumn(
                    format="%.2f %%", min_value=0, max_value=max(row["Rate"] for row in table)
                ),
                "Link": st.column_config.LinkColumn(display_text="open"),
            }
            if "Rate" in table[0]
            else None,
        )
    charts_of_section = list((drawn or {}).items())
    in_a_row = {1: 1, 3: 3}.get(len(charts_of_section), 2)
    for first in range(0, len(charts_of_section), in_a_row):
        for place, (title, chart) in zip(
            st.columns(in_a_row), charts_of_section[first : first + in_a_row], strict=False
        ):
            if title:
                place.markdown(f"**{title}**")
            place.altair_chart(chart, theme=None)


show()
