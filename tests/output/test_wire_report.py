"""The wire report: what LinkedIn's requests and answers look like, and nothing of what they say."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from generate import evidence
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.api.errors import DmaError, IncompleteRun
from tap_linkedin_dma.output.wire_report import document, recorder, shapes
from tap_linkedin_dma.output.wire_report.document import Report
from tap_linkedin_dma.output.wire_report.recorder import WireRecorder
from tap_linkedin_dma.output.wire_report.words import ENUMS, Vocabulary
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.expected import WORDS, expected_streams
from tests.conftest import NOW
from tests.support.replay import Exchange, Keeping, report_of, samples
from tests.support.runs import Run, make_tap, run

EVERY = {stream.name for stream in STREAMS}
MOST_BYTES = 200_000
SINCE = "2025-12-01"
"""Three months of analytics have all the forms that years have."""


def read(sandbox: Sandbox, path: Path, select: set[str] = EVERY) -> Run:
    """A run that writes a wire report."""
    token = sandbox.member_token
    return run(sandbox, select=select, member_access_token=token, start_date=SINCE, wire_report=str(path))


def played(path: Path, as_reported: Path | None = None, select: set[str] = EVERY, **world: Any) -> None:
    """Write the wire report of a run against a world."""
    with Sandbox(World(posts=12, followers=60, now=NOW, **world), as_reported=as_reported) as sandbox:
        read(sandbox, path, select)


Difference = tuple[str, str, str, str]
"""The stream, finder or method, kind and place."""


def differences(report: Report | Path) -> set[Difference]:
    """Of each difference the stream, finder or method, kind and place."""
    report = document.read(report) if isinstance(report, Path) else report
    return {
        (entry.stream, entry.finder or entry.method, kind, place)
        for entry, kind, place in report.differences
        # Several streams need the counts of posts, and it is chance which of them requests them.
        if entry.resource != "dmaSocialMetadata"
    }


@dataclass
class Usual:
    """A run against the sandbox as it is.

    Args:
        path: of its report.
        exchanges: a few of its requests and answers, of each kind.
        replayed: what a report of these alone differs in.
    """

    path: Path
    exchanges: list[Exchange]
    replayed: set[Difference]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Usual:
    """All streams are read."""
    path = tmp_path_factory.mktemp("usual") / "wire.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tap_linkedin_dma.tap.WireRecorder", Keeping)
        patch.setattr(Keeping, "exchanges", [], raising=False)
        played(path)
        few = samples(Keeping.exchanges)
        return Usual(path, few, differences(report_of(few)))


def test_a_report_of_all_streams_is_small(usual: Usual) -> None:
    """It is to be pasted, and read by people."""
    assert usual.path.stat().st_size < MOST_BYTES
    assert document.markdown_path(usual.path).stat().st_size < MOST_BYTES
    entries = document.read(usual.path).entries
    # The counts of a post and of a comment are requested by the first of the streams that need them.
    counts = {"social_metadata", "comment_social_metadata"}
    without_requests = {
        "engagement_listings",
        "lead_gen_form_versions",
        "post_availability",
        "series_subscriber_counts",
    }
    assert {entry.stream for entry in entries} - counts == EVERY - counts - without_requests
    assert "dmaSocialMetadata" in {entry.resource for entry in entries}


def test_a_report_says_what_the_answer_looks_like(usual: Usual) -> None:
    """Each field with its types and presence, and each parameter with the types of its values."""
    entries = {(entry.stream, entry.method): entry for entry in document.read(usual.path).entries}
    posts = entries["posts", "BATCH_GET"]
    assert all(shape.startswith("List(urn:share") for shape in posts.parameters["ids"])
    assert posts.fields["results{}.id"].presence == "always"
    assert "urn:share" in posts.fields["results{}.id"].types
    assert set(posts.fields["results{}.lifecycleState"].words) <= {"PUBLISHED", "DRAFT", "PUBLISH_REQUESTED"}
    assert posts.answers["200"] in ("1", "2-9")
    assert entries["posts", "FINDER"].paging == ["cursor"]


def test_the_sandbox_answers_as_reported(usual: Usual, tmp_path: Path) -> None:
    """A run against it gives the same rows, and the same report again."""
    again = tmp_path / "again.json"
    played(again, usual.path)
    assert differences(again) == differences(usual.path)


Body = dict[str, Any]
Change = Callable[[Any], Any]


def each(change: Callable[[Body], object]) -> Change:
    """A change of each entity in an answer, in place."""

    def changed(body: Body) -> Body:
        body = json.loads(json.dumps(body))
        listed = body["elements"] if "elements" in body else body["results"].values() if "results" in body else [body]
        for entity in listed:
            change(entity)
        return body

    return changed


def field(name: str, change: Change) -> Change:
    """A change of one field of each entity that has it; of a dotted name within objects, and lists of them."""
    name, _, inner = name.partition(".")

    def changed(entity: Body) -> None:
        if name in entity and inner:
            for one in entity[name] if isinstance(entity[name], list) else [entity[name]]:
                field(inner, change)(one)
        elif name in entity:
            entity[name] = change(entity[name])

    return changed


def renamed(name: str, other: str) -> Callable[[Body], object]:
    """A field of each entity has another name."""
    return lambda entity: entity.update({other: entity.pop(name)}) if name in entity else None


def always(body: Any) -> Change:
    """This answer, whatever was requested."""
    return lambda _: body


def beside(**more: Any) -> Change:
    """An answer with these fields, too."""
    return lambda body: {**body, **more}


NO = {"message": "No"}
ERROR = {**NO, "status": 403, "code": "ACCESS_DENIED", "serviceErrorCode": 100}
PAGE = {"start": 0, "count": 10, "links": []}
ODDITIES: Mapping[str, tuple[str, str, int, Change, set[tuple[str, str]]]] = {
    "two at once": (
        *("posts reshares", "dmaPosts BATCH_GET", 200),
        each(lambda post: (renamed("publishedAt", "publishedOn")(post), field("lifecycleState", str.lower)(post))),
        {("new field", "results{}.publishedOn"), ("new value of an enum", "results{}.lifecycleState")},
    ),
    "a field in a list in an object has another name": (
        *("child_organizations", "dmaOrganizations parentOrganization", 200),
        each(lambda one: [renamed("city", "cityName")(place["address"]) for place in one.get("locations", ())]),
        {("new field", "elements[].locations[].address.cityName")},
    ),
    "a word that another enumeration has": (
        *("reactions comment_reactions", "dmaReactions BATCH_GET", 200),
        each(field("reactionType", lambda _: "PUBLISHED")),
        {("new value of an enum", "results{}.reactionType")},
    ),
    "a new role": (
        *("organization_acls", "dmaOrganizationAcls organization", 200),
        each(lambda acl: acl.update(role="OWNER") if "role" in acl else acl["key"].update(role="OWNER")),
        {("new value of an enum", "elements[].key.role"), ("new value of an enum", "elements[].role")},
    ),
    "a new kind of URN": (
        *("live_videos", "dmaLiveVideos BATCH_GET", 200),
        each(field("announcementImage.media", lambda _: "urn:li:picture:7")),
        {("URN of a new kind", "results{}.announcementImage.media")},
    ),
    "a number as a text": (
        *("content_series", "dmaContentSeries owner", 200),
        each(field("subscriberCount", str)),
        {("other type", "elements[].subscriberCount: decimal text")},
    ),
    "a text as a number": (
        *("people", "dmaPeople BATCH_GET", 200),
        each(field("id", lambda _: 7)),
        {("other type", "results{}.id: int")},
    ),
    "a time as a text": (
        *("lead_gen_forms", "dmaLeadGenForm owner", 200),
        each(field("created", lambda _: "2026-01-31T00:00:00Z")),
        {("other type", "elements[].created: date")},
    ),
    "a list for an object": (
        *("events", "dmaEvents organizer", 200),
        each(field("address", lambda address: [address])),
        {("other type", "elements[].address: array")},
    ),
    "an object for a list": (
        *("industries", "dmaIndustries GET_ALL", 200),
        each(field("childrenIndustries", lambda children: {"first": children})),
        {("other type", "elements[].childrenIndustries: object")},
    ),
    "a list for a text": (
        *("member_snapshots", "memberSnapshotData criteria", 200),
        each(field("snapshotDomain", lambda domain: [domain])),
        set(),
    ),
    "a person's name as a field": (
        *("page_profiles", "dmaOrganizationalPageProfiles pageEntity", 200),
        each(lambda page: page["created"].update({"Anna Schmidt": {"count": 3}})),
        {("a field whose name is withheld", "elements[].created.*")},
    ),
    "a person's name in a new field": (
        *("functions", "dmaFunctions GET_ALL", 200),
        each(lambda function: function.update(people={"Anna Schmidt": {"count": 3}})),
        {("new field", "elements[].people")},
    ),
    "a key that is missing": (
        *("lead_gen_forms", "dmaLeadGenForm owner", 200),
        each(lambda form: form.pop("id")),
        {("gone", "id")},
    ),
    "gone": ("media_gallery", "dmaAdminContentMediaGallery organization", 404, always(NO), {("refused", "404")}),
    "denied": (
        *("products", "dmaOrganizationProducts organization", 403),
        always(ERROR),
        {("refused", "403 ACCESS_DENIED")},
    ),
    "denied with a new code": (
        *("workplace_policies", "dmaOrganizationWorkplacePolicies organization", 403),
        always({**ERROR, "code": "MEMBER_RESTRICTED"}),
        {("refused", "403 another code")},
    ),
    "failed": (
        *("organization_commitments", "dmaOrganizationCommitment organization", 500),
        always(NO),
        {("refused", "500")},
    ),
    "no content": (
        *("verification_agents", "dmaVerificationAgents organizationalPage", 204),
        always(b""),
        {("refused", "204")},
    ),
    "an error with 200": (
        *("services_page_engagements", "dmaOrganizationServicesPageEngagements organization", 200),
        always(ERROR),
        {("refused", "200 with error 403 ACCESS_DENIED")},
    ),
    "an error with 200 for a single object": (
        *("me", "dmaMe GET", 200),
        always({"status": 404, "message": "No"}),
        {("refused", "200 with error 404")},
    ),
    "an empty body": (
        *("services_page_providers", "dmaOrganizationServicesPageProviders organization", 200),
        always(b""),
        {("other type", "the body: no JSON")},
    ),
    "a list for a page": (
        *("featured_content_groups", "dmaPagesFeaturedContentGroups page", 200),
        lambda body: [body],
        {("other type", "the body: array")},
    ),
    "a number for a page": (
        *("degrees", "dmaDegrees GET_ALL", 200),
        always(7),
        {("other type", "the body: no object")},
    ),
    "a page without its list": (
        *("original_articles", "dmaOriginalArticles author", 200),
        lambda body: {"values": body["elements"], "paging": PAGE},
        {("other type", "the body: no elements"), ("new field", "values")},
    ),
    "a page with an object for its list": (
        *("notifications", "dmaOrganizationalPageNotifications organizationalPage", 200),
        lambda body: {**body, "elements": dict(enumerate(body["elements"]))},
        {("other type", "the body: elements of another type")},
    ),
    "null for an entity": (
        *("titles", "dmaTitles GET_ALL", 200),
        lambda body: {**body, "elements": [*body["elements"], None]},
        {("other type", "elements[]: null")},
    ),
    "lists for entities": (
        *("organization_lookup", "dmaOrganizationLookup BATCH_GET", 200),
        lambda body: {**body, "results": {key: [one] for key, one in body["results"].items()}},
        {("other type", "results{}: array")},
    ),
    "a list for results": (
        *("geos", "dmaGeo BATCH_GET", 200),
        lambda body: {**body, "results": list(body["results"].values())},
        {("other type", "the body: results of another type")},
    ),
    "a list for statuses": (
        *("benefits", "dmaBenefits BATCH_GET", 200),
        beside(statuses=[200, 404]),
        {("other type", "statuses: array")},
    ),
    "a cursor of another name": (
        *("message_threads", "dmaPageMessagingThreads pageMailboxOwner", 200),
        beside(metadata={"nextCursor": "7"}),
        {("new field", "metadata.nextCursor")},
    ),
    "a cursor in another place": (
        *("messages", "dmaPageMessagingMessages thread", 200),
        beside(metadata={}, paging={**PAGE, "nextPageToken": "7"}),
        {("new field", "paging.nextPageToken")},
    ),
    "no cursor": (
        *("followers", "dmaOrganizationalPageFollows followee", 200),
        beside(metadata={}, paging={**PAGE, "total": 5000}),
        {("other paging", "total alone")},
    ),
    "an unexpected cursor": (
        *("super_titles", "dmaSuperTitles GET_ALL", 200),
        beside(metadata={"nextPaginationCursor": "7"}),
        {("other paging", "cursor")},
    ),
}


def made_odd(exchange: Exchange, names: Iterable[str]) -> Exchange:
    """An exchange with the oddities of its kind of request."""
    for _, request, status, change, _ in map(ODDITIES.__getitem__, names):
        if exchange.request == request:
            exchange = replace(exchange, status=status, body=change(exchange.body))
    return exchange


def expected_of(name: str) -> set[Difference]:
    """The differences that an oddity makes."""
    streams, request, _, _, found = ODDITIES[name]
    return {(stream, request.split()[1], *difference) for stream in streams.split() for difference in found}


@pytest.mark.parametrize("name", ODDITIES)
def test_a_report_names_an_oddity_and_no_other(usual: Usual, name: str) -> None:
    """LinkedIn may differ from what this release expects in any way; the rest of the report stays as it was."""
    before = usual.replayed
    found = differences(report_of(made_odd(exchange, [name]) for exchange in usual.exchanges))
    assert found - before == expected_of(name)
    about = {one[:2] for one in expected_of(name)}
    assert {one for one in before - found if one[:2] not in about} == set()


def test_the_sandbox_answers_in_the_odd_forms_of_a_report(usual: Usual, tmp_path: Path) -> None:
    """A run against it names them again, all at once, and the evidence does."""
    profile, report = tmp_path / "odd.json", tmp_path / "found.json"
    document.write(report_of(made_odd(exchange, ODDITIES) for exchange in usual.exchanges), profile)
    with pytest.raises(IncompleteRun):
        played(report, profile)
    expected = {difference for name in ODDITIES for difference in expected_of(name)}
    assert differences(report) - differences(usual.path) == expected
    rows = evidence.by_stream(evidence.add({}, [profile, report]))
    assert [one for one in expected if f"{one[2]}: {one[3]} (2)".replace("|", "\\|") not in rows] == []


SERIES = {"content_series", "series_subscribers"}


def test_the_fallback_that_worked_is_named(usual: Usual, tmp_path: Path) -> None:
    """And a sandbox that answers as reported takes the same form."""
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    played(first, select=SERIES, guesses={"dmaSeriesSubscribers.contentSeries": 3})
    assert differences(first) - differences(usual.path) == {
        ("series_subscribers", "contentSeries", "fallback 3 worked", "contentSeries")
    }
    played(again, first, SERIES)
    assert differences(again) == differences(first)


PLANT = "qzjx"
"""In no name of a field, and in no word."""

PLANTED = re.compile(f"{PLANT}|44072199|2931-04|17440721", re.IGNORECASE)
WORLDS = 60


class Planter:
    """Puts planted values in place of all that LinkedIn says, wherever there may be any.

    Args:
        seed: another one, another world.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def _often(self, share: float) -> bool:
        return self._chance.random() < share

    def exchange(self, exchange: Exchange) -> Exchange:
        """The same request about other things, and what LinkedIn may answer to it."""
        query = re.sub(r"\d{5,}|--\w+", lambda _: self._chance.choice((PLANT, "4407219935")), exchange.query)
        path = re.sub(r"\d{5,}|DEFAULT", "4407219935", exchange.path)
        if self._often(0.1):
            path, query = f"{path}/urn%3Ali%3Aperson%3A{PLANT}", f"{query}&{PLANT}=({PLANT}:List({PLANT},44072199.35))"
        if self._often(0.1):
            return replace(exchange, path=path, query=query, status=self._status(), body=self._error())
        return replace(exchange, path=path, query=query, body=self._body(exchange.body))

    def _status(self) -> int:
        return self._chance.choice((200, 400, 403, 404, 410, 422, 500))

    def _error(self) -> Any:
        detail = {"input": {"inputPath": {"fieldPath": self.text()}}, "code": self.text(), "description": self.text()}
        body = {"status": 4407219935, "code": self.text(), "message": self.text(), "serviceErrorCode": 4407219935}
        more = {"errorDetails": {"inputErrors": [detail]}, "errorDetailType": f"com.{PLANT}.Error", self.text(): 7}
        return self._chance.choice((body, {**body, **more}, {**body, "status": 403}, [body], PLANT, 4407219935))

    def _body(self, body: Any) -> Any:
        if not isinstance(body, dict):
            return self.value()
        told = self.like({name: inner for name, inner in body.items() if name not in LISTED}, may_change=False)
        if isinstance(listed := body.get("elements"), list):
            told["elements"] = [self.like(self._chance.choice(listed))] if listed else []
        for name in ("results", "statuses", "errors"):
            if listed := body.get(name):
                told[name] = {self.text(): self.like(self._chance.choice([*listed.values()])), self.text(): None}
        return told

    def like(self, value: Any, *, may_change: bool = True) -> Any:
        """A planted value of the same form, or now and then of another."""
        if may_change and self._often(0.02):
            return self.value()
        if isinstance(value, dict):
            found = {self.text() if self._often(0.03) else name: self.like(inner) for name, inner in value.items()}
            return {**found, self.text(): self.value()} if self._often(0.1) else found
        if isinstance(value, list):
            return [self.like(inner) for inner in value]
        if isinstance(value, str):
            return self.text(value)
        return self.number() if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    def value(self, depth: int = 0) -> Any:
        """Any value."""
        kind = self._chance.randrange(6 if depth < 4 else 3)
        if kind == 3:
            return [self.value(depth + 1) for _ in range(self._chance.randrange(3))]
        if kind > 3:
            names = (self.text() if self._often(0.5) else self._chance.choice(FIELD_NAMES) for _ in range(2))
            return {name: self.value(depth + 1) for name in names}
        return (self.text, self.number, lambda: None)[kind]()

    def grown(self, value: Any) -> Any:
        """The same value, with planted words in its texts and a planted field in its objects."""
        if isinstance(value, dict):
            return {**{name: self.grown(inner) for name, inner in value.items()}, self.text(): self.text()}
        if isinstance(value, list):
            return [self.grown(inner) for inner in value]
        return f"{value} {self.text()}" if isinstance(value, str) and " " in value else value

    def text(self, like: str = "") -> str:
        """A planted text; of the same kind as another, if that is a URN or a word."""
        if like.startswith("urn:li:") and self._often(0.8):
            return f"{like.rpartition(':')[0]}:{PLANT}"
        if like.isupper() and self._often(0.8):
            return f"{PLANT.upper()}_{like}"
        return self._chance.choice(TEXTS)

    def number(self) -> float:
        """A planted number: a count, a share, a time."""
        return self._chance.choice((4407219935, 440721.9935, 44072199, 1744072199350))


