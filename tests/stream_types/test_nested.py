"""Things of an organization asked about one by one: the rows of a listing, or the finders of a resource.

And the events, whose rows are such things.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import pytest

from linkedin_sandbox import Sandbox
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


def warnings(caplog: pytest.LogCaptureFixture, stream: str) -> list[str]:
    """What a stream logged as a warning."""
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    return [message for message in messages if message.startswith(f"{stream}:")]


def event(number: int) -> str:
    return f"urn:li:event:{number}"


# Rows of a listing


def test_a_row_says_what_it_was_asked_about(company: Company) -> None:
    """The member is no part of the key: whoever agrees to be shown tomorrow has the same row."""
    company.lists(EVENTS, {"id": 7}, {"id": 8})
    company.lists(ROLES, {"id": 1, "role": "SPEAKER"}, {"role": "ATTENDEE"}, {"role": "ATTENDEE"})
    rows = company.read("event_role_assignments").records["event_role_assignments"]
    assert company.asked(ROLES, "event") == [event(7), event(8)]
    assert [(row["event"], row["organization"]) for row in rows] == [(event(7), company.urn)] * 3 + [
        (event(8), company.urn)
    ] * 3
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
    told = warnings(caplog, "event_role_assignments")
    assert len(told) == 4
    assert all(text.startswith("event_role_assignments: skipped one event of organization ") for text in told)
    assert not [text for text in told if "urn:" in text]


def test_three_refusals_before_any_answer_are_enough(company: Company, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of the organization is shown then; the streams beside go on."""
    company.lists(EVENTS, *({"id": number} for number in range(1, 8)))
    company.refuses(ROLES, times=None)
    result = company.read("events", "event_role_assignments")
    assert company.asked(ROLES, "event") == [event(1), event(2), event(3)]
    assert [": skipped organization " in text for text in warnings(caplog, "event_role_assignments")] == [
        False,
        False,
        True,
    ]
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
    ("refused", "parameter", "sent"),
    [(1, "eventUrn", event(7)), (2, "event", "7")],
)
def test_an_event_may_be_named_in_other_ways(company: Company, refused: int, parameter: str, sent: str) -> None:
    """What LinkedIn takes is sent for the rest of the run, and the row names the event all the same."""
    company.lists(EVENTS, {"id": 7}, {"id": 8})
    for name in ("event", "eventUrn")[:refused]:
        company.refuses(ROLES, 400, name)
    company.lists(ROLES, {"id": 1})
    result = company.read("event_role_assignments")
    assert result.values("event_role_assignments", "event") == [event(7), event(8)]
    asked = company.asked(ROLES, parameter)
    assert (asked[-2], asked[-1]) == (sent, sent[:-1] + "8")


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


def test_an_event_without_a_number_is_not_asked_about(company: Company) -> None:
    """The number of its row is the tap's own."""
    company.lists(EVENTS, {"vanityName": "launch"}, {"id": 7})
    company.lists(ROLES, {"id": 1})
    assert len(company.read("events", "event_role_assignments").records["events"]) == 2
    assert company.asked(ROLES, "event") == [event(7)]


