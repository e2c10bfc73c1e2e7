"""Publishing: newsletters and articles."""

from __future__ import annotations

from ..forms import Wrapped
from ..methods import Resource
from ..paging import Offset
from ..world.publishing import articles, content_series
from .owned import ORGANIZATION, PAGE, owned

FORMS = (ORGANIZATION, PAGE, Wrapped("organization", ORGANIZATION))

RESOURCES = (
    Resource("dmaContentSeries", (owned("owner", FORMS, content_series, paging=Offset(10)),)),
    Resource("dmaOriginalArticles", (owned("author", FORMS, articles, paging=Offset(50, links=False, total=False)),)),
)
