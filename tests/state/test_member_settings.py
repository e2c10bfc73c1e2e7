"""How members are hidden, in the state: another way than that of the last run is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import StateRejected
from tap_linkedin_dma.state import recent_lookups
from tap_linkedin_dma.state.member_settings import hidden_as
from tap_linkedin_dma.state.packing import short_hash, unpack
from tests.support.runs import run

KEY = "0123456789abcdef" * 2
HASH = {"member_data": "hash", "member_hash_key": KEY}
OTHER_KEY = {"member_data": "hash", "member_hash_key": KEY[::-1]}
FORGETTING = {"forget_members": ["ab" * 32]}


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({}, HASH, "member_data was include in .*, and is hash now.* pseudonymise`, or .* into a new schema"),
        ({}, {"member_data": "omit"}, "member_data was include"),
        (HASH, {}, "member_data was hash .* and is include now.* into a new schema.$"),
        (HASH, OTHER_KEY, "member_hash_key is not that of .*: the same persons would get other hashes"),
        ({"member_hash_key": KEY, **FORGETTING}, FORGETTING, "members in forget_members would come back"),
        ({"member_hash_key": KEY}, {}, ""),
        ({}, {"member_hash_key": KEY}, ""),
        (HASH, {**HASH, **FORGETTING}, ""),
        (HASH, HASH, ""),
    ],
)
def test_a_change_of_how_members_are_hidden_is_refused(
    sandbox: Sandbox, before: dict[str, Any], now: dict[str, Any], told: str
) -> None:
    """Rows that are stored would stay in clear, or stand twice; the sentence has the ways out, the state no key."""
    state = run(sandbox, select={"me"}, **before).state
    assert KEY not in json.dumps(state)
    sandbox.clear()
    if not told:
        assert run(sandbox, state, {"me"}, **now).records["me"]
        return
    with pytest.raises(StateRejected, match=told):
        run(sandbox, state, {"me"}, **now)
    assert sandbox.requests == []


def test_a_state_for_rows_that_were_changed_is_accepted_and_tells_of_no_member(sandbox: Sandbox) -> None:
    """It goes on from the same bookmarks."""
    select = {"organizations", "followers", "people"}
    state = run(sandbox, select=select).state
    assert state["bookmarks"]["people"]["answered"]
    state["bookmarks"]["people"]["not_returned"] = state["bookmarks"]["people"]["answered"]
    config: dict[str, Any] = {"forget_members": [], **HASH}
    changed = hidden_as(config, state, "organizations")
    assert not {*recent_lookups.NAMES} & changed["bookmarks"]["people"].keys()
    assert run(sandbox, changed, select, **config).records["followers"]


@pytest.mark.parametrize("config", [HASH, {"member_data": "omit"}])
def test_the_state_tells_nobody_who_is_among_the_members(sandbox: Sandbox, config: dict[str, Any]) -> None:
    """Its hashes of those who were looked up are keyed; with omit nobody is looked up, since nothing would leave."""
    included = run(sandbox, select={"followers", "people"})
    known = {short_hash(row["person"]) for row in included.records["people"]}

    def told(state: dict[str, Any]) -> set[int]:
        lots = state["bookmarks"].get("people", {}).get("answered", [])
        return {number for lot in lots for number in unpack(lot["urns"])}

    assert known <= told(included.state)
    sandbox.clear()
    hidden = run(sandbox, select={"followers", "people"}, **config)
    assert not known & told(hidden.state)
    assert bool(told(hidden.state)) == bool(sandbox.requests_to("dmaPeople")) == (config is HASH)
