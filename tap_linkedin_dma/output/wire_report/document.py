"""The wire report as a file: JSON, and Markdown beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tap_linkedin_dma.api.errors import InputRejected
from tap_linkedin_dma.output import report_files
from tap_linkedin_dma.output.wire_report.shapes import BUCKETS

CONTENTS = """\
The report has, for each kind of request that was made to LinkedIn:
- the resource, method and finder; the names of the parameters, and the types of their values, such as urn:organization
- LinkedIn's statuses and error codes, and how often: once, 2-9, 10-99 or at least 100 times
- the names of the fields in the answers, their types (text, date, urn:share ...), and whether they always came
- words such as PUBLISHED, if this release knows them, and differences from what this release expects
It has no values: no ids, names, texts, URNs, tokens or organizations. A field with an unusual name is shown as *."""
"""The contents of a report, in words, for whoever is to agree to it."""

ANSWERED = "200"
"""The status of an answer that is what was asked for."""

_Text = Annotated[str, msgspec.Meta(pattern=r"^[\w.,:|()\[\]{}*$/+ -]*$", max_length=2000)]
_Key = tuple[str, str, str, str]


class Field(msgspec.Struct, array_like=True, omit_defaults=True, frozen=True):
    """One field of an answer.

    Args:
        types: of its values.
        presence: in the objects around it; "" for the items of a list, and for maps.
        sample: how many objects were around it.
        words: of an enumeration that this release knows.
    """

    types: list[_Text]
    presence: Literal["", "always", "sometimes"] = ""
    sample: _Text = ""
    words: list[_Text] = []


class Entry(msgspec.Struct, omit_defaults=True, frozen=True):
    """One kind of request, and LinkedIn's answers to it.

    Args:
        stream: that made it; "" for none.
        resource: the name in the URL.
        method: Rest.li's.
        finder: its name; "" for none.
        versions: the months of the API that were requested.
        parameters: the shapes of each parameter's values.
        fallbacks: the number of the fallback that LinkedIn accepts, by parameter.
        answers: how often each status came, with LinkedIn's code.
        paging: the ways of paging that answers have shown.
        sample: how many entities were met.
        fields: by path.
        differences: from what the release expects, each with its place.
    """

    stream: _Text
    resource: _Text
    method: _Text
    finder: _Text
    versions: list[_Text]
    parameters: dict[_Text, list[_Text]]
    answers: dict[_Text, _Text]
    sample: _Text
    fallbacks: dict[_Text, int] = {}
    paging: list[_Text] = []
    fields: dict[_Text, Field] = {}
    differences: list[tuple[_Text, _Text]] = []

    @property
    def key(self) -> _Key:
        """The kind of request."""
        return self.stream, self.resource, self.method, self.finder

    @property
    def has_answered(self) -> bool:
        """Whether LinkedIn has answered it."""
        return ANSWERED in self.answers


class Report(msgspec.Struct, frozen=True):
    """A wire report."""

    tap_version: _Text
    entries: list[Entry]
    format: Literal[1] = 1

    @property
    def differences(self) -> list[tuple[Entry, str, str]]:
        """All differences, each with its kind of request, kind and place."""
        return [(entry, kind, place) for entry in self.entries for kind, place in entry.differences]


def new_report(entries: Iterable[Entry]) -> Report:
    """A report of this release."""
    version = metadata.version("tap-linkedin-dma").partition("+")[0]
    return Report(version, sorted(entries, key=lambda entry: entry.key))


def merged(reports: Iterable[Report]) -> Report:
    """One report with all that these have, of the first one's release."""
    first, *others = reports
    entries = {entry.key: entry for entry in first.entries}
    for report in others:
        for entry in report.entries:
            entries[entry.key] = _merged(entries[entry.key], entry) if entry.key in entries else entry
    return Report(first.tap_version, sorted(entries.values(), key=lambda entry: entry.key))


def read(path: Path) -> Report:
    """The report in a file.

    Raises:
        InputRejected: if there is none.
    """
    try:
        return decoded(path.read_bytes())
    except OSError as fault:
        msg = f"The wire report {path} cannot be read ({fault.strerror}). Name the JSON file of a report."
        raise InputRejected(msg) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        msg = f"{path} is no wire report. Name the JSON file that `doctor --report` or a run with wire_report wrote."
        raise InputRejected(msg) from None


