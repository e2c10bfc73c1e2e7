"""A version that LinkedIn no longer serves: which one takes its place, and when none does."""

from __future__ import annotations

from collections import Counter

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import VersionNotServed
from tap_linkedin_dma.api.versions import KNOWN_VERSIONS, NEWEST_VERSION
from tests.support.answering import stream_asking

POSTS = "ids=List(urn%3Ali%3Ashare%3A7)"


def versions_sent(sandbox: Sandbox) -> Counter[str]:
    """How many requests named each version."""
    return Counter(request.headers["LinkedIn-Version"] for request in sandbox.requests)


@pytest.mark.parametrize("served", ["202608", "202604", "202405"])
def test_the_newest_version_that_is_served_takes_its_place(served: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is searched for once, newest first, and named in a warning."""
    with Sandbox(versions=("202405", served)) as sandbox:
        client = stream_asking(sandbox.url, access_token=sandbox.token).client
        for _ in range(3):
            client.fetch("dmaPosts", POSTS)
        tried = [version for version in KNOWN_VERSIONS if version >= served]
        assert versions_sent(sandbox) == Counter({**dict.fromkeys(tried, 1), NEWEST_VERSION: 2, served: 4})
    assert [record.getMessage() for record in caplog.records if served in record.getMessage()] == [
        f"LinkedIn no longer serves version {NEWEST_VERSION} of its API, so this run uses {served}. Upgrade "
        "tap-linkedin-dma, or set linkedin_version."
    ]


def test_a_version_that_the_user_has_set_stays() -> None:
    """The error names the setting."""
    with Sandbox(versions=("202511",)) as sandbox:
        client = stream_asking(sandbox.url, access_token=sandbox.token, linkedin_version="202605").client
        with pytest.raises(VersionNotServed, match="linkedin_version"):
            client.fetch("dmaPosts", POSTS)
        assert versions_sent(sandbox) == {"202605": 1}


def test_a_resource_that_is_gone_changes_no_version(sandbox: Sandbox) -> None:
    """Other resources answer in that version, so an older one is not searched for."""
    sandbox.answer("dmaPosts", 426, body={"status": 426, "code": "NONEXISTENT_VERSION"}, times=None)
    client = stream_asking(sandbox.url, access_token=sandbox.token).client
    for _ in range(2):
        with pytest.raises(VersionNotServed):
            client.fetch("dmaPosts", POSTS)
    assert [request.resource for request in sandbox.requests] == ["dmaPosts", "dmaMe", "dmaPosts"]
    assert versions_sent(sandbox) == {NEWEST_VERSION: 3}


def test_no_version_is_an_error_after_all_have_been_tried() -> None:
    """Each once a run."""
    with Sandbox(versions=()) as sandbox:
        client = stream_asking(sandbox.url, access_token=sandbox.token).client
        for _ in range(2):
            with pytest.raises(VersionNotServed, match="It is the newest"):
                client.fetch("dmaPosts", POSTS)
        assert versions_sent(sandbox) == Counter([*KNOWN_VERSIONS, NEWEST_VERSION, NEWEST_VERSION])
        assert client.newest_served() is None
