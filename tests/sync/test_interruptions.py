"""Runs that are cut anywhere, and gone on with: nothing lost, nothing doubled, nothing begun again without need."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pendulum
import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import IncompleteRun
from tests.conftest import NOW
from tests.support.clock import FakeClock
from tests.support.tables import Tables, run_into

SMALL_PAGES: dict[str, Any] = {
    "stream_options": {"followers": {"page_size": 7}, "posts": {"page_size": 5}},
    "start_date": "2026-01-01",
}
FOLLOWS = "dmaOrganizationalPageFollows"


def asked(sandbox: Sandbox, finder: str) -> list[str]:
    """The decoded queries of a finder, in order."""
    return [unquote(request.asked) for request in sandbox.requests if request.finder == finder]


def cut_followers(sandbox: Sandbox, messages: int = 30) -> Tables:
    """Followers of which some pages have left."""
    tables = Tables()
    assert not run_into(tables, sandbox, {"followers"}, messages, **SMALL_PAGES)
    sandbox.clear()
    return tables


def test_a_walk_goes_on_from_its_last_page(sandbox: Sandbox) -> None:
    """The cursor is in the state, with how far it is and the version of the table."""
    tables = cut_followers(sandbox)
    (partition,) = tables.state["bookmarks"]["followers"]["partitions"]
    (place,) = partition["listings"].values()
    assert place["rows"] % 7 in (0, 4)
    assert place["table_version"] == tables.state["bookmarks"]["organizations"]["table_version"]
    assert run_into(tables, sandbox, {"followers"}, **SMALL_PAGES)
    first, *_ = asked(sandbox, "followee")
    assert f"paginationCursor={place['cursor']}" in first
    assert "listings" not in json.dumps(tables.state)


def test_an_organization_whose_walk_has_ended_is_not_walked_again(sandbox: Sandbox) -> None:
    company, showcase = sandbox.world.truth.organizations
    tables = Tables()
    whole = Tables()
    run_into(whole, sandbox, {"followers"}, **SMALL_PAGES)
    of_company = sum(company.urn in key or company.page_urn in key for key in whole.of("followers"))
    sandbox.clear()
    assert not run_into(tables, sandbox, {"followers"}, of_company + 12, **SMALL_PAGES)
    sandbox.clear()
    run_into(tables, sandbox, {"followers"}, **SMALL_PAGES)
    assert not [query for query in asked(sandbox, "followee") if company.page_urn in query]
    assert tables.of("followers") == whole.of("followers")
    assert showcase.page_urn in json.dumps(list(tables.of("followers")))


def test_a_cursor_that_is_refused_begins_the_walk_again(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    tables = cut_followers(sandbox)
    sandbox.answer(FOLLOWS, status=400, body={"status": 400}, when="paginationCursor")
    assert run_into(tables, sandbox, {"followers"}, **SMALL_PAGES)
    assert "paginationCursor" not in asked(sandbox, "followee")[1]
    assert any("read again from its start" in record.getMessage() for record in caplog.records)
    whole = Tables()
    run_into(whole, sandbox, {"followers"}, **SMALL_PAGES)
    assert tables.of("followers") == whole.of("followers")


def test_a_cursor_older_than_a_day_is_not_sent(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """LinkedIn does not say how long it is good for."""
    caplog.set_level("INFO")
    tables = cut_followers(sandbox)
    later = FakeClock(pendulum.instance(NOW).add(hours=25))
    assert run_into(tables, sandbox, {"followers"}, clock=later, **SMALL_PAGES)
    assert "paginationCursor" not in asked(sandbox, "followee")[0]
    assert any("read again from its start" in record.getMessage() for record in caplog.records)


def test_a_child_that_was_not_read_along_begins_the_walk_again(sandbox: Sandbox) -> None:
    """It has had nothing of the pages before."""
    tables = Tables()
    assert not run_into(tables, sandbox, {"posts"}, 11, **SMALL_PAGES)
    assert "listings" in json.dumps(tables.state["bookmarks"]["posts"])
    sandbox.clear()
    assert run_into(tables, sandbox, {"posts", "comments"}, **SMALL_PAGES)
    assert "paginationCursor" not in asked(sandbox, "postsByAuthor")[0]
    whole = Tables()
    run_into(whole, sandbox, {"comments"}, **SMALL_PAGES)
    assert tables.of("comments") == whole.of("comments")


def test_a_child_that_failed_begins_the_walk_again(sandbox: Sandbox) -> None:
    """It has had nothing of what its parent listed since."""
    child = "event_role_assignments"
    config: dict[str, Any] = {"stream_options": {"events": {"page_size": 1}}}
    whole, tables = Tables(), Tables()
    assert run_into(whole, sandbox, {"events", child}, **config)
    sandbox.answer("dmaEventRoleAssignments", status=503, times=None)
    with pytest.raises(IncompleteRun):
        run_into(tables, sandbox, {"events", child}, **config)
    sandbox.clear_answers()
    assert run_into(tables, sandbox, {"events", child}, **config)
    assert whole.of(child)
    assert tables.of(child) == whole.of(child)


def test_a_child_of_which_a_part_was_skipped_begins_the_walk_again(sandbox: Sandbox) -> None:
    """The run that goes on with the walk would not come to that part, and have the target remove its rows."""
    child, (_, last) = "event_role_assignments", sandbox.world.truth.organizations
    whole, tables = Tables(), Tables()
    assert run_into(whole, sandbox, {"events", child})
    sandbox.answer("dmaEventRoleAssignments", status=403)
    sandbox.answer("dmaEvents", status=503, when=last.urn.rpartition(":")[2], times=None)
    with pytest.raises(IncompleteRun, match="skipped: 1"):
        run_into(tables, sandbox, {"events", child})
    sandbox.clear_answers()
    assert run_into(tables, sandbox, {"events", child})
    assert tables.of(child) == whole.of(child)


def test_rows_that_linkedin_no_longer_has_go_when_the_walk_is_whole(sandbox: Sandbox) -> None:
    """And only then: a run that is cut removes none."""
    tables = Tables()
    run_into(tables, sandbox, {"followers"}, **SMALL_PAGES)
    stale = json.dumps(["urn:li:organizationalPage:1", "gone"])
    tables.rows["followers"][stale] = (1, {})
    assert not run_into(tables, sandbox, {"followers"}, 30, **SMALL_PAGES)
    assert stale in tables.rows["followers"]
    assert run_into(tables, sandbox, {"followers"}, **SMALL_PAGES)
    assert stale not in tables.rows["followers"]


@pytest.mark.parametrize("stream", ["followers", "messages"])
def test_a_table_of_which_a_part_was_skipped_loses_nothing(sandbox: Sandbox, stream: str) -> None:
    """What was not read may still be there."""
    tables = Tables()
    select = {"followers", "message_threads", "messages"}
    run_into(tables, sandbox, select, **SMALL_PAGES)
    stale = json.dumps(["urn:li:organizationalPage:1", "gone"])
    tables.rows[stream][stale] = (1, {})
    page = sandbox.world.truth.organizations[1].page_urn.replace(":", "%3A")
    for resource in (FOLLOWS, "dmaPageMessagingThreads"):
        sandbox.answer(resource, status=403, body={"status": 403}, when=page, times=None)
    assert run_into(tables, sandbox, select, **SMALL_PAGES)
    assert stale in tables.rows[stream]


def test_tables_that_are_added_to_have_no_version(sandbox: Sandbox) -> None:
    tables = Tables()
    select = {"posts", "comments", "social_metadata", "people", "followers", "me"}
    run_into(tables, sandbox, select, **SMALL_PAGES)
    versions = {stream: {version for version, _ in rows.values()} for stream, rows in tables.rows.items()}
    assert {stream for stream, found in versions.items() if found != {None}} == {"followers", "me"}


def test_no_version_is_told_where_the_settings_say_so(sandbox: Sandbox) -> None:
    """Several runs may fill one table."""
    tables = Tables()
    run_into(tables, sandbox, {"followers"}, emit_activate_version_messages=False, **SMALL_PAGES)
    assert {version for version, _ in tables.rows["followers"].values()} == {None}
    assert "table_version" not in json.dumps(tables.state)


def test_a_run_that_was_cut_is_not_resumed_with_locations_that_it_dropped(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows that left with them would stay in a table that is said to have none."""
    tables, whole = cut_followers(sandbox), Tables()
    other: dict[str, Any] = {"drop_unsure_locations": True}
    later = FakeClock(pendulum.instance(NOW).add(hours=1))
    assert run_into(tables, sandbox, {"followers"}, clock=later, **SMALL_PAGES, **other)
    assert "paginationCursor" not in asked(sandbox, "followee")[0]
    assert [record for record in caplog.records if record.getMessage().startswith("The last run was interrupted")]
    run_into(whole, sandbox, {"followers"}, **SMALL_PAGES, **other)
    assert tables.of("followers") == whole.of("followers")
    assert "locations_dropped" not in json.dumps(tables.state)


def test_a_run_that_was_cut_is_resumed_under_the_same_hash_key(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Which the state tells from others, and does not hold."""
    key = "an invented key of 32 characters."
    under: dict[str, Any] = {"member_data": "hash", "member_hash_key": key, **SMALL_PAGES}
    tables = Tables()
    assert not run_into(tables, sandbox, {"followers"}, 30, **under)
    assert tables.state["bookmarks"]["organizations"]["members"].startswith("hash:")
    assert key not in json.dumps(tables.state)
    sandbox.clear()
    assert run_into(tables, sandbox, {"followers"}, **under)
    assert "paginationCursor" in asked(sandbox, "followee")[0]
    assert not [record for record in caplog.records if record.getMessage().startswith("The last run was interrupted")]
