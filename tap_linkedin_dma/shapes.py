"""Schema fragments used twice or more, in the words of the Singer SDK.

A fragment says what leaves the tap. Two keys that no target sees (the catalog drops them) tell
`rows` how LinkedIn may send it otherwise: `x-count` marks a number that comes wrapped in a union,
`x-bare` names the property that a bare value stands for where an object is declared.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

Shape = th.CustomType


def _nullable(kind: str, **more: object) -> Shape:
    return th.CustomType({"type": [kind, "null"], **more})


URN = _nullable("string", **{"x-urn": True})
TEXT = _nullable("string")
TIMESTAMP = _nullable("string", format="date-time")
DATE = _nullable("string", format="date")
INTEGER = _nullable("integer")
NUMBER = _nullable("number")
FLAG = _nullable("boolean")

COUNT = _nullable("number", **{"x-count": True})
"""A number that LinkedIn wraps: `{"long": 12}` or `{"bigDecimal": "0.0345"}`; also a plain number."""

OPEN = _nullable("object", additionalProperties=True, **{"x-bare": "value"})
"""An object whose properties nobody has documented."""


def record(bare: str | None = None, /, **fields: Shape) -> Shape:
    """An object with these properties; others that LinkedIn sends stay in it as they came.

    Args:
        bare: the property that holds the value where LinkedIn sends no object.
        fields: the properties, named as on the wire.
    """
    properties = {name: shape.type_dict for name, shape in fields.items()}
    more = {"x-bare": bare} if bare else {}
    return _nullable("object", properties=properties, additionalProperties=True, **more)


def array(of: Shape | None = None) -> Shape:
    """A list; of anything where no shape is given."""
    return _nullable("array", **({"items": of.type_dict} if of else {}))


def mapping(of: Shape) -> Shape:
    """An object whose property names are data: reaction types, locales."""
    return _nullable("object", additionalProperties=of.type_dict)


def either(leaves: Shape, comes: Shape) -> Shape:
    """A column of one shape for a field that LinkedIn also sends in another; the stream brings it over."""
    kind, _ = leaves.type_dict["type"]
    return _nullable(kind, oneOf=[{**leaves.type_dict, "type": kind}, {**comes.type_dict, "type": "object"}])


LOCALIZED = record(
    "value",
    localized=mapping(TEXT),
    preferredLocale=record(language=TEXT, country=TEXT),
)
"""Text by locale, `{"localized": {"en_US": …}, "preferredLocale": {…}}`; plain text becomes its `value`."""

AUDIT_STAMP = record("time", time=TIMESTAMP, actor=URN, impersonator=URN)
"""Who did it and when; the people are left out unless they agreed to be shown."""

MEDIA = record(downloadUrl=TEXT, downloadUrlExpiresAt=TIMESTAMP, status=TEXT)
"""An image, video or document behind a link that expires."""

COVER = record(
    cropped=MEDIA,
    original=MEDIA,
    cropInfo=record(x=INTEGER, y=INTEGER, width=INTEGER, height=INTEGER),
)
"""A logo or cover photo, whole and cropped."""


def columns(*properties: th.Property[Any]) -> dict[str, Any]:
    """The schema of a stream: its columns, and `unmapped` for what LinkedIn sends beside them."""
    return th.PropertiesList(
        *properties,
        th.Property("unmapped", OPEN, description="Fields LinkedIn sent that no column takes, named as sent."),
    ).to_dict()


def key(name: str, shape: Shape = TEXT, description: str | None = None) -> th.Property[Any]:
    """A column of the primary key: never null."""
    kind, _ = shape.type_dict["type"]
    return th.Property(name, th.CustomType({**shape.type_dict, "type": [kind]}), required=True, description=description)


def audited() -> tuple[th.Property[Any], ...]:
    """The audit stamps, and what is asked of them most as columns of their own."""
    return (
        th.Property("created", AUDIT_STAMP),
        th.Property("last_modified", AUDIT_STAMP),
        th.Property("created_at", TIMESTAMP, description="When it was created: created.time."),
        th.Property("last_modified_at", TIMESTAMP, description="When it was last changed: lastModified.time."),
        th.Property("actor", URN, description="Who created it, where LinkedIn says so: created.actor."),
    )


AUDIT = {
    "created_at": ("created.time", "created"),
    "last_modified_at": ("lastModified.time", "lastModified"),
    "actor": ("actor", "created.actor"),
}
"""Where the columns of `audited` come from; a stamp may be a bare time."""
