"""What was removed at LinkedIn: posts that are gone, and when the rest was last listed in full."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.rows.schema import TEXT, TIMESTAMP, URN, key
from tap_linkedin_dma.streams.feed.derived import Availability, FullListings
from tap_linkedin_dma.streams.feed.posts import Posts


class PostAvailability(Availability):
    """Whether each post of the engagement window is still there, as of the last run.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/content/posts
    """

    name = "post_availability"
    resource = "dmaPosts"
    batch_params = {"viewContext": "READER"}
    parent_stream_type = Posts
    primary_keys = ("post",)
    schema = th.PropertiesList(
        key("post", URN),
        th.Property("organization", URN),
        th.Property("status", TEXT, description="available, withheld (LinkedIn refuses it) or gone."),
        th.Property("checked_at", TIMESTAMP, description="When the run began that looked."),
    ).to_dict()


class EngagementListings(FullListings):
    """When all comments, and all reactions, of each post were last listed; what was listed before is removed.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "engagement_listings"
    resource = "dmaFeedContentsExternal"
    evidence = "derived"
    parent_stream_type = Posts
    primary_keys = ("post", "kind")
    schema = th.PropertiesList(
        key("post", URN),
        key("kind", description="comments or reactions."),
        th.Property("organization", URN),
        th.Property("listed_at", TIMESTAMP, description="When the run began that listed them."),
    ).to_dict()
