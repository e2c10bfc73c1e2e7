"""The settings that hide members, in the state: a run with others would add to what is stored under these."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tap_linkedin_dma.api.errors import StateRejected
from tap_linkedin_dma.privacy.members import mark
from tap_linkedin_dma.state import recent_lookups

_BACK = "Set it back, or read everything again, without the state, into a new schema."
_CHANGE = (
    "Set it back, or turn what is stored into that by `tap-linkedin-dma pseudonymise`, or read everything again, "
    "without the state, into a new schema."
)


def begin_with(config: Mapping[str, Any], kept: dict[str, Any]) -> None:
    """Record in the state how members are hidden: never the key, but a few digits that differ for another one.

    Args:
        config: the tap's settings: `member_data`, `member_hash_key` and `forget_members`.
        kept: the part of the state that is about runs.

    Raises:
        StateRejected: if members were hidden in another way when it was written.
    """
    now = mark(config)
    before = kept.get("members", now)
    way, _, key = before.partition(":")
    if way != config["member_data"]:
        msg = (
            f"member_data was {way} in the run that wrote the state, and is {config['member_data']} now: rows that are "
            f"stored would stay as they are, and stand beside new ones. {_CHANGE if way == 'include' else _BACK}"
        )
        raise StateRejected(msg)
    if key and before != now and (way == "hash" or config["forget_members"]):
        hashed = "the same persons would get other hashes"
        why = hashed if way == "hash" else "members in forget_members would come back"
        msg = (
            f"member_hash_key is not that of the run that wrote the state: {why}. Set that one again, or read "
            "everything again, without the state, into a new schema."
        )
        raise StateRejected(msg)
    kept["members"] = now


def hidden_as(config: Mapping[str, Any], state: Mapping[str, Any], keeper: str) -> dict[str, Any]:
    """A state for rows that were changed to what these settings write, and without what it holds of members.

    Args:
        config: the new settings.
        state: of the last run with the former ones.
        keeper: the stream whose state has the part about runs.
    """
    changed = copy.deepcopy(dict(state))
    bookmarks = changed.setdefault("bookmarks", {})
    for kept in bookmarks.values():
        for name in recent_lookups.NAMES:
            kept.pop(name, None)
    bookmarks.setdefault(keeper, {})["members"] = mark(config)
    return changed
