"""The organizations and their pages as LinkedIn describes them; times in ms."""

from __future__ import annotations

from typing import Any

from .draw import mix
from .media import download, localized
from .members import stamp, willing
from .organizations import COMPANY, DAY_MS, PARTNER_PAGE, SHOWCASE, Organization


def organization_entity(organization: Organization, seed: int, founded: int, asked: int) -> dict[str, Any]:
    """The organization as dmaOrganizations gives it; `asked` is the time its download links count from."""
    found: dict[str, Any] = {
        "id": organization.number,
        "$URN": organization.urn,
        **texts(organization),
        **facts(organization, seed),
        **audit(organization, seed, founded),
        "logoV2": picture(f"logo/{organization.number}", asked),
        "coverPhotoV2": picture(f"cover/{organization.number}", asked),
    }
    if organization.page_known:
        found["organizationalPage"] = organization.page_urn
    if organization is SHOWCASE:
        found["parentRelationship"] = {"parent": COMPANY.urn, "relationshipStatus": "ACTIVE"}
    return found


def child_organization(
    parent: Organization, child: Organization, seed: int, founded: int, asked: int
) -> dict[str, Any]:
    """A child as the parentOrganization finder gives it: as dmaOrganizations would, with its parent named."""
    return {
        **organization_entity(child, seed, founded, asked),
        "parentRelationship": {"parent": parent.urn, "relationshipStatus": "ACTIVE", "futureNested": 0},
        "employeeExperienceSettingsV2": {
            "myCompanyVisibility": "VISIBLE",
            "recommendationsEnabled": bool(child.number % 2),
        },
    }


def texts(organization: Organization) -> dict[str, Any]:
    """Name, description, tagline and website, each by locale and in the locale asked for."""
    found: dict[str, Any] = {}
    for name, text in (
        ("name", organization.name),
        ("description", f"{organization.name} makes pumps that nobody hears."),
        ("tagline", "Listen closely"),
        ("website", f"https://{organization.vanity}.example"),
    ):
        found[name] = localized(text)
        found[f"localized{name.capitalize()}"] = text
    return found


def facts(organization: Organization, seed: int) -> dict[str, Any]:
    """What the page's admins filled in."""
    return {
        "vanityName": organization.vanity,
        "alternativeNames": [],
        "specialties": [{"locale": {"country": "US", "language": "en"}, "tags": ["pumps", "silence"]}],
        "localizedSpecialties": ["pumps", "silence"],
        "organizationType": organization.kind,
        "primaryOrganizationType": "BRAND" if organization is SHOWCASE else "NONE",
        "staffCountRange": "SIZE_11_TO_50",
        "industriesV2": ["urn:li:industry:135"],
        "industries": ["urn:li:industry:135"],
        "locations": locations(),
        "foundedOn": {"year": 2012} if organization is SHOWCASE else {"year": 2009, "month": 4, "day": 1},
        "entityStatus": "ACTIVE",
        "callToAction": {"redirectUrl": f"https://{organization.vanity}.example/try", "ctaType": "VISIT_WEBSITE"},
        "primaryPhoneNumber": {"number": "+1 555 0100"},
        "autoCreated": False,
        "defaultLocale": {"country": "US", "language": "en"},
        "versionTag": str(mix(seed, organization.number) % 10**10),
        "groups": [],
    }


def audit(organization: Organization, seed: int, founded: int) -> dict[str, Any]:
    """Who made and changed it: on the company everyone is named, on the showcase page nobody."""
    known = organization is not SHOWCASE
    founder, admin = willing(seed, 1, wants=known), willing(seed, 20, wants=known)
    return {
        "created": stamp(seed, founder, founded, admin),
        "lastModified": stamp(seed, admin, founded + 300 * DAY_MS, founder),
        "lastModifiedByAdmin": stamp(seed, admin, founded + 200 * DAY_MS, founder),
    }


def picture(path: str, asked: int) -> dict[str, Any]:
    """A logo or cover photo: cropped, original, and how it was cut."""
    return {
        "cropped": download(f"{path}/cropped", asked),
        "original": download(f"{path}/original", asked),
        "cropInfo": {"x": 0, "y": 0, "width": 400, "height": 400},
    }


def locations() -> list[dict[str, Any]]:
    """Two places; the address of the second is empty."""
    address = {"line1": "1 Example Street", "city": "Springfield", "postalCode": "00000", "country": "US"}
    return [
        {
            "locationType": "HEADQUARTERS",
            "address": {**address, "geographicArea": "Illinois", "futureNested": 1},
            "staffCountRange": "SIZE_11_TO_50",
            "geoLocation": "urn:li:geo:103644278",
            "description": localized("Workshop"),
        },
        {"locationType": "OTHER", "address": {}},
    ]


def page_profiles(organization: Organization, seed: int, founded: int, asked: int) -> list[dict[str, Any]]:
    """What the pageEntity finder gives: for the showcase page several elements, of which one is its own."""
    own = page_profile(organization, seed, founded, asked)
    if organization is not SHOWCASE:
        return [own]
    other = {
        **own,
        "entityUrn": f"urn:li:organizationalPage:{PARTNER_PAGE}",
        "vanityName": "murmel-open-archive",
        "pageUrl": "https://www.linkedin.com/company/murmel-open-archive",
        "primaryPageEntity": {"organization": f"urn:li:organization:{PARTNER_PAGE + 5}"},
    }
    bare = {"entityUrn": f"urn:li:organizationalPage:{PARTNER_PAGE + 1}", "localizedName": organization.name}
    return [other, own, bare]


def page_profile(organization: Organization, seed: int, founded: int, asked: int) -> dict[str, Any]:
    """A page as dmaOrganizationalPageProfiles gives it; what it is the page of stands in primaryPageEntity."""
    named = texts(organization)
    stamps = audit(organization, seed, founded)
    return {
        "entityUrn": organization.page_urn,
        **{name: named[name] for name in ("name", "localizedName", "description", "localizedDescription")},
        "pageUrl": f"https://www.linkedin.com/company/{organization.vanity}",
        "vanityName": organization.vanity,
        "logo": {"digitalmediaAsset": {"downloadUrl": download(f"logo/{organization.page}", asked)["downloadUrl"]}},
        "coverImage": {"futureNested": {"croppedImage": f"urn:li:digitalmediaAsset:C{organization.page}"}},
        "pageProfileEntity": {"organization": organization.urn},
        "primaryPageEntity": {"organization": organization.urn},
        "created": stamps["created"],
        "lastModified": stamps["lastModified"],
    }
