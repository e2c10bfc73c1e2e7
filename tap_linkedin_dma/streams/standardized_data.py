"""Standardized Data: LinkedIn's reference lists, which other streams name by URN.

LinkedIn's terms forbid passing them on to third parties, and keeping them for longer than a year. They are in
one language, that of the setting `locale`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from singer_sdk import typing as th

from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.rows.keys import RowKeys, identifies
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    INTEGER,
    LOCALIZED,
    RETAIN_UNTIL,
    TEXT,
    URN,
    array,
    columns,
    key,
    localized,
    object_of,
)
from tap_linkedin_dma.stream_types.finders import GetAll
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.stream_types.undocumented import LOCALE_FALLBACKS
from tap_linkedin_dma.sync.batches import Context, RecordBatch

LONGEST_KEPT = 365
"""Days for which LinkedIn's terms, §3.2.1, let Standardized Data be kept."""

_LOCALE = "{locale}"
_PLAIN_LOCALE = "{plain_locale}"
_PLAIN_LOCALE_FORMS: Sequence[Mapping[str, object]] = ({"locale": "{locale}"}, {})
_VERSION_FORMS = ({"version": "V1_0"}, {"version": "1"})


class _Reference(GetAll):
    """A whole reference list."""

    data_class = STANDARDIZED
    max_retention_days = LONGEST_KEPT

    kind: ClassVar[str]
    """The type of URN by which other streams name its entries."""

    params = {"locale": _LOCALE}
    param_fallbacks = {"locale": LOCALE_FALLBACKS}
    page_size = 100
    evidence = "sibling"
    field_paths = {"urn": ("$URN",)}
    selected_by_default = False

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        version = self.request_params(context).get("version")
        return super().batch({**context, "taxonomy_version": version}, elements, keys)

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        built = {"urn": f"urn:li:{self.kind}:{entity['id']}"} if identifies(entity.get("id")) else {}
        return super().row(entity, {**context, **built}, keys)


def _reference(*more: th.Property[Any]) -> dict[str, Any]:
    urn = th.Property("urn", URN, description="What other streams join on.")
    return columns(key("id", INTEGER), *localized("name"), urn, *more, RETAIN_UNTIL)


class Degrees(_Reference):
    """Academic degrees.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/degrees
    """

    name = "degrees"
    resource = "dmaDegrees"
    kind = "degree"
    primary_keys = ("id",)
    schema = _reference(th.Property("alias", array(LOCALIZED)), th.Property("rollup", URN))


class FieldsOfStudy(_Reference):
    """Fields of study.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/fields-of-study
    """

    name = "fields_of_study"
    resource = "dmaFieldsOfStudy"
    kind = "fieldOfStudy"
    primary_keys = ("id",)
    schema = _reference(th.Property("rollup_ids", array(URN)))


class Functions(_Reference):
    """Job functions.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/functions
    """

    name = "functions"
    resource = "dmaFunctions"
    kind = "function"
    params = {"locale": _PLAIN_LOCALE}
    param_fallbacks = {"locale": _PLAIN_LOCALE_FORMS}
    page_size = 500
    evidence = "observed"
    selected_by_default = True
    primary_keys = ("id",)
    schema = _reference()


class Industries(_Reference):
    """Industries of the newest taxonomy, as a tree: roots have no parents, leaves no children.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/industrytaxonomyversions
    """

    name = "industries"
    resource = "dmaIndustryTaxonomyVersions/{version}/dmaIndustries"
    kind = "industry"
    params = {"version": "DEFAULT", "locale": _LOCALE}
    evidence = "sibling"
    selected_by_default = True
    primary_keys = ("id",)
    schema = _reference(
        th.Property("children_industries", array(URN)),
        th.Property("parent_industries", array(URN)),
        th.Property("taxonomy_version", TEXT, description="The version asked for; DEFAULT is the newest."),
    )


class Skills(_Reference):
    """Skills; tens of thousands.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/skills
    """

    name = "skills"
    resource = "dmaSkills"
    kind = "skill"
    primary_keys = ("id",)
    schema = columns(
        key("id", INTEGER),
        th.Property("standardized_name", TEXT),
        th.Property("locale", object_of(country=TEXT, language=TEXT)),
        th.Property("urn", URN),
        RETAIN_UNTIL,
    )


class StandardizedIndustries(_Reference):
    """Industries as a flat list.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/taxonomy/industry
    """

    name = "standardized_industries"
    resource = "dmaStandardizedIndustries"
    kind = "industry"
    page_size = 500
    evidence = "documented"
    primary_keys = ("id",)
    schema = _reference()


class Seniorities(_Reference):
    """Levels of seniority.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/seniorities
    """

    name = "seniorities"
    resource = "dmaStandardizedSeniorities"
    kind = "seniority"
    page_size = 500
    evidence = "observed"
    selected_by_default = True
    primary_keys = ("id",)
    schema = _reference()


class SuperTitles(_Reference):
    """Groups of job titles.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/super-titles
    """

    name = "super_titles"
    resource = "dmaSuperTitles"
    kind = "superTitle"
    params = {"locale": _PLAIN_LOCALE}
    param_fallbacks = {"locale": _PLAIN_LOCALE_FORMS}
    primary_keys = ("id",)
    schema = _reference()


class Titles(_Reference):
    """Job titles; tens of thousands.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/titles
    """

    name = "titles"
    resource = "dmaTitles"
    kind = "title"
    params = {"locale": _PLAIN_LOCALE}
    param_fallbacks = {"locale": _PLAIN_LOCALE_FORMS}
    primary_keys = ("id",)
    schema = _reference(th.Property("function", URN), th.Property("super_title", URN))


class _Taxonomy(Lookup):
    """Names of a taxonomy that has no listing."""

    data_class = STANDARDIZED
    max_retention_days = LONGEST_KEPT

    params = {"version": "DEFAULT", "ids": "{id}"}
    param_fallbacks = {
        "version": _VERSION_FORMS,
        "ids": ({"ids": "{urn}"}, {"ids": {"id": "{id}"}}),
        "locale": ({"locale": "{locale}"}, {"locale": "{plain_locale}"}),
    }
    evidence = "inferred"
    selected_by_default = False


class Benefits(_Taxonomy):
    """Names of workplace benefits.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "benefits"
    resource = "dmaBenefitTaxonomyVersions/{version}/dmaBenefits"
    urn_types = ("benefit",)
    source_columns = {"workplace_policies": ("unmapped",), "content_revisions": ("unmapped",)}
    id_field_pattern = r"benefit(s|ids?)?"
    identity = {"benefit": "{id}", "taxonomy_version": "{version}"}
    primary_keys = ("benefit",)
    schema = columns(key("benefit"), th.Property("taxonomy_version", TEXT), RETAIN_UNTIL)


class FeaturedCommitments(_Taxonomy):
    """Names of the commitments that LinkedIn features.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "featured_commitments"
    resource = "dmaFeaturedCommitmentTaxonomyVersions/{version}/dmaFeaturedCommitment"
    urn_types = ("featuredCommitment",)
    source_columns = {"organization_commitments": ("unmapped",)}
    id_field_pattern = r"(featured)?commitment(s|ids?)?"
    identity = {"featured_commitment": "{id}", "taxonomy_version": "{version}"}
    primary_keys = ("featured_commitment",)
    schema = columns(key("featured_commitment"), th.Property("taxonomy_version", TEXT), RETAIN_UNTIL)
