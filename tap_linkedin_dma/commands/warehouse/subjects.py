"""The page or person that a command is about, how SQL finds it, and the columns of a stream that name it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.commands.warehouse.dialects import Stream, keys, kind_of
from tap_linkedin_dma.privacy.data_classes import MEMBER, STANDARDIZED, DataClassification, classify, member_columns
from tap_linkedin_dma.privacy.persons import keep_out_value, keyed_hash
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams.organizations import ChildOrganizations, OrganizationLookup

_ORGANIZATION = re.compile(r"urn:li:organization:(\d+)")
_PERSON = re.compile(r"urn:li:(?:person|member):([\w-]+(?:[.~=]+[\w-]+)*={0,2})")

COLON = "(?::|%(?:25)*3[Aa])"
"""A pattern of a colon, also percent-encoded."""

_PERSONS = "(?:[Pp][Ee][Rr][Ss][Oo][Nn]|[Mm][Ee][Mm][Bb][Ee][Rr]|fsd?_[a-zA-Z]*)"
"""A pattern of the types of a person's URN, in any case."""

AFTER = "([^A-Za-z0-9_~=.-]|[.][^A-Za-z0-9_-]|[.]?$)"
"""A pattern of what may follow an id, so that it does not match the beginning of a longer one."""


@dataclass(frozen=True)
class Subject:
    """A page or a person.

    Args:
        urn: of an organization, or of a person.
        hash_keys: present and former values of the setting `member_hash_key`, if persons were hashed.
    """

    urn: str
    hash_keys: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.is_person and not _ORGANIZATION.fullmatch(self.urn):
            kind = urns.urn_type(self.urn) or "none that is known"
            msg = (
                f"That is not the whole URN of a page or a person: its kind is {kind}. Give --organization "
                "urn:li:organization:NUMBER, or --member urn:li:person:ID."
            )
            raise DmaError(msg)

    @classmethod
    def of(cls, organization: str | None, member: str | None, hash_keys: Iterable[str]) -> Subject:
        """The subject that one of two options names.

        Raises:
            DmaError: if neither or both do, or not with a whole URN of the right kind.
        """
        if (organization is None) == (member is None):
            raise DmaError("Give either --organization or --member.")
        subject = cls(organization or member or "", tuple(filter(None, map(str.strip, hash_keys))))
        if subject.is_person != (member is not None):
            raise DmaError("A page is named by --organization, a person by --member.")
        return subject

    @property
    def is_person(self) -> bool:
        return _PERSON.fullmatch(self.urn) is not None

    @property
    def hashes(self) -> Sequence[str]:
        """A person's replacements, if persons were hashed."""
        return [keyed_hash(urns.key(self.urn), key) for key in self.hash_keys] if self.is_person else []

    @property
    def ids(self) -> Sequence[str]:
        """The subject's values in columns of bare ids."""
        return [urns.key(self.urn), *self.hashes]

    @property
    def names(self) -> Sequence[str]:
        """The subject's values in columns of URNs."""
        return [self.urn, *self.hashes]

    @property
    def pattern(self) -> str:
        """A pattern of the subject's URN in any form, and of its hashes."""
        id_ = re.escape(urns.key(self.urn)).replace(r"\-", "-").replace("=", "(?:=|%(?:25)*3[Dd])")
        kind = _PERSONS if self.is_person else "organization"
        return "|".join([f"[Uu][Rr][Nn]{COLON}[Ll][Ii]{COLON}{kind}{COLON}{id_}", *self.hashes])

    @property
    def keep_out(self) -> str:
        """The person's value in the setting `forget_members`."""
        return keep_out_value(urns.key(self.urn), self.hash_keys[0] if self.hash_keys else None)

    @property
    def in_register(self) -> str:
        """The subject in a register of erasures, which must not name it."""
        return self.keep_out if self.is_person else hashlib.sha256(self.urn.encode()).hexdigest()


def own_columns(stream: Stream, subject: Subject) -> list[str]:
    """The columns that say whose a row is."""
    properties = stream.schema["properties"]
    if subject.is_person:
        of_stream = DataClassification(stream.data_class)
        own = [*member_columns(stream.schema, keys(stream), stream.visibility_columns, of_stream), *_others_own(stream)]
        return [name for name in dict.fromkeys(own) if name in properties]
    own = [name for name in ("organization", "organizational_page") if name in properties]
    if stream in (ChildOrganizations, OrganizationLookup):
        own.append("id")
    if issubclass(stream, Lookup):
        return own
    told = [*stream.visibility_columns, *keys(stream)]
    return list(dict.fromkeys([*own, *(name for name in told if properties[name].get("x-urn"))]))


def is_of_persons(stream: Stream) -> bool:
    """Whether the rows of a stream are about one person each, or written by one."""
    return stream.data_class == MEMBER or bool(stream.visibility_columns) or _has_words(stream)


def _others_own(stream: Stream) -> Sequence[str]:
    """Further columns whose person the row is about, or by whom its text is; and keys, which cannot be emptied."""
    key = [name for name in keys(stream) if name == "row_key"]
    return [*key, "role_assignee", *(["actor"] if _has_words(stream) else [])]


def _has_words(stream: Stream) -> bool:
    """Whether the rows of a stream hold the text of a person."""
    return any(
        column.get("x-data-class") == MEMBER and kind_of(column) == "text" and not column.get("x-person")
        for name, column in stream.schema["properties"].items()
        if name not in keys(stream)
    )


def is_shared(stream: Stream) -> bool:
    return (issubclass(stream, Lookup) or stream.name == "live_viewer_counts") and stream.data_class != STANDARDIZED


def urn_column(stream: Stream) -> str:
    """The column with the URN by which others name a row that is looked up."""
    named: dict[str, Any] = stream.schema["properties"]
    return next(name for name, column in named.items() if column.get("x-urn"))


def nested(stream: Stream) -> list[str]:
    """The paths inside objects, lists and texts that may name a person."""
    properties = stream.schema["properties"]
    told = classify(DataClassification(stream.data_class), stream.schema, keys(stream))
    of_members = [path for path, mark in told if mark.data_class == MEMBER]
    inside = [".".join(path) for path in of_members if len(path) > 1 or kind_of(properties[path[0]]) == "json"]
    return list(dict.fromkeys([*inside, *(["unmapped"] if "unmapped" in properties else [])]))
