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
    derived_columns,
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
        key("content_series_urn", URN, description="URN of the newsletter: urn:li:contentSeries:NUMBER."),
        th.Property("organization", URN),
        th.Property("owner", URN, description="URN of the organization that owns the newsletter."),
        *localized("title", description="Title by locale; a plain title is in `value`."),
        *localized("description", description="Description by locale, in the same form as `title`."),
        th.Property("issues", array(URN), description="URNs of the issues."),
        th.Property(
            "subscriber_count",
            INTEGER,
            description="Number of subscribers at the time of the run; `series_subscriber_counts` has it by day.",
        ),
        th.Property("cadence", TEXT, description="How often an issue appears, in LinkedIn's words."),
        th.Property("latest_issue", URN, description="URN of the newest issue."),
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
    schema = derived_columns(
        key("content_series", URN, description="URN of the newsletter."),
        key("snapshot_date", DATE),
        th.Property("organization", URN),
        th.Property(
            "subscriber_count", INTEGER, description="Number of subscribers on the day; NULL if LinkedIn gives none."
        ),
    )


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
        key("content_series", URN, description="URN of the newsletter."),
        key("row_key"),
        th.Property("organization", URN),
        th.Property(
            "subscriber",
            PERSON,
            description="URN of the member who subscribes; NULL if LinkedIn does not show the member.",
        ),
        th.Property("last_modified_at", TIMESTAMP, description="Time when the subscription was last changed, in UTC."),
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
    narrowing_params = ("state",)
    paging = "offset"
    page_size = 50
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("linked_in_article_urn",)
    replication_key = "last_modified_at"
    tracks_listed_keys = True
    field_paths = {"created_at": ("createdAt", "created"), "last_modified_at": ("lastModifiedAt", "lastModified")}
    schema = columns(
        key("linked_in_article_urn", URN, description="URN of the article: urn:li:linkedInArticle:NUMBER."),
        th.Property("organization", URN),
        *localized("title", description="Title by locale; a plain title is in `value`."),
        th.Property("content_html", ANY_OBJECT, description="Text of the article as HTML; plain HTML is in `value`."),
        th.Property(
            "content", ANY_OBJECT, description="Text of the article in LinkedIn's other form, a union of kinds."
        ),
        th.Property("permlink", TEXT, description="Last part of the address: https://www.linkedin.com/pulse/PERMLINK."),
        th.Property("state", TEXT, description="State of the article, such as PUBLISHED; others may be drafts."),
        th.Property(
            "author",
            PERSON,
            description="URN of the organization or person that wrote it; NULL if LinkedIn does not show the person.",
        ),
        th.Property(
            "authors",
            array(object_of("author", author=PERSON, type=TEXT)),
            description="Authors, as URNs, each with a type such as PRIMARY_AUTHOR.",
        ),
        th.Property("published_at", TIMESTAMP, description="Time of publication, in UTC."),
        th.Property("created_at", TIMESTAMP, description="Time of creation, in UTC."),
        th.Property("last_modified_at", TIMESTAMP, description="Time of the last change, in UTC."),
        th.Property(
            "created", TIMESTAMP, description="Time of creation in LinkedIn's other form, in UTC; see `created_at`."
        ),
        th.Property(
            "last_modified",
            TIMESTAMP,
            description="Time of the last change in LinkedIn's other form, in UTC; see `last_modified_at`.",
        ),
        th.Property(
            "cover_image",
            object_of("value", originalImage=_IMAGE),
            description="Cover image: a link in `originalImage`, which expires.",
        ),
        th.Property(
            "display_image", _IMAGE, description="Image that stands for the article if the cover image has no address."
        ),
        th.Property("cover_media_v2", ANY_OBJECT, description="Cover image or cover video, since version 202605."),
        th.Property("id", INTEGER, description="Number of the article."),
        th.Property("version", INTEGER, description="Number of the article's version."),
    )
