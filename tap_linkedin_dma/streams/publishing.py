"""Publishing: the newsletters and articles of an organization."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    AUDIT,
    DATE,
    INTEGER,
    MEMBER_VISIBILITY,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    audit_columns,
    columns,
    key,
    localized,
    object_of,
)
from tap_linkedin_dma.stream_types.changed_since import ModifiedSince
from tap_linkedin_dma.stream_types.derived import ParentRows
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.nested import NestedFinder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context

_IMAGE = object_of("downloadUrl", downloadUrl=TEXT)


class ContentSeries(Finder):
    """Newsletters of an organization.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "content_series"
    resource = "dmaContentSeries"
    finder = "owner"
    params = {"owner": "{organization}"}
    param_fallbacks = {"owner": ({"owner": "{organizational_page}"}, {"owner": {"organization": "{organization}"}})}
    paging = "offset"
    page_size = 10
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("content_series_urn",)
    field_paths = AUDIT
    schema = columns(
        key("content_series_urn", URN),
        th.Property("organization", URN),
        th.Property("owner", URN),
        *localized("title"),
        *localized("description"),
        th.Property("issues", array(URN)),
        th.Property(
            "subscriber_count", INTEGER, description="As of the last run; series_subscriber_counts has it by day."
        ),
        th.Property("cadence", TEXT),
        th.Property("latest_issue", URN),
        *audit_columns(),
    )

    def child_context(self, row: Row, context: Context) -> Context | None:
        """The context of a newsletter; None if LinkedIn gives it no URN, since its subscribers cannot be read then."""
        series = row["content_series_urn"]
        if not urns.urn_type(series):
            return None
        count = row["subscriber_count"]
        return {**context, "content_series": series, "series_key": urns.key(series), "subscriber_count": count}


class SeriesSubscriberCounts(ParentRows):
    """Subscriber counts of newsletters, as they stood on the day of the run.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "series_subscriber_counts"
    resource = "dmaContentSeries"
    evidence = "observed"
    parent_stream_type = ContentSeries
    primary_keys = ("content_series", "snapshot_date")
    schema = th.PropertiesList(
        key("content_series", URN, description="The newsletter: `content_series_urn` in `content_series`."),
        key("snapshot_date", DATE, description="The UTC day of the run."),
        th.Property("organization", URN, description="The organization whose newsletter it is."),
        th.Property(
            "subscriber_count", INTEGER, description="Subscribers on that day; null if LinkedIn gives no count."
        ),
    ).to_dict()


class SeriesSubscribers(NestedFinder):
    """Subscribers of a newsletter; those who did not agree to be shown may all look alike.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "series_subscribers"
    resource = "dmaSeriesSubscribers"
    data_class = MEMBER
    visibility_columns = ("subscriber",)
    finder = "contentSeries"
    params = {"contentSeries": "{content_series}"}
    param_fallbacks = {
        "contentSeries": (
            {"seriesUrn": "{content_series}"},
            {"series": "{content_series}"},
            {"contentSeriesUrn": "{content_series}"},
            {"contentSeries": "{series_key}"},
        ),
    }
    of = "content_series"
    parent_stream_type = ContentSeries
    primary_keys = ("content_series", "row_key")
    schema = columns(
        key("content_series", URN),
        key("row_key"),
        th.Property("organization", URN),
        th.Property("subscriber", PERSON),
        th.Property("last_modified_at", TIMESTAMP),
        MEMBER_VISIBILITY,
    )


class OriginalArticles(ModifiedSince):
    """Articles that an organization wrote.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/member-data-portability/shared/changelog-resource-references/articles
    """

    name = "original_articles"
    resource = "dmaOriginalArticles"
    finder = "author"
    params = {"author": "{organization}"}
    param_fallbacks = {
        "author": ({"author": "{organizational_page}"}, {"author": {"organization": "{organization}"}}),
        "state": ({"state": {"value": "PUBLISHED"}},),
    }
    paging = "offset"
    page_size = 50
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("linked_in_article_urn",)
    replication_key = "last_modified_at"
    tracks_listed_keys = True
    field_paths = {"created_at": ("createdAt", "created"), "last_modified_at": ("lastModifiedAt", "lastModified")}
    schema = columns(
        key("linked_in_article_urn", URN),
        th.Property("organization", URN),
        *localized("title"),
        th.Property(
            "content_html", ANY_OBJECT, description="What the article says; where LinkedIn sends text, as `value`."
        ),
        th.Property("content", ANY_OBJECT),
        th.Property("permlink", TEXT, description="Its page is https://www.linkedin.com/pulse/ and this."),
        th.Property("state", TEXT),
        th.Property("author", PERSON),
        th.Property("authors", array(object_of("author", author=PERSON, type=TEXT))),
        th.Property("published_at", TIMESTAMP),
        th.Property("created_at", TIMESTAMP),
        th.Property("last_modified_at", TIMESTAMP),
        th.Property("created", TIMESTAMP),
        th.Property("last_modified", TIMESTAMP),
        th.Property("cover_image", object_of("value", originalImage=_IMAGE)),
        th.Property("display_image", _IMAGE, description="Where the cover image has no address."),
        th.Property("cover_media_v2", ANY_OBJECT, description="A cover image or a cover video."),
        th.Property("id", INTEGER),
        th.Property("version", INTEGER),
    )
