"""`tap-linkedin-dma retention`: the SQL that removes rows that LinkedIn's terms, or you, no longer allow to be kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import click

from tap_linkedin_dma.commands.warehouse.dialects import Warehouse
from tap_linkedin_dma.commands.warehouse.options import as_comment, as_sql, show, warehouse_options
from tap_linkedin_dma.commands.warehouse.retention_limits import Days, Limit, Retention
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.standardized_data import LONGEST_KEPT


@click.command()
@click.option(
    "--days",
    type=click.IntRange(0, LONGEST_KEPT),
    default=LONGEST_KEPT,
    show_default=True,
    help="Days to keep standardized data; LinkedIn's terms allow no more.",
)
@click.option(
    "--member-days",
    "member_days",
    multiple=True,
    metavar="[STREAM=]N",
    help="Days to keep rows of persons, of one stream or of all others. By default without limit.",
)
@click.option(
    "--gone-days",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Days to keep rows of persons whom LinkedIn no longer shows, such as those who opted out.",
)
@click.option(
    "--consent-days",
    type=click.IntRange(1),
    default=30,
    show_default=True,
    help="Days to keep a member's own data after LinkedIn last confirmed the member's consent.",
)
@click.option(
    "--time-column",
    default="_sdc_extracted_at",
    show_default=True,
    help="The column that says when a row was loaded.",
)
@warehouse_options
def retention(
    days: int,
    member_days: Iterable[str],
    gone_days: int,
    consent_days: int,
    time_column: str,
    warehouse: Warehouse,
    output: str,
) -> None:
    r"""Print the SQL that removes what is past its date.

    It is printed only: nothing is connected to, and no token is needed. Its first part counts the rows that are due,
    the second deletes them. With --dialect ansi, only the limits in days are written.

    \b
        tap-linkedin-dma retention --dialect postgres > retention.sql
        psql -v ON_ERROR_STOP=1 -f retention.sql
    """
    chosen = Days(days, consent_days, gone_days, dict(map(_of_members, member_days)))
    limits = Retention(warehouse, chosen, time_column).limits()
    show(_as_json(warehouse, limits) if output == "json" else _as_sql(warehouse, limits))


def _of_members(text: str) -> tuple[str, int]:
    stream, _, days = text.rpartition("=")
    if not days.isdecimal() or (stream and stream not in {known.name for known in STREAMS}):
        msg = f"--member-days: {text} is not of the form N or STREAM=N, with a stream that the tap has."
        raise click.UsageError(msg)
    return stream, int(days)


def _as_sql(warehouse: Warehouse, limits: Sequence[Limit]) -> str:
    checks = [
        as_comment(f"{limit.stream.name}. {limit.says}. {' '.join(limit.advice)}")
        + (f"\n{as_sql([limit.check])}" if limit.check else "")
        for limit in limits
    ]
    due = [statement for limit in limits for statement in limit.statements]
    begin = warehouse.begin(STREAMS)
    parts = [
        as_comment("Part 1: how long each table may be kept, and how many rows are due."),
        as_sql([*begin, *warehouse.tables_found(STREAMS)]),
        *checks,
        as_sql(warehouse.end(keeps=False)),
        as_comment("Part 2: removes what is due."),
        as_sql([*begin, *due, *warehouse.end(keeps=True)]),
    ]
    return "\n\n".join(parts)


def _as_json(warehouse: Warehouse, limits: Sequence[Limit]) -> str:
    recipe = {
        "before": list(warehouse.begin(STREAMS)),
        "entries": [
            {
                "stream": limit.stream.name,
                "table": warehouse.table_name(limit.stream),
                "limit": limit.says,
                "check": limit.check or None,
                "statements": limit.statements,
                "advice": limit.advice,
            }
            for limit in limits
        ],
        "after": list(warehouse.end(keeps=True)),
    }
    return json.dumps(recipe, indent=2)
