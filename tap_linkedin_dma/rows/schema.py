"""Schema fragments used twice or more, in the words of the Singer SDK.

A fragment describes an emitted value. Some keys are for the tap alone, and the catalog drops them. Two say how
LinkedIn's form may differ: `x-count` marks a number that comes wrapped in a union, `x-bare` names the property for a
bare value sent in place of a declared object. The others classify the value: see `data_classes`; and `x-person` marks
the URN of a person, or of another entity that may act in a person's place. `x-headings` marks an object whose
properties are named by the headings of an export.
"""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.privacy.data_classes import BING_MAPS, MEMBER, NONE, STANDARDIZED, UNKNOWN

Shape = th.CustomType


def _nullable(kind: str, **more: object) -> Shape:
    return th.CustomType({"type": [kind, "null"], **more})


URN = _nullable("string", **{"x-urn": True})
TEXT = _nullable("string")
TIMESTAMP = _nullable("string", format="date-time")
DATE = _nullable("string", format="date")
INTEGER = _nullable("integer")
NUMBER = _nullable("number")
BOOLEAN = _nullable("boolean")

COUNT = _nullable("number", **{"x-count": True})
"""A number that LinkedIn wraps: `{"long": 12}` or `{"bigDecimal": "0.0345"}`; also a plain number."""

PERSON = _nullable("string", **{"x-urn": True, "x-person": True, "x-data-class": MEMBER})
"""The URN of a person, or of the page that acts in a person's place."""

PERSON_KEY = _nullable("string", **{"x-person": True, "x-data-class": MEMBER})
"""A key that may be the URN of a person, or hold it."""

ANY_OBJECT = _nullable("object", additionalProperties=True, **{"x-bare": "value"})
"""An object whose properties nobody has documented."""


def object_of(bare: str | None = None, /, **fields: Shape) -> Shape:
    """An object with these properties; others that LinkedIn sends stay in it as they came.

    Args:
        bare: the property that holds the value if LinkedIn sends one that is not an object.
        fields: the properties, named as on the wire.
    """
    properties = {name: shape.type_dict for name, shape in fields.items()}
    more = {"x-bare": bare} if bare else {}
    return _nullable("object", properties=properties, additionalProperties=True, **more)


def array(of: Shape | None = None) -> Shape:
    """A list, of anything unless a shape is given."""
    return _nullable("array", **({"items": of.type_dict} if of else {}))


def mapping(of: Shape) -> Shape:
    """An object whose property names are data: reaction types, locales."""
    return _nullable("object", additionalProperties=of.type_dict)


def one_of(leaves: Shape, comes: Shape) -> Shape:
    """A column of one shape for a field that LinkedIn also sends in another; the stream converts it."""
    kind, _ = leaves.type_dict["type"]
    return _nullable(kind, oneOf=[{**leaves.type_dict, "type": kind}, {**comes.type_dict, "type": "object"}])


def member_data(shape: Shape, *, is_sensitive: bool = False) -> Shape:
    """This shape, for data that identify a person or come from one."""
    return _marked(shape, **{"x-data-class": MEMBER, **({"x-sensitive": True} if is_sensitive else {})})


def of_standardized(shape: Shape) -> Shape:
    """This shape, for entries of LinkedIn's reference lists, or names of such entries."""
    return _marked(shape, **{"x-data-class": STANDARDIZED})


def of_no_class(shape: Shape) -> Shape:
    """This shape, for data without a class inside a value that has one."""
    return _marked(shape, **{"x-data-class": NONE, "x-sensitive": False})


def of_place(shape: Shape, *, is_unsure: bool = False) -> Shape:
    """This shape, for data about a place; unsure if LinkedIn's terms leave open whether it is Bing Maps data."""
    return _marked(shape, **{"x-data-class": BING_MAPS, **({"x-unsure": True} if is_unsure else {})})


def _marked(shape: Shape, **marks: object) -> Shape:
    return th.CustomType({**shape.type_dict, **marks})


OTHERS_OF_MEMBER = member_data(ANY_OBJECT)
"""The shape of `unmapped` in rows about one person."""

OTHERS_UNKNOWN = _marked(ANY_OBJECT, **{"x-data-class": UNKNOWN})
"""The shape of `unmapped` in rows that LinkedIn does not document."""

MEMBER_VISIBILITY = th.Property(
    "member_visibility",
    TEXT,
    description="visible or withheld: whether LinkedIn shows the member whom the row is of; null where it is a page's.",
)

LOCALIZED = object_of(
    "value",
    localized=mapping(TEXT),
    preferredLocale=object_of(language=TEXT, country=TEXT),
)
"""Text by locale, `{"localized": {"en_US": …}, "preferredLocale": {…}}`; plain text becomes its `value`."""


def localized(name: str, shape: Shape = LOCALIZED, description: str | None = None) -> tuple[th.Property[Any], ...]:
    """The columns of a text by locale: all that LinkedIn sends, and the text alone, for queries."""
    return (
        th.Property(name, shape, description=description),
        th.Property(
            f"localized_{name}",
            TEXT,
            description=f"The text of `{name}`: as LinkedIn gives it, else in the language of the setting `locale`, "
            "else in that of its author.",
        ),
    )


AUDIT_STAMP = object_of("time", time=TIMESTAMP, actor=PERSON, impersonator=PERSON)
"""Who did it and when; the people are left out unless they agreed to be shown."""

MEDIA = object_of(downloadUrl=TEXT, downloadUrlExpiresAt=TIMESTAMP, status=TEXT)
"""An image, video or document behind a link that expires."""

