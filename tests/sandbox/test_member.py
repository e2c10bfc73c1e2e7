"""A member's own data: its token, its version, and its three ways of paging."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import DAY, HEADERS, Answer, Client

MEMBER_HEADERS = {**HEADERS, "Authorization": "Bearer sandbox-member-token", "LinkedIn-Version": "202312"}
SNAPSHOT = "memberSnapshotData?q=criteria"
CHANGES = "memberChangeLogs?q=memberAndApplication"
CONSENT = "memberAuthorizations?q=memberAndApplication"
TARGETS = [SNAPSHOT, CHANGES, CONSENT]


def get(client: Client, target: str, **changed: str | None) -> Answer:
    """A GET with a member's headers, some of them changed, or left out where None."""
    headers = {**MEMBER_HEADERS, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return client.send("GET", f"/rest/{target}", {name: value for name, value in headers.items() if value is not None})


def body(client: Client, target: str) -> dict[str, Any]:
    """The body of an answer that is good."""
    answer = get(client, target)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def snapshot(client: Client, domain: str | None = None) -> Iterator[dict[str, Any]]:
    """Every page, by index, until LinkedIn says that there is no more."""
    own, start = f"&domain={domain}" if domain else "", 0
    while (answer := get(client, f"{SNAPSHOT}{own}&start={start}")).status == 200:
        yield answer.body
        start += 1
    assert answer.status == 404
    assert "no data found" in answer.body["message"].lower()


def changes(client: Client, since: int | None = None, count: int = 50) -> list[dict[str, Any]]:
    """Every change since a time, page after page, until one is empty."""
    own = f"&startTime={since}" if since else ""
    found: list[dict[str, Any]] = []
    while page := body(client, f"{CHANGES}{own}&count={count}&start={len(found)}")["elements"]:
        found += page
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_a_member_s_data_have_a_token_and_a_version_of_their_own(client: Client, target: str) -> None:
    """Which read no pages; the protocol may be left out, and no parameter is unknown."""
    assert get(client, target).status == get(client, target, X_Restli_Protocol_Version=None).status == 200
    assert get(client, target, Authorization="Bearer sandbox-token").code == "ACCESS_DENIED"
    for version in ("202605", "202405", "202311"):
        answer = get(client, target, LinkedIn_Version=version)
        assert (answer.status, answer.code) == (426, "NONEXISTENT_VERSION")
    for pages in ("dmaMe", "dmaPosts?ids=List(urn%3Ali%3Ashare%3A1)"):
        answer = get(client, pages, LinkedIn_Version="202605")
        assert (answer.status, answer.code) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize(
    ("target", "code", "says"),
    [
        *((f"{target}&member=me", "QUERY_PARAM_NOT_ALLOWED", "member") for target in TARGETS),
        *((f"{target}All", "ILLEGAL_ARGUMENT", "All") for target in TARGETS),
        *((f"{CHANGES}&count={count}", "PARAM_INVALID", "10 is recommended") for count in ("0", "51", "-1", "ten")),
        (f"{CHANGES}&startTime=2026-05-01", "PARAM_INVALID", "startTime"),
    ],
)
def test_a_request_that_is_wrong_is_refused(client: Client, target: str, code: str, says: str) -> None:
    """With what is wrong, and for a count a good one."""
    answer = get(client, target)
    assert (answer.status, answer.code) == (400, code)
    assert says in answer.body["message"]


def test_consent_is_not_given_by_a_request(client: Client) -> None:
    """A POST that creates one would start LinkedIn's collection: it is no read."""
    headers = {**MEMBER_HEADERS, "Content-Type": "application/json"}
    assert client.send("POST", "/rest/memberAuthorizations", headers, "{}").status == 405


def test_a_token_that_ended_is_refused(client: Client, sandbox: Sandbox) -> None:
    """The member's, with all the others."""
    sandbox.expire_token()
    assert get(client, CONSENT).code == "EXPIRED_ACCESS_TOKEN"


def test_a_snapshot_has_one_element_a_page_and_pages_without_rows(client: Client, world: World) -> None:
    """The end is a 404; `{}`, no element and an element without rows are not."""
    pages = [page["elements"] for page in snapshot(client)]
    assert {} in pages
    assert [] in pages
    assert all(len(page) <= 1 for page in pages)
    found = [element for page in pages for element in page if element["snapshotData"]]
    assert [row for element in found for row in element["snapshotData"]] == [
        dict(row) for domain in world.member.domains for row in domain.rows
    ]
    names = [element["snapshotDomain"] for element in found]
    assert names.count("CONNECTIONS") == 3
    assert any(not element["snapshotData"] for page in pages for element in page)


def test_total_and_next_links_of_a_snapshot_mislead(client: Client) -> None:
    """`total` is too small, and links are missing, or lead nowhere, before the end."""
    pages = list(snapshot(client))
    assert all(page["paging"]["total"] < len(pages) for page in pages)
    links = [(page["paging"]["start"], page["paging"]["links"]) for page in pages[:-1]]
    assert any(not link for _, link in links)
    starts = [(start, link[0]["href"]) for start, link in links if link]
    assert any(f"start={start + 1}&" in href for start, href in starts)
    assert any(f"start={start}&" in href for start, href in starts)


def test_a_domain_is_asked_for_by_its_exact_name(client: Client) -> None:
    """One that LinkedIn spells otherwise in its answer; two are known by their old names only."""
    (skills,) = snapshot(client, "SKILLS")
    assert skills["elements"][0]["snapshotDomain"] == "Skills"
    assert len(list(snapshot(client, "CONNECTIONS"))) == 3
    for name, pages in (("Skills", 0), ("LOGIN", 0), ("login", 1), ("Events", 0), ("EVENTS", 1), ("VOLUNTEERING", 1)):
        assert len(list(snapshot(client, name))) == pages


def test_the_end_of_a_snapshot_has_two_spellings(client: Client) -> None:
    """With a full stop and without, with the domain and without."""
    told = {get(client, f"{SNAPSHOT}&domain={name}").body["message"] for name in ("A", "B", "C", "D", "E")}
    told.add(get(client, f"{SNAPSHOT}&start=99").body["message"].rstrip("."))
    assert told == {
        "No data found for this memberId",
        "No data found for this domain and memberId",
        "No data found for this domain and memberId.",
    }


def test_the_last_page_can_be_made_to_come_again(client: Client, world: World) -> None:
    """For a reader that must not read for ever."""
    world.member.repeats = True
    last, after = (body(client, f"{SNAPSHOT}&domain=CONNECTIONS&start={start}")["elements"] for start in (2, 3))
    assert last == after


def test_equal_rows_of_a_domain_stand_on_several_pages(client: Client) -> None:
    """Connections that show nothing of themselves."""
    rows = [page["elements"][0]["snapshotData"] for page in snapshot(client, "CONNECTIONS")]
    hidden = [[row for row in page if not any(row.values())] for page in rows]
    assert [len(page) for page in hidden] == [1, 1, 0]


def test_changes_are_kept_for_28_days_of_40(client: Client, world: World) -> None:
    """An older start is read as that; all of them is some 120."""
    found = changes(client)
    since = world.now_ms - 28 * DAY
    assert changes(client, since - 5 * DAY) == found
    assert min(change["processedAt"] for change in found) >= since
    assert world.member.processed_ms(0) < since
    assert sum(world.member.processed_ms(place) <= world.now_ms for place in range(200)) == 120
    assert len({change["id"] for change in found}) == len(found)


def test_the_start_of_changes_is_inclusive_and_pages_cut_equal_times_apart(client: Client) -> None:
    """Oldest first, several at one time, also across the end of a page."""
    found = changes(client)
    times = [change["processedAt"] for change in found]
    assert times == sorted(times)
    assert any(times[end - 1] == times[end] for end in range(10, len(times), 10))
    assert changes(client, times[-1]) == [change for change in found if change["processedAt"] == times[-1]]


def test_changes_are_replayed_deleted_and_not_all_read(client: Client) -> None:
    """What LinkedIn could not read says so in one of its forms."""
    found = changes(client)
    text = repr(found)
    replayed = [change["activityId"] for change in found if change["activityStatus"] == "SUCCESSFUL_REPLAY"]
    failed = [change["activityId"] for change in found if change["activityStatus"] == "FAILURE"]
    assert set(replayed) & set(failed)
    assert any(change["method"] == "DELETE" and change["activity"] == {} for change in found)
    assert all(("methodName" in change) == (change["method"] == "ACTION") for change in found)
    assert any(change["activity"] == "Unable_to_process_this_field." for change in found)
    assert "'processedActivity': {'message': 'Unable to process this event.'}" in text
    assert "'author!': {'message': 'Unable to process this field.'}" in text
    assert any(isinstance(change.get("siblingActivities"), str) for change in found)


def test_start_can_be_made_to_be_ignored(client: Client, world: World) -> None:
    """The first page comes again and again."""
    world.member.ignores_start = True
    first, second = (body(client, f"{CHANGES}&start={start}")["elements"] for start in (0, 10))
    assert first == second


def test_next_links_of_changes_are_missing_now_and_then(client: Client) -> None:
    """They lead on by the count where they are there."""
    pages = [body(client, f"{CHANGES}&start={start}")["paging"] for start in range(0, 50, 10)]
    links = [(page["start"], page["links"]) for page in pages]
    assert {len(link) for _, link in links} == {0, 1}
    assert all(f"start={start + 10}&" in link[0]["href"] for start, link in links if link)


def test_days_that_pass_bring_changes(client: Client, sandbox: Sandbox) -> None:
    """And take the oldest away: three a day."""
    before = [change["id"] for change in changes(client)]
    sandbox.tick(4)
    after = [change["id"] for change in changes(client)]
    assert after[:-12] == before[12:]
    assert not set(after[-12:]) & set(before)


def test_consent_is_one_element_or_none(client: Client, world: World) -> None:
    """Without it there is nothing of the member."""
    (consent,) = body(client, CONSENT)["elements"]
    assert consent["memberComplianceAuthorizationKey"]["member"] == world.member.urn
    assert consent["memberComplianceScopes"] == ["DMA"]
    assert consent["regulatedAt"] < changes(client)[0]["capturedAt"]
    world.member.agrees = False
    assert body(client, CONSENT)["elements"] == []
    assert changes(client) == []
    assert list(snapshot(client)) == []


def test_the_same_seed_has_the_same_member(world: World) -> None:
    """Another has another."""
    twin, other = World(posts=1, followers=1, seed=1, now=world.now), World(posts=1, followers=1, seed=2, now=world.now)
    assert twin.member.changes(0, world.now_ms) == world.member.changes(0, world.now_ms)
    assert other.member.urn != world.member.urn
    assert all(sooner["id"] != later["id"] for sooner, later in pairwise(world.member.changes(0, world.now_ms)))
