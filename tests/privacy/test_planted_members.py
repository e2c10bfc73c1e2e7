"""A member and a place in every form that LinkedIn may send, planted into every record, and sought in all that leaves.

Records, which leave in the files of BATCH messages, and the names of these; schemas and states, the log at its
most talkative, and all other files that a run writes.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Mapping
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.privacy.data_classes import MEMBER
from tap_linkedin_dma.privacy.persons import keep_out_value, keyed_hash
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support.batches import batch_config
from tests.support.runs import Run, run

KEY = "an invented key of 32 characters."
ID = "Zq9.planted~x"
URN = f"urn:li:person:{ID}"
GEO = "urn:li:geo:90009735"
NAME = "Zebulonia Tracewright"
ABOUT = {
    "displayName": NAME,
    "firstName": {"localized": {"en_US": "Zebulonia"}, "preferredLocale": {"language": "en", "country": "US"}},
    "headline": "Tracewright at large",
    "email": "zebulonia@trace.example",
    "phone": 4915550199,
    "pictureUrl": "https://media.example/zebulonia.jpg",
    "profile": {"summary": ["Tracewright, retired"], "since": 5},
}
MENTION = {"start": 3, "length": len(NAME), "value": {"memberValue": {"urn": URN}}}
PEOPLE: list[dict[str, Any]] = [
    {"plain": URN},
    {"list": [URN, URN]},
    {"object": {"member": URN, **ABOUT, "status": "ACTIVE", "zebulonia@trace.example": {"count": 3}}},
    {"map": {URN: {**ABOUT}, f"urn:li:member:{ID}": NAME}},
    {"lead": {"person": URN, "at": 5}, "lead~": ABOUT},
    {"wrapped": {"author": {"person": {"urn": URN}}, **ABOUT}},
    {"named": {"ids": [URN], "names": [NAME]}},
    {"richer": {"actor": {"urn": URN, "type": "PERSON", "since": 5}, **ABOUT}},
    {"votes": [{"vote": {"voter": f"{URN} ", "option": 2}, "phoneNumber": 4915550199, "voterName": NAME}]},
    {"pair": [URN, NAME]},
    {"post": {"entity": "urn:li:share:7", "owner": URN, "text": "Words of Tracewright"}},
    {"mention": {"text": f"Hi {NAME}!", "attributes": [MENTION]}},
    {"around": {"attributes": [MENTION], "commentary": {"text": f"Hi {NAME}!"}}},
    {"other": {"body": f"Hi {NAME}!", "annotations": [{"entity": URN, "offset": 3, "end": 3 + len(NAME)}]}},
    {"range": {"text": f"Hi {NAME}!", "mentions": [{"range": {"start": 3, "length": len(NAME)}, "entity": URN}]}},
    {"little": f"Hi @[{NAME}]({URN})!"},
    {"reaction": {"urn": f"urn:li:reaction:({URN},urn:li:activity:7)", "by": NAME}},
    {"json": json.dumps({"member": URN, **ABOUT})},
    {"jsonInJson": "\n" + json.dumps(json.dumps({"member": URN, **ABOUT}))},
    {"encoded": f"https://api.example/x?author={quote(URN, safe='')}&n=1"},
    {"twice": quote(quote(URN, safe=""), safe="")},
    {"small": quote(URN, safe="").replace("%3A", "%3a")},
    {"capitals": URN.replace("urn:li:person", "URN:LI:PERSON")},
    {"ofProfile": f"urn:li:fsd_profile:{ID}=="},
    {"mini": {"miniProfile": f"urn:li:fs_miniProfile:{ID}", "occupation": "TRACEWRIGHT"}},
]
"""Each is planted into an object of its own, so that none is hidden for the sake of another."""

LINKS: list[dict[str, Any]] = [
    {"profile": "https://www.linkedin.com/in/zebulonia-tracewright/recent-activity/"},
    {"inText": "see https://de.linkedin.com/in/Zebulonia-Tracewright?x=1"},
    {"ofPost": "https://www.linkedin.com/posts/zebulonia-tracewright_words-activity-7-AbCd"},
    {"ofAuthor": "https://www.linkedin.com/today/author/zebulonia-tracewright"},
    {"viewed": "https://www.linkedin.com/profile/view?trk=x&id=zebulonia"},
    {"inLink": f"https://x.example/?to={quote('https://www.linkedin.com/in/zebulonia-tracewright', safe='')}"},
]
"""They name the member by another id, so that they are not known to be a forgotten one's."""

