"""Products and services that a page shows."""

from __future__ import annotations

from ..forms import BareId, OtherKind, Urn, Wrapped
from ..methods import Resource
from ..paging import FEED_CURSOR, LINKS_ONLY
from ..world.products import products, services_page_engagements, services_page_providers
from ..world.taxonomies import PRODUCT_CATEGORIES
from .looked_up import language, looked_up
from .owned import BY_ORGANIZATION, owned

CATEGORY = (
    BareId("standardizedProductCategory"),
    Urn("standardizedProductCategory"),
    OtherKind("productCategory", "standardizedProductCategory"),
    Wrapped("id", BareId("standardizedProductCategory")),
)

RESOURCES = (
    Resource("dmaOrganizationProducts", (owned("organization", BY_ORGANIZATION, products, paging=LINKS_ONLY),)),
    Resource(
        "dmaProductCategories",
        looked_up(CATEGORY, lambda call, urn: PRODUCT_CATEGORIES.entity(urn, language(call))),
    ),
    Resource(
        "dmaOrganizationServicesPageProviders",
        (owned("organization", BY_ORGANIZATION, services_page_providers),),
        since="202505",
    ),
    Resource(
        "dmaOrganizationServicesPageEngagements",
        (owned("organization", BY_ORGANIZATION, services_page_engagements, paging=FEED_CURSOR),),
    ),
)