def encoded(report: Report) -> bytes:
    """The JSON of a report: a kind of request on each line, and no empty ends of fields, to be read in an editor."""
    json = msgspec.json.encode(report).replace(b'{"stream":', b'\n{"stream":') + b"\n"
    return json.replace(b",[]]", b"]").replace(b',"",""]', b"]")


def decoded(json: bytes) -> Report:
    """The report of a JSON text.

    Raises:
        MsgspecError: if it is none, or has a text that no report has.
    """
    return msgspec.json.decode(json, type=Report)


def write(report: Report, path: Path) -> None:
    """Write the JSON, and the Markdown beside it, each whole or not at all.

    Raises:
        DmaError: if a file cannot be written.
    """
    for file, text in ((path, encoded(report)), (markdown_path(path), markdown(report).encode())):
        report_files.replace(file, text, "wire report")


def markdown_path(path: Path) -> Path:
    """The path of the Markdown beside a report."""
    return path.with_name(f"{path.name}.md")


def markdown(report: Report) -> str:
    """The report for people: its differences first."""
    lines = [f"# Wire report of tap-linkedin-dma {report.tap_version}", "", "## Differences", ""]
    lines += [f"- {title(entry)}: {kind}: `{place}`" for entry, kind, place in report.differences] or ["None."]
    for entry in report.entries:
        lines += ["", f"## {title(entry)}", "", *_of_entry(entry)]
    return "\n".join([*lines, ""])


def title(entry: Entry) -> str:
    """A kind of request in words."""
    return " ".join(part for part in (entry.stream, entry.resource, entry.method, entry.finder) if part)


def _of_entry(entry: Entry) -> Iterator[str]:
    yield f"Versions: {', '.join(entry.versions)}. Answers: {_listed(entry.answers)}. Entities: {entry.sample}."
    for name, shapes in entry.parameters.items():
        yield f"- `{name}`: `{' or '.join(shapes)}`"
    for name, number in entry.fallbacks.items():
        yield f"- fallback {number} of `{name}` worked"
    if entry.paging:
        yield f"- paging: {', '.join(entry.paging)}"
    if entry.fields:
        yield from ("", "| field | types | presence |", "|---|---|---|")
    for path, field in entry.fields.items():
        words = f" ({', '.join(field.words)})" if field.words else ""
        presence = f"{field.presence}, of {field.sample}" if field.presence else ""
        yield f"| `{path}` | {', '.join(field.types)}{words} | {presence} |"


def _listed(numbers: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({number})" for name, number in numbers.items())


def _merged(one: Entry, other: Entry) -> Entry:
    return Entry(
        *one.key,
        versions=_both(one.versions, other.versions),
        parameters={
            name: _both(one.parameters.get(name, []), other.parameters.get(name, []))
            for name in _both(one.parameters, other.parameters)
        },
        fallbacks={**one.fallbacks, **other.fallbacks},
        answers={
            status: max(one.answers.get(status, ""), other.answers.get(status, ""), key=_size)
            for status in _both(one.answers, other.answers)
        },
        paging=_both(one.paging, other.paging),
        sample=max(one.sample, other.sample, key=_size),
        fields={path: _merged_field(one, other, path) for path in _both(one.fields, other.fields)},
        differences=sorted({*one.differences, *other.differences}),
    )


def _merged_field(one: Entry, other: Entry, path: str) -> Field:
    fields = [entry.fields[path] for entry in (one, other) if path in entry.fields]
    is_always = all(field.presence == "always" for field in fields)
    # Without entities, an entry says nothing about a field.
    is_everywhere = all(path in entry.fields for entry in (one, other) if entry.fields)
    presence: Literal["", "always", "sometimes"] = "always" if is_always and is_everywhere else "sometimes"
    return Field(
        _both(*(field.types for field in fields)),
        presence if fields[0].presence else "",
        max((field.sample for field in fields), key=_size),
        _both(*(field.words for field in fields)),
    )


def _both(*names: Iterable[str]) -> list[str]:
    return sorted({name for some in names for name in some})


def _size(bucket: str) -> int:
    return BUCKETS.index(bucket) if bucket in BUCKETS else -1
