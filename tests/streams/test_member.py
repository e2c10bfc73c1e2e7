"""A member's own data: the token and version it is read with, the snapshot, the changes, the consent."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError, IncompleteRun, TokenRejected, VersionRejected
from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.streams import STREAMS
from tests.conftest import NOW
from tests.support import logs
from tests.support.answering import Answering, Asked, Reply
from tests.support.plain import DAY_MS, NOW_MS
from tests.support.runs import Run, cut, make_tap, run

AUTHORIZATIONS, SNAPSHOTS, CHANGELOG = "member_authorizations", "member_snapshots", "member_changelog"
ALL = {AUTHORIZATIONS, SNAPSHOTS, CHANGELOG}
WINDOW = "2026-02-02T09:30:00.000+00:00"
"""28 days before the run."""

Body = dict[str, Any]


def alone(sandbox: Sandbox, **config: Any) -> Body:
    """The settings with the member's token alone."""
    return {"access_token": None, "member_access_token": sandbox.member_token, **config}


def read(sandbox: Sandbox, select: set[str], state: Body | None = None, **config: Any) -> Run:
    return run(sandbox, state, select, **alone(sandbox, **config))


def queries(sandbox: Sandbox, resource: str) -> list[str]:
    """What a resource was asked, raw."""
    return [request.asked for request in sandbox.requests_to(resource)]


def resources(sandbox: Sandbox) -> set[str]:
    return {request.resource for request in sandbox.requests}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as a warning, except the field that the sandbox adds to everything."""
    return [text for text in logs.warnings(caplog) if "futureField" not in text]


def element(domain: str, *rows: Any, **more: Any) -> Body:
    """An element of a snapshot."""
    return {"snapshotDomain": domain, "snapshotData": list(rows), **more}


def read_pages(
    sandbox: Sandbox, *pages: Any, links: dict[int, str] | None = None, **config: Any
) -> tuple[Run, list[str]]:
    """A run against a snapshot of these `elements`, page by page, for every domain, and the queries to it."""

    def answer(asked: Asked) -> Reply:
        if "memberAuthorizations" in asked.target:
            return Reply({"elements": [{"memberComplianceAuthorizationKey": {"member": "urn:li:person:a"}}]})
        start = int(dict(part.split("=") for part in asked.query.split("&"))["start"])
        if start >= len(pages):
            return Reply({"status": 404, "message": "No data found for this memberId."}, status=404)
        href = (links or {}).get(start)
        paging = {"start": start, "total": 1, "links": [{"rel": "next", "href": href}] if href else []}
        return Reply({"elements": pages[start], "paging": paging})

    with Answering(answer) as server:
        result = read(sandbox, {SNAPSHOTS}, api_url=server.url, **config)
    return result, [asked.query for asked in server.asked if "memberSnapshotData" in asked.target]


# The token, the version, and where the streams are


@pytest.mark.parametrize("token", [None, " "])
def test_the_streams_are_there_only_with_the_token(sandbox: Sandbox, token: str | None) -> None:
    """In discovery too."""
    tap, _ = make_tap(sandbox, member_access_token=token)
    assert not ALL & set(tap.streams)
    assert not ALL & {stream["tap_stream_id"] for stream in tap.catalog_dict["streams"]}


def test_with_both_tokens_they_come_last_and_are_off(sandbox: Sandbox) -> None:
    """A run that names nothing reads nothing of a member."""
    tap, _ = make_tap(sandbox, member_access_token=sandbox.member_token)
    assert list(tap.streams) == [stream.name for stream in STREAMS]
    assert list(tap.streams)[-3:] == [AUTHORIZATIONS, SNAPSHOTS, CHANGELOG]
    assert not [name for name in ALL if tap.streams[name].selected]


def test_with_the_member_s_token_alone_there_are_no_others(sandbox: Sandbox) -> None:
    """Nothing of the pages is asked for, and only GETs are sent: a POST would start LinkedIn's collection."""
    tap, _ = make_tap(sandbox, **alone(sandbox))
    assert set(tap.streams) == ALL
    assert set(read(sandbox, ALL).records) == ALL
    assert resources(sandbox) == {"memberAuthorizations", "memberSnapshotData", "memberChangeLogs"}
    assert {request.method for request in sandbox.requests} == {"GET"}
    assert queries(sandbox, "memberAuthorizations") == ["q=memberAndApplication"]


