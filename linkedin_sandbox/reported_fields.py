"""The fields of an answer as a wire report has them: by path, with types, and of some the words; no value.

The values are the sandbox's own as far as their types are reported, and invented otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    "decimal text": "12",
    "urn": "urn:li:invented:7",
}
_TEXTS = {
    "url": "[Hh][Tt][Tt][Pp][Ss]?://.*",
    "date": r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?",
    "decimal text": r"-?\d+(\.\d+)?",
    "word": "[A-Z][A-Z0-9]*(_[A-Z0-9]+)*",
}
_UNUSUAL = "invented-name"
"""A name that no report shows."""

Fields = Mapping[str, Sequence[Any]]
"""By path: the types, and as far as they are known the presence, the sample and the words."""


def merged(*each: Fields) -> Fields:
    """The fields of streams that request the same: one that is not always in all of them is sometimes there."""
    if len(each) == 1:
        return each[0]
    found = {}
    for path in {path for fields in each for path in fields}:
        known = [fields[path] for fields in each if path in fields]
        types = sorted({kind for one in known for kind in one[0]})
        words = sorted({word for one in known for word in (one[3] if len(one) > 3 else ())})
        is_always = len(known) == len(each) and all(one[1:2] == ["always"] for one in known)
        found[path] = [types, "always" if is_always else "sometimes", "", words]
    return found


@dataclass(frozen=True)
class ReportedFields:
    """The fields of one kind of answer.

    Args:
        fields: by path.
        names: of the fields of all answers; a report withholds any other name.
    """

    fields: Fields
    names: frozenset[str]

    def of_object(self, value: Mapping[str, Any], at: str, *, is_whole: bool = True) -> dict[str, Any]:
        """An object with the fields that are reported at its path.

        Args:
            value: the object.
            at: its path.
            is_whole: whether others are left out. An envelope keeps them: a page may have what another lacks.
        """
        head = f"{at}." if at else ""
        withheld = f"{head}*"
        shaped = {}
        for name, inner in value.items():
            if f"{head}{name}" in self.fields:
                shaped[name] = self.of_value(inner, f"{head}{name}", is_whole=is_whole)
            elif not is_whole or f"{at}{{}}" in self.fields or (withheld in self.fields and name not in self.names):
                shaped[name] = inner
        for path, (_, *presence) in self.fields.items():
            name = path.removeprefix(head)
            if path.startswith(head) and re.fullmatch(r"[$\w]+", name) and name not in value and "always" in presence:
                shaped[name] = self.invented(path)
        if is_whole and withheld in self.fields and self.names.issuperset(shaped):
            shaped[_UNUSUAL] = self.invented(withheld)
        return shaped

    def of_value(self, value: Any, path: str, *, is_whole: bool = True) -> Any:
        """A value of a type that is reported at its path."""
        types = self.fields[path][0] if path in self.fields else ["object"]
        if not types or (value is None and not is_whole):
            # Of lists that were all empty, nothing is known inside; and the last page of a listing has no cursor.
            return value
        kind = _type_of(value)
        if kind not in types:
            if kind.startswith("urn:") and "urn" in types:
                return ":".join(["urn:li:invented", *value.split(":")[3:]])
            return self.invented(path)
        if isinstance(value, Mapping):
            return self.of_object(value, path, is_whole=is_whole)
        if isinstance(value, list) and f"{path}[]" in self.fields:
            return [self.of_value(one, f"{path}[]", is_whole=is_whole) for one in value]
        if isinstance(value, str) and types == ["word"] and (words := self._words(path)) and value not in words:
            return words[-1]
        return value

    def _words(self, path: str) -> Sequence[str]:
        """The words that are reported at a path, an unknown one last, which is invented."""
        named = self.fields[path][3] if len(self.fields[path]) > 3 else ()
        known = [word for word in named if word != "another word"]
        return [*known, "INVENTED"] if len(known) < len(named) else known

    def invented(self, path: str, kind: str = "") -> Any:
        """A value of the first type that is reported at a path, or of this one."""
        kind = kind or next(iter(self.fields[path][0]), "null")
        if kind == "object":
            return self.of_object({}, path)
        if kind == "array":
            items = f"{path}[]"
            return [self.invented(items)] if self.fields.get(items, [()])[0] else []
        if kind == "word":
            return next(iter(self._words(path)), "INVENTED")
        return f"urn:li:{kind[4:]}:7" if kind.startswith("urn:") else _INVENTED[kind]


def _type_of(value: Any) -> str:
    """The type of a value as a report names it, with the kind of any URN."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "epoch_ms" if value in _A_TIME else "int"
    if isinstance(value, str):
        if value.startswith("urn:li:"):
            return f"urn:{value.split(':')[2]}"
        return next((kind for kind, form in _TEXTS.items() if re.fullmatch(form, value, re.DOTALL)), "text")
    return {dict: "object", list: "array", float: "number", type(None): "null"}[type(value)]