TEXTS = (
    *(PLANT, PLANT.title(), f"{PLANT.title()} \u00dcber", f"\u5c71{PLANT}", f"{PLANT}Name", f"post{PLANT.title()}"),
    *(PLANT.upper(), f"urn:li:person:{PLANT}", f"urn:li:{PLANT}:7", f"URN:LI:{PLANT}:7"),
    *(f"urn:li:comment:(urn:li:{PLANT}:7,4407219935)", f"https://{PLANT}.example/{PLANT}?a=4407219935"),
    *(f"{PLANT}@example.com", f"<b>{PLANT}</b> | `{PLANT}`", f"$URN{PLANT}", "4407219935", "44072199.35"),
    *("2931-04-07", "2931-04-07T21:09:35Z", f"{PLANT} 2931-04-07", f"a.{PLANT}", f"{{{PLANT}}}[]"),
)
LISTED = ("elements", "results", "statuses", "errors")
FIELD_NAMES = sorted({name for one in expected_streams().values() for name in one.entity.names()})


def planted_world(exchanges: list[Exchange], seed: int) -> str:
    """The report of a world that a seed makes of every fourth of a run's answers, as JSON and for people."""
    planter = Planter(seed)
    report = report_of(map(planter.exchange, exchanges[seed % 4 :: 4]))
    # It can be read again, so that its texts are only those that a report may have.
    assert document.decoded(document.encoded(report)) == report
    return document.encoded(report).decode() + document.markdown(report)


