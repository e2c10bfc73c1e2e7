"""Things of an organization asked about one by one: the rows of a listing, or the finders of a resource.

And the events, whose rows are such things.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.json_paths import to_snake_case
from tests.support.logs import warnings
from tests.support.runs import Run, run

EVENTS, ROLES = "dmaEvents", "dmaEventRoleAssignments"
THREADS, MESSAGES = "dmaPageMessagingThreads", "dmaPageMessagingMessages"
SERIES, SUBSCRIBERS = "dmaContentSeries", "dmaSeriesSubscribers"
REVISIONS = "dmaOrganizationContentRevisions"


class Company:
    """The sandbox's company, over listings that a test gives."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.urn = sandbox.world.truth.organizations[0].urn

    def lists(self, resource: str, *elements: dict[str, Any], when: str | None = None) -> None:
        """Have LinkedIn list these elements, from now on."""
        self.sandbox.answer(resource, 200, body={"elements": elements}, when=when, times=None)

    def refuses(self, resource: str, status: int = 403, naming: str = "", **options: Any) -> None:
        """Have LinkedIn refuse, and name what is wrong."""
        body = {"status": status, "message": f"Invalid value for parameter {naming}" if naming else "No"}
        self.sandbox.answer(resource, status, body=body, **options)

    def read(self, *select: str, **config: Any) -> Run:
        """One run."""
        return run(self.sandbox, select=set(select), organizations=[self.urn], **config)

    def asked(self, resource: str, parameter: str) -> Sequence[str | None]:
        """The values of a parameter, request by request; None where it was left out."""
        queries = [unquote(request.asked) for request in self.sandbox.requests_to(resource)]
        return [dict(part.split("=", 1) for part in query.split("&")).get(parameter) for query in queries]


@pytest.fixture
def company(sandbox: Sandbox) -> Company:
    """The sandbox's first organization."""
    return Company(sandbox)


def event(number: int) -> str:
    return f"urn:li:event:{number}"


# Rows of a listing


