"""The messages of a page's conversations, and who reads a newsletter."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from linkedin_sandbox import World
from tests.sandbox.client import Client
from tests.sandbox.listings import elements, rows

MESSAGES, SUBSCRIBERS = (
    "dmaPageMessagingMessages?q=thread&thread=",
    "dmaSeriesSubscribers?q=contentSeries&contentSeries=",
)


@pytest.mark.parametrize(
    ("resource", "urn", "target"),
    [("dmaPageMessagingThreads", "threadUrn", MESSAGES), ("dmaContentSeries", "contentSeriesUrn", SUBSCRIBERS)],
)
def test_every_conversation_and_newsletter_with_a_urn_has_rows(
    client: Client, world: World, resource: str, urn: str, target: str
) -> None:
    """As many as there are; the URN is the one that the conversation or newsletter carries."""
    truth = world.truth.messages if resource == "dmaPageMessagingThreads" else world.truth.subscribers
    owned = [row for owner in ("company", "showcase") for row in elements(client, resource, owner)]
    found = {row[urn]: len(rows(client, target + quote(row[urn], safe=""))) for row in owned if urn in row}
    assert found == truth
    assert all(found.values())


def test_an_edited_message_keeps_its_id_and_a_deleted_one_loses_its_content(client: Client, world: World) -> None:
    """Few of either; two rows have no id at all."""
    thread = max(world.truth.messages, key=world.truth.messages.__getitem__)
    found = rows(client, MESSAGES + quote(thread, safe=""))
    edited, deleted = [row for row in found if "lastEditedAt" in row], [row for row in found if "content" not in row]
    for rare in (edited, deleted):
        assert 0 < len(rare) < len(found) / 4
        assert all("id" in row for row in rare)
    assert ["id" in row for row in found].count(False) == 2