def test_nothing_that_linkedin_says_is_in_a_report(usual: Usual) -> None:
    """Neither values nor keys of maps, ids of URNs, unknown fields, messages, codes, parameters nor paths."""
    found = {seed: PLANTED.findall(planted_world(usual.exchanges, seed)) for seed in range(WORLDS)}
    assert {seed: values for seed, values in found.items() if values} == {}


class Everything(frozenset[str]):
    def __contains__(self, _: object) -> bool:
        return True


LEAKS: Mapping[str, tuple[object, str, Any]] = {
    "names": (Vocabulary, "printable", lambda _, name: name),
    "kinds of URNs": (shapes, "URN_TYPES", Everything("-")),
    "codes": (recorder, "CODES", Everything("-")),
    "words": (shapes, "ENUMS", dict.fromkeys(ENUMS, Everything("-"))),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_what_a_report_would_let_through_is_found(usual: Usual, leak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the test above would pass for want of anything to find."""
    monkeypatch.setattr(*LEAKS[leak])
    monkeypatch.setattr(document, "decoded", lambda _: Anything())
    assert any(PLANTED.search(planted_world(usual.exchanges, seed)) for seed in range(8))


class Anything:
    """Equal to all."""

    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = object.__hash__


class Planted(Sandbox):
    """A sandbox whose entities are planted."""

    planter = Planter(7)

    def _found(self, *args: Any) -> dict[str, Any]:
        found = super()._found(*args)
        grown = self.planter.grown
        if "elements" in found:
            return {**found, "elements": grown(found["elements"])}
        if "results" in found:
            return {**found, "results": {key: grown(entity) for key, entity in found["results"].items()}}
        return found


def test_nothing_planted_in_a_whole_world_is_in_a_report(tmp_path: Path) -> None:
    """Nor are the URNs, names and texts of the sandbox's own world, of a run from its first request to its file."""
    path = tmp_path / "wire.json"
    with Planted(World(posts=8, followers=12, now=NOW)) as sandbox:
        told = {text for record in read(sandbox, path).records.values() for row in record for text in texts_of(row)}
    written = path.read_text() + document.markdown_path(path).read_text()
    assert not PLANTED.search(written)
    assert PLANTED.search("".join(told))
    known = WORDS.union(*ENUMS.values())
    assert not {text for text in told - known if len(text) > 24 and text in written}


def texts_of(value: Any) -> Iterator[str]:
    """All texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def test_reports_are_merged(usual: Usual) -> None:
    """A field that one of two reports lacks comes sometimes."""
    report, other = document.read(usual.path), document.read(usual.path)
    key = next(entry.key for entry in report.entries if (entry.stream, entry.method) == ("posts", "BATCH_GET"))
    {entry.key: entry for entry in other.entries}[key].fields.pop("results{}.id")
    merged = {entry.key: entry for entry in document.merged([report, other]).entries}
    assert merged[key].fields["results{}.id"].presence == "sometimes"
    assert document.merged([report, report]) == Report(report.tap_version, report.entries)


def test_a_run_that_fails_writes_its_report(tmp_path: Path) -> None:
    """Whatever ends it: what LinkedIn answered before, and the refusal."""
    path = tmp_path / "wire.json"
    with Sandbox(World(posts=4, followers=2, now=NOW)) as sandbox:
        sandbox.answer("dmaOrganizations", 401, body={"code": "REVOKED_ACCESS_TOKEN", "message": PLANT}, times=None)
        tap, _ = make_tap(sandbox, select={"posts"}, wire_report=str(path))
        with pytest.raises(DmaError):
            tap.sync_all()
    answers = {entry.resource: entry.answers for entry in document.read(path).entries}
    assert answers["dmaOrganizations"].keys() == {"401 REVOKED_ACCESS_TOKEN"}


def test_a_run_does_not_fail_for_a_report_that_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Sandbox(World(posts=2, followers=2, now=NOW)) as sandbox:
        tap, _ = make_tap(sandbox, select={"posts"}, wire_report=str(tmp_path / "none" / "wire.json"))
        tap.sync_all()
    assert "wire.json cannot be written (No such file or directory). Choose another path." in caplog.text


def test_a_report_costs_a_run_nearly_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands of answers only samples are looked at whole: visits grow much more slowly than entities."""
    visits, record = [0], recorder.Exchange._visit

    def counted(exchange: recorder.Exchange, entity: object) -> None:
        visits[0] += 1
        record(exchange, entity)

    monkeypatch.setattr(recorder.Exchange, "_visit", counted)
    with Sandbox(World(posts=2, followers=8000, now=NOW), keep_answers=True) as sandbox:
        tap, writer = make_tap(sandbox, select={"followers"}, wire_report=str(tmp_path / "wire.json"))
        tap.sync_all()
    assert len(Run(writer.messages).records["followers"]) > 7000
    assert visits[0] < 250


def test_a_rare_field_shows() -> None:
    """One of thousands of elements has a field that the others lack."""
    recording = WireRecorder(expected_streams(), WORDS)
    request = requests.Request("GET", "http://localhost/rest/dmaPosts", params={"ids": "List(1)"}).prepare()
    for batch in range(40):
        results = {f"{batch}-{at}": {"id": "urn:li:share:1"} for at in range(50)}
        if batch == 33:
            results["33-7"]["publishedOn"] = "2026-01-01"
        body = {"results": results}
        recording.record("posts", "dmaPosts", request, 200, body, is_answer=True)
    (entry,) = recording.entries({})
    assert entry.fields["results{}.publishedOn"].presence == "sometimes"
    assert ("new field", "results{}.publishedOn") in entry.differences
