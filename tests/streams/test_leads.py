"""Lead forms and the answers to them: each type of lead by itself, and nothing that a member wrote in a log."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox
from tests.conftest import NOW
from tests.support.logs import warnings
from tests.support.plain import DAY_MS, NOW_MS
from tests.support.runs import Run, cut, make_tap, run

STREAM = "lead_gen_form_responses"
RESOURCE = "dmaLeadGenFormResponse"
TYPES = ["COMPANY", "EVENT", "ORGANIZATION_PRODUCT", "SPONSORED"]


class Leads:
    """The leads of one company, as a test gives them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.organization = sandbox.world.truth.organizations[0].urn

    def of(self, lead_type: str, days: dict[str, float], **fields: Any) -> None:
        """Have LinkedIn list these leads of a type from now on, each submitted so many days ago."""
        elements = [{"id": name, "submittedAt": NOW_MS - int(ago * DAY_MS), **fields} for name, ago in days.items()]
        self.sandbox.answer(RESOURCE, 200, body={"elements": elements}, when=f"leadType:{lead_type})", times=None)

    def refuse(self, status: int, when: str, naming: str = "") -> None:
        """Have LinkedIn refuse these requests, and name what is wrong with them."""
        message = f"Invalid value for parameter {naming}" if naming else "No"
        self.sandbox.answer(RESOURCE, status, body={"status": status, "message": message}, when=when, times=None)

    def read(self, state: dict[str, Any] | None = None, **config: Any) -> Run:
        """One run in which LinkedIn lists nothing but that; what was asked before is forgotten."""
        self.sandbox.answer(RESOURCE, 200, body={"elements": []}, times=None)
        self.sandbox.clear()
        return run(self.sandbox, state, {STREAM}, **{"organizations": [self.organization], **config})

    def asked(self, lead_type: str = "") -> list[dict[str, str]]:
        """The parameters of the requests, or of those for a type, in order."""
        queries = [request.asked for request in self.sandbox.requests_to(RESOURCE)]
        asked = [dict(part.split("=", 1) for part in unquote(query).split("&")) for query in queries]
        return [params for params in asked if lead_type in params.get("leadType", "")]

    def periods(self) -> set[str]:
        """The ranges of time that were asked for."""
        return {params["submittedAtTimeRange"] for params in self.asked()}

    def state(self, result: Run) -> dict[str, Any]:
        return result.state_of(STREAM, self.organization)


@pytest.fixture
def leads(sandbox: Sandbox) -> Leads:
    """The sandbox's company."""
    return Leads(sandbox)


def period(start_days: float, end_days: float = 0) -> str:
    """The range from and up to so many days ago, as it is sent."""
    return f"(start:{NOW_MS - int(start_days * DAY_MS)},end:{NOW_MS - int(end_days * DAY_MS)})"


def ago(days: float) -> str:
    """A moment so many days ago, as the state keeps it."""
    moment = NOW.fromtimestamp(NOW.timestamp() - days * DAY_MS / 1000, NOW.tzinfo)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+00:00"


# What is asked for


@pytest.mark.parametrize(("start_date", "days"), [(None, 365), ("2026-02-27T09:30:00Z", 3), ("2020-01-01", 365)])
def test_each_type_is_asked_for_once_over_the_year_that_linkedin_keeps(
    leads: Leads, start_date: str | None, days: int
) -> None:
    """Up to the moment at which the run began; a later start date shortens it."""
    config: dict[str, Any] = {"start_date": start_date} if start_date else {}
    leads.read(**config)
    assert [params["leadType"] for params in leads.asked()] == [f"(leadType:{name})" for name in TYPES]
    assert leads.periods() == {period(days)}


def test_a_later_run_overlaps_by_two_days_with_the_newest_of_each_type(leads: Leads) -> None:
    """Each type has a bookmark of its own; a type without leads is asked for over the whole year."""
    leads.of("COMPANY", {"a": 200, "b": 10})
    leads.of("EVENT", {"c": 30})
    first = leads.read()
    assert leads.state(first)["lead_types"] == {"COMPANY": ago(10), "EVENT": ago(30)}
    assert leads.state(first)["replication_key"] == "submitted_at"
    assert leads.state(first)["replication_key_value"] == ago(10)
    second = leads.read(first.state)
    ranges = [leads.asked(name)[0]["submittedAtTimeRange"] for name in TYPES]
    assert ranges == [period(12), period(32), period(365), period(365)]
    assert leads.state(second) == leads.state(first)


