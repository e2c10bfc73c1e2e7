"""The snapshot of a member's data: pages of rows by domain, up to a 404 that says there are no more.

Neither `paging.total` nor a missing next link ends the listing: the total may be too small, and the link just missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_linkedin_dma.api import responses, restli
from tap_linkedin_dma.api.canonical_json import exact_digest
from tap_linkedin_dma.api.errors import BadRequest, NoDataFound
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.streams.member.authorizations import ConsentedStream
from tap_linkedin_dma.sync.batches import RecordBatch

_RENAMED = (
    ("LOGIN", "login"),
    ("EVENTS", "Events"),
    ("EASYAPPLY_BLOCKING", "easyapply-blocking"),
    ("VOLUNTEERING_EXPERIENCES", "VOLUNTEERING"),
)
"""The present and the old name of each domain that was renamed."""

_SENSITIVE = {
    "ad_targeting",
    "contacts",
    "email_addresses",
    "identity_credentials_and_assets",
    "inbox",
    "inference_takeout",
    "job_applicant_saved_answers",
    "job_applications",
    "job_seeker_preferences",
    "login",
    "phone_numbers",
    "receipts",
    "receipts_lbp",
    "searches",
    "security_challenge_pipe",
    "trusted_graph",
    "whatsapp_numbers",
}
"""Domains that are emitted only if the settings say so, case folded."""

_MOST_EMPTY_PAGES = 20


@dataclass
class SeenRows:
    """The pages and rows that a run has read, to recognize repeats: as hashes, since a mailbox is large."""

    pages: set[str] = field(default_factory=set)
    rows: Counter[bytes] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    """Pages of sensitive domains, by domain."""

    def is_repeat(self, batch: Sequence[DomainRows]) -> bool:
        """Whether the same rows of the same domains came before."""
        page_hash = exact_digest([[part.name.casefold(), part.items] for part in batch])
        is_repeat = page_hash in self.pages
        self.pages.add(page_hash)
        return is_repeat

    def row_key(self, domain: str, item: object) -> str:
        """A row's hash, and its ordinal among the equal rows of its domain."""
        row_hash = exact_digest(item)
        name = domain.casefold().encode() + bytes.fromhex(row_hash)
        self.rows[name] += 1
        return f"{row_hash}-{self.rows[name]}"


@dataclass
class DomainRows:
    """The rows of one domain on a page: an element of the answer."""

    name: str
    items: Sequence[Any]
    beside: Entity
    """The other fields of the element."""


class Snapshots(ConsentedStream):
    """The present state of a member's data, all of it or the domains that the settings name."""

    finder = "criteria"

    def read_consented(self, member: str) -> Iterator[RecordBatch]:
        known = SeenRows()
        domains = self._wanted() or {None: (None,)}
        for spellings in domains.values():
            yield from self._read(spellings, member, known)
        if known.left_out:
            self.logger.warning(
                "%s: %d pages of sensitive domains are left out (%s). Set sensitive_domains, or list the domains to "
                "read in snapshot_domains.",
                self.name,
                known.left_out.total(),
                ", ".join(sorted(known.left_out)),
            )

    def _wanted(self) -> Mapping[str | None, Sequence[str | None]]:
        """The domains that the settings name, each with the spellings to try."""
        spellings = [_spellings(name.strip()) for name in self.config["snapshot_domains"] if name.strip()]
        return {names[0]: names for names in spellings}

    def _read(self, spellings: Sequence[str | None], member: str, known: SeenRows) -> Iterator[RecordBatch]:
        """Read one domain, or all; the next spelling is tried if there is nothing under the one before."""
        for spelling in spellings:
            is_found = False
            try:
                for index, batch in self._walk(spelling):
                    is_found = is_found or bool(batch)
                    if batch and known.is_repeat(batch):
                        self.logger.warning(
                            "%s: LinkedIn repeated a page, so reading ends at page %d.", self.name, index
                        )
                        break
                    yield RecordBatch(list(self._rows(batch, {"member": member, "page_index": index}, known)))
            except BadRequest:
                # A server that knows one spelling may refuse the other.
                if is_found or spelling == spellings[-1]:
                    raise
            if is_found:
                return
        self.logger.info(
            "%s: LinkedIn has nothing%s, or has not collected it yet, which begins minutes after the consent.",
            self.name,
            f" in {spellings[0]}" if spellings[0] else "",
        )

    def _walk(self, domain: str | None) -> Iterator[tuple[int, Sequence[DomainRows]]]:
        """The pages of one domain, or of all, each with its index."""
        index = empty = 0
        params = self.request_params({}, count=self.request.page_size)
        while empty < _MOST_EMPTY_PAGES:
            query = restli.query({"q": self.finder, **params, "domain": domain, "start": index})
            try:
                body = self.client.fetch(self.resource, query)
            except NoDataFound:
                return
            parts = [_part(element, domain) for element in responses.elements(body)]
            batch = [part for part in parts if part.items]
            empty = 0 if batch else empty + 1
            yield index, batch
            index = self.next_start(body, index) or index + 1
        self.logger.warning("%s: %d pages in a row are empty, so reading ends at page %d.", self.name, empty, index)

    def _rows(self, batch: Sequence[DomainRows], context: Mapping[str, Any], known: SeenRows) -> Iterator[Row]:
        """The rows of a page that are emitted."""
        for part in batch:
            if not self._is_wanted(part.name):
                known.left_out[part.name] += 1
                continue
            for item in part.items:
                data = item if isinstance(item, Mapping) else {"value": item}
                columns = {"snapshot_domain": part.name, "row_key": known.row_key(part.name, item), "data": data}
                if row := self.row(part.beside, {**context, **columns}):
                    yield row

    def _is_wanted(self, domain: str) -> bool:
        """Whether a domain may be emitted: a sensitive one only if the settings name it, or allow all."""
        named = {name.casefold() for names in self._wanted().values() for name in names if name}
        name = domain.casefold()
        return name not in _SENSITIVE or name in named or bool(self.config["sensitive_domains"])


def _part(element: Entity, asked: str | None) -> DomainRows:
    beside = dict(element)
    name = beside.pop("snapshotDomain") if isinstance(element.get("snapshotDomain"), str) else asked or ""
    items = beside.pop("snapshotData", None) or []
    return DomainRows(name, items if isinstance(items, list) else [items], beside)


def _spellings(name: str) -> tuple[str, ...]:
    """The spellings to try for a domain of the settings: LinkedIn's are case-sensitive, and some domains were renamed.

    >>> _spellings("login"), _spellings("profile"), _spellings("PROFILE")
    (('LOGIN', 'login'), ('PROFILE', 'profile'), ('PROFILE',))
    """
    for names in _RENAMED:
        if name.casefold() in (known.casefold() for known in names):
            return names
    return tuple(dict.fromkeys((name.upper(), name)))
