"""Member: a member's own data, which only that member's token reads, in a version that never changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from ..calls import Asked, Call
from ..errors import Refusal, invalid
from ..forms import INSTANT, Form, Number, Text
from ..methods import Resource, unannounced
from ..parameters import Others, Parameters
from ..query import Value, write

DEFAULT_COUNT = 10
START = Number(0, 2**31)


@dataclass(frozen=True)
class Count:
    """How many changes may be asked for at once."""

    def read(self, name: str, value: Value) -> int:
        """The number; a refusal says which is a good one."""
        try:
            return Number(1, 50).read(name, value)
        except Refusal:
            raise invalid(name, "must be between 1 and 50, 10 is recommended") from None


@dataclass(frozen=True)
class MemberFinder:
    """`q=name`, which is about the token's member, and pages in a way of its own."""

    name: str
    page: Callable[[Call], dict[str, Any]]
    may_take: Mapping[str, Form] = field(default_factory=dict)
    others: Mapping[str, Others] = field(default_factory=dict)
    kind: str = "FINDER"

    def fits(self, key: Value | None, query: Mapping[str, Value]) -> bool:
        """By the value of `q`."""
        return key is None and query.get("q") == self.name

    def answer(self, asked: Asked) -> dict[str, Any]:
        """One page."""
        query = {name: value for name, value in asked.query.items() if name != "q"}
        arguments = Parameters({}, self.may_take).read(query, asked.guesses)
        return self.page(asked.call(f"FINDER-{self.name}", arguments))


def snapshot(call: Call) -> dict[str, Any]:
    """One page by its index, past the last one a 404; `total` and the next link are not to be relied on."""
    domain, start, member = call.get("domain"), call.get("start") or 0, call.world.member
    pages = member.snapshot(domain)
    if member.repeats and pages:
        start = min(start, len(pages) - 1)
    if start >= len(pages):
        raise no_data(domain)
    chance = crc32(f"{domain} {start}".encode())
    own = "" if domain is None else f"&domain={write(domain)}"
    href = f"/rest/memberSnapshotData?start={start if chance % 4 == 1 else start + 1}{own}&count=10&q=criteria"
    links = [{"type": "application/json", "rel": "next", "href": href}] if chance % 3 else []
    total = len(member.domains) if domain is None else 1
    return {"elements": pages[start], "paging": {"start": start, "count": 10, "total": total, "links": links}}


def no_data(domain: str | None) -> Refusal:
    """The end, in one of its spellings."""
    whose = "memberId" if domain is None else "domain and memberId"
    return Refusal(404, f"No data found for this {whose}{'.' if crc32(repr(domain).encode()) % 2 else ''}")


def changes(call: Call) -> dict[str, Any]:
    """Changes since a time; the next link is missing now and then, and the end is a page without any."""
    member, count = call.world.member, call.get("count") or DEFAULT_COUNT
    start = 0 if member.ignores_start else call.get("start") or 0
    found = member.changes(call.get("startTime") or 0, call.world.now_ms)
    links = []
    if start + count < len(found) and start % 3:
        href = f"/rest/memberChangeLogs?start={start + count}&q=memberAndApplication&count={count}"
        links.append({"type": "application/json", "rel": "next", "href": href})
    elements = [unannounced(change) for change in found[start : start + count]]
    return {"elements": elements, "paging": {"start": start, "count": count, "links": links}}


def authorizations(call: Call) -> dict[str, Any]:
    """The consent, or nothing."""
    elements = [unannounced(consent) for consent in call.world.member.authorizations]
    return {"elements": elements, "paging": {"start": 0, "count": 10, "links": []}}


RESOURCES = (
    Resource(
        "memberSnapshotData",
        (MemberFinder("criteria", snapshot, {"domain": Text(), "start": START, "count": Number(1, 100)}),),
    ),
    Resource(
        "memberChangeLogs",
        (MemberFinder("memberAndApplication", changes, {"startTime": INSTANT, "count": Count(), "start": START}),),
    ),
    Resource("memberAuthorizations", (MemberFinder("memberAndApplication", authorizations),)),
)
