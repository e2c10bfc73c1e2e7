"""What a method takes: each parameter in its form, or in the other form that the world's guesses name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import invalid, not_allowed
from .forms import Flattened, Form
from .query import Value

Others = Sequence[tuple[str, Form] | None]
"""Other forms of a parameter: the name and form to send in its place; None: it must be left out."""


@dataclass(frozen=True)
class Parameters:
    """The parameters of a method, by name.

    `others` has, by parameter, the forms that are taken in its place when a guess says so; the value is read as one of
    the parameter's own name all the same. In such a form the parameter is demanded, even if it may be left out else. A
    parameter that stands in `others` alone is sent in its other forms only.
    """

    takes: Mapping[str, Form]
    may_take: Mapping[str, Form] = field(default_factory=dict)
    others: Mapping[str, Others] = field(default_factory=dict)

    def read(self, asked: Mapping[str, Value], guesses: Mapping[str, int]) -> dict[str, Any]:
        """The arguments; refuses unknown ones, then missing ones, then bad ones.

        `guesses` has, by parameter, which other form is taken, from 1.
        """
        takes, may_take, own = dict(self.takes), dict(self.may_take), {}
        for parameter, forms in self.others.items():
            if not (guess := guesses.get(parameter, 0)):
                continue
            for home in (takes, may_take):
                home.pop(parameter, None)
            if (other := forms[guess - 1]) is not None:
                name, form = other
                takes[name], own[name] = form, parameter
                if isinstance(form, Flattened):
                    asked = form.gather(name, asked)
        return {own.get(name, name): value for name, value in _read(asked, takes, may_take).items()}


def _read(asked: Mapping[str, Value], takes: Mapping[str, Form], may_take: Mapping[str, Form]) -> dict[str, Any]:
    forms = {**takes, **may_take}
    for name in asked:
        if name not in forms:
            raise not_allowed(name)
    for name in takes:
        if name not in asked:
            raise invalid(name, "required parameter is missing")
    return {name: forms[name].read(name, value) for name, value in asked.items()}
