"""Messaging: the mailbox of a page."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    INTEGER,
    MEMBER_VISIBILITY,
    OPEN,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    columns,
    key,
    of_member,
    of_no_class,
    of_page,
    record,
)
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.nested import NestedFinder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Parent


class MessageThreads(Finder):
    """Conversations in the mailbox of a page.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "message_threads"
    resource = "dmaPageMessagingThreads"
    data_class = MEMBER
    member_columns = ("membership",)
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
    schema = of_page(
        th.Property("membership", array(record("identity", identity=PERSON)), description="Who takes part."),
        MEMBER_VISIBILITY,
    )

    def told(self, row: Row, parent: Parent) -> Parent | None:
        """A thread that LinkedIn gives no key cannot be asked about; one that it knows by a bare id has a URN too."""
        thread = row["row_key"]
        if thread not in map(str, (row["unmapped"] or {}).values()):
            return None
        urn = thread if urns.kind(thread) else f"urn:li:messagingThread:{thread}"
        return {**parent, "thread": urn, "thread_key": urns.key(urn)}


class Messages(NestedFinder):
    """Messages of a conversation; an edited one keeps its id, a deleted one loses its content.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/member-data-portability/shared/changelog-resource-references/messages
    """

    name = "messages"
    resource = "dmaPageMessagingMessages"
    data_class = MEMBER
    member_columns = ("author",)
    finder = "thread"
    params = {"thread": "{thread}"}
    alternatives = {"thread": ({"threadUrn": "{thread}"}, {"thread": "{thread_key}"})}
    of = "thread"
    parent_stream_type = MessageThreads
    primary_keys = ("thread", "row_key")
    own_keys = ("entityUrn", "$URN", "urn", "pageMessagingMessagesUrn", "messageUrn", "id")
    schema = columns(
        key("thread", URN),
        key("row_key"),
        th.Property("organization", URN),
        th.Property("organizational_page", URN),
        th.Property("id", of_no_class(TEXT)),
        th.Property("urn", URN),
        th.Property("author", PERSON, description="Null for a member who did not agree to be shown."),
        th.Property("owner", PERSON, description="Whose mailbox it is in."),
        th.Property("created_at", TIMESTAMP),
        th.Property("delivered_at", TIMESTAMP),
        th.Property("read_at", TIMESTAMP),
        th.Property("last_edited_at", TIMESTAMP, description="Null for a message that was never edited."),
        th.Property(
            "content",
            of_member(
                record(format=TEXT, formatVersion=INTEGER, fallback=TEXT, content=record("string", string=TEXT)),
                is_sensitive=True,
            ),
            description="What it says: `fallback` is its text.",
        ),
        th.Property("attachments", array(URN)),
        th.Property("content_urns", array(URN)),
        th.Property("extension_content", of_member(OPEN, is_sensitive=True), description="A GIF and the like."),
        th.Property("message_contexts", of_member(array(), is_sensitive=True)),
        th.Property("content_filter_reasons", array()),
        th.Property("client_experience", OPEN),
        MEMBER_VISIBILITY,
    )
