"""What a resource is: its methods, declared, and how a request is matched with one and answered.

A new resource is a `Resource` with its `Finder`, `BatchGet` or `Get`, and the records behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote
from zlib import crc32

from .errors import Refusal, denied, illegal, invalid, not_allowed, not_found
from .forms import Form, ListOf
from .paging import WHOLE, Listing, Paging
from .query import Value, read_key, read_query

if TYPE_CHECKING:
    from .world import World


@dataclass(frozen=True)
class Call:
    """One request whose parameters were found good."""

    world: World
    action: str
    arguments: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def get(self, name: str) -> Any:
        """An optional parameter, or None."""
        return self.arguments.get(name)

    def denied(self) -> Refusal:
        """The 403 for this request."""
        return denied(self.action)


class Method(Protocol):
    """One way of asking a resource."""

    @property
    def kind(self) -> str:
        """The word of X-RestLi-Method: FINDER, BATCH_GET or GET."""

    def fits(self, key: str | None, query: Mapping[str, Value]) -> bool:
        """Whether a request, by its shape alone, asks for this method."""

    def answer(self, world: World, resource: str, key: str | None, query: dict[str, Value]) -> dict[str, Any]:
        """The body of the answer."""


Others = Sequence[tuple[str, Form] | None]
"""Other forms of a parameter: the name and form to send in its place; None: it must be left out."""


def read_arguments(
    query: Mapping[str, Value], takes: Mapping[str, Form], may_take: Mapping[str, Form]
) -> dict[str, Any]:
    """The parameters, each in its form; refuses unknown ones, then missing ones, then bad ones."""
    forms = {**takes, **may_take}
    for name in query:
        if name not in forms:
            raise not_allowed(name)
    for name in takes:
        if name not in query:
            raise invalid(name, "required parameter is missing")
    return {name: forms[name].read(name, value) for name, value in query.items()}


@dataclass(frozen=True)
class Finder:
    """`q=name`: a listing.

    `others` has, by parameter, the forms that are taken in its place when the world's `guesses` say so; `find` gets
    the value under the parameter's own name all the same.
    """

    name: str
    takes: Mapping[str, Form]
    find: Callable[[Call], Listing]
    may_take: Mapping[str, Form] = field(default_factory=dict)
    paging: Paging = WHOLE
    others: Mapping[str, Others] = field(default_factory=dict)
    kind: str = "FINDER"

    def fits(self, key: str | None, query: Mapping[str, Value]) -> bool:
        """By the value of `q`."""
        return key is None and query.get("q") == self.name

    def answer(self, world: World, resource: str, key: str | None, query: dict[str, Value]) -> dict[str, Any]:
        """One page of the listing."""
        asked = {name: value for name, value in query.items() if name != "q"}
        arguments = self.read(asked, resource, world.guesses)
        listing = self.find(Call(world, f"{resource}.FINDER-{self.name}", arguments))
        own = {name: value for name, value in sorted(asked.items()) if name not in self.paging.params}
        identity = "&".join(
            [f"/rest/{resource}?q={self.name}", *(f"{name}={write(value)}" for name, value in own.items())]
        )
        page = self.paging.page(listing, arguments, identity)
        page["elements"] = [{**element, "futureField": "unannounced"} for element in page["elements"]]
        return page

    def read(self, asked: Mapping[str, Value], resource: str, guesses: Mapping[str, int]) -> dict[str, Any]:
        """The arguments, in the forms that are taken, by the parameters' own names."""
        takes, may_take, own = dict(self.takes), dict(self.may_take), {}
        for parameter, forms in self.others.items():
            guess = guesses.get(f"{resource}.{parameter}", guesses.get(resource, 0) if self.is_first(parameter) else 0)
            if guess:
                home = takes if parameter in takes else may_take
                del home[parameter]
                if (other := forms[guess - 1]) is not None:
                    home[other[0]] = other[1]
                    own[other[0]] = parameter
        arguments = read_arguments(asked, takes, {**may_take, **self.paging.params})
        return {own.get(name, name): value for name, value in arguments.items()}

    def is_first(self, parameter: str) -> bool:
        """Whether this is the first parameter that has other forms: the one that a bare resource name means."""
        return parameter == next(iter(self.others))


