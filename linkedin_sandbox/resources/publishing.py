"""Publishing: newsletters, who reads them, and articles."""

from __future__ import annotations

from ..forms import BareId, Enum, Urn, Wrapped
from ..methods import Call, Finder, Resource
from ..paging import DOCUMENTED_CURSOR, Listing, Offset
from ..world.publishing import articles, content_series, find_series, subscribers
from .owned import ORGANIZATION, PAGE, administered, others, owned

FORMS = (ORGANIZATION, PAGE, Wrapped("organization", ORGANIZATION))
SERIES = Urn("contentSeries")
PUBLISHED = Wrapped("value", Enum("PUBLISHED"))


def articles_of(call: Call) -> Listing:
    """The articles that an organization wrote; drafts too unless only the published ones are asked for."""
    written = articles(administered(call, call["author"]), call.world)
    return Listing([article for article in written if call.get("state") in (None, article["state"])], dict)


def subscribers_of(call: Call) -> Listing:
    """Who reads a newsletter of an organization's."""
    found = find_series(call.world, call["contentSeries"])
    if found is None:
        raise call.denied()
    return Listing(subscribers(found[0], call.world, found[1]), dict, gap=True)


RESOURCES = (
    Resource("dmaContentSeries", (owned("owner", FORMS, content_series, paging=Offset(10)),)),
    Resource(
        "dmaOriginalArticles",
        (
            Finder(
                "author",
                {"author": FORMS[0]},
                articles_of,
                may_take={"state": PUBLISHED},
                paging=Offset(50, links=False, total=False),
                others={**others("author", FORMS), "state": (("state", PUBLISHED),)},
            ),
        ),
    ),
    Resource(
        "dmaSeriesSubscribers",
        (
            Finder(
                "contentSeries",
                {"contentSeries": SERIES},
                subscribers_of,
                paging=DOCUMENTED_CURSOR,
                others={
                    "contentSeries": (
                        ("seriesUrn", SERIES),
                        ("series", SERIES),
                        ("contentSeriesUrn", SERIES),
                        ("contentSeries", BareId("contentSeries")),
                    )
                },
            ),
        ),
    ),
)
