"""What goes wrong in one place, and leaves the others alone: the run goes on, and says at its end what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import IncompleteRun
from tests.support.runs import Run, make_tap, run

SELECT = {"products", "page_profiles", "posts", "comments", "reactions", "me", "seniorities"}
COMMENTS = "commentsOnEntity"


def read(sandbox: Sandbox, select: set[str] = SELECT, **config: Any) -> tuple[Run, IncompleteRun | None]:
    """What leaves of a run, and how it ends."""
    tap, writer = make_tap(sandbox, select=select, **config)
    try:
        tap.sync_all()
    except IncompleteRun as end:
        return Run(writer.messages), end
    return Run(writer.messages), None


def test_a_stream_that_fails_ends_alone(sandbox: Sandbox) -> None:
    """The others are read, those after it too; the run ends with an error that names it."""
    whole = run(sandbox, select=SELECT)
    sandbox.answer("dmaOrganizationProducts", status=500, times=None)
    result, end = read(sandbox)
    assert result.records["products"] == []
    assert {name: len(rows) for name, rows in result.records.items() if rows} == {
        name: len(rows) for name, rows in whole.records.items() if name != "products"
    }
    assert end
    assert "products: LinkedIn failed on dmaOrganizationProducts (500)" in str(end)
    assert str(end).startswith("Incomplete: ")
    assert "; failed: 1. products: " in str(end)


def test_a_child_that_fails_leaves_its_parent_and_siblings_alone(sandbox: Sandbox) -> None:
    """Its own bookmarks do not move, so that the next run goes on with it."""
    whole = run(sandbox, select=SELECT)
    sandbox.answer("dmaComments", status=500, times=None)
    result, end = read(sandbox)
    assert end
    assert "comments: " in str(end)
    assert len(result.records["reactions"]) == len(whole.records["reactions"])
    assert "posts_to" not in str(result.state["bookmarks"].get("comments", {}))
    sandbox.clear_answers()
    rest = run(sandbox, result.state, SELECT)
    left = {*result.values("comments", "urn"), *rest.values("comments", "urn")}
    assert left == {*whole.values("comments", "urn")}


@pytest.mark.parametrize("fail_on_skip", [False, True])
def test_what_is_skipped_is_an_error_only_where_the_settings_say_so(
    sandbox: Sandbox, fail_on_skip: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """After all else was read; the summary says what and why."""
    caplog.set_level("INFO")
    company = sandbox.world.truth.organizations[0].urn
    sandbox.answer("dmaOrganizationProducts", status=403, when=company.replace(":", "%3A"), times=None)
    result, end = read(sandbox, fail_on_skip=fail_on_skip)
    number = company.rpartition(":")[2]
    says = f"products: skipped organization {number}. LinkedIn refused dmaOrganizationProducts (403)"
    assert [record.levelname for record in caplog.records if record.getMessage().startswith(says)] == ["WARNING"]
    assert result.records["seniorities"]
    assert (end is not None) == fail_on_skip
    assert not end or f"products, organization {number}" in str(end)
    assert "; skipped: 1 (above)." in (str(end) if end else caplog.messages[-1])
