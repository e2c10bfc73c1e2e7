"""Standardized data: reference lists, and names that are given by id alone."""

from __future__ import annotations

from collections.abc import Callable

from ..forms import LOCALE, BareId, Decimal, Enum, Form, PlainLocale
from ..methods import Call, GetAll, Method, Parent, Resource
from ..paging import LINKS_ONLY, OFFSET, TOTAL_ONLY, Listing, Offset, Paging
from ..world import reference_lists as lists
from ..world.reference_lists import ReferenceList
from ..world.taxonomies import BENEFITS, FEATURED_COMMITMENTS, GEOS, Taxonomy
from .looked_up import IN_PLAIN, IN_RECORD, LEFT_OUT, Found, by_number, language, looked_up

# They say neither how many there are nor where the next page is: a short page is the end.
SILENT = Offset(links=False, total=False)
# Whatever the count, a page holds a hundred at most.
CAPPED = Offset(500, cap=100)


def reference(
    listed: Callable[[Call], ReferenceList],
    paging: Paging,
    *,
    plain: bool = False,
    required: bool = False,
    batches: bool = True,
) -> tuple[Method, ...]:
    """GET_ALL, BATCH_GET and GET of a list; the two numbers past its end are withheld and answered nowhere.

    Args:
        listed: which list.
        paging: how all of it is handed out.
        plain: whether the locale is one word at first.
        required: whether the locale must be sent.
        batches: whether there is a BATCH_GET.
    """

    def everything(call: Call) -> Listing:
        entries, spoken = listed(call), language(call)
        return Listing(entries.numbers, lambda number: entries.entity(number, spoken))

    def entry(call: Call, id_: str) -> Found:
        entries, number = listed(call), int(id_)
        past = number - entries.numbers.stop
        return entries.entity(number, language(call)) if number in entries.numbers else {0: 403, 1: None}.get(past, 404)

    form: Form = PlainLocale() if plain else LOCALE
    takes, may_take = ({"locale": form}, {}) if required else ({}, {"locale": form})
    others = {"locale": IN_PLAIN if plain else IN_RECORD}
    everyone = GetAll(everything, takes=takes, may_take=may_take, paging=paging, others=others)
    batch, single = looked_up((Decimal(),), entry, takes=takes, may_take=may_take, more=others)
    return (everyone, batch, single) if batches else (everyone, single)


def fixed(entries: ReferenceList) -> Callable[[Call], ReferenceList]:
    """A list that is the same in every version."""
    return lambda _: entries


def names(taxonomy: Taxonomy) -> tuple[Method, ...]:
    """BATCH_GET and GET of names whose language at first is not asked for."""
    return looked_up(
        by_number(taxonomy.kind),
        lambda call, urn: taxonomy.entity(urn, language(call)),
        more={"locale": LEFT_OUT},
        keys=(BareId(taxonomy.kind),),
    )


def versions(parent: str) -> Parent:
    """The versions of a taxonomy of names, of which one is known; which, LinkedIn does not say."""
    return Parent(parent, "version", Enum("DEFAULT"), {"version": (("version", Enum("V1_0")), ("version", Enum("1")))})


RESOURCES = (
    Resource("dmaDegrees", reference(fixed(lists.DEGREES), OFFSET)),
    Resource("dmaFieldsOfStudy", reference(fixed(lists.FIELDS_OF_STUDY), OFFSET)),
    Resource("dmaFunctions", reference(fixed(lists.FUNCTIONS), Offset(500), plain=True, batches=False)),
    Resource(
        "dmaIndustries",
        reference(lambda call: lists.industries(call["version"]), SILENT),
        parent=Parent("dmaIndustryTaxonomyVersions", "version", Enum(*lists.VERSIONS)),
    ),
    Resource("dmaSkills", reference(fixed(lists.SKILLS), LINKS_ONLY, required=True)),
    Resource("dmaStandardizedIndustries", reference(fixed(lists.STANDARDIZED_INDUSTRIES), CAPPED)),
    Resource("dmaStandardizedSeniorities", reference(fixed(lists.SENIORITIES), Offset(500), batches=False)),
    Resource("dmaSuperTitles", reference(fixed(lists.SUPER_TITLES), OFFSET, plain=True)),
    Resource("dmaTitles", reference(fixed(lists.TITLES), TOTAL_ONLY, plain=True)),
    Resource("dmaBenefits", names(BENEFITS), parent=versions("dmaBenefitTaxonomyVersions")),
    Resource(
        "dmaFeaturedCommitment", names(FEATURED_COMMITMENTS), parent=versions("dmaFeaturedCommitmentTaxonomyVersions")
    ),
    Resource(
        "dmaGeo",
        looked_up(
            (BareId("geo"),),
            lambda call, urn: GEOS.entity(urn, language(call)),
            may_take={"locale": LOCALE},
            more={"locale": IN_RECORD},
        ),
    ),
)
