"""Feed, except the posts: content and recognitions that a page highlights, and the sources of its content."""

from __future__ import annotations

from tap_linkedin_dma.rows.schema import page_schema
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.streams.organizations import Organizations


class _OfAPage(Finder):
    """A finder with a page as its parameter, in a form that is not documented."""

    finder = "page"
    params = {"page": "{organizational_page}"}
    evidence = "inferred"


class FeaturedContentGroups(_OfAPage):
    """Content that a page features, in groups by topic.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "featured_content_groups"
    resource = "dmaPagesFeaturedContentGroups"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema()


class PageCredibility(_OfAPage):
    """Highlights and recognitions of a page, such as an award.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "page_credibility"
    resource = "dmaOrganizationalPageCredibility"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema()


class ContentIngestionSources(_OfAPage):
    """Sources from which a page takes in content.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "content_ingestion_sources"
    resource = "dmaOrganizationalPageContentIngestionSources"
    finder = "organizationalPage"
    params = {"organizationalPage": "{organizational_page}"}
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    schema = page_schema()