def test_a_refused_live_video_is_left_out_alone(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The warning says so, and the viewers of the others are counted."""
    select = {"posts", "events", "live_videos", "live_viewer_counts"}
    counted = list(dict.fromkeys(run(sandbox, select=select).values("live_viewer_counts", "live_video")))
    sandbox.answer("dmaLiveViewerCountAnalytics", 403, when=counted[0].replace(":", "%3A"), times=None)
    result = run(sandbox, select=select)
    assert list(dict.fromkeys(result.values("live_viewer_counts", "live_video"))) == counted[1:] != []
    (told,) = warnings(caplog, "live_viewer_counts")
    assert told.startswith("live_viewer_counts: skipped a live video. ")


def test_a_thread_that_linkedin_gives_no_key_is_not_asked_about(company: Company) -> None:
    """Its own row leaves all the same; a bare id is asked about by its URN."""
    urns = ["urn:li:messagingThread:2-MTYyMw==", "urn:li:messagingThread:2-AbC=="]
    company.lists(THREADS, {"threadUrn": urns[0], "id": 5}, {"unread": True}, {"id": "2-AbC=="})
    company.lists(MESSAGES, {"id": "a"})
    result = company.read("message_threads", "messages")
    assert len(result.records["message_threads"]) == 3
    assert company.asked(MESSAGES, "thread") == urns
    assert result.values("messages", "thread") == urns
    assert set(result.values("messages", "organization")) == {company.urn}
    assert None not in result.values("messages", "organizational_page")


@pytest.mark.parametrize(
    ("parent", "resource", "element", "stream", "child"),
    [
        ("message_threads", THREADS, {"threadUrn": "urn:li:messagingThread:2-a"}, "messages", MESSAGES),
        ("content_series", SERIES, {"contentSeriesUrn": "urn:li:contentSeries:7"}, "series_subscribers", SUBSCRIBERS),
        ("events", EVENTS, {"id": 7}, "event_role_assignments", ROLES),
    ],
)
def test_a_row_that_is_listed_twice_is_asked_about_once(
    company: Company, parent: str, resource: str, element: dict[str, Any], stream: str, child: str
) -> None:
    """Or all of its rows would leave twice."""
    company.lists(resource, element, {**element, "future": 1})
    company.lists(child, {"id": "a"})
    result = company.read(parent, stream)
    assert len(result.records[parent]) == 2
    assert (len(company.sandbox.requests_to(child)), len(result.records[stream])) == (1, 1)


def test_a_newsletter_without_a_urn_is_not_asked_about(company: Company) -> None:
    """It has a key of the tap's making, which LinkedIn does not know."""
    company.lists(SERIES, {"title": "Untitled"}, {"contentSeriesUrn": "urn:li:contentSeries:7"})
    company.lists(SUBSCRIBERS, {"lastModifiedAt": 1_700_000_000_000}, {"lastModifiedAt": 1_700_000_000_000})
    result = company.read("content_series", "series_subscribers")
    assert len(result.records["content_series"]) == 2
    assert company.asked(SUBSCRIBERS, "contentSeries") == ["urn:li:contentSeries:7"]
    rows = result.records["series_subscribers"]
    assert [(row["subscriber"], row["last_modified_at"]) for row in rows] == [
        (None, "2023-11-14T22:13:20.000+00:00")
    ] * 2
    assert len({row["row_key"] for row in rows}) == 2


@pytest.mark.parametrize(
    ("resource", "child", "stream", "form"),
    [
        ((THREADS, {"id": "urn:li:messagingThread:2-a"}), MESSAGES, "messages", ("thread", ("threadUrn",), "2-a")),
        (
            (SERIES, {"contentSeriesUrn": "urn:li:contentSeries:7"}),
            SUBSCRIBERS,
            "series_subscribers",
            ("contentSeries", ("seriesUrn", "series", "contentSeriesUrn"), "7"),
        ),
    ],
)
def test_a_thread_or_newsletter_may_be_named_in_other_ways(
    company: Company,
    resource: tuple[str, dict[str, Any]],
    child: str,
    stream: str,
    form: tuple[str, tuple[str, ...], str],
) -> None:
    """By another parameter with the URN, or by the key alone."""
    name, others, key = form
    company.lists(resource[0], resource[1])
    for refused in (name, *others):
        company.refuses(child, 400, refused)
    company.lists(child, {"id": "a"})
    assert len(company.read(stream).records[stream]) == 1
    (urn,) = resource[1].values()
    asked = [company.asked(child, name) for name in (name, *others)]
    # Each request names the thread or newsletter once, in the next of its forms.
    assert [[each for each in one if each] for one in zip(*asked, strict=True)] == [[urn]] * (1 + len(others)) + [[key]]


def test_only_children_that_are_read_are_asked_for(company: Company) -> None:
    """And a parent's rows leave only where it is selected."""
    company.lists(EVENTS, {"id": 7})
    assert company.read("events").values("events", "id") == [7]
    assert company.sandbox.requests_to(ROLES) == []


# Events


def test_the_cursor_of_events_is_followed_with_the_page_size(company: Company) -> None:
    """An empty page is not the end."""
    for number, cursor in ((1, "a"), (2, "b"), (None, "c"), (3, None)):
        body = {
            "elements": [{"id": number}] if number else [],
            "metadata": {"nextPaginationCursor": cursor} if cursor else {},
        }
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
    assert [(row["finder"], row["row_key"]) for row in rows] == [
        ("history", "history|1"),
        ("history", "history|2"),
        ("published", "published|2"),
    ]
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
    company.refuses(REVISIONS, 400, "organization", when="q=history&organization=urn%3Ali%3Aorganization%3A")
    company.refuses(REVISIONS, 400, "organization", when="q=published&organization=urn%3Ali%3Aorganization%3A")
    company.refuses(
        REVISIONS, 400, "organization", when="q=published&organization=urn%3Ali%3AorganizationalPage%3A", times=None
    )
    company.lists(REVISIONS, {"id": 1})
    result = company.read("content_revisions")
    assert result.values("content_revisions", "row_key") == ["history|1", "published|1"]
    urn_types = [(value or "").rpartition(":")[0] for value in company.asked(REVISIONS, "organization")]
    organization, page = "urn:li:organization", "urn:li:organizationalPage"
    assert company.asked(REVISIONS, "q") == ["history"] * 2 + ["published"] * 3
    assert urn_types == [organization, page, organization, page, ""]


def test_a_finder_s_forms_hold_for_the_next_organization(company: Company) -> None:
    """They are found out once in a run."""
    company.refuses(REVISIONS, 400, "organization", when="q=history")
    company.lists(REVISIONS, {"id": 1})
    run(company.sandbox, select={"content_revisions"})
    asked = list(zip(company.asked(REVISIONS, "q"), company.asked(REVISIONS, "organization"), strict=True))
    pages = [finder for finder, value in asked if "Page" in (value or "")]
    organizations = [finder for finder, value in asked if "Page" not in (value or "")]
    assert set(pages) == {"history"}
    assert len(pages) > 1
    assert organizations.count("history") == 1
    assert organizations.count("published") == len(pages)