COVER = object_of(
    cropped=MEDIA,
    original=MEDIA,
    cropInfo=object_of(x=INTEGER, y=INTEGER, width=INTEGER, height=INTEGER),
)
"""A logo or cover photo, whole and cropped."""


def columns(*properties: th.Property[Any], others: Shape = ANY_OBJECT) -> dict[str, Any]:
    """The schema of a stream: its columns, and `unmapped` for the other fields LinkedIn sends.

    Args:
        properties: the columns.
        others: the shape of `unmapped`, a member's data if the rows are about one person.
    """
    return th.PropertiesList(
        *properties,
        th.Property("unmapped", others, description="Fields LinkedIn sent that no column takes, named as sent."),
    ).to_dict()


def key(name: str, shape: Shape = TEXT, description: str | None = None) -> th.Property[Any]:
    """A column of the primary key: never null."""
    kind, _ = shape.type_dict["type"]
    return th.Property(name, th.CustomType({**shape.type_dict, "type": [kind]}), required=True, description=description)


def organization_schema(*more: th.Property[Any], others: Shape = OTHERS_UNKNOWN) -> dict[str, Any]:
    """The schema of an organization's rows without a key of LinkedIn's; complete if no columns are documented."""
    return columns(key("organization", URN), key("row_key"), *more, others=others)


def page_schema(*more: th.Property[Any], others: Shape = OTHERS_UNKNOWN) -> dict[str, Any]:
    """The schema of a page's rows without a key of LinkedIn's; complete if no columns are documented."""
    keys = key("organizational_page", URN), key("row_key")
    return columns(*keys, th.Property("organization", URN), *more, others=others)


RETAIN_UNTIL = th.Property(
    "retain_until", DATE, description="Until when LinkedIn's terms let the row be kept: see the retention command."
)


def period() -> tuple[th.Property[Any], ...]:
    """The period for which metrics were requested."""
    return (
        th.Property("time_range_start", TIMESTAMP, description="The start of the period asked for."),
        th.Property("time_range_end", TIMESTAMP, description="Its end, which is not in it."),
    )


def acl() -> tuple[th.Property[Any], ...]:
    """The columns of a role on an organization, except the organization and the role."""
    return (
        th.Property(
            "role_assignee", PERSON, description="Who holds it; null for a member who did not agree to be shown."
        ),
        th.Property("state", TEXT),
        th.Property("organization_target", URN),
        th.Property("key", object_of(organization=URN, role=TEXT, roleAssignee=PERSON)),
        *audit_columns(),
    )


def audit_columns() -> tuple[th.Property[Any], ...]:
    """The audit stamps, and their most used fields as columns of their own."""
    return (
        th.Property("created", AUDIT_STAMP),
        th.Property("last_modified", AUDIT_STAMP),
        th.Property("created_at", TIMESTAMP, description="When it was created: created.time."),
        th.Property("last_modified_at", TIMESTAMP, description="When it was last changed: lastModified.time."),
        th.Property("actor", PERSON, description="Who created it, where LinkedIn says so: created.actor."),
    )


AUDIT = {
    "created_at": ("created.time", "created"),
    "last_modified_at": ("lastModified.time", "lastModified"),
    "actor": ("actor", "created.actor"),
}
"""The field paths of `audit_columns`; a stamp may be a bare time."""

_LOCATION = object_of(
    locationType=TEXT,
    address=object_of(line1=TEXT, city=TEXT, geographicArea=TEXT, postalCode=TEXT, country=TEXT),
    staffCountRange=TEXT,
    geoLocation=URN,
    description=LOCALIZED,
)

ORGANIZATION_COLUMNS = (
    th.Property("organizational_page", URN, description="What follows and analytics are asked with."),
    *localized("name"),
    *localized("description"),
    *localized("tagline"),
    *localized("website"),
    th.Property("vanity_name", TEXT),
    th.Property("alternative_names", array()),
    th.Property("specialties", array()),
    th.Property("localized_specialties", array(TEXT)),
    th.Property("organization_type", TEXT),
    th.Property("primary_organization_type", TEXT),
    th.Property("staff_count_range", TEXT),
    th.Property("industries_v2", array(of_standardized(URN))),
    th.Property("industries", array(of_standardized(URN))),
    th.Property("logo_v2", COVER),
    th.Property("cover_photo_v2", COVER),
    th.Property("locations", of_place(array(_LOCATION), is_unsure=True)),
    th.Property("founded_on", object_of(year=INTEGER, month=INTEGER, day=INTEGER)),
    th.Property("entity_status", TEXT),
    th.Property("call_to_action", object_of(redirectUrl=TEXT, ctaType=TEXT)),
    th.Property("primary_phone_number", object_of("number", number=TEXT)),
    th.Property("auto_created", BOOLEAN),
    th.Property("parent_relationship", object_of(parent=URN, relationshipStatus=TEXT)),
    th.Property("default_locale", object_of(country=TEXT, language=TEXT)),
    th.Property("version_tag", TEXT),
    th.Property("groups", array()),
    th.Property("associated_hashtags", array()),
    th.Property("revenue_records", array()),
    th.Property("parent_careers_used", BOOLEAN),
    th.Property("employee_experience_settings_v2", ANY_OBJECT),
    th.Property("last_modified_by_admin", AUDIT_STAMP),
    *audit_columns(),
)
"""The columns of an organization."""

ACL = {
    "role": ("key.role", "role"),
    "role_assignee": ("key.roleAssignee", "roleAssignee"),
    **AUDIT,
}
"""The field paths of `acl`."""
