"""The messages of a page's conversations, and who reads a newsletter."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox, World
from tests.sandbox.client import Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import cursor_of, elements, pages
from tests.sandbox.test_events import rows
from tests.sandbox.test_owned_records import paths

MESSAGES = "dmaPageMessagingMessages?q=thread&"
SUBSCRIBERS = "dmaSeriesSubscribers?q=contentSeries&"
FIELDS = {
    "id",
    "author",
    "owner",
    "createdAt",
    "deliveredAt",
    "readAt",
    "lastEditedAt",
    "content.format",
    "content.formatVersion",
    "content.fallback",
    "content.content",
    "attachments[]",
    "contentUrns[]",
    "extensionContent",
}


def threads(client: Client, owner: str = "company") -> list[str]:
    """The encoded URNs of a page's conversations."""
    found = elements(client, "dmaPageMessagingThreads", owner)
    return [quote(row["threadUrn"], safe="") for row in found if "threadUrn" in row]


def series(client: Client, owner: str = "company") -> list[str]:
    """The encoded URNs of an organization's newsletters."""
    return [quote(row["contentSeriesUrn"], safe="") for row in elements(client, "dmaContentSeries", owner)]


def long(client: Client, finder: str, parameter: str, urns: list[str]) -> list[dict[str, Any]]:
    """The pages of the longest listing."""
    return max((list(pages(client, f"{finder}{parameter}={urn}")) for urn in urns), key=len)


@pytest.mark.parametrize("owner", ["company", "showcase"])
def test_every_conversation_with_a_urn_has_messages(client: Client, world: World, owner: str) -> None:
    """As many as there are; the URN is the one that the conversation carries."""
    many = {urn: len(rows(client, f"{MESSAGES}thread={urn}")) for urn in threads(client, owner)}
    assert all(many.values())
    truth = {quote(urn, safe=""): messages for urn, messages in world.truth.messages.items()}
    assert many.items() <= truth.items()
    assert len(threads(client)) + len(threads(client, "showcase")) == len(truth)


@pytest.mark.parametrize(("finder", "parameter"), [(MESSAGES, "thread"), (SUBSCRIBERS, "contentSeries")])
def test_a_long_list_has_pages_of_which_one_is_empty(client: Client, finder: str, parameter: str) -> None:
    """Three at least, and the empty one has a cursor; of the rows two are alike, though pages apart or not."""
    found = long(client, finder, parameter, threads(client) if finder == MESSAGES else series(client))
    assert len(found) >= 4
    assert [bool(cursor_of(page)) for page in found if not page["elements"]] == [True]
    alike = Counter(json.dumps(row, sort_keys=True) for page in found for row in page["elements"])
    assert sorted(alike.values())[-2:] == [1, 2]


def test_every_field_of_a_message_stands_on_some(client: Client) -> None:
    """All that is known; the text in two shapes."""
    found = [row for urn in threads(client) for row in rows(client, f"{MESSAGES}thread={urn}")]
    assert FIELDS - {path for row in found for path in paths(row)} == set()
    assert {type(row["content"]["content"]) for row in found if "content" in row} == {str, dict}
    assert "futureNested" in json.dumps(found)


def test_an_edited_message_keeps_its_id_and_a_deleted_one_loses_its_content(client: Client) -> None:
    """Few of either; two rows have no id at all."""
    found = [row for page in long(client, MESSAGES, "thread", threads(client)) for row in page["elements"]]
    edited, deleted = [row for row in found if "lastEditedAt" in row], [row for row in found if "content" not in row]
    for rare in (edited, deleted):
        assert 0 < len(rare) < len(found) / 4
        assert all("id" in row for row in rare)
    assert ["id" in row for row in found].count(False) == 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_members_without_consent_are_left_out(seed: int) -> None:
    """Authors of messages, and readers: such a row says nothing of who it is."""
    with Sandbox(World(now=NOW, seed=seed)) as sandbox, closing(Client(sandbox)) as client:
        said = [row for urn in threads(client) for row in rows(client, f"{MESSAGES}thread={urn}")]
        readers = [row for urn in series(client) for row in rows(client, f"{SUBSCRIBERS}contentSeries={urn}")]
    assert {row["author"].split(":")[2] for row in said if "author" in row} == {"person", "organizationalPage"}
    assert {"author" in row for row in said} == {True, False}
    assert {frozenset(row) for row in readers} == {
        frozenset({"lastModifiedAt", "settings", "futureField", *named_member})
        for named_member in ((), ("subscriber",))
    }


@pytest.mark.parametrize("owner", ["company", "showcase"])
def test_every_newsletter_has_readers(client: Client, world: World, owner: str) -> None:
    """As many as there are."""
    many = {urn: len(rows(client, f"{SUBSCRIBERS}contentSeries={urn}")) for urn in series(client, owner)}
    truth = {quote(urn, safe=""): readers for urn, readers in world.truth.subscribers.items()}
    assert many.items() <= truth.items()
    assert all(many.values())
