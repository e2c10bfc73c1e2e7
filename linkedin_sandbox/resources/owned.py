"""Finders that list what an organization or its page owns, and how an owner is named to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import invalid
from ..forms import RANGE, BareId, Form, Urn, Wrapped
from ..methods import Call, Finder
from ..paging import WHOLE, Listing, Paging
from ..parameters import Others
from ..world import World
from ..world.organizations import DAY_MS, PAGE_AGE_DAYS, Organization

Records = Callable[[Organization, World], Sequence[dict[str, Any]]]
Figures = Callable[[Organization, World, int], Sequence[dict[str, Any]]]

PAGE = Urn("organizationalPage")
ORGANIZATION = Urn("organization")
BY_ORGANIZATION = (ORGANIZATION, PAGE, BareId("organization"))
BY_PAGE = (PAGE, ORGANIZATION, BareId("organizationalPage"))
RANGES: Mapping[str, Others] = {"timeRange": (("timeIntervals", Wrapped("timeRange", RANGE)), None)}


def administered(call: Call, urn: str) -> Organization:
    """The organization behind an organization or page URN; 403 unless the member administers it."""
    organization = call.world.organization(urn)
    if organization is None or not organization.administered:
        raise call.denied()
    return organization


def owned(
    parameter: str,
    forms: Sequence[Form],
    records: Records,
    *,
    finder: str = "",
    paging: Paging = WHOLE,
    gap: bool = False,
) -> Finder:
    """A finder with one parameter, after which it is named unless `finder` says otherwise.

    The parameter takes the first of `forms`, or as `guesses` has it another.
    """

    def find(call: Call) -> Listing:
        return Listing(records(administered(call, call[parameter]), call.world), dict, gap=gap)

    return Finder(finder or parameter, {parameter: forms[0]}, find, paging=paging, others=others(parameter, forms))


def others(parameter: str, forms: Sequence[Form]) -> Mapping[str, Others]:
    """All forms but the first, under the parameter's own name."""
    return {parameter: tuple((parameter, form) for form in forms[1:])} if forms[1:] else {}


def days_asked(call: Call) -> int:
    """How many days `timeRange` spans; left out, all that the page has lived."""
    asked = call.get("timeRange")
    return check_days("timeRange", asked) if asked else PAGE_AGE_DAYS


def check_days(name: str, asked: Mapping[str, int]) -> int:
    """The days of a range, which must be whole UTC days and in order."""
    start, end = asked["start"], asked["end"]
    if start % DAY_MS or end % DAY_MS:
        raise invalid(name, "start and end must be whole UTC days")
    if start >= end:
        raise invalid(name, "start must be before end")
    return (end - start) // DAY_MS


def figures(records: Figures, parameter: str) -> Callable[[Call], Listing]:
    """What a finder finds whose figures grow with the time range asked for."""
    return lambda call: Listing(records(administered(call, call[parameter]), call.world, days_asked(call)), dict)
