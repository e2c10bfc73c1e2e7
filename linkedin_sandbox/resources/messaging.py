"""Messaging: the mailbox of a page."""

from __future__ import annotations

from ..forms import BareId, Urn, Wrapped
from ..methods import Call, Finder, Resource
from ..paging import BARE_CURSOR, Listing
from ..world.messaging import find_thread, messages, threads
from .owned import ORGANIZATION, PAGE, owned

FORMS = (PAGE, ORGANIZATION, Wrapped("organizationalPage", PAGE))
THREAD = Urn("messagingThread")


def messages_of(call: Call) -> Listing:
    """The messages of a conversation in a mailbox that the member may read."""
    found = find_thread(call.world, call["thread"])
    if found is None:
        raise call.denied()
    return Listing(messages(found[0], call.world, found[1]), dict, gap=True)


RESOURCES = (
    Resource("dmaPageMessagingThreads", (owned("pageMailboxOwner", FORMS, threads, paging=BARE_CURSOR, gap=True),)),
    Resource(
        "dmaPageMessagingMessages",
        (
            Finder(
                "thread",
                {"thread": THREAD},
                messages_of,
                paging=BARE_CURSOR,
                others={"thread": (("threadUrn", THREAD), ("thread", BareId("messagingThread")))},
            ),
        ),
    ),
)