def test_the_bookmark_of_a_type_never_goes_back(leads: Leads) -> None:
    """As where the newest lead was deleted since, while another type moves on."""
    leads.of("COMPANY", {"a": 5})
    state = leads.read().state
    leads.sandbox.clear_answers()
    leads.of("COMPANY", {"b": 6})
    leads.of("EVENT", {"c": 1})
    assert leads.state(leads.read(state))["lead_types"] == {"COMPANY": ago(5), "EVENT": ago(1)}


def test_full_table_asks_for_the_whole_year_again(leads: Leads) -> None:
    """Where the catalog says so."""
    leads.of("COMPANY", {"a": 10})
    state = leads.read().state
    leads.sandbox.clear()
    tap, writer = make_tap(leads.sandbox, state, {STREAM}, organizations=[leads.organization])
    tap.streams[STREAM].forced_replication_method = "FULL_TABLE"
    tap.sync_all()
    assert leads.periods() == {period(365)}
    assert Run(writer.messages).values(STREAM, "id") == ["a"]


def test_a_listing_goes_on_at_the_next_hundred(leads: Leads) -> None:
    """And the range stays the same."""
    start = {f"first {number}": 5.0 for number in range(100)}
    leads.sandbox.answer(RESOURCE, 200, body={"elements": [{"id": name} for name in start]}, when="leadType:COMPANY)")
    leads.of("COMPANY", {"last": 4})
    assert leads.read().values(STREAM, "id") == [*start, "last"]
    assert [(params["start"], params["count"]) for params in leads.asked("COMPANY")] == [("0", "100"), ("100", "100")]
    assert leads.periods() == {period(365)}


# What is refused


@pytest.mark.parametrize(("status", "naming"), [(400, "leadType"), (400, ""), (403, ""), (404, "")])
def test_a_refused_type_is_left_out_and_the_others_go_on(
    leads: Leads, caplog: pytest.LogCaptureFixture, status: int, naming: str
) -> None:
    """With a warning; it has no bookmark, so that a run to which it is shown reads all of the year."""
    leads.of("COMPANY", {"a": 10})
    leads.refuse(status, "leadType:EVENT)", naming)
    leads.of("SPONSORED", {"d": 20})
    first = leads.read()
    assert first.values(STREAM, "id") == ["a", "d"]
    (told,) = warnings(caplog, STREAM)
    assert told.startswith(f"{STREAM}: skipped the lead type EVENT of organization {leads.organization[20:]}. ")
    assert leads.state(first)["lead_types"] == {"COMPANY": ago(10), "SPONSORED": ago(20)}
    leads.sandbox.clear_answers()
    leads.read(first.state)
    assert leads.asked("EVENT")[0]["submittedAtTimeRange"] == period(365)


def test_a_type_refused_for_now_keeps_its_bookmark(leads: Leads) -> None:
    """Others move on."""
    leads.of("COMPANY", {"a": 10})
    leads.of("EVENT", {"b": 10})
    state = leads.read().state
    leads.sandbox.clear_answers()
    leads.of("COMPANY", {"c": 1})
    leads.refuse(403, "leadType:EVENT)")
    assert leads.state(leads.read(state))["lead_types"] == {"COMPANY": ago(1), "EVENT": ago(10)}


def test_a_type_refused_on_its_second_page_keeps_its_bookmark(leads: Leads) -> None:
    """What was read leaves, and is read again."""
    elements = [{"id": str(number), "submittedAt": NOW_MS - DAY_MS} for number in range(100)]
    leads.sandbox.answer(RESOURCE, 200, body={"elements": elements}, when="leadType:COMPANY)")
    leads.refuse(400, "leadType:COMPANY)")
    result = leads.read()
    assert len(result.records[STREAM]) == 100
    assert "lead_types" not in leads.state(result)


def test_a_run_that_is_cut_keeps_the_bookmarks_of_the_types_before(leads: Leads) -> None:
    """They have left."""
    leads.of("COMPANY", {"a": 10})
    leads.sandbox.answer(RESOURCE, 500, when="leadType:EVENT)", times=None)
    ended = cut(leads.sandbox, None, {STREAM}, match=RESOURCE, organizations=[leads.organization])
    assert leads.state(ended)["lead_types"] == {"COMPANY": ago(10)}


# What is guessed


def test_a_form_that_linkedin_names_is_sent_otherwise_for_all_types(leads: Leads) -> None:
    """The second form of the type is the bare word."""
    leads.refuse(400, "leadType=(", "leadType")
    leads.read()
    assert [params["leadType"] for params in leads.asked()] == ["(leadType:COMPANY)", *TYPES]