@pytest.mark.parametrize("limit", [1, 4])
def test_each_token_goes_to_its_own_resources_only(sandbox: Sandbox, limit: int) -> None:
    """In one run of both, whatever runs side by side; the version of the settings is not the member's."""
    select = {*ALL, "me", "posts", "comments"}
    tokens: Body = {"member_access_token": sandbox.member_token, "linkedin_version": "202604"}
    result = run(sandbox, None, select, max_concurrency=limit, **tokens)
    assert all(result.records[stream] for stream in select)
    seen = set()
    for request in sandbox.requests:
        of_member = request.resource.startswith("member")
        seen.add(of_member)
        token, version = (sandbox.member_token, "202312") if of_member else (sandbox.token, "202604")
        assert request.headers["Authorization"] == f"Bearer {token}"
        assert request.headers["LinkedIn-Version"] == version
    assert seen == {True, False}


def test_a_refused_member_s_token_is_not_renewed(sandbox: Sandbox) -> None:
    """The credentials of the settings renew the other one; the sentence says what to change, and what to erase.

    To revoke it is the usual way to withdraw consent.
    """
    names = ("client_id", "client_secret", "refresh_token")
    sandbox.expire_token()
    says = r"(?s)set a new member_access_token.* is due now: run what `tap-linkedin-dma retention` prints\.$"
    with pytest.raises(TokenRejected, match=says):
        read(sandbox, {CHANGELOG}, **{name: getattr(sandbox, name) for name in names})
    assert [request.resource for request in sandbox.requests] == ["memberAuthorizations"]


