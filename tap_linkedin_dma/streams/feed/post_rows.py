"""Rows of posts: their columns, the text as a reader sees it, the kind of content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    ANY_OBJECT,
    AUDIT,
    BOOLEAN,
    INTEGER,
    MEDIA,
    NUMBER,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    audit_columns,
    member_data,
    object_of,
    one_of,
)
from tap_linkedin_dma.stream_types.base import DmaStream

_HASHTAG = re.compile(r"\{hashtag\|\\?#\|((?:[^\\}]|\\.)*)\}")
_MENTION = re.compile(r"@\[((?:\\.|(?!\]\(|@\[)[^\\])*)\]\((?:[^\\)]|\\.)*\)")
_ESCAPE = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")

_CORNER = object_of(xOffsetPercentage=NUMBER, yOffsetPercentage=NUMBER)
_ATTRIBUTES = array(
    object_of(start=INTEGER, length=INTEGER, value=object_of(person=object_of("person", person=PERSON)))
)
_LINK = object_of(downloadUrl=TEXT, downloadUrlExpiresAt=TIMESTAMP)

_CONTENT = object_of(
    media=object_of(
        title=TEXT,
        altText=TEXT,
        media=object_of(
            image=MEDIA,
            video=object_of(
                downloadUrl=TEXT,
                downloadUrlExpiresAt=TIMESTAMP,
                status=TEXT,
                thumbnails=array(_LINK),
                captions=array(_LINK),
            ),
            document=MEDIA,
        ),
    ),
    multiImage=object_of(
        images=array(
            object_of(
                altText=TEXT,
                media=object_of(image=MEDIA),
                taggedEntities=array(
                    object_of(
                        type=TEXT,
                        entity=PERSON,
                        position=object_of(
                            firstCorner=_CORNER, secondCorner=_CORNER, thirdCorner=_CORNER, fourthCorner=_CORNER
                        ),
                    )
                ),
            )
        )
    ),
    article=object_of(
        title=TEXT,
        description=TEXT,
        source=TEXT,
        thumbnail=object_of("value", downloadUrl=TEXT, downloadUrlExpiresAt=TIMESTAMP, status=TEXT),
    ),
    poll=object_of(
        question=TEXT,
        options=array(object_of(text=TEXT, voteCount=INTEGER)),
        uniqueVotersCount=INTEGER,
        settings=ANY_OBJECT,
    ),
    carousel=ANY_OBJECT,
    celebration=ANY_OBJECT,
    reference=object_of("id", id=URN),
)

POST_COLUMNS = (
    th.Property(
        "author",
        PERSON,
        description="URN of the organization or person that wrote the post; NULL if LinkedIn does not send it: "
        "see `organization`.",
    ),
    th.Property("text", TEXT, description="Text as a reader sees it: hashtags and mentions as plain words."),
    th.Property("url", TEXT, description="Address of the post on LinkedIn."),
    th.Property(
        "content_kind",
        TEXT,
        description="Kind of content beside the text: image, video, document, multi_image, article, poll, "
        "carousel, celebration or reference; none for plain text.",
    ),
    th.Property(
        "commentary",
        one_of(TEXT, object_of(text=TEXT, attributes=_ATTRIBUTES)),
        description="Text in LinkedIn's markup of hashtags and mentions; see `text`.",
    ),
    th.Property(
        "commentary_attributes",
        _ATTRIBUTES,
        description="Mentions and other attributes of the text by position, if LinkedIn sends the text as an object.",
    ),
    th.Property(
        "visibility", TEXT, description="Audience that may see it: PUBLIC, CONNECTIONS, LOGGED_IN or CONTAINER."
    ),
    th.Property("lifecycle_state", TEXT, description="State: PUBLISHED, DRAFT, PUBLISH_REQUESTED or PUBLISH_FAILED."),
    th.Property(
        "lifecycle_state_info",
        object_of(isEditedByAuthor=BOOLEAN, contentStatus=TEXT, reviewStatus=TEXT),
        description="Details of the state: if the author has edited the post, and LinkedIn's review of it.",
    ),
    th.Property("published_at", TIMESTAMP, description="Time of publication, in UTC; NULL for a draft."),
    th.Property(
        "scheduled_at",
        TIMESTAMP,
        description="Time for which it is scheduled, in UTC; NULL if LinkedIn does not send it.",
    ),
    th.Property("is_reshare_disabled_by_author", BOOLEAN, description="True if the author does not allow reshares."),
    th.Property(
        "distribution",
        object_of(feedDistribution=TEXT, thirdPartyDistributionChannels=array(), targetEntities=array()),
        description="Feeds and targeted audiences to which the post is distributed.",
    ),
    th.Property("container", URN, description="URN of the group or event that holds the post; NULL if none does."),
    th.Property("content_landing_page", TEXT, description="Address that the button of the post leads to."),
    th.Property("content_call_to_action_label", TEXT, description="Label of the post's button, such as LEARN_MORE."),
    th.Property(
        "ad_context",
        object_of(isDsc=BOOLEAN, dscAdAccount=URN, dscAdType=TEXT, dscName=TEXT, dscStatus=TEXT),
        description="Advertisement that the post belongs to: `isDsc` is true for a post that exists only as an ad.",
    ),
    th.Property(
        "reshare_context",
        object_of(parent=URN, root=URN),
        description="Reshared post: `parent` is what was reshared, `root` the original. NULL if the post reshares "
        "nothing.",
    ),
    th.Property(
        "content",
        _CONTENT,
        description="Content beside the text, under one key for its kind. Links to media expire, and differ on "
        "each run.",
    ),
    *audit_columns(),
)
"""The columns of a post: LinkedIn's fields, and those that an analyst needs first."""

