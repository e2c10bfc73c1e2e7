"""Reads entities by their ids, in batches, so that one bad id costs no other entity.

LinkedIn may refuse a whole batch because of one id: the batch is halved down to that id. LinkedIn may also answer a
batch with a temporary status for one id: that id is requested again, by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from tap_linkedin_dma.api.errors import (
    AccessDenied,
    BadRequest,
    InvalidResponse,
    NotFound,
    ServerFault,
    Throttled,
    TooLong,
)
from tap_linkedin_dma.api.results import NOT_ASKED, SILENT, BatchResult, passes
from tap_linkedin_dma.api.retries import RetryPolicy

MAX_BATCH = 50
"""Ids in one BATCH_GET: LinkedIn documents no limit for most resources, and 50 for its siblings."""

SPOILED = (AccessDenied, BadRequest, NotFound, InvalidResponse)
"""Errors that LinkedIn may give a whole batch because of one id: 400, 403, 404, 410, 414, 422, 500."""

Spoiled = AccessDenied | BadRequest | NotFound | InvalidResponse

_PROBES = 4

_MOST_REFUSALS = 100
"""Refused requests per stream and run while halving batches: whoever comments may mention ids that do not exist."""


class ReadIds(Protocol):
    """A function that requests some ids at once."""

    def __call__(self, ids: Sequence[str], tries: int | None = None) -> BatchResult:
        """The entities, by the text of the id.

        Args:
            ids: at most as many as one request may name.
            tries: at most this many if the error may be permanent; None leaves that to the settings.
        """


class BatchGet:
    """The batches of one stream in one run.

    Args:
        retries: how often, and after which waits, a request is repeated.
        map_: calls a function for each item, concurrently, and yields the results in order.
        note_missing: called with a resource, and with the status of each id that LinkedIn did not return.
    """

    def __init__(
        self,
        retries: RetryPolicy,
        map_: Callable[[Callable[[Sequence[str]], BatchResult], Sequence[Sequence[str]]], Iterator[BatchResult]],
        note_missing: Callable[[str, Mapping[str, int | None]], None],
    ) -> None:
        self._retries = retries
        self._map = map_
        self.note_missing = note_missing
        self._answered: set[str] = set()
        self._refusals = 0

    def read(
        self,
        resource: str,
        ids: Sequence[str],
        read: ReadIds,
        probes: int = _PROBES,
        expected_missing: Container[str] = (),
    ) -> BatchResult:
        """The entities of these ids.

        Args:
            resource: the name in the URL.
            ids: none makes no request.
            read: requests a batch of them.
            probes: at most this many ids are requested alone if a batch is refused and none was answered before.
            expected_missing: ids that LinkedIn has left out of an earlier answer without a status.

        Raises:
            DmaError: if LinkedIn seems to refuse every id, going by the probes.
        """
        batches = list(batched(ids, MAX_BATCH))
        # The first batch goes alone, since LinkedIn may refuse every id.
        alone = batches[:1] if resource not in self._answered else []
        found = BatchResult()
        for batch in alone:
            found.merge(self._read(resource, batch, read, expected_missing, _spread(ids, probes)))
        for some in self._map(lambda batch: self._read(resource, batch, read, expected_missing), batches[len(alone) :]):
            found.merge(some)
        self.ask_again(resource, found, read)
        if found.missing:
            self.note_missing(resource, found.missing)
        return found

    def ask_again(self, resource: str, found: BatchResult, read: ReadIds) -> None:
        """Request the ids with a temporary status again, a few times, waiting longer each time.

        Args:
            resource: the name in the URL.
            found: the entities read so far; those read now are added.
            read: requests a batch.
        """
        for tries in range(1, self._retries.doubtful_tries):
            again = [name for name, status in found.missing.items() if passes(status)]
            if not again:
                return
            self._retries.wait(resource, _fault_of(found), tries)
            for batch in batched(again, MAX_BATCH):
                # If the batch is refused now, its ids keep the status that they had.
                with suppress(*SPOILED):
                    found.merge(read(batch, tries=1))

    def halved(self, asked: Sequence[str], refused: Spoiled, read: ReadIds) -> BatchResult:
        """The entities of a batch that was refused as a whole.

        Returns:
            The entities. `missing` has each id that is refused alone, with the status of that refusal, and with
            NOT_ASKED the ids that are left once this run has had too many refusals.
        """
        found = BatchResult()
        if len(asked) == 1:
            found.missing[asked[0]] = refused.status
            return found
        for half in batched(asked, (len(asked) + 1) // 2):
            if self._refusals >= _MOST_REFUSALS:
                found.missing.update(dict.fromkeys(half, NOT_ASKED))
                continue
            try:
                found.merge(read(half, tries=1))
            except SPOILED as refusal:
                # A request that is too long says nothing about its ids.
                self._refusals += not isinstance(refusal, TooLong)
                found.merge(self.halved(half, refusal, read))
        return found

    def _read(
        self,
        resource: str,
        ids: Sequence[str],
        read: ReadIds,
        expected_missing: Container[str],
        probes: Sequence[str] = (),
    ) -> BatchResult:
        # A single id may be missing without a status, so it is requested less often.
        tries = 2 if len(ids) == 1 and resource in self._answered else None
        try:
            found = read(ids, tries=tries)
        except SPOILED as refused:
            if not self._is_of_an_id(resource, ids, refused, read, probes or _spread(ids, _PROBES)):
                raise
            found = self.halved(ids, refused, read)
            if isinstance(refused, TooLong) and not found and {*found.missing.values()} == {refused.status}:
                raise
        self._answered.add(resource)
        if not found and {*found.missing.values()} == {None}:
            doubtful = [id_ for id_ in ids if id_ not in expected_missing]
            # A single id may be missing without a status; if several are, LinkedIn has not answered.
            if len(doubtful) > 1:
                found.missing.update(dict.fromkeys(doubtful, SILENT))
        return found

    def _is_of_an_id(
        self, resource: str, ids: Sequence[str], refused: Spoiled, read: ReadIds, probes: Sequence[str]
    ) -> bool:
        """Whether a batch is refused because of some of its ids, rather than every id: a few are requested alone."""
        if isinstance(refused, TooLong):
            return len(ids) > 1
        if resource in self._answered and (len(ids) == 1 or not isinstance(refused, InvalidResponse)):
            return True
        for id_ in probes if len(probes) > 1 else ():
            with suppress(*SPOILED):
                read([id_], tries=1)
                return True
        return False


def _spread(ids: Sequence[str], number: int) -> Sequence[str]:
    """A few ids, evenly spread, each once."""
    return [ids[place] for place in sorted({step * (len(ids) - 1) // (number - 1) for step in range(number)})]


def _fault_of(found: BatchResult) -> Throttled | ServerFault:
    """The fault of single ids, as an error of the whole request."""
    statuses = [status for status in found.missing.values() if status and passes(status)]
    msg = f"{len(statuses)} ids got no answer."
    return Throttled(msg) if 429 in statuses else ServerFault(msg, max(statuses))


def batched(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
