"""The figures of a report: queries on the marts of `transform/`, in PostgreSQL or in a DuckDB file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

Row = dict[str, Any]

BEST_POSTS = 10
MOST_ENGAGED = 10
LARGEST_GROUPS = 8
HOURS_TOGETHER = 3
"""Posts that went live within so many hours of a weekday are one cell of the best times: an hour alone has too few."""

DIMENSIONS = ("SENIORITY", "JOB_FUNCTION", "INDUSTRY", "STAFF_COUNT_RANGE")
"""Those of the audience that have names; LinkedIn's terms forbid to store the names of places."""

_LOADED = ("impressions", "page_views", "followers_gained")
"""The columns of `linkedin_dma__page_daily` that three streams fill, each of which may not be loaded."""


DAYS = 90
"""How many days a report covers, unless others are asked for."""


class ReportError(Exception):
    """The marts cannot be read. The message says what to do."""


class Period(NamedTuple):
    """Days, both ends among them."""

    first: date
    last: date

    @classmethod
    def until(cls, last: date, days: int) -> Period:
        """So many days that end with this one."""
        return cls(last - timedelta(days - 1), last)

    @property
    def before(self) -> Period:
        """As many days, just before it."""
        return Period.until(self.first - timedelta(1), (self.last - self.first).days + 1)

    @property
    def whole_weeks(self) -> Period:
        """Its weeks from Monday to Sunday, without partial ones. If it has none, it ends before it begins."""
        return Period(
            self.first + timedelta(-self.first.weekday() % 7), self.last - timedelta((self.last.weekday() + 1) % 7)
        )


@dataclass(frozen=True)
class Page:
    """An organization's page, from the schema into which it was loaded last."""

    loaded_schema: str
    organization: str
    name: str

    @property
    def key(self) -> str:
        """As the queries compare it."""
        return f"{self.loaded_schema} {self.organization}"

    def is_called(self, wanted: str) -> bool:
        """Whether this is its URN, number or name."""
        return wanted in (self.organization, self.organization.rpartition(":")[2], self.name)


class Totals(NamedTuple):
    """The sums of a period; None for what was not loaded, or not for the whole period.

    `engagement` and `engaged_impressions` are those of the `posts` of the period that can be compared.
    """

    followers: int | None
    followers_gained: int | None
    impressions: int | None
    posts: int
    engagement: int | None
    engaged_impressions: int | None


@dataclass(frozen=True)
class Figures:
    """All of a report: rows by column name, and none if a stream was not loaded, or LinkedIn has nothing."""

    pages: Sequence[Page]
    period: Period
    totals: Totals
    before: Totals
    weeks: list[Row]
    best_posts: list[Row]
    audience: list[Row]
    best_times: list[Row]
    lead_months: list[Row]
    lead_forms: list[Row]
    engagers: list[Row]


def database_of_environment() -> tuple[str, str]:
    """The database and the schema that the environment names, as the utilities of Meltano set it.

    Without a URL it is the server of PGHOST and so on, by which PostgreSQL's own clients go.
    """
    database = os.environ.get("LINKEDIN_DMA_DATABASE") or ("postgresql://" if os.environ.get("PGHOST") else "")
    return database, os.environ.get("LINKEDIN_DMA_MARTS_SCHEMA") or "linkedin_marts"


