"""The forms that a parameter's value can take, each as strict as LinkedIn.

A form turns what `query` read into what a handler works with, or refuses it with a 400 that names the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import invalid, not_allowed
from .query import Value

NUMBER = "[1-9][0-9]{0,18}"
PERSON_ID = "[A-Za-z0-9_-]+"
PERSON = f"urn:li:person:{PERSON_ID}"
OF_ORGANIZATION = rf"{NUMBER}|\(urn:li:organization:{NUMBER},{NUMBER}\)"
KINDS = {
    "person": PERSON_ID,
    "benefit": NUMBER,
    "featuredCommitment": NUMBER,
    "businessManagerAccount": NUMBER,
    "productCategory": NUMBER,
    "standardizedProductCategory": NUMBER,
    "geo": NUMBER,
    "organizationTargetedContent": f"(?:{OF_ORGANIZATION})",
    "organization": NUMBER,
    "organizationalPage": NUMBER,
    "share": NUMBER,
    "ugcPost": NUMBER,
    "groupPost": f"{NUMBER}-{NUMBER}",
    "activity": NUMBER,
    "comment": rf"\(urn:li:activity:{NUMBER},{NUMBER}\)",
    "reaction": rf"\({PERSON},urn:li:activity:{NUMBER}\)",
    "instantRepost": rf"\(urn:li:(?:share|ugcPost):{NUMBER},{NUMBER}\)",
    "article": NUMBER,
    "ingestedContent": NUMBER,
    "linkedInArticle": NUMBER,
    "contentSeries": NUMBER,
    "event": NUMBER,
    "liveVideo": NUMBER,
    "messagingThread": "2-[A-Za-z0-9+/]+={0,2}",
    "versionedLeadGenForm": rf"\(urn:li:leadGenForm:{NUMBER},{NUMBER}\)",
}


class Form(Protocol):
    """What a parameter's value must look like."""

    def read(self, name: str, value: Value) -> Any:
        """The value for the handler; `name` is the field a refusal names."""


@dataclass(frozen=True)
class Text:
    """A single value, kept as it is; by default any."""

    pattern: str = ".*"

    def read(self, name: str, value: Value) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value, re.DOTALL):
            raise invalid(name, "not a value of the expected form")
        return value


class Urn:
    """A URN of one of the kinds named, and of no other."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.pattern = re.compile("|".join(f"urn:li:{kind}:{KINDS[kind]}" for kind in kinds))

    def read(self, name: str, value: Value) -> str:
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise invalid(name, f"expected a URN of kind {' or '.join(self.kinds)}")
        return value


@dataclass(frozen=True)
class Decimal:
    """A bare decimal id: no URN, no sign, no leading zero."""

    def read(self, name: str, value: Value) -> str:
        if not isinstance(value, str) or not re.fullmatch(NUMBER, value):
            raise invalid(name, "expected a number")
        return value


@dataclass(frozen=True)
class Number:
    """An integer between two bounds, both included."""

    low: int
    high: int

    def read(self, name: str, value: Value) -> int:
        if not isinstance(value, str) or not re.fullmatch(f"0|-?{NUMBER}", value):
            raise invalid(name, "expected a number")
        if not self.low <= int(value) <= self.high:
            raise invalid(name, f"must be between {self.low} and {self.high}")
        return int(value)


class Enum:
    """One of the words named."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def read(self, name: str, value: Value) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise invalid(name, f"expected one of {', '.join(self.words)}")
        return value


@dataclass(frozen=True)
class ListOf:
    """A bare ``List(…)`` of another form, with one entry at least."""

    form: Form
    most: int = 100

    def read(self, name: str, value: Value) -> list[Any]:
        if not isinstance(value, list):
            raise invalid(name, "expected List(…)")
        if len(value) > self.most:
            raise invalid(name, f"at most {self.most} entries are allowed")
        return [self.form.read(name, entry) for entry in value]


@dataclass(frozen=True)
class Record:
    """A bare record ``(key:value,…)``: all of `takes`, any of `may_take`, nothing else."""

    takes: Mapping[str, Form]
    may_take: Mapping[str, Form] = field(default_factory=dict)

    def read(self, name: str, value: Value) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(name, "expected a record (key:value)")
        forms = {**self.takes, **self.may_take}
        for key in value:
            if key not in forms:
                raise invalid(f"{name}.{key}", "unknown field")
        for key in self.takes:
            if key not in value:
                raise invalid(f"{name}.{key}", "required field is missing")
        return {key: forms[key].read(f"{name}.{key}", entry) for key, entry in value.items()}


@dataclass(frozen=True)
class BareId:
    """The bare id of a URN of one kind, such as a decimal one, which is read as that URN."""

    kind: str

    def read(self, name: str, value: Value) -> str:
        return f"urn:li:{self.kind}:{Text(KINDS[self.kind]).read(name, value)}"


@dataclass(frozen=True)
class OtherKind:
    """A URN of one kind, read as the URN of another kind with the same id."""

    sent: str
    kind: str

    def read(self, name: str, value: Value) -> str:
        return f"urn:li:{self.kind}:{Urn(self.sent).read(name, value).rpartition(':')[2]}"


@dataclass(frozen=True)
class Wrapped:
    """A bare record with one key, read as what it holds."""

    key: str
    form: Form

    def read(self, name: str, value: Value) -> Any:
        return Record({self.key: self.form}).read(name, value)[self.key]


@dataclass(frozen=True)
class Flattened:
    """A record sent as one parameter for each field, ``locale.language`` and ``locale.country``, as in protocol 1.0."""

    form: Record

    def gather(self, name: str, asked: Mapping[str, Value]) -> dict[str, Value]:
        """The parameters with the fields of this one in one record; the record itself is not taken."""
        if name in asked:
            raise not_allowed(name)
        fields = {key.removeprefix(f"{name}."): value for key, value in asked.items() if key.startswith(f"{name}.")}
        rest = {key: value for key, value in asked.items() if not key.startswith(f"{name}.")}
        return {**rest, name: fields} if fields else rest

    def read(self, name: str, value: Value) -> dict[str, Any]:
        return self.form.read(name, value)


class Union:
    """A bare record with one of the keys named; read as the key and what it holds."""

    def __init__(self, members: Mapping[str, Form]) -> None:
        self.members = members

    def read(self, name: str, value: Value) -> tuple[str, Any]:
        if not isinstance(value, dict) or len(value) != 1:
            raise invalid(name, "expected a union (member:value)")
        ((member, held),) = value.items()
        if member not in self.members:
            raise invalid(f"{name}.{member}", f"expected one of {', '.join(self.members)}")
        return member, self.members[member].read(f"{name}.{member}", held)


@dataclass(frozen=True)
class PlainLocale:
    """A locale as one word, ``en_US``, read as the record that it stands for."""

    def read(self, name: str, value: Value) -> dict[str, Any]:
        language, _, country = Text("[a-z]{2,3}_[A-Z]{2}").read(name, value).partition("_")
        return {"language": language, "country": country}


INSTANT = Number(0, 4_102_444_800_000)  # to the year 2100
RANGE = Record({"start": INSTANT, "end": INSTANT})
LOCALE = Record({"language": Text("[a-z]{2,3}"), "country": Text("[A-Z]{2}")})
