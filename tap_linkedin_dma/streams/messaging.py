"""Messaging: the mailbox of a page."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.access import Finder
from tap_linkedin_dma.shapes import URN, array, of_page, record
from tap_linkedin_dma.streams.pages import Organizations


class MessageThreads(Finder):
    """Conversations in the mailbox of a page.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "message_threads"
    resource = "dmaPageMessagingThreads"
    finder = "pageMailboxOwner"
    params = {"pageMailboxOwner": "{organizational_page}"}
    alternatives = {
        "pageMailboxOwner": (
            {"pageMailboxOwner": "{organization}"},
            {"pageMailboxOwner": {"organizationalPage": "{organizational_page}"}},
        ),
    }
    evidence = "inferred"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    own_keys = ("entityUrn", "$URN", "urn", "pageMessagingThreadsUrn", "threadUrn", "id")
    schema = of_page(th.Property("membership", array(record("identity", identity=URN)), description="Who takes part."))