class Marts:
    """One schema of marts, of which nothing is changed.

    Args:
        database: a PostgreSQL URL, also as SQLAlchemy writes it; or a DuckDB file, also as `duckdb:///` and its path.
        schema: where dbt built the marts.

    Raises:
        ReportError: of every method: the database cannot be opened, or has no marts.
    """

    def __init__(self, database: str, schema: str = "linkedin_marts") -> None:
        if not database:
            raise ReportError("Which database? Set LINKEDIN_DMA_DATABASE to postgresql://… or a DuckDB file.")
        self._database, self._schema = database, schema

    def pages(self, organizations: Sequence[str] = ()) -> list[Page]:
        """The pages of these organizations, or of all, by name; of one that is in several schemas, the newest.

        Args:
            organizations: URNs, numbers or names.

        Raises:
            ReportError: an organization was not loaded.
        """
        rows = self._rows(
            """
            select loaded_schema, organization, coalesce(organization_name, organization) as name
            from linkedin_dma__organizations
            order by name, organization, loaded_at desc
            """
        )
        newest: dict[str, Page] = {}
        for row in rows:
            newest.setdefault(row["organization"], Page(**row))
        pages = list(newest.values())
        for wanted in organizations:
            if not any(page.is_called(wanted) for page in pages):
                loaded = ", ".join(page.name for page in pages) or "none"
                raise ReportError(f"Organization {wanted} was not loaded. There are: {loaded}.")
        return [page for page in pages if not organizations or any(map(page.is_called, organizations))]

    def figures(self, pages: Sequence[Page], days: int = DAYS, *, persons: bool = False) -> Figures | None:
        """Read everything for these pages together.

        Args:
            pages: which.
            days: how many days, up to the last of which all figures that were loaded are there.
            persons: also read what may name members: the texts of posts, and who engaged most.

        Returns:
            The figures, or None if there are none at all.
        """
        known = self._limits("max", pages).values() if pages else ()
        last = min((day for day in known if day), default=None)
        return self._figures(pages, Period.until(last, days), persons) if last else None

    def _figures(self, pages: Sequence[Page], period: Period, persons: bool) -> Figures:
        keys = [page.key for page in pages]
        in_period = {"pages": keys, **period._asdict()}
        return Figures(
            pages=pages,
            period=period,
            totals=self._totals(pages, period),
            before=self._totals(pages, period.before),
            weeks=self._rows(_WEEKS, pages=keys, **period.whole_weeks._asdict()),
            best_posts=self._rows(_BEST_POSTS.format(text="text" if persons else "null"), **in_period),
            audience=self._rows(_AUDIENCE, pages=keys, dimensions=list(DIMENSIONS)),
            best_times=self._rows(_BEST_TIMES, pages=keys),
            lead_months=self._rows(_LEAD_MONTHS, **in_period),
            lead_forms=self._rows(_LEAD_FORMS, **in_period),
            engagers=self._rows(_ENGAGERS, pages=keys) if persons else [],
        )

    def _totals(self, pages: Sequence[Page], period: Period) -> Totals:
        keys = {"pages": [page.key for page in pages]}
        (sums,) = self._rows(_SUMS, **keys, **period._asdict())
        begins = self._limits("min", pages)
        whole = {name: sums[name] if (day := begins[name]) and day <= period.first else None for name in _LOADED}
        (known,) = self._rows(
            """
            select cast(sum(total) as bigint) as total, count(total) as pages
            from linkedin_dma__followers
            where loaded_schema || ' ' || organization = any($pages) and day = $last
            """,
            **keys,
            last=period.last,
        )
        (posts,) = self._rows(_ENGAGEMENT, **keys, **period._asdict())
        return Totals(
            followers=known["total"] if known["pages"] == len(pages) else None,
            followers_gained=whole["followers_gained"],
            impressions=whole["impressions"],
            posts=posts["posts"],
            engagement=posts["engagement"],
            engaged_impressions=posts["impressions"],
        )

    def _limits(self, which: str, pages: Sequence[Page]) -> dict[str, date | None]:
        """The first (`min`) or last (`max`) day that each of the streams of a page's days has given."""
        columns = ", ".join(f"{which}(case when {name} is not null then day end) as {name}" for name in _LOADED)
        (row,) = self._rows(
            f"select {columns} from linkedin_dma__page_daily where loaded_schema || ' ' || organization = any($pages)",
            pages=[page.key for page in pages],
        )
        return row

    def _rows(self, statement: str, **values: object) -> list[Row]:
        """The rows of a statement whose parameters are `$name`."""
        read: Callable[..., list[Row]] = _postgres if self._database.startswith("postgres") else _duckdb
        try:
            return read(self._database, self._schema, statement, values)
        except Exception as error:
            raise ReportError(_reason(error, self._schema)) from error


def _postgres(database: str, schema: str, statement: str, values: dict[str, object]) -> list[Row]:
    # Imported where it is needed: a DuckDB file is read without it, and the other way round.
    import psycopg
    from psycopg import sql
    from psycopg.rows import dict_row

    url = re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", database)
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.read_only = True
        connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(schema)))
        return connection.execute(re.sub(r"\$(\w+)", r"%(\1)s", statement).encode(), values).fetchall()


def _duckdb(database: str, schema: str, statement: str, values: dict[str, object]) -> list[Row]:
    import duckdb

    # Open for as long as a query takes: nobody else can write the file meanwhile.
    with closing(duckdb.connect(re.sub("^duckdb:(///)?", "", database), read_only=True)) as connection:
        connection.execute(f"set search_path = '{schema}'")
        result = connection.execute(statement, values)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _reason(error: Exception, schema: str) -> str:
    if isinstance(error, ImportError):
        return f"{error.name} is not installed."
    if type(error).__name__ in ("UndefinedTable", "CatalogException"):
        return f"There are no marts in the schema {schema}. Build them with dbt: docs/marts.md."
    reason = str(error).strip().splitlines()[0]
    # psycopg repeats a URL that it cannot parse, with the password.
    return f"The database cannot be read: {re.sub(r'/[^/ ]*@', '/…@', reason)}"


