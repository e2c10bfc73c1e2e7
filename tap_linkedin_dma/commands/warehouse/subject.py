"""The page or person to erase, and the columns of a stream that name it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.commands.warehouse.dialects import Stream, keys, kind_of
from tap_linkedin_dma.privacy.data_classes import MEMBER, STANDARDIZED, DataClassification, classify
from tap_linkedin_dma.privacy.members import HashMembers
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams.organizations import ChildOrganizations, OrganizationLookup

_ORGANIZATION = re.compile(r"urn:li:organization:(\d+)")
_PERSON = re.compile(r"urn:li:(?:person|member):([\w-]+)")


@dataclass(frozen=True)
class Subject:
    """The page or person to erase.

    Args:
        urn: of an organization, or of a person.
        hash_key: the setting `member_hash_key`, if persons were hashed.
    """

    urn: str
    hash_key: str = ""

    def __post_init__(self) -> None:
        if not self.is_person and not _ORGANIZATION.fullmatch(self.urn):
            kind = urns.urn_type(self.urn) or "none that is known"
            msg = (
                f"That is no whole URN of a page or a person: its kind is {kind}. Give --organization "
                "urn:li:organization:NUMBER, or --member urn:li:person:ID."
            )
            raise DmaError(msg)

    @property
    def is_person(self) -> bool:
        return _PERSON.fullmatch(self.urn) is not None

    @property
    def ids(self) -> Sequence[str]:
        """The subject's values in columns of bare ids."""
        id_ = urns.key(self.urn)
        return [id_, *([HashMembers(self.hash_key).person(id_)] if self.is_person and self.hash_key else [])]

    @property
    def names(self) -> Sequence[str]:
        """The subject's values in columns of URNs."""
        return [self.urn, *self.ids[1:]]


def own_columns(stream: Stream, subject: Subject) -> list[str]:
    """The columns that say whose a row is."""
    properties = stream.schema["properties"]
    told = list(dict.fromkeys([*stream.visibility_columns, *keys(stream)]))
    if subject.is_person:
        more = [name for name in ("owner", "person") if name in properties and stream.data_class == MEMBER]
        return [name for name in dict.fromkeys([*told, *more]) if _tells_person(name, stream)]
    own = [name for name in ("organization", "organizational_page") if name in properties]
    if stream in (ChildOrganizations, OrganizationLookup):
        own.append("id")
    if issubclass(stream, Lookup):
        return own
    return list(dict.fromkeys([*own, *(name for name in told if properties[name].get("x-urn"))]))


def may_name(column: Mapping[str, Any], subject: Subject) -> bool:
    """Whether a column may name the subject."""
    is_of_another = subject.is_person and column.get("x-urn") and not column.get("x-person")
    return kind_of(column) in ("text", "json") and not is_of_another


def is_shared(stream: Stream) -> bool:
    return (issubclass(stream, Lookup) or stream.name == "live_viewer_counts") and stream.data_class != STANDARDIZED


def urn_column(stream: Stream) -> str:
    """The column with the URN by which others name a row that is looked up."""
    named: dict[str, Any] = stream.schema["properties"]
    return next(name for name, column in named.items() if column.get("x-urn"))


def _tells_person(name: str, stream: Stream) -> bool:
    """Whether a column says which person a row belongs to."""
    column = stream.schema["properties"][name]
    return name in stream.visibility_columns or name == "row_key" or column.get("x-data-class") == MEMBER


def nested(stream: Stream) -> list[str]:
    """The paths inside objects, lists and texts that may name a person."""
    properties = stream.schema["properties"]
    told = classify(DataClassification(stream.data_class), stream.schema, keys(stream))
    of_members = [path for path, mark in told if mark.data_class == MEMBER]
    inside = [".".join(path) for path in of_members if len(path) > 1 or kind_of(properties[path[0]]) == "json"]
    return list(dict.fromkeys([*inside, *(["unmapped"] if "unmapped" in properties else [])]))
