"""Every resource the sandbox answers, by name."""

from __future__ import annotations

from collections.abc import Mapping

from ..methods import Resource
from . import (
    analytics,
    employer_brand,
    events,
    feed,
    identity,
    leads,
    member,
    messaging,
    pages,
    products,
    publishing,
    settings,
    standardized_data,
)

AREAS = (
    identity,
    settings,
    pages,
    feed,
    analytics,
    employer_brand,
    products,
    publishing,
    messaging,
    events,
    leads,
    member,
    standardized_data,
)
RESOURCES: dict[str, Resource] = {resource.name: resource for area in AREAS for resource in area.RESOURCES}


def check_guesses(guesses: Mapping[str, int]) -> None:
    """Whether each guess names another form that there is.

    Raises:
        ValueError: for a misspelt name, or a form beyond the last.
    """
    known: dict[str, int] = {}
    for resource in RESOURCES.values():
        forms = resource.other_forms()
        known |= {f"{resource.name}.{parameter}": many for parameter, many in forms.items()}
        if forms:
            known[resource.name] = next(iter(forms.values()))
    for name, guess in guesses.items():
        if not 0 <= guess <= known.get(name, -1):
            raise ValueError(f"guesses: {name} has no form {guess}; those that have: {known}")
