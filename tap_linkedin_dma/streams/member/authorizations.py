"""A member's own data: the member's consents, and the changes since.

The Member Portability APIs are a product of their own, with a token and a version of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tap_linkedin_dma.api import responses, restli
from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.api.errors import (
    AccessDenied,
    DmaError,
    PermanentError,
    ServerFault,
    TimeoutTooLarge,
    TokenRejected,
)
from tap_linkedin_dma.api.json_bodies import Body
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.numbered_listings import next_link_query
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.conversion import format_ms, int_or_none, parse_ms
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_KEPT_DAYS = 28
"""Days for which LinkedIn keeps a change."""

_LARGEST_COUNT = 50

_ERASE = (
    "If the member has withdrawn consent, what is stored of the member is due now: run what `tap-linkedin-dma "
    "retention` prints."
)


class MemberStream(DmaStream):
    """A stream that is read with the token of the setting `member_access_token`, and exists only if that is set."""

    version = "202312"
    selected_by_default = False
    data_class = MEMBER
    # Lookups use the pages' token, under another product's terms.
    feeds_lookups = False

    @property
    def skippable_errors(self) -> tuple[type[DmaError], ...]:
        return (AccessDenied,)

    def next_start(self, body: Body, start: int) -> int | None:
        """The start of the next page according to LinkedIn's link; None if it leads no further."""
        query = next_link_query(self.client.url(self.resource), get_path(body, "paging.links")) or ""
        there = int_or_none(parse_qs(query).get("start", [""])[0])
        return there if there is not None and there > start else None


class Authorizations(MemberStream, Finder):
    """The member's consents: one call, from which the other streams know whether there is anything to read."""

    finder = "memberAndApplication"
    paging = "none"
    computed_columns = ("confirmed_at",)

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        run_context.run.shared.consents = self.listed
        self._confirmed_at = format_ms(int(run_context.started_at.timestamp() * 1000))

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        row = super().row(entity, context, keys)
        return row and {**row, "confirmed_at": self._confirmed_at}

    def elements(self, context: Context) -> Iterator[ListingPage]:
        yield ListingPage({"elements": self.listed()})

    def listed(self) -> Sequence[Entity]:
        """The consents, requested once a run."""
        return self.compute_once("listed", self._listed)

    def _listed(self) -> Sequence[Entity]:
        try:
            consents = [consent for batch in super().elements({}) for consent in batch]
        except TokenRejected as rejected:
            # Who withdraws consent revokes the token too.
            raise type(rejected)(f"{rejected} {_ERASE}") from None
        if not consents:
            self.run_context.run.summary.end_with(_ERASE)
        return consents


class ConsentedStream(MemberStream):
    """A stream that has nothing to read without the member's consent."""

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        consents = self._consents()
        if not consents:
            self.logger.warning(
                "%s: nothing is read, because this member has not consented to the app. Let the member log in "
                "(tap-linkedin-dma login --member), and set the new member_access_token.",
                self.name,
            )
            return
        members = {str(get_path(consent, "memberComplianceAuthorizationKey.member") or "") for consent in consents}
        member = members.pop()
        if members or not member:
            msg = (
                "Nothing is read: LinkedIn's list of consents does not name exactly one member, so nobody could say "
                "whose data it is. Try again later."
            )
            raise DmaError(msg)
        for context in contexts:
            with self.skip_refused(context):
                yield from self.read_consented(member)

    def read_consented(self, member: str) -> Iterator[RecordBatch]:
        """Read the member's data.

        Args:
            member: the URN of the member who consents.
        """
        raise NotImplementedError

    def _consents(self) -> Sequence[Entity]:
        """The member's consents.

        Raises:
            DmaError: LinkedIn does not say, so that nothing may be read.
        """
        consents = self.run_context.run.shared.consents
        try:
            return consents() if consents else []
        except PermanentError as fault:
            msg = f"Nothing is read, since LinkedIn does not say what the member has consented to. {fault}"
            raise DmaError(msg) from None


class Changes(ConsentedStream):
    """Activities of the member and items sent to the member, oldest first, for the 28 days that LinkedIn keeps them.

    The bookmark is the latest time of processing. That time is read again: several changes may have it.
    """

    finder = "memberAndApplication"
    page_size = 10

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._count = min(self.request.page_size or _LARGEST_COUNT, _LARGEST_COUNT)

    def read_consented(self, member: str) -> Iterator[RecordBatch]:
        place: tuple[int, int] | None = (self._since(), 0)
        seen: set[int] = set()
        newest = ""
        while place:
            body = self._ask(*place)
            rows = self._new_rows(responses.elements(body), seen)
            newest = max([newest, *(row["processed_at"] or "" for row in rows)])
            yield RecordBatch(rows)
            place = self._next_place(place, body, newest, has_new=bool(rows))
        yield RecordBatch(commit=partial(self._move_bookmark, newest))

    def _next_place(self, place: tuple[int, int], body: Body, newest: str, *, has_new: bool) -> tuple[int, int] | None:
        """The start time and the start of the next page; None at the end, which a short page alone does not mean."""
        start_time, start = place
        many = len(responses.elements(body))
        if has_new:
            return start_time, self.next_start(body, start) or start + many
        if not many or many < self._count_of(body):
            return None
        # LinkedIn ignores `start`: it gives the first page again.
        if newest and parse_ms(newest) > start_time:
            return parse_ms(newest), 0
        self.logger.warning(
            "%s: LinkedIn gives the same %d changes again and again, so later ones are not read. Set a larger "
            "page_size in stream_options, at most 50.",
            self.name,
            many,
        )
        return None

    def _since(self) -> int:
        """The time of processing from which to read, epoch ms."""
        window = self.run_context.started_at.subtract(days=_KEPT_DAYS)
        text = None if self.is_full_table else self.get_context_state(None).get("replication_key_value")
        if text is None:
            return int(max(self.start or window, window).timestamp() * 1000)
        bookmark, kept = parse_ms(text), int(window.timestamp() * 1000)
        if bookmark < kept:
            self.logger.warning(
                "%s: the changes from %s to %s are lost for good, since LinkedIn keeps them for %d days. Read "
                "member_snapshots for the present state, and run more often.",
                self.name,
                format_ms(bookmark),
                format_ms(kept),
                _KEPT_DAYS,
            )
        return max(bookmark, kept)

    def _ask(self, start_time: int, start: int) -> Body:
        """One page; if LinkedIn takes too long for as many changes, fewer are requested at once."""
        while True:
            paging = {"startTime": start_time, "count": self._count, "start": start}
            try:
                query = restli.query({"q": self.finder, **self.request_params({}), **paging})
                return self.client.fetch(self.resource, query, translate=self._as_too_many)
            except TimeoutTooLarge:
                self._count //= 2
                self.logger.info("%s: %d changes at once are requested from now on", self.name, self._count)

    def _as_too_many(self, fault: ServerFault) -> DmaError:
        return TimeoutTooLarge(str(fault)) if fault.status in (None, 504) and self._count > 1 else fault

    def _count_of(self, body: Body) -> int:
        """How many changes a full page has; LinkedIn may give fewer than requested, and say so."""
        return min(self._count, int_or_none(get_path(body, "paging.count")) or self._count)

    def _new_rows(self, changes: Sequence[Entity], seen: set[int]) -> Sequence[Row]:
        rows = []
        for change in changes:
            row = self.row(change, {})
            if row and row["id"] not in seen:
                seen.add(row["id"])
                rows.append(row)
        return rows

    def _move_bookmark(self, newest: str) -> None:
        if newest:
            state = self.get_context_state(None)
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = max(newest, state.get("replication_key_value", ""))
