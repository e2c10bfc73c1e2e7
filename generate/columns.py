"""The pages about tables: every column with its meaning and its joins, and diagrams of the joins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.joins import joins_of, targets_of

Stream = Any

AREAS: Mapping[str, Sequence[str]] = {
    "Pages and people": ("identity", "organizations", "pages", "settings", "products", "featured", "employer_brand"),
    "Posts, comments and reactions": ("feed", "content"),
    "Analytics": ("analytics",),
    "Leads, events, messages and articles": ("leads", "events", "live_videos", "messaging", "publishing"),
    "Reference lists": ("standardized_data", "geos"),
    "A member's own data": ("member",),
}
"""The modules of each area, in reading order."""

_PAGE_OF_A_ROW = ("organization", "organizational_page")
"""Columns of nearly every stream, which would hide all else in a diagram."""


def area_of(stream: Stream) -> str:
    """The area of a stream."""
    module = stream.__module__.split(".")[2]
    return next(area for area, modules in AREAS.items() if module in modules)


def columns() -> str:
    """A table of columns for each stream, by area."""
    return "\n\n".join(part for area in AREAS for part in [f"## {area}", *map(_columns_of, _streams_of(area))])


def diagrams() -> str:
    """A diagram for each area: its streams with their keys, and the streams that they join to."""
    return "\n\n".join(f"## {area}\n\n```mermaid\nerDiagram\n{_diagram(area)}\n```" for area in AREAS)


def sentence(stream: Stream) -> str:
    """The first sentence of a stream's docstring."""
    return (stream.__doc__ or "").partition("\n\n")[0].replace("\n    ", " ")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], "|---" * len(heads) + "|", *lines[1:]])


def _streams_of(area: str) -> list[Stream]:
    return [stream for stream in cast("tuple[Stream, ...]", STREAMS) if area_of(stream) == area]


def _columns_of(stream: Stream) -> str:
    rows = [
        [f"`{name}`", _type(name, column, stream), column["description"], _targets(stream, name)]
        for name, column in stream.schema["properties"].items()
    ]
    return f"### {stream.name}\n\n{sentence(stream)}\n\n{table(['column', 'type', 'meaning', 'joins to'], rows)}"


def _kind(column: Mapping[str, Any]) -> str:
    kinds = {"date-time": "timestamp", "string": "text", "array": "list"}
    kind: str = column.get("format") or next(name for name in column["type"] if name != "null")
    return kinds.get(kind, kind)


def _type(name: str, column: Mapping[str, Any], stream: Stream) -> str:
    return f"{_kind(column)}, key" if name in stream.primary_keys else _kind(column)


def _targets(stream: Stream, name: str) -> str:
    return "; ".join(
        (f"`{path}`: " if path != name else "") + " or ".join(f"`{key}`" for key in keys)
        for path, keys in targets_of(stream, name).items()
    )


def _diagram(area: str) -> str:
    """One line from each stream to each that its columns join to; of several, to the first."""
    relations: dict[tuple[str, str], list[str]] = {}
    for stream in _streams_of(area):
        firsts = {join.path: join for join in reversed(joins_of(stream))}
        for path, join in reversed(firsts.items()):
            if path not in _PAGE_OF_A_ROW and "." not in path:
                relations.setdefault((join.stream, stream.name), []).append(path)
    by_name = {stream.name: stream for stream in cast("tuple[Stream, ...]", STREAMS)}
    drawn = dict.fromkeys(name for pair in relations for name in pair)
    entities = [line for name in drawn for line in _entity(by_name[name])]
    lines = [f'    {one} |o--o{{ {many} : "{", ".join(paths)}"' for (one, many), paths in relations.items()]
    return "\n".join([*entities, *lines])


def _entity(stream: Stream) -> Iterator[str]:
    yield f"    {stream.name} {{"
    for name in stream.primary_keys:
        yield f"        {_kind(stream.schema['properties'][name])} {name} PK"
    yield "    }"
