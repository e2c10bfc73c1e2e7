"""What the member behind the member token may take along: the consent, a snapshot by domain, and a log of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from .draw import mix, serial
from .members import person

DAY_MS = 86_400_000
LOG_DAYS = 40
KEPT_DAYS = 28
EVENT_MS = DAY_MS // 3
AT_ONCE = 4

UNREAD = "Unable_to_process_this_field."
UNREAD_FIELD = {"message": "Unable to process this field."}
UNREAD_EVENT = {"message": "Unable to process this event."}

Row = Mapping[str, str]


@dataclass(frozen=True)
class Domain:
    """A part of the snapshot: the name it is asked for by, the name it is sent with, and its rows in pages."""

    name: str
    rows: Sequence[Row]
    sent: str = ""
    page_rows: int = 4

    @property
    def pages(self) -> list[dict[str, Any]]:
        """The elements, one a page."""
        starts = range(0, len(self.rows), self.page_rows)
        return [
            {
                "snapshotDomain": self.sent or self.name,
                "snapshotData": [dict(row) for row in self.rows[start : start + self.page_rows]],
                "futureField": "unannounced",
            }
            for start in starts
        ]


@dataclass
class Member:
    """One member's data.

    A test may have the member not agree, no longer; the snapshot's last page come again and again; or the log ignore
    `start`.
    """

    seed: int
    born_ms: int
    agrees: bool = True
    repeats: bool = False
    ignores_start: bool = False

    @property
    def urn(self) -> str:
        return person(self.seed, 0)

    @property
    def authorizations(self) -> list[dict[str, Any]]:
        """The consent, or nothing."""
        key = {"developerApplication": "urn:li:developerApplication:2170044", "member": self.urn, "futureNested": 1}
        consent = {
            "regulatedAt": self.born_ms - (LOG_DAYS + 1) * DAY_MS,
            "memberComplianceAuthorizationKey": key,
            "memberComplianceScopes": ["DMA"],
        }
        return [consent] if self.agrees else []

    @property
    def domains(self) -> Sequence[Domain]:
        """The filled domains: two under names that LinkedIn has since changed, one that no list has."""
        return (
            Domain("PROFILE", (PROFILE,)),
            Domain("CONNECTIONS", connections(10)),
            Domain("SKILLS", [{"Name": name} for name in ("Pump design", "Wasserbau", "Écluses")], sent="Skills"),
            Domain("INBOX", [message(place) for place in range(6)]),
            Domain("login", [{"Login Date": f"May {day}, 2026", "IP Address": ""} for day in (1, 1, 2)], sent="LOGIN"),
            Domain("EVENTS", [{"Event Name": "Open lab", "Event Time": "", "Status": "ATTENDING"}]),
            Domain("VOLUNTEERING", [{"Company Name": "Canal Keepers", "Role": "", "Started On": "Mar 2019"}]),
            Domain("FIELD_NOTES", [{"Titel": "Grüße, ﬂach", "Datum": "02.03.26"}, {"Titel": "", "Datum": ""}]),
        )

    def snapshot(self, domain: str | None) -> list[Any]:
        """The `elements` of each page, of one domain or of all; pages without rows stand between."""
        if not self.agrees:
            return []
        if domain is not None:
            return [[page] for found in self.domains if found.name == domain for page in found.pages]
        pages: list[Any] = [[page] for found in self.domains for page in found.pages]
        empty = {"snapshotDomain": "COURSES", "snapshotData": []}
        return [*pages[:2], {}, *pages[2:5], [], [empty], *pages[5:]]

    def changes(self, start_time: int, now_ms: int) -> list[dict[str, Any]]:
        """What was processed since, oldest first, as far as it is kept."""
        since = max(start_time, now_ms - KEPT_DAYS * DAY_MS)
        found: list[dict[str, Any]] = []
        place = 0
        while self.agrees and self.processed_ms(place) <= now_ms:
            if self.processed_ms(place) >= since:
                found.append(self.change(place))
            place += 1
        return found

    def captured_ms(self, place: int) -> int:
        return self.born_ms - LOG_DAYS * DAY_MS + place * EVENT_MS

    def processed_ms(self, place: int) -> int:
        """Several are processed at once, so that the end of a page cuts them apart."""
        return self.captured_ms(place - place % AT_ONCE + AT_ONCE - 1) + 90_000

    def change(self, place: int) -> dict[str, Any]:
        """One event: of fifteen one has failed and is replayed, and of ten one could not be read in part."""
        resource, method, *action = ACTS[place % len(ACTS)]
        replays = place % 15 == 9
        found: dict[str, Any] = {
            "id": serial(self.seed, 11, place),
            "activityId": self.activity_id(place - 2 if replays else place),
            "activityStatus": "SUCCESSFUL_REPLAY" if replays else "FAILURE" if place % 15 == 7 else "SUCCESS",
            "capturedAt": self.captured_ms(place),
            "processedAt": self.processed_ms(place),
            "configVersion": 4 + place % 2,
            "owner": self.urn,
            "actor": person(self.seed, 900 + place) if place % 4 == 3 else self.urn,
            "resourceName": resource,
            "resourceUri": f"/{resource}/{place}",
            "method": method,
            **({"methodName": action[0]} if action else {}),
            "activity": {} if method == "DELETE" else self.activity(place),
        }
        if place % 3:
            found["resourceId"] = "" if place % 3 == 1 else f"(urn:li:activity:{place},{place})"
        if place % 6 == 2:
            found["siblingActivities"] = [self.activity(place + many) for many in range(1, 3)]
            found["parentSiblingActivities"] = []
        return found | unread(place)

    def activity_id(self, place: int) -> str:
        number = mix(self.seed, 12, place)
        return str(number) if place % 5 == 0 else str(UUID(int=number << 64 | mix(number)))

    def activity(self, place: int) -> dict[str, Any]:
        """What was done, in names and times of its own; a reference that was followed stands beside itself."""
        author = person(self.seed, place)
        return {
            "author": author,
            "author~": {"localizedFirstName": "Robin", "futureNested": {"level": 2}},
            "createdAt": self.captured_ms(place),
            "lastModified": {"time": self.captured_ms(place) + 5, "actor": author},
            "content": {"format": "TEXT", "fallback": "Thank you, more next week.", "score": 0.5},
            "attachments": [None, {"downloadUrl": "https://media.example/dms/note"}] if place % 7 == 0 else [],
        }


PROFILE = {
    "First Name": "Robin",
    "Last Name": "Example",
    "Maiden Name": "",
    "Address": "",
    "Birth Date": "Jan 1",
    "Headline": "Keeper of pages",
    "Summary": "  Pumps, quietly. ",
    "Industry": "Machinery",
    "Zip Code": "0123",
    "Geo Location": "Utrecht",
    "Twitter Handles": "",
    "Websites": "[OTHER:https://quiet.example]",
    "Instant Messengers": "",
}

ACTS = (
    ("messages", "CREATE"),
    ("ugcPosts", "CREATE"),
    ("socialActions/comments", "CREATE"),
    ("socialActions/likes", "DELETE"),
    ("invitations", "ACTION", "verifyAndCreate"),
    ("people", "PARTIAL_UPDATE"),
    ("recs", "BATCH_CREATE"),
    ("fieldNotes", "UPSERT"),
)
"""What members do, by resource, method and action; the last is on no list."""


def connections(many: int) -> list[Row]:
    """Connections; of every four one shows nothing of itself, so that several rows are equal."""
    names = ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On")
    hidden = dict.fromkeys(names, "")
    return [
        hidden
        if place % 4 == 3
        else {
            **hidden,
            "First Name": "Kim",
            "Last Name": f"Example {place}",
            "Connected On": f"{place + 1:02} May 2026",
        }
        for place in range(many)
    ]


def message(place: int) -> Row:
    return {
        "CONVERSATION ID": f"2-{place // 2}",
        "FROM": "Kim Example",
        "TO": "Robin Example",
        "DATE": f"2026-05-{place + 1:02} 08:00:00 UTC",
        "CONTENT": "Is there a version for 60 Hz?",
        "FOLDER": "INBOX",
    }


def unread(place: int) -> dict[str, Any]:
    """What LinkedIn sends in place of what it could not read: a text, a message, or a message beside a reference."""
    forms: Mapping[int, dict[str, Any]] = {
        1: {"activity": UNREAD},
        3: {"processedActivity": UNREAD_EVENT},
        5: {"activity": {"author": "urn:li:person:gone", "author!": UNREAD_FIELD, "createdAt": UNREAD}},
        6: {"siblingActivities": UNREAD},
        8: {"configVersion": UNREAD, "siblingActivities": [UNREAD, {"createdAt": place}]},
    }
    return forms.get(place % 30, {})