_SUMS = """
select
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(page_views) as bigint) as page_views,
    cast(sum(followers_gained) as bigint) as followers_gained
from linkedin_dma__page_daily
where loaded_schema || ' ' || organization = any($pages) and day between $first and $last
"""

_ENGAGEMENT = """
select
    count(*) as posts, cast(sum(engagement) as bigint) as engagement,
    cast(sum(impressions) as bigint) as impressions
from linkedin_dma__posts
where loaded_schema || ' ' || organization = any($pages) and is_comparable and engagement is not null
    and cast(published_at as date) between $first and $last
"""

_WEEKS = """
with days as (
    select
        cast(date_trunc('week', day) as date) as week,
        organic_impressions, sponsored_impressions, followers_gained, 0 as engagement, 0 as impressions
    from linkedin_dma__page_daily
    where loaded_schema || ' ' || organization = any($pages) and day between $first and $last
    union all
    select cast(date_trunc('week', published_at) as date), null, null, null, engagement, impressions
    from linkedin_dma__posts
    where loaded_schema || ' ' || organization = any($pages) and is_comparable and engagement is not null
        and cast(published_at as date) between $first and $last
)
select
    week,
    cast(sum(organic_impressions) as bigint) as organic,
    cast(sum(sponsored_impressions) as bigint) as sponsored,
    cast(sum(followers_gained) as bigint) as followers_gained,
    cast(1.0 * sum(engagement) / nullif(sum(impressions), 0) as double precision) as engagement_rate
from days
group by week
order by week
"""

_BEST_POSTS = f"""
select
    cast(published_at as date) as published, content_kind, title, {{text}} as text, url, impressions, engagement,
    cast(engagement_rate as double precision) as engagement_rate
from linkedin_dma__posts
where loaded_schema || ' ' || organization = any($pages) and is_comparable and engagement is not null
    and cast(published_at as date) between $first and $last
order by engagement_rate desc, published_at desc
limit {BEST_POSTS}
"""

_AUDIENCE = f"""
with newest as (
    select *, max(day) over (partition by loaded_schema, organization) as newest_day
    from linkedin_dma__audience
    where audience = 'followers' and loaded_schema || ' ' || organization = any($pages)
),
summed as (
    select dimension_type, name, max(day) as day, sum(members) as members
    from newest
    where day = newest_day and dimension_type = any($dimensions)
    group by dimension_type, name
),
ranked as (
    select
        *,
        sum(members) over (partition by dimension_type) as all_members,
        row_number() over (partition by dimension_type order by members desc, name) as place
    from summed
)
select
    dimension_type, coalesce(name, 'not named') as name, day, cast(members as bigint) as members,
    cast(1.0 * members / nullif(all_members, 0) as double precision) as share
from ranked
where place <= {LARGEST_GROUPS}
order by dimension_type, place
"""

_BEST_TIMES = f"""
select
    weekday, hour - mod(hour, {HOURS_TOGETHER}) as hour, cast(sum(posts) as bigint) as posts,
    cast(1.0 * sum(engagement) / nullif(sum(impressions), 0) as double precision) as engagement_rate
from linkedin_dma__best_times
where loaded_schema || ' ' || organization = any($pages)
group by weekday, hour - mod(hour, {HOURS_TOGETHER})
order by weekday, hour
"""

_IN_MONTHS = """
where loaded_schema || ' ' || organization = any($pages)
    and month between cast(date_trunc('month', cast($first as date)) as date) and $last
"""

# Views and clicks are those of the page, the same for each of its forms.
_LEAD_MONTHS = f"""
with pages as (
    select
        month, max(page_views) as page_views, max(button_clicks) as button_clicks, sum(leads) as leads,
        sum(named_leads) as named_leads
    from linkedin_dma__lead_funnel
    {_IN_MONTHS}
    group by loaded_schema, organization, month
)
select
    month, cast(sum(page_views) as bigint) as page_views, cast(sum(button_clicks) as bigint) as button_clicks,
    cast(sum(leads) as bigint) as leads, cast(sum(named_leads) as bigint) as named_leads
from pages
group by month
order by month
"""

_LEAD_FORMS = f"""
select coalesce(form_name, form) as form, month, cast(sum(leads) as bigint) as leads
from linkedin_dma__lead_funnel
{_IN_MONTHS}
group by coalesce(form_name, form), month
having sum(leads) > 0
order by month, form
"""

_ENGAGERS = f"""
select
    max(name) as name, cast(sum(comments) as bigint) as comments, cast(sum(reactions) as bigint) as reactions,
    cast(sum(posts) as bigint) as posts
from linkedin_dma__engagers
where loaded_schema || ' ' || organization = any($pages) and not is_own_page and name is not null
group by actor
order by sum(comments) desc, sum(reactions) desc, actor
limit {MOST_ENGAGED}
"""
