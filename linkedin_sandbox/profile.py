"""A LinkedIn as a wire report describes it: forms of requests, fields and their types, refusals, ways of paging.

The values are the sandbox's own: a report has none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import Refusal
from .forms import Form
from .log import finder_of, resource_of
from .methods import Finder, GetAll, Resource
from .paging import FEED_CURSOR, OFFSET, TOTAL_ONLY, Cursor, Listing, Offset, Paging
from .reported_fields import Fields, ReportedFields, merged

_UNREADABLE: Mapping[str, bytes] = {
    "the body: array": b"[]",
    "the body: no JSON": b"",
    "the body: no object": b"7",
    "the body: no elements": b"{}",
    "the body: no results": b"{}",
    "the body: elements of another type": b'{"elements": null}',
    "the body: results of another type": b'{"results": []}',
}
"""The body of an answer of another form than was asked for, by its difference."""

_CURSOR_PLACES = [
    [*place, "nextPaginationCursor"]
    for place in (("metadata", "paginationCursorMetdata"), ("metadata", "paginationCursorMetadata"), ("metadata",))
]
_ANY_CURSOR = re.compile(r"(?:metadata|paging)(?:\.\w+)*\.\w*(?:[Cc]ursor|[Tt]oken)")

_ENTITIES = {"FINDER": "elements[]", "GET_ALL": "elements[]", "BATCH_GET": "results{}", "GET": ""}


@dataclass(frozen=True)
class Profile:
    """What differs from the sandbox's own LinkedIn.

    `guesses` are as those of a world; `fields` are those of answers, `refusals` what is met by a request without a good
    one, and `paging` the ways of paging, all by resource, and finder or method.
    """

    guesses: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], Fields] = field(default_factory=dict)
    refusals: Mapping[tuple[str, str], Refusal] = field(default_factory=dict)
    paging: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    """The names of all fields in the report."""

    @classmethod
    def of_report(cls, path: Path, resources: Mapping[str, Resource]) -> Profile:
        """The profile of a wire report, which `tap-linkedin-dma doctor --report` writes.

        Raises:
            ValueError: if the file is none.
        """
        try:
            entries = json.loads(path.read_bytes())["entries"]
            paths = (path for entry in entries for path in entry.get("fields", {}))
            found = cls(names=frozenset(name for path in paths for name in re.findall(r"[$\w]+", path)))
            for entry in entries:
                found = found._with(entry, resources)
        except (KeyError, TypeError, IndexError, AttributeError):
            raise ValueError(f"{path} is no wire report") from None
        return found

    def _with(self, entry: Mapping[str, Any], resources: Mapping[str, Resource]) -> Profile:
        name, asked = entry["resource"], (entry["resource"], entry.get("finder") or entry["method"])
        known = resources[name].other_forms() if name in resources else {}
        guesses = {
            f"{name}.{parameter}": min(number, known[parameter])
            for parameter, number in entry.get("fallbacks", {}).items()
            if parameter in known
        }
        # The sandbox has no field like a new one; and to invent a cursor would be to promise another page.
        new = {place for kind, place in entry.get("differences", ()) if kind == "new field"}
        fields = dict(entry.get("fields", {}))
        for path, (types, *more) in entry.get("fields", {}).items():
            if path in new or _ANY_CURSOR.fullmatch(path):
                fields[path] = [types, "always" if path in new else "sometimes", *more[1:]]
        refused = None if "200" in entry["answers"] else self._refused(entry, fields)
        both = [one for one in (self.fields.get(asked), fields if entry["sample"] != "none" else {}) if one]
        return Profile(
            {**self.guesses, **guesses},
            {**self.fields, asked: merged(*both)} if both else self.fields,
            {**self.refusals, **({asked: refused} if refused else {})},
            {**self.paging, asked: entry.get("paging", ())},
            self.names,
        )

    def _refused(self, entry: Mapping[str, Any], fields: Fields) -> Refusal | None:
        """What a request meets that has no good answer."""
        said = next(iter(entry["answers"]))
        status, _, code = said.removeprefix("200 with error ").partition(" ")
        refusal = Refusal(int(status), "Not served", code=code if code.isupper() else "INVENTED" if code else None)
        if refusal.status < 400:
            odd = [place for _, place in entry.get("differences", ()) if place in _UNREADABLE]
            if not odd and status == "200":
                return None
            refusal.raw = _UNREADABLE[odd[0]] if odd else b""
            if refusal.raw.startswith(b"{"):
                more = ReportedFields(fields, self.names).of_object({}, "")
                refusal.raw = json.dumps({**more, **json.loads(refusal.raw)}).encode()
        refusal.status = 200 if said.startswith("200") else refusal.status
        return refusal

    def resources(self, resources: Mapping[str, Resource]) -> Mapping[str, Resource]:
        """These resources, paged as the report says."""
        return {
            name: replace(resource, methods=tuple(self._paged(name, method) for method in resource.methods))
            for name, resource in resources.items()
        }

    def _paged(self, resource: str, method: Any) -> Any:
        if not isinstance(method, (Finder, GetAll)):
            return method
        named = method.name if isinstance(method, Finder) else method.kind
        return replace(method, paging=_paging(method.paging, self.paging.get((resource, named), ())))

    def check(self, path: str, asked: str) -> None:
        """The answer that a request meets, if the report has no good one to any like it."""
        if refusal := self.refusals.get((resource_of(path), finder_of(path, asked))):
            raise refusal.with_traceback(None)

    def shaped(self, path: str, asked: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """An answer with the fields that the report has."""
        finder = finder_of(urlsplit(path).path, asked)
        paths = self.fields.get((resource_of(path), finder))
        if paths is None:
            return dict(body)
        fields = ReportedFields(paths, self.names)
        at = _ENTITIES.get(finder, "elements[]")
        if not at:
            return fields.of_object(body, "")
        name = at.rstrip("[]{}")
        envelope = {other: inner for other, inner in body.items() if other != name}
        shaped = fields.of_object(envelope, "", is_whole=False)
        _put_cursor(body, shaped, paths)
        if name == "results":
            return {**shaped, name: {key: fields.of_value(one, at) for key, one in body[name].items()}}
        if f"{at}.{at}" in "".join(paths):
            listings = [
                {**one, name: [fields.of_value(inner, f"{at}.{at}") for inner in one.get(name, ())]}
                for one in body[name]
            ]
            return {**shaped, name: listings}
        odd = [fields.invented(at, kind) for kind in paths.get(at, [["object"]])[0] if kind != "object"]
        return {**shaped, name: [*(fields.of_value(one, at) for one in body[name]), *odd]}


def _put_cursor(body: Mapping[str, Any], envelope: dict[str, Any], fields: Fields) -> None:
    """Put a page's cursor into the envelope: in its own place, or in the only one in which the report has any."""
    seen = [path for path in fields if _ANY_CURSOR.fullmatch(path) and fields[path][0] != ["null"]]
    for place in _CURSOR_PLACES:
        if cursor := _inside(body, place).get(place[-1]):
            if seen and not {".".join(own) for own in _CURSOR_PLACES}.intersection(seen):
                _inside(envelope, place).pop(place[-1], None)
                place = seen[0].split(".")
            around = envelope
            for name in place[:-1]:
                around = around.setdefault(name, {})
            around[place[-1]] = cursor


def _inside(envelope: Mapping[str, Any], place: Sequence[str]) -> Any:
    """The object in which a place is; an empty one if there is none."""
    for name in place[:-1]:
        envelope = envelope.get(name) or {}
    return envelope


@dataclass(frozen=True)
class _Tolerant:
    """Pages in one way, and takes the parameters of another, which mean nothing to it."""

    paging: Paging
    other: Paging

    @property
    def params(self) -> Mapping[str, Form]:
        return {**self.other.params, **self.paging.params}

    def page(self, listing: Listing, arguments: Mapping[str, Any], identity: str) -> dict[str, Any]:
        return self.paging.page(listing, arguments, identity)


def _paging(own: Paging, seen: Sequence[str]) -> Paging:
    if "cursor" in seen and not isinstance(own, Cursor):
        return _Tolerant(FEED_CURSOR, own)
    if "next link" in seen and not isinstance(own, Offset):
        return _Tolerant(OFFSET, own)
    if "total alone" in seen and not isinstance(own, Offset) and "cursor" not in seen:
        return _Tolerant(TOTAL_ONLY, own)
    return own
