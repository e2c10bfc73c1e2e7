"""Resources that list nothing: each entity is asked for by its key, fifty at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import denied, not_found
from ..forms import LOCALE, BareId, Flattened, Form, ListOf, PlainLocale, Urn, Wrapped
from ..methods import BatchGet, Call, Get
from ..parameters import Others
from ..world.taxonomies import Locale, spoken
from .owned import others

Found = dict[str, Any] | int | None
"""An entity, the status that stands in its place, or nothing at all."""

IN_RECORD: Others = (("locale", PlainLocale()), ("locale", Flattened(LOCALE)))
"""The other forms of a locale that is a record at first."""
IN_PLAIN: Others = (("locale", LOCALE), None)
"""The other forms of a locale that is one word at first."""
LEFT_OUT: Others = (("locale", LOCALE), ("locale", PlainLocale()))
"""The forms of a locale that at first is not sent."""


def language(call: Call) -> Locale:
    """The language of an answer: that of the locale asked for."""
    return spoken(call.get("locale"))


def by_number(kind: str) -> Sequence[Form]:
    """A bare id, its URN, and the id in a record, each read as the URN."""
    return BareId(kind), Urn(kind), Wrapped("id", BareId(kind))


def looked_up(
    forms: Sequence[Form],
    find: Callable[[Call, str], Found],
    *,
    takes: Mapping[str, Form] | None = None,
    may_take: Mapping[str, Form] | None = None,
    more: Mapping[str, Others] | None = None,
    key: str = "id",
    keys: Sequence[Form] = (),
) -> tuple[BatchGet, Get]:
    """BATCH_GET and GET of what `find` gives.

    Args:
        forms: those of an id; the first is taken, or as the world's guesses have it another.
        find: what stands behind an id.
        takes: further parameters of both, and `may_take` those that may be left out.
        may_take: see `takes`.
        more: other forms of these.
        key: the name of the key in the path.
        keys: the forms of that; the first of `forms` if left out.
    """

    def entity(call: Call, id_: str) -> dict[str, Any] | None:
        found = find(call, id_)
        if isinstance(found, int):
            raise denied(f"{call.action} for {id_}") if found == 403 else not_found(id_)
        return found

    def single(call: Call) -> dict[str, Any]:
        found = entity(call, call[key])
        if found is None:
            raise not_found(call[key])
        return found

    takes, may_take, more, keys = takes or {}, may_take or {}, more or {}, keys or forms[:1]
    of_ids = {**others("ids", [ListOf(form) for form in forms]), **more}
    of_key = {**others(key, keys), **more}
    return (
        BatchGet(forms[0], entity, takes=takes, may_take=may_take, others=of_ids),
        Get(single, keys[0], takes=takes, may_take=may_take, others=of_key, parameter=key),
    )
