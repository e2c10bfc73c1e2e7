"""Products and Services that an organization offers."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    OTHERS_UNKNOWN,
    PERSON,
    TEXT,
    columns,
    key,
    organization_schema,
)
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.stream_types.undocumented import OrganizationFinder
from tap_linkedin_dma.streams.organizations import Organizations


class Products(OrganizationFinder):
    """Products that an organization shows on its page.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "products"
    resource = "dmaOrganizationProducts"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema()


class ServicesPageProviders(OrganizationFinder):
    """Who provides the services of an organization, and the settings of its services page.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "services_page_providers"
    resource = "dmaOrganizationServicesPageProviders"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema(
        th.Property("provider", PERSON, description="URN of the organization or person that provides the services."),
        th.Property("marketplace_type", TEXT, description="Kind of marketplace, such as SERVICE_MARKETPLACE."),
        th.Property("status", TEXT, description="Status of the provider, such as ACTIVE."),
        th.Property(
            "preferences", ANY_OBJECT, description="Settings of the services page, under one key for their kind."
        ),
    )


class ServicesPageEngagements(OrganizationFinder):
    """How members engaged with the services page of an organization.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "services_page_engagements"
    resource = "dmaOrganizationServicesPageEngagements"
    data_class = MEMBER
    visibility_columns = ("unmapped",)
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema(MEMBER_VISIBILITY, others=OTHERS_OF_MEMBER)


class ProductCategories(Lookup):
    """Categories of the products that an organization shows.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "product_categories"
    resource = "dmaProductCategories"
    urn_types = ("standardizedProductCategory", "productCategory")
    urn_aliases = {"productCategory": "standardizedProductCategory"}
    source_columns = {"products": ("unmapped",)}
    id_field_pattern = r"(product)?categor(y|ies)(ids?)?"
    param_fallbacks = {"ids": ({"ids": "{urn}"}, {"ids": "urn:li:productCategory:{id}"}, {"ids": {"id": "{id}"}})}
    evidence = "inferred"
    identity = {"product_category": "{id}"}
    primary_keys = ("product_category",)
    schema = columns(key("product_category", description="Id of the category."), others=OTHERS_UNKNOWN)
