"""Retention limits of LinkedIn's terms, and the rows in a warehouse that are past them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tap_linkedin_dma.commands.warehouse.dialects import Stream, Warehouse, keys
from tap_linkedin_dma.privacy.data_classes import MEMBER, STANDARDIZED, DataClassification, classify
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.streams.member.changelog import MemberAuthorizations


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


class Retention:
    """The limits of each stream in one warehouse.

    Args:
        warehouse: where the tables are.
        days: for how long standardized data are kept.
        time_column: the column with the time when a row was loaded.
    """

    def __init__(self, warehouse: Warehouse, days: int, time_column: str) -> None:
        self._warehouse = warehouse
        self._days = days
        self._time_column = time_column

    def limits(self) -> list[Limit]:
        """One limit for each stream."""
        return [self._limit(stream) for stream in STREAMS]

    def _limit(self, stream: Stream) -> Limit:
        if stream.max_retention_days == 0:
            return self._due(stream, "bing_maps, 3.2.2: not stored at all", "")
        if stream.max_retention_days is not None:
            loaded = self._warehouse.name(self._time_column)
            condition = f" WHERE {loaded} < CAST(CURRENT_TIMESTAMP AS TIMESTAMP) - INTERVAL '{self._days}' DAY"
            return self._due(stream, f"{STANDARDIZED}, 3.2.1: {self._days} days from when it was loaded", condition)
        if issubclass(stream, MemberStream):
            return self._by_consent(stream)
        says = "member, 3.2: while there is a right to" if stream.data_class == MEMBER else "no class, 3.2: no age"
        return Limit(stream, says, advice=list(_advice(stream)))

    def _due(self, stream: Stream, says: str, condition: str) -> Limit:
        table = self._warehouse.table(stream)
        return Limit(stream, says, f"SELECT count(*) FROM {table}{condition}", [f"DELETE FROM {table}{condition}"])

    def _by_consent(self, stream: Stream) -> Limit:
        """The limit of a member's own data: until the member's consent ends."""
        whose = self._warehouse.name("owner" if "owner" in stream.schema["properties"] else "member")
        table, consents = self._warehouse.table(stream), self._warehouse.table(MemberAuthorizations)
        check = (
            f"SELECT count(*) FROM {table} AS line WHERE NOT EXISTS "
            f"(SELECT 1 FROM {consents} AS consent WHERE consent.{self._warehouse.name('member')} = line.{whose})"
        )
        advice = [f"Rows whose {whose} has no consent any more are to be erased: tap-linkedin-dma erase --member."]
        return Limit(stream, "member, 3.1: while the consent lasts", check, advice=advice)


def _advice(stream: Stream) -> list[str]:
    told = list(classify(DataClassification(stream.data_class), stream.schema, keys(stream)))
    named = [".".join(path) for path, mark in told if mark.data_class == STANDARDIZED]
    unsure = [".".join(path) for path, mark in told if mark.is_unsure]
    advice = []
    if named:
        advice.append(f"{', '.join(named)}: names entries of Standardized Data; a full run renews it within the year.")
    if unsure:
        advice.append(f"{', '.join(unsure)}: may be Bing Maps data; the setting drop_unsure_locations leaves it out.")
    return advice
