"""`tap-linkedin-dma retention`: the SQL that removes rows that LinkedIn's terms no longer allow to be kept."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from tap_linkedin_dma.commands.warehouse.dialects import Warehouse
from tap_linkedin_dma.commands.warehouse.options import as_comment, as_sql, show, warehouse_options
from tap_linkedin_dma.commands.warehouse.retention_limits import Limit, Retention
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
    "--time-column",
    default="_sdc_extracted_at",
    show_default=True,
    help="The column that tells when a row was loaded.",
)
@warehouse_options
def retention(days: int, time_column: str, warehouse: Warehouse, output: str) -> None:
    """Print the SQL that removes what is past its date.

    It is printed only: nothing is connected to, and no token is needed.
    """
    limits = Retention(warehouse, days, time_column).limits()
    show(_as_json(warehouse, limits) if output == "json" else _as_sql(warehouse, limits))


def _as_sql(warehouse: Warehouse, limits: Sequence[Limit]) -> str:
    checks = [
        as_comment(f"{limit.stream.name}. {limit.says}. {' '.join(limit.advice)}")
        + (f"\n{as_sql([limit.check])}" if limit.check else "")
        for limit in limits
    ]
    due = [statement for limit in limits for statement in limit.statements]
    opening, *_, closing = warehouse.in_transaction([])
    parts = [as_sql(warehouse.begin(STREAMS)), as_comment("Part 1: how long each table may be kept, and what is due.")]
    removal = [as_comment("Part 2: removes what is due."), as_sql([opening, *due, closing, *warehouse.end()])]
    return "\n\n".join(filter(None, [*parts, *checks, *removal]))


def _as_json(warehouse: Warehouse, limits: Sequence[Limit]) -> str:
    sql_options = {
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
        "after": list(warehouse.end()),
    }
    return json.dumps(sql_options, indent=2)
