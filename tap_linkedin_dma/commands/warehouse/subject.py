"""`tap-linkedin-dma subject`: the SQL that shows all that a warehouse holds about a page or a person."""

from __future__ import annotations

import click

from tap_linkedin_dma.commands.warehouse import entries
from tap_linkedin_dma.commands.warehouse.dialects import DialectWarehouse, literal
from tap_linkedin_dma.commands.warehouse.entries import Place, why_not
from tap_linkedin_dma.commands.warehouse.options import as_comment, as_sql, dialect_options, show, subject_options
from tap_linkedin_dma.commands.warehouse.subjects import Subject
from tap_linkedin_dma.streams import STREAMS


@click.command()
@dialect_options
@subject_options
def subject(subject: Subject, warehouse: DialectWarehouse) -> None:
    r"""Print the SQL that shows all that the tables hold about a person, or a page, as JSON: a line for each row.

    It is printed only: nothing is connected to, and no token is needed. Each line has the row's stream and table, and
    whose the row is: "subject", or "other" if it only names the subject. Look at the latter before you hand them out,
    since they are about others too.

    \b
        tap-linkedin-dma subject --member urn:li:person:ID --dialect postgres > subject.sql
        psql -v ON_ERROR_STOP=1 -qAt -f subject.sql > subject.jsonl
    """
    places = [Place(stream, subject, warehouse) for stream in entries.in_order() if not why_not(stream, subject)]
    rows = "\nUNION ALL ".join(_rows(place) for place in places)
    about = as_comment(f"All that is stored about {subject.urn}.")
    statements = [*warehouse.begin(STREAMS), *entries.begin(warehouse, subject), rows]
    show(f"{about}\n{as_sql([*statements, *warehouse.end(keeps=False)])}")


def _rows(place: Place) -> str:
    """A query for the rows that are the subject's or name it, each as JSON."""
    warehouse, stream = place.warehouse, place.stream
    whose = f"CASE WHEN {place.own} THEN 'subject' ELSE 'other' END" if place.own else "'other'"
    line = warehouse.json_object({"stream": literal(stream.name), "whose": whose, "row": warehouse.json("line")})
    return f"SELECT {warehouse.as_text(line)} AS row FROM {warehouse.lines(stream)} WHERE {place.reached}"
