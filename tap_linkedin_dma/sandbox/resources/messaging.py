"""Messaging: the mailbox of a page."""

from __future__ import annotations

from ..forms import Wrapped
from ..methods import Resource
from ..paging import BARE_CURSOR
from ..world.messaging import threads
from .owned import ORGANIZATION, PAGE, owned

FORMS = (PAGE, ORGANIZATION, Wrapped("organizationalPage", PAGE))

RESOURCES = (
    Resource("dmaPageMessagingThreads", (owned("pageMailboxOwner", FORMS, threads, paging=BARE_CURSOR, gap=True),)),
)
