"""What a post is: its columns, its text as a reader sees it, the kind of its content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.api.json_paths import Entity, dig
from tap_linkedin_dma.privacy.members import MENTION, OMITTED, PERSON_URN
from tap_linkedin_dma.rows.conversion import whole
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    AUDIT,
    FLAG,
    INTEGER,
    MEDIA,
    NUMBER,
    OPEN,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    audited,
    either,
    of_member,
    record,
)
from tap_linkedin_dma.stream_types.base import PagedStream

_HASHTAG = re.compile(r"\{hashtag\|\\?#\|((?:[^\\}]|\\.)*)\}")
_MENTION = re.compile(r"@\[((?:\\.|(?!\]\(|@\[)[^\\])*)\]\((?:[^\\)]|\\.)*\)")
_ESCAPE = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")

_CORNER = record(xOffsetPercentage=NUMBER, yOffsetPercentage=NUMBER)
_ATTRIBUTES = array(record(start=INTEGER, length=INTEGER, value=record(person=record("person", person=PERSON))))
_LINK = record(downloadUrl=TEXT, downloadUrlExpiresAt=TIMESTAMP)

_CONTENT = record(
    media=record(
        title=TEXT,
        altText=TEXT,
        media=record(
            image=MEDIA,
            video=record(
                downloadUrl=TEXT,
                downloadUrlExpiresAt=TIMESTAMP,
                status=TEXT,
                thumbnails=array(_LINK),
                captions=array(_LINK),
            ),
            document=MEDIA,
        ),
    ),
    multiImage=record(
        images=array(
            record(
                altText=TEXT,
                media=record(image=MEDIA),
                taggedEntities=array(
                    record(
                        type=TEXT,
                        entity=PERSON,
                        position=record(
                            firstCorner=_CORNER, secondCorner=_CORNER, thirdCorner=_CORNER, fourthCorner=_CORNER
                        ),
                    )
                ),
            )
        )
    ),
    article=record(
        title=TEXT,
        description=TEXT,
        source=TEXT,
        thumbnail=record("value", downloadUrl=TEXT, downloadUrlExpiresAt=TIMESTAMP, status=TEXT),
    ),
    poll=record(
        question=TEXT,
        options=array(record(text=TEXT, voteCount=INTEGER)),
        uniqueVotersCount=INTEGER,
        settings=OPEN,
    ),
    carousel=OPEN,
    celebration=OPEN,
    reference=record("id", id=URN),
)

POST_COLUMNS = (
    th.Property("author", PERSON),
    th.Property("text", TEXT, description="The commentary as a reader sees it: hashtags and mentions as plain words."),
    th.Property("url", TEXT, description="The post on LinkedIn."),
    th.Property(
        "content_kind",
        TEXT,
        description="image, video, document, multi_image, article, poll, carousel, celebration, reference or none.",
    ),
    th.Property(
        "commentary",
        either(TEXT, record(text=TEXT, attributes=_ATTRIBUTES)),
        description="The text as LinkedIn keeps it; its attributes, where LinkedIn sends an object, stand beside it.",
    ),
    th.Property("commentary_attributes", _ATTRIBUTES),
    th.Property("visibility", TEXT),
    th.Property("lifecycle_state", TEXT),
    th.Property("lifecycle_state_info", record(isEditedByAuthor=FLAG, contentStatus=TEXT, reviewStatus=TEXT)),
    th.Property("published_at", TIMESTAMP, description="When it went live; null for a draft."),
    th.Property("scheduled_at", TIMESTAMP),
    th.Property("is_reshare_disabled_by_author", FLAG),
    th.Property(
        "distribution",
        record(feedDistribution=TEXT, thirdPartyDistributionChannels=array(), targetEntities=array()),
    ),
    th.Property("container", URN),
    th.Property("content_landing_page", TEXT),
    th.Property("content_call_to_action_label", TEXT),
    th.Property("ad_context", record(isDsc=FLAG, dscAdAccount=URN, dscAdType=TEXT, dscName=TEXT, dscStatus=TEXT)),
    th.Property("reshare_context", record(parent=URN, root=URN)),
    th.Property("content", _CONTENT),
    *audited(),
)
"""What LinkedIn tells of a post, and what an analyst asks of it first."""

_WRITTEN = ("text", "commentary", "commentary_attributes", "content", "content_landing_page")


def written_by_members(post: Sequence[th.Property[Any]]) -> Sequence[th.Property[Any]]:
    """The columns of posts whose author may be a member, whom LinkedIn may leave out."""
    return [
        th.Property(column.name, of_member(th.CustomType(column.wrapped.type_dict)), description=column.description)
        if column.name in _WRITTEN
        else column
        for column in post
    ]


class PostRows(PagedStream):
    """A stream whose rows are posts."""

    own_columns = ("text", "url", "content_kind")
    sources = AUDIT

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row of a post, which says LinkedIn's fields in plainer words too."""
        row = super().row(_split_commentary(entity), context, keys)
        return _put_plainly(row, entity) if row else None

    def disclosed(self, row: Row) -> Row:
        """The names by which a post mentions members go with them; they stand in its text as plain words."""
        left = super().disclosed(row)
        if left is row or not left["text"]:
            return left
        way = self._disclosure.members
        for name, id_ in mentioned(row["commentary"] or "", row["commentary_attributes"] or ()):
            words = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
            for column in ("text", "commentary"):
                left[column] = words.sub(way.person(id_) or OMITTED, left[column])
        return left


def _split_commentary(entity: Entity) -> Entity:
    """The post with its commentary as text, its attributes beside it where the commentary is an object."""
    commentary = entity.get("commentary")
    if not isinstance(commentary, Mapping):
        return entity
    return {"commentaryAttributes": commentary.get("attributes"), **entity, "commentary": commentary.get("text")}


def _put_plainly(row: Row, entity: Entity) -> Row:
    """Fill the columns that say LinkedIn's fields in plainer words, from a post as it was sent."""
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


def mentioned(commentary: str, attributes: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """The members whom a commentary mentions: each by the name that stands there, and the id."""
    for match in MENTION.finditer(commentary):
        yield _ESCAPE.sub(r"\1", match["name"]), match["id"]
    for attribute in attributes:
        person = PERSON_URN.search(str(dig(attribute, "value.person.person")))
        start, length = whole(dig(attribute, "start")), whole(dig(attribute, "length"))
        if person and start is not None and length:
            # LinkedIn does not say whether it counts an emoji as one or as two.
            encoded = commentary.encode("utf-16-le", "surrogatepass")[2 * start : 2 * (start + length)]
            twos = encoded.decode("utf-16-le", "ignore")
            yield from ((name, person["id"]) for name in {commentary[start : start + length], twos} if name.strip())


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
    """What a post shows beside its text.

    >>> content_kind({"media": {"media": {"video": {}}}}), content_kind(None)
    ('video', 'none')
    """
    if not isinstance(content, Mapping) or not content:
        return "none"
    if "media" in content:
        media = dig(content, "media.media")
        kinds = media if isinstance(media, Mapping) else {}
        # LinkedIn's sibling API names the medium by its URN.
        of_urn = urns.kind(str(dig(content, "media.id")))
        return next((name for name in ("image", "video", "document") if name in kinds or name == of_urn), "media")
    if "multiImage" in content:
        return "multi_image"
    others = ("article", "poll", "carousel", "celebration", "reference")
    return next((name for name in others if name in content), str(next(iter(content))))
