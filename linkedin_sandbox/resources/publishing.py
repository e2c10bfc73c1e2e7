"""Publishing: newsletters, who reads them, and articles."""

from __future__ import annotations

from ..forms import BareId, Urn, Wrapped
from ..methods import Call, Finder, Resource
from ..paging import DOCUMENTED_CURSOR, Listing, Offset
from ..world.publishing import articles, content_series, find_series, subscribers
from .owned import ORGANIZATION, PAGE, owned

FORMS = (ORGANIZATION, PAGE, Wrapped("organization", ORGANIZATION))
SERIES = Urn("contentSeries")


def subscribers_of(call: Call) -> Listing:
    """Who reads a newsletter of an organization's."""
    found = find_series(call.world, call["contentSeries"])
    if found is None:
        raise call.denied()
    return Listing(subscribers(found[0], call.world, found[1]), dict, gap=True)


RESOURCES = (
    Resource("dmaContentSeries", (owned("owner", FORMS, content_series, paging=Offset(10)),)),
    Resource("dmaOriginalArticles", (owned("author", FORMS, articles, paging=Offset(50, links=False, total=False)),)),
    Resource(
        "dmaSeriesSubscribers",
        (
            Finder(
                "contentSeries",
                {"contentSeries": SERIES},
                subscribers_of,
                paging=DOCUMENTED_CURSOR,
                others={"contentSeries": (("contentSeriesUrn", SERIES), ("contentSeries", BareId("contentSeries")))},
            ),
        ),
    ),
)