def test_a_type_that_cannot_be_asked_for_costs_one_listing_and_doubles_nothing(leads: Leads) -> None:
    """Where it is left out, LinkedIn answers for all types at once; the rows say which one as far as LinkedIn does."""
    leads.refuse(400, "leadType=", "leadType")
    elements = [
        {"id": "a", "leadType": "EVENT", "submittedAt": NOW_MS - 10 * DAY_MS},
        {"id": "b", "submittedAt": NOW_MS - 9 * DAY_MS},
    ]
    leads.sandbox.answer(RESOURCE, 200, body={"elements": elements}, times=None)
    first = leads.read()
    assert [(row["id"], row["lead_type"]) for row in first.records[STREAM]] == [("a", "EVENT"), ("b", None)]
    assert [params.get("leadType") for params in leads.asked()] == ["(leadType:COMPANY)", "COMPANY", None]
    assert leads.state(first)["lead_types"] == {"ALL": ago(9)}
    leads.read(first.state)
    assert leads.asked()[-1]["submittedAtTimeRange"] == period(11)


def test_a_first_type_that_is_not_known_does_not_spoil_the_forms_for_the_others(leads: Leads) -> None:
    """Each of the forms was refused for it, so the next type begins with the first form."""
    left_out = f"{leads.organization[20:]})&limitedToTestLeads"
    for form in ("leadType:COMPANY)", "leadType=COMPANY", left_out):
        leads.refuse(400, form, "leadType")
    leads.of("EVENT", {"b": 10})
    result = leads.read()
    assert result.values(STREAM, "id") == ["b"]
    forms = ["(leadType:COMPANY)", "COMPANY", None, *(f"(leadType:{name})" for name in TYPES[1:])]
    assert [params.get("leadType") for params in leads.asked()] == forms


def test_a_range_that_linkedin_does_not_take_is_compared_on_our_side(leads: Leads) -> None:
    """Leads older than the overlap, which have left before, do not leave again; those before the start never do."""
    leads.refuse(400, "submittedAtTimeRange=", "submittedAtTimeRange")
    leads.of("COMPANY", {"a": 200, "b": 11, "c": 10})
    first = leads.read()
    assert first.values(STREAM, "id") == ["a", "b", "c"]
    assert leads.read(first.state).values(STREAM, "id") == ["b", "c"]
    assert leads.read(start_date="2026-02-20").values(STREAM, "id") == ["c"]


@pytest.mark.parametrize("option", [None, "COMPANY", {"leadType": "COMPANY"}])
def test_what_the_settings_make_the_same_is_asked_once(leads: Leads, option: object) -> None:
    """Or each lead would leave four times."""
    leads.sandbox.answer(RESOURCE, 200, body={"elements": [{"id": "a"}]}, times=None)
    result = leads.read(stream_options={STREAM: {"leadType": option}})
    assert (len(leads.asked()), result.values(STREAM, "id")) == (1, ["a"])
    assert result.values(STREAM, "lead_type") == ["COMPANY" if option else None]


# What leaves


def test_a_row_has_the_type_that_linkedin_says_else_the_one_asked_for(leads: Leads) -> None:
    """Both agree, as far as is known."""
    leads.of("COMPANY", {"a": 10}, leadType="SOMETHING_NEW")
    leads.of("EVENT", {"b": 10})
    rows = leads.read().records[STREAM]
    assert [(row["lead_type"], row["unmapped"]) for row in rows] == [("SOMETHING_NEW", None), ("EVENT", None)]