_WRITTEN = ("text", "commentary", "commentary_attributes", "content", "content_landing_page")


def with_member_class(post: Sequence[th.Property[Any]]) -> Sequence[th.Property[Any]]:
    """The columns of posts whose author may be a member, and may be missing."""
    return [
        th.Property(column.name, member_data(th.CustomType(column.wrapped.type_dict)), description=column.description)
        if column.name in _WRITTEN
        else column
        for column in post
    ]


class PostRows(DmaStream):
    """A stream whose rows are posts."""

    computed_columns = ("text", "url", "content_kind")
    field_paths = AUDIT

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of a post, with columns that make LinkedIn's fields readable."""
        row = super().row(_split_commentary(entity), context, keys)
        return _add_readable_columns(row, entity) if row else None


def _split_commentary(entity: Entity) -> Entity:
    """The post with its commentary as text; if it is an object, its attributes become a field of the post."""
    commentary = entity.get("commentary")
    if not isinstance(commentary, Mapping):
        return entity
    return {"commentaryAttributes": commentary.get("attributes"), **entity, "commentary": commentary.get("text")}


def _add_readable_columns(row: Row, entity: Entity) -> Row:
    """Fill the columns that make LinkedIn's fields readable, from a post as it was sent."""
    commentary = entity.get("commentary")
    if isinstance(commentary, Mapping):
        # Its text is plain already: only a commentary that is bare text is in the little text format.
        row["text"] = row["commentary"]
        attributes = None if "commentaryAttributes" in entity else row["commentary_attributes"]
        taken = {"text": row["commentary"], "attributes": attributes}
        rest = {name: value for name, value in commentary.items() if taken.get(name) is None and value is not None}
        row["unmapped"] = {**(row["unmapped"] or {}), "commentary": rest} if rest else row["unmapped"]
    else:
        row["text"] = plain_text(row["commentary"])
    row["url"] = f"https://www.linkedin.com/feed/update/{row['id']}"
    row["content_kind"] = content_kind(entity.get("content"))
    return row


def plain_text(commentary: str | None) -> str | None:
    r"""LinkedIn's little text format as a reader sees it.

    >>> plain_text(r"{hashtag|\#|opensource} with @[Some Page](urn:li:organization:77) \(soon\)")
    '#opensource with @Some Page (soon)'

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
    """
    if commentary is None:
        return None
    words = _MENTION.sub(r"@\1", _HASHTAG.sub(r"#\1", commentary))
    return _ESCAPE.sub(r"\1", words)


def content_kind(content: object) -> str:
    """The kind of content that a post shows in addition to its text.

    >>> content_kind({"media": {"media": {"video": {}}}}), content_kind(None)
    ('video', 'none')
    """
    if not isinstance(content, Mapping) or not content:
        return "none"
    if "media" in content:
        media = get_path(content, "media.media")
        urn_types = media if isinstance(media, Mapping) else {}
        # LinkedIn's sibling API gives the URN of the medium.
        of_urn = urns.urn_type(str(get_path(content, "media.id")))
        return next((name for name in ("image", "video", "document") if name in urn_types or name == of_urn), "media")
    if "multiImage" in content:
        return "multi_image"
    others = ("article", "poll", "carousel", "celebration", "reference")
    return next((name for name in others if name in content), str(next(iter(content))))
