"""A report as one HTML file that needs no other and no network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import altair
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from report import charts, wording
from report.marts import DAYS, Figures, Marts


def write(
    file: Path,
    marts: Marts,
    organizations: Sequence[str] = (),
    days: int = DAYS,
    *,
    persons: bool = False,
    audience: bool = True,
) -> None:
    """Write the page of these marts to a file.

    Args:
        file: where to.
        marts: what is read.
        organizations: whose pages, by URN, number or name; all that were loaded if there is none.
        days: how many days it covers, up to the last of which there are figures.
        persons: whether it shows what may name members.
        audience: whether it shows the audience, with names of LinkedIn's reference lists.

    Raises:
        ReportError: the marts cannot be read, or an organization was not loaded.
    """
    pages = marts.pages(organizations)
    figures = marts.figures(pages, days, persons=persons)
    missing = wording.NO_FIGURES if pages else wording.NO_PAGES
    file.write_text(page(figures, missing, persons=persons, audience=audience), encoding="utf-8")


def page(figures: Figures | None, missing: str = "", *, persons: bool = False, audience: bool = True) -> str:
    """The page.

    Args:
        figures: what it shows; None for a page that says why there is nothing.
        missing: the sentence that it shows instead.
        persons: whether it shows who engaged most.
        audience: whether it shows the audience.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    drawn = charts.charts(figures) if figures else {}
    if not audience:
        drawn.pop("audience", None)
    return environment.get_template("page.html").render(
        figures=figures,
        missing=missing,
        persons=persons,
        audience=audience,
        words=wording,
        titles={section: list(parts) for section, parts in drawn.items()},
        specifications=[chart.to_dict() for parts in drawn.values() for chart in parts.values()],
        vega=Markup(_vega()),  # noqa: S704, the libraries themselves
    )


def _vega() -> str:
    """Vega, Vega-Lite and vega-embed in one script, of the version that Altair writes for."""
    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return vl_convert.javascript_bundle(vl_version=version)  # type: ignore[call-arg]  # its stub forgets a default