def test_a_row_says_what_it_was_asked_about(company: Company) -> None:
    """The member is no part of the key: whoever agrees to be shown tomorrow has the same row."""
    company.lists(EVENTS, {"id": 7}, {"id": 8})
    company.lists(ROLES, {"id": 1, "role": "SPEAKER"}, {"role": "ATTENDEE"}, {"role": "ATTENDEE"})
    rows = company.read("event_role_assignments").records["event_role_assignments"]
    assert company.asked(ROLES, "event") == [event(7), event(8)]
    assert [row["event"] for row in rows] == [event(7)] * 3 + [event(8)] * 3
    assert {row["organization"] for row in rows} == {company.urn}
    keys = [row["row_key"] for row in rows[:3]]
    assert keys == ["1", keys[1], f"{keys[1][:-1]}1"]
    assert keys[1].endswith("-0")
    assert rows[0]["unmapped"] == {"role": "SPEAKER"}


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refused_row_is_left_out_and_the_others_go_on(
    company: Company, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Each with a warning that does not name it: a thread is a member's as well."""
    numbers = range(1, 8)
    company.lists(EVENTS, *({"id": number} for number in numbers))
    for number in (3, 4, 5, 6):
        company.refuses(ROLES, status, "event", when=f"event%3A{number}")
    company.lists(ROLES, {"id": 1})
    result = company.read("event_role_assignments")
    assert result.values("event_role_assignments", "event") == [event(1), event(2), event(7)]
    assert company.asked(ROLES, "event") == [event(number) for number in numbers]
    told = warnings(caplog, "event_role_assignments:")
    assert len(told) == len(warnings(caplog, "event_role_assignments: skipped one event of organization ")) == 4
    assert not [text for text in told if "urn:" in text]


def test_three_refusals_before_any_answer_are_enough(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of the organization is shown then; the streams beside go on."""
    company.lists(EVENTS, *({"id": number} for number in range(1, 8)))
    company.refuses(ROLES, times=None)
    result = company.read("events", "event_role_assignments")
    assert company.asked(ROLES, "event") == [event(1), event(2), event(3)]
    told = warnings(caplog, "event_role_assignments:")
    assert [": skipped organization " in text for text in told] == [False, False, True]
    assert len(result.records["events"]) == 7


def test_an_organization_that_is_given_up_does_not_end_another(company: Company) -> None:
    """Each has refusals of its own."""
    company.lists(EVENTS, *({"id": number} for number in (1, 2, 3, 4)), when=company.urn.replace(":", "%3A"))
    company.lists(EVENTS, {"id": 5})
    for number in (1, 2, 3):
        company.refuses(ROLES, when=f"event%3A{number}")
    company.lists(ROLES, {"id": 1})
    result = run(company.sandbox, select={"event_role_assignments"})
    assert result.values("event_role_assignments", "event") == [event(5)]


@pytest.mark.parametrize(
    ("names", "parameter", "sent"),
    [
        (["roles"], "roles", "List(ATTENDEE)"),
        (["roles", "roles"], "role", "ATTENDEE"),
        (["role", "roles"], "role", "ATTENDEE"),
    ],
)
def test_a_parameter_that_linkedin_misses_is_added(
    company: Company, names: list[str], parameter: str, sent: str
) -> None:
    """Roles are left out at first."""
    company.lists(EVENTS, {"id": 7})
    for name in names:
        company.refuses(ROLES, 400, name)
    company.lists(ROLES, {"id": 1})
    assert len(company.read("event_role_assignments").records["event_role_assignments"]) == 1
    assert (company.asked(ROLES, "event")[-1], company.asked(ROLES, parameter)[-1]) == (event(7), sent)


def test_after_an_answer_a_refusal_is_not_of_the_form(company: Company) -> None:
    """One odd event would have all others asked about in a form that LinkedIn does not take."""
    company.lists(EVENTS, *({"id": number} for number in (1, 2, 3)))
    company.refuses(ROLES, 400, "event", when="event%3A2")
    company.lists(ROLES, {"id": 1})
    company.read("event_role_assignments")
    assert company.asked(ROLES, "event") == [event(1), event(2), event(3)]


def test_where_no_form_was_taken_the_next_row_begins_with_the_first(company: Company) -> None:
    """The first event may be odd."""
    company.lists(EVENTS, *({"id": number} for number in (1, 2, 3)))
    for when in ("event%3A1", "event=1"):
        company.refuses(ROLES, 400, "event eventUrn", when=when, times=None)
    company.lists(ROLES, {"id": 1})
    result = company.read("event_role_assignments")
    assert result.values("event_role_assignments", "event") == [event(2), event(3)]
    assert company.asked(ROLES, "event") == [event(1), None, "1", event(2), event(3)]


def test_a_refused_live_video_is_left_out_alone(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The warning says so, and the viewers of the others are counted."""
    select = {"posts", "events", "live_videos", "live_viewer_counts"}
    counted = list(dict.fromkeys(run(sandbox, select=select).values("live_viewer_counts", "live_video")))
    sandbox.answer("dmaLiveViewerCountAnalytics", 403, when=counted[0].replace(":", "%3A"), times=None)
    result = run(sandbox, select=select)
    assert list(dict.fromkeys(result.values("live_viewer_counts", "live_video"))) == counted[1:] != []
    (told,) = warnings(caplog, "live_viewer_counts")
    assert told.startswith("live_viewer_counts: skipped a live video. ")


THREAD_URNS = ["urn:li:messagingThread:2-MTYyMw==", "urn:li:messagingThread:2-AbC=="]
NEWSLETTER = "urn:li:contentSeries:7"


@pytest.mark.parametrize(
    ("parent", "resource", "elements", "stream", "child", "parameter", "urns"),
    [
        ("events", EVENTS, [{"vanityName": "launch"}, {"id": 7}], "event_role_assignments", ROLES, "event", [event(7)]),
        (
            *("message_threads", THREADS),
            [{"threadUrn": THREAD_URNS[0], "id": 5}, {"unread": True}, {"id": "2-AbC=="}],
            *("messages", MESSAGES, "thread", THREAD_URNS),
        ),
        (
            *("content_series", SERIES, [{"title": "Untitled"}, {"contentSeriesUrn": NEWSLETTER}]),
            *("series_subscribers", SUBSCRIBERS, "contentSeries", [NEWSLETTER]),
        ),
    ],
)
def test_a_row_is_asked_about_once_by_its_urn_and_not_at_all_without_one(
    company: Company,
    parent: str,
    resource: str,
    elements: list[dict[str, Any]],
    stream: str,
    child: str,
    parameter: str,
    urns: list[str],
) -> None:
    """LinkedIn does not know a key of the tap's making; its row leaves all the same, and so do two that look alike."""
    listed = [*elements, {**elements[-1], "future": 1}]
    company.lists(resource, *listed)
    company.lists(child, {"future": 2}, {"future": 2})
    result = company.read(parent, stream)
    assert len(result.records[parent]) == len(listed)
    assert company.asked(child, parameter) == urns
    rows = result.records[stream]
    assert [row[to_snake_case(parameter)] for row in rows] == [urn for urn in urns for _ in range(2)]
    assert len({(row[to_snake_case(parameter)], row["row_key"]) for row in rows}) == len(rows)
    assert {row["organization"] for row in rows} == {company.urn}
    assert None not in result.values("messages", "organizational_page")


@pytest.mark.parametrize(
    ("resource", "field", "child", "stream", "parameters", "urn"),
    [
        (EVENTS, "id", ROLES, "event_role_assignments", ["event", "eventUrn"], "urn:li:event:{}"),
        (THREADS, "id", MESSAGES, "messages", ["thread", "threadUrn"], "urn:li:messagingThread:{}"),
        (
            *(SERIES, "contentSeriesUrn", SUBSCRIBERS, "series_subscribers"),
            *(["contentSeries", "seriesUrn", "series", "contentSeriesUrn"], "urn:li:contentSeries:{}"),
        ),
    ],
)
def test_what_is_asked_about_may_be_named_in_other_ways(
    company: Company, resource: str, field: str, child: str, stream: str, parameters: list[str], urn: str
) -> None:
    """By another parameter with the URN, or by the key alone, which is then sent for the rest of the run."""
    urns = [urn.format(number) for number in (7, 8)]
    company.lists(resource, *({field: number if resource == EVENTS else urns[number - 7]} for number in (7, 8)))
    for refused in parameters:
        company.refuses(child, 400, refused)
    company.lists(child, {"id": "a"})
    result = company.read(stream)
    assert result.values(stream, to_snake_case(parameters[0])) == urns
    asked = [company.asked(child, name) for name in parameters]
    # Each request names the thing once, in the next of its forms.
    sent = [[each for each in one if each] for one in zip(*asked, strict=True)]
    assert sent == [[urns[0]]] * len(parameters) + [["7"], ["8"]]


def test_only_children_that_are_read_are_asked_for(company: Company) -> None:
    """And a parent's rows leave only where it is selected."""
    company.lists(EVENTS, {"id": 7})
    assert company.read("events").values("events", "id") == [7]
    assert company.sandbox.requests_to(ROLES) == []


# Events


def test_the_cursor_of_events_is_followed_with_the_page_size(company: Company) -> None:
    """An empty page is not the end."""
    for numbers, cursor in (([1], "a"), ([2], "b"), ([], "c"), ([3], None)):
        elements = [{"id": number} for number in numbers]
        body = {"elements": elements, "metadata": {"nextPaginationCursor": cursor} if cursor else {}}
        company.sandbox.answer(EVENTS, 200, body=body)
    assert company.read("events").values("events", "id") == [1, 2, 3]
    assert company.asked(EVENTS, "paginationCursor") == [None, "a", "b", "c"]
    assert company.asked(EVENTS, "maxPaginationCount") == ["100"] * 4


def test_events_are_paged_by_start_where_the_cursor_is_not_taken(company: Company) -> None:
    """A full page is then not the end; the two ways of paging are never sent together."""
    company.refuses(EVENTS, 400, "maxPaginationCount")
    company.lists(EVENTS, *({"id": number} for number in range(1, 101)), when="start=0&")
    company.lists(EVENTS, {"id": 101})
    assert company.read("events").values("events", "id") == list(range(1, 102))
    assert company.asked(EVENTS, "maxPaginationCount") == ["100", None, None]
    assert company.asked(EVENTS, "start") == [None, "0", "100"]
    assert company.asked(EVENTS, "count") == [None, "100", "100"]


def test_events_are_asked_for_plainly_where_neither_is_taken(company: Company) -> None:
    """All three forms are LinkedIn's own elsewhere."""
    company.refuses(EVENTS, 400, "maxPaginationCount")
    company.refuses(EVENTS, 400, "start")
    company.lists(EVENTS, {"id": 1})
    assert company.read("events").values("events", "id") == [1]
    assert [company.asked(EVENTS, name)[-1] for name in ("maxPaginationCount", "start", "count")] == [None] * 3


def test_an_event_says_the_same_however_it_is_written(company: Company) -> None:
    """A description by locale is text, or an object with text; a place is text or an object."""
    written = {"localized": {"en_US": "Come in"}, "preferredLocale": {"language": "en", "country": "US"}}
    raw = {**written, "localized": {"en_US": {"rawText": "Come in", "future": 1}}}
    company.lists(
        EVENTS,
        {"id": 1, "description": written, "location": "Graz", "created": 1_700_000_000_000},
        {"id": 2, "description": raw, "location": {"city": "Graz"}, "created": {"time": 1_700_000_000_000}},
    )
    first, second = company.read("events").records["events"]
    assert first["description"]["localized"] == {"en_US": {"rawText": "Come in"}}
    assert second["description"]["localized"] == {"en_US": {"rawText": "Come in", "future": 1}}
    assert (first["location"], second["location"]) == ({"value": "Graz"}, {"city": "Graz"})
    assert first["created_at"] == second["created_at"] == "2023-11-14T22:13:20.000+00:00"
    assert (first["unmapped"], second["unmapped"]) == (None, None)


# Finders of a resource


def test_a_revision_says_which_finder_listed_it(company: Company) -> None:
    """One that both list is two rows."""
    company.lists(REVISIONS, {"id": 1}, {"id": 2}, when="q=history")
    company.lists(REVISIONS, {"id": 2}, when="q=published")
    rows = company.read("content_revisions").records["content_revisions"]
    assert [row["finder"] for row in rows] == ["history", "history", "published"]
    assert [row["row_key"] for row in rows] == ["history|1", "history|2", "published|2"]
    assert company.asked(REVISIONS, "q") == ["history", "published"]
    assert company.asked(REVISIONS, "organization") == [company.urn] * 2


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refused_finder_does_not_end_the_other(
    company: Company, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """With a warning that names it."""
    company.refuses(REVISIONS, status, when="q=history")
    company.lists(REVISIONS, {"id": 2})
    assert company.read("content_revisions").values("content_revisions", "finder") == ["published"]
    (told,) = warnings(caplog, "content_revisions")
    assert told.startswith("content_revisions: skipped what the finder history lists of organization ")


def test_the_settings_may_make_one_finder_of_two(company: Company) -> None:
    """It is asked once, or each revision would leave twice under the same key."""
    company.lists(REVISIONS, {"id": 1})
    result = company.read("content_revisions", stream_options={"content_revisions": {"q": "history"}})
    assert result.values("content_revisions", "row_key") == ["history|1"]


def test_each_finder_has_the_forms_that_it_takes(company: Company) -> None:
    """What one takes is not sent to the other, nor does its answer say that the other takes it."""
    organization, page = "urn:li:organization", "urn:li:organizationalPage"
    for finder, kind in (("history", organization), ("published", organization), ("published", page)):
        company.refuses(REVISIONS, 400, "organization", when=f"q={finder}&organization={quote(kind)}%3A", times=None)
    company.lists(REVISIONS, {"id": 1})
    result = company.read("content_revisions")
    assert result.values("content_revisions", "row_key") == ["history|1", "published|1"]
    urn_types = [(value or "").rpartition(":")[0] for value in company.asked(REVISIONS, "organization")]
    assert company.asked(REVISIONS, "q") == ["history"] * 2 + ["published"] * 3
    assert urn_types == [organization, page, organization, page, ""]


def test_a_finder_s_forms_hold_for_the_next_organization(company: Company) -> None:
    """They are found out once in a run."""
    company.refuses(REVISIONS, 400, "organization", when="q=history")
    company.lists(REVISIONS, {"id": 1})
    run(company.sandbox, select={"content_revisions"})
    finders, urns = company.asked(REVISIONS, "q"), company.asked(REVISIONS, "organization")
    counts = Counter((finder, "Page" in str(urn)) for finder, urn in zip(finders, urns, strict=True))
    number = len(company.sandbox.world.truth.organizations)
    assert counts == {("history", False): 1, ("history", True): number, ("published", False): number}
    assert number > 1
