"""Streams that have no listing: they read the entities that the records of this run reference, fifty at a time.

An entity that LinkedIn has answered about is not requested again for `lookup_refresh_days`. One that LinkedIn left out
of an answer without a word is requested when it is named again. The state keeps both by day, as short hashes: it stays
small, and no member's URN is in it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar

from tap_linkedin_dma.api import restli, urns
from tap_linkedin_dma.api.batch_get import MAX_BATCH, SPOILED
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import DmaError, InvalidResponse
from tap_linkedin_dma.api.results import SILENT, BatchResult
from tap_linkedin_dma.privacy.persons import PERSON_URN
from tap_linkedin_dma.state.recent_lookups import ANSWERED, NOT_RETURNED, RecentLookups
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.request_templates import render
from tap_linkedin_dma.sync.batches import NO_CONTEXT, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.referenced_urns import MOST_IN_WORDS, LookupSpec
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_BATCHES_OF_A_PAGE = 20
_PROBES = 16
"""Ids that are requested one by one, spread over all those referenced, before a lookup is given up."""

_FEW_REFUSALS = 2
"""Refused ids, at most, that may be exceptions while no other id is answered."""

_NUMBER = "[0-9]{1,19}"


_MOST_OWED = 2000

_RUNS_TO_HOLD = 3
"""Runs in a row on which a lookup fails until no other stream waits for it any more."""


class Lookup(DmaStream):
    """Entities that are read because other streams' records reference them."""

    append_only = True

    urn_types: ClassVar[Sequence[str]]
    source_columns: ClassVar[Mapping[str, Sequence[str]]] = {}
    id_field_pattern: ClassVar[str] = ""
    already_read_by: ClassVar[Mapping[str, str]] = {}
    urn_aliases: ClassVar[Mapping[str, str]] = {}
    """The URNs that are looked up; see `LookupSpec`."""

    params = {"ids": "{id}"}
    """`ids` is the form of one id: made of "{id}", the part of a URN after its type, or of "{urn}"."""

    id_form: ClassVar[str] = r"[!-~]{1,200}"
    """A pattern for the id in a URN that may be one of LinkedIn's; only digits if a column has it as a number."""

    identity: ClassVar[Mapping[str, str]]
    """Columns made from the request: "{urn}", "{id}", "{number}" for the id as a number, or a parameter."""

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._refusals = 0
        self._is_down = False
        """Whether LinkedIn has failed here for so long that no more requests are made."""

        self._has_begun = self._lacks_people = False
        self._lacking_runs = 0
        """The runs in a row, up to the last one, on which answers about members were missing."""

        run_context.run.lookups.append(self)
        run_context.run.referenced_urns.seek(
            LookupSpec(
                self.name,
                self.urn_types,
                lambda: self.is_active,
                self.source_columns,
                self.id_field_pattern,
                self.already_read_by,
                self.urn_aliases,
            )
        )

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        referenced = self.run_context.run.referenced_urns
        due: Iterator[str] = (
            urn for urn in referenced.drain(self.name) if self.accepts(urn) and urn not in self._answered
        )
        if self.name in referenced.left_out and self.emitter.is_whole:
            self.skip(
                "what texts name", f"They name more than {MOST_IN_WORDS} in a run, and only the first are looked up."
            )
        if self.name in referenced.unsure:
            # The stream that failed would have read some of them itself, and it is unknown which.
            named = list(due)
            due = iter([urn for urn in named if self._is_overdue(urn)])
            yield self._owing([urn for urn in named if not self._is_overdue(urn)])
        if self._is_down:
            yield self._owing(due)
        with self.skip_refused({}):
            while asked := list(islice(due, _BATCHES_OF_A_PAGE * MAX_BATCH)):
                try:
                    batch = self._page(asked)
                except InvalidResponse:
                    self._is_down = True
                    yield self._owing(chain(asked, due))
                    raise
                yield batch

    def _owing(self, due: Iterable[str]) -> RecordBatch:
        """A batch without records, whose commit has the next run look these URNs up."""
        return RecordBatch(commit=partial(self._settle, (), list(due)))

    def _is_overdue(self, urn: str) -> bool:
        """Whether a URN has waited for its last run: it is dropped if there is no answer on this one."""
        owed: Mapping[str, int] = self.get_context_state(None).get("owed", {})
        return owed.get(urn, 0) + 1 >= _RUNS_TO_HOLD

    def begin(self) -> None:
        """Only write the schemas: a run looks up URNs now and then, and at its end."""
        for stream in (self, *self.descendants):
            stream.write_schema()

    def look_up(self) -> None:
        """Emit what LinkedIn has on all URNs referenced since the last time."""
        if self.is_active:
            self._note_begin()
            self._lacks_people = False
            if self.has_failed or (self.refused_organizations and not self._is_down):
                # URNs referenced from now on are not looked up.
                deque(self.run_context.run.referenced_urns.drain(self.name), maxlen=0)
            self.emitter.emit_now(NO_CONTEXT)
            if self.request.is_confirmed and not self.has_failed:
                self.get_context_state(None).pop("failed_runs", None)

    @property
    def is_holding(self) -> bool:
        """Whether the streams that referenced its URNs must do so again in the next run: it failed, but on few runs."""
        return self.has_failed and self.get_context_state(None).get("failed_runs", 0) < _RUNS_TO_HOLD

    @property
    def is_owing(self) -> bool:
        """Whether answers about members are missing, whose URNs may not be in the state."""
        return self._lacks_people and self._lacking_runs + 1 < _RUNS_TO_HOLD

    def owe(self, unanswered: Sequence[str]) -> None:
        """Have the next run look these up again, by their URNs; members, by having them referenced again.

        A URN without an answer on three runs is dropped.
        """
        owed = self.get_context_state(None).setdefault("owed", {})
        let_go: set[str] = set()
        for urn in unanswered:
            if PERSON_URN.search(urn):
                continue
            runs = owed.pop(urn, 0) + 1
            if runs < _RUNS_TO_HOLD and len(owed) < _MOST_OWED:
                owed[urn] = runs
            else:
                let_go.add("on three runs" if runs >= _RUNS_TO_HOLD else f"beyond {_MOST_OWED} others")
        for why in sorted(let_go):
            self.skip(f"what had no answer {why}", "It is not looked up again until a record names it.")

    def note_failure(self) -> None:
        state = self.get_context_state(None)
        state["failed_runs"] = state.get("failed_runs", 0) + 1
        if not self.is_holding:
            self.skip(
                "what was named",
                f"It has failed on {state['failed_runs']} runs and answered on none since, so the streams that name it "
                "wait no longer: it is looked up when it is named again.",
            )

    def _note_begin(self) -> None:
        """Report, once for all runs, if earlier runs have read records without looking up the URNs in them."""
        kept = self.get_context_state(None)
        if not self._has_begun:
            self._has_begun = True
            self.run_context.run.referenced_urns.owe(self.name, kept.get("owed", {}))
            self._lacking_runs = kept.pop("lacking_runs", 0)
            if self.run_context.run.continues_listings and 0 < self._lacking_runs < _RUNS_TO_HOLD:
                kept["lacking_runs"] = self._lacking_runs + 1
                self.skip(
                    "some of those named",
                    "LinkedIn gave no answer about them on an earlier run, and this one continues its listings: those "
                    "whom no record names again are requested on a later run.",
                )
        if "read_since" in kept:
            return
        kept["read_since"] = self.run_context.started_at.to_date_string()
        before = self.run_context.run.streams_before
        if "answered" not in kept and (before & self.source_columns.keys() if self.source_columns else before):
            self.skip(
                "what records of earlier runs name",
                "The stream was not selected then. To have all looked up, run once without the state (--full-refresh).",
            )

    def accepts(self, urn: str) -> bool:
        """Whether a URN of these types may be one of LinkedIn's: a comment may name any."""
        form = _NUMBER if "{number}" in self.identity.values() else self.id_form
        return re.fullmatch(form, urns.key(urn)) is not None

    @property
    def skippable_errors(self) -> tuple[type[DmaError], ...]:
        """A resource that is not documented may always answer 500."""
        return (*super().skippable_errors, InvalidResponse) if self.evidence == "inferred" else super().skippable_errors

    @cached_property
    def _answered(self) -> RecentLookups:
        """The URNs that are not looked up again so soon."""
        return self._recent(ANSWERED)

    @cached_property
    def _not_returned(self) -> RecentLookups:
        """The URNs that LinkedIn left out of an answer without a word, and may leave out again without a fault."""
        return self._recent(NOT_RETURNED)

    def _recent(self, name: str) -> RecentLookups:
        return RecentLookups(
            self.get_context_state(None),
            name,
            self.run_context.started_at,
            self.config["lookup_refresh_days"],
            self.config.get("member_hash_key", ""),
        )

    def _page(self, asked: Sequence[str]) -> RecordBatch:
        entities = self._entities(asked)
        contexts = {urn: self._context(urn) for urn in entities}
        rows = {urn: self.row(entity, contexts[urn]) for urn, entity in entities.items()}
        child_contexts = [(contexts[urn], row) for urn, row in rows.items()] if self.children else []
        self.skip_unanswered("of those named", entities)
        unanswered = entities.unanswered
        if any(map(PERSON_URN.search, unanswered)):
            self._lacks_people = True
            self.get_context_state(None)["lacking_runs"] = self._lacking_runs + 1
        # A refusal of everything is no answer about a single URN.
        refused = [
            urn
            for urn, status in entities.missing.items()
            if status is not None and urn not in unanswered and self.request.is_confirmed
        ]
        silent = [urn for urn, status in entities.missing.items() if status is None or self._is_left_out(urn, status)]
        commit = partial(self._settle, [*rows, *refused], [*unanswered], silent)
        return RecordBatch([row for row in rows.values() if row], child_contexts, commit, commit)

    def _is_left_out(self, urn: str, status: int | None) -> bool:
        """Whether a URN is one of a batch of which LinkedIn says nothing, and that on its last run."""
        if status != SILENT:
            return False
        return self._lacking_runs + 1 >= _RUNS_TO_HOLD if PERSON_URN.search(urn) else self._is_overdue(urn)

    def _settle(self, answered: Sequence[str], unanswered: Sequence[str], silent: Sequence[str] = ()) -> None:
        """Record in the state what came of looking up URNs.

        Args:
            answered: not requested again for the days of the setting.
            unanswered: requested on the next run.
            silent: left out of LinkedIn's answer, and requested if a record references them again.
        """
        state = self.get_context_state(None)
        if self.has_failed_child:
            answered, unanswered = (), [*answered, *unanswered]
        self._answered.add(answered)
        if left_out := [urn for urn in silent if urn not in self._not_returned]:
            self._not_returned.add(left_out)
        owed = state.get("owed", {})
        for urn in (*answered, *silent):
            owed.pop(urn, None)
        self.owe(unanswered)
        if not state.get("owed", True):
            del state["owed"]

    def _entities(self, asked: Sequence[str]) -> BatchResult:
        try:
            resource = self.resource.rpartition("/")[2]
            return self.client.batches.read(resource, asked, self._read, _PROBES, self._not_returned)
        except SPOILED as refused:
            if self.request.is_confirmed:
                raise
            self._refusals += min(len(asked), _PROBES)
            if self._refusals >= _PROBES or isinstance(refused, InvalidResponse):
                raise
            found = BatchResult()
            if self._refusals > _FEW_REFUSALS:
                self.skip("what was named so far", refused)
            else:
                found.missing = dict.fromkeys(asked, refused.status)
                self.client.batches.note_missing(self.resource, found.missing)
            return found

    def _context(self, urn: str) -> dict[str, Any]:
        known = {**self.request_params(_parts(urn)), **_parts(urn)}
        return {name: render(template, known) for name, template in self.identity.items()}

    def _read(self, ids: Sequence[str], tries: int | None = None) -> BatchResult:
        return self.request.with_fallbacks(partial(self._ask_for, ids, tries))

    def _ask_for(self, asked: Sequence[str], tries: int | None) -> BatchResult:
        params = [self.request_params(_parts(urn)) for urn in asked]
        ids = [one["ids"] for one in params]
        path, query = self.request.address({**params[0], "ids": ids})
        may_say_nothing = all(urn in self._not_returned for urn in asked)
        body = self.client.fetch(path, restli.query(query), tries, may_say_nothing=may_say_nothing)
        found = BatchResult()
        found.add_response({urn: _keys(urn, id_) for urn, id_ in zip(asked, ids, strict=True)}, body)
        return found


def _parts(urn: str) -> dict[str, Any]:
    key = urns.key(urn)
    return {"urn": urn, "id": key, **({"number": int(key)} if key.isdecimal() else {})}


def _keys(urn: str, id_: object) -> Sequence[str]:
    """The keys that an entity may have in the answer: the id in the request, its URN, the bare id."""
    return [restli.decode_key(restli.encode(id_)), urn, urns.key(urn)]
