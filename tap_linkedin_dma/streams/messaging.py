"""Messaging: the mailbox of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.json_paths import Entity
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    INTEGER,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    columns,
    key,
    member_data,
    object_of,
    of_no_class,
    page_schema,
)
from tap_linkedin_dma.stream_types.finders import Finder
from tap_linkedin_dma.stream_types.nested import NestedFinder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context, RecordBatch


class MessageThreads(Finder):
    """Conversations in the mailbox of a page.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability/pages-data-portability-overview
    """

    name = "message_threads"
    resource = "dmaPageMessagingThreads"
    data_class = MEMBER
    visibility_columns = ("membership",)
    finder = "pageMailboxOwner"
    params = {"pageMailboxOwner": "{organizational_page}"}
    param_fallbacks = {
        "pageMailboxOwner": (
            {"pageMailboxOwner": "{organization}"},
            {"pageMailboxOwner": {"organizationalPage": "{organizational_page}"}},
        ),
    }
    evidence = "inferred"
    parent_stream_type = Organizations
    primary_keys = ("organizational_page", "row_key")
    id_fields = ("entityUrn", "$URN", "urn", "pageMessagingThreadsUrn", "threadUrn", "id")
    schema = page_schema(
        th.Property(
            "membership",
            array(object_of("identity", identity=PERSON)),
            description="People and pages that take part, as URNs in `identity`; those whom LinkedIn does not show "
            "are missing.",
        ),
        MEMBER_VISIBILITY,
        others=OTHERS_OF_MEMBER,
    )

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        """The batch, whose children are the threads to which LinkedIn gives a key to read them by."""
        batch = super().batch(context, elements, keys)
        given = {str(element.get(name)) for element in elements for name in self.id_fields or ()}
        known = [(child, row) for child, row in batch.child_contexts if row and row["row_key"] in given]
        return replace(batch, child_contexts=known)

    def child_context(self, row: Row, context: Context) -> Context | None:
        """The context of a thread: a bare id is made into a URN."""
        thread = row["row_key"]
        urn = thread if urns.urn_type(thread) else f"urn:li:messagingThread:{thread}"
        return {**context, "thread": urn, "thread_key": urns.key(urn)}


class Messages(NestedFinder):
    """Messages of a conversation; an edited one keeps its id, a deleted one loses its content.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/member-data-portability/shared/changelog-resource-references/messages
    """

    name = "messages"
    resource = "dmaPageMessagingMessages"
    data_class = MEMBER
    visibility_columns = ("author",)
    finder = "thread"
    params = {"thread": "{thread}"}
    param_fallbacks = {"thread": ({"threadUrn": "{thread}"}, {"thread": "{thread_key}"})}
    of = "thread"
    parent_stream_type = MessageThreads
    primary_keys = ("thread", "row_key")
    id_fields = ("entityUrn", "$URN", "urn", "pageMessagingMessagesUrn", "messageUrn", "id")
    schema = columns(
        key(
            "thread",
            URN,
            description="URN of the conversation; `message_threads` has it, or the id in it, as `row_key`.",
        ),
        key("row_key"),
        th.Property("organization", URN),
        th.Property("organizational_page", URN),
        th.Property("id", of_no_class(TEXT), description="Id of the message."),
        th.Property("urn", URN, description="URN of the message."),
        th.Property(
            "author",
            PERSON,
            description="URN of the person or mailbox that wrote it; NULL if LinkedIn does not show the person.",
        ),
        th.Property("owner", PERSON, description="URN of the person or page whose mailbox holds it."),
        th.Property("created_at", TIMESTAMP, description="Time of writing, in UTC."),
        th.Property("delivered_at", TIMESTAMP, description="Time of delivery, in UTC."),
        th.Property("read_at", TIMESTAMP, description="Time of reading, in UTC; NULL if it was not read."),
        th.Property(
            "last_edited_at", TIMESTAMP, description="Time of the last edit, in UTC; NULL if it was never edited."
        ),
        th.Property(
            "content",
            member_data(
                object_of(format=TEXT, formatVersion=INTEGER, fallback=TEXT, content=object_of("string", string=TEXT)),
                is_sensitive=True,
            ),
            description="Content of the message; its text is in `fallback`. NULL if the message was deleted.",
        ),
        th.Property("attachments", array(URN), description="URNs of attached files."),
        th.Property("content_urns", array(URN), description="URNs of content that the message shares."),
        th.Property(
            "extension_content", member_data(ANY_OBJECT, is_sensitive=True), description="Other content, such as a GIF."
        ),
        th.Property(
            "message_contexts",
            member_data(array(), is_sensitive=True),
            description="Context of the message; LinkedIn does not document its form.",
        ),
        th.Property("content_filter_reasons", array(), description="Reasons for which LinkedIn filtered the content."),
        th.Property("client_experience", ANY_OBJECT, description="Data of the program that sent the message."),
        MEMBER_VISIBILITY,
    )
