"""`python -m report`: what the marts hold, as one HTML file that opens anywhere and can be mailed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from report.marts import DAYS, Marts, ReportError, database_of_environment
from report.page import write


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of days")
    return int(text)


def main() -> int:
    """Write the file that the command line asks for; the answer is the process's exit status."""
    parser = argparse.ArgumentParser("python -m report", description=__doc__)
    database, schema = database_of_environment()
    parser.add_argument(
        "--database",
        default=database,
        help="the marts' database: postgresql://…, or a DuckDB file; by default LINKEDIN_DMA_DATABASE",
    )
    parser.add_argument(
        "--schema", default=schema, help="the marts' schema; by default LINKEDIN_DMA_MARTS_SCHEMA, or linkedin_marts"
    )
    parser.add_argument(
        "--organization", action="append", help="only this organization, by number, URN or name; repeat it for more"
    )
    parser.add_argument(
        "--days", type=_days, default=DAYS, help=f"how many days, up to the last with figures; by default {DAYS}"
    )
    parser.add_argument(
        "--persons", action="store_true", help="show what may name members: texts of posts, who engages most"
    )
    parser.add_argument(
        "--no-audience",
        action="store_true",
        help="leave out the audience, whose names may not be passed to third parties, such as an agency's client",
    )
    parser.add_argument(
        "--output", type=Path, default=Path("linkedin-report.html"), help="the file; by default linkedin-report.html"
    )
    given = parser.parse_args()
    try:
        write(
            given.output,
            Marts(given.database, given.schema),
            given.organization or (),
            given.days,
            persons=given.persons,
            audience=not given.no_audience,
        )
    except ReportError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Written: {given.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
