"""Retention limits of LinkedIn's terms and of the user's own, and the rows in a warehouse that are past them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tap_linkedin_dma.commands.warehouse.dialects import DialectWarehouse, Stream, Warehouse, keys, literal
from tap_linkedin_dma.commands.warehouse.erasure import all_urns
from tap_linkedin_dma.commands.warehouse.subjects import is_of_persons, is_shared
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED, DataClassification, classify
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.feed.comments import Comments
from tap_linkedin_dma.streams.feed.reactions import Reactions
from tap_linkedin_dma.streams.feed.removals import EngagementListings
from tap_linkedin_dma.streams.identity import People
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.streams.member.changelog import MemberAuthorizations
from tap_linkedin_dma.streams.standardized_data import LONGEST_KEPT

_EVENTS = ("submitted_at", "delivered_at", "created_at", "snapshot_date")
"""Columns that say when what a row tells of was done; a row without one is as old as its loading."""

_DELETED = "_sdc_deleted_at"
"""Where a target notes that a full listing no longer had a row, and keeps the row."""


@dataclass
class Limit:
    """How long the rows of one stream may be kept.

    Args:
        stream: the stream.
        says: the limit, in words.
        check: a query that counts the rows past their limit; "" if there can be none.
        statements: the SQL that removes them.
        advice: further remarks.
    """

    stream: Stream
    says: str
    check: str = ""
    statements: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Days:
    """The days for which rows are kept.

    Args:
        standardized: LinkedIn's reference data.
        consent: a member's own data, after LinkedIn last confirmed the consent.
        gone: rows of persons, after LinkedIn ceased to show them.
        of_members: rows of persons, by stream; "" stands for all others.
    """

    standardized: int
    consent: int
    gone: int
    of_members: Mapping[str, int]

    def of(self, stream: Stream) -> int | None:
        """For a stream whose rows belong to persons; None for no limit."""
        return self.of_members.get(stream.name, self.of_members.get(""))


class Retention:
    """The limits of each stream in one warehouse.

    Args:
        warehouse: where the tables are.
        days: for which rows are kept.
        time_column: the column with the time when a row was loaded.
    """

    def __init__(self, warehouse: Warehouse, days: Days, time_column: str) -> None:
        self._warehouse = warehouse
        self._days = days
        self._time_column = time_column

    def limits(self) -> list[Limit]:
        """One limit for each stream; people last, since they go once no other table names them."""
        return [self._limit(stream) for stream in sorted(STREAMS, key=lambda stream: stream is People)]

    def _limit(self, stream: Stream) -> Limit:
        if stream.max_retention_days == 0:
            return self._due(stream, "bing_maps, 3.2.2: not stored at all", "")
        if stream.max_retention_days is not None:
            says = f"{STANDARDIZED}, 3.2.1: {self._days.standardized} days from when it was loaded"
            return self._due(stream, says, self._is_past_its_year(stream))
        if stream is MemberAuthorizations:
            return Limit(stream, "member, 3.1: the evidence of the consent, as long as you must prove it")
        if issubclass(stream, MemberStream):
            says = "member, 3.1: while the consent lasts"
            return self._due(stream, says, self._lacks_consent(stream), self._advice(stream))
        past = list(self._past_for_persons(stream)) if is_of_persons(stream) else []
        says = "member, 3.2: while you have a right to it" if is_of_persons(stream) else "no class, 3.2: no age limit"
        if not past:
            return Limit(stream, says, advice=self._advice(stream))
        says = "; ".join([says, *(why for why, _ in past)])
        return self._due(stream, says, " OR ".join(f"({one})" for _, one in past), self._advice(stream))

    def _due(self, stream: Stream, says: str, condition: str, advice: list[str] | None = None) -> Limit:
        rows = self._warehouse.lines(stream) + (f" WHERE {condition}" if condition else "")
        return Limit(stream, says, f"SELECT count(*) FROM {rows}", [f"DELETE FROM {rows}"], advice or [])

    def _is_past_its_year(self, stream: Stream) -> str:
        days = self._days.standardized
        loaded = self._time(stream, self._time_column)
        if not isinstance(self._warehouse, DialectWarehouse):
            return f"{loaded} < {self._ago(days)}"
        # The tap sets it to the longest time allowed; not every target adds the time of loading.
        until = f"{self._time(stream, 'retain_until')} - INTERVAL '{LONGEST_KEPT - days}' DAY"
        return f"coalesce({loaded} + INTERVAL '{days}' DAY, {until}) < {self._warehouse.now}"

    def _lacks_consent(self, stream: Stream) -> str:
        """SQL for whether a member's consent has ended, or has long not been confirmed."""
        warehouse = self._warehouse
        whose = warehouse.value(stream, "owner" if "owner" in stream.schema["properties"] else "member")
        valid = [f"{warehouse.value(MemberAuthorizations, 'member', 'consent')} = {whose}"]
        confirmed = self._time(MemberAuthorizations, "confirmed_at", "consent")
        if isinstance(warehouse, DialectWarehouse):
            valid.append(f"{warehouse.value(MemberAuthorizations, _DELETED, 'consent')} IS NULL")
            # The column may be deselected.
            confirmed = f"coalesce({confirmed}, {warehouse.now})"
        valid.append(f"{confirmed} >= {self._ago(self._days.consent)}")
        consents = f"SELECT 1 FROM {warehouse.table(MemberAuthorizations)} AS consent WHERE {' AND '.join(valid)}"
        return f"NOT EXISTS ({consents})"

    def _past_for_persons(self, stream: Stream) -> Iterator[tuple[str, str]]:
        """Limits of a stream whose rows belong to persons: in words, and as a condition on the row `line`."""
        days = self._days.of(stream)
        if days is not None:
            events = [name for name in _EVENTS if name in stream.schema["properties"]]
            times = ", ".join(self._time(stream, name) for name in [*events, self._time_column])
            yield f"{days} days, as you chose", f"coalesce({times}) < {self._ago(days)}"
        if not isinstance(self._warehouse, DialectWarehouse):
            return
        gone = self._days.gone
        yield (
            f"{gone} days after a full listing no longer had the row",
            f"{self._time(stream, _DELETED)} <= {self._ago(gone)}",
        )
        if stream in (Comments, Reactions):
            yield f"{gone} days after a listing of its post no longer had it", self._is_not_listed(stream)
        if stream is People:
            others = [one for one in STREAMS if not is_shared(one) and one.data_class != STANDARDIZED]
            remaining = f"{self._warehouse.value(stream, _DELETED)} IS NULL"
            named = all_urns(self._warehouse, others, remaining)
            person = self._warehouse.value(stream, "person")
            yield "no other row names the person", f"{person} NOT IN (SELECT urn FROM ({named}) AS named)"

    def _is_not_listed(self, stream: Stream) -> str:
        """SQL for whether a later listing of a row's post did not have the row."""
        warehouse, listings = self._warehouse, EngagementListings
        same = [
            f"{warehouse.value(listings, 'post', 'listing')} = {warehouse.value(stream, 'post')}",
            f"{warehouse.value(listings, 'kind', 'listing')} = {literal(stream.name)}",
            f"{self._time(listings, 'listed_at', 'listing')} > {self._time(stream, 'listed_at')}",
            f"{self._time(listings, 'listed_at', 'listing')} <= {self._ago(self._days.gone)}",
        ]
        return f"EXISTS (SELECT 1 FROM {warehouse.table(listings)} AS listing WHERE {' AND '.join(same)})"

    def _time(self, stream: Stream, name: str, line: str = "line") -> str:
        value = self._warehouse.value(stream, name, line)
        return f"CAST({value} AS TIMESTAMP)" if isinstance(self._warehouse, DialectWarehouse) else value

    def _ago(self, days: int) -> str:
        return f"{self._warehouse.now} - INTERVAL '{days}' DAY"

    @staticmethod
    def _advice(stream: Stream) -> list[str]:
        told = list(classify(DataClassification(stream.data_class), stream.schema, keys(stream)))
        named = [".".join(path) for path, mark in told if mark.data_class == STANDARDIZED]
        unsure = [".".join(path) for path, mark in told if mark.is_unsure]
        advice = []
        if named:
            advice.append(
                f"{', '.join(named)}: names entries of Standardized Data, by their URNs alone. Whether these count as "
                "such is open; a full run renews the rows that LinkedIn still has, but no figures of past days."
            )
        if unsure:
            advice.append(f"{', '.join(unsure)}: may be Bing Maps data; drop_unsure_locations leaves it out.")
        return advice
