"""Reading entities by their ids, a batch a request, so that one odd id spoils nothing but itself.

LinkedIn may refuse a batch whole for one of its ids: it is halved down to that id. And LinkedIn may answer a batch
with a status for one id that passes: that id is asked for again, by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
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
from tap_linkedin_dma.api.results import NOT_ASKED, SILENT, BatchResult, in_words, passes
from tap_linkedin_dma.api.retries import RetryPolicy

MAX_BATCH = 50
"""Ids in one BATCH_GET: LinkedIn documents no limit for most resources, and 50 for its siblings."""

SPOILED = (AccessDenied, BadRequest, NotFound, InvalidResponse)
"""What LinkedIn may answer to a whole batch for the sake of one id: 400, 403, 404, 410, 414, 422, 500."""

Spoiled = AccessDenied | BadRequest | NotFound | InvalidResponse

_PROBES = 4

_MOST_REFUSALS = 100
"""Requests of one stream that may be refused while halving, in a run: whoever comments may name ids that are none."""


class ReadIds(Protocol):
    """Asks for some ids in one request."""

    def __call__(self, ids: Sequence[str], tries: int | None = None) -> BatchResult:
        """The entities, by the text of the id.

        Args:
            ids: not more than fit one request.
            tries: how often at most where the answer may be an error for good; None leaves that to the settings.
        """


class BatchGet:
    """The batches of one stream in one run.

    Args:
        patience: how often, and after which waits, something is asked for again.
        map_: calls a function for each item, side by side, and gives the results in order.
        logger: is told how many entities LinkedIn did not give.
    """

    def __init__(
        self,
        retries: RetryPolicy,
        map_: Callable[[Callable[[Sequence[str]], BatchResult], Sequence[Sequence[str]]], Iterator[BatchResult]],
        logger: logging.Logger,
    ) -> None:
        self._retries = retries
        self._map = map_
        self._logger = logger
        self._answered: set[str] = set()
        self._refusals = 0

    def read(self, resource: str, ids: Sequence[str], read: ReadIds, probes: int = _PROBES) -> BatchResult:
        """The entities of these ids.

        Args:
            resource: the name in the URL.
            ids: none makes no request.
            read: asks for a batch of them.
            probes: how many ids are asked for alone, at most, where a batch is refused and none was answered before.

        Raises:
            DmaError: where LinkedIn refuses all there is, as far as these tell.
        """
        batches = list(batched(ids, MAX_BATCH))
        # The first goes alone, since a refusal may be of all.
        alone = batches[:1] if resource not in self._answered else []
        found = BatchResult()
        for batch in alone:
            found.merge(self._read(resource, batch, read, _spread(ids, probes)))
        for some in self._map(lambda batch: self._read(resource, batch, read), batches[len(alone) :]):
            found.merge(some)
        self.ask_again(resource, found, read)
        self.tell_of_lacking(resource, found)
        return found

    def ask_again(self, resource: str, found: BatchResult, read: ReadIds) -> None:
        """Ask by themselves for the ids whose status passes, a few times, waiting longer each time.

        Args:
            resource: the name in the URL.
            found: the entities read so far; they are completed.
            read: asks for a batch.
        """
        for tries in range(1, self._retries.doubtful_tries):
            again = [name for name, status in found.missing.items() if passes(status)]
            if not again:
                return
            self._retries.wait(resource, _fault_of(found), tries)
            for batch in batched(again, MAX_BATCH):
                # The ids of a batch that is refused now keep the status that they had.
                with suppress(*SPOILED):
                    found.merge(read(batch, tries=1))

    def tell_of_lacking(self, resource: str, found: BatchResult) -> None:
        """Say how many entities LinkedIn did not give, and with which status."""
        if found.missing:
            self._logger.warning(
                "%s: %d not given by LinkedIn (%s)", resource, len(found.missing), in_words(found.missing)
            )

    def halved(self, asked: Sequence[str], refused: Spoiled, read: ReadIds) -> BatchResult:
        """The entities of a batch that was refused whole.

        Returns:
            The entities, and as lacking, with the status of its own refusal, each id that is refused by itself; with
            NOT_ASKED those that are left when this run has had too much refused.
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
                # A request that is too long tells nothing of its ids.
                self._refusals += not isinstance(refusal, TooLong)
                found.merge(self.halved(half, refusal, read))
        return found

    def _read(self, resource: str, ids: Sequence[str], read: ReadIds, probes: Sequence[str] = ()) -> BatchResult:
        # A single id may well be missing without a word, and need not be asked for as often.
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
        if len(ids) > 1 and not found and {*found.missing.values()} == {None}:
            # A single id may be missing without a word; that all are is no answer.
            found.missing = dict.fromkeys(ids, SILENT)
        return found

    def _is_of_an_id(
        self, resource: str, ids: Sequence[str], refused: Spoiled, read: ReadIds, probes: Sequence[str]
    ) -> bool:
        """Whether a batch is refused for ids in it, rather than for all there are: a few are asked for alone."""
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
    """A few ids from all over, each once."""
    return [ids[place] for place in sorted({step * (len(ids) - 1) // (number - 1) for step in range(number)})]


def _fault_of(found: BatchResult) -> Throttled | ServerFault:
    """The fault that single ids met, as if the whole request had met it."""
    statuses = [status for status in found.missing.values() if status and passes(status)]
    msg = f"{len(statuses)} ids got no answer."
    return Throttled(msg) if 429 in statuses else ServerFault(msg, max(statuses))


def batched(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
