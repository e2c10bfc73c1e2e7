"""Forms through which members leave an organization their details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .draw import mix, serial
from .media import localized
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World

FORMS = 55


def form_urn(organization: Organization, seed: int, place: int) -> str:
    """The URN of a form, by its place."""
    return f"urn:li:leadGenForm:{serial(seed, organization.number, place, 14)}"


def lead_forms(organization: Organization, world: World) -> list[dict[str, Any]]:
    """Forms, in no order of time."""
    return [lead_form(organization, world, place) for place in places(organization, FORMS)]


def lead_form(organization: Organization, world: World, place: int) -> dict[str, Any]:
    """One; some lack the time of their change, and the owner is a record on some, a bare URN on others."""
    urn = form_urn(organization, world.seed, place)
    created = world.founded_ms + mix(world.seed, place) % (300 * DAY_MS)
    found: dict[str, Any] = {
        "id": int(urn.rpartition(":")[2]),
        "versionId": place % 4 + 1,
        "name": f"Pump survey {place}",
        "owner": owner(organization, place),
        "state": ("PUBLISHED", "DRAFT", "ARCHIVED")[place % 3],
        "created": created,
        "creationLocale": {"country": "US", "language": "en"},
        "hiddenFields": [{"name": "source", "value": f"page-{place}"}],
        "reviewInfo": {"lastUpdated": created, "reviewStatus": "APPROVED", "rejectionReasons": [], "futureNested": 0},
        "content": content(place),
    }
    if place % 6 != 5:
        found["lastModified"] = created + place * DAY_MS
    return {**found, "$URN": urn} if place % 4 == 0 else found


def owner(organization: Organization, place: int) -> dict[str, str] | str:
    """Whose a form is: a record, of a few with an ad account, or a bare URN."""
    if place % 3 == 1:
        return organization.urn
    account = {"sponsoredAccount": f"urn:li:sponsoredAccount:{50_000 + place}"} if place % 9 == 8 else {}
    return {"organization": organization.urn, **account}


def content(place: int) -> dict[str, Any]:
    """What a form shows: questions, legal text, and thanks."""
    target = {"landingPageUrl": f"https://murmel-pumps.example/thanks/{place}", "futureNested": "WEB"}
    return {
        "headline": localized(f"How quiet is your pump? {place}"),
        "description": localized("Three questions"),
        "questions": [question(1, "EMAIL"), question(2, "LAST_NAME"), choice(3)],
        "legalInfo": {
            "legalInfoId": 9_000 + place,
            "privacyPolicyUrl": "https://murmel-pumps.example/privacy",
            "legalDisclaimer": localized("We keep it quiet."),
            "consents": [{"consentId": 1, "checkRequired": False, "consent": localized("Write to me")}],
        },
        "postSubmissionInfo": {
            "message": localized("Thank you"),
            "callToAction": {"callToActionLabel": "LEARN_MORE", "callToActionTarget": target},
        },
    }


def question(number: int, field: str) -> dict[str, Any]:
    """A question that is answered in words."""
    return {
        "questionId": number,
        "name": f"question {number}",
        "question": localized(field.title()),
        "predefinedField": field,
        "responseEditable": True,
        "responseRequired": number == 1,
        "questionDetails": {"textQuestionDetails": {"maxResponseLength": 300, "futureNested": number}},
    }


def choice(number: int) -> dict[str, Any]:
    """A question that is answered by choosing."""
    options = [{"id": place, "text": localized(text)} for place, text in enumerate(("Loud", "Quiet", "Silent"))]
    return {
        "questionId": number,
        "name": f"question {number}",
        "question": localized("How is it?"),
        "responseRequired": False,
        "questionDetails": {"multipleChoiceQuestionDetails": {"options": options}},
    }
