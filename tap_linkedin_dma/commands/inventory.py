"""`tap-linkedin-dma inventory`: the personal data that a run with these settings would pass on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import click

from tap_linkedin_dma.api.errors import InputRejected
from tap_linkedin_dma.commands.config_option import CommandTap, TokenlessTap, configured
from tap_linkedin_dma.privacy.data_classes import (
    BING_MAPS,
    MEMBER,
    NONE,
    STANDARDIZED,
    UNKNOWN,
    DataClassification,
    classify,
)
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams.member.authorizations import MemberStream

_HEADINGS = (
    "stream",
    "columns",
    "class",
    "sensitive",
    "paragraph",
    "leaves",
    "kept for at most",
    "purpose",
    "legal basis",
    "recipients",
)

_PARAGRAPHS = {
    MEMBER: "3.2, 3.3",
    UNKNOWN: "3.2, 3.3 if personal",
    STANDARDIZED: "2.2.1, 3.2.1",
    BING_MAPS: "2.2.2, 3.2.2",
    NONE: "3.2",
}

_LEAVES = {
    "include": "as LinkedIn sends it",
    "hash": "as a keyed hash",
    "omit": "not at all",
}


@click.command(short_help="List the data that a run passes on, by data class.")
@click.option(
    "--catalog",
    "catalog_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The catalog with your selection. By default the streams that are on by default.",
)
@click.option("--format", "output", type=click.Choice(["markdown", "csv"]), default="markdown", show_default=True)
@configured(TokenlessTap)
def inventory(tap: CommandTap, catalog_file: Path | None, output: str) -> None:
    r"""List what a run with these settings passes on, for your record of processing activities (GDPR, Art. 30).

    One line for each stream and data class, with LinkedIn's paragraph and what member_data makes of it. Purpose, legal
    basis and recipients are yours to fill in. LinkedIn is asked for nothing.

    \b
        meltano invoke --dump=catalog tap-linkedin-dma > catalog.json
        meltano invoke tap-linkedin-dma:inventory --catalog catalog.json > inventory.md
    """
    if catalog_file:
        tap = TokenlessTap(config=dict(tap.config), catalog=_catalog(catalog_file), setup_mapper=False)
    streams = [stream for stream in tap.streams.values() if stream.selected and isinstance(stream, DmaStream)]
    lines = [line for stream in streams for line in _lines(tap, stream)]
    click.echo(_as_csv(lines) if output == "csv" else _as_markdown(lines), nl=output != "csv")


def _catalog(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        msg = f"{file} is not a catalog. Make one with --discover, or with meltano invoke --dump=catalog."
        raise InputRejected(msg)
    return found


def _lines(tap: CommandTap, stream: DmaStream) -> Iterator[tuple[str, ...]]:
    """A line for each data class of a stream's selected columns."""
    by_mark: dict[DataClassification, list[str]] = {}
    of_stream = DataClassification(stream.data_class)
    for path, mark in classify(of_stream, stream.schema, stream.primary_keys):
        if stream.mask[("properties", path[0])]:
            by_mark.setdefault(mark, []).append(".".join(path))
    for mark, columns in by_mark.items():
        paragraph = "3.1" if isinstance(stream, MemberStream) and mark.data_class == MEMBER else ""
        yield (
            stream.name,
            ", ".join(columns),
            mark.data_class + (", unsure" if mark.is_unsure else ""),
            "yes" if mark.is_sensitive else "",
            paragraph or _PARAGRAPHS[mark.data_class],
            _leaves(tap, stream, mark),
            "" if stream.max_retention_days is None else f"{stream.max_retention_days} days",
            *("",) * 3,
        )


def _leaves(tap: CommandTap, stream: DmaStream, mark: DataClassification) -> str:
    if mark.is_unsure and tap.config["drop_unsure_locations"]:
        return "not at all"
    if mark.data_class == BING_MAPS and not mark.is_unsure:
        return "as LinkedIn sends it" if stream.max_retention_days == 0 else "not at all"
    if mark.data_class == UNKNOWN and tap.config["member_data"] == "hash":
        return "with persons as keyed hashes"
    return _LEAVES[tap.config["member_data"] if mark.data_class in (MEMBER, UNKNOWN) else "include"]


def _as_markdown(lines: list[tuple[str, ...]]) -> str:
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _as_csv(lines: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_HEADINGS, *lines])
    return text.getvalue()
