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
from tap_linkedin_dma.rows.shared_columns import shared_description

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

MEMBER_VISIBILITY = th.Property("member_visibility", TEXT)

LOCALIZED = object_of(
    "value",
    localized=mapping(TEXT),
    preferredLocale=object_of(language=TEXT, country=TEXT),
)
"""Text by locale, `{"localized": {"en_US": …}, "preferredLocale": {…}}`; plain text becomes its `value`."""


def localized(name: str, shape: Shape = LOCALIZED, description: str | None = None) -> tuple[th.Property[Any], ...]:
    """The columns of a text by locale: all that LinkedIn sends, and the text alone, for queries."""
    return th.Property(name, shape, description=description), th.Property(f"localized_{name}", TEXT)


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
        properties: the columns; one without a description has the shared one of its name.
        others: the shape of `unmapped`, a member's data if the rows are about one person.
    """
    return derived_columns(*properties, th.Property("unmapped", others))


def derived_columns(*properties: th.Property[Any]) -> dict[str, Any]:
    """The schema of a stream whose rows are not LinkedIn's, so that there are no other fields."""
    schema = th.PropertiesList(*properties).to_dict()
    for name, column in schema["properties"].items():
        if shared := shared_description(name):
            column.setdefault("description", shared)
    return schema


def key(name: str, shape: Shape = TEXT, description: str | None = None) -> th.Property[Any]:
    """A column of the primary key: never null."""
    kind, _ = shape.type_dict["type"]
    return th.Property(name, th.CustomType({**shape.type_dict, "type": [kind]}), required=True, description=description)


def organization_schema(*more: th.Property[Any], others: Shape = OTHERS_UNKNOWN) -> dict[str, Any]:
    """The schema of an organization's rows without a key of LinkedIn's; complete if no columns are documented."""
    return columns(key("organization", URN), key("row_key"), *more, others=others)


def page_schema(*more: th.Property[Any], others: Shape = OTHERS_UNKNOWN) -> dict[str, Any]:
    """The schema of a page's rows without a key of LinkedIn's; complete if no columns are documented."""
    keys = (
        key(
            "organizational_page",
            URN,
            description="URN of the organization's page, by which follows and analytics are requested.",
        ),
        key("row_key"),
    )
    return columns(*keys, th.Property("organization", URN), *more, others=others)


RETAIN_UNTIL = th.Property("retain_until", DATE)


def period() -> tuple[th.Property[Any], ...]:
    """The period for which metrics were requested."""
    return (
        th.Property("time_range_start", TIMESTAMP, description="Start of the requested period, in UTC."),
        th.Property("time_range_end", TIMESTAMP, description="End of the requested period, in UTC; not part of it."),
    )


def acl() -> tuple[th.Property[Any], ...]:
    """The columns of a role on an organization, except the organization and the role."""
    return (
        th.Property(
            "role_assignee",
            PERSON,
            description="URN of the person who holds the role; NULL if LinkedIn does not show the person.",
        ),
        th.Property("state", TEXT, description="State of the role, such as APPROVED."),
        th.Property(
            "organization_target",
            URN,
            description="URN of the organization, under LinkedIn's other name for it; NULL if LinkedIn does not send "
            "it.",
        ),
        th.Property(
            "key",
            object_of(organization=URN, role=TEXT, roleAssignee=PERSON),
            description="Key of the role as LinkedIn sends it: organization, role and person.",
        ),
        *audit_columns(),
    )


def audit_columns() -> tuple[th.Property[Any], ...]:
    """The audit stamps, and their most used fields as columns of their own."""
    return (
        th.Property("created", AUDIT_STAMP),
        th.Property("last_modified", AUDIT_STAMP),
        th.Property("created_at", TIMESTAMP),
        th.Property("last_modified_at", TIMESTAMP),
        th.Property(
            "actor",
            PERSON,
            description="URN of the person or page that created it: `created.actor`; NULL if LinkedIn does not show "
            "the person.",
        ),
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
    th.Property(
        "organizational_page",
        URN,
        description="URN of the organization's page, by which follows and analytics are requested.",
    ),
    *localized(
        "name",
        description="Name by locale: `localized` has a text for each locale, `preferredLocale` says which one to "
        "prefer.",
    ),
    *localized("description", description="Description by locale, in the same form as `name`."),
    *localized("tagline", description="Tagline by locale, in the same form as `name`."),
    *localized("website", description="Address of the website by locale, in the same form as `name`."),
    th.Property("vanity_name", TEXT),
    th.Property("alternative_names", array(), description="Other names of the organization."),
    th.Property("specialties", array(), description="Specialties by locale."),
    th.Property("localized_specialties", array(TEXT), description="Specialties as a list of plain texts."),
    th.Property(
        "organization_type", TEXT, description="Legal form, such as PUBLIC_COMPANY, PRIVATELY_HELD or NON_PROFIT."
    ),
    th.Property("primary_organization_type", TEXT, description="Kind of organization: NONE, SCHOOL or BRAND."),
    th.Property("staff_count_range", TEXT, description="Size of the staff, such as SIZE_51_TO_200."),
    th.Property(
        "industries_v2", array(of_standardized(URN)), description="URNs of industries, in LinkedIn's newer form."
    ),
    th.Property("industries", array(of_standardized(URN)), description="URNs of industries, in LinkedIn's older form."),
    th.Property("logo_v2", COVER, description="Logo: links to the image, whole and cropped, which expire."),
    th.Property(
        "cover_photo_v2", COVER, description="Cover photo: links to the image, whole and cropped, which expire."
    ),
    th.Property("locations", of_place(array(_LOCATION), is_unsure=True), description="Offices, each with an address."),
    th.Property(
        "founded_on",
        object_of(year=INTEGER, month=INTEGER, day=INTEGER),
        description="Date of foundation: year, and month and day if LinkedIn has them.",
    ),
    th.Property("entity_status", TEXT, description="Status of the organization, such as ACTIVE."),
    th.Property(
        "call_to_action",
        object_of(redirectUrl=TEXT, ctaType=TEXT),
        description="Button on the page: its type and the address it leads to.",
    ),
    th.Property("primary_phone_number", object_of("number", number=TEXT), description="Phone number."),
    th.Property("auto_created", BOOLEAN, description="True if the organization was created automatically."),
    th.Property(
        "parent_relationship",
        object_of(parent=URN, relationshipStatus=TEXT),
        description="Parent organization, as a URN in `parent`, and the status of the relation.",
    ),
    th.Property("default_locale", object_of(country=TEXT, language=TEXT), description="Default language and country."),
    th.Property("version_tag", TEXT, description="LinkedIn's tag for this version of the entity."),
    th.Property("groups", array(), description="Groups that belong to the organization."),
    th.Property("associated_hashtags", array(), description="Hashtags of the organization."),
    th.Property("revenue_records", array(), description="Records of revenue; LinkedIn does not document their form."),
    th.Property(
        "parent_careers_used", BOOLEAN, description="True if the career page of the parent organization is used."
    ),
    th.Property(
        "employee_experience_settings_v2",
        ANY_OBJECT,
        description="Settings for employees; LinkedIn has not sent them since version 202502.",
    ),
    th.Property(
        "last_modified_by_admin",
        AUDIT_STAMP,
        description="Time of the last change by an admin, and the URN of the admin if LinkedIn shows it.",
    ),
    *audit_columns(),
)
"""The columns of an organization."""

ACL = {
    "role": ("key.role", "role"),
    "role_assignee": ("key.roleAssignee", "roleAssignee"),
    **AUDIT,
}
"""The field paths of `acl`."""
