"""A token that reads what LinkedIn's terms forbid to combine is refused; one of which nothing is known is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError, MixedScopes
from tap_linkedin_dma.auth.scopes import reject_mixed_scopes
from tests.support.answering import REFRESH
from tests.support.runs import run

PORTABILITY = "r_dma_admin_pages_content"


@pytest.mark.parametrize(
    ("scope", "named"),
    [
        (f"{PORTABILITY} r_organization_social", "r_organization_social"),
        (
            f"{PORTABILITY},rw_organization_admin,w_organization_social",
            "rw_organization_admin and w_organization_social",
        ),
        ("r_member_social", "r_member_social"),
        *((scope, scope) for scope in ("r_member_postAnalytics", "r_member_profileAnalytics", "r_basicprofile")),
        *((scope, scope) for scope in ("r_1st_connections_size", "rw_ads", "r_ads", "r_ads_reporting")),
    ],
)
def test_scopes_of_community_management_are_refused(scope: str, named: str) -> None:
    """The sentence names them, and the paragraph of LinkedIn's terms; the setting lets them pass."""
    with pytest.raises(MixedScopes, match=f"has {named}, .* 2.2.3"):
        reject_mixed_scopes(scope, {})
    reject_mixed_scopes(scope, {"allow_mixed_scopes": True})


@pytest.mark.parametrize(
    "scope", [None, "", PORTABILITY, "r_dma_portability_self_serve openid,email", "w_member_social"]
)
def test_other_scopes_pass(scope: str | None) -> None:
    """Those of which LinkedIn does not tell too."""
    reject_mixed_scopes(scope, {})


def refreshing() -> dict[str, Any]:
    """Settings with which the tap asks the token host, whose answer tells the scopes."""
    return {**REFRESH, "access_token": None, "select": {"me"}}


def test_a_run_with_such_a_token_ends_before_anything_is_read(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its scopes are known from the answer of the token host."""
    monkeypatch.setattr(sandbox.tokens, "scope", f"{PORTABILITY},r_organization_social")
    with pytest.raises(DmaError, match="r_organization_social"):
        run(sandbox, **refreshing())
    assert [request.resource for request in sandbox.requests] == ["accessToken"]
    assert run(sandbox, **refreshing(), allow_mixed_scopes=True).records["me"]


def test_the_scopes_of_a_token_file_count_too(sandbox: Sandbox, tmp_path: Path) -> None:
    """It was written by a run, or by a login, that was told them."""
    path = tmp_path / "tokens.json"
    settings = {**refreshing(), "token_file": str(path)}
    run(sandbox, **settings)
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "scope": "r_organization_social"}))
    sandbox.clear()
    with pytest.raises(DmaError, match="r_organization_social"):
        run(sandbox, **settings)
    assert sandbox.requests == []


@pytest.mark.parametrize("scope", [f"{PORTABILITY},rw_organization_admin", PORTABILITY])
def test_the_scopes_of_a_pasted_token_are_asked_for_where_linkedin_would_say(sandbox: Sandbox, scope: str) -> None:
    """It says them to the token's own app alone; without its id and secret nothing is asked."""
    sandbox.tokens.accept(sandbox.token, scope)
    client: dict[str, Any] = {name: REFRESH[name] for name in ("client_id", "client_secret")}
    assert run(sandbox, select={"me"}).records["me"]
    assert {request.resource for request in sandbox.requests} == {"dmaMe"}
    sandbox.clear()
    if scope != PORTABILITY:
        with pytest.raises(MixedScopes, match="rw_organization_admin"):
            run(sandbox, select={"me"}, **client)
        assert [request.resource for request in sandbox.requests] == ["introspectToken"]
        return
    assert run(sandbox, select={"me"}, **client).records["me"]
    sandbox.answer("introspectToken", 400, body={"error": "invalid_client"})
    assert run(sandbox, select={"me"}, **client).records["me"], "what is not known is not refused"
