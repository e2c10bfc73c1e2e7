"""What a resource is: its methods, declared, and how a request is matched with one and answered.

A new resource is a `Resource` with its methods, and the records behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote
from zlib import crc32

from .calls import Asked, Call
from .errors import Refusal, illegal, not_allowed, not_found
from .forms import Form, ListOf
from .paging import WHOLE, Listing, Paging
from .parameters import Others, Parameters
from .query import Value, read_key, read_query, write

if TYPE_CHECKING:
    from .world import World

__all__ = [
    "BatchFinder",
    "BatchGet",
    "Call",
    "Finder",
    "Get",
    "GetAll",
    "Parent",
    "Resource",
]


class Method(Protocol):
    """One way of asking a resource."""

    @property
    def kind(self) -> str:
        """The word of X-RestLi-Method: FINDER, BATCH_FINDER, GET_ALL, BATCH_GET or GET."""

    @property
    def others(self) -> Mapping[str, Others]:
        """The other forms of its parameters."""

    def fits(self, key: Value | None, query: Mapping[str, Value]) -> bool:
        """Whether a request, by its shape alone, asks for this method."""

    def answer(self, asked: Asked) -> dict[str, Any]:
        """The body of the answer."""


def unannounced(entity: Mapping[str, Any]) -> dict[str, Any]:
    """The entity with a field that no documentation has."""
    return {**entity, "futureField": "unannounced"}


def page_of(listing: Listing, paging: Paging, arguments: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """One page of a listing, as it is sent."""
    page = paging.page(listing, arguments, identity)
    page["elements"] = [unannounced(element) for element in page["elements"]]
    return page


@dataclass(frozen=True)
class Finder:
    """`q=name`: a listing; for `others` see `Parameters`."""

    name: str
    takes: Mapping[str, Form]
    find: Callable[[Call], Listing]
    may_take: Mapping[str, Form] = field(default_factory=dict)
    paging: Paging = WHOLE
    others: Mapping[str, Others] = field(default_factory=dict)
    kind: str = "FINDER"

    def fits(self, key: Value | None, query: Mapping[str, Value]) -> bool:
        """By the value of `q`."""
        return key is None and query.get("q") == self.name

    def answer(self, asked: Asked) -> dict[str, Any]:
        """One page of the listing."""
        query = {name: value for name, value in asked.query.items() if name != "q"}
        parameters = Parameters(self.takes, {**self.may_take, **self.paging.params}, self.others)
        arguments = parameters.read(query, asked.guesses)
        listing = self.find(asked.call(f"FINDER-{self.name}", arguments))
        return page_of(listing, self.paging, arguments, asked.listing_at(self.paging))


@dataclass(frozen=True)
class GetAll:
    """Neither key, finder nor ids: everything the resource has, as a listing."""

    find: Callable[[Call], Listing]
    takes: Mapping[str, Form] = field(default_factory=dict)
    may_take: Mapping[str, Form] = field(default_factory=dict)
    paging: Paging = WHOLE
    others: Mapping[str, Others] = field(default_factory=dict)
    kind: str = "GET_ALL"

    def fits(self, key: Value | None, query: Mapping[str, Value]) -> bool:
        """By what is not there."""
        return key is None and not {"q", "bq", "ids"} & query.keys()

    def answer(self, asked: Asked) -> dict[str, Any]:
        """One page of everything."""
        parameters = Parameters(self.takes, {**self.may_take, **self.paging.params}, self.others)
        arguments = parameters.read(asked.query, asked.guesses)
        listing = self.find(asked.call(self.kind, arguments))
        return page_of(listing, self.paging, arguments, asked.listing_at(self.paging))


@dataclass(frozen=True)
class BatchFinder:
    """`bq=name`: a listing for each entry of the list parameter `criteria`, which is one of `takes`.

    `find` gives the listing of one entry, or raises the refusal that stands in its place.
    """

    name: str
    criteria: str
    takes: Mapping[str, Form]
    find: Callable[[Call, Any], Listing]
    may_take: Mapping[str, Form] = field(default_factory=dict)
    paging: Paging = WHOLE
    others: Mapping[str, Others] = field(default_factory=dict)
    kind: str = "BATCH_FINDER"

    def fits(self, key: Value | None, query: Mapping[str, Value]) -> bool:
        """By the value of `bq`."""
        return key is None and query.get("bq") == self.name

    def answer(self, asked: Asked) -> dict[str, Any]:
        """The same page of each listing, in the order of the criteria."""
        query = {name: value for name, value in asked.query.items() if name != "bq"}
        parameters = Parameters(self.takes, {**self.may_take, **self.paging.params}, self.others)
        arguments = parameters.read(query, asked.guesses)
        call = asked.call(f"BATCH_FINDER-{self.name}", arguments)
        identity = asked.listing_at(self.paging)
        return {"elements": [self.found(call, criterion, identity) for criterion in arguments[self.criteria]]}

    def found(self, call: Call, criterion: Any, identity: str) -> dict[str, Any]:
        """What one criterion found; one that fails says so, and at times lacks its `elements`."""
        try:
            return page_of(self.find(call, criterion), self.paging, call.arguments, identity)
        except Refusal as refusal:
            failed = {"isError": True, "error": refusal.body}
            return failed if crc32(repr(criterion).encode()) % 2 else {"elements": [], **failed}


@dataclass(frozen=True)
class BatchGet:
    """`ids=List(…)`: entities by key. `entity` gives one, raises its refusal, or gives None: missing unsaid."""

    ids: Form
    entity: Callable[[Call, str], dict[str, Any] | None]
    may_take: Mapping[str, Form] = field(default_factory=dict)
    takes: Mapping[str, Form] = field(default_factory=dict)
    others: Mapping[str, Others] = field(default_factory=dict)
    kind: str = "BATCH_GET"

    def fits(self, key: Value | None, query: Mapping[str, Value]) -> bool:
        """By the presence of `ids`."""
        return key is None and "ids" in query and not {"q", "bq"} & query.keys()

    def answer(self, asked: Asked) -> dict[str, Any]:
        """`results` in no order; `statuses` and `errors` whole, partial or left out; all by the ids as they came."""
        parameters = Parameters({"ids": ListOf(self.ids), **self.takes}, self.may_take, self.others)
        arguments = parameters.read(asked.query, asked.guesses)
        call = asked.call(self.kind, arguments)
        results: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for sent, id_ in zip(asked.query["ids"], arguments["ids"], strict=True):
            key = sent if isinstance(sent, str) else write(sent)
            name = quote(key, safe="") if asked.world.encoded_keys else key
            try:
                entity = self.entity(call, id_)
            except Refusal as refusal:
                errors[name] = refusal.body
            else:
                if entity is not None:
                    results[name] = unannounced(entity)
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
    """One entity: by the key in the path, or with no key where the resource has just one.

    `parameter` is the name under which the key is read, refused, and in `others`.
    """

    entity: Callable[[Call], dict[str, Any]]
    key: Form | None = None
    may_take: Mapping[str, Form] = field(default_factory=dict)
    takes: Mapping[str, Form] = field(default_factory=dict)
    others: Mapping[str, Others] = field(default_factory=dict)
    parameter: str = "key"
    kind: str = "GET"

    def fits(self, key: Value | None, query: Mapping[str, Value]) -> bool:
        """By whether a key stands in the path."""
        return (key is None) == (self.key is None) and not {"q", "bq", "ids"} & query.keys()

    def answer(self, asked: Asked) -> dict[str, Any]:
        """The bare entity."""
        query, takes = dict(asked.query), dict(self.takes)
        if self.key is not None and asked.key is not None:
            if self.parameter in query:
                raise not_allowed(self.parameter)
            query[self.parameter], takes[self.parameter] = asked.key, self.key
        arguments = Parameters(takes, self.may_take, self.others).read(query, asked.guesses)
        return unannounced(self.entity(asked.call(self.kind, arguments)))


@dataclass(frozen=True)
class Parent:
    """The resource that another stands below, and the key between the two in the path."""

    name: str
    parameter: str
    key: Form
    others: Mapping[str, Others] = field(default_factory=dict)

    def read(self, segment: str, guesses: Mapping[str, int]) -> dict[str, Any]:
        """The key as an argument of that name."""
        parameters = Parameters({self.parameter: self.key}, others=self.others)
        return parameters.read({self.parameter: read_key(segment)}, guesses)


@dataclass(frozen=True)
class Resource:
    """A name under ``/rest`` and its methods.

    `since` is the first version that has it: older ones do not know it, or refuse it as too old (`refuses_older`). A
    `deprecated` one is gone where the world says so. One with a `parent` stands at ``/rest/parent/key/name``.
    """

    name: str
    methods: tuple[Method, ...]
    deprecated: bool = False
    since: str = ""
    refuses_older: bool = False
    parent: Parent | None = None

    def answer(self, world: World, segments: list[str], raw_query: str, asked_method: str | None) -> dict[str, Any]:
        """The body for a path's raw segments after ``/rest``, a raw query and the X-RestLi-Method header, if sent."""
        guesses, above, rest = self.guesses(world), {}, segments
        if self.parent is not None and segments[0] == self.parent.name and len(segments) > 2:
            above, rest = self.parent.read(segments[1], guesses), segments[2:]
        if rest[0] != self.name or (self.parent is None) != (rest is segments) or len(rest) > 2:
            raise not_found(f"resource '{'/'.join(segments)}'")
        key = read_key(rest[1]) if rest[1:] else None
        query = read_query(raw_query)
        path = "/".join(["/rest", *segments[: len(segments) - len(rest) + 1]])
        for method in self.methods:
            if method.fits(key, query):
                if asked_method not in (None, method.kind):
                    raise illegal(f"X-RestLi-Method is {asked_method}, the request is {method.kind}")
                return method.answer(Asked(world, self.name, path, key, query, guesses, above))
        for name in {"q", "bq"} & query.keys() if key is None else ():
            raise illegal(f"Finder '{query[name]}' is not known to {self.name}", name)
        raise not_found(f"a method of '{self.name}' for this request")

    @property
    def lists_all(self) -> bool:
        """Whether it answers with neither key, finder nor ids."""
        return any(method.kind == "GET_ALL" for method in self.methods)

    def other_forms(self) -> dict[str, int]:
        """How many other forms each of its parameters has."""
        found: dict[str, int] = {}
        above = [self.parent.others] if self.parent is not None else []
        for others in [method.others for method in self.methods] + above:
            for parameter, forms in others.items():
                found[parameter] = min(len(forms), found.get(parameter, len(forms)))
        return found

    def guesses(self, world: World) -> dict[str, int]:
        """Which other form is taken, by parameter; the resource's name alone means the first that has any."""
        forms = self.other_forms()
        bare = {parameter: world.guesses.get(self.name, 0) for parameter in list(forms)[:1]}
        return {name: world.guesses.get(f"{self.name}.{name}", bare.get(name, 0)) for name in forms}
