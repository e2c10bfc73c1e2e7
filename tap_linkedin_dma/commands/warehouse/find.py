"""`tap-linkedin-dma find`: the SQL that looks for a person by name, e-mail address or profile link."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import click

from tap_linkedin_dma.commands.warehouse.dialects import DialectWarehouse, Stream, literal
from tap_linkedin_dma.commands.warehouse.options import as_comment, as_sql, dialect_options, show
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.streams import STREAMS

_PERSONS = r"(urn:li:(?:person|member):[\w-]+(?:[.~=]+[\w-]+)*)"


@click.command()
@click.option("--name", help="Words of the person's name, in any order.")
@click.option("--email", help="The person's e-mail address.")
@click.option("--vanity", help="The name in the address of the person's profile: linkedin.com/in/NAME.")
@dialect_options
def find(name: str | None, email: str | None, vanity: str | None, warehouse: DialectWarehouse) -> None:
    r"""Print the SQL that looks for a person whose URN is not known, as JSON: a line for each row that fits.

    It is printed only: nothing is connected to, and no token is needed. Each line has the row, its stream, and the
    URNs of the persons in it, for the commands subject and erase. A row without one, such as the answers of a member
    who did not agree to be shown, is to be deleted by its own key.

    \b
        tap-linkedin-dma find --email jane@example.org --dialect postgres > find.sql
        psql -v ON_ERROR_STOP=1 -qAt -f find.sql
    """
    words = [*(name or "").split(), *filter(None, [email])]
    if not words and not vanity:
        raise click.UsageError("Give --name, --email or --vanity.")
    text = f"lower({warehouse.row()})"
    fits = [" OR ".join(f"strpos({text}, {literal(form)}) > 0" for form in _forms(word)) for word in words]
    if vanity:
        pattern = f'(/in/|vanity_?name\\\\*" *: *\\\\*"){re.escape(vanity.lower())}([^a-z0-9_-]|$)'
        fits.append(warehouse.matches(text, literal(pattern)))
    condition = " AND ".join(f"({one})" for one in fits)
    streams = [stream for stream in STREAMS if stream.data_class != STANDARDIZED]
    rows = "\nUNION ALL ".join(_rows(warehouse, stream, condition) for stream in streams)
    statements = [*warehouse.begin(STREAMS), rows, *warehouse.end(keeps=False)]
    show(f"{as_comment('The rows in which such a person stands.')}\n{as_sql(statements)}")


def _rows(warehouse: DialectWarehouse, stream: Stream, condition: str) -> str:
    """A query for the rows of a condition, with the persons in each."""
    persons = warehouse.all_found(warehouse.row(), literal(_PERSONS))
    line = warehouse.json_object({"stream": literal(stream.name), "persons": persons, "row": warehouse.json("line")})
    return f"SELECT {warehouse.as_text(line)} AS row FROM {warehouse.lines(stream)} WHERE {condition}"


def _forms(word: str) -> Iterator[str]:
    """A word in lower case, also with the escapes of JSON text, by which a target may keep it."""
    yield word.lower()
    for cased in (word.lower(), word.upper(), word.capitalize()):
        if (escaped := json.dumps(cased)[1:-1].lower()) != word.lower():
            yield escaped
