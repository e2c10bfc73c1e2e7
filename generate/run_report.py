"""The shape of the run report, in tables, from the classes that write it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence

import msgspec

from generate.columns import table
from tap_linkedin_dma.output.run_report import LeftOut, OrganizationPart, Part, RunReport, StreamPart

_OBJECTS: dict[str, type[msgspec.Struct]] = {
    "The report": RunReport,
    "Each of its `organizations`": OrganizationPart,
    "Each of its `streams`": StreamPart,
    "Each of the `organizations` of a stream": Part,
    "Each of their `left_out`": LeftOut,
}
_ARGUMENT = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)


def run_report() -> str:
    """A table for each object of the report."""
    parts = [
        f"{title}:\n\n{table(('field', 'type', 'contents'), _fields(object_))}" for title, object_ in _OBJECTS.items()
    ]
    return "\n\n".join(parts)


def _fields(object_: type[msgspec.Struct]) -> Iterator[Sequence[str]]:
    told = dict(_ARGUMENT.findall(inspect.getdoc(object_) or ""))
    for name in object_.__struct_fields__:
        text = " ".join(told[name].split())
        yield f"`{name}`", _type(object_.__annotations__[name]), text[0].upper() + text[1:]


def _type(annotation: str) -> str:
    if annotation.startswith("list["):
        return "list"
    words = {"Outcome": "text", "str": "text", "int": "number", "float": "number", "None": "null"}
    parts = [words.get(part, "number" if part == "Literal[1]" else "text") for part in annotation.split(" | ")]
    return " or ".join(parts)
