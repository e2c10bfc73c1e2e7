"""What a run says of the five commonest failures: where it happened, what it was, and what to do next.

Each is provoked in the sandbox, and each sentence is held word by word: it is read at night, by someone who has never
seen this code.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from linkedin_sandbox.errors import denied, invalid, not_found
from tap_linkedin_dma.api.errors import DmaError
from tests.support.clock import FakeClock
from tests.support.logs import logged, warnings
from tests.support.runs import clock_of, make_tap

COMPANY = 90417283
ANALYTICS = "dmaOrganizationalPageEdgeAnalytics"


def end(sandbox: Sandbox, select: set[str], clock: FakeClock | None = None, **config: Any) -> str:
    """The sentence with which the run ends; "" where it ends well."""
    tap, _ = make_tap(sandbox, None, select, clock, **config)
    try:
        tap.sync_all()
    except DmaError as error:
        return str(error)
    return ""


def test_a_sunset_version_names_the_setting_and_the_newest_that_was_checked(sandbox: Sandbox) -> None:
    assert end(sandbox, {"organizations", "posts"}, linkedin_version="202401") == (
        "LinkedIn does not serve dmaOrganizationAcls in version 202401 (426 NONEXISTENT_VERSION). Set linkedin_version "
        "to 202605, the newest that this release was checked with."
    )


def test_where_the_newest_version_is_sunset_the_tap_is_to_be_upgraded(sandbox: Sandbox) -> None:
    """No other value of the setting was checked."""
    refusal = {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20260501 is not active"}
    sandbox.answer("dmaOrganizationAcls", 426, body=refusal, times=None)
    assert end(sandbox, {"organizations", "posts"}) == (
        "LinkedIn does not serve dmaOrganizationAcls in version 202605 (426 NONEXISTENT_VERSION). It is the newest "
        "that this release was checked with: upgrade tap-linkedin-dma, or set linkedin_version to a month that "
        "LinkedIn's DMA documentation names."
    )


def test_an_expired_token_says_how_to_get_another(sandbox: Sandbox) -> None:
    sandbox.expire_token()
    assert end(sandbox, {"organizations"}) == (
        "The access token has expired (401). Log in again (tap-linkedin-dma login), or set a new access_token."
    )
    assert len(sandbox.requests) == 1


def test_an_expired_token_of_a_member_has_a_setting_of_its_own(sandbox: Sandbox) -> None:
    sandbox.expire_token()
    assert end(sandbox, {"member_snapshots"}, access_token=None, member_access_token=sandbox.member_token) == (
        "The access token has expired (401). Log in again (tap-linkedin-dma login --member), or set a new "
        "member_access_token. If the member has withdrawn consent, what is stored of the member is due now: run what "
        "`tap-linkedin-dma retention` prints."
    )


def test_a_role_that_was_not_granted_names_the_organization_and_the_role(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on with all else, and counts it at its end."""
    caplog.set_level("INFO")
    sandbox.answer("dmaPosts", 403, body=denied("dmaPosts.BATCH_GET").body, times=None)
    assert end(sandbox, {"organizations", "posts"}, organizations=[COMPANY]) == ""
    why = (
        "LinkedIn refused dmaPosts.BATCH_GET (403). The token needs the scope r_dma_admin_pages_content, and its "
        "member the ADMINISTRATOR role on the page. If tap-linkedin-dma doctor finds both OK, LinkedIn does not show "
        "it to this app: deselect the stream."
    )
    assert warnings(caplog) == [f"posts: skipped organization {COMPANY}. {why}"]
    assert caplog.messages[-1] == "Done: 1 record of 2 streams in 0 s; skipped: 1 (above)."


def test_a_product_that_was_not_granted_names_where_products_are(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """LinkedIn answers 404 then, as for what is gone."""
    sandbox.answer("dmaPosts", 404, body=not_found("resource 'dmaPosts'").body, times=None)
    assert end(sandbox, {"organizations", "posts"}, organizations=[COMPANY]) == ""
    assert warnings(caplog)[0] == (
        f"posts: skipped organization {COMPANY}. LinkedIn has nothing at dmaPosts (404): it was removed, or no "
        f"product of your app includes it. Look at the Products tab of your app at LinkedIn, or deselect the stream."
    )


@pytest.mark.parametrize("stream", ["follower_trend", "visitor_demographics"])
def test_days_that_linkedin_refuses_are_named_with_the_setting(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, stream: str
) -> None:
    """Also where a dimension is asked for with them, which is then not to blame."""
    refusal = invalid("timeIntervals.timeRange", "is too long ago").body
    sandbox.answer(ANALYTICS, 400, body=refusal, times=None)
    ended = end(sandbox, {stream}, organizations=[COMPANY], start_date="2026-02-01")
    said = (
        f"LinkedIn refused the request to {ANALYTICS} (400 PARAM_INVALID), naming timeIntervals.timeRange. The "
        f"request was for the days from 2026-02-01 to 2026-03-0{'2' if stream == 'follower_trend' else '1'} of "
        f"organization {COMPANY}: set start_date to a later day, or change in stream_options the request of {stream}."
    )
    assert ended == f"Incomplete: 0 records of 0 streams in 0 s; failed: 1. {stream}: {said}"
    assert logged(caplog, "ERROR") == [f"{stream} ends here; the other streams continue. {said}"]


@pytest.mark.parametrize("fault", ["truncated-json", "reset-in-body"])
def test_a_page_that_is_cut_short_is_not_used_and_says_what_to_set(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The stream ends, and the next run goes on from its state."""
    with Sandbox(faults=[f"{fault}=dmaPosts"], fault_rate=1) as sandbox:
        ended = end(sandbox, {"organizations", "posts"}, clock_of(sandbox), organizations=[COMPANY])
    said = (
        "LinkedIn's answer from dmaPosts is cut short or otherwise broken, so none of it is used. Run again: the tap "
        "continues from its state. If this happens again, set a smaller page_size for the stream in stream_options."
    )
    assert re.fullmatch(
        rf"Incomplete: 1 record of 1 stream in \d+ (s|min); failed: 1\. posts: {re.escape(said)}", ended
    )
    assert f"posts ends here; the other streams continue. {said}" in logged(caplog, "ERROR")