OWN: dict[str, Any] = {"zebulonia@trace.example": "text", "code": NAME}
"""Fields that tell of a person without a URN: in rows that are a member's own."""

PLACE = "Zebraville"
PLACES: list[dict[str, Any]] = [
    {"geo": GEO, "geo~": {"name": PLACE}},
    {"place": {"id": GEO, "title": PLACE, "full": PLACE, "description": PLACE, "city": PLACE, "count": 5}},
    {"deeper": {"geo": GEO, "place": {"label": {"value": PLACE}}}},
    {"keyed": {GEO: {"name": PLACE, "count": 3}, "urn:li:geo:2": PLACE}},
    {"listed": [{"key": GEO, "value": {"name": PLACE}}, {GEO: PLACE}]},
    {"regionGeo": {"id": 90009735, "defaultLocalizedName": {"value": PLACE}}},
    {"encoded": {"urn": quote(GEO, safe=""), "text": PLACE}},
    {"json": json.dumps({"geo": GEO, "name": PLACE})},
    {"jsonInJson": "\n" + json.dumps(json.dumps({"geo": GEO, "name": PLACE}))},
    {"geoLocationName": PLACE},
]


def planted(forms: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """A field of its own for each form, which is no mere reference to a person."""
    return {f"{name}{place}": {**form, "count": 3, "more": {"at": 5}} for place, form in enumerate(forms)}


MEMBERS_OWN = {stream.resource.partition("/")[0] for stream in STREAMS if stream.data_class == MEMBER}


class Planted(Sandbox):
    """A LinkedIn of whose every answer the first record has these fields too: those after it are read like it."""

    def respond(self, method: str, path: str, query: str, body: bytes, headers: Message) -> dict[str, Any]:
        found = super().respond(method, path, query, body, headers)
        if not path.startswith("/rest/"):
            return found
        resource = path.split("/")[2]
        own = OWN if resource in MEMBERS_OWN else {}
        if resource in MEMBERS_OWN and resource != "memberSnapshotData":
            own = {**own, NAME: 3}
        more = {**planted(PEOPLE, "plant"), **planted(LINKS, "link"), **planted(PLACES, "spot"), **own}
        if "elements" in found:
            elements = [*found["elements"]]
            first = [{**element, **self._sown(element, more)} for element in elements[:1]]
            return {**found, "elements": [*first, *elements[1:]]}
        if "results" in found:
            first_results = {name: {**one, **more} for name, one in [*found["results"].items()][:1]}
            return {**found, "results": {**found["results"], **first_results}}
        return {**found, **more}

    @staticmethod
    def _sown(element: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields, and those of an element below it: of a batch finder's criterion, of a snapshot's rows."""
        below = {
            name: [{**one, **more} for one in element[name]]
            for name in ("elements", "snapshotData")
            if isinstance(element.get(name), list)
        }
        return {**more, **below}


class Left:
    """What a run left: its messages, its log, and the files that it wrote."""

    def __init__(self, result: Run, log: str, files: bytes) -> None:
        self.result = result
        self.lines = [json.dumps(message, ensure_ascii=False) for message in result.messages]
        self.elsewhere = log + files.decode(errors="replace")

    def found(self, words: str) -> dict[str, set[str]]:
        """What of these words is found, by stream; outside of records by the empty name."""
        pattern = re.compile(words, re.IGNORECASE)
        told: dict[str, set[str]] = {}
        for message, line in zip(self.result.messages, self.lines, strict=True):
            stream = message["stream"] if message["type"] == "RECORD" else ""
            for match in pattern.finditer(line):
                told.setdefault(stream, set()).add(line[max(0, match.start() - 60) : match.end() + 20])
        for match in pattern.finditer(self.elsewhere):
            told.setdefault("", set()).add(self.elsewhere[max(0, match.start() - 60) : match.end() + 20])
        return told


MEMBER_WORDS = r"zebulonia|tracewright|Zq9|4915550199"

WAYS: Mapping[str, Mapping[str, Any]] = {
    "include": {},
    "hash": {"member_data": "hash", "member_hash_key": KEY},
    "omit": {"member_data": "omit"},
    "forget": {"forget_members": [keep_out_value(id_, None) for id_ in (ID, f"{ID}==")]},
}


class Ways(dict[str, Left]):
    """What a run left, by the settings; each is read once, when it is looked at."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        super().__init__()
        self._folders = folders

    def __missing__(self, way: str) -> Left:
        with pytest.MonkeyPatch.context() as patch:
            folder = self._folders.mktemp(way)
            patch.setattr(tempfile, "tempdir", str(folder))
            self[way] = _read(folder, self._folders.mktemp("batches"), WAYS[way])
        return self[way]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Ways:
    """What runs left, by the setting `member_data`, and one that has forgotten the member."""
    return Ways(tmp_path_factory)


def _read(folder: Path, batches: Path, config: Mapping[str, Any]) -> Left:
    told: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: told.append(handler.format(record))  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with Planted(World(posts=3, followers=5, seed=3, now=NOW)) as sandbox:
            result = run(
                sandbox,
                select={stream.name for stream in STREAMS},
                member_access_token=sandbox.member_token,
                sensitive_domains=True,
                start_date="2026-02-25",
                geo_names=True,
                batch_config=batch_config(batches, rows=9),
                stream_options={"series_subscribers": {"page_size": 50}},
                **config,
            )
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    files += "\n".join(str(path) for path in batches.rglob("*.gz")).encode()
    assert b"comments-" in files
    return Left(result, "\n".join(told), files)


def test_what_is_looked_for_is_planted_into_every_stream(left: Ways) -> None:
    """Or the tests below would pass for want of anything to find."""
    found = left["include"].found(MEMBER_WORDS)
    with_rows = {name for name, rows in left["include"].result.records.items() if rows}
    assert len(with_rows) > 80
    derived = {"engagement_listings", "post_availability", "series_subscriber_counts"}
    assert with_rows - found.keys() <= derived
    assert "" not in found, "neither state, schema nor log names a member, whatever the settings"


@pytest.mark.parametrize("way", ["hash", "omit"])
def test_nothing_of_a_hidden_member_leaves(left: Ways, way: str) -> None:
    """In no record, schema, state, log or file, of any stream."""
    assert left[way].found(MEMBER_WORDS) == {}


def test_a_hash_joins_in_every_stream(left: Ways) -> None:
    """It is the same wherever the member is named, and the key shows nowhere."""
    hashed = keyed_hash(ID, KEY)
    assert left["hash"].found(hashed).keys() >= left["include"].found(re.escape(URN)).keys()
    assert left["hash"].found(re.escape(KEY)) == {}


@pytest.mark.parametrize("way", ["include", "hash", "omit"])
def test_no_name_of_a_place_leaves(left: Ways, way: str) -> None:
    """Its URN does; geos has names, by a setting of its own."""
    assert left[way].found(PLACE).keys() == {"geos"}
    assert left["include"].found(GEO).keys() == left["include"].found(MEMBER_WORDS).keys()


def test_a_forgotten_member_is_left_out_whatever_the_settings(left: Ways) -> None:
    """No URN, name or word of the member's stays, except in links; rows of the member's own do not leave, others do."""
    found = left["forget"].found(r"Zq9|Words of Tracewright|Hi Zebulonia")
    assert found == {}
    kept, before = left["forget"].result.records, left["include"].result.records
    fewer = {name for name in before if len(kept[name]) < len(before[name])}
    assert fewer == {"event_role_assignments", "services_page_engagements", "visitor_of_the_day"}
    people = {row["id"] for row in before["people"]} - {ID}
    assert {row["id"] for row in kept["people"]} == people
