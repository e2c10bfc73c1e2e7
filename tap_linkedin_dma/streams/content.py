"""Content that records name by its URN alone: its public address, its source, and the content behind an activity."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.rows.schema import (
    OTHERS_UNKNOWN,
    URN,
    columns,
    key,
)
from tap_linkedin_dma.stream_types.lookups import Lookup

_OTHERS_CONTENT = ("withheld", "reshare_context", "content.reference")


class ContentPublicUrls(Lookup):
    """Public addresses of content that the organization does not own.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "content_public_urls"
    resource = "dmaContentPublicUrl"
    urn_types = ()
    source_columns = {
        "posts": _OTHERS_CONTENT,
        "reshares": _OTHERS_CONTENT,
        "instant_reposts": ("reposted_content",),
        "post_instant_reposts": ("reposted_content",),
    }
    already_read_by = {"posts": "id"}
    params = {"ids": "{urn}"}
    evidence = "inferred"
    identity = {"urn": "{urn}"}
    primary_keys = ("urn",)
    schema = columns(
        key("urn", URN, description="URN of the content; the address is in `unmapped`."), others=OTHERS_UNKNOWN
    )


class IngestedContentSummaries(Lookup):
    """Web addresses that an article or ingested content stands for.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "ingested_content_summaries"
    resource = "dmaIngestedContentSummaries"
    urn_types = ("article", "ingestedContent")
    params = {"ids": "{urn}"}
    evidence = "inferred"
    identity = {"urn": "{urn}"}
    primary_keys = ("urn",)
    schema = columns(
        key("urn", URN, description="URN of the article or ingested content; its web address is in `unmapped`."),
        others=OTHERS_UNKNOWN,
    )


class Activities(Lookup):
    """Activities, which comments and reactions name in place of the post, and the content that each stands for.

    Source: https://learn.microsoft.com/en-gb/linkedin/dma/pages-data-portability/content/activities
    """

    name = "activities"
    resource = "dmaActivities"
    urn_types = ("activity",)
    id_form = "[0-9]{1,19}"
    params = {"ids": "{urn}"}
    evidence = "documented"
    identity = {"urn": "{urn}"}
    primary_keys = ("urn",)
    schema = columns(
        key("urn", URN, description="URN of the activity, as comments and reactions name it in place of a post."),
        th.Property(
            "domain_entity",
            URN,
            description="URN of the content that the activity stands for: a post, comment, article or repost. NULL if "
            "LinkedIn does not show its author.",
        ),
    )