def test_nothing_that_a_member_wrote_is_logged(
    leads: Leads, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not at the lowest level, not of an answer that does not fit its column, not of a refusal, nor in the state."""
    caplog.set_level(logging.DEBUG)
    secret, member = "ilse@example.org", "urn:li:person:ilse"
    answer = {"questionId": "one", "answerDetails": {"textQuestionAnswer": {"answer": secret}}}
    leads.of("COMPANY", {"a": 10}, submitter=member, formResponse={"answers": [answer]})
    leads.refuse(400, "leadType:EVENT)", f"{secret} {member}")
    leads.refuse(403, "leadType:SPONSORED)", f"{secret} {member}")
    result = leads.read()
    (row,) = result.records[STREAM]
    assert row["unmapped"] == {"formResponse": {"answers": [answer]}}
    printed = "".join(capfd.readouterr())
    for place in (caplog.text, printed, json.dumps(result.state)):
        assert secret not in place
        assert member not in place


OWNERS: list[tuple[object, str | None]] = [
    ("urn:li:organization:42", "urn:li:organization:42"),
    ({"organization": "urn:li:organization:42"}, "urn:li:organization:42"),
    ({"sponsoredAccount": "urn:li:sponsoredAccount:7"}, "urn:li:sponsoredAccount:7"),
]
KEPT_OWNERS: list[tuple[object, str | None]] = [
    ({"organization": "urn:li:organization:42", "future": 1}, "urn:li:organization:42"),
    ({"future": {"deep": 1}}, None),
    ({}, None),
]


@pytest.mark.parametrize(
    ("stream", "resource"), [("lead_gen_forms", "dmaLeadGenForm"), ("lead_gen_form_responses", RESOURCE)]
)
def test_an_owner_is_one_urn_however_it_comes(leads: Leads, stream: str, resource: str) -> None:
    """What the URN does not say stays whole in `unmapped`."""
    elements = [{"id": number, "owner": owner} for number, (owner, _) in enumerate([*OWNERS, *KEPT_OWNERS])]
    leads.sandbox.answer(resource, 200, body={"elements": elements})
    leads.sandbox.answer(resource, 200, body={"elements": []}, times=None)
    result = run(leads.sandbox, select={stream}, organizations=[leads.organization])
    assert result.values(stream, "owner") == [urn for _, urn in [*OWNERS, *KEPT_OWNERS]]
    assert result.values(stream, "unmapped") == [None] * 3 + [{"owner": owner} for owner, _ in KEPT_OWNERS]


# Figures


def test_figures_say_which_period_was_asked_for(sandbox: Sandbox) -> None:
    """Also where LinkedIn takes it in another form; it is part of the key, or two periods would be one row."""
    for _ in range(2):
        body = {"status": 400, "message": "Invalid value for parameter timeIntervals"}
        sandbox.answer("dmaLeadAnalytics", 400, body=body)
    sandbox.answer("dmaLeadAnalytics", 200, body={"elements": [{"id": 7}]}, when="timeRange=(start")
    options: dict[str, Any] = {"organizations": [sandbox.world.truth.organizations[0].urn], "start_date": "2026-03-01"}
    (row,) = run(sandbox, select={"lead_analytics"}, **options).records["lead_analytics"]
    start, end = "2026-03-01T00:00:00.000+00:00", "2026-03-02T00:00:00.000+00:00"
    assert (row["time_range_start"], row["time_range_end"], row["row_key"]) == (start, end, f"{start}|{end}|7")


# What forms and answers say of each other

FORM = "urn:li:leadGenForm:7"


def test_an_answer_names_its_form_and_version(leads: Leads) -> None:
    """Which LinkedIn gives in one URN."""
    urns = [f"urn:li:versionedLeadGenForm:({FORM},3)", f"urn:li:versionedLeadGenForm:({FORM})", FORM, None]
    elements = [{"id": str(number), "versionedLeadGenFormUrn": urn} for number, urn in enumerate(urns)]
    leads.sandbox.answer(RESOURCE, 200, body={"elements": elements})
    rows = leads.read().records[STREAM]
    assert [row["versioned_lead_gen_form_urn"] for row in rows] == urns
    found = [(row["lead_gen_form"], row["lead_gen_form_version"]) for row in rows]
    assert found == [(FORM, 3), (None, None), (None, None), (None, None)]


FORMS, VERSIONS = "lead_gen_forms", "lead_gen_form_versions"


def forms(leads: Leads, state: dict[str, Any] | None, *elements: dict[str, Any], select: str = "") -> Run:
    """A run that finds these forms, of one stream or both."""
    leads.sandbox.clear_answers()
    leads.sandbox.answer("dmaLeadGenForm", 200, body={"elements": list(elements)}, times=None)
    return run(leads.sandbox, state, {select} if select else {FORMS, VERSIONS}, organizations=[leads.organization])


def test_every_version_of_a_form_is_kept(leads: Leads) -> None:
    """LinkedIn lists the newest alone, and answers may have been given to an earlier wording."""
    first = forms(leads, None, {"id": 7, "versionId": 1, "name": "Old", "lastModified": NOW_MS - DAY_MS})
    second = forms(leads, first.state, {"id": 7, "versionId": 2, "name": "New", "lastModified": NOW_MS})
    for result, name in ((first, "Old"), (second, "New")):
        (form,), (version,) = result.records[FORMS], result.records[VERSIONS]
        assert {column: form[column] for column in version} == version
        assert (form["urn"], version["urn"], version["name"]) == (FORM, FORM, name)
    assert first.schemas[VERSIONS][0]["key_properties"] == ["id", "version_id"]


def test_a_form_without_a_version_is_a_form_still(leads: Leads) -> None:
    """And one without a number has no URN that an answer could name."""
    result = forms(leads, None, {"id": 7}, {"name": "Nameless"})
    assert result.values(FORMS, "urn") == [FORM, None]
    assert result.records[VERSIONS] == []


def test_versions_alone_may_be_selected(leads: Leads) -> None:
    """The forms are listed for them."""
    result = forms(leads, None, {"id": 7, "versionId": 1}, select=VERSIONS)
    assert result.values(VERSIONS, "version_id") == [1]
    assert FORMS not in result.records
