"""`tap-linkedin-dma erase`: the SQL that removes a page or a person from a warehouse that this tap filled."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.commands.warehouse.dialects import Warehouse
from tap_linkedin_dma.commands.warehouse.erasure import Entry, Erasure, is_first_shared, own_streams
from tap_linkedin_dma.commands.warehouse.options import as_comment, as_sql, show, warehouse_options
from tap_linkedin_dma.commands.warehouse.subject import Subject
from tap_linkedin_dma.streams import STREAMS


@click.command()
@click.option("--organization", metavar="URN", help="The page to erase: urn:li:organization:NUMBER.")
@click.option("--member", metavar="URN", help="The person to erase: urn:li:person:ID.")
@click.option(
    "--member-hash-key",
    envvar="TAP_LINKEDIN_DMA_MEMBER_HASH_KEY",
    default="",
    help="The setting of that name, where the warehouse holds persons as hashes. Better given by the environment.",
)
@warehouse_options
def erase(
    organization: str | None, member: str | None, member_hash_key: str, warehouse: Warehouse, output: str
) -> None:
    """Print the SQL that removes everything about a page, or about a person.

    It is printed only: nothing is connected to, and no token is needed. Read the counts that it begins with before you
    let it delete. To run it twice does no harm.
    """
    if (organization is None) == (member is None):
        raise click.UsageError("Give either --organization or --member.")
    try:
        subject = Subject(organization or member or "", member_hash_key.strip())
        if subject.is_person != (member is not None):
            msg = "A page is erased by --organization, a person by --member."
            raise DmaError(msg)
    except DmaError as error:
        raise click.UsageError(str(error)) from None
    erasure = Erasure(subject, warehouse)
    entries = erasure.entries()
    written = _as_json if output == "json" else _as_sql
    show(written(subject, warehouse, erasure, entries))


def _statements(erasure: Erasure, entries: Sequence[Entry]) -> list[tuple[str, list[str]]]:
    """The statements of the transaction, each table's with its description."""
    told = []
    for entry in entries:
        before = erasure.collect_referenced(own_streams()) if is_first_shared(entry) else []
        key = f" by {entry.key}" if entry.key else ""
        told.append((f"{entry.stream.name}{key}. {' '.join(entry.notes)}".strip(), [*before, *entry.statements]))
    return told


def _as_sql(subject: Subject, warehouse: Warehouse, erasure: Erasure, entries: Sequence[Entry]) -> str:
    parts = [
        as_comment(f"Removes {subject.urn}. Run the first part, look at the counts, then run the second."),
        as_comment("Part 1: how many rows it reaches."),
        as_sql([*warehouse.begin(STREAMS), *erasure.begin(), erasure.counted(entries)]),
        as_comment("Part 2: all of it, or nothing."),
    ]
    body = ["\n".join([as_comment(told), as_sql(statements)]) for told, statements in _statements(erasure, entries)]
    opening, *_, closing = warehouse.in_transaction([])
    parts += [as_sql([opening]), *body, as_sql([closing, *erasure.end(), *warehouse.end()])]
    return "\n\n".join([*parts, *map(as_comment, _elsewhere(subject))])


def _as_json(subject: Subject, warehouse: Warehouse, erasure: Erasure, entries: Sequence[Entry]) -> str:
    told = _statements(erasure, entries)
    sql_options = {
        "subject": subject.urn,
        "before": [*warehouse.begin(STREAMS), *erasure.begin()],
        "entries": [
            {
                "stream": entry.stream.name,
                "table": warehouse.table_name(entry.stream),
                "key": entry.key or None,
                "count": entry.count or None,
                "statements": statements,
                "notes": entry.notes,
            }
            for entry, (_, statements) in zip(entries, told, strict=True)
        ],
        "after": [*erasure.end(), *warehouse.end()],
        "elsewhere": _elsewhere(subject),
    }
    return json.dumps(sql_options, indent=2)


def _elsewhere(subject: Subject) -> list[str]:
    """The places that SQL does not reach."""
    kept = (
        "The tap's state: the bookmark of member_changelog, and the short hashes of those whom people asked for."
        if subject.is_person
        else f"The tap's state: take out every partition whose context is the organization {subject.urn}."
    )
    return [
        "Not reached by SQL: raw files and staging areas, backups, history tables, tables made from these, exports.",
        kept,
        "The token_file, and the setting organizations: a run that may still read it brings it back.",
    ]