@dataclass(frozen=True)
class BatchGet:
    """`ids=List(…)`: entities by key. `entity` gives one, raises its refusal, or gives None: missing unsaid."""

    ids: Form
    entity: Callable[[Call, str], dict[str, Any] | None]
    may_take: Mapping[str, Form] = field(default_factory=dict)
    kind: str = "BATCH_GET"

    def fits(self, key: str | None, query: Mapping[str, Value]) -> bool:
        """By the presence of `ids`."""
        return key is None and "ids" in query and "q" not in query

    def answer(self, world: World, resource: str, key: str | None, query: dict[str, Value]) -> dict[str, Any]:
        """`results` in no order; `statuses` and `errors` whole, partial or left out."""
        arguments = read_arguments(query, {"ids": ListOf(self.ids)}, self.may_take)
        call = Call(world, f"{resource}.BATCH_GET", arguments)
        results: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for asked in arguments["ids"]:
            name = quote(asked, safe="") if world.encoded_keys else asked
            try:
                entity = self.entity(call, asked)
            except Refusal as refusal:
                errors[name] = refusal.body
            else:
                if entity is not None:
                    results[name] = {**entity, "futureField": "unannounced"}
        failed = {name: error["status"] for name, error in errors.items()}
        chance = crc32("".join(arguments["ids"]).encode())
        envelope: dict[str, Any] = {"results": results}
        if errors or chance % 3:
            envelope["statuses"] = failed if chance % 2 else {**dict.fromkeys(results, 200), **failed}
        if errors or chance % 5:
            envelope["errors"] = errors
        return envelope


@dataclass(frozen=True)
class Get:
    """One entity: by the key in the path, or with no key where the resource has just one."""

    entity: Callable[[Call], dict[str, Any]]
    key: Form | None = None
    may_take: Mapping[str, Form] = field(default_factory=dict)
    kind: str = "GET"

    def fits(self, key: str | None, query: Mapping[str, Value]) -> bool:
        """By whether a key stands in the path."""
        return (key is None) == (self.key is None) and "q" not in query and "ids" not in query

    def answer(self, world: World, resource: str, key: str | None, query: dict[str, Value]) -> dict[str, Any]:
        """The bare entity."""
        arguments = read_arguments(query, {}, self.may_take)
        if self.key is not None and key is not None:
            arguments["key"] = self.key.read("key", key)
        return {**self.entity(Call(world, f"{resource}.GET", arguments)), "futureField": "unannounced"}


@dataclass(frozen=True)
class Resource:
    """A name under ``/rest`` and its methods.

    `since` is the first version that has it; a `deprecated` one is gone where the world says so.
    """

    name: str
    methods: tuple[Method, ...]
    deprecated: bool = False
    since: str = ""

    def answer(self, world: World, segments: list[str], raw_query: str, asked_method: str | None) -> dict[str, Any]:
        """The body for a path's raw segments after the name, a raw query and the X-RestLi-Method header, if sent."""
        if len(segments) > 1:
            raise not_found(f"a resource below '{self.name}'")
        key = read_key(segments[0]) if segments else None
        query = read_query(raw_query)
        for method in self.methods:
            if method.fits(key, query):
                if asked_method not in (None, method.kind):
                    raise illegal(f"X-RestLi-Method is {asked_method}, the request is {method.kind}")
                return method.answer(world, self.name, key, query)
        if key is None and "q" in query:
            raise illegal(f"Finder '{query['q']}' is not known to {self.name}", "q")
        raise not_found(f"a method of '{self.name}' for this request")


def check_guesses(guesses: Mapping[str, int], resources: Iterable[Resource]) -> None:
    """Whether each guess names another form that there is.

    Raises:
        ValueError: for a misspelt name, or a form beyond the last.
    """
    known: dict[str, int] = {}
    for resource in resources:
        for finder in (method for method in resource.methods if isinstance(method, Finder)):
            for parameter, forms in finder.others.items():
                known[f"{resource.name}.{parameter}"] = len(forms)
                if finder.is_first(parameter):
                    known[resource.name] = len(forms)
    for name, guess in guesses.items():
        if not 0 <= guess <= known.get(name, -1):
            raise ValueError(f"guesses: {name} has no form {guess}; those that have: {known}")


def write(value: Value) -> str:
    """A value as raw Rest.li 2.0 text.

    >>> write(["urn:li:share:1", {"a": "b"}])
    'List(urn%3Ali%3Ashare%3A1,(a:b))'
    """
    if isinstance(value, list):
        return f"List({','.join(map(write, value))})"
    if isinstance(value, dict):
        return f"({','.join(f'{write(key)}:{write(entry)}' for key, entry in value.items())})"
    return re.sub(r"[()',:]", lambda match: f"%{ord(match[0]):X}", quote(value, safe="")) or "''"