def test_a_pages_token_in_its_place_is_told_what_it_lacks(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The consents are skipped; the others end, since nobody knows whether they may be read."""
    needed = "member_access_token needs a token with a scope that begins with r_dma_portability_"
    with pytest.raises(IncompleteRun, match=f"{CHANGELOG}, {SNAPSHOTS}: Nothing is read, .*{needed}"):
        read(sandbox, ALL, member_access_token=sandbox.token)
    (told,) = logs.warnings(caplog, f"{AUTHORIZATIONS}: skipped.")
    assert needed in told
    assert resources(sandbox) == {"memberAuthorizations"}


def test_a_version_that_ended_is_not_blamed_on_the_setting(sandbox: Sandbox) -> None:
    """Another version there would not help."""
    body = {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20231201 is not active"}
    sandbox.answer("memberAuthorizations", status=426, body=body, times=None)
    with pytest.raises(VersionRejected, match="202312") as refused:
        read(sandbox, {SNAPSHOTS})
    assert "linkedin_version" not in str(refused.value)


def test_no_log_or_state_names_a_member_or_a_token(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    denied = {"status": 403, "code": "ACCESS_DENIED", "message": f"No: {sandbox.world.member.urn}"}
    sandbox.answer("memberChangeLogs", status=403, body=denied)
    results = [read(sandbox, ALL), read(sandbox, ALL)]
    assert results[1].records[CHANGELOG]
    for secret in (sandbox.world.member.urn, "urn:li:person", sandbox.member_token):
        assert secret not in caplog.text
        assert secret not in json.dumps(results[1].state)


# Consent


def test_consent_is_flattened(sandbox: Sandbox) -> None:
    """The rest of the key object stays under its own name."""
    (record,) = read(sandbox, {AUTHORIZATIONS}).records[AUTHORIZATIONS]
    assert record == {
        "developer_application": "urn:li:developerApplication:2170044",
        "member": sandbox.world.member.urn,
        "regulated_at": "2026-01-20T09:30:00.000+00:00",
        "member_compliance_scopes": ["DMA"],
        "confirmed_at": "2026-03-02T09:30:00.000+00:00",
        "unmapped": {"futureField": "unannounced", "memberComplianceAuthorizationKey": {"futureNested": 1}},
    }


def test_without_consent_nothing_is_read(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """And each stream says so; LinkedIn is not asked for the data. The last word is about what is stored."""
    sandbox.world.member.agrees = False
    result = read(sandbox, ALL)
    assert not result.records
    assert "is due now: run what `tap-linkedin-dma retention` prints" in warnings(caplog)[-1]
    assert [request.resource for request in sandbox.requests] == ["memberAuthorizations"]
    for stream in (SNAPSHOTS, CHANGELOG):
        assert logs.warnings(caplog, f"{stream}: nothing is read, because this member has not")


UNTOLD = [
    *((status, None, "Nothing is read, since LinkedIn does not say") for status in (400, 403, 404)),
    *((status, None, "LinkedIn .*memberAuthorizations") for status in (429, 500, 503)),
    *((200, members, "Nothing is read: .*does not name exactly one member") for members in ([], ["a", "b"])),
]


@pytest.mark.parametrize(("status", "members", "says"), UNTOLD)
def test_nothing_is_read_of_a_member_whose_consent_linkedin_does_not_tell(
    sandbox: Sandbox, status: int, members: list[str] | None, says: str
) -> None:
    """Not to know is no consent, no answer is neither yes nor no, and what is nobody's could never be erased."""
    keys = [{"memberComplianceAuthorizationKey": {"member": f"urn:li:person:{member}"}} for member in members or []]
    body: Body = {"status": status} if members is None else {"elements": keys or [{"regulatedAt": 1}]}
    sandbox.answer("memberAuthorizations", status=status, body=body, times=None)
    for stream in (SNAPSHOTS, CHANGELOG):
        with pytest.raises(IncompleteRun, match=f"{stream}: {says}"):
            read(sandbox, {stream})
    assert resources(sandbox) == {"memberAuthorizations"}


# The snapshot


@pytest.fixture
def snapshot(sandbox: Sandbox) -> Run:
    """All of it."""
    return read(sandbox, {SNAPSHOTS}, sensitive_domains=True)


def test_every_row_of_every_domain_leaves_once_and_as_it_came(sandbox: Sandbox, snapshot: Run) -> None:
    """Domains on no list too; pages without rows, a wrong total and missing links end nothing."""
    rows = snapshot.records[SNAPSHOTS]
    for domain in sandbox.world.member.domains:
        name = domain.sent or domain.name
        assert [row["data"] for row in rows if row["snapshot_domain"] == name] == [dict(row) for row in domain.rows]
    assert len(rows) == sum(len(domain.rows) for domain in sandbox.world.member.domains)
    assert {row["member"] for row in rows} == {sandbox.world.member.urn}
    assert [row["unmapped"] for row in rows] == [{"futureField": "unannounced"}] * len(rows)


def test_the_walk_goes_page_by_page_to_the_404(sandbox: Sandbox, snapshot: Run) -> None:
    """Without a domain, so that none is missed, and without a count."""
    pages = len(sandbox.world.member.snapshot(None))
    asked = sandbox.requests_to("memberSnapshotData")
    assert [request.asked for request in asked] == [f"q=criteria&start={start}" for start in range(pages + 1)]
    assert [request.status for request in asked] == [200] * pages + [404]
    indexes = snapshot.values(SNAPSHOTS, "page_index")
    assert indexes == sorted(indexes)
    assert max(indexes) == pages - 1


def test_a_row_s_key_is_its_hash_and_its_number_among_equal_rows(snapshot: Run) -> None:
    """Over all pages of its domain, from 1 on; the same on the next run."""
    rows = [row for row in snapshot.records[SNAPSHOTS] if row["snapshot_domain"] == "CONNECTIONS"]
    keys = {row["row_key"]: row for row in rows}
    assert len(keys) == len(rows) == 10
    numbers: Counter[str] = Counter()
    for row_key, record in keys.items():
        text = json.dumps(record["data"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        row_hash = hashlib.sha256(text.encode()).hexdigest()
        numbers[row_hash] += 1
        assert row_key == f"{row_hash}-{numbers[row_hash]}"
    assert max(numbers.values()) == 2
    hidden = [record["page_index"] for record in keys.values() if not any(record["data"].values())]
    assert len(set(hidden)) == 2


def test_everything_of_a_row_counts_for_its_key(sandbox: Sandbox) -> None:
    """Links too, which do not count for other streams; letter case of the domain does not."""
    rows = ({"downloadUrl": "a"}, {"downloadUrl": "b"}, {"downloadUrl": "a"}, {"Name": "\ud83d"})
    pages = [element("Notes", rows[0])], [element("NOTES", rows[1], rows[2])], [element("notes", rows[3])]
    result, _ = read_pages(sandbox, *pages)
    first, second, again, half = result.values(SNAPSHOTS, "row_key")
    assert first[:64] != second[:64]
    assert again == f"{first[:64]}-2"
    assert half.endswith("-1")
    assert result.values(SNAPSHOTS, "snapshot_domain") == ["Notes", "NOTES", "NOTES", "notes"]


def test_sensitive_domains_stay_out_and_are_counted(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Unless the settings allow them."""
    result = read(sandbox, {SNAPSHOTS})
    domains = set(result.values(SNAPSHOTS, "snapshot_domain"))
    assert {"PROFILE", "CONNECTIONS", "Skills", "FIELD_NOTES"} <= domains
    assert not {"INBOX", "LOGIN"} & domains
    assert any("3 pages of sensitive domains are left out (INBOX, LOGIN)" in text for text in warnings(caplog))


def test_domains_that_are_named_are_read_one_by_one(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Sensitive ones too, whatever the letter case; an old name is asked for by the present one first."""
    names = ["connections", "INBOX", "LOGIN", "Events", "skills", "volunteering", "Connections"]
    result = read(sandbox, {SNAPSHOTS}, snapshot_domains=names)
    assert Counter(result.values(SNAPSHOTS, "snapshot_domain")) == {
        "CONNECTIONS": 10,
        "INBOX": 6,
        "LOGIN": 3,
        "EVENTS": 1,
        "Skills": 3,
        "VOLUNTEERING": 1,
    }
    firsts = [query for query in queries(sandbox, "memberSnapshotData") if query.endswith("start=0")]
    asked = "CONNECTIONS INBOX LOGIN login EVENTS SKILLS VOLUNTEERING_EXPERIENCES VOLUNTEERING"
    assert [query.split("&")[1].removeprefix("domain=") for query in firsts] == asked.split()
    assert warnings(caplog) == []


def test_a_domain_that_is_not_asked_for_stays_sensitive(sandbox: Sandbox) -> None:
    """Should LinkedIn send it all the same."""
    page = [element("PROFILE", {"a": "1"}), element("inbox", {"b": "2"})]
    result, _ = read_pages(sandbox, page, snapshot_domains=["PROFILE"])
    assert result.values(SNAPSHOTS, "snapshot_domain") == ["PROFILE"]


def test_a_name_that_linkedin_refuses_is_asked_for_by_the_other(sandbox: Sandbox) -> None:
    """A 400 on the last one is an error."""
    sandbox.answer("memberSnapshotData", status=400, body={"status": 400}, when="domain=LOGIN")
    assert len(read(sandbox, {SNAPSHOTS}, snapshot_domains=["login"]).records[SNAPSHOTS]) == 3
    sandbox.answer("memberSnapshotData", status=400, body={"status": 400}, when="domain=PROFILE")
    with pytest.raises(DmaError, match="refused the request to memberSnapshotData"):
        read(sandbox, {SNAPSHOTS}, snapshot_domains=["PROFILE"])


@pytest.mark.parametrize("domains", [[], ["CONNECTIONS"]])
def test_a_page_that_comes_again_ends_the_walk(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, domains: list[str]
) -> None:
    """Its rows do not leave twice."""
    whole = read(sandbox, {SNAPSHOTS}, snapshot_domains=domains)
    sandbox.world.member.repeats = True
    result = read(sandbox, {SNAPSHOTS}, snapshot_domains=domains)
    assert result.records == whole.records
    assert any("repeated a page, so reading ends" in text for text in warnings(caplog))


def test_pages_without_rows_are_never_a_repeat_but_twenty_in_a_row_are_the_end(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """In each of their forms."""
    rows = {"a": "1"}
    empties: list[Any] = [{}, [], [{}], [element("X")], [{"snapshotDomain": "X", "snapshotData": None}]]
    pages = [*empties, [element("X", rows)], *[{}] * 19, [element("Y", rows)], *[[]] * 20, [element("Z", rows)]]
    result, asked = read_pages(sandbox, *pages)
    assert result.values(SNAPSHOTS, "snapshot_domain") == ["X", "Y"]
    assert asked == [f"q=criteria&start={start}" for start in range(len(pages) - 1)]
    assert any("20 pages in a row are empty" in text for text in warnings(caplog))


def test_a_next_link_is_followed_forward_only(sandbox: Sandbox) -> None:
    """Its `start` alone is taken, wherever it stands; one that does not lead on is not believed."""
    pages = [[element("X", {"page": str(number)})] for number in range(5)]
    path = "/rest/memberSnapshotData"
    links = {
        0: f"{path}?start=2&q=criteria&domain=OTHER",
        2: f"{path}?q=criteria&start=2",
        3: f"{path}?q=criteria",
        4: f"{path}?q=criteria&start=soon",
    }
    result, asked = read_pages(sandbox, *pages, links=links)
    assert asked == [f"q=criteria&start={start}" for start in (0, 2, 3, 4, 5)]
    assert [record["data"]["page"] for record in result.records[SNAPSHOTS]] == ["0", "2", "3", "4"]


def test_a_next_link_to_another_host_is_refused(sandbox: Sandbox) -> None:
    """The token must not go there."""
    href = "https://example.com/rest/memberSnapshotData?start=1"
    with pytest.raises(DmaError, match="leads to another host"):
        read_pages(sandbox, [element("X", {"a": "1"})], [element("X", {"a": "2"})], links={0: href})


def test_odd_elements_lose_nothing(sandbox: Sandbox) -> None:
    """An element without a list around it, a domain without a name, rows that are no objects."""
    page = {"snapshotData": [{"a": ""}, "plain", {"deep": {"at": 1772443800000}}], "snapshotDomain": 7, "more": [1]}
    result, _ = read_pages(sandbox, page)
    assert result.values(SNAPSHOTS, "data") == [{"a": ""}, {"value": "plain"}, {"deep": {"at": 1772443800000}}]
    assert result.values(SNAPSHOTS, "snapshot_domain") == [""] * 3
    assert result.values(SNAPSHOTS, "unmapped") == [{"more": [1], "snapshotDomain": 7}] * 3


@pytest.mark.parametrize("message", ["No data found for this memberId", "NO DATA FOUND for this domain and memberId."])
def test_nothing_at_all_is_an_empty_stream_and_a_notice(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, message: str
) -> None:
    """There is none, or LinkedIn has not collected it yet: the two look the same."""
    caplog.set_level(logging.INFO)
    sandbox.answer("memberSnapshotData", status=404, body={"status": 404, "message": message}, times=None)
    assert not read(sandbox, {SNAPSHOTS}).records
    assert len(sandbox.requests_to("memberSnapshotData")) == 1
    assert "LinkedIn has nothing, or has not collected it yet" in caplog.text


@pytest.mark.parametrize(("stream", "resource"), [(SNAPSHOTS, "memberSnapshotData"), (CHANGELOG, "memberChangeLogs")])
def test_any_other_404_is_an_error(sandbox: Sandbox, stream: str, resource: str) -> None:
    """Not the end, and not an empty stream."""
    sandbox.answer(resource, status=404, body={"status": 404, "message": "Could not find resource"}, times=None)
    with pytest.raises(IncompleteRun, match=resource):
        read(sandbox, {stream})


def test_a_count_is_sent_only_where_the_settings_say_so(sandbox: Sandbox) -> None:
    """What it does is not known."""
    read(sandbox, {SNAPSHOTS}, stream_options={SNAPSHOTS: {"page_size": 10}}, snapshot_domains=["PROFILE"])
    assert queries(sandbox, "memberSnapshotData")[0] == "q=criteria&count=10&domain=PROFILE&start=0"


# The changes


def kept(sandbox: Sandbox, since: int = 0) -> list[Body]:
    """The changes that LinkedIn keeps now."""
    return sandbox.world.member.changes(since, sandbox.world.now_ms)


OBJECTS, LISTS = {"activity", "processedActivity"}, {"siblingActivities", "parentSiblingActivities"}
AS_SENT = ("activityId", "activityStatus", "resourceId", "resourceUri", "methodName", "owner")


def as_row(change: Body) -> tuple[Body, Body]:
    """The columns of a change, under the names of its fields, and its `unmapped`."""
    columns = {name: change.get(name) for name in (*AS_SENT, *OBJECTS, *LISTS, "configVersion")}
    texts = {name for name, value in columns.items() if isinstance(value, str) and name not in AS_SENT}
    unmapped = {name: columns[name] for name in texts - OBJECTS}
    columns |= dict.fromkeys(unmapped) | {name: {"value": columns[name]} for name in texts & OBJECTS}
    for name in LISTS:
        if items := columns[name]:
            columns[name] = [{"value": item} if isinstance(item, str) else item for item in items]
    return columns, unmapped


def test_all_changes_of_28_days_leave_once_and_as_they_came(sandbox: Sandbox) -> None:
    """Replays and deletions; times inside stay numbers.

    A text about a part that could not be read is an object in a column of objects, so that a column has one type, and
    in `unmapped` in place of a list or a number.
    """
    records = read(sandbox, {CHANGELOG}).records[CHANGELOG]
    changes, since = kept(sandbox), NOW_MS - 28 * DAY_MS
    # With the count that LinkedIn recommends, at one start time, until a page is empty.
    assert queries(sandbox, "memberChangeLogs") == [
        f"q=memberAndApplication&startTime={since}&count=10&start={start}"
        for start in [*range(0, len(changes), 10), len(changes)]
    ]
    assert [record["id"] for record in records] == [change["id"] for change in changes]
    unread = set()
    for record, change in zip(records, changes, strict=True):
        columns, unmapped = as_row(change)
        assert {name: record[to_snake_case(name)] for name in columns} == columns
        assert record["unmapped"] == {"futureField": "unannounced", **unmapped}
        unread |= {*unmapped, *(name for name in OBJECTS if isinstance(change.get(name), str))}
    assert unread >= {"activity", "configVersion", "siblingActivities"}
    assert len({record["activity_id"] for record in records}) < len(records)


@pytest.mark.parametrize(("start_date", "days"), [("2026-02-20", 10.395833333333334), ("2026-01-01", 28)])
def test_a_start_date_counts_where_it_is_younger(sandbox: Sandbox, start_date: str, days: float) -> None:
    """On the first run only."""
    result = read(sandbox, {CHANGELOG}, start_date=start_date)
    assert f"&startTime={NOW_MS - int(days * DAY_MS)}&" in queries(sandbox, "memberChangeLogs")[0]
    sandbox.clear()
    read(sandbox, {CHANGELOG}, result.state, start_date="2026-03-01T12:00:00Z")
    newest = kept(sandbox)[-1]["processedAt"]
    assert f"&startTime={newest}&" in queries(sandbox, "memberChangeLogs")[0]


def test_a_second_run_reads_the_bookmark_s_changes_again_and_what_is_new(sandbox: Sandbox) -> None:
    """The bookmark is inclusive; the key settles what comes again."""
    first = read(sandbox, {CHANGELOG})
    newest = kept(sandbox)[-1]["processedAt"]
    assert first.state["bookmarks"][CHANGELOG]["replication_key_value"] == first.values(CHANGELOG, "processed_at")[-1]
    sandbox.tick(3)
    second = read(sandbox, {CHANGELOG}, first.state)
    assert second.values(CHANGELOG, "id") == [change["id"] for change in kept(sandbox, newest)]
    assert len(second.records[CHANGELOG]) > 8
    third = read(sandbox, {CHANGELOG}, second.state)
    assert third.state == second.state


def test_without_changes_the_bookmark_stays(sandbox: Sandbox) -> None:
    """And none is set where there was none."""
    sandbox.answer("memberChangeLogs", status=200, body={"elements": []}, times=None)
    assert read(sandbox, {CHANGELOG}).state["bookmarks"][CHANGELOG] == {}
    state = {"bookmarks": {CHANGELOG: {"replication_key": "processed_at", "replication_key_value": WINDOW}}}
    assert read(sandbox, {CHANGELOG}, state).state["bookmarks"][CHANGELOG] == state["bookmarks"][CHANGELOG]


def test_a_walk_that_is_cut_off_moves_no_bookmark(sandbox: Sandbox) -> None:
    """The rows of its first pages have left, and leave again."""
    sandbox.answer("memberChangeLogs", status=500, body={"status": 500}, when="start=20", times=None)
    ended = cut(sandbox, None, {CHANGELOG}, match="LinkedIn failed on memberChangeLogs", **alone(sandbox))
    assert len(ended.records[CHANGELOG]) == 20
    assert "replication_key_value" not in json.dumps(ended.state)
    sandbox.clear_answers()
    assert len(read(sandbox, {CHANGELOG}, ended.state).records[CHANGELOG]) == len(kept(sandbox))


def test_a_bookmark_that_is_too_old_is_a_loud_gap(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """With both dates, and what to do; the run goes on from 28 days ago."""
    old = "2026-01-15T08:00:00.000+00:00"
    state = {"bookmarks": {CHANGELOG: {"replication_key": "processed_at", "replication_key_value": old}}}
    result = read(sandbox, {CHANGELOG}, state)
    (told,) = [text for text in warnings(caplog) if "lost for good" in text]
    assert f"from {old} to {WINDOW}" in told
    assert "member_snapshots" in told
    assert f"&startTime={NOW_MS - 28 * DAY_MS}&" in queries(sandbox, "memberChangeLogs")[0]
    assert result.values(CHANGELOG, "id") == [change["id"] for change in kept(sandbox)]
    caplog.clear()
    read(sandbox, {CHANGELOG}, result.state)
    assert warnings(caplog) == []


def test_a_page_that_takes_too_long_is_asked_for_by_halves(sandbox: Sandbox) -> None:
    """Down to one change at once; nothing is lost or doubled, and no time is spent on waiting."""
    for count in (10, 5, 2):
        sandbox.answer("memberChangeLogs", status=504, body=b"<html>", when=f"count={count}&", times=None)
    result = read(sandbox, {CHANGELOG}, start_date="2026-02-27")
    assert result.values(CHANGELOG, "id") == [change["id"] for change in kept(sandbox, NOW_MS - int(3.4 * DAY_MS))]
    asked = [query.partition("&count=")[2] for query in queries(sandbox, "memberChangeLogs")]
    assert asked[:5] == ["10&start=0", "5&start=0", "2&start=0", "1&start=0", "1&start=1"]


def test_no_answer_halves_the_count_too_and_one_that_never_comes_ends_the_run(sandbox: Sandbox) -> None:
    """At a count of one the usual patience holds."""
    sandbox.answer("memberChangeLogs", cut=True, times=1)
    assert len(read(sandbox, {CHANGELOG}).records[CHANGELOG]) == len(kept(sandbox))
    assert "&count=5&start=0" in queries(sandbox, "memberChangeLogs")[1]
    sandbox.clear()
    sandbox.answer("memberChangeLogs", status=504, times=None)
    with pytest.raises(DmaError, match="LinkedIn failed on memberChangeLogs"):
        read(sandbox, {CHANGELOG})
    assert len(sandbox.requests_to("memberChangeLogs")) == 3 + 8


@pytest.mark.parametrize(("size", "count"), [(51, 50), (49, 49)])
def test_no_more_than_50_changes_are_asked_for_at_once(sandbox: Sandbox, size: int, count: int) -> None:
    """LinkedIn refuses more."""
    result = read(sandbox, {CHANGELOG}, stream_options={CHANGELOG: {"page_size": size}})
    assert f"&count={count}&" in queries(sandbox, "memberChangeLogs")[0]
    assert len(result.records[CHANGELOG]) == len(kept(sandbox))


def test_where_start_is_ignored_the_walk_goes_on_by_time(sandbox: Sandbox) -> None:
    """From the latest time met; what it has met at that time does not leave twice."""
    sandbox.world.member.ignores_start = True
    result = read(sandbox, {CHANGELOG})
    assert result.values(CHANGELOG, "id") == [change["id"] for change in kept(sandbox)]


def test_more_changes_at_one_time_than_a_page_holds_are_told_of(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Where `start` is ignored there is no way to those behind; the bookmark stays at that time."""
    sandbox.world.member.ignores_start = True
    result = read(sandbox, {CHANGELOG}, stream_options={CHANGELOG: {"page_size": 3}})
    assert any("gives the same 3 changes again and again" in text for text in warnings(caplog))
    stuck = result.values(CHANGELOG, "processed_at")[-1]
    assert result.state["bookmarks"][CHANGELOG]["replication_key_value"] == stuck


def test_what_cannot_be_read_at_the_top_is_kept_too(sandbox: Sandbox) -> None:
    """A time goes under its own name into `unmapped`, since its column is one of times; a key is never null."""
    unread = "Unable_to_process_this_field."
    changes = [
        {"id": 1, "processedAt": unread, "activity": [1], "configVersion": "7"},
        {"id": unread, "processedAt": NOW_MS},
        {"activityId": "a", "processedAt": NOW_MS},
    ]
    sandbox.answer("memberChangeLogs", 200, body={"elements": changes})
    sandbox.answer("memberChangeLogs", 200, body={"elements": []}, times=None)
    result = read(sandbox, {CHANGELOG})
    first, second, third = result.records[CHANGELOG]
    assert first["unmapped"] == {"processedAt": unread}
    assert first["activity"] == {"value": [1]}
    assert (first["processed_at"], first["config_version"]) == (None, 7)
    assert second["unmapped"] == {"id": unread}
    assert max(second["id"], third["id"]) < 0
    assert second["id"] != third["id"]
    assert result.state["bookmarks"][CHANGELOG]["replication_key_value"] == NOW.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")


def test_a_catalog_that_asks_for_everything_gets_it(sandbox: Sandbox) -> None:
    """Whatever the state says."""
    first = read(sandbox, {CHANGELOG})
    tap, writer = make_tap(sandbox, first.state, {CHANGELOG}, **alone(sandbox))
    tap.streams[CHANGELOG].forced_replication_method = "FULL_TABLE"
    tap.sync_all()
    assert len(Run(writer.messages).records[CHANGELOG]) == len(kept(sandbox))


def test_a_large_snapshot_is_known_again_by_hashes(sandbox: Sandbox) -> None:
    """Equal rows on pages far apart are numbered on."""
    rows = [{"CONTENT": "x" * 1000, "n": str(number % 7)} for number in range(200)]
    pages = [[element("Y", *rows[start : start + 4], {"page": str(start)})] for start in range(0, 200, 4)]
    keys = read_pages(sandbox, *pages)[0].values(SNAPSHOTS, "row_key")
    assert len(set(keys)) == len(keys) == 250
    assert max(int(key.rpartition("-")[2]) for key in keys) == 29
