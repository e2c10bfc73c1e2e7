"""Identity: the member behind the token."""

from singer_sdk import typing as th

from tap_linkedin_dma.access import Get
from tap_linkedin_dma.shapes import LOCALIZED, TEXT, URN, columns, key, record


class Me(Get):
    """The member behind the token.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "me"
    resource = "dmaMe"
    evidence = "sibling"
    primary_keys = ("id",)
    schema = columns(
        key("id"),
        th.Property("first_name", LOCALIZED),
        th.Property("last_name", LOCALIZED),
        th.Property("headline", LOCALIZED),
        th.Property("localized_first_name", TEXT),
        th.Property("localized_last_name", TEXT),
        th.Property("localized_headline", TEXT),
        th.Property("vanity_name", TEXT),
        th.Property("profile_picture", record("displayImage", displayImage=URN)),
    )
