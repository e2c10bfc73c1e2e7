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
from .paging import FEED_CURSOR, OFFSET, Cursor, Listing, Offset, Paging

_A_TIME = range(10**12, 4 * 10**12)
_INVENTED: Mapping[str, Any] = {
    "null": None,
    "bool": True,
    "int": 7,
    "number": 0.5,
    "epoch_ms": 1_760_000_000_000,
    "text": "Invented",
    "date": "2026-01-31",
    "url": "https://example.com/invented",
    "decimal text": "12.5",
    "urn": "urn:li:invented:7",
}
_ENTITIES = {"FINDER": "elements[]", "GET_ALL": "elements[]", "BATCH_GET": "results{}", "GET": ""}

Fields = Mapping[str, Sequence[Any]]
"""By path: the types, and as far as they are known the presence, the sample and the words."""


@dataclass(frozen=True)
class Profile:
    """What differs from the sandbox's own LinkedIn.

    `guesses` are as those of a world; `fields` are those of entities, `refusals` the status and code that each request
    meets, and `paging` the ways of paging, all by resource, and finder or method.
    """

    guesses: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], Fields] = field(default_factory=dict)
    refusals: Mapping[tuple[str, str], str] = field(default_factory=dict)
    paging: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of_report(cls, path: Path, resources: Mapping[str, Resource]) -> Profile:
        """The profile of a wire report, which `tap-linkedin-dma doctor --report` writes.

        Raises:
            ValueError: if the file is none.
        """
        try:
            entries = json.loads(path.read_bytes())["entries"]
            found = cls()
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
        statuses = list(entry["answers"])
        refused = {} if any(status.startswith("200") for status in statuses) else {asked: statuses[0]}
        fields = entry.get("fields", {}) if entry["sample"] != "none" else {}
        both = (
            _both(self.fields[asked], fields) if asked in self.fields and fields else fields or self.fields.get(asked)
        )
        return Profile(
            {**self.guesses, **guesses},
            {**self.fields, asked: both} if both else self.fields,
            {**self.refusals, **refused},
            {**self.paging, asked: entry.get("paging", ())},
        )

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
        """The refusal that a request meets, if the report has no answer to any like it."""
        status, _, code = self.refusals.get((resource_of(path), finder_of(path, asked)), "").partition(" ")
        if status:
            raise Refusal(int(status), "Not served", code=code if code.isupper() else None)

    def shaped(self, path: str, asked: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """An answer with the fields that the report has."""
        finder = finder_of(urlsplit(path).path, asked)
        fields = self.fields.get((resource_of(path), finder))
        if fields is None:
            return dict(body)
        at = _ENTITIES.get(finder, "elements[]")
        if not at:
            return _shaped(body, "", fields)
        if at == "results{}":
            return {**body, "results": {key: _shaped(one, at, fields) for key, one in body["results"].items()}}
        if f"{at}.{at}" in "".join(fields):
            listings = [
                {**one, "elements": [_shaped(inner, f"{at}.{at}", fields) for inner in one.get("elements", ())]}
                for one in body["elements"]
            ]
            return {**body, "elements": listings}
        return {**body, "elements": [_shaped(one, at, fields) for one in body["elements"]]}


def _both(some: Fields, others: Fields) -> Fields:
    """The fields of two streams that request the same: one that is not always in both is sometimes there."""
    merged = {}
    for path in {**some, **others}:
        found = [fields[path] for fields in (some, others) if path in fields]
        types = sorted({kind for one in found for kind in one[0]})
        words = sorted({word for one in found for word in (one[3] if len(one) > 3 else ())})
        is_always = len(found) > 1 and all(one[1:2] == ["always"] for one in found)
        merged[path] = [types, "always" if is_always else "sometimes", "", words]
    return merged


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
    return own


def _shaped(value: Mapping[str, Any], at: str, fields: Fields) -> dict[str, Any]:
    """An object with the fields that are reported at its path, the others left out."""
    has_others = f"{at}.*".lstrip(".") in fields or f"{at}{{}}" in fields
    shaped = {}
    for name, inner in value.items():
        path = f"{at}.{name}".lstrip(".")
        if path in fields:
            shaped[name] = _value(inner, path, fields)
        elif has_others:
            shaped[name] = inner
    for path in fields:
        name = path.removeprefix(f"{at}.") if at else path
        is_here = path != at and (not at or path.startswith(f"{at}.")) and re.fullmatch(r"[$\w]+", name)
        if is_here and name not in value and fields[path][1:2] == ["always"]:
            shaped[name] = _invented(path, fields)
    return shaped


def _value(value: Any, path: str, fields: Fields) -> Any:
    types = fields[path][0]
    if not types:
        # Of lists that were all empty, nothing is known inside.
        return value
    if _type_of(value) not in types and not (isinstance(value, str) and _may_be(value, types)):
        return _invented(path, fields)
    if isinstance(value, Mapping):
        return _shaped(value, path, fields)
    if isinstance(value, list) and f"{path}[]" in fields:
        return [_value(one, f"{path}[]", fields) for one in value]
    if isinstance(value, str) and types == ["word"] and (words := _words(path, fields)) and value not in words:
        return words[-1]
    return value


def _words(path: str, fields: Fields) -> Sequence[str]:
    """The words that are reported at a path, an unknown one last, which is invented."""
    named = fields[path][3] if len(fields[path]) > 3 else ()
    known = [word for word in named if word != "another word"]
    return [*known, "INVENTED"] if len(known) < len(named) else known


def _invented(path: str, fields: Fields) -> Any:
    kind = fields[path][0][0]
    if kind == "object":
        return _shaped({}, path, fields)
    if kind == "array":
        return [_invented(f"{path}[]", fields)] if fields.get(f"{path}[]", [()])[0] else []
    if kind == "word":
        return next(iter(_words(path, fields)), "INVENTED")
    return f"urn:li:{kind[4:]}:7" if kind.startswith("urn:") else _INVENTED[kind]


def _may_be(text: str, types: Sequence[str]) -> bool:
    """Whether a text may be of one of these types: the sandbox does not tell kinds of texts apart as a report does."""
    is_urn = text.startswith("urn:li:")
    kind = f"urn:{text.split(':')[2]}" if is_urn else ""
    return kind in types or (is_urn and "urn" in types) or (not is_urn and bool(_TEXTS.intersection(types)))


_TEXTS = {"text", "word", "date", "url", "decimal text"}


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "epoch_ms" if value in _A_TIME else "int"
    kinds = {dict: "object", list: "array", float: "number", type(None): "null"}
    return kinds.get(type(value), "text")
