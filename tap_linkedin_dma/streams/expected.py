"""The requests and answers that this release expects of each stream, for the wire report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

from tap_linkedin_dma.api.client import resource_at
from tap_linkedin_dma.output.wire_report.expected import Expectation, ExpectedStream, expected_entity
from tap_linkedin_dma.rows.conversion import as_list
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.analytics.metrics import CREATOR_METRICS, DIMENSIONS, METRICS, VIDEO_METRICS
from tap_linkedin_dma.streams.feed.listings import FindThenBatchGet
from tap_linkedin_dma.streams.identity import MyOrganizationAcls
from tap_linkedin_dma.streams.settings import OrganizationAcls

_OF_THE_TAP = ("organization", "organizational_page", "snapshot_date", "retain_until", "member_visibility", "unmapped")
"""Columns that come from the tap itself, or from a parent."""


_READ_BY_THE_STREAM: Mapping[str, Sequence[str]] = {
    "lead_gen_form_responses": ("owner",),
    "member_snapshots": ("snapshotData", "snapshotDomain"),
    "posts": ("commentary",),
    "reshares": ("commentary",),
}
"""Fields from which a stream makes columns in its own way."""

_KEYS_OF_LINKEDIN = ("id", "urn", "entity_urn", "role", "type", "reaction_type")
"""Columns of a key that come from LinkedIn's answer alone; others may come from the request or a parent."""

_OF_ANALYTICS = ("type", "sourceEntity")
"""Fields that analytics repeat from the request."""

ROLES = (
    "ADMINISTRATOR",
    "DIRECT_SPONSORED_CONTENT_POSTER",
    "LEAD_CAPTURE_ADMINISTRATOR",
    "LEAD_GEN_FORMS_MANAGER",
    "ANALYST",
    "CURATOR",
    "CONTENT_ADMINISTRATOR",
    "RECRUITING_POSTER",
)
"""Source: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/organizations"""

WORDS = frozenset(
    {*ROLES, *METRICS, *CREATOR_METRICS, *VIDEO_METRICS, *DIMENSIONS, "FOLLOWER", "VISITOR", "READER", "AUTHOR"}
)
"""The words of LinkedIn's enumerations that requests have, in addition to those of answers."""


@cache
def expected_streams() -> Mapping[str, ExpectedStream]:
    """By stream."""
    return {stream.name: _expected(stream) for stream in STREAMS}


def _expected(stream: type[DmaStream]) -> ExpectedStream:
    only = stream.only_declared_columns
    also = [*(stream.id_fields or ()), "entityUrn", "$URN", "id"]
    entity = expected_entity(stream.schema, stream.field_paths, only_declared_columns=only, also=also)
    # Nobody has documented the fields of a row that has columns for its keys alone.
    of_request = (*_OF_THE_TAP, *getattr(stream, "request_columns", ()), *stream.computed_columns)
    entity.is_open = not stream.schema["properties"].keys() - {*_primary_keys(stream), *of_request}
    for name in _READ_BY_THE_STREAM.get(stream.name, _OF_ANALYTICS if only else ()):
        entity.fields[name] = Expectation(is_open=True)
    if issubclass(stream, (MyOrganizationAcls, OrganizationAcls)):
        for path in (["role"], ["key", "role"]):
            entity.at(path).words = ROLES
    if only and "metric.value.totalCount" in _paths(stream):
        entity.at(["type"]).words = METRICS
    for head in (["dimension"], ["metric", "dimension"]):
        if ".".join([*head, "type"]) in _paths(stream):
            entity.at([*head, "type"]).words = DIMENSIONS
    return ExpectedStream(
        stream.name,
        resource_at(stream.resource) if stream.resource else "",
        entity,
        getattr(stream, "paging", ""),
        [*_keys_of(stream, also)],
        [*_names(stream)],
    )


def _paths(stream: type[DmaStream]) -> list[str]:
    return [path for paths in stream.field_paths.values() for path in as_list(paths)]


def _keys_of(stream: type[DmaStream], also: Sequence[str]) -> Iterator[str]:
    """The fields without which a row has no key, each with the alternatives divided by `|`."""
    for column in _primary_keys(stream):
        if column in _KEYS_OF_LINKEDIN and column not in stream.computed_columns and not issubclass(stream, Lookup):
            heads = [path.partition(".")[0] for path in as_list(stream.field_paths.get(column, ()))]
            yield "|".join(sorted({_wire_name(column), *heads, *(() if column == "id" else also)}))


def _primary_keys(stream: type[DmaStream]) -> Sequence[str]:
    return cast("Sequence[str] | None", stream.primary_keys) or ()


def _wire_name(column: str) -> str:
    """A column's name as LinkedIn writes it.

    >>> _wire_name("published_at")
    'publishedAt'
    """
    head, *rest = column.split("_")
    return head + "".join(map(str.capitalize, rest))


def _names(stream: type[DmaStream]) -> Iterator[str]:
    yield from (name for name in (stream.finder, *getattr(stream, "finders", ())) if name)
    yield from stream.resource.split("/")
    yield from _keys({**stream.params, **getattr(stream, "batch_params", {})})
    for forms in stream.param_fallbacks.values():
        for form in forms:
            yield from _keys(form)
    yield from (step for paths in stream.field_paths.values() for path in as_list(paths) for step in path.split("."))
    yield from getattr(stream, "feed", "").split() if issubclass(stream, FindThenBatchGet) else ()


def _keys(params: Any) -> Iterator[str]:
    if isinstance(params, Mapping):
        for name, value in params.items():
            yield name
            yield from _keys(value)
    elif isinstance(params, (list, tuple)):
        for value in params:
            yield from _keys(value)
