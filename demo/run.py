"""`make demo`: a company's LinkedIn page into PostgreSQL, twice, with a day in between.

LinkedIn is the sandbox; Meltano, the tap, target-postgres and PostgreSQL are the real ones. With DATABASE_URL set,
that server is used, and one schema of it is written. What was started is stopped at the end, whatever happens.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from demo.meltano import PROJECT, Meltano, MeltanoError
from demo.postgres import Database, changes, embedded_server
from demo.processes import leave_in_order_on_sigterm
from demo.sandbox import running_sandbox
from report.marts import Marts
from report.page import write

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

SCHEMA = "tap_linkedin_dma_demo"
MARTS = "dbt-postgres"
REPORT = Path(__file__).with_name("report.html")
FOLLOWERS = {"urn:li:organization:90417283": 4820, "urn:li:organization:90417391": 310}
"""How many followers the invented pages have, which an admin would read off them."""
QUESTIONS = (Path(__file__).with_name("best_posts.sql"), Path(__file__).with_name("follower_gain.sql"))


def settings(of_tap: Mapping[str, object], database: Database) -> dict[str, object]:
    """The environment of a Meltano whose tap has these settings and whose target writes to this database."""
    return {
        **{f"TAP_LINKEDIN_DMA_{name.upper()}": value for name, value in of_tap.items()},
        "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
        "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": database.schema,
        **database.dbt_settings,
    }


@contextlib.contextmanager
def demo_database() -> Generator[Database]:
    """The schema that the demo fills: empty, on the server of DATABASE_URL or on one that lives as long as this."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get("DATABASE_URL") or stack.enter_context(embedded_server())
        database = stack.enter_context(Database(url, SCHEMA))
        database.drop()
        yield database


def with_follower_totals(folder: Path) -> dict[str, str]:
    """The environment of a dbt whose project is the shipped one, copied, with the totals of the invented pages."""
    project = shutil.copytree(PROJECT / "transform", folder / "transform")
    with (project / "seeds/follower_totals.csv").open("a") as totals:
        for organization, total in FOLLOWERS.items():
            totals.write(f"{organization},{date.today()},{total}\n")
    return {"DBT_POSTGRES_PROJECT_DIR": str(project), "DBT_POSTGRES_TARGET_PATH": str(project / "target")}


@contextlib.contextmanager
def step(what: str) -> Generator[None]:
    """Say what is being done, and how long it took."""
    print(f"{what} ...", end=" ", flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:.0f} s", flush=True)


def show(rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as a table, numbers to the right."""
    lines = list(rows)
    if not lines:
        print("  (none)")
        return
    widths = {name: max(len(name), *(len(str(line[name])) for line in lines)) for name in lines[0]}
    for line in ({name: name for name in widths}, *lines):
        cells = (
            str(line[name]).ljust(width) if isinstance(lines[0][name], str) else str(line[name]).rjust(width)
            for name, width in widths.items()
        )
        print(f"  {'  '.join(cells)}".rstrip())


def ask(database: Database, question: Path) -> None:
    """Print the question that the file's first line puts, and the answer."""
    statement = question.read_text()
    print(f"\n{statement.splitlines()[0].removeprefix('-- ')}  (demo/{question.name})")
    show(database.query(statement))


def demo() -> None:
    """Tell the whole story once."""
    with contextlib.ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linkedin-demo-")))
        with step("Starting PostgreSQL, and a sandbox in LinkedIn's place"):
            database = stack.enter_context(demo_database())
            sandbox = stack.enter_context(running_sandbox())
        meltano = Meltano(state, {**settings(sandbox.settings, database), **with_follower_totals(state)})
        with step("Installing the tap, the target and dbt into Meltano"):
            meltano.install("target-postgres", MARTS)

        with step(f"\nFirst run: meltano run tap-linkedin-dma target-postgres {MARTS}:build"):
            meltano.run(1, "target-postgres", f"{MARTS}:build")
        before, first_calls = database.snapshot(), sandbox.calls()
        show({"table": table, "rows": len(rows)} for table, rows in before.items())
        for question in QUESTIONS:
            ask(database, question)
        # Its people are invented, so that they may be shown.
        write(REPORT, Marts(database.url, database.marts_schema), persons=True)
        print(f"\nThe report: {REPORT}")

        sandbox.tick()
        with step("\nA day later, the second run"):
            meltano.run(2, "target-postgres", f"{MARTS}:build")
        print("\nWhat it brought")
        found = changes(before, database.snapshot())
        show({"table": table, **change._asdict()} for table, change in found.items() if any(change))
        print("\nWhat each run asked LinkedIn for")
        second_calls = sandbox.calls() - first_calls
        show(
            {"resource and finder": asked, "calls, first run": count, "second run": second_calls[asked]}
            for asked, count in sorted(first_calls.items())
        )
        if os.environ.get("DATABASE_URL"):
            print(f"\nThe tables stay in the schema {SCHEMA}, and the marts in {database.marts_schema}.")


def main() -> int:
    """Run the demo; the answer is the process's exit status."""
    leave_in_order_on_sigterm()
    try:
        demo()
    except (MeltanoError, psycopg.OperationalError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
