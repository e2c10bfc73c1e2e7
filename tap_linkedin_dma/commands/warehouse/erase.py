"""`tap-linkedin-dma erase`: the SQL that removes a page or a person from a warehouse that this tap filled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tap_linkedin_dma.commands.warehouse.dialects import Warehouse
from tap_linkedin_dma.commands.warehouse.erasure import Entry, Erasure
from tap_linkedin_dma.commands.warehouse.options import (
    as_comment,
    as_sql,
    show,
    subject_options,
    warehouse_options,
)
from tap_linkedin_dma.commands.warehouse.state_files import rewrite, without_subject
from tap_linkedin_dma.commands.warehouse.subjects import Subject
from tap_linkedin_dma.tap import TapLinkedInDMA


@click.command()
@click.option(
    "--state",
    "state_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the tap's state; what it holds of the page or the person is removed from it at once.",
)
@warehouse_options
@subject_options
def erase(subject: Subject, warehouse: Warehouse, output: str, state_file: Path | None) -> None:
    r"""Print the SQL that removes everything about a page, or about a person.

    It is printed only: nothing is connected to, and no token is needed. Its first part counts the rows that the second
    changes. The second fails, and changes nothing, if it finds no table, or if anything is left at its end. To run it
    twice does no harm.

    \b
        tap-linkedin-dma erase --member urn:li:person:ID --dialect postgres > erase.sql
        psql -v ON_ERROR_STOP=1 -f erase.sql

    A later run would bring a person back, as far as LinkedIn shows the person: add the value that is printed for
    forget_members to that setting.
    """
    erasure = Erasure(subject, warehouse, TapLinkedInDMA.plugin_version)
    written = _as_json if output == "json" else _as_sql
    show(written(subject, warehouse, erasure, erasure.entries()))
    if state_file:
        rewrite(state_file, lambda state: without_subject(state, subject))
        click.echo(f"{state_file} no longer holds anything of the subject.", err=True)


def _as_sql(subject: Subject, _: Warehouse, erasure: Erasure, entries: Sequence[Entry]) -> str:
    before, after = erasure.change(entries)
    body = [
        f"{as_comment(f'{entry.stream.name}{_by_key(entry)}. ' + ' '.join(entry.notes))}\n{as_sql(entry.statements)}"
        for entry in entries
    ]
    parts = [
        as_comment(f"Removes {subject.urn}. Run the first part, look at the counts, then run the second."),
        *([as_comment(_kept_out(subject))] if subject.is_person else []),
        as_comment("Part 1: the tables that are there, and how many rows of each are reached."),
        as_sql(erasure.look(entries)),
        as_comment("Part 2: all of it, or nothing. Its last line is for your register of erasures."),
        as_sql(before),
        *body,
        as_sql(after),
    ]
    return "\n\n".join([*parts, *map(as_comment, _elsewhere(subject))])


def _by_key(entry: Entry) -> str:
    return f" by {entry.key}" if entry.key else ""


def _as_json(subject: Subject, warehouse: Warehouse, erasure: Erasure, entries: Sequence[Entry]) -> str:
    before, after = erasure.change(entries)
    recipe: dict[str, Any] = {
        "subject": subject.urn,
        **({"keep_out": {"setting": "forget_members", "value": subject.keep_out}} if subject.is_person else {}),
        "look": erasure.look(entries),
        "before": before,
        "entries": [
            {
                "stream": entry.stream.name,
                "table": warehouse.table_name(entry.stream),
                "key": entry.key or None,
                "count": entry.count or None,
                "statements": entry.statements,
                "notes": entry.notes,
            }
            for entry in entries
        ],
        "after": after,
        "elsewhere": _elsewhere(subject),
    }
    return json.dumps(recipe, indent=2)


def _kept_out(subject: Subject) -> str:
    return f"A later run brings the person back, unless the setting forget_members has this value: {subject.keep_out}"


def _elsewhere(subject: Subject) -> list[str]:
    """The places that SQL does not reach."""
    who = "the person" if subject.is_person else "the page"
    return [
        "Not reached by SQL: raw files and staging areas, backups, history tables, tables made from these, exports; "
        f"nor bare ids and names of {who} in other texts, which the command find looks for.",
        f"The tap's state: --state FILE removes {who} from it.",
        "The token_file, and the setting organizations: a run that may still read a page brings it back.",
    ]
