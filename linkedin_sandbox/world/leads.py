"""What members answered through lead forms, and figures on it; the names of the figures' fields are invented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from .arrivals import arrival, growing
from .draw import mix, serial
from .events import event_urn
from .lead_forms import form_urn
from .members import named, various
from .organizations import DAY_MS, Organization, places

if TYPE_CHECKING:
    from . import World

KEPT_DAYS = 365
LEADS = {"COMPANY": (130, 3), "EVENT": (12, 1), "ORGANIZATION_PRODUCT": (7, 1)}
"""How many leads of each type the company began with, and any other organization."""
SPAN_DAYS = 400
FORMS_USED = 2
BUSY_EVERY = 20


def leads(organization: Organization, world: World, kind: str) -> list[dict[str, Any]]:
    """Leads of a type, in no order of time and no older than LinkedIn keeps them; of COMPANY one comes a day."""
    many = LEADS[kind]
    rows = growing(organization, world, *many) if kind == "COMPANY" else places(organization, *many)
    found = (lead(organization, world, kind, place) for place in rows)
    return [row for row in found if row["submittedAt"] >= world.now_ms - KEPT_DAYS * DAY_MS]


def lead(organization: Organization, world: World, kind: str, place: int) -> dict[str, Any]:
    """One; its owner is a record on most, a bare URN on others, its submitter left out without consent."""
    seed, number = world.seed, organization.number
    key = (seed, number, len(kind), place)
    drawn = world.born_ms - mix(*key) % (SPAN_DAYS * DAY_MS)
    came = arrival(organization, world, place, *LEADS[kind]) if kind == "COMPANY" else None
    found: dict[str, Any] = {
        "id": str(UUID(int=mix(*key, 1) << 64 | mix(*key, 2), version=4)),
        "owner": organization.urn if place % 5 == 4 else {"organization": organization.urn, "futureNested": place},
        "leadType": kind,
        "versionedLeadGenFormUrn": versioned_form(organization, seed, place),
        "submittedAt": came or drawn,
        "testLead": place % 20 == 7,
        "formResponse": {"answers": answers(place), "consentResponses": [{"consentId": 1, "accepted": place % 2 == 0}]},
        **about(organization, seed, kind, place),
    }
    if (submitter := named(seed, various(seed, place % 30))) is not None:
        found["submitter"] = submitter
    return found


def versioned_form(organization: Organization, seed: int, place: int) -> str:
    """The form that a lead came through, in the version it had then."""
    return f"urn:li:versionedLeadGenForm:({form_urn(organization, seed, place % FORMS_USED)},{place % 3 + 1})"


def about(organization: Organization, seed: int, kind: str, place: int) -> dict[str, Any]:
    """What a lead has to do with: an event, or, on some, a campaign."""
    if kind == "EVENT":
        return {"associatedEntity": {"event": event_urn(organization, seed, place % 2), "futureNested": place}}
    if kind == "COMPANY" and place % 6 == 2:
        creative = {"associatedCreative": f"urn:li:sponsoredCreative:{7_000 + place}"}
        campaign = {"campaign": f"urn:li:sponsoredCampaign:{6_000 + place}", "futureNested": "WEB"}
        return {"associatedEntity": creative, "leadMetadata": {"sponsoredLeadMetadata": campaign}}
    return {}


def answers(place: int) -> list[dict[str, Any]]:
    """What the member wrote and chose."""
    return [
        {"questionId": 1, "answerDetails": {"textQuestionAnswer": {"answer": f"river{place}@example.org"}}},
        {"questionId": 2, "answerDetails": {"textQuestionAnswer": {"answer": 'Ünal, "quiet" pumps'}}},
        {"questionId": 3, "answerDetails": {"multipleChoiceAnswer": {"options": [1, place % 3], "futureNested": 0}}},
    ]


def lead_figures(organization: Organization, world: World, start: int, end: int) -> list[dict[str, Any]]:
    """Figures in count unions, of the days that have some; of every three one has a key."""
    first = max(start, world.founded_ms)
    found: list[dict[str, Any]] = []
    for day in range(first, min(end, world.today_ms), DAY_MS):
        if (day // DAY_MS + organization.number) % BUSY_EVERY:
            continue
        chance = mix(world.seed, organization.number, day)
        row: dict[str, Any] = {
            "timeRange": {"start": day, "end": day + DAY_MS},
            "formOpens": {"long": chance % 500 + 9},
            "leads": {"value": {"long": chance % 9}, "futureNested": "ORGANIC"},
            "completionRate": {"bigDecimal": f"{chance % 9 / (chance % 500 + 9):.4f}"},
        }
        if day // DAY_MS % 3 == 0:
            row["leadAnalyticsUrn"] = f"urn:li:leadAnalytics:{serial(world.seed, organization.number, day)}"
        found.append(row)
    return found
