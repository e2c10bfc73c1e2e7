"""A request on its way: as it was read, and with its parameters found good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import Refusal, denied
from .query import Value, write

if TYPE_CHECKING:
    from .paging import Paging
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


@dataclass(frozen=True)
class Asked:
    """One request to a resource, as it was read.

    `path` is the resource's, without the key; `guesses` has, by parameter, which other form is taken; `above` are the
    arguments that stand in the path before the resource.
    """

    world: World
    resource: str
    path: str
    key: Value | None
    query: Mapping[str, Value]
    guesses: Mapping[str, int]
    above: Mapping[str, Any]

    def call(self, method: str, arguments: Mapping[str, Any]) -> Call:
        """The request with its parameters found good."""
        return Call(self.world, f"{self.resource}.{method}", {**self.above, **arguments})

    def listing_at(self, paging: Paging) -> str:
        """Path and query of the listing asked for, whichever page of it."""
        own = {name: value for name, value in sorted(self.query.items()) if name not in paging.params}
        named = sorted(own, key=lambda name: name not in ("q", "bq"))
        return "?".join(filter(None, [self.path, "&".join(f"{name}={write(own[name])}" for name in named)]))
