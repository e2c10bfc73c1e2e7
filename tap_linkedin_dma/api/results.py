"""The results of answers: entities by the id asked for, and the elements of listings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tap_linkedin_dma.api import responses, restli, urns
from tap_linkedin_dma.api.envelopes import error_status
from tap_linkedin_dma.api.json_bodies import Body
from tap_linkedin_dma.api.json_paths import Entity, get_path

NOT_ASKED = 0
"""The status of an id that was not asked for, since LinkedIn had refused too many others."""

SILENT = 1
"""The status of each id of a batch for which LinkedIn gave no status at all."""

_ANSWERS = (None, 403, 404, 410)

_PASSING = (408, 425, 429)

_STATUS = re.compile(r"\d{3}", re.ASCII)


def is_answer(status: int | None) -> bool:
    """Whether a status in place of an entity means that LinkedIn does not return it; a missing status does.

    >>> is_answer(404), is_answer(503), is_answer(400)
    (True, False, False)
    """
    return status in _ANSWERS


def passes(status: int | None) -> bool:
    """Whether another try may get another status.

    >>> passes(503), passes(400)
    (True, False)
    """
    return status is not None and (status in _PASSING or status >= 500)


def in_words(missing: Mapping[str, int | None]) -> str:
    """How many ids lack an entity, by status: `403: 2, no status: 1`."""
    named = (_WORDS.get(status) or str(status) for status in missing.values())
    return ", ".join(f"{status}: {count}" for status, count in sorted(Counter(named).items()))


_WORDS = {None: "no status", NOT_ASKED: "not asked", SILENT: "no word on any"}


class BatchResult(dict[str, Entity]):
    """The entities that a BATCH_GET returned, by the id asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.missing: dict[str, int | None] = {}
        """The status of each id without an entity; None if LinkedIn gave no status."""

    def add_response(self, asked: Mapping[str, Sequence[str]], body: Body) -> None:
        """Add the entities and statuses of an answer, whose maps have no order.

        Args:
            asked: the ids asked for, and the keys that each may have in the answer.
            body: the answer.
        """
        results = {key: entity for key, entity in _decoded(body.get("results")).items() if isinstance(entity, Mapping)}
        statuses, errors = _decoded(body.get("statuses")), _decoded(body.get("errors"))
        for name, keys in asked.items():
            # LinkedIn may answer a share as the ugcPost with its number, and the reverse.
            spellings = (*keys, *urns.other_spellings(name))
            entity = next((results[key] for key in spellings if key in results), None)
            error = error_status(entity, "entity") if entity else None
            if entity is not None and not error:
                self[name] = entity
            else:
                given = (_status(statuses.get(key), errors.get(key)) for key in spellings)
                self.missing[name] = error or next((status for status in given if status), None)

    def merge(self, others: BatchResult) -> None:
        """Add the result of another answer."""
        self.update(others)
        self.missing = {name: status for name, status in self.missing.items() if name not in others}
        self.missing.update(others.missing)

    @property
    def unanswered(self) -> Mapping[str, int | None]:
        """The missing ids whose status does not say yet whether LinkedIn returns the entity."""
        return {name: status for name, status in self.missing.items() if not is_answer(status)}


def _status(status: object, error: object) -> int | None:
    """The status of an id without an entity: of its error, if that says one, else the one beside it.

    An error that says none is as a 500.
    """
    told = [get_path(error, "status"), status]
    read = [int(one) for one in told if type(one) is int or (isinstance(one, str) and _STATUS.fullmatch(one))]
    return read[0] if read else 500 if error else None


def _decoded(keyed: object) -> dict[str, Any]:
    """A map of an answer by its decoded keys; the protocol lets a server percent-encode them."""
    if not isinstance(keyed, Mapping):
        return {}
    # A key that came decoded may hold a percent sign of its own, so both readings stand.
    return {restli.decode_key(name): value for name, value in keyed.items()} | dict(keyed)


class ListingPage(list[Entity]):
    """The elements of a listing's page, and the cursor of the page after it."""

    def __init__(self, body: Body, cursor: str | None = None) -> None:
        super().__init__(responses.elements(body))
        self.cursor = cursor
